"""What a CI system has to say about itself to be read: its name, its files, and how they become pipelines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from slsacheck.evidence.pipelines.source import Sources
    from slsacheck.model.pipeline import Pipeline

__all__ = ["System"]


@dataclass(frozen=True, slots=True)
class System:
    """One CI system.

    `claims(path)` says whether a path of the target is one of its files, by the path alone; `marks`, where given, are
    words of which the file's text must hold one. `read(paths, sources)` gives a pipeline for each file that it reads;
    None marks a system that is recognised and not understood. `live` is False for a service that has shut down.
    """

    name: str
    claims: Callable[[str], bool]
    read: Callable[[Sequence[str], Sources], tuple[Pipeline, ...]] | None
    marks: tuple[str, ...] = ()
    live: bool = True
    note: str = ""
