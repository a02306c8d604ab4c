"""What paints: colours that repeat the words, links, and the marks of a terminal without Unicode."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.api import field, record
from slsacheck.model import Outcome

from ._common import safe_url
from ._text import clean, columns, wrap

if TYPE_CHECKING:
    from slsacheck.model.reporting import ReportOptions

__all__ = ["MARKS", "STYLES", "Ink"]

_SGR = {
    "": "",
    "bold": "1",
    "dim": "2",
    "good": "32",
    "bad": "1;31",
    "broken": "1;35",
    "ask": "36",
    "warn": "33",
    "would": "34",
}
MARKS = {
    Outcome.PASS: "PASS",
    Outcome.CONFIGURED: "CONF",
    Outcome.DECLARED: "DECL",
    Outcome.FAIL: "FAIL",
    Outcome.ERROR: "ERROR",
    Outcome.UNKNOWN: "?",
    Outcome.NOT_APPLICABLE: "n/a",
}
"""Every outcome in at most five columns."""
STYLES = {
    Outcome.PASS: "good",
    Outcome.CONFIGURED: "would",
    Outcome.DECLARED: "warn",
    Outcome.FAIL: "bad",
    Outcome.ERROR: "broken",
    Outcome.UNKNOWN: "ask",
    Outcome.NOT_APPLICABLE: "dim",
}
"""Every outcome's colour; UNKNOWN is never red."""
_PLAIN = str.maketrans("·→\N{EN DASH}─├└│✓✗", "->--|+|+x") | {ord("…"): "..."}


@record
class Ink:
    """Collects the lines of a report. Every text goes through `paint` or `say`, which make it harmless."""

    options: ReportOptions
    lines: list[str] = field(default_factory=list)

    def clean(self, text: str) -> str:
        """The text without anything that steers a terminal."""
        if self.options.unicode:
            return clean(text)
        return clean(text.translate(_PLAIN), ascii_only=True).translate(_PLAIN)

    def paint(self, text: str, style: str = "") -> str:
        """The text, harmless, in a colour where colours are wanted."""
        text = self.clean(text)
        code = _SGR[style]
        return f"\x1b[{code}m{text}\x1b[0m" if code and text and self.options.colour else text

    def link(self, text: str, url: str | None, style: str = "") -> str:
        """The text as a hyperlink (OSC 8) where the terminal shows them and the address may be followed."""
        target = safe_url(url) if self.options.links else None
        painted = self.paint(text, style)
        return f"\x1b]8;;{target}\x1b\\{painted}\x1b]8;;\x1b\\" if target else painted

    def add(self, line: str = "") -> None:
        """A line that was painted already."""
        self.lines.append(line.rstrip() if not self.options.colour else line)

    def say(self, text: str, indent: int = 0, style: str = "", *, limit: int = 0) -> None:
        """A text, wrapped to the width; of more than `limit` lines the rest is cut."""
        lines = wrap(self.clean(text), max(20, self.options.width - indent))
        if limit and len(lines) > limit:
            lines = [*lines[: limit - 1], lines[limit - 1] + " …"]
        for line in lines:
            self.add(" " * indent + self.paint(line, style))

    def head(self, text: str) -> None:
        """A heading after an empty line."""
        self.add()
        self.add(self.paint(text, "bold"))

    def block(self, text: str, indent: int, style: str = "") -> None:
        """Lines to paste, kept as they are."""
        for line in text.rstrip("\n").split("\n"):
            inside = len(line) - len(line.lstrip(" "))
            self.add(" " * (indent + inside) + self.paint(line[inside:], style))

    def bar(self, text: str, style: str) -> None:
        """The closing line, filled with `=` to the width as pytest does."""
        text = f" {self.clean(text)} "
        room = self.options.width - columns(text)
        if room < 2:  # noqa: PLR2004 - one sign at each side
            self.say(text, style=style)
            return
        left = room // 2
        self.add(self.paint("=" * left + text + "=" * (room - left), style))

    def text(self) -> str:
        """Everything, with a line end at the end."""
        whole = "\n".join(self.lines) + "\n"
        return whole if self.options.unicode else whole.translate(_PLAIN)
