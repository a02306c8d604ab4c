"""Where output goes and what the terminal can: streams, colour, links, width, progress."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, TextIO

from slsacheck.record import record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sized

__all__ = ["Console", "Progress", "clean", "console_of"]

MIN_WIDTH, MAX_WIDTH, USUAL_WIDTH = 40, 240, 80
"""Columns: below the first no table fits, above the second no eye follows a line."""
_LINKING = {"iTerm.app", "WezTerm", "vscode", "ghostty", "Hyper"}
"""Values of TERM_PROGRAM whose terminals open OSC 8 links."""


@record
class Console:
    """What a human reads through: `stream` is standard output, or standard error where a report took that."""

    stream: TextIO
    width: int
    colour: bool
    links: bool
    unicode: bool

    def say(self, text: str) -> None:
        """Writes a text that is known to be safe, and ends the line."""
        self.stream.write(text if text.endswith("\n") else f"{text}\n")


def clean(text: str) -> str:
    """A text without what steers a terminal: control characters but line feeds, and bidirectional overrides."""
    return "".join(char if char == "\n" or _harmless(char) else f"\\x{ord(char):02x}" for char in text)


def _harmless(char: str) -> bool:
    code = ord(char)
    steering = 0x202A <= code <= 0x202E or 0x2066 <= code <= 0x2069  # noqa: PLR2004 - Unicode UAX 9
    return code >= 0x20 and not 0x7F <= code <= 0x9F and not steering and not 0xD800 <= code <= 0xDFFF  # noqa: PLR2004 - C0, C1, surrogates


def console_of(colour: str = "auto", *, taken: bool = False) -> Console:
    """The console for this run; `taken` where a report is written to standard output."""
    stream = sys.stderr if taken else sys.stdout
    terminal = _is_terminal(stream)
    coloured = _coloured(colour, os.environ, terminal=terminal)
    return Console(
        stream=stream,
        width=_width(os.environ, stream),
        colour=coloured,
        links=coloured and terminal and _links(os.environ),
        unicode=_says(stream, "→·✓"),
    )


def _is_terminal(stream: TextIO) -> bool:
    try:
        return stream.isatty()
    except ValueError:  # closed
        return False


def _coloured(choice: str, environment: Mapping[str, str], *, terminal: bool) -> bool:
    """The flag, then NO_COLOR (no-color.org), then FORCE_COLOR, then whether it is a terminal that can."""
    if choice != "auto":
        return choice == "always"
    if environment.get("NO_COLOR"):
        return False
    if environment.get("FORCE_COLOR", "0") not in ("", "0"):
        return True
    return terminal and environment.get("TERM", "dumb") != "dumb"


def _links(environment: Mapping[str, str]) -> bool:
    """Whether this terminal is known to open OSC 8 links."""
    vte = environment.get("VTE_VERSION", "0")
    return (
        environment.get("TERM_PROGRAM") in _LINKING
        or any(name in environment for name in ("WT_SESSION", "KITTY_WINDOW_ID", "KONSOLE_VERSION"))
        or (vte.isdigit() and int(vte) >= 5000)  # noqa: PLR2004 - VTE 0.50
    )


def _width(environment: Mapping[str, str], stream: TextIO) -> int:
    given = environment.get("COLUMNS", "")
    columns = int(given) if given.isascii() and given.isdigit() else 0
    if not columns and _is_terminal(stream):
        try:
            columns = os.get_terminal_size(stream.fileno()).columns
        except (OSError, ValueError):
            columns = 0
    return min(max(columns or USUAL_WIDTH, MIN_WIDTH), MAX_WIDTH)


def _says(stream: TextIO, characters: str) -> bool:
    try:
        characters.encode(stream.encoding or "ascii")
    except (LookupError, UnicodeEncodeError):
        return False
    return True


class Progress:
    """How far a long run is, on standard error and only on a terminal; nothing is shown in the first half second."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._shown = not quiet and _is_terminal(sys.stderr)
        self._started = self._last = time.monotonic()
        self._count = 0
        self._written = False

    def __call__(self, results: Sized) -> None:
        """Counts the results of one check."""
        self._count += len(results)
        now = time.monotonic()
        if self._shown and now - self._started > 0.5 and now - self._last > 0.1:  # noqa: PLR2004 - seconds
            self._last, self._written = now, True
            sys.stderr.write(f"\r{self._count} results, {now - self._started:.0f} s")
            sys.stderr.flush()

    def wait(self, what: str) -> None:
        """Says what a long step waits for."""
        if self._shown:
            self._written = True
            sys.stderr.write(f"\r{clean(what)} …" if _says(sys.stderr, "…") else f"\r{clean(what)} ...")
            sys.stderr.flush()

    def done(self) -> None:
        """Takes the line away."""
        if self._written:
            sys.stderr.write("\r\x1b[K" if os.environ.get("TERM", "dumb") != "dumb" else "\n")
            sys.stderr.flush()
