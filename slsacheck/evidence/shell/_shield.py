"""Keeps other languages' expressions inside a script (`${{ … }}`, `{{ … }}`, `$[[ … ]]`) off the shell's grammar."""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING

from slsacheck.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Shield"]

_OPEN = regex(r"\$?\{\{|\$\[\[|<<[#^/]?[ \t]*(?:parameters|pipeline|matrix)\.")
_CLOSE = {"{": "}}", "[": "]]", "<": ">>"}
_HASH = regex(r"\$\{[^}\n]{0,200}\}|(?<=[\w./@-])#(?=[\w.])")
_MARK = regex("\ue000([0-9]{1,6})\ue001")
_ENV = regex(r"\$\{\{\s*env\.([A-Za-z_][A-Za-z0-9_]*)\s*\}\}")
_MAX_EXPRESSION = 2_000  # characters; the longest expression seen has 600


class Shield:
    """Replaces expressions by marks that are part of a word, and puts them back; a `#` inside a word likewise.

    `text` is the script with marks. `${{ env.NAME }}` comes back as its value where `env` knows it.
    """

    def __init__(self, text: str, env: Mapping[str, str]) -> None:
        self._env = env
        self._expressions: list[str] = []
        self._shifts: list[int] = []
        for mark in ("\ue000", "\ue001", "\ue002"):
            text = text.replace(mark, " ")
        self.text = _HASH.sub(lambda match: "\ue002" if match[0] == "#" else match[0], self._protect(text))

    def _protect(self, text: str) -> str:
        if "{{" not in text and "[[" not in text and "<<" not in text:
            return text
        parts: list[str] = []
        position = line = 0
        while (found := _OPEN.search(text, position)) is not None:
            closing = _CLOSE[found.group().lstrip("$")[0]]
            end = text.find(closing, found.end(), found.end() + _MAX_EXPRESSION)
            if end < 0:
                parts.append(text[position : found.end()])
                line += text.count("\n", position, found.end())
                position = found.end()
                continue
            expression = text[found.start() : end + 2]
            parts += (text[position : found.start()], f"\ue000{len(self._expressions)}\ue001")
            line += text.count("\n", position, found.start())
            self._shifts += [line] * expression.count("\n")
            self._expressions.append(expression)
            position = end + 2
        parts.append(text[position:])
        return "".join(parts)

    def restore(self, word: str) -> str:
        """The word with its expressions."""
        word = word.replace("\ue002", "#")
        return _MARK.sub(self._expression, word) if "\ue000" in word else word

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
