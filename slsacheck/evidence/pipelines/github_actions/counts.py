"""How the references of a repository's workflows are pinned."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from slsacheck.evidence.pipelines.github_actions.actions import ACTION_FILES, action
from slsacheck.evidence.pipelines.github_actions.workflow import NAME, claims, read
from slsacheck.evidence.pipelines.source import Sources
from slsacheck.evidence.tree import Problems
from slsacheck.model.pipeline import Pin, Pipeline
from slsacheck.model.repository import ReferenceCounts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from slsacheck.evidence.tree import Tree
    from slsacheck.model.pipeline import Reference

__all__ = ["composite_paths", "references"]

APART = (Pin.LOCAL, Pin.SAME_REPOSITORY)


def references(tree: Tree, pipelines: Sequence[Pipeline] | None = None, origin: str | None = None) -> ReferenceCounts:
    """Counts every `uses:` of the workflows once where it is written; local and same-repository ones stand apart.

    `pipelines` are those of `read_all`, where they are at hand. Composite actions are counted by path, apart.
    """
    if pipelines is None:
        pipelines = read([path for path in tree.paths() if claims(path)], Sources(tree, Problems(), origin))
    counted = Counter(item.pin for item in _written(pipelines))
    return ReferenceCounts(
        total=sum(number for kind, number in counted.items() if kind not in APART),
        composite=tuple(_composites(tree, origin)),
        **{kind.value: counted[kind] for kind in Pin},
    )


def _written(pipelines: Iterable[Pipeline]) -> Iterator[Reference]:
    """The references of workflows, those behind an alias once."""
    seen = set()
    for pipeline in pipelines:
        for item in _used(pipeline) if pipeline.system == NAME else ():
            if item.at not in seen:
                seen.add(item.at)
                yield item


def _used(pipeline: Pipeline) -> Iterator[Reference]:
    for job in pipeline.jobs:
        if job.uses:
            yield job.uses
        yield from (step.uses for step in job.steps if step.uses)


def composite_paths(tree: Tree) -> tuple[str, ...]:
    """The `action.yml` files of the repository, without those of vendored code and test data."""
    found = (path for path in tree.paths() if path.rpartition("/")[2] in ACTION_FILES)
    return tuple(path for path in found if not OTHERS.intersection(path.split("/")[:-1]))


OTHERS = frozenset({"vendor", "node_modules", "testdata", "third_party", "fixtures"})
"""Folders that hold other people's code, or samples."""


def _composites(tree: Tree, origin: str | None) -> Iterator[tuple[str, int]]:
    for path in composite_paths(tree):
        found = action(tree, path, origin)
        if found and found.using == "composite":
            yield path, sum(1 for step in found.steps if step.uses and step.uses.pin not in APART)
