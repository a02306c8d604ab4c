"""To which package a file belongs, by the databases in the layers that were compared, else by where it lies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.evidence.attestations.steps import shown
from slsacheck.evidence.packagedb.gathering import Gathering
from slsacheck.evidence.packagedb.places import database_of, plain_path
from slsacheck.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from slsacheck.evidence.oci.layers import Layer
    from slsacheck.evidence.oci.tarstream import Entry
    from slsacheck.evidence.packagedb.databases import Databases

__all__ = ["Noting", "changed_packages", "databases_in", "owner_of"]

_BY_PLACE = (
    regex(r"(?:^|/)(?:site|dist)-packages/([A-Za-z0-9_.]+?)(?:-[0-9][^/]*)?(?:\.dist-info|\.egg-info|\.libs)?(?:/|$)"),
    regex(r"(?:^|.*/)node_modules/((?:@[^/]+/)?[^/]+)/"),
    regex(r"/gems/(?:[0-9.]+/gems/)?([^/]+-[0-9][^/]*)/"),
)
"""Folders that are named by their package: Python's, npm's, Ruby's."""


def databases_in(packages: Gathering) -> Databases:
    """What the package databases say that the layers of one side hold."""
    from slsacheck.evidence.packagedb.databases import Databases

    found = Databases()
    packages.put_into(found)
    return found


class Noting:
    """A layer of which the package databases are kept on the way."""

    def __init__(self, layer: Layer, packages: Gathering) -> None:
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
        entry = self._entry
        kind = None if entry is None else database_of(entry.path)
        data = self._packages.take(kind, entry, self._layer.read) if entry is not None and kind is not None else None
        if data is None:
            return self._layer.sha256()
        import hashlib

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


def changed_packages(first: Databases, second: Databases) -> Iterator[tuple[str, str | None, str | None]]:
    """(name, version before, version after) of what is installed otherwise, by databases that both sides have.

    A database that only one side's layers hold may be in a layer below on the other: nothing follows from it.
    """
    ours, theirs = first.versions(), second.versions()
    for place in ours:
        if place in theirs:
            one, two = ours[place], theirs[place]
            for name in sorted({*one, *two}):
                if one.get(name) != two.get(name):
                    yield shown(name), one.get(name), two.get(name)
