"""What hangs on an image, as a tree: of which image it speaks, what it claims, who signed it, whether that holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.api import record
from slsacheck.model import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

    from slsacheck.model import Artifact, Attachment, BaseImage, ImageSbom, Verification

__all__ = ["EXPECTED", "Branch", "Leaf", "base_line", "branches_of", "claim_lines", "short"]

DIGITS = 12
"""Hexadecimal digits of a digest that people compare by eye."""
_STATES = {
    "pass": ("verified", "good"),
    "fail": ("does not verify", "bad"),
    "unknown": ("not verified", "ask"),
    "not-signed": ("not signed", "warn"),
}
EXPECTED = {
    "pass": "it is what was expected",
    "fail": "it is NOT what was expected",
    "unknown": "what to expect was not fully given",
}
_WORDS = {Outcome.PASS: "proved", Outcome.FAIL: "refuted"}
_ORDER = ("provenance", "vsa", "signature", "sbom", "attestation", "other")
_FOUND = {
    "referrers": "a referrer",
    "fallback-tag": "by the fallback tag",
    "cosign-tag": "by cosign's tag",
    "index-manifest": "in the index",
    "image-layer": "in a layer",
    "label": "in a label",
    "beside": "given beside it",
}
_PREDICATES = {
    "https://slsa.dev/provenance/": "SLSA ",
    "https://slsa.dev/verification_summary/": "SLSA ",
    "https://in-toto.io/": "in-toto ",
    "https://spdx.dev/Document": "SPDX",
    "https://cyclonedx.org/bom": "CycloneDX",
    "https://sigstore.dev/": "",
}
"""Begins of predicate types, and what people call them."""


@record
class Leaf:
    """One attachment in words; `style` is the colour that repeats them, `name` that of a class of the page."""

    kind: str
    form: str
    state: str
    style: str
    says: str
    by: str
    found: str
    reason: str
    digest: str
    trust: str


@record
class Branch:
    """The attachments that speak of one image: this one, the index above it, or another."""

    title: str
    digest: str
    leaves: tuple[Leaf, ...]
    foreign: bool


def short(digest: str | None) -> str:
    """A digest as people compare it."""
    algorithm, _, value = (digest or "").partition(":")
    return f"{algorithm}:{value[:DIGITS]}…" if len(value) > DIGITS else digest or ""


def branches_of(artifact: Artifact) -> list[Branch]:
    """The attachments by the image of which they speak, this one's first and those of others last."""
    image = artifact.image
    if image is None:
        return []
    found: dict[str | None, list[Attachment]] = {image.digest: []}
    if image.index is not None:
        found[image.index] = []
    for one in artifact.attachments:
        found.setdefault(one.subject, []).append(one)
    verified = {f"sha256:{one.digest.rpartition(':')[2]}": one for one in artifact.verifications if one.digest}
    titles = {one.manifest: f"the {one.kind} that hangs on it" for one in artifact.attachments if one.manifest}
    titles |= {image.digest: "this image" + (f", {image.platform}" if image.platform else "")}
    if image.index is not None:
        titles[image.index] = "the index that names it"
    return [
        Branch(
            titles.get(about or "", "another image, so it says nothing here" if about else "nothing that can be read"),
            about or "",
            tuple(_leaf(one, verified.get(one.digest)) for one in sorted(leaves, key=_rank)),
            about not in titles,
        )
        for about, leaves in found.items()
        if leaves or about == image.digest
    ]


def _rank(one: Attachment) -> tuple[int, bool]:
    return (_ORDER.index(one.kind) if one.kind in _ORDER else len(_ORDER)), one.verified != "pass"


def _leaf(one: Attachment, verification: Verification | None) -> Leaf:
    state, style = _STATES.get(one.verified, (one.verified, "ask"))
    by = ""
    if one.signer is not None:
        by = f"{one.signer.identity} ({one.signer.issuer})" if one.signer.issuer else f"key {one.signer.identity}"
    return Leaf(
        kind=one.kind,
        form=one.format,
        state=state,
        style=style,
        says=_plain(one.predicate_type),
        by=by,
        found=_FOUND.get(one.found_by, one.found_by),
        reason=one.reason,
        digest=one.digest,
        trust=_trust(verification),
    )


def _plain(predicate_type: str | None) -> str:
    """A predicate type as people call it."""
    text = predicate_type or ""
    known = next(((begin, name) for begin, name in _PREDICATES.items() if text.startswith(begin)), ("", ""))
    return known[1] + text.removeprefix(known[0])


def _trust(verification: Verification | None) -> str:
    """How far the signer of a provenance is trusted, and whether it is the one that was expected."""
    if verification is None:
        return ""
    parts = []
    if verification.trust_root and verification.step1_level is not None:
        parts.append(f"trusted for level {verification.step1_level} ({verification.trust_root})")
    parts.append(EXPECTED.get(verification.expectations, verification.expectations))
    return ", ".join(parts)


def claim_lines(artifact: Artifact) -> Iterator[tuple[str, str, str]]:
    """What the image claims of its source: outcome's word, the claim, and what is known about it."""
    for claim in artifact.image.claims if artifact.image is not None else ():
        known = ""
        if claim.outcome is Outcome.FAIL:
            known = f"verified provenance says {claim.proved}"
        elif claim.outcome is Outcome.PASS:
            known = "verified provenance says the same"
        yield _WORDS.get(claim.outcome, "declared"), f"{claim.name} {claim.value}", known or claim.claimed_by
    for sbom in artifact.image.sboms if artifact.image is not None else ():
        yield _sbom_line(sbom)


def _sbom_line(sbom: ImageSbom) -> tuple[str, str, str]:
    """An SBOM that hangs on the image: what it says that it describes, and what is wrong with it."""
    by = f" by {', '.join(sbom.by)}" if sbom.by else ""
    form = {"spdx": "SPDX", "cyclonedx": "CycloneDX"}.get(sbom.form, sbom.form)
    name = " ".join(f"SBOM {form} {sbom.version}{by}".split())
    if sbom.problem:
        return "declared", name, sbom.problem
    worst = next((one for one in sbom.findings if one.severity in ("high", "medium")), None)
    if worst is not None:
        return "refuted" if worst.severity == "high" else "declared", name, worst.message
    said = "it describes this digest" if sbom.describes == "this" else "it names no digest that it describes"
    return "declared", name, f"{said}; {sbom.components} components"


def base_line(base: BaseImage) -> tuple[str, str, str]:
    """A base in words: what became of the claim, the image with who names it, and what is known of its provenance."""
    name = f"{base.reference or 'an image'}" + (f"@{short(base.digest)}" if base.digest else "")
    states = {
        "verified": "its own provenance is verified",
        "not-verified": "its own provenance is not verified",
        "not-signed": "its own provenance is not signed",
        "none": "no provenance of its own in its registry",
        "not-looked-at": "not looked at",
    }
    parts = [states.get(base.provenance, base.provenance)]
    if base.signer is not None:
        parts.append(f"signed by {base.signer.identity}")
    if base.builder_id:
        parts.append(f"built by {base.builder_id}")
    if base.trusted_level is not None:
        parts.append(f"trusted for level {base.trusted_level}")
    if base.layers != "unknown":
        parts.append(
            "its layers are those at the bottom" if base.layers == "yes" else "its layers are NOT in the image"
        )
    told = ", ".join(parts) + (f": {base.reason}" if base.reason else "")
    return _WORDS.get(base.outcome, "declared"), f"{base.role} {name} ({base.claimed_by})", told
