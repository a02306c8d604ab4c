"""Python packages: the file's name and the package that an attestation is about (PEP 740)."""

from __future__ import annotations

import os.path
from typing import TYPE_CHECKING

from slsacheck.evidence.attestations.provenance import PROVENANCE_TYPES
from slsacheck.evidence.attestations.steps import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slsacheck.evidence.attestations.certificates import Identity
    from slsacheck.evidence.attestations.expectations import Findings
    from slsacheck.evidence.attestations.statement import Statement
    from slsacheck.model.attestation import Case

__all__ = ["compare_distribution", "compare_publisher"]

_PUBLISH = "https://docs.pypi.org/attestations/publish/v1"
_ISSUERS = {
    "GitHub": "https://token.actions.githubusercontent.com",
    "GitLab": "https://gitlab.com",
    "Google": "https://accounts.google.com",
}
"""Who vouches for the publishers that the index knows by these kinds (docs.pypi.org, trusted publishers)."""


def _parsed(name: str) -> tuple[str, str, object] | None:
    """Normalised project, version and the rest (build and tags) of a distribution's file name; None for other names."""
    from packaging.utils import (
        InvalidSdistFilename,
        InvalidWheelFilename,
        parse_sdist_filename,
        parse_wheel_filename,
    )

    try:
        if name.endswith(".whl"):
            project, version, *rest = parse_wheel_filename(name)
            return project, str(version), rest
        project, version = parse_sdist_filename(name)
    except (InvalidWheelFilename, InvalidSdistFilename):
        return None
    return project, str(version), name.rpartition(".")[2]


def _same(left: str, right: str) -> bool:
    """Whether two file names are of the same distribution: equal, or equal once normalised."""
    parsed = _parsed(left)
    return left == right or (parsed is not None and parsed == _parsed(right))


def compare_distribution(statement: Statement, case: Case, found: Findings) -> None:
    """The statement is one of the index's kinds, about one distribution: of that file name, project and version."""
    if statement.predicate_type != _PUBLISH and statement.predicate_type not in PROVENANCE_TYPES:
        told = f"the index takes publish attestations and provenance, this is {shown(statement.predicate_type)}"
        found.differ("predicate", "unsupported", told)
    names = [name for name, _ in statement.subjects]
    parsed = _parsed(names[0]) if len(names) == 1 else None
    if parsed is None:
        told = f"an attestation of the index is about one distribution, this one is about {shown(names)}"
        found.differ("package", "malformed", told)
        return
    for path in case.artifact:
        file = os.path.basename(path)  # noqa: PTH119 - a name, not a path
        if not _same(file, names[0]):
            found.differ(
                "package", "package-name-mismatch", f"the attestation is about {shown(names[0])}, not {shown(file)}"
            )
    _compare_package(parsed, names[0], case, found)


def _compare_package(parsed: tuple[str, str, object], name: str, case: Case, found: Findings) -> None:
    from packaging.utils import canonicalize_name

    expected = case.expectations
    if expected.package_name is not None and parsed[0] != canonicalize_name(expected.package_name):
        told = f"{shown(name)} is no distribution of {shown(expected.package_name)}"
        found.differ("package", "package-name-mismatch", told)
    elif expected.package_version is not None and not _same_version(parsed[1], expected.package_version):
        told = f"{shown(name)} is not version {shown(expected.package_version)}"
        found.differ("package", "package-version-mismatch", told)


def _same_version(left: str, right: str) -> bool:
    """Whether two versions are the same one (PEP 440: `1.0rc1` and `v1.0-rc.1` are)."""
    from packaging.version import InvalidVersion, Version

    try:
        return Version(left) == Version(right)
    except InvalidVersion:
        return False


def compare_publisher(claimed: Mapping[str, str], identity: Identity | None, found: Findings) -> None:
    """The publisher that the index claims is the one that the certificate names: kind, repository, workflow."""
    if identity is None or not claimed:
        return
    source = (identity.source_uri or "").partition("://")[2].partition("/")[2]
    config = identity.claim("build_config_uri") or identity.name
    kind, file = claimed.get("kind", ""), config.partition("@")[0].rpartition("/")[2]
    facts = {
        "kind": (_ISSUERS.get(kind), identity.issuer),
        "repository": (claimed.get("repository", "").lower(), source.lower()),
        "workflow": (claimed.get("workflow") if kind == "GitHub" else None, file),
        "email": (claimed.get("email") if kind == "Google" else None, identity.name),
    }
    for name, (said, certified) in facts.items():
        if said and said != certified:
            told = (
                f"the index says {shown(claimed[name])} of the publisher's {name}, the certificate {shown(certified)}"
            )
            found.differ("publisher", "statement-mismatch", told)
            return
    found.hold("publisher", f"published by {shown(source or identity.name)}, as the index says")
