"""The artifacts of a target: hashed, with every attestation found for them, each verified alone."""

import os
from collections.abc import Sequence
from dataclasses import fields
from functools import partial
from typing import TYPE_CHECKING, Any

from slsacheck.errors import SlsacheckError
from slsacheck.evidence.artifact_attestations import Rules, verifications
from slsacheck.evidence.image_artifacts import (
    access_of,
    collect_image,
    each_image,
    is_image,
    publication_of,
    registry_of,
)
from slsacheck.evidence.package_artifacts import collect_package, publication_of_package
from slsacheck.evidence.tree import Problems
from slsacheck.model import (
    Artifact,
    ArtifactInput,
    Catalogue,
    Expectations,
    GitFacts,
    Place,
    Publication,
    Target,
)
from slsacheck.record import replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from slsacheck.evidence.image_artifacts import Read
    from slsacheck.evidence.shelf import Described
    from slsacheck.evidence.targets import OpenedTarget

    RulesOf = Callable[[str, str | None], Rules]
    """The rules for what has that name and belongs to that publication."""

__all__ = ["collect"]


def collect(
    target: Target,
    repository: GitFacts,
    config: Any,
    catalogue: Catalogue,
    opened: "OpenedTarget",
    problems: Problems,
    publications: Sequence[Publication] = (),
) -> tuple[Artifact, ...]:
    """Every artifact of the target that could be read; the others are in `problems`."""
    found: list[Artifact] = []
    rules_of = partial(_rules, target, repository, config, catalogue)

    def read(item: ArtifactInput) -> "Read":
        own = Problems()
        try:
            return _read(item, target, opened, publications, rules_of, own), own
        except SlsacheckError as error:
            own.add(error.where or item.reference, error.message, error.advice)
            return (_unread(item, publications),) if item.kind in ("image", "package") else (), own

    images = each_image(read, [item for item in target.artifacts if item.kind == "image"], opened)
    for item in target.artifacts:
        artifacts, told = next(images) if item.kind == "image" else read(item)
        found += artifacts
        problems.take(told)
    _tell_unused(target, found, problems)
    problems.take(opened.problems)  # a look-up that failed was told to nobody yet
    unique = _with_pgp(tuple({artifact.id: artifact for artifact in found}.values()), opened)
    if target.rebuilt:
        from slsacheck.evidence.rebuilds import with_rebuilds

        access = replace(access_of(opened), offline=opened.registries is None)  # also where evidence is replayed
        unique = with_rebuilds(unique, target, access, problems)
    opened.expected = _expected(unique, opened, publications, problems)
    if target.complete:
        opened.expected = _given(unique) | opened.expected
    return unique


def _read(
    item: ArtifactInput,
    target: Target,
    opened: "OpenedTarget",
    publications: Sequence[Publication],
    rules_of: "RulesOf",
    problems: Problems,
) -> tuple[Artifact, ...]:
    """The artifacts of what was given: one, or each platform's image. Raises SlsacheckError where it cannot be read."""
    if item.kind == "package":
        return _packages(item, target, opened, publications, rules_of)
    if is_image(item):
        return _images(item, opened, publications, rules_of, problems)
    return (_artifact(item, target, opened, publications, rules_of),)


def _images(
    item: ArtifactInput,
    opened: "OpenedTarget",
    publications: Sequence[Publication],
    rules_of: "RulesOf",
    problems: Problems,
) -> tuple[Artifact, ...]:
    from slsacheck.evidence.oci.judged import Judge

    publication = publication_of(item, publications)
    rules = rules_of(item.reference, publication)
    judge = Judge(rules.expectations, rules.trust, rules.trusted_root, rules.public_key)
    return collect_image(item, opened, judge, problems, publication, rules.fixed)


def _with_pgp(artifacts: tuple[Artifact, ...], opened: "OpenedTarget") -> tuple[Artifact, ...]:
    """The artifacts with what is to be known about PGP signatures: beside them, and around checksums that list them."""
    if not artifacts:
        return artifacts
    from slsacheck.evidence.pgp import checksum_facts, signature_facts

    shelf = opened.shelf
    files = {one.id: one.at[0].path or "" for one in artifacts if one.at and one.at[0].path and not one.image}
    beside = {key: signature_facts(path, shelf) for key, path in files.items()}
    lists = []
    for one in artifacts:
        if one.type == "checksums" and one.id in files:
            shelf.local(files[one.id])
            lists.append((one.name, shelf.read().get(files[one.id]) or b"", beside[one.id]))
    return tuple(
        replace(one, facts=(*one.facts, *beside.get(one.id, ()), *checksum_facts(one.digests, lists)))
        for one in artifacts
    )


def _packages(
    item: ArtifactInput,
    target: Target,
    opened: "OpenedTarget",
    publications: Sequence[Publication],
    rules_of: "RulesOf",
) -> tuple[Artifact, ...]:
    def judge(reference: str, name: str, described: "Described") -> Any:
        publication = _publication(item, described.kind, publications)
        rules = rules_of(name, publication)
        return (*verifications(reference, described.digests, target, rules, opened), publication, rules.fixed)

    return collect_package(item, opened, judge)


def _unread(item: ArtifactInput, publications: Sequence[Publication]) -> Artifact:
    """An artifact that is known by name alone: everything about it stays UNKNOWN."""
    kind = "container-image" if item.kind == "image" else "other"
    purl = item.reference if item.reference.startswith("pkg:") else None
    place = Place(url=item.reference)
    return Artifact(
        id=f"artifact:{item.reference}",
        name=item.reference,
        type=kind,
        digests=(),
        at=(place,),
        publication=(publication_of if item.kind == "image" else publication_of_package)(item, publications),
        channel=registry_of(item.reference) if item.kind == "image" else None,
        purl=purl,
    )


def _artifact(
    item: ArtifactInput,
    target: Target,
    opened: "OpenedTarget",
    publications: Sequence[Publication],
    rules_of: "RulesOf",
) -> Artifact:
    path = item.reference
    name = os.path.basename(path)
    described = opened.shelf.describe(path)
    opened.digests[path] = described.digests
    kind = "python-package" if _is_sdist(name, target) else described.kind
    publication = _publication(item, kind, publications)
    rules = rules_of(name, publication)
    judged, looked = verifications(path, described.digests, target, rules, opened)
    sha256 = dict(described.digests)["sha256"]
    return Artifact(
        id=f"artifact:{name}@sha256:{sha256}",
        name=name,
        type=kind,
        digests=described.digests,
        at=(Place(path=path, digest=f"sha256:{sha256}"),),
        verifications=judged,
        looked_at=tuple(looked),
        publication=publication,
        facts=rules.fixed,
    )


def _is_sdist(name: str, target: Target) -> bool:
    """Whether an archive is the source distribution of a wheel given with it: the same project and version."""
    if not name.endswith(".tar.gz"):
        return False
    own = _spelling(name.removesuffix(".tar.gz"))
    wheels = (os.path.basename(item.reference) for item in target.artifacts if item.reference.endswith(".whl"))
    return any(own == _spelling("-".join(wheel.split("-")[:2])) for wheel in wheels)


def _spelling(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")


def _publication(item: ArtifactInput, kind: str, publications: Sequence[Publication]) -> str | None:
    """The publication that an artifact belongs to: named by the user, else the only one of its type (DESIGN 9)."""
    if item.publication is not None:
        named = [one.id for one in publications if item.publication in (one.id, one.name)]
        return named[0] if len(named) == 1 else item.publication
    return _only_of(kind, publications)


def _only_of(kind: str | None, publications: Sequence[Publication]) -> str | None:
    """The one publication of a type; None where there are none or several."""
    same = [one.id for one in publications if one.type == kind and one.applies]
    return same[0] if len(same) == 1 else None


def _expected(
    artifacts: Sequence[Artifact], opened: "OpenedTarget", publications: Sequence[Publication], problems: Problems
) -> dict[str, int]:
    """How many artifacts each publication has, where a checksum file among them lists the set."""
    paths = [artifact.at[0].path or "" for artifact in artifacts if artifact.type == "checksums"]
    if not paths:
        return {}
    from slsacheck.evidence.artifact_kinds import kind_of_name
    from slsacheck.evidence.checksums import expected_counts

    for path in paths:
        opened.shelf.local(path)
    files = [(path, data) for path in paths if (data := opened.shelf.read().get(path)) is not None]
    return expected_counts(artifacts, files, lambda name: _only_of(kind_of_name(name), publications), problems)


def _given(artifacts: Sequence[Artifact]) -> dict[str, int]:
    """How many artifacts of each publication were given, which is all that there are where the user says so."""
    names = [artifact.publication for artifact in artifacts if artifact.publication and artifact.digests]
    return {name: names.count(name) for name in dict.fromkeys(names)}


def _rules(
    target: Target, repository: GitFacts, config: Any, catalogue: Catalogue, name: str, publication: str | None
) -> Rules:
    from slsacheck.evidence.attestations import default_trust

    expected = target.expectations
    if config is not None:
        expected = _overlaid(config.expectations_of(publication=publication, artifact=name), expected)
    expected, fixed = _with_repository(expected, target, repository)
    trust = replace(default_trust(), roots=catalogue.trust_roots)
    return Rules(expected, trust, target.trusted_root, target.public_key, fixed)


def _overlaid(below: Expectations, above: Expectations) -> Expectations:
    """Both together; what `above` says wins."""
    own = {item.name: getattr(above, item.name) for item in fields(above)}
    return replace(below, **{name: value for name, value in own.items() if value not in (None, ())})


def _with_repository(
    expected: Expectations, target: Target, repository: GitFacts
) -> tuple[Expectations, tuple[tuple[str, str], ...]]:
    """The expectations that the repository assessed together with the artifacts fixes, and a word on each."""
    if target.kind != "repository" or repository.commit is None:
        return expected, ()
    from slsacheck.evidence.git import source_uri

    fixed: list[tuple[str, str]] = []
    uri = source_uri(repository.origin) if repository.origin else None
    if expected.source_uri is None and uri is not None:
        expected = replace(expected, source_uri=uri)
        fixed.append(("expected source", f"{uri} (origin in .git/config)"))
    if expected.source_revision is None:
        expected = replace(expected, source_revision=repository.commit)
        fixed.append(("expected revision", f"{repository.commit} ({_named(target, repository)})"))
    return expected, tuple(fixed)


def _named(target: Target, repository: GitFacts) -> str:
    if target.revision is not None:
        return "--revision"
    return f"tag {repository.tags[0]}" if repository.tags else "HEAD"


def _tell_unused(target: Target, found: Sequence[Artifact], problems: Problems) -> None:
    """Says which of the given attestations speak of none of several artifacts."""
    if len(target.artifacts) == 1:
        return
    used = {verification.path for artifact in found for verification in artifact.verifications}
    for path in target.attestations:
        if path not in used:
            problems.add(path, "speaks of none of the artifacts that were given", "is it for another release?")
