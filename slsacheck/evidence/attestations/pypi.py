"""Python packages: the file's name and the package that an attestation is about (PEP 740)."""

from __future__ import annotations

import os.path
from typing import TYPE_CHECKING

from slsacheck.evidence.attestations.steps import shown

if TYPE_CHECKING:
    from slsacheck.evidence.attestations.expectations import Findings
    from slsacheck.evidence.attestations.statement import Statement
    from slsacheck.model.attestation import Case

__all__ = ["compare_distribution"]


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
    """The subject is a distribution of that name and of the expected project and version."""
    names = [name for name, _ in statement.subjects]
    for path in case.artifact:
        file = os.path.basename(path)  # noqa: PTH119 - a name, not a path
        if not any(_same(file, name) for name in names):
            found.differ(
                "package", "package-name-mismatch", f"the attestation is about {shown(names)}, not {shown(file)}"
            )
    expected = case.expectations
    if expected.package_name is None and expected.package_version is None:
        return
    from packaging.utils import canonicalize_name

    for name in names:
        parsed = _parsed(name)
        if expected.package_name is not None and (
            parsed is None or parsed[0] != canonicalize_name(expected.package_name)
        ):
            found.differ(
                "package",
                "package-name-mismatch",
                f"{shown(name)} is no distribution of {shown(expected.package_name)}",
            )
        elif expected.package_version is not None and (parsed is None or parsed[1] != expected.package_version):
            found.differ(
                "package", "package-version-mismatch", f"{shown(name)} is not version {shown(expected.package_version)}"
            )
