"""The packages among a target's artifacts: the files that a registry has of a version, as `--online` looks them up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.errors import Unavailable
from slsacheck.model import Artifact, Place

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from slsacheck.evidence.shelf import Described
    from slsacheck.evidence.targets import OpenedTarget
    from slsacheck.model import ArtifactInput, Publication, Verification

    Judged = tuple[tuple[Verification, ...], Sequence[str], str | None, tuple[tuple[str, str], ...]]
    """Verifications, where was looked, the publication, and the expectations that were fixed."""

__all__ = ["collect_package", "publication_of_package"]

_ECOSYSTEMS = {
    "npm": "npm-package",
    "pypi": "python-package",
    "gem": "ruby-gem",
    "cargo": "crate",
    "maven": "maven-artifact",
    "nuget": "nuget-package",
}
"""Types of package URLs, and what publications of their ecosystem are called."""


def collect_package(
    item: ArtifactInput, opened: OpenedTarget, judge: Callable[[str, str, Described], Judged]
) -> tuple[Artifact, ...]:
    """An artifact for each file of the package: its digests are the registry's word, its attestations verified.

    `judge` gets the file's reference, its name and what it is. Raises SlsacheckError where it was not looked up.
    """
    package = item.reference
    files = [one for one in opened.shelf.nearby(package).wide if one.startswith(f"{package}#")]
    if not files:
        raise Unavailable(
            "a package is looked up with --online only",
            where=package,
            advice="add --online, or give its file with --artifact FILE and --attestation FILE",
        )
    return tuple(_artifact(package, reference, opened, judge) for reference in files)


def _artifact(
    package: str, reference: str, opened: OpenedTarget, judge: Callable[[str, str, Described], Judged]
) -> Artifact:
    described, name = opened.shelf.describe(reference), reference.partition("#")[2]
    verifications, looked, publication, facts = judge(reference, name, described)
    algorithm, value = described.digests[0]
    digest = f"{algorithm}:{value}"
    return Artifact(
        id=f"artifact:{name}@{digest}",
        name=name,
        type=described.kind,
        digests=described.digests,
        at=(Place(url=package, digest=digest),),
        verifications=verifications,
        looked_at=tuple(looked),
        publication=publication,
        purl=package,
        facts=facts,
    )


def publication_of_package(item: ArtifactInput, publications: Sequence[Publication]) -> str | None:
    """The publication of a package URL: of its ecosystem and name, else the only one of that ecosystem."""
    if item.publication is not None:
        return item.publication
    kind, _, rest = item.reference.removeprefix("pkg:").partition("/")
    same = [one for one in publications if one.type == _ECOSYSTEMS.get(kind) and one.applies]
    name = rest.replace("%40", "@").partition("?")[0]
    named = [one for one in same if one.name in (name, name.rpartition("@")[0])] or same
    return named[0].id if len(named) == 1 else None
