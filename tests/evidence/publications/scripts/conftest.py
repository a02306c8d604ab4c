"""Reads scripts against files that are given as a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from slsacheck.errors import Absent
from slsacheck.evidence.publications.acts import Act
from slsacheck.evidence.publications.context import Context
from slsacheck.evidence.publications.scripts import acts_of_script
from slsacheck.evidence.tree import MAX_FILE, Problems
from slsacheck.model import Job, Permissions, Pipeline, Place

WORKFLOW = ".github/workflows/release.yml"
FIRST = 10


class Files:
    """A tree made of a table."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self._files = dict(files)

    def paths(self) -> tuple[str, ...]:
        return tuple(sorted(self._files))

    def exists(self, path: str) -> bool:
        return path in self._files

    def read(self, path: str, limit: int = MAX_FILE) -> bytes:
        return self.text(path, limit).encode()

    def text(self, path: str, limit: int = MAX_FILE) -> str:
        if path not in self._files:
            raise Absent(path)
        return self._files[path][:limit]


def make_context(
    files: Mapping[str, str] | None = None,
    env: Mapping[str, str] | None = None,
    permissions: Mapping[str, str] | None = None,
    directory: str = "",
) -> Context:
    at = Place(path=WORKFLOW, line=1)
    given = Permissions(declared=permissions is not None, scopes=tuple((permissions or {}).items()))
    return Context(
        tree=Files(files or {}),
        pipeline=Pipeline("github-actions", WORKFLOW, at),
        job=Job("release", at, permissions=given),
        problems=Problems(),
        env=dict(env or {}),
        directory=directory,
    )


@pytest.fixture
def read() -> Callable[..., list[Act]]:
    """The acts of a script that begins on line 10 of a workflow."""

    def acts(text: str, files: Mapping[str, str] | None = None, **rest: Mapping[str, str]) -> list[Act]:
        return list(acts_of_script(text, Place(path=WORKFLOW, line=FIRST), make_context(files, **rest)))  # type: ignore[arg-type]

    return acts


def brief(act: Act) -> str:
    """An act in one line: kind, type, channel, name, provenance, `-` for what is not known."""
    words = (act.kind.value, act.type, act.channel, act.name, act.provenance)
    return " ".join(word or "-" for word in words)
