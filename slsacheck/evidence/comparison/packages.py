"""To which package a file belongs, by the databases in the layers that were compared, else by where it lies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.evidence.attestations.steps import shown
from slsacheck.evidence.sbom.databases import plain_path
from slsacheck.evidence.sbom.limits import MAX_DATABASE, MAX_PATHS
from slsacheck.evidence.sbom.packages import apk_packages, dpkg_files, dpkg_packages
from slsacheck.evidence.sbom.places import database_of
from slsacheck.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from slsacheck.evidence.oci.layers import Layer
    from slsacheck.evidence.oci.tarstream import Entry

__all__ = ["Noting", "Packages", "changed_packages", "owner_of"]

MAX_KEPT = 96 << 20
"""Bytes of the package databases of one image that are kept; each layer may bring the whole database anew."""
_BY_PLACE = (
    regex(r"(?:^|/)(?:site|dist)-packages/([A-Za-z0-9_.]+?)(?:-[0-9][^/]*)?(?:\.dist-info|\.egg-info|\.libs)?(?:/|$)"),
    regex(r"(?:^|.*/)node_modules/((?:@[^/]+/)?[^/]+)/"),
    regex(r"/gems/(?:[0-9.]+/gems/)?([^/]+-[0-9][^/]*)/"),
)
"""Folders that are named by their package: Python's, npm's, Ruby's."""


class Packages:
    """The package databases that one side's layers hold, of each path that of the highest layer.

    The layers come from below, but `downwards` from above.
    """

    def __init__(self, *, downwards: bool = False) -> None:
        self._downwards = downwards
        self._kept: dict[str, tuple[str, bytes]] = {}
        self._room = MAX_KEPT

    def wants(self, entry: Entry) -> bool:
        """Whether a file is a database that is read."""
        kind = database_of(entry.path)
        return kind not in (None, "rpm", "os-release") and entry.size <= min(MAX_DATABASE, self._room)

    def keep(self, path: str, data: bytes) -> None:
        """A database of a layer, which stands for those of the same path below."""
        before = self._kept.get(path)
        if before is not None and self._downwards:
            return
        self._room += len(before[1]) if before else 0
        self._room -= len(data)
        self._kept[path] = (database_of(path) or "", data)

    def installed(self) -> dict[str, dict[str, str]]:
        """The versions of the installed packages by name, for each database."""
        found: dict[str, dict[str, str]] = {}
        for path, (kind, data) in self._kept.items():
            if kind in ("dpkg", "dpkg-part", "apk"):
                read = apk_packages if kind == "apk" else dpkg_packages
                place = "dpkg-part" if kind == "dpkg-part" else path
                named = {one.name: one.version for one in read(data.decode("utf-8", "replace"), path, 0)}
                found.setdefault(place, {}).update(named)
        return found

    def owners(self) -> dict[str, str]:
        """The package of each file that a database names."""
        found: dict[str, str] = {}
        for path, (kind, data) in self._kept.items():
            text = data.decode("utf-8", "replace")
            pairs = _of_apk(text) if kind == "apk" else _of_dpkg(path, text) if kind == "dpkg-files" else ()
            for owned, name in pairs:
                if len(found) >= MAX_PATHS:
                    return found
                found[plain_path(owned)] = name
        return found


def _of_dpkg(path: str, text: str) -> Iterator[tuple[str, str]]:
    stem, _, ending = path.rpartition("/")[2].rpartition(".")
    name = stem.partition(":")[0]
    for owned in dpkg_files(text, sums=ending == "md5sums"):
        yield owned, name


def _of_apk(text: str) -> Iterator[tuple[str, str]]:
    name = folder = ""
    for line in text.split("\n"):
        key, value = line[:2], line[2:]
        if key == "P:":
            name, folder = value, ""
        elif key == "F:":
            folder = value
        elif key == "R:":
            yield (f"{folder}/{value}" if folder else value), name


class Noting:
    """A layer of which the package databases are kept on the way."""

    def __init__(self, layer: Layer, packages: Packages) -> None:
        self._layer = layer
        self.where = layer.where
        self._packages = packages
        self._entry: Entry | None = None

    def __iter__(self) -> Iterator[Entry]:
        """The entries of the layer."""
        for entry in self._layer:
            self._entry = entry
            yield entry

    def sha256(self) -> str:
        """The digest of the file of the last entry."""
        if self._entry is None or not self._packages.wants(self._entry):
            return self._layer.sha256()
        import hashlib

        data = self._layer.read(self._entry.size)
        self._packages.keep(self._entry.path, data)
        return hashlib.sha256(data).hexdigest()

    def read(self, limit: int) -> bytes:
        """The file of the last entry, which is no database."""
        return self._layer.read(limit)


def owner_of(path: str, owners: dict[str, str]) -> str | None:
    """The package of a file; None where nothing says it."""
    known = owners.get(plain_path(path))
    if known:
        return shown(known)
    for pattern in _BY_PLACE:
        match = pattern.search(path)
        if match:
            return shown(match[1])
    return None


def changed_packages(first: Packages, second: Packages) -> Iterator[tuple[str, str | None, str | None]]:
    """(name, version before, version after) of what is installed otherwise, by databases that both sides have.

    A database that only one side's layers hold may be in a layer below on the other: nothing follows from it.
    """
    ours, theirs = first.installed(), second.installed()
    for place in ours:
        if place in theirs:
            one, two = ours[place], theirs[place]
            for name in sorted({*one, *two}):
                if one.get(name) != two.get(name):
                    yield shown(name), one.get(name), two.get(name)
