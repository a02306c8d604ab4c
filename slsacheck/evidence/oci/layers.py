"""The layers of an image, read in one pass each: bounded, checked by both their digests, never unpacked.

    for slice in layers_of(source, manifest):
        with open_layer(source, slice) as layer:
            for entry in layer:
                ...  # layer.read(limit) or layer.sha256() for the file of this entry

What a layer gave may be believed once its iteration has ended without an error: only then its digest (of the stored
bytes) and its diff_id (of the uncompressed ones) were compared with what manifest and configuration say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from slsacheck.errors import Absent, InputError, SlsacheckError, Unavailable
from slsacheck.evidence.attestations.jsondoc import Document, as_list, as_text, dig
from slsacheck.evidence.attestations.steps import shown
from slsacheck.evidence.oci.manifest import config_of
from slsacheck.evidence.oci.names import Descriptor
from slsacheck.evidence.oci.streams import Checked, Unpacked
from slsacheck.evidence.oci.tarstream import Entry, TarStream
from slsacheck.record import record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    from slsacheck.evidence.oci.manifest import Manifest
    from slsacheck.evidence.oci.source import Source

__all__ = ["Entry", "Layer", "Slice", "config_of", "layers_of", "open_layer"]

_FOREIGN = ("nondistributable", "foreign")
_PIECE = 256 << 10


@record
class Slice:
    """A layer by its place in an image: counted from 0 at the bottom, with what says how it came there.

    `diff_id` is the digest of its uncompressed bytes as the configuration says it (None for what is no image), and
    `created_by` the command of the history.
    """

    number: int
    descriptor: Descriptor
    diff_id: str | None = None
    created_by: str = ""

    @property
    def foreign(self) -> bool:
        """Whether registries do not hold it (non-distributable layers: Windows bases)."""
        return any(word in self.descriptor.media_type for word in _FOREIGN)


def layers_of(source: Source, manifest: Manifest, config: Document | None = None) -> tuple[Slice, ...]:
    """The layers of an image, the lowest first; nothing of them is read.

    Raises InputError where manifest and configuration name different numbers of them, Absent or Unavailable where the
    configuration cannot be had.
    """
    if manifest.is_index:
        raise InputError("is an index: each of its platforms has layers", where=f"{source.name}@{manifest.digest}")
    config = config_of(source, manifest) if config is None else config
    ids = [as_text(one) for one in as_list(dig(config, "rootfs", "diff_ids"))]
    if ids and len(ids) != len(manifest.layers):
        raise InputError(
            f"has {len(manifest.layers)} layers, and its configuration names {len(ids)}",
            where=f"{source.name}@{manifest.digest}",
            advice="the image is damaged or was tampered with; get it again",
        )
    made = _steps(config, len(manifest.layers))
    diff_ids = ids or [""] * len(manifest.layers)
    parts = zip(manifest.layers, diff_ids, made, strict=True)
    return tuple(Slice(number, layer, diff_id or None, step) for number, (layer, diff_id, step) in enumerate(parts))


def _steps(config: Document, count: int) -> list[str]:
    """The commands that made the layers; none where the history has another number of them."""
    made = [
        shown(as_text(dig(step, "created_by")))
        for step in as_list(config.get("history"))
        if dig(step, "empty_layer") is not True
    ]
    return made if len(made) == count else [""] * count


def open_layer(source: Source, part: Slice) -> Layer:
    """Opens a layer. Raises Unavailable where it cannot be had, InputError where it cannot be read."""
    where = f"{source.name}@{part.descriptor.digest}"
    if part.foreign:
        raise Unavailable(
            "is a layer that its registry does not distribute; it cannot be looked at",
            where=where,
            advice="whoever publishes the base image has it",
        )
    try:
        stream = source.stream(part.descriptor)
    except Absent as missing:
        raise Unavailable(
            "is a layer that is not there", where=where, advice="copy the image with all its layers"
        ) from missing
    try:
        return Layer(Checked(stream, part.descriptor, where), part, where)
    except BaseException:
        stream.close()
        raise


class Layer:
    """An open layer: its entries in order, and, between two of them, the contents of the file of the first.

    `verified` is whether it was read to its end and has the digests that it should have.
    """

    def __init__(self, blob: Checked, part: Slice, where: str) -> None:
        self.part = part
        self.where = where
        self.verified = False
        self._blob = blob
        self._unpacked = Unpacked(blob, where)
        self._tar = TarStream(self._unpacked, where)

    @property
    def compression(self) -> str:
        """How it is compressed in fact: `none`, `gzip` or `zstd`."""
        return self._unpacked.compression

    @property
    def unpacked_size(self) -> int:
        """Bytes of it, uncompressed, that were read so far."""
        return self._unpacked.done

    @property
    def diff_id(self) -> str:
        """The digest of its uncompressed bytes, once `verified`."""
        return self._unpacked.diff_id

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Lets go of the blob."""
        self._blob.close()

    def __iter__(self) -> Iterator[Entry]:
        """The entries; after the last of them both digests are checked. Raises InputError or Unavailable."""
        try:
            yield from self._tar
            self._unpacked.finish()
        except SlsacheckError as problem:
            problem.where = self.where
            raise
        expected = self.part.diff_id
        if expected is not None and self.diff_id != expected:
            raise InputError(
                f"unpacks to {self.diff_id}, and the configuration says {shown(expected)}",
                where=self.where,
                advice="the image is damaged or was tampered with; get it again",
            )
        self.verified = True

    def read(self, limit: int) -> bytes:
        """The contents of the file of the last entry. Raises InputError where they have more bytes, or are cut."""
        data = self._tar.read(limit + 1)
        if len(data) > limit:
            raise InputError(f"has a file of more than {limit} bytes where fewer belong", where=self.where)
        return data

    def sha256(self) -> str:
        """The digest of the contents of the file of the last entry, in hexadecimal digits."""
        import hashlib

        found = hashlib.sha256()
        while data := self._tar.read(_PIECE):
            found.update(data)
        return found.hexdigest()
