"""The package database of rpm as SQLite (rpm 4.16 and later), read in memory: one header for each package.

The database is a stranger's: nothing but `SELECT blob FROM Packages` may run on it, for a bounded number of steps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.evidence.packagedb.limits import MAX_IN_ONE
from slsacheck.evidence.packagedb.texts import Package

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

__all__ = ["rpm_packages"]

MAX_HEADER = 16 << 20
"""Bytes of one header, as rpm itself bounds them by 256 MiB; a kernel with 7,000 files has 1 MiB."""
MAX_STEPS = 20_000
"""Thousands of instructions of SQLite's machine; 2,000 packages take some ten."""
_MAGIC = b"SQLite format 3\0"
_VERSIONS = slice(18, 20)
"""Where the file says that it is written with a log beside it, which an image has empty or not at all."""
_NAME, _VERSION, _RELEASE, _EPOCH, _ARCH = 1000, 1001, 1002, 1003, 1022
_INDEXES, _BASES, _FOLDERS = 1116, 1117, 1118
_KEY = "gpg-pubkey"
"""What rpm lists among packages, and is none."""


def rpm_packages(data: bytes, where: str, layer: int) -> Iterator[tuple[Package, list[str]]]:
    """The packages in a database, each with the files that belong to it. Raises ValueError where it cannot be read."""
    import sqlite3

    if not data.startswith(_MAGIC):
        raise ValueError("no SQLite database")
    connection = sqlite3.connect(":memory:")
    try:
        copy = bytearray(data)
        copy[_VERSIONS] = b"\1\1"
        connection.deserialize(bytes(copy))
        del copy
        for header in _headers(connection):
            found = _package(header, where, layer)
            if found is not None:
                yield found
    except (sqlite3.Error, OverflowError) as error:
        raise ValueError("damaged") from error
    finally:
        connection.close()


def _headers(connection: sqlite3.Connection) -> Iterator[bytes]:
    import sqlite3

    steps = 0

    def enough() -> bool:
        nonlocal steps
        steps += 1
        return steps > MAX_STEPS

    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_HEADER)
    connection.execute("PRAGMA trusted_schema = OFF")
    kind = connection.execute("SELECT type FROM sqlite_schema WHERE name = 'Packages'").fetchone()
    if kind != ("table",):
        raise ValueError("no table of packages")
    connection.set_authorizer(_only_packages)
    connection.set_progress_handler(enough, 1_000)
    for (blob,) in connection.execute(f"SELECT blob FROM Packages LIMIT {MAX_IN_ONE + 1}"):  # noqa: S608 - a number
        if isinstance(blob, bytes):
            yield blob


def _only_packages(action: int, table: str | None, _column: str | None, _base: str | None, _by: str | None) -> int:
    import sqlite3

    reads = action == sqlite3.SQLITE_READ and table == "Packages"
    return sqlite3.SQLITE_OK if reads or action == sqlite3.SQLITE_SELECT else sqlite3.SQLITE_DENY


def _package(header: bytes, where: str, layer: int) -> tuple[Package, list[str]] | None:
    """Name, version, architecture and files in a header (rpm, docs/manual/hregions: index, then data)."""
    count, size = int.from_bytes(header[:4], "big"), int.from_bytes(header[4:8], "big")
    start = 8 + 16 * count
    if start + size > len(header):
        raise ValueError("a header is cut")
    store = header[start : start + size]
    index = {}
    for place in range(8, start, 16):
        tag, _, offset, items = (
            int.from_bytes(header[place + step : place + step + 4], "big") for step in (0, 4, 8, 12)
        )
        index[tag] = offset, items
    name, version, release, architecture = (_text(store, index.get(tag)) for tag in (_NAME, _VERSION, _RELEASE, _ARCH))
    if not name or name == _KEY:
        return None
    epoch = _number(store, index.get(_EPOCH))
    whole = f"{epoch}:{version}-{release}" if epoch else f"{version}-{release}"
    return Package("rpm", name, whole, architecture, where, layer), list(_files(store, index))


def _number(store: bytes, place: tuple[int, int] | None) -> int:
    return int.from_bytes(store[place[0] : place[0] + 4], "big") if place else 0


def _text(store: bytes, place: tuple[int, int] | None) -> str:
    return next(_texts(store, place), "")


def _texts(store: bytes, place: tuple[int, int] | None) -> Iterator[str]:
    """The texts of a tag, each ended by a zero."""
    offset, items = place or (0, 0)
    for _ in range(min(items, len(store))):
        end = store.find(b"\0", offset)
        if end < 0:
            return
        yield store[offset:end].decode("utf-8", "replace")
        offset = end + 1


def _files(store: bytes, index: dict[int, tuple[int, int]]) -> Iterator[str]:
    folders = list(_texts(store, index.get(_FOLDERS)))
    offset, items = index.get(_INDEXES, (0, 0))
    for number, base in enumerate(_texts(store, index.get(_BASES))):
        at = offset + 4 * number
        folder = int.from_bytes(store[at : at + 4], "big")
        if number < items and folder < len(folders):
            yield f"{folders[folder]}{base}".lstrip("/")
