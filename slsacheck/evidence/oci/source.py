"""What is asked of a place with images, whatever it is: a layout, an archive, a registry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from slsacheck.evidence.oci.manifest import Manifest
from slsacheck.evidence.oci.names import Descriptor
from slsacheck.record import record

if TYPE_CHECKING:
    from slsacheck.evidence.oci.streams import Stream

__all__ = ["Found", "Listing", "Source"]


@record
class Found:
    """A manifest that may hold something attached to an image, and by which way it was found."""

    descriptor: Descriptor
    found_by: str


@record
class Listing:
    """What was found attached to a digest, where was looked, and what kept it from being everything.

    `problems` are (where, reason); a look-up is complete only where there are none and the place holds everything.
    """

    found: tuple[Found, ...] = ()
    looked_at: tuple[str, ...] = ()
    problems: tuple[tuple[str, str], ...] = ()


class Source(Protocol):
    """A place with one image and what hangs on it. What it gives was checked against its digest, but for streams."""

    name: str
    """What it is called in reports and messages."""
    channel: str | None
    """The registry's host; None for what lies on this machine."""
    holds_all: bool
    """Whether what is attached to the image could be nowhere else (a registry: yes; a copy of one: no)."""

    def image(self) -> Manifest:
        """The image that was named. Raises Absent, InputError or Unavailable."""

    def manifest(self, descriptor: Descriptor) -> Manifest:
        """Another manifest. Raises Absent, InputError or Unavailable."""

    def blob(self, descriptor: Descriptor, limit: int) -> bytes:
        """A blob of at most `limit` bytes. Raises Absent, InputError or Unavailable."""

    def stream(self, descriptor: Descriptor) -> Stream:
        """A blob of any size, in pieces; checked by whoever reads it. Raises Absent, InputError or Unavailable."""

    def layer_size(self, descriptor: Descriptor) -> int | None:
        """The size of a layer as it lies on this machine; None where it does not. Raises InputError."""

    def moved(self) -> str | None:
        """The digest that the image's tag has now, where that is another one than before. Raises SlsacheckError."""

    def attached(self, digest: str, *, quick: bool = False) -> Listing:
        """What hangs on a digest: referrers, fallback tag, cosign's tags; `quick` leaves out what asks for more."""
