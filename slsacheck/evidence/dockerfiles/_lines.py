"""The lines of a Dockerfile put together: parser directives, comments, continuations and here-documents."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slsacheck.errors import InputError
from slsacheck.evidence.dockerfiles._model import MAX_INSTRUCTIONS, Heredoc
from slsacheck.evidence.dockerfiles._words import split_words, unquoted
from slsacheck.patterns import regex
from slsacheck.record import record

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Logical", "directives_of", "logical_lines"]

_DIRECTIVE = regex(r"#\s*([A-Za-z][A-Za-z0-9]*)\s*=\s*(.+?)\s*")
_KNOWN = frozenset({"syntax", "escape", "check"})
_CONTINUED = {
    "\\": regex(r"(?:^|(?<=[^\\]))\\[ \t]*$"),
    "`": regex(r"(?:^|(?<=[^`]))`[ \t]*$"),
}
"""An escape character at the end of a line; two of them are one that stands for itself."""
_TAKES_HEREDOCS = regex(r"(?:ONBUILD[ \t]+)?(?:RUN|COPY|ADD)\b", re.IGNORECASE)
_HEREDOC = regex(r"(\d*)<<(-?)([^<]+)")
_MOST_HEREDOCS = 50
"""Here-documents of one instruction; people use 3."""


@record
class Logical:
    """One instruction's lines: `source` has a backslash and a line break where the file continues a line."""

    source: str
    line: int
    end: int
    heredocs: tuple[Heredoc, ...] = ()


def directives_of(lines: list[str]) -> tuple[tuple[tuple[str, str, int], ...], int]:
    """The parser directives at the top, and how many lines they take; the first line that is none ends them."""
    found: list[tuple[str, str, int]] = []
    start = 1 if lines and lines[0].startswith("#!") else 0
    number = start
    for number, line in enumerate(lines[start:], start):
        match = _DIRECTIVE.fullmatch(line.strip())
        if match is None or match[1].lower() not in _KNOWN:
            return tuple(found), number
        found.append((match[1].lower(), match[2], number + 1))
    return tuple(found), number + 1 if found else number


def logical_lines(lines: list[str], start: int, escape: str, path: str) -> Iterator[Logical]:
    """The instructions from line index `start` on.

    Raises InputError where a here-document is never closed or there are too many instructions.
    """
    index, count = start, 0
    while index < len(lines):
        first = lines[index].strip()
        if not first or first.startswith("#"):
            index += 1
            continue
        count += 1
        if count > MAX_INSTRUCTIONS:
            raise InputError(
                f"has more than {MAX_INSTRUCTIONS} instructions and was not read",
                where=path,
                advice="split it; an image can have 127 layers",
            )
        begin = index
        source, index = _continued(lines, index, escape)
        if not source.replace("\\\n", "").strip():
            continue
        heredocs, index = _heredocs(source, lines, index, path, begin)
        yield Logical(source, begin + 1, max(index, begin + 1), heredocs)


def _continued(lines: list[str], index: int, escape: str) -> tuple[str, int]:
    """A line with those that continue it, comments and empty lines between them taken out, and the next index."""
    pattern = _CONTINUED[escape]
    parts: list[str] = []
    line = lines[index].lstrip()
    while True:
        index += 1
        match = pattern.search(line)
        if match is None:
            parts.append(line)
            return "\\\n".join(parts), index
        parts.append(line[: match.start()])
        while index < len(lines) and (not (bare := lines[index].strip()) or bare.startswith("#")):
            parts.append("")
            index += 1
        if index >= len(lines):
            return "\\\n".join(parts), index
        line = lines[index]


def _heredocs(source: str, lines: list[str], index: int, path: str, begin: int) -> tuple[tuple[Heredoc, ...], int]:
    text = source.replace("\\\n", "").lstrip()
    if "<<" not in text or not _TAKES_HEREDOCS.match(text):
        return (), index
    found: list[Heredoc] = []
    for word in split_words(text):
        match = _HEREDOC.fullmatch(word)
        if match is None or len(found) >= _MOST_HEREDOCS:
            continue
        name = unquoted(match[3])
        if not name or any(letter.isspace() for letter in name):
            continue
        text, after = _body(lines, index, name, chomp=bool(match[2]))
        if after is None:
            raise InputError(
                f"line {begin + 1}: the here-document {name[:80]!r} is never closed",
                where=path,
                advice=f"end it with a line that holds nothing but {name[:80]}",
            )
        found.append(Heredoc(name, text, index + 1, expand=name == match[3], chomp=bool(match[2])))
        index = after
    return tuple(found), index


def _body(lines: list[str], index: int, name: str, *, chomp: bool) -> tuple[str, int | None]:
    """The text up to the line that closes it, and the index behind that line; None where there is none."""
    for position in range(index, len(lines)):
        line = lines[position].lstrip("\t") if chomp else lines[position]
        if line == name:
            return "\n".join(lines[index:position]), position + 1
    return "", None
