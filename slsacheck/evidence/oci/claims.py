"""What an image's labels and annotations claim of its source, held against the provenance that was verified.

Anybody who builds, rebases or copies an image can write them, so each is DECLARED until verified provenance of this
image says the same. Where it says another thing, or where two places of one image contradict each other, that is a
finding. The names are those of the OCI image specification (annotations), label-schema.org and Buildpacks.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slsacheck.evidence.attestations.jsondoc import as_text, dig, parse_json
from slsacheck.evidence.attestations.refs import normal_repository, split_ref, tag_of
from slsacheck.evidence.attestations.steps import RefusedError, shown
from slsacheck.model import Finding, ImageClaim, Outcome
from slsacheck.patterns import regex
from slsacheck.record import replace

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from slsacheck.model import Place, Verification

__all__ = ["claims_in", "contradictions", "judged", "proofs"]

_OCI = "org.opencontainers.image."
_NAMES = {
    f"{_OCI}source": "source",
    f"{_OCI}revision": "revision",
    f"{_OCI}version": "version",
    "org.label-schema.vcs-url": "source",
    "org.label-schema.vcs-ref": "revision",
    "org.label-schema.version": "version",
}
"""Labels and annotations, and what they speak of."""
_PROJECT = "io.buildpacks.project.metadata"
_REVISION = regex(r"[0-9a-f]{7,64}", re.ASCII)
MAX_VALUE = 2_000
"""Characters of a claim that are looked at: addresses are shorter."""


def claims_in(values: Mapping[str, str], where: str) -> Iterator[ImageClaim]:
    """The claims among the labels or annotations of one place, called `where` (label, annotation)."""
    for name, about in _NAMES.items():
        if values.get(name):
            yield ImageClaim(about, values[name][:MAX_VALUE], f"{where} {name}")
    if values.get(_PROJECT):
        yield from _of_project(values[_PROJECT], f"{where} {_PROJECT}")


def _of_project(text: str, where: str) -> Iterator[ImageClaim]:
    try:
        source = dig(parse_json(text.encode("utf-8", "replace"), _PROJECT), "source")
    except RefusedError:
        return
    for about, path in (("source", ("metadata", "repository")), ("revision", ("version", "commit"))):
        value = as_text(dig(source, *path))
        if value:
            yield ImageClaim(about, value[:MAX_VALUE], where)


def proofs(verifications: Iterable[Verification], digests: Sequence[str]) -> tuple[Verification, ...]:
    """Those whose signature is verified and whose subject is one of these digests, whatever was expected of them.

    One that says what its own certificate denies, or whose signer may not speak for its builder, proves nothing.
    """
    known = {tuple(digest.split(":", 1)) for digest in digests}
    return tuple(
        one
        for one in verifications
        if one.authentic
        and one.reason_class != "untrusted-builder"
        and not any(step.name == "certificate-claims" and step.outcome == "fail" for step in one.steps)
        and any(pair in known for _, pairs in one.statement.subjects for pair in pairs)
    )


def judged(claims: Iterable[ImageClaim], proven: Sequence[Verification]) -> tuple[ImageClaim, ...]:
    """Each claim with what became of it: PASS where any verified provenance says the same, FAIL where all differ."""
    found = []
    for claim in claims:
        said = [value for one in proven if (value := _said(claim.name, one))]
        answers = [_same(claim.name, claim.value, value) for value in said]
        same = True in answers
        if same or False in answers:
            outcome = Outcome.PASS if same else Outcome.FAIL
            found.append(replace(claim, outcome=outcome, proved=said[answers.index(same)]))
        else:
            found.append(claim)
    return tuple(dict.fromkeys(found))


def _said(about: str, verification: Verification) -> str | None:
    """What a provenance says about source, revision or version (the tag that was built)."""
    facts = verification.statement
    if about == "source":
        return facts.source_uri
    return facts.source_digest if about == "revision" else tag_of(facts.source_ref)


def _same(about: str, claim: str, proved: str) -> bool | None:
    """Whether a claim says what was proved; None where they cannot be compared."""
    if about == "source":
        return _same_source(claim, proved)
    if about == "revision":
        claim, proved = claim.strip().lower(), proved.lower()
        return proved.startswith(claim) if _REVISION.fullmatch(claim) and _REVISION.fullmatch(proved) else None
    plain, tag = claim.strip().removeprefix("v"), proved.rpartition("/")[2].removeprefix("v")
    if not plain[:1].isdigit() or not tag[:1].isdigit():
        return None
    return plain == tag or tag.startswith((f"{plain}.", f"{plain}-", f"{plain}+"))


def _same_source(claim: str, proved: str) -> bool | None:
    """A claim may name a folder of the repository; case counts for nothing on the hosts that it counts for nothing."""
    named, known = _repository(claim), _repository(proved)
    if "/" not in named or "/" not in known:
        return None
    if known.partition("/")[0] in ("github.com", "gitlab.com", "bitbucket.org"):
        named, known = named.lower(), known.lower()
    return named == known or named.startswith((f"{known}/tree/", f"{known}/blob/", f"{known}/-/"))


def _repository(text: str) -> str:
    return normal_repository(split_ref(normal_repository(text))[0]).partition("://")[2].partition("?")[0]


def contradictions(claims: Sequence[ImageClaim], at: Place) -> Iterator[Finding]:
    """What a label or annotation says and verified provenance refutes; then what two places say differently."""
    for claim in claims:
        if claim.outcome is Outcome.FAIL:
            yield Finding(
                "image-claim-refuted",
                "low" if claim.name == "version" else "medium",
                f"the {claim.claimed_by} says {claim.name} {shown(claim.value)}, "
                f"verified provenance says {shown(claim.proved)}",
                (at,),
                "believe the provenance; write the label from the build (docker/metadata-action, `--label` with the "
                "commit that is built), and ask whoever copied or rebased the image why it differs",
            )
    for about in dict.fromkeys(claim.name for claim in claims):
        yield from _disagreement([claim for claim in claims if claim.name == about], at)


def _disagreement(claims: list[ImageClaim], at: Place) -> Iterator[Finding]:
    """Two places of one image say different things about its source, revision or version."""
    first, *others = claims
    for other in others:
        if other.claimed_by == first.claimed_by or other.value == first.value:
            continue
        same = (_same(first.name, first.value, other.value), _same(first.name, other.value, first.value))
        if True in same:
            continue
        yield Finding(
            "image-claims-differ",
            "low" if first.name == "version" else "medium",
            f"the {first.claimed_by} says {first.name} {shown(first.value)}, "
            f"the {other.claimed_by} says {shown(other.value)}",
            (at,),
            "write both from one place in the build; readers take whichever their tool shows",
        )
        return
