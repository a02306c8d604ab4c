"""Where images keep package databases."""

from __future__ import annotations

from slsacheck.evidence.packagedb.limits import MAX_PLACE
from slsacheck.patterns import regex

__all__ = ["database_of", "plain_path"]

_ROOTS = ("var/lib/dpkg/", "var/lib/rpm/", "lib/apk/", "usr/lib/", "usr/share/rpm/", "etc/os-release")
"""How every path of a package database begins."""
_DATABASES = (
    (regex(r"var/lib/dpkg/status"), "dpkg"),
    (regex(r"var/lib/dpkg/status\.d/[^/]+(?<!\.md5sums)"), "dpkg-part"),
    (regex(r"var/lib/dpkg/(?:status\.d|info)/[^/]+\.(?:md5sums|list)"), "dpkg-files"),
    (regex(r"(?:usr/)?lib/apk/db/installed"), "apk"),
    (regex(r"(?:var/lib/rpm|usr/(?:lib/sysimage|share)/rpm)/(?:rpmdb\.sqlite|Packages(?:\.db)?)"), "rpm"),
    (regex(r"(?:var/lib/rpm|usr/(?:lib/sysimage|share)/rpm)/rpmdb\.sqlite-wal"), "rpm-log"),
    (regex(r"(?:etc|usr/lib)/os-release"), "os-release"),
)
_TWIN = ("bin/", "sbin/", "lib/", "lib64/", "lib32/", "libx32/")
"""Folders that distributions keep both in / and in /usr, one a link to the other."""


def database_of(path: str) -> str | None:
    """Which package database a path belongs to: dpkg, dpkg-part, dpkg-files, apk, rpm, rpm-log; os-release; None."""
    if len(path) > MAX_PLACE or not path.startswith(_ROOTS):
        return None
    return next((name for pattern, name in _DATABASES if pattern.fullmatch(path)), None)


def plain_path(path: str) -> str:
    """A path without the `usr/` of the folders that are in both places."""
    rest = path.removeprefix("usr/")
    return rest if rest is not path and rest.startswith(_TWIN) else path
