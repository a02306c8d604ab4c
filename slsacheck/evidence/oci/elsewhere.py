"""An image whose signatures and attestations are kept in another repository (cosign's COSIGN_REPOSITORY)."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from slsacheck.errors import SlsacheckError
from slsacheck.evidence.oci.source import Listing, Source

if TYPE_CHECKING:
    from slsacheck.evidence.oci.manifest import Manifest
    from slsacheck.evidence.oci.names import Descriptor
    from slsacheck.evidence.oci.registry import RegistrySource
    from slsacheck.evidence.oci.streams import Stream

__all__ = ["ElsewhereSource"]


class ElsewhereSource:
    """The image of one place, what hangs on it of another. What is attached speaks of the image by its digest alone.

    `attached` is the other repository, or the reason why it cannot be asked, which leaves each look-up in part.
    """

    holds_all = False

    def __init__(self, image: Source, attached: RegistrySource | SlsacheckError) -> None:
        self.name = image.name
        self.channel: str | None = image.channel
        self.transport = getattr(image, "transport", None)
        self._image = image
        self._attached = attached
        self._theirs: set[str] = set()

    def image(self) -> Manifest:
        """The image; see `Source.image`."""
        return self._image.image()

    def moved(self) -> str | None:
        """The digest that the image's tag has now, where it moved; see `Source.moved`."""
        return self._image.moved()

    def manifest(self, descriptor: Descriptor) -> Manifest:
        """A manifest of the one or of the other; see `Source.manifest`."""
        if descriptor.digest not in self._theirs:
            return self._image.manifest(descriptor)
        found = self._of(descriptor).manifest(descriptor)
        self._theirs.update(layer.digest for layer in found.layers)
        return found

    def blob(self, descriptor: Descriptor, limit: int) -> bytes:
        """A blob of the one or of the other; see `Source.blob`."""
        return self._of(descriptor).blob(descriptor, limit)

    def stream(self, descriptor: Descriptor) -> Stream:
        """A blob in pieces; see `Source.stream`."""
        return self._of(descriptor).stream(descriptor)

    def layer_size(self, descriptor: Descriptor) -> int | None:
        """The size of a layer of the image; see `Source.layer_size`."""
        return self._image.layer_size(descriptor)

    def attached(self, digest: str, *, quick: bool = False) -> Listing:
        """What the other repository has of a digest; see `Source.attached`."""
        if isinstance(self._attached, SlsacheckError):
            problem = self._attached
            return Listing((), (problem.where,), ((problem.where, problem.message),))
        listing = self._attached.attached(digest, quick=quick)
        self._theirs.update(one.descriptor.digest for one in listing.found)
        return listing

    def _of(self, descriptor: Descriptor) -> Source:
        theirs = descriptor.digest in self._theirs and not isinstance(self._attached, SlsacheckError)
        return cast(Source, self._attached) if theirs else self._image
