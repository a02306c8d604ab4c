"""ZIP archives, wheels and jars among them: their entries, and what lies between them."""

from __future__ import annotations

import stat
import struct
from typing import TYPE_CHECKING, Any

from slsacheck.errors import InputError
from slsacheck.evidence.attestations.steps import shown
from slsacheck.evidence.comparison.opened import DAMAGED, Part, open_part
from slsacheck.evidence.oci.limits import MAX_RATIO, MAX_UNPACKED, RATIO_FROM
from slsacheck.evidence.oci.streams import CHUNK
from slsacheck.evidence.oci.tarstream import Entry, inside

if TYPE_CHECKING:
    import zipfile
    from collections.abc import Callable, Iterator
    from typing import BinaryIO

__all__ = ["ZipSeries", "compare_zips"]

MAX_DIRECTORY = 32 << 20
"""Bytes of the list of entries: some 300,000 of them; the largest jars have 60,000."""
_UNIX = 3
_HEADER = 30
_RECORD = 22
_TAIL = _RECORD + 0xFFFF
_HIDDEN = "(between the entries)"
_HARMLESS = frozenset({0x0001, 0x000A, 0x5455, 0xCAFE, 0xD935})
"""Extra fields of an entry that say nothing of its contents: large sizes, times, the mark of a jar, filling up."""
_OWNERS = frozenset({0x5855, 0x7855, 0x7875})


class _Bounded:
    """A file of which no piece is read that is larger than a list of entries may be."""

    def __init__(self, file: BinaryIO, where: str) -> None:
        self._file = file
        self._where = where
        self.seek, self.tell, self.close = file.seek, file.tell, file.close

    def seekable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        if size > MAX_DIRECTORY:
            raise InputError("has a list of more entries than are read", where=self._where)
        return self._file.read(MAX_DIRECTORY if size < 0 else size)


class ZipSeries:
    """The entries in the order of the archive's list."""

    def __init__(self, part: Part) -> None:
        import zipfile

        self.name = self.where = part.name
        self._file = open_part(part)
        self._unpacked = 0
        self._now: Any = None
        try:
            self._zip = zipfile.ZipFile(_Bounded(self._file, part.name))
            self.infos = self._zip.infolist()
            self._size = self._file.seek(0, 2)
            self.hidden = self._between()
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
            self._file.close()
            raise self._damaged(error) from error
        except BaseException:
            self._file.close()
            raise

    @property
    def comment(self) -> bytes:
        """The comment of the archive."""
        return self._zip.comment

    def close(self) -> None:
        """Closes the file."""
        self._file.close()

    def __iter__(self) -> Iterator[Entry]:
        """The entries. Raises InputError for one whose name leads out of the archive."""
        for info in self.infos:
            self._now = info
            yield self._entry(info)

    def _entry(self, info: zipfile.ZipInfo) -> Entry:
        mode = info.external_attr >> 16 if info.create_system == _UNIX else 0
        kind: Any = "directory" if info.is_dir() else "symlink" if stat.S_ISLNK(mode) else "file"
        link = self._bytes(info).decode("utf-8", "backslashreplace") if kind == "symlink" else ""
        return Entry(
            inside(info.filename, self.name),
            kind,
            mode & 0o7777,
            0,
            0,
            _moment(info) * 10**9,
            info.file_size,
            link,
            info.filename,
            xattrs=tuple(_telling(info)),
        )

    def sha256(self) -> str:
        """The digest of the last entry, whose checksum and size are checked. Raises InputError."""
        import hashlib

        found = hashlib.sha256()
        for data in self._pieces(self._now):
            found.update(data)
        return found.hexdigest()

    def read(self, limit: int) -> bytes:
        """The last entry itself. Raises InputError where it has more bytes than its list says."""
        data = b"".join(self._pieces(self._now))
        if len(data) > limit:
            raise self._damaged("an entry has more bytes than the list says")
        return data

    def _bytes(self, info: zipfile.ZipInfo) -> bytes:
        if info.file_size > 1 << 16:
            raise InputError(f"has a link {shown(info.filename)!r} of {info.file_size} bytes", where=self.name)
        return b"".join(self._pieces(info))

    def _pieces(self, info: zipfile.ZipInfo) -> Iterator[bytes]:
        import lzma
        import zipfile
        import zlib

        try:
            with self._zip.open(info) as stream:
                while data := stream.read(CHUNK):
                    self._count(len(data))
                    yield data
        except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError) as error:
            raise self._damaged(error) from error
        except (RuntimeError, NotImplementedError) as error:
            raise InputError(f"{shown(info.filename)} cannot be read: {shown(str(error))}", where=self.name) from error

    def _count(self, size: int) -> None:
        self._unpacked += size
        if self._unpacked > MAX_UNPACKED or (self._unpacked > RATIO_FROM and self._unpacked > self._size * MAX_RATIO):
            raise InputError(
                f"unpacks to more than {MAX_RATIO} times its size: it was made to exhaust its reader",
                where=self.name,
                advice="nothing was unpacked; leave the file out",
            )

    def _between(self) -> str:
        """The digest of the bytes that belong to no entry and stand before the list. Raises InputError."""
        import hashlib

        found, end = hashlib.sha256(), 0
        for info in sorted(self.infos, key=lambda one: one.header_offset):
            if info.header_offset < end:
                raise InputError(
                    "has entries that lie on each other: it was made to exhaust or to deceive its reader",
                    where=self.name,
                    advice="nothing was unpacked; leave the file out",
                )
            self._add(found, end, info.header_offset)
            end = self._end(info)
        self._add(found, end, self._zip.start_dir)
        self._add(found, self._last(), self._size)
        return found.hexdigest()

    def _last(self) -> int:
        """Where the archive ends by its own word: behind its last record and comment."""
        self._file.seek(max(0, self._size - _TAIL))
        tail = self._file.read(_TAIL)
        return self._size - len(tail) + tail.rfind(b"PK\x05\x06") + _RECORD + len(self._zip.comment)

    def _add(self, found: Any, start: int, end: int) -> None:
        self._file.seek(start)
        while start < end and (data := self._file.read(min(CHUNK, end - start))):
            found.update(data)
            start += len(data)

    def _end(self, info: zipfile.ZipInfo) -> int:
        """Where an entry ends: header, name, extra fields, contents, and the description behind them."""
        self._file.seek(info.header_offset)
        header = self._file.read(_HEADER)
        if len(header) < _HEADER or header[:4] != b"PK\x03\x04":
            raise self._damaged("an entry has no header")
        self._check(info, header)
        lengths = int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")
        end = info.header_offset + _HEADER + lengths + info.compress_size
        if not info.flag_bits & 8:
            return end
        self._file.seek(end)
        sizes = 16 if max(info.file_size, info.compress_size) >= 1 << 32 else 8
        mark = self._file.read(4)
        if mark in (b"PK\x03\x04", b"PK\x01\x02"):  # some writers announce a description and leave it out
            return end
        return end + (8 if mark == b"PK\x07\x08" else 4) + sizes

    def _check(self, info: zipfile.ZipInfo, header: bytes) -> None:
        """The header before the contents must agree with the list: readers believe one or the other."""
        sizes = struct.unpack("<III", header[14:26])
        listed = (info.CRC, info.compress_size, info.file_size)
        elsewhere = (0xFFFFFFFF, 0) if info.flag_bits & 8 else (0xFFFFFFFF,)
        agree = all(one == two or one in elsewhere for one, two in zip(sizes, listed, strict=True))
        if int.from_bytes(header[8:10], "little") != info.compress_type or not agree:
            raise self._damaged(f"the list of entries says another thing of {info.filename!r} than its header")

    def _damaged(self, error: object) -> InputError:
        return InputError(f"is damaged: {shown(str(error))}", where=self.name, advice=DAMAGED)


def _moment(info: zipfile.ZipInfo) -> int:
    """The time of an entry, in seconds since 1970, taken as UTC: a ZIP archive says no zone.

    Archives without times, as Go's, have the month 0.
    """
    import calendar

    year, month, *rest = info.date_time
    return calendar.timegm((year, min(max(month, 1), 12), *rest, 0, 0, 0))


def _telling(info: zipfile.ZipInfo) -> Iterator[tuple[str, str]]:
    """Extra fields that are not known to be harmless, by number: they may mean another name or owner."""
    rest = info.extra
    while len(rest) >= 4:  # noqa: PLR2004 - number and length
        number, length = int.from_bytes(rest[:2], "little"), int.from_bytes(rest[2:4], "little")
        value, rest = rest[4 : 4 + length], rest[4 + length :]
        if number not in _HARMLESS:
            yield ("owner" if number in _OWNERS else f"extra field {number:#06x}"), value.hex()


def compare_zips(first: ZipSeries, second: ZipSeries, add: Callable[..., None]) -> None:
    """Adds what differs in how two archives are written, once their entries were compared."""
    if first.hidden != second.hidden:
        add("content", _HIDDEN, before=f"sha256:{first.hidden}", after=f"sha256:{second.hidden}")
    if first.comment != second.comment:
        add("archive-format", "(comment)", before=_said(first.comment), after=_said(second.comment))
    theirs = {info.filename: info for info in second.infos}
    for one in first.infos:
        two = theirs.get(one.filename)
        if two is None:
            continue
        before, after = _squashed(one), _squashed(two)
        if before != after and (one.CRC, one.file_size) == (two.CRC, two.file_size):
            add("compression", shown(one.filename), before=before, after=after)
        if _written(one) != _written(two):
            add("archive-format", shown(one.filename), before=_written(one), after=_written(two))


def _squashed(info: zipfile.ZipInfo) -> str:
    return f"method {info.compress_type}, {info.compress_size} bytes"


def _written(info: zipfile.ZipInfo) -> str:
    system, flags, mark = info.create_system, info.flag_bits, len(info.extra)
    version = f"{info.create_version}/{info.extract_version}"
    return shown(f"system {system}, version {version}, flags {flags:#x}, {mark} bytes extra, {info.comment[:60]!r}")


def _said(comment: bytes) -> str:
    return shown(comment.decode("utf-8", "backslashreplace"))
