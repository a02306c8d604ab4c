"""Where an image says that it comes from: its claims, its bases, and the findings about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.errors import SlsacheckError
from slsacheck.evidence.attestations.jsondoc import Document, as_map, dig
from slsacheck.evidence.oci.bases import bases_of, contradicted, inputs_in, layers_of
from slsacheck.evidence.oci.claims import claims_in, contradictions, judged, proofs
from slsacheck.model import Finding, ImageClaim
from slsacheck.record import record, replace

if TYPE_CHECKING:
    from slsacheck.evidence.oci.baselookup import Looker
    from slsacheck.evidence.oci.manifest import Manifest
    from slsacheck.evidence.oci.names import Descriptor
    from slsacheck.evidence.oci.source import Source
    from slsacheck.evidence.tree import Problems
    from slsacheck.model import Artifact

__all__ = ["Words", "described", "moved_tag", "words_of"]


@record
class Words:
    """What an image and the index above it say: claims, annotations, labels, and the digests of its layers."""

    claims: tuple[ImageClaim, ...]
    annotations: dict[str, str]
    labels: dict[str, str]
    layers: tuple[str, ...]


def words_of(manifest: Manifest, config: Document, index: Manifest | None, descriptor: Descriptor | None) -> Words:
    """The words of manifest, configuration, and of the index through which it was reached."""
    labels = {name: value for name, value in as_map(dig(config, "config", "Labels")).items() if isinstance(value, str)}
    annotations = dict(manifest.annotations)
    claims = [*claims_in(labels, "label"), *claims_in(annotations, "annotation")]
    if index is not None:
        claims += claims_in(dict(index.annotations), "annotation of the index")
    if descriptor is not None:
        claims += claims_in(dict(descriptor.annotations), "annotation in the index")
    return Words(tuple(claims), annotations, labels, layers_of(config))


def described(artifact: Artifact, words: Words, looker: Looker, moved: Finding | None) -> Artifact:
    """The artifact with its claims judged, its bases looked up where that may be, and what is wrong with them."""
    image = artifact.image
    assert image is not None
    digests = tuple(one for one in (image.digest, image.index) if one is not None)
    proven = proofs(artifact.verifications, digests)
    about = tuple(one for one in artifact.verifications if _speaks_of(one.statement.subjects, digests))
    claims = judged(words.claims, proven)
    named = inputs_in(about, proven)
    bases = bases_of(words.annotations, words.labels, named)
    bases = tuple(looker.look(base, image.platform, words.layers) for base in bases)
    at = artifact.at[0]
    findings = (
        *((moved,) if moved is not None else ()),
        *contradictions(claims, at),
        *contradicted(bases, words.labels, words.layers, named, at),
    )
    return replace(artifact, image=replace(image, claims=claims, bases=bases), findings=findings)


def _speaks_of(subjects: tuple[tuple[str, tuple[tuple[str, str], ...]], ...], digests: tuple[str, ...]) -> bool:
    return any(f"{name}:{value}" in digests for _, pairs in subjects for name, value in pairs)


def moved_tag(source: Source, digest: str, problems: Problems) -> Finding | None:
    """That a tag names another image now than when the look at it began; it is asked once more, at the end."""
    from slsacheck.model import Place

    try:
        now = source.moved()
    except SlsacheckError as problem:
        problems.add(source.name, f"whether its tag moved meanwhile is not known: {problem.message}", problem.advice)
        return None
    if now is None:
        return None
    return Finding(
        "tag-moved",
        "medium",
        f"the tag {source.name} moved while it was looked at: {digest} was judged, it names {now} now",
        (Place(url=source.name, digest=now),),
        f"assess the new one too, and name images by digest where they are used ({digest})",
    )
