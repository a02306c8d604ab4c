"""Text for a terminal: nothing unprintable, measured in columns, wrapped."""

from __future__ import annotations

import unicodedata

__all__ = ["clean", "columns", "cut", "pad", "wrap"]

MAX_TEXT = 1_000
"""Longest text of a target that is shown, in characters: a name or reason is a few words, a longer one is an attack."""
MAX_WORD = 300
"""Longest word in columns; paths and addresses that a reader copies are shorter."""
MAX_MARKS = 3
"""Most combining marks in a row: no script needs more, and stacks of them paint over other lines."""
_SPACES = frozenset("\t\n\r\v\f\x85\u2028\u2029")


def clean(text: str, *, ascii_only: bool = False) -> str:
    r"""The text on one line, with every character that steers a terminal or hides itself written as an escape.

    Control characters, bidirectional overrides, zero-width characters and lone surrogates become `\u202e` and the
    like, line ends and tabs become spaces. What is longer than 1,000 characters is cut.
    """
    if len(text) > MAX_TEXT:
        text = text[:MAX_TEXT] + " …"
    if not text.isascii() or not text.isprintable():
        text = _escaped(text)
    return text if not ascii_only or text.isascii() else text.encode("ascii", "backslashreplace").decode("ascii")


def _escaped(text: str) -> str:
    pieces: list[str] = []
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks > MAX_MARKS:
            continue
        pieces.append(_visible(character))
    return "".join(pieces)


def _visible(character: str) -> str:
    if character.isprintable():
        return character
    if character in _SPACES or unicodedata.category(character) == "Zs":
        return " "
    return (
        character.encode("ascii", "backslashreplace").decode("ascii")
        if character > "\x7f"
        else f"\\x{ord(character):02x}"
    )


def columns(text: str) -> int:
    """How many columns a terminal needs for the text: East Asian wide characters take two, combining marks none."""
    return len(text) if text.isascii() else sum(_width(character) for character in text)


def _width(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def cut(text: str, width: int, mark: str = "…") -> str:
    """The text in at most `width` columns; what was cut off is marked."""
    if columns(text) <= width:
        return text
    room, kept = width - len(mark), 0
    for number, character in enumerate(text):
        kept += _width(character)
        if kept > room:
            return text[:number] + mark
    return text


def pad(text: str, width: int, *, right: bool = False) -> str:
    """The text filled up with spaces to `width` columns, at its right, or with `right` at its left."""
    spaces = " " * max(0, width - columns(text))
    return spaces + text if right else text + spaces


def wrap(text: str, width: int) -> list[str]:
    """The text in lines of at most `width` columns, broken at spaces; a longer word stands alone.

    Addresses and paths stay in one piece so that they can be copied.
    """
    lines: list[str] = []
    line, used = "", 0
    for word in (cut(word, MAX_WORD) for word in text.split()):
        size = columns(word)
        if line and used + 1 + size > width:
            lines.append(line)
            line, used = word, size
        else:
            line, used = (f"{line} {word}", used + 1 + size) if line else (word, size)
    return [*lines, line] if line else lines
