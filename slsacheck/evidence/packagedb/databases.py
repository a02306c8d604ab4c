"""The package databases of an image, version by version as its layers change them."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from slsacheck.evidence.packagedb import limits, texts
from slsacheck.evidence.packagedb.places import plain_path

if TYPE_CHECKING:
    from collections.abc import Iterable

    from slsacheck.evidence.packagedb.texts import Package

__all__ = ["Databases"]

MAX_NAMED = 20
"""Databases that were not read and are named."""
_PARTS = "var/lib/dpkg/status.d/"


class Databases:
    """Packages by their database, each with the layer in which it came; and the files that belong to packages.

    `owned` has the package of each file; it is empty where several have it, as they have folders.
    """

    def __init__(self) -> None:
        self.distribution = ("", "")
        self.unread: list[str] = []
        self.owned: dict[str, str] = {}
        self._behind: set[str] = set()
        self._characters = 0
        self._count = 0
        self._parts: dict[str, dict[tuple[str, str, str, str], Package]] = {}

    def add(self, kind: str, path: str, data: bytes, layer: int) -> None:
        """A database file of a layer, which replaces what the layers below have at its path."""
        text = "" if kind.startswith("rpm") else data.decode("utf-8", "replace")
        if kind == "os-release":
            found = texts.distribution_of(text)
            self.distribution = found if found[0] else self.distribution
        elif kind == "dpkg-files":
            self._own(texts.dpkg_files(text, path))
        elif kind in ("dpkg", "dpkg-part", "apk"):
            read = texts.apk_packages if kind == "apk" else texts.dpkg_packages
            self._replace(path, read(text, path, layer))
            if kind == "apk":
                self._own(texts.apk_files(text))
            if not data:
                self._leave(path)
        elif kind == "rpm-log":
            self._log(path, data)
        elif kind != "rpm" or not self._rpm(path, data, layer):
            self._leave(path)

    def _rpm(self, path: str, data: bytes, layer: int) -> bool:
        """Whether it could be read; older databases of rpm are in formats of their own."""
        from slsacheck.evidence.packagedb.rpm import rpm_packages

        try:
            found = list(rpm_packages(data, path, layer))
        except ValueError:
            return False
        self._replace(path, (package for package, _ in found))
        for package, files in found:
            self._own((file, package.name) for file in files)
        return True

    def _log(self, path: str, data: bytes) -> None:
        """What the log of a database holds is not in it yet."""
        if data:
            self._leave(path)
            self._behind.add(path.removesuffix("-wal"))

    def _leave(self, path: str) -> None:
        if len(self.unread) < MAX_NAMED and path not in self.unread:
            self.unread.append(path)

    def _own(self, pairs: Iterable[tuple[str, str]]) -> None:
        for path, name in pairs:
            self._characters += len(path)
            if len(self.owned) >= limits.MAX_OWNED or self._characters > limits.MAX_OWNED_CHARACTERS:
                return
            plain = plain_path(path)
            self.owned[plain] = name if self.owned.get(plain, name) == name else ""

    def _replace(self, path: str, found: Iterable[Package]) -> None:
        """Packages that the database had already keep the layer in which they came."""
        before = self._parts.get(path, {})
        few = list(islice(found, limits.MAX_IN_ONE + 1))
        now = {(one.kind, one.name, one.version, one.architecture): one for one in few}
        count = self._count + len(now) - len(before)
        if len(few) > limits.MAX_IN_ONE or count > limits.MAX_PACKAGES:
            self._leave(path)
            return
        self._count = count
        self._parts[path] = {key: before.get(key, one) for key, one in now.items()}

    @property
    def packages(self) -> tuple[Package, ...]:
        """All that are installed in the end."""
        return tuple(one for part in self._parts.values() for one in part.values())

    @property
    def places(self) -> tuple[str, ...]:
        """The databases that were read."""
        return tuple(sorted(self._parts))

    def versions(self) -> dict[str, dict[str, str]]:
        """The versions of the installed packages by name, for each database that was read and is up to date.

        The parts of a database of dpkg count as one; a package that is there in several versions has all of them.
        """
        found: dict[str, dict[str, set[str]]] = {}
        for path, part in self._parts.items():
            if path not in self._behind:
                named = found.setdefault(_PARTS if path.startswith(_PARTS) else path, {})
                for one in part.values():
                    named.setdefault(one.name, set()).add(one.version)
        return {
            place: {name: ", ".join(sorted(those)) for name, those in named.items()} for place, named in found.items()
        }
