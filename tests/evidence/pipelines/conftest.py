"""A tree of files in memory, and the sample projects as such trees."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from slsacheck.errors import Absent, InputError
from slsacheck.evidence.pipelines import read_all
from slsacheck.evidence.tree import MAX_FILE, Problems
from slsacheck.model import Pipeline, Problem

PROJECTS = Path(__file__).resolve().parents[2] / "projects"


class Files:
    """Files by path, as a target's tree."""

    def __init__(self, files: Mapping[str, str | bytes]) -> None:
        self.files = {path: text.encode() if isinstance(text, str) else text for path, text in files.items()}
        self.reads: list[str] = []

    def paths(self) -> tuple[str, ...]:
        return tuple(sorted(self.files))

    def exists(self, path: str) -> bool:
        return path in self.files

    def read(self, path: str, limit: int = MAX_FILE) -> bytes:
        if path not in self.files:
            raise Absent("no such file", where=path)
        if len(self.files[path]) > limit:
            raise InputError("too large", where=path)
        self.reads.append(path)
        return self.files[path]

    def text(self, path: str, limit: int = MAX_FILE) -> str:
        found = self.read(path, limit)
        if b"\0" in found:
            raise InputError("holds a NUL byte", where=path)
        return found.decode("utf-8", "replace").removeprefix("\ufeff")


@dataclass(frozen=True)
class Read:
    """What reading a tree gave."""

    tree: Files
    pipelines: tuple[Pipeline, ...]
    problems: tuple[Problem, ...]

    def __getitem__(self, path: str) -> Pipeline:
        return next(pipeline for pipeline in self.pipelines if pipeline.path == path)


Reader = Callable[..., Read]


@pytest.fixture(scope="session")
def read() -> Reader:
    """Reads files given as `{path: text}`."""

    def reader(files: Mapping[str, str | bytes], origin: str | None = None) -> Read:
        tree, problems = Files(files), Problems()
        return Read(tree, read_all(tree, problems, origin), problems.items())

    return reader


@pytest.fixture(scope="session")
def project(read: Reader) -> Callable[[str], Read]:
    """Reads a sample project by name."""

    def reader(name: str) -> Read:
        root = PROJECTS / name
        found = {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}
        assert found, f"no sample project {name}"
        return read(found)

    return reader
