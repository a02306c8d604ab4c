"""The quick way: a script of plain lines needs no grammar, and so not the time to import one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slsacheck.evidence.shell._model import MAX_COMMANDS, MAX_EXPANSION, Command
from slsacheck.patterns import regex
from slsacheck.record import field, record

if TYPE_CHECKING:
    from slsacheck.evidence.shell._shield import Shield
    from slsacheck.evidence.shell._variables import Variables

__all__ = ["read_plain"]

_BARE = r"[A-Za-z0-9_./:=@%+,~*?\x01-\x03-]++"
_VARIABLE = r"\$(?:[A-Za-z_]\w*|\{[A-Za-z_]\w*\})"
_TOKEN = regex(
    rf"""(?P<space>[ \t]+)|(?P<end>&&|;(?![;&])|\n)|(?P<continued>(?<=[ \t])\\\n)|(?P<comment>(?<![^\s;])\#[^\n]*)"""
    rf"""|(?P<word>(?>{_BARE}|'[^'\n]*'|"(?:[^"$`\\\n]|{_VARIABLE})*"|{_VARIABLE})++)(?=[\s;&]|\Z)""",
    re.ASCII,
)
_PIECE = regex(rf"""'([^']*)'|"([^"]*)"|({_VARIABLE})|({_BARE})""", re.ASCII)
_INSIDE = regex(_VARIABLE, re.ASCII)
_WHOLE = regex(r"\$\{?([A-Za-z_]\w*)\}?", re.ASCII)
_ASSIGNMENT = regex(r"([A-Za-z_]\w*)=(.*)", re.ASCII | re.DOTALL)
_APPENDS = regex(r"[A-Za-z_]\w*\+=", re.ASCII)
_KEYWORDS = frozenset(
    [
        "if",
        "then",
        "elif",
        "else",
        "fi",
        "for",
        "while",
        "until",
        "do",
        "done",
        "case",
        "esac",
        "in",
        "function",
        "select",
        "time",
        "coproc",
        "declare",
        "local",
        "readonly",
        "typeset",
        "unset",
        "let",
        "eval",
    ]
)


def read_plain(shield: Shield, first_line: int, variables: Variables) -> list[Command] | None:
    """The commands of a script made of plain words, `&&`, `;` and comments alone; None where there is more to it."""
    found: list[Command] = []
    words: list[tuple[str, int]] = []
    row = position = 0
    text = shield.text
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            return None
        kind, token, position = match.lastgroup, match.group(), match.end()
        if kind == "word":
            words.append((token, first_line + shield.line(row)))
        elif kind == "end":
            if not _close(words, found, shield, variables):
                return None
            words = []
            if len(found) >= MAX_COMMANDS:
                break
        row += token.count("\n")
    if not _close(words, found, shield, variables):
        return None
    return found[:MAX_COMMANDS]


@record(frozen=False)
class _Parts:
    """A command while it is put together."""

    held: list[tuple[str, int]] = field(default_factory=list)
    assignments: list[tuple[str, str]] = field(default_factory=list)


def _close(words: list[tuple[str, int]], found: list[Command], shield: Shield, variables: Variables) -> bool:
    if not words:
        return True
    if words[0][0] in _KEYWORDS or _starts_with_unknown(words):
        return False
    parts = _Parts()
    declares = words[0][0] == "export"
    for index, (token, line) in enumerate(words):
        assigned = _ASSIGNMENT.fullmatch(token) if declares or not parts.held else None
        if assigned and (index or not declares):
            parts.assignments.append((assigned[1], _value(assigned[2], variables)))
            if declares:
                variables.assign(assigned[1], parts.assignments[-1][1], conditional=False)
        else:
            parts.held += ((shield.restore(word), line) for word in _split(token, variables))
    if parts.held:
        found.append(_command(parts, words[0][1], len(found) + 1, shield))
        return True
    for (name, value), (_, line) in zip(parts.assignments, words, strict=True):
        variables.assign(name, value, conditional=False)
        found.append(_command(_Parts(assignments=[(name, value)]), line, len(found) + 1, shield))
    return True


def _starts_with_unknown(words: list[tuple[str, int]]) -> bool:
    """Whether a command begins in a way that the grammar must read: `X+=1`, `${PREFIX}tool`."""
    program = next((token for token, _ in words if not _ASSIGNMENT.fullmatch(token)), "")
    if words[0][0] == "export" and any("$" in token and not _ASSIGNMENT.fullmatch(token) for token, _ in words):
        return True
    return _APPENDS.match(program) is not None or (program.startswith("$") and not _PIECE.fullmatch(program))


def _command(parts: _Parts, line: int, pipe: int, shield: Shield) -> Command:
    return Command(
        argv=tuple(word for word, _ in parts.held),
        line=parts.held[0][1] if parts.held else line,
        lines=tuple(number for _, number in parts.held),
        assignments=tuple((name, shield.restore(value)) for name, value in parts.assignments),
        pipe=pipe,
    )


def _split(token: str, variables: Variables) -> list[str]:
    """The words that a token stands for: an unquoted variable alone may be several."""
    alone = _WHOLE.fullmatch(token)
    value = variables.value(alone[1]) if alone else None
    return value.split() if value is not None else [_value(token, variables)]


def _value(token: str, variables: Variables) -> str:
    """The token without its quotes, known variables filled in."""

    def known(match: re.Match[str]) -> str:
        value = variables.value(match.group().strip("${}"))
        return match.group() if value is None else value

    def piece(match: re.Match[str]) -> str:
        single, double, variable, bare = match.groups()
        if double is not None or variable is not None:
            return _INSIDE.sub(known, double if double is not None else variable)
        return single if single is not None else bare

    return _PIECE.sub(piece, token)[:MAX_EXPANSION]
