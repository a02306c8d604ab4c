"""Quotes the line that a place points to, so that a report can show it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.errors import Absent, SlsacheckError
from slsacheck.record import replace

if TYPE_CHECKING:
    from collections.abc import Iterable

    from slsacheck.evidence.tree import Tree
    from slsacheck.model import Place

__all__ = ["MAX_EXCERPT", "Quoter"]

MAX_LINE = 10_000
"""Characters of a line in which credentials are looked for before it is cut."""
MAX_EXCERPT = 200
"""Characters of a line that are quoted; a reader recognises it by fewer."""


_MARKS = (
    *("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "gldt-", "glrt-", "glcbt-", "glptt-", "AKIA"),
    *("ASIA", "AIza", "xox", "_live_", "npm_", "pypi-AgE", "dckr_", "PRIVATE KEY", "eyJ"),
)
"""One of these, or an address with an @ in it, is in every line that holds a credential; most lines have neither."""


class Quoter:
    """Fills the `excerpt` of places from the files of a target; each file is split into lines once."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._lines: dict[str, list[str]] = {}
        self._quoted: dict[Place, Place] = {}

    def places(self, at: Iterable[Place]) -> tuple[Place, ...]:
        """The same places, with the line itself where there is one to quote."""
        return tuple(self._place(place) for place in at)

    def _place(self, place: Place) -> Place:
        if place.path is None or place.line is None or place.excerpt is not None:
            return place
        found = self._quoted.get(place)
        if found is None:
            lines = self._file(place.path)
            text = (
                _shown(lines[place.line - 1][:MAX_LINE]).strip()[:MAX_EXCERPT] if 0 < place.line <= len(lines) else ""
            )
            found = self._quoted[place] = replace(place, excerpt=text) if text else place
        return found

    def _file(self, path: str) -> list[str]:
        if path not in self._lines:
            try:
                self._lines[path] = self._tree.text(path).split("\n") if self._tree.exists(path) else []
            except (Absent, SlsacheckError):
                self._lines[path] = []
        return self._lines[path]


def _shown(line: str) -> str:
    """A line without what has the shape of a credential."""
    if not any(mark in line for mark in _MARKS) and not ("://" in line and "@" in line):
        return line
    from slsacheck.evidence.secrets import hidden

    return hidden(line)
