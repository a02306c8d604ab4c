"""The files of package databases on their way out of layers, within a bound of bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.evidence.packagedb import limits

if TYPE_CHECKING:
    from collections.abc import Callable

    from slsacheck.evidence.oci.tarstream import Entry
    from slsacheck.evidence.packagedb.databases import Databases

__all__ = ["Gathering"]


class Gathering:
    """Of each path the file that came last, or `first`: then layers come from above, and those below do not count."""

    def __init__(self, *, first: bool = False) -> None:
        self._first = first
        self._room = limits.MAX_DATABASES
        self._files: dict[str, tuple[str, bytes]] = {}
        self._beyond = ""

    def take(self, kind: str, entry: Entry, read: Callable[[int], bytes]) -> bytes | None:
        """The bytes of a file, which is kept; None where it does not count or does not fit, which is kept in mind."""
        before = self._files.get(entry.path)
        if before is not None and self._first:
            return None
        if before is None and len(self._files) >= limits.MAX_FILES:
            self._beyond = entry.path
            return None
        self._room += len(before[1]) if before else 0
        fits = entry.size <= min(limits.MAX_DATABASE, self._room)
        data = read(entry.size) if fits else b""
        self._room -= len(data)
        self._files[entry.path] = (kind if fits else "too-large", data)
        return data if fits else None

    def put_into(self, databases: Databases, layer: int = 0) -> None:
        """Reads what was kept into databases, as that of a layer."""
        for path, (kind, data) in self._files.items():
            databases.add(kind, path, data, layer)
        if self._beyond:
            databases.add("too-large", self._beyond, b"", layer)
