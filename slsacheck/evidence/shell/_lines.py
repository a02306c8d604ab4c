"""A plain reader of scripts, line by line: for PowerShell and cmd, and where the grammar gives up."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slsacheck.evidence.shell._model import MAX_COMMANDS, Command
from slsacheck.patterns import regex

if TYPE_CHECKING:
    from slsacheck.evidence.shell._shield import Shield

__all__ = ["read_lines"]

_TOKEN = regex(
    r"""(?P<space>[ \t\r]+)|(?P<op>&&|\|\||[|;&])|(?P<double>"(?:[^"\\]|\\.)*")|(?P<single>'[^']*')"""
    r"""|(?P<sub>\$\{[^{}\s]{0,200}\}|\$\([^()]{0,400}\))|(?P<rest>[^\s|;&"'$]+|["'$])"""
)
_COMMENT = regex(r"[ \t]*(?:#|::|@?rem[ \t])", re.IGNORECASE)
_CONTINUED = ("`", "^", "\\")
_MAX_LINE = 8_000  # characters of one line; the longest seen has 4,000
_FILLERS = frozenset({"&", ".", "call", "@", "then", "do", "else", "if", "!", "{", "("})


def read_lines(text: str, shield: Shield, first_line: int, row: int = 0) -> list[Command]:
    """The commands of a script, one or more a line, without any grammar; keywords that open a block are dropped.

    `text` is shielded text that begins on `row` of the shield's text.
    """
    found: list[Command] = []
    pending: list[tuple[str, int]] = []
    for index, line in enumerate(text.split("\n"), row):
        stripped = line.rstrip()
        if not pending and _COMMENT.match(stripped):
            continue
        continued = stripped.endswith(_CONTINUED)
        pending.append((stripped[:-1] if continued else stripped, first_line + shield.line(index)))
        if not continued:
            _logical(pending, found, shield)
            pending = []
        if len(found) >= MAX_COMMANDS:
            break
    _logical(pending, found, shield)
    return found[:MAX_COMMANDS]


def _logical(parts: list[tuple[str, int]], found: list[Command], shield: Shield) -> None:
    """One line with those that continue it."""
    words: list[tuple[str, int]] = []
    pipe, stage = len(found) + 1, 0
    for text, number in parts:
        glued = False
        for match in _TOKEN.finditer(text[:_MAX_LINE]):
            kind, text_here = match.lastgroup, match.group()
            if kind == "op":
                _close(words, found, shield, (pipe, stage))
                words = []
                pipe, stage = (pipe, stage + 1) if text_here == "|" else (len(found) + 1, 0)
            elif kind != "space":
                piece = text_here[1:-1] if kind in ("double", "single") else text_here
                before, line = words.pop() if glued and words else ("", number)
                words.append((before + piece, line))
            glued = kind not in ("op", "space")
    _close(words, found, shield, (pipe, stage))


def _close(words: list[tuple[str, int]], found: list[Command], shield: Shield, at: tuple[int, int]) -> None:
    while words and words[0][0].lower() in _FILLERS:
        words = words[1:]
    if words:
        argv = tuple(shield.restore(word) for word, _ in words)
        found.append(Command(argv, words[0][1], tuple(line for _, line in words), pipe=at[0], stage=at[1]))
