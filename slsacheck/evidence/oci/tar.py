"""A tar archive as files that are read in place: its entries are looked through once, nothing is unpacked.

Only what an image's archive needs is understood: regular files, GNU long names, pax paths. Links, devices and names
that lead out of the archive are no files here.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, BinaryIO

from slsacheck.errors import Absent, InputError, SlsacheckError
from slsacheck.evidence.oci.limits import MAX_TAR_ENTRIES, MAX_TAR_HEADER
from slsacheck.evidence.oci.tar_headers import BLOCK, is_sound, name_of, number, pax_records, text_of

if TYPE_CHECKING:
    from slsacheck.evidence.oci.streams import Section

__all__ = ["TarFiles"]

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

    def open(self, name: str) -> Section:
        """A file of any size, to be read in pieces. Raises Absent or InputError."""
        from slsacheck.evidence.oci.streams import Section, open_regular

        offset, size = self._place(name)
        stream = open_regular(os.path.realpath(self._path), self.name)
        stream.seek(offset)
        return Section(stream, self.name, size)

    def _place(self, name: str) -> tuple[int, int]:
        if name in self._twice:
            raise InputError(f"has two files named {name}", where=self.name, advice="save the image again")
        if name not in self._places:
            raise Absent(f"has no {name}", where=self.name)
        return self._places[name]

    def _look_through(self, stream: BinaryIO, total: int) -> None:
        offset, long_name, count = 0, "", 0
        while offset + BLOCK <= total:
            stream.seek(offset)
            header = stream.read(BLOCK)
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
                self._keep(long_name or name_of(header), kind, offset + BLOCK, size)
                long_name = ""
            offset += BLOCK + -(-size // BLOCK) * BLOCK

    def _checked(self, header: bytes, offset: int) -> int:
        """The size that a header gives. Raises InputError where it is no header."""
        try:
            size = number(header[124:136]) if is_sound(header) else -1
        except ValueError:
            size = -1
        if size < 0:
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
        if size > MAX_TAR_HEADER:
            raise InputError(f"has a header of more than {MAX_TAR_HEADER} bytes", where=self.name)
        data = stream.read(size)
        if kind == b"L":
            return text_of(data)
        try:
            return pax_records(data).get("path", "")
        except ValueError:
            return ""

    def _keep(self, name: str, kind: bytes, offset: int, size: int) -> None:
        name = name.removeprefix("./")
        if kind not in b"0\0" or name.startswith("/") or ".." in name.split("/"):
            return
        if name in self._places:
            self._twice.add(name)
        self._places[name] = (offset, size)
