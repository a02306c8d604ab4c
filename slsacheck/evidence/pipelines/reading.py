"""All build configuration of a target, read once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.evidence.pipelines.registry import SYSTEMS
from slsacheck.evidence.pipelines.source import Sources
from slsacheck.model.repository import Named

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from slsacheck.evidence.pipelines.system import System
    from slsacheck.evidence.tree import Problems, Tree
    from slsacheck.model.pipeline import Pipeline

__all__ = ["ci_systems", "claimed", "read_all"]

MAX_FILES = 5_000
"""Files of one CI system that are read; the largest real repository seen has 200."""
MAX_PLACES = 20
"""Places that a named CI system cites."""


def claimed(paths: Iterable[str]) -> dict[str, list[str]]:
    """The paths that each CI system takes for its own, in order."""
    found: dict[str, list[str]] = {system.name: [] for system in SYSTEMS}
    for path in paths:
        for system in SYSTEMS:
            if system.claims(path):
                found[system.name].append(path)
    return found


def read_all(tree: Tree, problems: Problems, origin: str | None = None) -> tuple[Pipeline, ...]:
    """Every build configuration file of the target in the common model, by CI system, then by path.

    `origin` is the repository's own `owner/name` where it is known. What cannot be read is said in `problems`.
    """
    sources = Sources(tree, problems, origin)
    found: list[Pipeline] = []
    claims = claimed(tree.paths())
    for system in SYSTEMS:
        if system.read is not None:
            found.extend(system.read(_bounded(system, claims[system.name], problems), sources))
    return tuple(found)


def _bounded(system: System, paths: Sequence[str], problems: Problems) -> Sequence[str]:
    if len(paths) > MAX_FILES:
        problems.add(paths[MAX_FILES], f"not read: {system.name} has more than {MAX_FILES} files here")
    return paths[:MAX_FILES]


def ci_systems(tree: Tree, pipelines: Sequence[Pipeline]) -> tuple[Named, ...]:
    """The CI systems that are seen, with whether they are alive and whether their files are understood."""
    found = []
    for system in SYSTEMS:
        own = [pipeline for pipeline in pipelines if pipeline.system == system.name]
        if own:
            live = system.live and any(pipeline.live for pipeline in own)
            at = tuple(pipeline.at for pipeline in own[:MAX_PLACES])
            found.append(Named(system.name, at, live=live, note=system.note))
    return tuple(found)
