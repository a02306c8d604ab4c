"""The package databases of distributions, as files of an image: dpkg (with its parts, distroless), apk."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from slsacheck.patterns import regex
from slsacheck.record import record

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "Package",
    "apk_files",
    "apk_packages",
    "distribution_of",
    "dpkg_files",
    "dpkg_packages",
    "purl_of",
    "same_as",
]

_PLAIN = regex(r"[a-z0-9._-]{0,60}")
MAX_PACKAGES = 50_000
"""Packages of one database; a distribution has 60,000 in all, an image a few thousand."""


@record
class Package:
    """An installed package: `kind` deb, apk or rpm, `where` the file that says so, `layer` that in which it came."""

    kind: str
    name: str
    version: str
    architecture: str = ""
    where: str = ""
    layer: int = 0


def dpkg_packages(text: str, where: str, layer: int) -> Iterator[Package]:
    """The installed packages of a status file of dpkg, or of one part of it."""
    for count, stanza in enumerate(text.replace("\r\n", "\n").split("\n\n")):
        if count >= MAX_PACKAGES:
            return
        fields = dict(_fields(stanza))
        state = fields.get("Status", "install ok installed").split()
        if fields.get("Package") and fields.get("Version") and state[-1:] == ["installed"]:
            yield Package("deb", fields["Package"], fields["Version"], fields.get("Architecture", ""), where, layer)


def _fields(stanza: str) -> Iterator[tuple[str, str]]:
    for line in stanza.split("\n"):
        key, colon, value = line.partition(":")
        if colon and key in ("Package", "Version", "Architecture", "Status"):
            yield key, value.strip()


def dpkg_files(text: str, *, sums: bool) -> Iterator[str]:
    """The paths in a list of dpkg, or in a list of checksums."""
    for line in text.split("\n"):
        path = line.partition("  ")[2] if sums else line
        if path:
            yield path.strip().lstrip("/").removeprefix("./")


def apk_packages(text: str, where: str, layer: int) -> Iterator[Package]:
    """The packages of apk's database of what is installed."""
    for count, block in enumerate(text.split("\n\n")):
        if count >= MAX_PACKAGES:
            return
        fields = {line[0]: line[2:] for line in block.split("\n") if line[1:2] == ":" and line[0] in "PVA"}
        if fields.get("P") and fields.get("V"):
            yield Package("apk", fields["P"], fields["V"], fields.get("A", ""), where, layer)


def apk_files(text: str) -> Iterator[str]:
    """The paths in apk's database: folders (F) and the files in them (R)."""
    folder = ""
    for line in text.split("\n"):
        if line.startswith("F:"):
            folder = line[2:]
        elif line.startswith("R:"):
            yield f"{folder}/{line[2:]}" if folder else line[2:]


def distribution_of(text: str) -> tuple[str, str]:
    """Identifier and version of the distribution in an os-release file; empty where it does not say them."""
    found = {"ID": "", "VERSION_ID": ""}
    for line in text.split("\n"):
        key, _, value = line.partition("=")
        if key in found:
            value = value.strip().strip("\"'").lower()
            found[key] = value if _PLAIN.fullmatch(value) else ""
    return found["ID"], found["VERSION_ID"]


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
