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

    `claims(path)` says by the path alone whether a file of the target may be one of its files; where it is not
    `certain`, the text decides. `read(paths, sources)` gives the pipelines; None marks a system that is recognised and
    not understood. `yields`: beside another living system its file is a leftover.
    """

    name: str
    claims: Callable[[str], object]
    read: Callable[[Sequence[str], Sources], tuple[Pipeline, ...]] | None = None
    certain: bool = True
    yields: bool = False
    note: str = ""
