"""Package URLs of what distributions install: deb, apk, rpm."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

if TYPE_CHECKING:
    from slsacheck.evidence.packagedb.texts import Package

__all__ = ["purl_of", "same_as", "without_epoch"]


def purl_of(package: Package, distribution: tuple[str, str]) -> str:
    """The package URL of an installed package (purl specification, types deb, apk and rpm)."""
    name, release = distribution
    space = name or {"deb": "debian", "apk": "alpine", "rpm": "redhat"}[package.kind]
    more = [f"arch={quote(package.architecture, safe='')}"] if package.architecture else []
    more += [f"distro={space}-{release}"] if release else []
    epoch, colon, plain = package.version.partition(":")
    if package.kind == "rpm" and colon:
        more.append(f"epoch={quote(epoch, safe='')}")
    version = quote(plain if package.kind == "rpm" and colon else package.version, safe=".-_~")
    return f"pkg:{package.kind}/{space}/{quote(package.name.lower(), safe='.-_~')}@{version}" + (
        "?" + "&".join(more) if more else ""
    )


def same_as(purl: str) -> tuple[str, str, str] | None:
    """(kind, name, version without epoch) of a distribution's package by its URL; None for other kinds."""
    kind, slash, rest = purl.removeprefix("pkg:").partition("/")
    if not slash or kind not in ("deb", "apk", "rpm"):
        return None
    path = rest.partition("?")[0].partition("#")[0]
    name, _, version = path.rpartition("@")
    return kind, unquote(name.rpartition("/")[2]).lower(), without_epoch(unquote(version))


def without_epoch(version: str) -> str:
    """A version of dpkg without its epoch, which some tools leave out and some write as a qualifier."""
    epoch, colon, rest = version.partition(":")
    return rest if colon and epoch.isdigit() else version
