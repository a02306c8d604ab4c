"""The built-in evidence sources: which fact is got from which, and by which collector.

Each collector is imported when its evidence is first asked for, so that a scan pays only for what its target needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from slsacheck.api import evidence
from slsacheck.model import Platform, Revision

if TYPE_CHECKING:
    from slsacheck.evidence.dockerfiles import Published
    from slsacheck.evidence.tree import Problems, Tree
    from slsacheck.model import (
        Artifact,
        BuildInput,
        Catalogue,
        Finding,
        GitFacts,
        Named,
        Pipeline,
        Publication,
        ReferenceCounts,
        Target,
    )


@evidence
def tree(opened: Any, problems: Problems) -> Tree:
    """The files of the target."""
    opened.tell(problems)
    found: Tree = opened.tree
    return found


@evidence
def repository(opened: Any, problems: Problems) -> GitFacts:
    """What git tells of the target."""
    found: GitFacts = opened.facts()
    for reason in found.problems if found.present else ():
        problems.add(".git", reason)
    return found


@evidence
def origin(repository: GitFacts) -> str | None:
    """`owner/name` of the origin, from `.git/config`: a claim that whoever made the checkout can edit."""
    from slsacheck.evidence.git import origin_name

    return origin_name(repository.origin) if repository.origin else None


@evidence
def pipelines(tree: Tree, origin: str | None, problems: Problems) -> tuple[Pipeline, ...]:
    """The build configuration of every CI system that is understood."""
    from slsacheck.evidence.pipelines import read_all

    return read_all(tree, problems, origin)


@evidence
def ci_systems(tree: Tree, pipelines: tuple[Pipeline, ...]) -> tuple[Named, ...]:
    """The CI systems that the files speak of."""
    from slsacheck.evidence.pipelines import ci_systems as seen

    return seen(tree, pipelines)


@evidence
def build_tools(tree: Tree, pipelines: tuple[Pipeline, ...]) -> tuple[Named, ...]:
    """The build and release tools that the files speak of."""
    from slsacheck.evidence.pipelines import build_tools as seen

    return seen(tree, pipelines)


@evidence
def references(tree: Tree, pipelines: tuple[Pipeline, ...], origin: str | None) -> ReferenceCounts:
    """How the actions used in workflow files are pinned."""
    from slsacheck.evidence.pipelines import references as counted

    return counted(tree, pipelines, origin)


@evidence
def manifests(tree: Tree) -> tuple[Named, ...]:
    """The manifests of dependencies, and whether a lock file stands beside each."""
    from slsacheck.evidence.lockfiles import inventory

    return inventory(tree)


@evidence
def publications(
    tree: Tree, pipelines: tuple[Pipeline, ...], origin: str | None, hooks: Any, problems: Problems
) -> tuple[Publication, ...]:
    """Everything that the build configuration publishes; plug-ins add to it."""
    from slsacheck.evidence.publications import trace

    further = [item for items in hooks.slsacheck_publications(pipelines=pipelines, tree=tree) for item in items]
    return (*trace(tree, pipelines, problems, origin), *further)


@evidence
def dockerfiles(tree: Tree, publications: tuple[Publication, ...], problems: Problems) -> tuple[Published, ...]:
    """The Dockerfiles that published images are built from."""
    if not any(build.dockerfile for publication in publications for build in publication.image_builds):
        return ()
    from slsacheck.evidence.dockerfiles import published

    return published(tree, publications, problems)


@evidence
def build_inputs(publications: tuple[Publication, ...], dockerfiles: tuple[Published, ...]) -> tuple[BuildInput, ...]:
    """What the builds take in that the configuration does not fix."""
    from slsacheck.evidence.buildinputs import build_inputs as found

    return found(publications, dockerfiles)


@evidence
def hazards(
    tree: Tree,
    pipelines: tuple[Pipeline, ...],
    publications: tuple[Publication, ...],
    dockerfiles: tuple[Published, ...],
) -> tuple[Finding, ...]:
    """What endangers authenticity or isolation on the way to a release."""
    from slsacheck.evidence.hazards import hazards as found

    return found(tree, pipelines, publications, dockerfiles)


@evidence
def hints(
    tree: Tree,
    pipelines: tuple[Pipeline, ...],
    publications: tuple[Publication, ...],
    dockerfiles: tuple[Published, ...],
) -> tuple[Finding, ...]:
    """Advice apart from levels."""
    from slsacheck.evidence.hazards import hints as found

    return found(tree, pipelines, publications, dockerfiles)


@evidence
def publishing(publications: tuple[Publication, ...], pipelines: tuple[Pipeline, ...]) -> str:
    """Whether anything is published: found, none-seen, or outside."""
    from slsacheck.evidence.publications import publishing as said

    return said(publications, pipelines)


@evidence
def external(publications: tuple[Publication, ...], pipelines: tuple[Pipeline, ...]) -> tuple[str, ...]:
    """What decides a level and is not in the repository."""
    from slsacheck.evidence.publications import external as named

    return named(publications, pipelines)


@evidence
def scripted_build(publications: tuple[Publication, ...]) -> str:
    """Whether what is published is built by a script: yes, no, partial or unknown."""
    found = {item.scripted for item in publications} or {"unknown"}
    return next(iter(found)) if len(found) == 1 else "partial"


@evidence
def version_controlled(repository: GitFacts) -> str:
    """Whether a version control system holds the source: yes or unknown."""
    return "yes" if repository.commit else "unknown"


@evidence
def revisions(repository: GitFacts, target: Target) -> tuple[Revision, ...]:
    """The revision that is assessed: the one asked for, else the tag at HEAD, else HEAD."""
    if not repository.present or repository.commit is None:
        return ()
    tag = repository.tags[0] if repository.tags else None
    revision = Revision(
        id=f"revision:{repository.commit}",
        name=f"{target.name}@{repository.commit[:12]}",
        commit=repository.commit,
        at=repository.at,
        tag=tag,
        branch=repository.branch,
        dirty=repository.dirty,
    )
    return (revision,)


@evidence
def artifacts(
    target: Target,
    repository: GitFacts,
    config: Any,
    catalogue: Catalogue,
    opened: Any,
    problems: Problems,
    publications: tuple[Publication, ...],
) -> tuple[Artifact, ...]:
    """The artifacts that were given, each with every attestation found for it, verified."""
    if not target.artifacts:
        return ()
    from slsacheck.evidence.artifacts import collect

    return collect(target, repository, config, catalogue, opened, problems, publications)


@evidence
def platforms(publications: tuple[Publication, ...]) -> tuple[Platform, ...]:
    """The build platforms that the configuration uses."""
    found: dict[str, Platform] = {}
    for publication in publications:
        for job in publication.build_jobs:
            name = f"{publication.platform}:{job.runner.label if job.runner else 'default'}"
            at = (job.runner.at if job.runner else job.at,)
            found.setdefault(name, Platform(f"platform:{name}", name, at))
    return tuple(found.values())
