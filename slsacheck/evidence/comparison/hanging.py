"""What hangs on an image at one place, whole: on its index, on each platform image, and on what hangs on those."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.errors import InputError
from slsacheck.evidence.attestations.envelope import Attestation
from slsacheck.evidence.comparison.remembering import Remembering
from slsacheck.evidence.oci.attached import Gathered, gather, strays
from slsacheck.evidence.oci.images import platforms_of
from slsacheck.evidence.oci.judged import speaks_of
from slsacheck.evidence.oci.names import reference_of
from slsacheck.record import record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from slsacheck.evidence.oci.attached import Piece
    from slsacheck.evidence.oci.judged import Judge
    from slsacheck.evidence.oci.manifest import Manifest
    from slsacheck.evidence.oci.names import Descriptor
    from slsacheck.evidence.oci.source import Source
    from slsacheck.model.image import Attachment

__all__ = ["Hanging", "Place", "look_at", "look_for"]

_REF_NAME = "org.opencontainers.image.ref.name"
MAX_SECOND = 64
"""Attachments whose own attachments (a signature of an SBOM) are looked for; an image has some ten."""
MAX_PIECES = 256
"""Things that hang on those, all together."""


@record
class Hanging:
    """One thing that hangs on a digest: what it is, and why it counts for nobody (`wrong`; empty where it may).

    `unseen` is whether it could not be looked at, and may be sound.
    """

    attachment: Attachment
    about: str
    wrong: str = ""
    unseen: bool = False


@record
class Place:
    """An image at one place. `platforms` are (name, descriptor) of an index's images, none for a single image.

    `unseen` are (where, reason): what could not be looked at, so that a thing that is missing may be there.
    """

    source: Source
    manifest: Manifest
    platforms: tuple[tuple[str, Descriptor], ...]
    hanging: tuple[Hanging, ...]
    unseen: tuple[tuple[str, str], ...]

    @property
    def digest(self) -> str:
        """The digest of the image."""
        return self.manifest.digest

    @property
    def tag(self) -> str | None:
        """The tag by which the image was reached, or that a layout gives it; None where there is none."""
        if self.source.channel is None:
            return self.manifest.descriptor.annotation(_REF_NAME) or None
        try:
            return reference_of(self.source.name).tag
        except InputError:
            return None

    @property
    def family(self) -> frozenset[str]:
        """The digests of the image and of everything that its index names."""
        return frozenset((self.digest, *(child.digest for child in self.manifest.children)))


def look_at(source: Source, judge: Judge) -> Place:
    """The image at a place with everything that hangs on it. Raises SlsacheckError where it cannot be read."""
    source = Remembering(source)
    manifest = source.image()
    images = platforms_of(source, manifest) if manifest.is_index else ()
    platforms = tuple((child.platform or "unknown", child) for child in images)
    place = Place(source, manifest, platforms, (), ())
    found: dict[tuple[str, str], Hanging] = {}
    unseen: list[tuple[str, str]] = []
    stray = strays(manifest, source.name) if manifest.is_index else []
    for about, gathered in _gathered(source, manifest, images):
        unseen += [one for one in gathered.problems if one not in stray and not _told(gathered, one)]
        for piece in gathered.pieces:
            if not (piece.problem and piece.digest in place.family):
                found.setdefault((piece.digest, about), _judged(judge, piece, about, place))
    return Place(source, manifest, platforms, tuple(found.values()), tuple(dict.fromkeys(unseen)))


def look_for(place: Place, digest: str, judge: Judge) -> tuple[Hanging, ...]:
    """What hangs on another digest at that place: what was copied there for an image that is not."""
    pieces = gather(place.source, digest).pieces
    return tuple(_judged(judge, piece, digest, place) for piece in pieces if piece.digest not in place.family)


def _gathered(source: Source, manifest: Manifest, images: tuple[Descriptor, ...]) -> Iterator[tuple[str, Gathered]]:
    """What hangs on each digest of the image, then what hangs on that."""
    digests = [manifest.digest, *(child.digest for child in images)]
    for digest in digests:
        yield digest, gather(source, digest, manifest if manifest.is_index and digest != manifest.digest else None)
    second = [one.descriptor.digest for digest in digests for one in source.attached(digest).found]
    known = {*digests, *(child.digest for child in manifest.children)}
    behind = [digest for digest in dict.fromkeys(second) if digest not in known]
    room = MAX_PIECES
    for digest in behind[:MAX_SECOND]:
        if room <= 0:
            break
        gathered = gather(source, digest, quick=True)
        room -= len(gathered.pieces)
        yield digest, gathered
    if room <= 0 or len(behind) > MAX_SECOND:
        problem = (source.name, "too much hangs on what hangs on the image: not all of it was looked at")
        yield manifest.digest, Gathered((), (), (problem,))


def _told(gathered: Gathered, problem: tuple[str, str]) -> bool:
    """Whether a problem is that of a piece that was seen: it is told there, and hides nothing."""
    return problem[1] in {piece.problem for piece in gathered.pieces if not piece.unavailable}


def _judged(judge: Judge, piece: Piece, about: str, place: Place) -> Hanging:
    index = (place.digest,) if place.manifest.is_index else ()
    family = tuple(child.digest for _, child in place.platforms) if about == place.digest else index
    digests = tuple(dict.fromkeys((about, *family)))
    attachment = judge.attachment(piece, digests)
    return Hanging(attachment, about, _wrong(piece, attachment, digests), piece.unavailable)


def _wrong(piece: Piece, attachment: Attachment, digests: tuple[str, ...]) -> str:
    if piece.problem:
        return piece.problem
    if isinstance(piece.reading, Attestation) and not speaks_of(piece, digests):
        return f"it hangs on {piece.about} and speaks of {attachment.subject or 'nothing'}"
    return ""
