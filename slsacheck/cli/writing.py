"""Plain text for people: wrapped paragraphs, headings, columns. Nothing here comes from a target."""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING, Any

from slsacheck.cli.console import console_of
from slsacheck.cli.reporting import write_stdout

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from slsacheck.cli.console import Console

__all__ = ["Page", "print_json"]

GAP = "  "
WIDEST = 120
"""Columns of a page: no eye follows a longer line."""
NARROWEST = 44
"""Columns below which the last column goes to a line of its own."""


class Page:
    """Collects lines for the console, as wide as it is."""

    def __init__(self, colour: str = "auto") -> None:
        self._console: Console = console_of(colour)
        self._lines: list[str] = []

    def heading(self, text: str) -> None:
        """A line that stands out, with an empty one before it."""
        if self._lines:
            self._lines.append("")
        bold, plain = ("\x1b[1m", "\x1b[0m") if self._console.colour else ("", "")
        lines = textwrap.wrap(text, min(self._console.width, WIDEST), subsequent_indent="  ", break_on_hyphens=False)
        self._lines += [f"{bold}{line}{plain}" for line in lines]

    def text(self, text: str, indent: int = 2) -> None:
        """A paragraph."""
        space = " " * indent
        width = min(self._console.width, 100)
        self._lines += textwrap.wrap(
            text, width, initial_indent=space, subsequent_indent=space, break_on_hyphens=False, break_long_words=False
        )

    def item(self, text: str, indent: int = 2) -> None:
        """A paragraph behind a dash."""
        space = " " * indent
        width = min(self._console.width, 100)
        self._lines += textwrap.wrap(
            text,
            width,
            initial_indent=f"{space}- ",
            subsequent_indent=f"{space}  ",
            break_on_hyphens=False,
            break_long_words=False,
        )

    def block(self, text: str, indent: int = 4) -> None:
        """Lines as they are, to be copied."""
        self._lines += [" " * indent + line if line else "" for line in text.split("\n")]

    def columns(self, rows: Iterable[Sequence[str]], indent: int = 2) -> None:
        """Rows whose last column takes the rest of the line, or the next line where little is left of it."""
        listed = [tuple(row) for row in rows]
        if not listed:
            return
        widths = [max(len(row[index]) for row in listed) for index in range(len(listed[0]) - 1)]
        used = indent + sum(widths) + len(GAP) * len(widths)
        width = min(self._console.width, WIDEST)
        for row in listed:
            cells = " " * indent + GAP.join(cell.ljust(size) for cell, size in zip(row, widths, strict=False))
            if width - used >= NARROWEST or width - used >= len(row[-1]):
                first, *others = textwrap.wrap(row[-1], width - used, break_on_hyphens=False) or [""]
                self._lines.append(f"{cells}{GAP}{first}".rstrip())
                self._lines += [" " * used + line for line in others]
            else:
                self._lines.append(cells.rstrip())
                self.text(row[-1], indent + 4)

    def blank(self) -> None:
        """An empty line."""
        self._lines.append("")

    def show(self) -> None:
        """Writes all of it."""
        self._console.say("\n".join(self._lines))


def print_json(document: Any) -> None:
    """A document for programs on standard output, ASCII only."""
    write_stdout(json.dumps(document, indent=2) + "\n")
