"""What every collector reads files through: a bounded, read-only view of the target's files."""

from __future__ import annotations

from typing import Protocol

from slsacheck.model import Problem

__all__ = ["MAX_FILE", "Problems", "Tree"]

MAX_FILE = 4 * 1024 * 1024
"""Bytes of one configuration file that are read; the largest real workflow or lock-step script seen has 1 MB."""


class Tree(Protocol):
    """The files of a target. Paths are relative, with forward slashes; only regular files inside the target exist."""

    def paths(self) -> tuple[str, ...]:
        """All paths, sorted. Directories, links that leave the target, devices and FIFOs are not among them."""

    def exists(self, path: str) -> bool:
        """Whether that path is one of `paths()`."""

    def read(self, path: str, limit: int = MAX_FILE) -> bytes:
        """The bytes of a file.

        Raises Absent where there is none, InputError where it is larger than `limit` or cannot be read.
        """

    def text(self, path: str, limit: int = MAX_FILE) -> str:
        """The same as UTF-8 text without a byte order mark.

        Undecodable bytes are replaced; NUL bytes are an InputError.
        """


class Problems:
    """Where a collector says what it could not read; the rest goes on."""

    def __init__(self) -> None:
        self._items: list[Problem] = []

    def add(self, where: str, reason: str, advice: str = "") -> None:
        """Records that `where` could not be read, once."""
        problem = Problem(where=where, reason=reason, advice=advice)
        if problem not in self._items:
            self._items.append(problem)

    def take(self, others: Problems) -> None:
        """Records what others could not read."""
        for problem in others.items():
            self.add(problem.where, problem.reason, problem.advice)

    def items(self) -> tuple[Problem, ...]:
        """All that was said so far, in order."""
        return tuple(self._items)
