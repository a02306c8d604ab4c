"""From an image that a user named to artifacts: one for each platform, each with what hangs on it.

An attestation of an index speaks of each of its platform images too: the index names them by digest. One of a platform
image says nothing about the others. So an index is assessed as its platform images, and its level is their floor.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.errors import InputError, SlsacheckError
from slsacheck.evidence.abreast import abreast
from slsacheck.evidence.attestations.jsondoc import as_text
from slsacheck.evidence.attestations.statement import forget
from slsacheck.evidence.attestations.steps import shown
from slsacheck.evidence.oci.attached import JUDGING, Gathered, gather, gather_behind
from slsacheck.evidence.oci.baselookup import Looker
from slsacheck.evidence.oci.facts import facts_of
from slsacheck.evidence.oci.judged import speaks_of
from slsacheck.evidence.oci.limits import MAX_PLATFORMS
from slsacheck.evidence.oci.manifest import config_of
from slsacheck.evidence.oci.names import chosen_platform, is_platform, platform_name
from slsacheck.evidence.oci.origins import Words, described, moved_tag, words_of
from slsacheck.evidence.tree import Problems
from slsacheck.model import Artifact, BuilderClaim, ImageFacts, Place
from slsacheck.record import record, replace

if TYPE_CHECKING:
    from slsacheck.evidence.attestations.jsondoc import Document
    from slsacheck.evidence.oci import Access
    from slsacheck.evidence.oci.attached import Piece
    from slsacheck.evidence.oci.judged import Judge
    from slsacheck.evidence.oci.manifest import Manifest
    from slsacheck.evidence.oci.names import Descriptor
    from slsacheck.evidence.oci.source import Source
    from slsacheck.model import Attachment, ImageSbom, Verification

__all__ = ["artifacts_of", "check_platform", "platforms_of", "unsound_layers"]

_TYPES = {"application/vnd.cncf.helm.config.v1+json": "helm-chart"}
"""What is no container image, by the media type of its configuration."""
_ATTESTATION = ("attestation-manifest", "unknown/unknown")


@record
class _Whole:
    """The image that was named, and what hangs on it itself."""

    source: Source
    manifest: Manifest
    gathered: Gathered
    beside: tuple[Piece, ...]
    alone: bool


def artifacts_of(
    source: Source,
    judge: Judge,
    problems: Problems,
    *,
    publication: str | None = None,
    beside: tuple[Piece, ...] = (),
    alone: bool = True,
    facts: tuple[tuple[str, str], ...] = (),
    access: Access | None = None,
) -> tuple[Artifact, ...]:
    """The platform images of what `source` names; `beside` are attestations that the user gave.

    With other artifacts beside it (not `alone`) those count that speak of the image. `access` says whether the images
    that went into it may be looked up, and which platform is meant.

    Raises SlsacheckError where the image cannot be read at all; what is wrong with a part is in `problems`.
    """
    manifest = source.image()
    whole = _Whole(source, manifest, gather(source, manifest.digest, spare=True), beside, alone)
    for where, reason in whole.gathered.problems:
        problems.add(where, reason)

    def look(descriptor: Descriptor | None) -> tuple[tuple[Artifact, Words] | None, Problems]:
        own = Problems()
        try:
            return _artifact(whole, descriptor, judge, own, publication, facts), own
        except SlsacheckError as problem:
            own.add(problem.where or source.name, problem.message, problem.advice)
            return None, own

    found = []
    at_once = access.registries.at_once if access and access.registries and source.channel else 1
    for seen, told in abreast(look, _meant(source, manifest, access), at_once):
        found += [seen] if seen is not None else []
        problems.take(told)
    looker, moved = Looker(source, access, judge), moved_tag(source, manifest.digest, problems)
    return tuple(described(artifact, words, looker, moved) for artifact, words in found)


def _meant(source: Source, manifest: Manifest, access: Access | None) -> tuple[Descriptor | None, ...]:
    """The images of an index, or the one of the platform that was asked for; (None,) for an image itself."""
    platform = access.platform if access is not None else None
    if not manifest.is_index:
        if platform is not None:
            check_platform(source, manifest, platform)
        return (None,)
    found = platforms_of(source, manifest)
    return (chosen_platform(found, platform, source.name),) if platform is not None else found


def check_platform(source: Source, manifest: Manifest, platform: str) -> None:
    """Raises InputError where an image that is no index says that it is for another platform than was asked for."""
    config = config_of(source, manifest)
    known = platform_name(*(as_text(config.get(name)) for name in ("os", "architecture", "variant")))
    if known is not None and not is_platform(known, platform):
        raise InputError(f"is an image for {shown(known)}, not {shown(platform)}", where=source.name)


def platforms_of(source: Source, index: Manifest) -> tuple[Descriptor, ...]:
    """The images of an index; BuildKit's attestation manifests, which stand beside them, are none.

    Raises InputError where there are too many, or only other indexes.
    """
    found = [child for child in index.children if not _is_attestation(child)]
    if len(found) > MAX_PLATFORMS:
        raise InputError(f"has more than {MAX_PLATFORMS} platforms", where=source.name, advice="name one by its digest")
    if not found:
        raise InputError("is an index without an image", where=f"{source.name}@{index.digest}")
    return tuple(found)


def _is_attestation(child: Descriptor) -> bool:
    kind, platform = _ATTESTATION
    return child.annotation("vnd.docker.reference.type") == kind or child.platform == platform


def _artifact(
    whole: _Whole,
    descriptor: Descriptor | None,
    judge: Judge,
    problems: Problems,
    publication: str | None,
    facts: tuple[tuple[str, str], ...],
) -> tuple[Artifact, Words]:
    source = whole.source
    index = whole.manifest if descriptor is not None else None
    manifest = source.manifest(descriptor) if descriptor is not None else whole.manifest
    if manifest.is_index:
        raise InputError("is an index inside an index", where=source.name, advice="name one image by its digest")
    gathered = gather(source, manifest.digest, index, spare=True) if index is not None else whole.gathered
    own = gathered.problems if index is not None else ()
    image, config = _facts(source, manifest, descriptor, index, problems)
    for where, reason in (*own, *unsound_layers(source, manifest)):
        problems.add(where, reason)
    digests = (manifest.digest, *((index.digest,) if index is not None else ()))
    pieces = _unique((*gathered.pieces, *(whole.gathered.pieces if index is not None else ()), *_given(whole, digests)))
    algorithm, _, value = manifest.digest.partition(":")
    judged = _judged(judge, pieces, manifest, index)
    artifact = Artifact(
        id=f"artifact:{source.name.partition('@')[0]}@{manifest.digest}",
        name=f"{source.name} ({image.platform})" if index is not None and image.platform else source.name,
        type=_TYPES.get(manifest.artifact_type, "container-image"),
        digests=((algorithm, value),),
        at=(_place(source, manifest),),
        verifications=tuple(one for _, one, _ in judged if one is not None),
        looked_at=tuple(dict.fromkeys((*gathered.looked_at, *whole.gathered.looked_at))),
        lookup_complete=source.holds_all and not gathered.problems and not whole.gathered.problems,
        publication=publication,
        channel=source.channel,
        facts=facts,
        image=replace(image, sboms=tuple(one for _, _, one in judged if one is not None)),
        attachments=(
            *(one for one, _, _ in judged),
            *_behind(source, judge, pieces, digests, problems),
            *(_in_layers(source, manifest, config, problems) if image.builder.name == "buildpacks" else ()),
        ),
    )
    return artifact, words_of(manifest, config, index, descriptor)


def _behind(
    source: Source, judge: Judge, pieces: tuple[Piece, ...], digests: tuple[str, ...], problems: Problems
) -> tuple[Attachment, ...]:
    """What hangs on what hangs on the image."""
    behind = gather_behind(source, pieces)
    for where, reason in behind.problems:
        problems.add(where, reason)
    with JUDGING:
        return tuple(judge.attachment(piece, digests) for piece in behind.pieces)


def _in_layers(source: Source, manifest: Manifest, config: Document, problems: Problems) -> tuple[Attachment, ...]:
    """The SBOMs in layers that Buildpacks name as such; no other layer is read."""
    from slsacheck.evidence.sbom.in_images import named_by_image

    return named_by_image(source, manifest, config, problems)


def _place(source: Source, manifest: Manifest) -> Place:
    """Where the image can be looked at: in a registry or on this machine."""
    return Place(
        url=source.name if source.channel else None,
        path=None if source.channel else source.name,
        digest=manifest.digest,
    )


def _judged(
    judge: Judge, pieces: tuple[Piece, ...], manifest: Manifest, index: Manifest | None
) -> list[tuple[Attachment, Verification | None, ImageSbom | None]]:
    """What hangs on an image, judged: each thing as it is shown, as provenance, and as an SBOM."""
    above = (index.digest,) if index is not None else ()
    digests = (manifest.digest, *above)
    names = (*digests, *((manifest.config.digest,) if manifest.config is not None else ()))
    children = tuple(child.digest for child in index.children) if index is not None else ()

    def one_judged(piece: Piece) -> tuple[Attachment, Verification | None, ImageSbom | None]:
        attachment = judge.attachment(piece, digests)
        sbom = _sbom(piece, attachment, names, children) if attachment.kind == "sbom" else None
        return attachment, judge.provenance(piece, digests), sbom

    with JUDGING:
        found = [one_judged(piece.unpacked()) for piece in pieces]
        forget()
    return found


def _sbom(piece: Piece, attachment: Attachment, names: tuple[str, ...], children: tuple[str, ...]) -> ImageSbom:
    from slsacheck.evidence.sbom.attached import image_sbom

    return image_sbom(piece, attachment, names, children)


def _given(whole: _Whole, digests: tuple[str, ...]) -> tuple[Piece, ...]:
    return tuple(piece for piece in whole.beside if whole.alone or speaks_of(piece, digests))


def _unique(pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """Each once: one attestation can be an entry of the index and a referrer."""
    found = {(piece.digest, piece.about): piece for piece in reversed(pieces)}
    return tuple(reversed(found.values()))


def _facts(
    source: Source, manifest: Manifest, descriptor: Descriptor | None, index: Manifest | None, problems: Problems
) -> tuple[ImageFacts, Document]:
    """What the image says of itself, with its configuration; one that cannot be believed says nothing."""
    platform = descriptor.platform if descriptor is not None else None
    above = index.digest if index is not None else None
    try:
        config = config_of(source, manifest)
        return facts_of(manifest, config, platform=platform, index=above), config
    except SlsacheckError as problem:
        problems.add(problem.where or source.name, problem.message, problem.advice)
        return ImageFacts(manifest.digest, manifest.media_type, BuilderClaim("unknown"), platform, above), {}


def unsound_layers(source: Source, manifest: Manifest) -> tuple[tuple[str, str], ...]:
    """Layers of a copy on this machine whose size is another than the manifest says; their bytes are not read."""
    found = []
    for layer in manifest.layers:
        size = source.layer_size(layer)
        if size is not None and size != layer.size:
            found.append((f"{source.name}@{layer.digest}", f"has {size} bytes, the manifest says {layer.size}"))
    return tuple(found)
