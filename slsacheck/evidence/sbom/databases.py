"""The package databases of an image, version by version as its layers change them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.evidence.sbom import packages
from slsacheck.evidence.sbom.limits import MAX_PACKAGES, MAX_PATH_BYTES, MAX_PATHS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from slsacheck.evidence.sbom.packages import Package

__all__ = ["Databases", "plain_path"]

MAX_NAMED = 20
"""Databases that were not read and are named."""
_TWIN = ("bin/", "sbin/", "lib/", "lib64/", "lib32/", "libx32/")
"""Folders that distributions keep both in / and in /usr, one a link to the other."""


class Databases:
    """Packages by their database, each with the layer in which it came; and the files that belong to packages."""

    def __init__(self) -> None:
        self.distribution = ("", "")
        self.unread: list[str] = []
        self.owned: set[str] = set()
        self._characters = 0
        self._count = 0
        self._parts: dict[str, dict[tuple[str, str, str, str], Package]] = {}

    def add(self, kind: str, path: str, data: bytes, layer: int) -> None:
        """A database file of a layer, which replaces what the layers below have at its path."""
        text = data.decode("utf-8", "replace")
        if kind == "os-release":
            found = packages.distribution_of(text)
            self.distribution = found if found[0] else self.distribution
        elif kind == "dpkg-files":
            self._own(packages.dpkg_files(text, sums=path.endswith(".md5sums")))
        elif kind in ("dpkg", "dpkg-part", "apk"):
            read = packages.apk_packages if kind == "apk" else packages.dpkg_packages
            self._replace(path, read(text, path, layer))
            if kind == "apk":
                self._own(packages.apk_files(text))
            if not data:
                self._leave(path)
        elif kind == "rpm-log":
            self.unread += [path] if data else []  # what it holds is not in the database yet
        elif kind != "rpm" or not self._rpm(path, data, layer):
            self._leave(path)

    def _rpm(self, path: str, data: bytes, layer: int) -> bool:
        """Whether it could be read; older databases of rpm are in formats of their own."""
        from slsacheck.evidence.sbom.rpmdb import rpm_packages

        try:
            found = list(rpm_packages(data, path, layer))
        except ValueError:
            return False
        self._replace(path, (package for package, _ in found))
        for _, files in found:
            self._own(files)
        return True

    def _leave(self, path: str) -> None:
        if len(self.unread) < MAX_NAMED and path not in self.unread:
            self.unread.append(path)

    def _own(self, paths: Iterable[str]) -> None:
        for path in paths:
            self._characters += len(path)
            if len(self.owned) >= MAX_PATHS or self._characters > MAX_PATH_BYTES:
                return
            self.owned.add(plain_path(path))

    def _replace(self, path: str, found: Iterable[Package]) -> None:
        """Packages that the database had already keep the layer in which they came."""
        before = self._parts.get(path, {})
        now = {(one.kind, one.name, one.version, one.architecture): one for one in found}
        self._count += len(now) - len(before)
        if self._count > MAX_PACKAGES:
            self._count -= len(now) - len(before)
            self._leave(path)
            return
        self._parts[path] = {key: before.get(key, one) for key, one in now.items()}

    @property
    def packages(self) -> tuple[Package, ...]:
        """All that are installed in the end."""
        return tuple(one for part in self._parts.values() for one in part.values())

    @property
    def places(self) -> tuple[str, ...]:
        """The databases that were read."""
        return tuple(sorted(self._parts))


def plain_path(path: str) -> str:
    """A path without the `usr/` of the folders that are in both places."""
    rest = path.removeprefix("usr/")
    return rest if rest is not path and rest.startswith(_TWIN) else path
