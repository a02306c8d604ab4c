"""A source that is asked for the same thing once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.errors import SlsacheckError
from slsacheck.evidence.oci.limits import MAX_CONFIG

if TYPE_CHECKING:
    from slsacheck.evidence.oci.manifest import Manifest
    from slsacheck.evidence.oci.names import Descriptor
    from slsacheck.evidence.oci.source import Listing, Source
    from slsacheck.evidence.oci.streams import Stream

__all__ = ["Remembering"]

MAX_KEPT = 64 << 20
"""Bytes of blobs that are kept: the configurations of an image for ten platforms have some 200 KB."""


class Remembering:
    """The same source, which keeps what hangs on a digest, small blobs, and which manifests cannot be had."""

    def __init__(self, source: Source) -> None:
        self.name, self.channel, self.holds_all = source.name, source.channel, source.holds_all
        self._source = source
        self._listed: dict[tuple[str, bool], Listing] = {}
        self._blobs: dict[Descriptor, bytes] = {}
        self._refused: dict[Descriptor, SlsacheckError] = {}
        self._room = MAX_KEPT

    def image(self) -> Manifest:
        """The image that was named."""
        return self._source.image()

    def manifest(self, descriptor: Descriptor) -> Manifest:
        """Another manifest."""
        if descriptor in self._refused:
            raise self._refused[descriptor]
        try:
            return self._source.manifest(descriptor)
        except SlsacheckError as problem:
            self._refused[descriptor] = problem
            raise

    def blob(self, descriptor: Descriptor, limit: int) -> bytes:
        """A blob."""
        known = self._blobs.get(descriptor)
        if known is not None and len(known) <= limit:
            return known
        data = self._source.blob(descriptor, limit)
        if limit <= MAX_CONFIG and len(data) <= self._room:
            self._blobs[descriptor] = data
            self._room -= len(data)
        return data

    def stream(self, descriptor: Descriptor) -> Stream:
        """A blob of any size, in pieces."""
        return self._source.stream(descriptor)

    def layer_size(self, descriptor: Descriptor) -> int | None:
        """The size of a layer as it lies on this machine."""
        return self._source.layer_size(descriptor)

    def moved(self) -> str | None:
        """Where the image's tag moved."""
        return self._source.moved()

    def attached(self, digest: str, *, quick: bool = False) -> Listing:
        """What hangs on a digest."""
        if (digest, quick) not in self._listed:
            self._listed[digest, quick] = self._source.attached(digest, quick=quick)
        return self._listed[digest, quick]
