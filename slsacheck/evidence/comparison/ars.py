"""ar archives: Debian packages, whose members are archives themselves, and static libraries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.errors import InputError
from slsacheck.evidence.attestations.steps import shown
from slsacheck.evidence.comparison.opened import AR, DAMAGED, Part, open_part, section
from slsacheck.evidence.oci.streams import CHUNK
from slsacheck.evidence.oci.tarstream import Entry
from slsacheck.record import record, replace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

__all__ = ["ArSeries", "Member", "members_of", "stem"]

MAX_MEMBERS = 100_000
"""Members of an ar archive; the largest static libraries have some 20,000."""
MAX_NAMES = 4 << 20
"""Bytes of the table of long names."""
_HEADER = 60


@record
class Member:
    """A member: what its header says, and where its contents lie."""

    entry: Entry
    part: Part


def members_of(part: Part) -> tuple[Member, ...]:
    """The members in order; nothing but headers is read. Raises InputError where it is damaged or hostile."""
    with open_part(part) as file:
        return tuple(_members(file, part))


def _members(file: BinaryIO, part: Part) -> Iterator[Member]:
    total = part.size if part.size is not None else file.seek(0, 2) - part.offset
    offset, names, count = len(AR), b"", 0
    while offset + _HEADER <= total:
        file.seek(part.offset + offset)
        header = file.read(_HEADER)
        size = _number(header[48:58], 10, part)
        if header[58:60] != b"`\n" or offset + _HEADER + size > total:
            raise InputError("is damaged: a member is none, or is cut", where=part.name, advice=DAMAGED)
        count += 1
        if count > MAX_MEMBERS:
            raise InputError(f"has more than {MAX_MEMBERS:,} members", where=part.name)
        name, start = header[:16].rstrip(b" "), offset + _HEADER
        if name == b"//":
            names = file.read(min(size, MAX_NAMES))
        else:
            begin = start
            if name.startswith(b"#1/"):
                length = _number(name[3:], 10, part)
                name = file.read(min(length, size, MAX_NAMES)).rstrip(b"\0")
                begin += min(length, size)
            elif name[:1] == b"/" and name[1:].isdigit():
                name = names[int(name[1:]) :].partition(b"\n")[0]
            yield _member(header, name, part, Part(part.path, part.name, part.offset + begin, start + size - begin))
        offset = start + size + size % 2


def _member(header: bytes, name: bytes, part: Part, inner: Part) -> Member:
    text = name.decode("utf-8", "backslashreplace").removesuffix("/") or "/"
    entry = Entry(
        text,
        "file",
        _number(header[40:48], 8, part) & 0o7777,
        _number(header[28:34], 10, part),
        _number(header[34:40], 10, part),
        _number(header[16:28], 10, part) * 10**9,
        inner.size or 0,
        name=text,
    )
    return Member(entry, Part(inner.path, f"{part.name}/{shown(text)}", inner.offset, inner.size))


def _number(field: bytes, base: int, part: Part) -> int:
    text = field.strip()
    try:
        return int(text or b"0", base)
    except ValueError:
        raise InputError("is damaged: a header holds no number", where=part.name, advice=DAMAGED) from None


class ArSeries:
    """The members as entries, with the digests of their contents; those of `apart` are compared elsewhere."""

    def __init__(self, members: tuple[Member, ...], apart: frozenset[str]) -> None:
        self.where = members[0].part.path if members else ""
        self._members = members
        self._apart = apart
        self._now: Part | None = None

    def __iter__(self) -> Iterator[Entry]:
        for member in self._members:
            self._now = None if stem(member.entry.path) in self._apart else member.part
            name = stem(member.entry.path)
            yield replace(member.entry, path=name, size=0) if name in self._apart else member.entry

    def sha256(self) -> str:
        """The digest of the last member; empty where it is compared elsewhere."""
        import hashlib

        if self._now is None:
            return ""
        found, stream = hashlib.sha256(), section(self._now)
        while data := stream.read(CHUNK):
            found.update(data)
        stream.close()
        return found.hexdigest()

    def read(self, limit: int) -> bytes:
        """The last member itself; nothing where it is compared elsewhere."""
        if self._now is None:
            return b""
        with open_part(self._now) as file:
            return file.read(min(limit, self._now.size or 0))


def stem(name: str) -> str:
    """The name of a member without its compression: `data.tar.xz` and `data.tar.zst` are the same part."""
    for ending in (".gz", ".xz", ".zst", ".bz2"):
        name = name.removesuffix(ending)
    return name
