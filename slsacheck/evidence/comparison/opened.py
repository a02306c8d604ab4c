"""Files on this machine as streams: uncompressed on the way, bounded, and never unpacked."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING, BinaryIO, Self, cast

from slsacheck.errors import InputError
from slsacheck.evidence.oci.streams import CHUNK, Section, Unpacked, open_regular
from slsacheck.evidence.oci.tar_headers import BLOCK, is_sound
from slsacheck.evidence.oci.tarstream import Entry, TarStream
from slsacheck.record import record

if TYPE_CHECKING:
    import lzma
    from collections.abc import Callable, Iterator

    from slsacheck.evidence.oci.streams import Checked, Stream

__all__ = ["AR", "DAMAGED", "Opened", "Part", "TarSeries", "form_of", "open_part", "section"]

AR = b"!<arch>\n"
"""How an ar archive begins (a Debian package, a static library)."""
DAMAGED = "the file is damaged; get it or build it again"
_TAIL = 22 + 0xFFFF
"""Bytes in which the last record of a ZIP archive stands, with its comment."""
_ZIPS = (b"PK\x03\x04", b"PK\x05\x06")

MAX_XZ = 160 << 20
"""Bytes of memory for xz: its highest level looks back 64 MiB and takes some 65."""


@record
class Part:
    """A file, or a part of one: an archive's member that is an archive itself. `name` is what it is called.

    `data` stands for the file where it is in memory already.
    """

    path: str
    name: str
    offset: int = 0
    size: int | None = None
    data: bytes | None = None


def open_part(part: Part) -> BinaryIO:
    """The file, at the beginning of a part. Raises Absent or InputError."""
    if part.data is not None:
        return io.BytesIO(part.data)
    file = open_regular(os.path.realpath(part.path), part.name)  # what the user named may be a link
    file.seek(part.offset)
    return file


def section(part: Part) -> Section:
    """The bytes of a part. Raises Absent or InputError."""
    return Section(open_part(part), part.name, part.size)


class _Counted:
    """A stream that counts what was read of it."""

    def __init__(self, stream: Section) -> None:
        self._stream = stream
        self.done = 0

    def read(self, size: int = -1, /) -> bytes:
        data = self._stream.read(CHUNK if size < 0 else size)
        self.done += len(data)
        return data

    def close(self) -> None:
        self._stream.close()


class _Xz:
    """Streams of xz one after another, with a bound on the memory that they ask for."""

    def __init__(self, stream: Stream, where: str) -> None:
        import lzma

        self._stream, self._where = stream, where
        self._fault = lzma.LZMAError
        self._make: Callable[[int, int], lzma.LZMADecompressor] = lzma.LZMADecompressor
        self._kind = lzma.FORMAT_XZ
        self._reader: lzma.LZMADecompressor | None = None
        self._held = b""

    def read(self, size: int, /) -> bytes:
        """At most that many bytes. Raises InputError where it is damaged, EOFError where it was cut."""
        while True:
            if self._reader is None:
                self._held = (self._held or self._stream.read(CHUNK)).lstrip(b"\0")
                if not self._held:
                    return b""
                self._reader = self._make(self._kind, MAX_XZ)
            elif self._reader.needs_input and not self._held:
                self._held = self._stream.read(CHUNK)
                if not self._held:
                    raise EOFError
            data = self._step(self._reader, size)
            if data:
                return data

    def _step(self, reader: lzma.LZMADecompressor, size: int) -> bytes:
        given, self._held = self._held, b""
        try:
            data = reader.decompress(given, size)
        except self._fault as error:
            raise InputError(f"cannot be uncompressed: {error}", where=self._where, advice=DAMAGED) from error
        if reader.eof:
            self._held, self._reader = reader.unused_data, None
        return data

    def close(self) -> None:
        """Closes what is read."""
        self._stream.close()


class _Unpacked(Unpacked):
    """A file's bytes, uncompressed by whatever programs for files use."""

    def _opened(self, joined: Stream) -> Stream:
        if self.compression == "xz":
            return _Xz(joined, self._where)
        if self.compression == "bzip2":
            import bz2

            return cast("Stream", bz2.BZ2File(cast("BinaryIO", joined)))
        return super()._opened(joined)


class Opened:
    """A part of a file, uncompressed: a stream that says how it was compressed and what its bytes add up to."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self._raw = _Counted(section(part))
        try:
            self.stream = _Unpacked(cast("Checked", self._raw), part.name)
        except BaseException:
            self._raw.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._raw.close()

    @property
    def compression(self) -> str:
        """none, gzip, bzip2, xz or zstd."""
        return self.stream.compression

    @property
    def stored(self) -> int:
        """Bytes of it as it is stored, that were read so far."""
        return self._raw.done

    @property
    def digest(self) -> str:
        """The digest of the uncompressed bytes, once all were read."""
        return self.stream.diff_id


class TarSeries:
    """The entries of a tar archive, read to the end of the file."""

    def __init__(self, opened: Opened) -> None:
        self._opened = opened
        self.where = opened.part.name
        self._tar = TarStream(opened.stream, opened.part.name)

    def __iter__(self) -> Iterator[Entry]:
        """The entries. Raises InputError or Unavailable."""
        yield from self._tar
        self._opened.stream.finish()

    def read(self, limit: int) -> bytes:
        """The file of the last entry. Raises InputError."""
        return self._tar.read(limit)

    def sha256(self) -> str:
        """The digest of the file of the last entry."""
        import hashlib

        found = hashlib.sha256()
        while data := self._tar.read(CHUNK):
            found.update(data)
        return found.hexdigest()


def form_of(part: Part) -> str:
    """What a file is by its first bytes: zip, ar, tar, compressed (one compressed file) or bytes.

    Raises Absent, InputError or Unavailable.
    """
    with Opened(part) as opened:
        if opened.compression == "none":
            head = opened.stream.read(BLOCK)
            if head.startswith(_ZIPS) or (head.startswith(b"#!") and _ends_as_zip(part)):
                return "zip"
            if head.startswith(AR):
                return "ar"
            return "tar" if _is_tar(head) else "bytes"
        return "tar" if _is_tar(opened.stream.read(BLOCK)) else "compressed"


def _ends_as_zip(part: Part) -> bool:
    """Whether a script has an archive behind it, as zipapp, pex and executable jars are made."""
    with open_part(part) as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - _TAIL))
        return b"PK\x05\x06" in file.read(_TAIL)


def _is_tar(head: bytes) -> bool:
    return len(head) == BLOCK and bool(head.strip(b"\0")) and is_sound(head)
