"""A tar archive as files that are read in place: its entries are looked through once, nothing is unpacked.

Only what an image's archive needs is understood: regular files, GNU long names, pax paths. Links, devices and names
that lead out of the archive are no files here.
"""

from __future__ import annotations

import os
from typing import BinaryIO

from slsacheck.errors import Absent, InputError, SlsacheckError
from slsacheck.evidence.oci.limits import MAX_TAR_ENTRIES

__all__ = ["TarFiles"]

_BLOCK = 512
_MAX_EXTENSION = 1 << 20
"""Bytes of one pax header or long name."""
_SQUASHED = {b"\x1f\x8b": "gzip", b"BZ": "bzip2", b"\xfd7": "xz", b"\x28\xb5": "zstd"}


class TarFiles:
    """The regular files of an archive, by name."""

    def __init__(self, path: str, name: str) -> None:
        self.name = name
        self._path = path
        self._places: dict[str, tuple[int, int]] = {}
        self._twice: set[str] = set()
        try:
            with open(path, "rb") as stream:  # noqa: PTH123 - as everywhere in the evidence
                self._look_through(stream, os.fstat(stream.fileno()).st_size)
        except OSError as error:
            raise InputError(f"cannot be read: {error.strerror}", where=name) from error

    def has(self, name: str) -> bool:
        """Whether there is such a file."""
        return name in self._places

    def size(self, name: str) -> int:
        """The size of a file. Raises Absent."""
        return self._place(name)[1]

    def read(self, name: str, limit: int) -> bytes:
        """The bytes of a file, at most `limit`. Raises Absent or InputError."""
        offset, size = self._place(name)
        if size > limit:
            raise InputError(f"{name} is larger than {limit} bytes", where=self.name)
        with open(self._path, "rb") as stream:  # noqa: PTH123 - see above
            stream.seek(offset)
            data = stream.read(size)
        if len(data) != size:
            raise InputError(f"ends inside {name}", where=self.name, advice="it was cut; save it again")
        return data

    def _place(self, name: str) -> tuple[int, int]:
        if name in self._twice:
            raise InputError(f"has two files named {name}", where=self.name, advice="save the image again")
        if name not in self._places:
            raise Absent(f"has no {name}", where=self.name)
        return self._places[name]

    def _look_through(self, stream: BinaryIO, total: int) -> None:
        offset, long_name, count = 0, "", 0
        while offset + _BLOCK <= total:
            stream.seek(offset)
            header = stream.read(_BLOCK)
            if not header.strip(b"\0"):
                return
            size = self._checked(header, offset)
            count += 1
            if count > MAX_TAR_ENTRIES:
                raise InputError(f"has more than {MAX_TAR_ENTRIES:,} entries", where=self.name)
            kind = header[156:157]
            if kind in b"Lx":
                long_name = self._extension(stream, kind, size) or long_name
            elif kind not in b"gK":
                self._keep(long_name or _plain_name(header), kind, offset + _BLOCK, size)
                long_name = ""
            offset += _BLOCK + -(-size // _BLOCK) * _BLOCK

    def _checked(self, header: bytes, offset: int) -> int:
        """The size that a header gives. Raises InputError where it is no header."""
        try:
            stated = int(header[148:156].split(b"\0")[0].strip() or b"0", 8)
            size = _number(header[124:136])
        except ValueError:
            stated, size = -1, 0
        if stated != sum(header[:148]) + 8 * 32 + sum(header[156:]):
            damaged = InputError("is damaged: the checksum of an entry is wrong", where=self.name)
            raise damaged if offset else self._no_archive(header)
        return size

    def _no_archive(self, header: bytes) -> SlsacheckError:
        squashed = _SQUASHED.get(header[:2])
        if squashed:
            return InputError(f"is compressed with {squashed}", where=self.name, advice="uncompress it first")
        return Absent("is no tar archive", where=self.name)

    def _extension(self, stream: BinaryIO, kind: bytes, size: int) -> str:
        """The name in a GNU long name or pax header; empty where that says none."""
        if size > _MAX_EXTENSION:
            raise InputError(f"has a header of more than {_MAX_EXTENSION} bytes", where=self.name)
        data = stream.read(size)
        if kind == b"L":
            return data.rstrip(b"\0").decode("utf-8", "replace")
        name = ""
        while data:
            length, _, _ = data.partition(b" ")
            if not length.isdigit() or not len(length) < int(length) <= len(data):
                return name
            key, _, value = data[len(length) + 1 : int(length) - 1].partition(b"=")
            name = value.decode("utf-8", "replace") if key == b"path" else name
            data = data[int(length) :]
        return name

    def _keep(self, name: str, kind: bytes, offset: int, size: int) -> None:
        name = name.removeprefix("./")
        if kind not in b"0\0" or name.startswith("/") or ".." in name.split("/"):
            return
        if name in self._places:
            self._twice.add(name)
        self._places[name] = (offset, size)


def _plain_name(header: bytes) -> str:
    name, prefix = header[:100].split(b"\0")[0], b""
    if header[257:263] == b"ustar\0":
        prefix = header[345:500].split(b"\0")[0]
    whole = prefix + b"/" + name if prefix else name
    return whole.decode("utf-8", "replace")


def _number(field: bytes) -> int:
    """A number in octal digits, or in base 256 where its first bit is set. Raises ValueError."""
    if field[0] & 0x80:
        return int.from_bytes(bytes([field[0] & 0x7F]) + field[1:], "big")
    return int(field.split(b"\0")[0].strip() or b"0", 8)
