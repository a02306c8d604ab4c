"""Packages by their package URL: which files a registry has of a version, and with which digests."""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from slsacheck.errors import Absent, Unavailable
from slsacheck.evidence.attestations.jsondoc import as_list, as_map, as_text, dig
from slsacheck.evidence.attestations.steps import shown
from slsacheck.patterns import regex
from slsacheck.record import record

if TYPE_CHECKING:
    from slsacheck.evidence.online.client import Client, Fetched
    from slsacheck.evidence.online.services import Services

__all__ = ["PackageFile", "Purl", "files_of_package", "is_package", "parse_purl"]

_PURL = regex(
    r"pkg:(npm|pypi)/((?:(?:%40|@)[A-Za-z0-9._~-]{1,214}/)?[A-Za-z0-9._~-]{1,214})@([A-Za-z0-9.+!_~%-]{1,200})",
    re.ASCII,
)
_HEX = regex(r"[0-9a-f]{64}", re.ASCII)
_FILE = regex(r"[A-Za-z0-9][A-Za-z0-9._+!~-]{0,250}", re.ASCII)
_MAX_FILES = 500
"""Files of one version: a project with wheels for every platform has about a hundred."""


@record
class Purl:
    """A package URL of a kind that is looked up: `npm` or `pypi`, with the version that is meant."""

    kind: str
    name: str
    version: str


@record
class PackageFile:
    """One file of a version, with its digests (algorithm, hexadecimal) as the registry states them."""

    name: str
    digests: tuple[tuple[str, str], ...]


def parse_purl(text: str) -> Purl:
    """The parts of a package URL; raises Unavailable for kinds that are not looked up, or without a version."""
    match = _PURL.fullmatch(text)
    if match is None:
        raise Unavailable(
            f"{shown(text)} is not looked up: npm and PyPI are, with a version",
            advice="as in pkg:npm/NAME@VERSION; of others give the files",
        )
    return Purl(match[1], unquote(match[2]), unquote(match[3]))


def is_package(reference: str) -> bool:
    """Whether it is a package URL, and not a file of one."""
    return reference.startswith("pkg:") and "#" not in reference


def files_of_package(client: Client, services: Services, purl: Purl) -> tuple[PackageFile, ...]:
    """The files of a version. Raises Absent where the registry has none, Unavailable where it cannot tell."""
    if purl.kind == "npm":
        path = f"/{quote(purl.name, safe='@')}/{quote(purl.version, safe='')}"
        return (_tarball(client.get(services.npm, path, f"npm {purl.name}@{purl.version}"), purl),)
    path = f"/pypi/{quote(purl.name, safe='')}/{quote(purl.version, safe='')}/json"
    return _distributions(client.get(services.pypi, path, f"PyPI {purl.name} {purl.version}"), purl)


def _tarball(answer: Fetched, purl: Purl) -> PackageFile:
    document = as_map(answer.json())
    if (as_text(document.get("name")), as_text(document.get("version"))) != (purl.name, purl.version):
        raise Unavailable("npm answers about another package", where=shown(answer.url))
    algorithm, _, value = as_text(dig(document, "dist", "integrity")).partition("-")
    try:
        digest = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        digest = b""
    if algorithm != "sha512" or len(digest) != 64:  # noqa: PLR2004 - SHA-512
        raise Unavailable("npm states no SHA-512 of the package", where=shown(answer.url), advice="give its file")
    name = f"{purl.name.rpartition('/')[2]}-{purl.version}.tgz"
    return PackageFile(name, (("sha512", digest.hex()),))


def _distributions(answer: Fetched, purl: Purl) -> tuple[PackageFile, ...]:
    from packaging.utils import canonicalize_name

    document = as_map(answer.json())
    named = canonicalize_name(as_text(dig(document, "info", "name")))
    if (named, as_text(dig(document, "info", "version"))) != (canonicalize_name(purl.name), purl.version):
        raise Unavailable("PyPI answers about another package", where=shown(answer.url))
    found = []
    for one in as_list(document.get("urls"))[:_MAX_FILES]:
        name, digest = as_text(dig(one, "filename")), as_text(dig(one, "digests", "sha256"))
        if not _FILE.fullmatch(name) or not _HEX.fullmatch(digest):
            raise Unavailable("PyPI names a file without its digest", where=shown(answer.url), advice="give its file")
        found.append(PackageFile(name, (("sha256", digest),)))
    if not found:
        raise Absent("PyPI has no files of that version", where=shown(answer.url))
    return tuple(found)
