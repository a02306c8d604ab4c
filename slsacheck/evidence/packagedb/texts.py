"""Package databases that are text: those of dpkg (with its parts, distroless) and apk; os-release beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.patterns import regex
from slsacheck.record import record

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Package", "apk_files", "apk_packages", "distribution_of", "dpkg_files", "dpkg_packages"]

_PLAIN = regex(r"[a-z0-9._-]{0,60}")


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
    for stanza in text.replace("\r\n", "\n").split("\n\n"):
        fields = dict(_fields(stanza))
        state = fields.get("Status", "install ok installed").split()
        if fields.get("Package") and fields.get("Version") and state[-1:] == ["installed"]:
            yield Package("deb", fields["Package"], fields["Version"], fields.get("Architecture", ""), where, layer)


def _fields(stanza: str) -> Iterator[tuple[str, str]]:
    for line in stanza.split("\n"):
        key, colon, value = line.partition(":")
        if colon and key in ("Package", "Version", "Architecture", "Status"):
            yield key, value.strip()


def dpkg_files(text: str, place: str) -> Iterator[tuple[str, str]]:
    """The paths in a list of dpkg, or in a list of checksums, and the package: the name of the list says it."""
    stem, _, ending = place.rpartition("/")[2].rpartition(".")
    name = stem.partition(":")[0]
    for line in text.split("\n"):
        path = line.partition("  ")[2] if ending == "md5sums" else line
        if path:
            yield path.strip().lstrip("/").removeprefix("./"), name


def apk_packages(text: str, where: str, layer: int) -> Iterator[Package]:
    """The packages of apk's database of what is installed."""
    for block in text.split("\n\n"):
        fields = {line[0]: line[2:] for line in block.split("\n") if line[1:2] == ":" and line[0] in "PVA"}
        if fields.get("P") and fields.get("V"):
            yield Package("apk", fields["P"], fields["V"], fields.get("A", ""), where, layer)


def apk_files(text: str) -> Iterator[tuple[str, str]]:
    """The paths in apk's database: folders (F) and the files in them (R); and the package (P) that has them."""
    name = folder = ""
    for line in text.split("\n"):
        key, value = line[:2], line[2:]
        if key == "P:":
            name, folder = value, ""
        elif key == "F:":
            folder = value
        elif key == "R:":
            yield (f"{folder}/{value}" if folder else value), name


def distribution_of(text: str) -> tuple[str, str]:
    """Identifier and version of the distribution in an os-release file; empty where it does not say them."""
    found = {"ID": "", "VERSION_ID": ""}
    for line in text.split("\n"):
        key, _, value = line.partition("=")
        if key in found:
            value = value.strip().strip("\"'").lower()
            found[key] = value if _PLAIN.fullmatch(value) else ""
    return found["ID"], found["VERSION_ID"]
