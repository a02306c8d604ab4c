"""Which CI systems a path may belong to; each path is looked at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.evidence.pipelines.paths import candidate, pipeline_like
from slsacheck.evidence.pipelines.registry import SYSTEMS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from slsacheck.evidence.pipelines.system import System

__all__ = ["claimed"]

FILES = {path: system.name for system in SYSTEMS for path in system.files}
FOLDERS = {folder: system for system in SYSTEMS for folder in system.folders}
TOPS = frozenset(folder.partition("/")[0] for folder in FOLDERS)
WORDS = tuple((word, system.name) for system in SYSTEMS for word in system.words)
MANIFESTS = tuple(system.name for system in SYSTEMS if system.manifests)
DATA = (".yml", ".yaml", ".json")


def claimed(paths: Iterable[str]) -> dict[str, list[str]]:
    """The paths that may be each CI system's own, in order, by the name of the system."""
    found: dict[str, list[str]] = {}
    for path in paths:
        if candidate(path):
            for name in dict.fromkeys(_names(path)):
                found.setdefault(name, []).append(path)
    return found


def _names(path: str) -> Iterator[str]:
    if path in FILES:
        yield FILES[path]
    if path.partition("/")[0] in TOPS and path.endswith(DATA):
        yield from (system.name for folder, system in FOLDERS.items() if _inside(path, folder, system))
    lower = path.lower()
    yield from (name for word, name in WORDS if word in lower)
    if pipeline_like(path):
        yield from MANIFESTS


def _inside(path: str, folder: str, system: System) -> bool:
    return path.startswith(folder) and (system.deep or "/" not in path[len(folder) :])
