"""Configuration that is a program (Starlark, Jsonnet, Dagger's modules): never run, so what it makes is not understood.

What is there is said: the program, and that its pipelines could not be read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.evidence.pipelines.system import NOT_UNDERSTOOD, PROGRAM
from slsacheck.model.pipeline import Input, Pipeline, Trigger
from slsacheck.model.places import Place

if TYPE_CHECKING:
    from slsacheck.evidence.pipelines.source import Sources

__all__ = ["program"]


def program(system: str, path: str, sources: Sources) -> Pipeline | None:
    """The pipeline that stands for a program, without jobs; None where the file could not be read."""
    if sources.text(path) is None:
        return None
    at = Place(path=path, line=1)
    return Pipeline(
        system=system,
        path=path,
        at=at,
        triggers=(Trigger("push", at),),
        external=(f"{path} makes the pipelines when it runs",),
        problems=(f"{path}: {NOT_UNDERSTOOD}",),
        options=(Input(PROGRAM, path, at),),
    )
