"""Keeps other languages' expressions inside a script (`${{ … }}`, `{{ … }}`, `$[[ … ]]`) off the shell's grammar."""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING

from slsacheck.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Shield"]

_OPEN = regex(r"\$?\{\{|\$\[\[|<<[#^/]?[ \t]*(?:parameters|pipeline|matrix)\.|[^\0-\x7f]+")
_CLOSE = {"{": "}}", "[": "]]", "<": ">>"}
_CONTROL = regex(r"[\0-\x08\x0b\x0c\x0e-\x1f\x7f]")
_HASH = regex(r"\$\{[^}\n]{0,200}\}|(?<=[\w./@-])#(?=[\w.])")
_MARK = regex("\x01([0-9]{1,6})\x02")
_ENV = regex(r"\$\{\{\s*env\.([A-Za-z_][A-Za-z0-9_]*)\s*\}\}")
_MAX_EXPRESSION = 2_000  # characters; the longest expression seen has 600


class Shield:
    """Replaces expressions by marks that are part of a word, and puts them back; a `#` inside a word likewise.

    `text` is the script with marks, in ASCII alone: tree-sitter-bash looks other characters up in tables that are too
    short for them, and dies. `${{ env.NAME }}` comes back as its value where `env` knows it.
    """

    def __init__(self, text: str, env: Mapping[str, str]) -> None:
        self._env = env
        self._expressions: list[str] = []
        self._shifts: list[int] = []
        text = self._protect(_CONTROL.sub(" ", text))
        self.text = _HASH.sub(lambda match: "\x03" if match[0] == "#" else match[0], text) if "#" in text else text

    def _protect(self, text: str) -> str:
        if text.isascii() and not any(opening in text for opening in ("{{", "[[", "<<")):
            return text
        parts: list[str] = []
        position = line = 0
        while (found := _OPEN.search(text, position)) is not None:
            end = self._end(text, found)
            line += text.count("\n", position, found.start())
            if end < 0:
                parts.append(text[position : found.end()])
                line += found[0].count("\n")
                position = found.end()
                continue
            parts += (text[position : found.start()], f"\x01{len(self._expressions)}\x02")
            self._expressions.append(text[found.start() : end])
            self._shifts += [line] * self._expressions[-1].count("\n")
            position = end
        parts.append(text[position:])
        return "".join(parts)

    @staticmethod
    def _end(text: str, found: re.Match[str]) -> int:
        """Where what begins here ends; -1 where nothing closes it."""
        opening = found[0].lstrip("$")[0]
        if opening not in _CLOSE:
            return found.end()
        end = text.find(_CLOSE[opening], found.end(), found.end() + _MAX_EXPRESSION)
        return end + 2 if end >= 0 else -1

    def restore(self, word: str) -> str:
        """The word with its expressions."""
        word = word.replace("\x03", "#")
        return _MARK.sub(self._expression, word) if "\x01" in word else word

    def _expression(self, mark: re.Match[str]) -> str:
        index = int(mark[1])
        if index >= len(self._expressions):
            return ""
        expression = self._expressions[index]
        named = _ENV.fullmatch(expression)
        return self._env.get(named[1], expression) if named else expression

    def line(self, row: int) -> int:
        """The row (from 0) in the original text of a row of `text`: expressions over several lines were closed up."""
        return row + bisect_left(self._shifts, row) if self._shifts else row
