"""All build configuration of a target, read once."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from slsacheck.evidence.pipelines.claims import claimed
from slsacheck.evidence.pipelines.registry import SYSTEMS
from slsacheck.evidence.pipelines.source import Sources
from slsacheck.evidence.pipelines.system import NOT_UNDERSTOOD, PROGRAM
from slsacheck.model.places import Place
from slsacheck.model.repository import Named

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from slsacheck.evidence.pipelines.system import System
    from slsacheck.evidence.tree import Problems, Tree
    from slsacheck.model.pipeline import Pipeline

__all__ = ["ci_systems", "read_all"]

MAX_FILES = 2_000
"""Files of one CI system that are looked into; the largest real repository seen has 200."""
MAX_PLACES = 50
"""Places that a named CI system cites."""


def read_all(tree: Tree, problems: Problems, origin: str | None = None) -> tuple[Pipeline, ...]:
    """Every build configuration file of the target in the common model, by CI system, then by path.

    `origin` is the repository's own `owner/name` where it is known. What cannot be read is said in `problems`.
    """
    sources = Sources(tree, problems, origin)
    found: list[Pipeline] = []
    claims = claimed(tree.paths())
    for system in SYSTEMS:
        if system.module and system.name in claims:
            found.extend(_reader(system)(_bounded(system, claims[system.name], problems), sources))
    return tuple(found)


def _reader(system: System) -> Callable[[Sequence[str], Sources], tuple[Pipeline, ...]]:
    """The `read` of a system's module, which is imported only for a target that has such files."""
    module = import_module(f"slsacheck.evidence.pipelines.{system.module}")
    read: Callable[[Sequence[str], Sources], tuple[Pipeline, ...]] = module.read
    return read


def _bounded(system: System, paths: Sequence[str], problems: Problems) -> Sequence[str]:
    if len(paths) > MAX_FILES:
        problems.add(paths[MAX_FILES], f"not read: {system.name} may have more than {MAX_FILES} files here")
    return paths[:MAX_FILES]


def ci_systems(tree: Tree, pipelines: Sequence[Pipeline]) -> tuple[Named, ...]:
    """The CI systems that are seen, with whether they are alive and whether their files are understood."""
    by_path = claimed(tree.paths())
    found = [named for system in SYSTEMS if (named := _seen(system, pipelines, by_path.get(system.name, ())))]
    yielding = {system.name for system in SYSTEMS if system.yields}
    if any(named.live and named.name not in yielding for named in found):
        note = "a leftover: another CI system is in use here"
        return tuple(_dead(named, note) if named.name in yielding and named.live else named for named in found)
    return tuple(found)


def _seen(system: System, pipelines: Sequence[Pipeline], paths: Sequence[str]) -> Named | None:
    """One system by its pipelines, else by the files that are certainly its own; None where there are neither."""
    own = [pipeline for pipeline in pipelines if pipeline.system == system.name]
    if own:
        at = tuple(pipeline.at for pipeline in own[:MAX_PLACES])
        live = any(pipeline.live for pipeline in own)
        programs = [pipeline.path for pipeline in own if pipeline.option(PROGRAM)]
        note = f"{programs[0]}: {NOT_UNDERSTOOD}" if programs else ""
        return Named(system.name, at, live=live, understood=len(programs) < len(own), note=note)
    if not paths or not system.certain:
        return None
    at = tuple(Place(path=path, line=1) for path in paths[:MAX_PLACES])
    note = "its files could not be read" if system.module else "not understood: there is no reader for its files"
    return Named(system.name, at, live=_mentioned(system, pipelines), understood=False, note=note)


def _mentioned(system: System, pipelines: Sequence[Pipeline]) -> bool:
    """Whether a pipeline uses a system that only lives through others; true for all that live by themselves."""
    word = system.used_by
    steps = (step for pipeline in pipelines for job in pipeline.jobs for step in job.steps)
    return not word or any(word in (step.script or "") or (step.uses and word in step.uses.raw) for step in steps)


def _dead(named: Named, note: str) -> Named:
    return Named(named.name, named.at, live=False, understood=named.understood, note=note)
