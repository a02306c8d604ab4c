"""The images among a target's artifacts: opened, with every attestation found for them, each verified alone."""

from __future__ import annotations

import os.path
from typing import TYPE_CHECKING

from slsacheck.errors import Unavailable
from slsacheck.record import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from slsacheck.evidence.oci import Access
    from slsacheck.evidence.oci.attached import Piece
    from slsacheck.evidence.oci.judged import Judge
    from slsacheck.evidence.targets import OpenedTarget
    from slsacheck.evidence.tree import Problems
    from slsacheck.model import Artifact, ArtifactInput, Publication

    Read = tuple[tuple[Artifact, ...], Problems]
    """The artifacts of what was given, and what could not be read of it."""

__all__ = ["access_of", "collect_image", "each_image", "is_image", "publication_of", "registry_of"]


_OPEN = ("$", "{")
"""Signs of a name that only a run fills in."""


def is_image(item: ArtifactInput) -> bool:
    """Whether it is an image: a reference, a layout, or a file that is an archive of one."""
    if item.kind != "image" or not os.path.isfile(item.reference):  # noqa: PTH113 - as everywhere in the evidence
        return item.kind == "image"
    from slsacheck.evidence.oci import is_archive

    return is_archive(item.reference)


def publication_of(item: ArtifactInput, publications: Sequence[Publication]) -> str | None:
    """The publication that an image belongs to: named by the user, by its own name, or the only one it may be."""
    if item.publication is not None:
        return item.publication
    images = [one for one in publications if one.type == "container-image" and one.applies]
    name = item.reference.partition("@")[0]
    named = [one.id for one in images if one.name in (name, name.rpartition(":")[0])]
    same = named or [one.id for one in images if _may_be(one.name, name)]
    return same[0] if len(same) == 1 else None


def registry_of(reference: str) -> str | None:
    """The registry that a reference names; None for what lies on this machine, or is no reference."""
    from slsacheck.errors import InputError
    from slsacheck.evidence.oci import places_of
    from slsacheck.evidence.oci.names import reference_of

    if any(os.path.exists(path) for path, _, _ in places_of(reference)):  # noqa: PTH110 - as above
        return None
    try:
        return reference_of(reference).host
    except InputError:
        return None


def _may_be(publication: str, reference: str) -> bool:
    """Whether an image may be that publication: a copy on this machine, or one of the same last name elsewhere."""
    if os.path.exists(reference.partition(":")[0]) or any(sign in publication for sign in _OPEN):  # noqa: PTH110 - as above
        return True
    last = reference.rpartition("/")[2].partition(":")[0]
    return last == publication.rpartition("/")[2].partition(":")[0]


def each_image(
    read: Callable[[ArtifactInput], Read], images: Sequence[ArtifactInput], opened: OpenedTarget
) -> Iterator[Read]:
    """What is read of each image, several at once where registries are asked."""
    if opened.registries is None:
        return map(read, images)
    from slsacheck.evidence.abreast import abreast

    return abreast(read, images, opened.registries.at_once)


def access_of(opened: OpenedTarget) -> Access:
    """How images may be reached, as they are."""
    from slsacheck.evidence.oci import Access

    return Access(
        offline=opened.offline is not False,
        plain_http=opened.plain_http,
        online=opened.online,
        registries=opened.registries,
    )


def collect_image(
    item: ArtifactInput,
    opened: OpenedTarget,
    judge: Judge,
    problems: Problems,
    publication: str | None,
    facts: tuple[tuple[str, str], ...],
) -> tuple[Artifact, ...]:
    """The platform images of what was named. Raises SlsacheckError where it cannot be read."""
    if opened.offline is None:
        raise Unavailable("is not in the evidence file", where=item.reference, advice="collect the evidence again")
    from slsacheck.evidence.oci import open_image
    from slsacheck.evidence.oci.images import artifacts_of

    access = replace(
        access_of(opened),
        repository=opened.target.provenance_repository,
        platform=opened.target.platform,
        images=opened.images,
    )
    source = open_image(item.reference, access)
    algorithm, _, value = source.image().digest.partition(":")
    opened.digests[item.reference] = ((algorithm, value),)
    return artifacts_of(
        source,
        judge,
        problems,
        publication=publication,
        beside=_beside(opened, source.image().digest),
        alone=len(opened.target.artifacts) == 1,
        facts=facts,
        access=access,
    )


def _beside(opened: OpenedTarget, digest: str) -> tuple[Piece, ...]:
    """The attestations that the user gave."""
    from slsacheck.evidence.attestations import read_many
    from slsacheck.evidence.attestations.envelope import Attestation
    from slsacheck.evidence.attestations.steps import RefusedError
    from slsacheck.evidence.oci.attached import Piece

    found = []
    for path in opened.target.attestations:
        try:
            readings = read_many(opened.shelf.local(path))
        except RefusedError as refused:
            readings = [refused]
        for one in readings:
            if isinstance(one, Attestation):
                found.append(Piece("beside", digest, f"sha256:{one.digest}", reading=replace(one, path=path)))
            else:
                found.append(Piece("beside", digest, path, reading=one, problem=one.message))
    return tuple(found)
