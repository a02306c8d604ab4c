"""Words of a script as tree-sitter-bash sees them: quotes taken off, known variables filled in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slsacheck.evidence.shell._model import MAX_EXPANSION
from slsacheck.patterns import regex

if TYPE_CHECKING:
    from tree_sitter import Node

    from slsacheck.evidence.shell._shield import Shield
    from slsacheck.evidence.shell._variables import Variables

__all__ = ["Words", "text_of"]

_ESCAPE = regex(r"\\(\n|.)", re.DOTALL)
_QUOTED_ESCAPE = regex(r'\\(\n|["$`\\])')
_ARRAY = regex(r"\$(?:\{([A-Za-z_]\w*)\[[@*]\]\}|([@*])|\{([@*])\})")
_PLAIN = regex(r"\$(?:\{([A-Za-z_]\w*|[0-9])\}|([A-Za-z_]\w*|[0-9]))")
_FALLBACK = regex(r"\$\{([A-Za-z_]\w*|[0-9]):?[-=]([^${}`\"'()]*)\}")
_EXTRA = regex(r"\$\{([A-Za-z_]\w*):?\+([^{}`()]*)\}")
_LEAVES = {"simple_expansion", "expansion"}


def text_of(node: Node) -> str:
    """The source text of a node."""
    return (node.text or b"").decode("utf-8", "replace")


def _join(match: re.Match[str]) -> str:
    return "" if match[1] == "\n" else match[1]


class Words:
    """Turns nodes into words; remembers which variables with several values they named."""

    def __init__(self, variables: Variables, shield: Shield) -> None:
        self._variables = variables
        self._shield = shield
        self.choices: dict[str, tuple[str, ...]] = {}

    def of(self, node: Node) -> list[tuple[str, bool]]:
        """The words that a node stands for, each with whether it is uncertain."""
        text = text_of(node)
        inner = text[1:-1] if node.type == "string" and len(text) > 1 else text
        array = _ARRAY.fullmatch(inner)
        if array and (words := self._variables.words(array[1] or "@")) is not None:
            return [(self._shield.restore(word), doubt) for word, doubt in words]
        if node.type in _LEAVES:
            split = self._split(inner)
            if split is not None:
                return split
        return [(self._shield.restore(self.one(node))[:MAX_EXPANSION], False)]

    def _split(self, text: str) -> list[tuple[str, bool]] | None:
        """An unquoted variable may be several words, or none."""
        extra = _EXTRA.fullmatch(text)
        if extra:
            return [(self._shield.restore(word.strip("\"'")), True) for word in extra[2].split()]
        plain = _PLAIN.fullmatch(text)
        if plain is None:
            return None
        name = plain[1] or plain[2]
        values = self._variables.values(name)
        value = self._variables.value(name)
        if value is not None:
            certain = self._variables.certain(name)
            return [(self._shield.restore(word), not certain) for word in value.split()]
        if any(item.startswith("-") for item in values):
            return [(self._shield.restore(word), True) for item in values for word in item.split()]
        return None

    def one(self, node: Node) -> str:
        """The text that a node stands for inside one word, with marks in place of expressions."""
        kind = node.type
        if kind in ("word", "number", "variable_name", "extglob_pattern"):
            return _ESCAPE.sub(_join, text_of(node)) if not node.named_child_count else self._pieces(node)
        if kind == "raw_string":
            return text_of(node)[1:-1]
        if kind == "ansi_c_string":
            return text_of(node)[2:-1]
        if kind in _LEAVES:
            return self._variable(text_of(node))
        if kind in ("string", "translated_string"):
            return self._quoted(node)
        if kind in ("concatenation", "command_name"):
            return self._pieces(node)
        return text_of(node)

    def _pieces(self, node: Node) -> str:
        """The pieces of a compound word put together, at most MAX_EXPANSION characters."""
        parts: list[str] = []
        room = MAX_EXPANSION
        position = node.start_byte
        for child in node.children:
            gap = child.start_byte - position
            piece = self.one(child) if gap == 0 else self._gap(node, position, child.start_byte) + self.one(child)
            parts.append(piece[:room])
            room -= len(parts[-1])
            position = child.end_byte
        return "".join(parts) if node.children else text_of(node)

    @staticmethod
    def _gap(node: Node, start: int, end: int) -> str:
        raw = (node.text or b"")[start - node.start_byte : end - node.start_byte]
        return raw.decode("utf-8", "replace").replace("\\\n", "")

    def _quoted(self, node: Node) -> str:
        parts: list[str] = []
        room = MAX_EXPANSION
        position = node.start_byte + 1
        for child in node.children:
            if child.type in ('"', '$"'):
                continue
            if child.start_byte > position:
                parts.append(self._gap(node, position, child.start_byte))
            plain = child.type == "string_content"
            piece = _QUOTED_ESCAPE.sub(_join, text_of(child)) if plain else self.one(child)
            parts.append(piece[:room])
            room -= len(parts[-1])
            position = child.end_byte
        end = node.end_byte - 1
        if position < end:
            parts.append(self._gap(node, position, end))
        return "".join(parts)[:MAX_EXPANSION]

    def _variable(self, text: str) -> str:
        """The value of `$NAME`, or the text as it stands; `${NAME:-default}` is the default where NAME isn't known."""
        plain = _PLAIN.fullmatch(text)
        fallback = None if plain else _FALLBACK.fullmatch(text)
        match = plain or fallback
        if match is None:
            return text
        name = match[1] or (plain[2] if plain else "")
        value = self._variables.value(name)
        if value is not None:
            return value
        values = self._variables.values(name)
        if len(values) > 1:
            self.choices[name] = values
        if fallback and not values:
            return fallback[2]
        return text
