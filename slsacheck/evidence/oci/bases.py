"""The images that an image was made from, one level down: its base, its Buildpacks run image, its builder.

They are named by annotations, labels and provenance. Where the network may be asked, each is looked up by its digest:
whether its layers are really at the bottom of this image, and whether it has provenance of its own. Otherwise the
report says that nobody looked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.evidence.attestations.jsondoc import as_list, as_map, as_text, dig, parse_json
from slsacheck.evidence.attestations.steps import RefusedError, shown
from slsacheck.evidence.oci.inputs import inputs_of
from slsacheck.model import BaseImage, Finding, Outcome
from slsacheck.patterns import regex
from slsacheck.record import replace

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from slsacheck.evidence.attestations.jsondoc import Document
    from slsacheck.evidence.oci.inputs import ImageInput
    from slsacheck.model import Place, Verification

    Named = tuple[ImageInput, bool]

__all__ = ["bases_of", "contradicted", "inputs_in", "layers_of", "rebased"]

MAX_STATEMENTS = 32
"""Provenance statements that are looked through for images; a genuine image has one or two."""
MAX_BASES = 16
"""Images that went into one image and are listed; builds with many stages name some ten."""
_PROVENANCE = ("https://slsa.dev/provenance/", "https://in-toto.io/Provenance/")
_BASE = "org.opencontainers.image.base."
_LIFECYCLE = "io.buildpacks.lifecycle.metadata"
_BUILDER_LABELS = ("io.buildpacks.builder.image", "kpack.builder.image")
_AT = regex(r"([^\s@]{1,300})@(sha256:[0-9a-f]{64})")
_DIGEST = regex(r"sha256:[0-9a-f]{64}")
_FIXED_YEARS = ("0001-", "1970-", "1980-")


def inputs_in(verifications: Iterable[Verification], proven: Sequence[Verification]) -> tuple[Named, ...]:
    """The images that provenance of this image names, each with whether that provenance is among the `proven`."""
    statements = [one for one in verifications if (one.statement.predicate_type or "").startswith(_PROVENANCE)]
    return tuple((image, one in proven) for one in statements[:MAX_STATEMENTS] for image in inputs_of(one))


def bases_of(
    annotations: Mapping[str, str], labels: Mapping[str, str], named: Sequence[Named]
) -> tuple[BaseImage, ...]:
    """What manifest, labels and provenance (`named`) name as bases, each once."""
    claimed = [*_lifecycle(labels.get(_LIFECYCLE, "")), *_builders(labels)]
    for values, where in ((annotations, "annotation"), (labels, "label")):
        claimed += _standard(values, where)
    found = [_judged(base, [image for image, sure in named if sure]) for base in claimed]
    for image, sure in sorted(named, key=lambda one: not one[1]):
        said = "verified provenance" if sure else "provenance that is not verified"
        outcome = Outcome.PASS if sure else Outcome.DECLARED
        found.append(BaseImage("build input", image.reference, image.digest, said, outcome))
    unique: dict[tuple[str | None, str | None], BaseImage] = {}
    for base in found:
        unique.setdefault((None if base.digest else base.reference, base.digest), base)
    return tuple(unique.values())[:MAX_BASES]


def _standard(values: Mapping[str, str], where: str) -> Iterator[BaseImage]:
    name, digest = values.get(f"{_BASE}name", ""), values.get(f"{_BASE}digest", "")
    if name or digest:
        known = digest if _DIGEST.fullmatch(digest) else None
        yield BaseImage("base", shown(name) if name else None, known, f"{where} {_BASE}{'name' if name else 'digest'}")


def _lifecycle(text: str) -> Iterator[BaseImage]:
    document = _json(text, _LIFECYCLE)
    image = as_text(dig(document, "runImage", "image")) or as_text(dig(document, "stack", "runImage", "image"))
    exact = as_text(dig(document, "runImage", "reference"))
    match = _AT.fullmatch(exact)
    if image or exact:
        digest = match[2] if match else None
        yield BaseImage("run image", shown(image or exact), digest, f"label {_LIFECYCLE}")


def _builders(labels: Mapping[str, str]) -> Iterator[BaseImage]:
    for name in _BUILDER_LABELS:
        text = labels.get(name, "")
        if text:
            match = _AT.fullmatch(text)
            yield BaseImage("builder", shown(match[1] if match else text), match[2] if match else None, f"label {name}")


def _json(text: str, what: str) -> Document:
    try:
        return as_map(parse_json(text.encode("utf-8", "replace"), what)) if text else {}
    except RefusedError:
        return {}


def _judged(base: BaseImage, inputs: Iterable[ImageInput]) -> BaseImage:
    """PASS where verified provenance names that digest, FAIL where it names another of the same repository."""
    inputs = list(inputs)
    if base.digest is None:
        return base
    if any(one.digest == base.digest for one in inputs):
        return replace(base, outcome=Outcome.PASS)
    if any(one.digest and _same_repository(base, one) for one in inputs):
        return replace(base, outcome=Outcome.FAIL)
    return base


def _same_repository(base: BaseImage, one: ImageInput) -> bool:
    name = base.reference or ""
    named = name if ":" not in name.rpartition("/")[2] else name.rpartition(":")[0]
    return bool(named) and one.repository in (named, f"docker.io/{named}", f"docker.io/library/{named}")


def layers_of(config: Document) -> tuple[str, ...]:
    """The digests of an image's unpacked layers, the lowest first."""
    return tuple(as_text(one) for one in as_list(dig(config, "rootfs", "diff_ids")))


def rebased(bases: Sequence[BaseImage], named: Sequence[Named]) -> Iterator[tuple[BaseImage, str]]:
    """Run images under this image that are not the ones which its provenance says it was built on, with those."""
    for base in bases:
        if base.role != "run image" or base.digest is None:
            continue
        digests = dict.fromkeys(image.digest for image, _ in named if image.digest and _same_repository(base, image))
        if digests and base.digest not in digests:
            yield base, next(iter(digests))


def contradicted(
    bases: Sequence[BaseImage],
    labels: Mapping[str, str],
    layers: Sequence[str],
    named: Sequence[Named],
    at: Place,
) -> Iterator[Finding]:
    """What the image itself or its provenance refutes about the images that it names as its bases."""
    top = as_text(dig(_json(labels.get(_LIFECYCLE, ""), _LIFECYCLE), "runImage", "topLayer"))
    if top and layers and top not in layers:
        yield Finding(
            "base-image-refuted",
            "medium",
            f"the label {_LIFECYCLE} says that the run image ends with layer {shown(top)}, which is not in this image",
            (at,),
            "build the image again: a tool exchanged layers without saying so",
        )
    moved = dict(rebased(bases, named))
    for base in bases:
        if base in moved:
            yield _rebase(base, next((one for one in bases if one.digest == moved[base]), None), moved[base], at)
        elif base.layers == "no":
            yield Finding(
                "base-image-refuted",
                "medium",
                f"the {base.claimed_by} names {shown(base.reference)} as {base.role}, whose layers are not those at "
                "the bottom of this image",
                (at,),
                "build the image again, or let the tool that rebases it write the annotation",
            )
        elif base.outcome is Outcome.FAIL:
            yield Finding(
                "base-image-refuted",
                "medium",
                f"the {base.claimed_by} names {base.digest}, verified provenance names another digest of that image",
                (at,),
                "believe the provenance, and ask whoever changed the image why it differs",
            )


def _rebase(base: BaseImage, before: BaseImage | None, built_on: str, at: Place) -> Finding:
    """A rebase is what Buildpacks are made for; to an older run image it takes fixes away."""
    told = f"built on run image {built_on}, and stands on {base.digest} now: it was rebased after the build"
    known = _dated(base.created) and before is not None and _dated(before.created)
    if known and before is not None and (base.created or "") < (before.created or ""):
        return Finding(
            "rebased-to-older-image",
            "medium",
            f"{told}, to a run image of {base.created}, older than the one of {before.created}",
            (at,),
            "rebase to the newest run image (`pack rebase`), and look for who moved it back",
        )
    age = "" if known else "; which of the two is older is not known"
    advice = "attest the image again after a rebase: its provenance speaks of the one before"
    return Finding("rebased-image", "low", told + age, (at,), advice)


def _dated(created: str | None) -> bool:
    return bool(created) and not str(created).startswith(_FIXED_YEARS)
