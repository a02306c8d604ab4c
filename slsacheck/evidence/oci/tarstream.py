"""A tar archive read from a stream, entry by entry: nothing is unpacked, and nothing is remembered.

Read as container engines do: headers of ustar, GNU and pax, links and directories without contents, an archive that
ends without its two empty blocks. What leads out of the image is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from slsacheck.errors import InputError
from slsacheck.evidence.attestations.steps import shown
from slsacheck.evidence.oci.limits import MAX_ENTRIES, MAX_PATH, MAX_TAR_HEADER, MAX_UNPACKED
from slsacheck.evidence.oci.tar_headers import BLOCK, is_sound, name_of, number, pax_records, text_of
from slsacheck.patterns import regex
from slsacheck.record import record

if TYPE_CHECKING:
    from slsacheck.evidence.oci.streams import Unpacked

__all__ = ["Entry", "Kind", "TarStream", "inside"]

Kind = Literal["file", "directory", "symlink", "hardlink", "character-device", "block-device", "fifo"]

_KINDS: dict[bytes, Kind] = {
    b"0": "file",
    b"\0": "file",
    b"7": "file",
    b"1": "hardlink",
    b"2": "symlink",
    b"3": "character-device",
    b"4": "block-device",
    b"5": "directory",
    b"6": "fifo",
}
_EXTENSIONS = (b"x", b"g", b"L", b"K")
_WHITEOUT = ".wh."
_OPAQUE = ".wh..wh..opq"
_SECONDS = regex(r"(-?\d{1,15})(?:\.(\d{1,30}))?")
_XATTR = "SCHILY.xattr."
_MORE = ("LIBARCHIVE.xattr.", "SCHILY.acl.", "SCHILY.fflags", "RHT.security.")
"""Other attributes, which programs for archives restore and container engines do not; named by the whole key."""
_DAMAGED = "the layer is damaged; build or get the image again"


@record
class Entry:
    """An entry of a layer.

    `path` is relative to the root of the image, without `./` and a slash at its beginning or end (empty: the root
    itself); `name` is as the archive has it. `mode` has the permission bits alone, `mtime_ns` is in nanoseconds since
    1970, `link` the target of a link (of a hard link as a path), `device` major and minor number.
    """

    path: str
    kind: Kind
    mode: int
    uid: int
    gid: int
    mtime_ns: int
    size: int = 0
    link: str = ""
    name: str = ""
    uname: str = ""
    gname: str = ""
    device: tuple[int, int] = (0, 0)
    xattrs: tuple[tuple[str, str], ...] = ()

    @property
    def removes(self) -> str | None:
        """The path of the layers below that this whiteout removes; None where it is none."""
        folder, slash, name = self.path.rpartition("/")
        if not name.startswith(_WHITEOUT) or name.startswith(_WHITEOUT * 2):
            return None
        return folder + slash + name[len(_WHITEOUT) :]

    @property
    def hides(self) -> str | None:
        """The folder whose contents in the layers below are hidden by this opaque whiteout; None where it is none."""
        folder, _, name = self.path.rpartition("/")
        return folder if name == _OPAQUE else None

    @property
    def is_whiteout(self) -> bool:
        """Whether it only speaks of the layers below, and is no file of the image."""
        return self.path.rpartition("/")[2].startswith(_WHITEOUT)


def inside(name: str, where: str) -> str:
    """A name as a path below the root. Raises InputError where it leads out of it or is too long."""
    if len(name) > MAX_PATH or "\0" in name:
        raise InputError(
            f"has an entry with a name of more than {MAX_PATH} characters, or one with a zero", where=where
        )
    if not name.endswith("/") and not name.startswith(("/", ".")) and "/." not in name and "//" not in name:
        return name
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise InputError(
            f"has an entry {shown(name)!r}, which leads out of the image",
            where=where,
            advice="nothing was unpacked; do not run or unpack this image",
        )
    return "/".join(parts)


class TarStream:
    """The entries of an archive in order; between two of them the contents of the first can be read."""

    def __init__(self, source: Unpacked, where: str) -> None:
        self._source = source
        self._where = where
        self._count = 0
        self._left = 0
        self._padding = 0
        self._ended = False

    def __iter__(self) -> TarStream:
        return self

    def __next__(self) -> Entry:
        """The next entry. Raises InputError where the archive is damaged or hostile."""
        self._pass_over()
        extended: dict[str, str] = {}
        while (header := self._header()) is not None:
            kind = header[156:157]
            if kind not in _EXTENSIONS:
                return self._entry(header, kind, extended)
            extended |= self._extension(header, kind)
        raise StopIteration

    def read(self, size: int) -> bytes:
        """At most that many of the bytes left of the entry's contents. Raises InputError where the archive is cut."""
        wanted = min(size, self._left)
        data = self._source.read(wanted)
        self._left -= len(data)
        if len(data) < wanted:
            raise self._cut()
        return data

    def _pass_over(self) -> None:
        """Goes on to the next header; the last contents may end without being filled up."""
        if self._left and self._source.skip(self._left) < self._left:
            raise self._cut()
        self._source.skip(self._padding)
        self._left = self._padding = 0

    def _header(self) -> bytes | None:
        """The next header; None at the end."""
        header = b"" if self._ended else self._source.read(BLOCK)
        if header and not header.strip(b"\0"):
            header = self._source.read(BLOCK)
            if header.strip(b"\0"):
                raise self._damaged("goes on after an empty block")
            header = b""
        if not header:
            self._ended = True
            return None
        self._count += 1
        if self._count > MAX_ENTRIES:
            raise InputError(f"has more than {MAX_ENTRIES:,} entries", where=self._where)
        if len(header) < BLOCK or not is_sound(header):
            if self._count == 1:
                raise InputError("is no tar archive", where=self._where, advice="it is no layer of a container image")
            raise self._cut() if len(header) < BLOCK else self._damaged("the checksum of an entry is wrong")
        return header

    def _extension(self, header: bytes, kind: bytes) -> dict[str, str]:
        """What an extension says of the entry behind it; a global header says nothing, as for container engines."""
        size = self._number(header[124:136])
        if size > MAX_TAR_HEADER:
            raise InputError(f"has a header of more than {MAX_TAR_HEADER >> 20} MiB", where=self._where)
        self._begin(size)
        data = self.read(size)
        self._pass_over()
        if kind == b"g":
            return {}
        if kind in (b"L", b"K"):
            return {"path" if kind == b"L" else "linkpath": text_of(data)}
        try:
            return pax_records(data)
        except ValueError:
            raise self._damaged("a pax header cannot be read") from None

    def _entry(self, header: bytes, kind: bytes, extended: dict[str, str]) -> Entry:
        name = extended.get("path") or name_of(header)
        found = _KINDS.get(kind)
        if found is None or any(key.startswith("GNU.sparse.") for key in extended):
            raise InputError(
                f"has an entry {shown(name)!r} of a kind that is not read: sparse, or unknown",
                where=self._where,
                advice="image layers should hold no such entries (image specification, layer)",
            )
        if found == "file" and name.endswith("/"):
            found = "directory"
        size = self._said(extended, "size", header[124:136])
        self._begin(size if found == "file" else 0)
        link = extended.get("linkpath") or text_of(header[157:257])
        return Entry(
            inside(name, self._where),
            found,
            self._number(header[100:108]) & 0o7777,
            self._said(extended, "uid", header[108:116]),
            self._said(extended, "gid", header[116:124]),
            self._moment(extended, header),
            size if found == "file" else 0,
            inside(link, self._where) if found == "hardlink" else link if found == "symlink" else "",
            name,
            extended.get("uname") or text_of(header[265:297]),
            extended.get("gname") or text_of(header[297:329]),
            self._device(header) if found.endswith("device") else (0, 0),
            _attributes(extended) if extended else (),
        )

    def _begin(self, size: int) -> None:
        if not 0 <= size <= MAX_UNPACKED:
            raise self._damaged("an entry has an impossible size")
        self._left, self._padding = size, -size % BLOCK

    def _said(self, extended: dict[str, str], key: str, field: bytes) -> int:
        value = extended.get(key)
        if value is None:
            return self._number(field)
        if not value.isascii() or not value.isdecimal() or len(value) > 20:  # noqa: PLR2004 - 64 bits
            raise self._damaged(f"{key} of an entry is no number")
        return int(value)

    def _moment(self, extended: dict[str, str], header: bytes) -> int:
        value = extended.get("mtime")
        if value is None:
            return self._number(header[136:148]) * 10**9
        match = _SECONDS.fullmatch(value)
        if match is None:
            raise self._damaged("the time of an entry is no number")
        part = int((match[2] or "0").ljust(9, "0")[:9])
        return int(match[1]) * 10**9 + (-part if value.startswith("-") else part)

    def _device(self, header: bytes) -> tuple[int, int]:
        return self._number(header[329:337]), self._number(header[337:345])

    def _number(self, field: bytes) -> int:
        try:
            return number(field)
        except ValueError:
            raise self._damaged("a header holds no number where one belongs") from None

    def _cut(self) -> InputError:
        return InputError("ends inside an entry: it was cut", where=self._where, advice=_DAMAGED)

    def _damaged(self, reason: str) -> InputError:
        return InputError(f"is damaged: {reason}", where=self._where, advice=_DAMAGED)


def _attributes(extended: dict[str, str]) -> tuple[tuple[str, str], ...]:
    kept = {key: value for key, value in extended.items() if key.startswith((_XATTR, *_MORE))}
    return tuple(sorted((key.removeprefix(_XATTR), value) for key, value in kept.items()))
