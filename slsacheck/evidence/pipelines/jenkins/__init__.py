"""Jenkins: Jenkinsfiles. Agents, plug-ins and shared libraries are a matter of the controller."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.evidence.pipelines.jenkins.jenkinsfile import Jenkinsfile
from slsacheck.model.pipeline import Pipeline, Trigger
from slsacheck.model.places import Place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slsacheck.evidence.pipelines.source import Sources

__all__ = ["read"]

NAME = "jenkins"
NOT = (".bats", ".md", ".txt", ".py", ".sh", ".json", ".yml", ".yaml", ".js", ".java", ".tmpl", ".star", ".hcl")
"""Endings of files that speak of Jenkinsfiles and are none."""


def read(paths: Sequence[str], sources: Sources) -> tuple[Pipeline, ...]:
    """The pipelines of these files."""
    own = (path for path in paths if "jenkinsfile" in path.lower().rpartition("/")[2] and not path.endswith(NOT))
    return tuple(_pipeline(path, text) for path in own if (text := sources.text(path)) is not None)


def _pipeline(path: str, text: str) -> Pipeline:
    found = Jenkinsfile(path, text)
    start = Place(path=path, line=1)
    events = [Trigger(token.text, found.place(token)) for token in found.triggered]
    named = [f"shared library {raw}" for raw in found.libraries]
    called = (
        [f"the step {name}() of a shared library or plug-in" for name in found.calls] if not found.declarative else []
    )
    return Pipeline(
        system=NAME,
        path=path,
        at=start,
        triggers=(Trigger("push", start), *events),
        jobs=found.jobs,
        live=bool(found.jobs or found.calls or found.libraries or found.declarative),
        external=(*named, *called),
        problems=(f"{path}: too long, its end is left out",) if found.cut else (),
        includes=tuple(found.libraries.values()),
    )
