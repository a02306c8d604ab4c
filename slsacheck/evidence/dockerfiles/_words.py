"""Words of instructions: split at blanks outside quotes, without quotes, and with variables filled in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slsacheck.evidence.dockerfiles._model import MAX_DEPTH, MAX_VALUE
from slsacheck.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["expanded", "split_words", "unquoted"]

_WORD = regex(r"(?:[^\s\\\"']|\\.|\"(?:[^\"\\]|\\.)*\"|'[^']*'|[\\\"'])+", re.DOTALL)
_PART = regex(r"\\(.)|\"((?:[^\"\\]|\\.)*)\"|'([^']*)'|([^\\\"']+|.)", re.DOTALL)
_INSIDE = regex(r"\\([\"\\$`])")
_VARIABLE = regex(r"\\(.)|\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(\}|:?[-+])?)", re.DOTALL)


def split_words(text: str) -> list[str]:
    """The words of a text as they are written, quotes included."""
    return _WORD.findall(text)


def unquoted(word: str) -> str:
    """A word without its quotes and escapes."""
    if not any(letter in word for letter in "\\\"'"):
        return word
    parts: list[str] = []
    for match in _PART.finditer(word):
        if match[2] is not None:
            parts.append(_INSIDE.sub(r"\1", match[2]))
        else:
            parts.append(match[1] or match[3] or match[4] or "")
    return "".join(parts)


def expanded(text: str, known: Mapping[str, str], depth: int = 0) -> tuple[str, bool]:
    """A text with `$NAME`, `${NAME}`, `${NAME:-word}` and `${NAME:+word}` filled in, and whether all of it is known.

    What is not known, and other forms of expansion, stay as written. One pass: values are not filled in again.
    """
    if "$" not in text:
        return text, True
    parts: list[str] = []
    position, resolved, size = 0, True, 0
    while (match := _VARIABLE.search(text, position)) is not None:
        piece, end, known_here = _value(text, match, known, depth)
        parts += (text[position : match.start()], piece)
        resolved = resolved and known_here
        size += len(parts[-1]) + len(parts[-2])
        position = end
        if size > MAX_VALUE:
            return text[:MAX_VALUE], False
    parts.append(text[position:])
    return "".join(parts), resolved


def _value(text: str, match: re.Match[str], known: Mapping[str, str], depth: int) -> tuple[str, int, bool]:
    """What stands for one variable, where the text goes on, and whether it is known."""
    if match[1] is not None:
        return match[0] if match[1] != "$" else "$", match.end(), True
    name = match[2] or match[3]
    if match[2] is not None or match[4] == "}":
        return (known[name], match.end(), True) if name in known else (match[0], match.end(), False)
    close = _closing(text, match.end()) if match[4] else -1
    if close < 0 or depth >= MAX_DEPTH:
        return match[0], match.end(), False
    word = text[match.end() : close]
    value = known.get(name)
    has = bool(value) if match[4].startswith(":") else value is not None
    if match[4].endswith("+"):
        filled, sure = expanded(word, known, depth + 1) if has else ("", True)
    else:
        filled, sure = (value or "", True) if has else expanded(word, known, depth + 1)
    return filled, close + 1, sure


def _closing(text: str, start: int) -> int:
    """The position of the brace that closes an expansion, -1 without one."""
    depth = 1
    for position in range(start, min(len(text), start + MAX_VALUE)):
        letter = text[position]
        depth += {"{": 1, "}": -1}.get(letter, 0)
        if depth == 0:
            return position
    return -1
