"""Attestations of an artifact from where it is published: GitHub's API, npm, PyPI."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from slsacheck.errors import Absent, Unavailable
from slsacheck.evidence.attestations.jsondoc import as_list, as_map, as_text, dig
from slsacheck.evidence.attestations.refs import normal_repository
from slsacheck.evidence.attestations.steps import shown
from slsacheck.evidence.online.limits import MAX_ANSWER_BYTES
from slsacheck.record import replace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from slsacheck.evidence.online.client import Client, Fetched
    from slsacheck.evidence.online.services import Service, Services

__all__ = ["distribution_of", "github_attestations", "npm_attestations", "owner_and_name", "pypi_provenance"]

_PER_PAGE = 100
_SEGMENT = re.compile(r"[A-Za-z0-9._-]{1,100}", re.ASCII)
_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)
_NPM_NAME = re.compile(r"(?:@[a-z0-9~._-]{1,214}/)?[a-z0-9~._-]{1,214}", re.ASCII | re.IGNORECASE)
_VERSION = re.compile(r"[A-Za-z0-9.+!_-]{1,200}", re.ASCII)


def owner_and_name(source_uri: str | None) -> tuple[str, str] | None:
    """Owner and name of a repository on github.com or a tenant of it; None for others."""
    if not source_uri:
        return None
    host, *path = normal_repository(source_uri).partition("://")[2].split("/")
    own = host == "github.com" or host.endswith(".ghe.com")
    if not own or len(path) != 2 or not all(_SEGMENT.fullmatch(one) and set(one) != {"."} for one in path):  # noqa: PLR2004 - owner/name
        return None
    return path[0], path[1]


def github_attestations(
    client: Client, services: Services, repository: tuple[str, str], sha256: str, problems: list[str]
) -> tuple[Fetched, ...]:
    """GitHub's answer about an artifact's attestations (`/repos/{owner}/{repo}/attestations/{subject_digest}`).

    Newer answers name a bundle by `bundle_url` instead of giving it; each is then fetched, and what cannot be had is
    told in `problems`. Raises Absent where there is none, Unavailable where GitHub cannot be asked.
    """
    if not _DIGEST.fullmatch(sha256):
        raise Unavailable(f"{shown(sha256)} is no SHA-256 digest")
    path = f"/repos/{repository[0]}/{repository[1]}/attestations/sha256:{sha256}?per_page={_PER_PAGE}"
    headers = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
    answer = client.get(services.github, path, f"GitHub attestations of {sha256[:12]}", headers)
    found = as_map(answer.json()).get("attestations")
    if not isinstance(found, list):
        raise Unavailable("GitHub's answer holds no list of attestations", where=shown(answer.url))
    if not found:
        raise Absent("GitHub has none", where=shown(answer.url))
    given = (answer,) if any(as_map(dig(one, "bundle")) for one in found) else ()
    named = [one for one in found if not as_map(dig(one, "bundle"))]
    fetched = tuple(_bundles(client, services.github, named, sha256, problems))
    if not given and not fetched:
        raise Unavailable(
            "GitHub names attestations and none of them can be had",
            where=shown(answer.url),
            advice="`gh attestation download` gets the bundles; name the file",
        )
    return (*given, *fetched)


def _bundles(
    client: Client, service: Service, named: list[object], sha256: str, problems: list[str]
) -> Iterator[Fetched]:
    """The bundles that an answer names by address, uncompressed where GitHub compressed them (`.sn`)."""
    for number, one in enumerate(named[:_PER_PAGE], 1):
        url, name = as_text(dig(one, "bundle_url")), f"GitHub bundle {number} of {sha256[:12]}"
        if not url:
            problems.append(f"{name}: neither it nor its address is given")
            continue
        try:
            yield client.keep(_plain(client.blob(service, url, name)))
        except (Absent, Unavailable) as error:
            problems.append(str(error))


def _plain(found: Fetched) -> Fetched:
    if not found.url.endswith(".sn"):
        return found
    from slsacheck.evidence.online.snappy import uncompressed

    try:
        body = uncompressed(found.body, MAX_ANSWER_BYTES)
    except ValueError as error:
        raise Unavailable(f"{found.name} is not compressed as its name says", where=found.url) from error
    return replace(found, body=body, digest=hashlib.sha256(body).hexdigest())


def npm_attestations(client: Client, services: Services, name: str, version: str) -> Fetched:
    """The npm registry's answer about a package's attestations. Raises Absent or Unavailable."""
    if not _NPM_NAME.fullmatch(name) or not _VERSION.fullmatch(version):
        raise Unavailable(f"{shown(name)}@{shown(version)} is no name and version of an npm package")
    path = f"/-/npm/v1/attestations/{quote(name, safe='@')}@{quote(version, safe='')}"
    answer = client.get(services.npm, path, f"npm attestations of {name}@{version}")
    if not as_list(as_map(answer.json()).get("attestations")):
        raise Absent("npm has none", where=shown(answer.url))
    return answer


def distribution_of(filename: str) -> tuple[str, str] | None:
    """Normalised project name and version of a wheel's or sdist's file name; None for other files."""
    from packaging.utils import InvalidSdistFilename, InvalidWheelFilename, parse_sdist_filename, parse_wheel_filename

    try:
        if filename.endswith(".whl"):
            wheel = parse_wheel_filename(filename)
            return str(wheel[0]), str(wheel[1])
        if filename.endswith((".tar.gz", ".zip")):
            name, version = parse_sdist_filename(filename)
            return str(name), str(version)
    except (InvalidWheelFilename, InvalidSdistFilename):
        pass
    return None


def pypi_provenance(client: Client, services: Services, filename: str) -> Fetched:
    """PyPI's provenance object of a file (PEP 740, `/integrity/…/provenance`). Raises Absent or Unavailable."""
    known = distribution_of(filename)
    if known is None:
        raise Unavailable(f"{shown(filename)} is no name of a wheel or sdist", advice="give the file its own name")
    name, version = known
    path = f"/integrity/{quote(name, safe='')}/{quote(version, safe='')}/{quote(filename, safe='')}/provenance"
    headers = {"Accept": "application/vnd.pypi.integrity.v1+json"}
    answer = client.get(services.pypi, path, f"PyPI provenance of {filename}", headers)
    if not as_list(as_map(answer.json()).get("attestation_bundles")):
        raise Absent("PyPI has none", where=shown(answer.url))
    return answer
