"""Jenkins: Jenkinsfiles. Agents, plug-ins and shared libraries are a matter of the controller."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slsacheck.evidence.pipelines.jenkins.jenkinsfile import Jenkinsfile
from slsacheck.evidence.pipelines.system import System
from slsacheck.model.pipeline import Pipeline, Trigger
from slsacheck.model.places import Place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slsacheck.evidence.pipelines.source import Sources

__all__ = ["SYSTEM"]

NAME = "jenkins"
FILE = re.compile(
    r"(?:.*/)?(?:Jenkinsfile(?:[._-][\w.-]+)?|[\w.-]+\.[Jj]enkinsfile|jenkinsfile(?:\.groovy)?|[\w-]+[._-]Jenkinsfile)"
)
NOT = (".bats", ".md", ".txt", ".py", ".sh", ".json", ".yml", ".yaml", ".js", ".java", ".tmpl")


def _claims(path: str) -> bool:
    return FILE.fullmatch(path) is not None and not path.endswith(NOT)


def _read(paths: Sequence[str], sources: Sources) -> tuple[Pipeline, ...]:
    return tuple(_pipeline(path, text) for path in paths if (text := sources.text(path)) is not None)


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
        includes=tuple(found.libraries.values()),
    )


SYSTEM = System(name=NAME, claims=_claims, read=_read)
