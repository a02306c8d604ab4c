"""The tokens of a Jenkinsfile: words, strings and brackets with their lines, comments left out.

Not a Groovy parser: it knows strings (all six kinds), comments and brackets, which is what finding `sh '…'` needs.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from slsacheck.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["MAX_TOKENS", "Token", "tokens"]

MAX_TOKENS = 200_000
"""Tokens of one file, line ends included; the largest real Jenkinsfile seen has 4,000."""

LEXER = regex(
    r"(?P<space>[ \t\r]+)|(?P<newline>\n)|(?P<comment>//[^\n]*|#![^\n]*|/\*(?:[^*]|\*(?!/))*+(?:\*/|$))"
    r"|(?P<triple>'''(?:\\.|[^\\'])*+(?:'(?!'')(?:\\.|[^\\'])*+)*+(?:'''|$)"
    r'|"""(?:\\.|[^\\"])*+(?:"(?!"")(?:\\.|[^\\"])*+)*+(?:"""|$))'
    r"|(?P<string>'(?:\\.|[^'\\\n])*+'?|\"(?:\\.|[^\"\\\n])*+\"?|\$/(?:[^/]|/(?!\$))*+(?:/\$|$))"
    r"|(?P<word>[A-Za-z_$@][\w.$]*)|(?P<number>\d[\w.]*)|(?P<other>.)",
    re.DOTALL,
)
ESCAPES = {"n": "\n", "t": "\t", "\\": "\\", "'": "'", '"': '"', "$": "$", "\n": "", "r": "\r"}
ESCAPE = regex(r"\\(.)", re.DOTALL)


class Token(NamedTuple):
    """One token; `text` of a string is what it says, without quotes and escapes."""

    kind: str
    text: str
    line: int
    column: int


def tokens(text: str) -> Iterator[Token]:
    """The tokens of a Jenkinsfile; a string or comment that never ends is closed by the end of its line or file."""
    line, start, count = 1, 0, 0
    for match in LEXER.finditer(text):
        kind = match.lastgroup or "other"
        found = match.group()
        if kind not in {"space", "comment"}:
            count += 1
            if count > MAX_TOKENS:
                return
            yield _token(kind, found, line, match.start() - start + 1)
        newlines = found.count("\n")
        if newlines:
            line += newlines
            start = match.start() + found.rindex("\n") + 1


def _token(kind: str, found: str, line: int, column: int) -> Token:
    if kind == "triple":
        return Token("string", _unescape(found[3:].removesuffix(found[:3])), line, column)
    if kind == "string":
        if found.startswith("$/"):
            return Token("string", found[2:].removesuffix("/$"), line, column)
        return Token("string", _unescape(found[1:].removesuffix(found[0])), line, column)
    return Token(kind, found, line, column)


def _unescape(text: str) -> str:
    return ESCAPE.sub(lambda match: ESCAPES.get(match.group(1), match.group()), text) if "\\" in text else text
