"""The nodes of a YAML document: what a file says and where it says it."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from slsacheck.model.places import Place
from slsacheck.record import record

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["MISSING", "Duplicate", "Kind", "Node"]

TRUE = frozenset({"true", "True", "TRUE"})
FALSE = frozenset({"false", "False", "FALSE"})
NULL = frozenset({"", "~", "null", "Null", "NULL"})
MERGE = "<<"


class Kind(Enum):
    """What a node is; MISSING stands for what the file does not hold."""

    MISSING = 0
    SCALAR = 1
    SEQUENCE = 2
    MAPPING = 3


NOTHING, SCALAR, SEQUENCE, MAPPING = Kind
"""Its members by name: before Python 3.12 each look into an enumeration costs a call."""


@record
class Duplicate:
    """A key that a mapping holds more than once: its text and the line on which it comes again."""

    key: str
    line: int


class Node:
    """One value of a document. Every accessor answers on every kind of node, so that a reader need not ask first.

    `text` is the text of a scalar, as written for plain ones. `line` and `column` count from 1 and are those of the
    value; `text_line` is the line on which a scalar's text begins, which for `|` and `>` is the one below. `style` is
    `""` for plain scalars, else one of `'`, `"`, `|`, `>`. `elements` are a sequence's, `entries` a mapping's (key and
    value nodes, in order, merged ones last, repeated keys included). `weight` counts the nodes below, aliases
    expanded. A node is true where the file holds it, even empty or null.
    """

    __slots__ = (
        "_table",
        "column",
        "duplicates",
        "elements",
        "entries",
        "kind",
        "line",
        "path",
        "style",
        "tag",
        "text",
        "text_line",
        "weight",
    )

    def __init__(self, kind: Kind, path: str, line: int, column: int, text: str = "", style: str = "") -> None:
        self.kind = kind
        self.path = path
        self.line = line
        self.column = column
        self.text = text
        self.style = style
        self.text_line = line
        self.tag = ""
        self.weight = 1
        self.elements: tuple[Node, ...] = ()
        self.entries: tuple[tuple[Node, Node], ...] = ()
        self.duplicates: tuple[Duplicate, ...] = ()
        self._table: dict[str, tuple[Node, Node]] | None = None

    def __bool__(self) -> bool:
        return self.kind is not NOTHING

    def __repr__(self) -> str:
        return f"<{self.kind.name.lower()} {self.text!r} at {self.path}:{self.line}>"

    @property
    def at(self) -> Place:
        """Where the value stands."""
        return Place(path=self.path, line=self.line, column=self.column)

    @property
    def is_scalar(self) -> bool:
        """Whether it is a scalar."""
        return self.kind is SCALAR

    @property
    def is_sequence(self) -> bool:
        """Whether it is a sequence."""
        return self.kind is SEQUENCE

    @property
    def is_mapping(self) -> bool:
        """Whether it is a mapping."""
        return self.kind is MAPPING

    @property
    def is_null(self) -> bool:
        """Whether it is missing, or a plain scalar that YAML 1.2 core reads as null."""
        return self.kind is NOTHING or (self.kind is SCALAR and not self.style and self.text in NULL)

    @property
    def boolean(self) -> bool | None:
        """The truth value of a plain scalar after YAML 1.2 core (`true`, `false`); None for everything else."""
        if self.kind is not SCALAR or self.style:
            return None
        if self.text in TRUE:
            return True
        return False if self.text in FALSE else None

    def table(self) -> dict[str, tuple[Node, Node]]:
        """A mapping's keys with their key and value nodes: the last of repeated keys, own keys before merged ones."""
        if self._table is None:
            self._table = {}
            for key, value in self.entries:
                if key.kind is SCALAR:
                    self._table[key.text] = (key, value)
        return self._table

    def get(self, *keys: str) -> Node:
        """The value below these keys, one level each; MISSING where there is none."""
        node = self
        for key in keys:
            if not node.entries:
                return MISSING
            found = node.table().get(key)
            if found is None:
                return MISSING
            node = found[1]
        return node

    def key(self, name: str) -> Node:
        """The node of a key itself, for its place; MISSING where there is none."""
        found = self.table().get(name)
        return MISSING if found is None else found[0]

    def items(self) -> Iterator[tuple[str, Node]]:
        """A mapping's keys and values, as `table` chooses them."""
        for name, (_, value) in self.table().items():
            yield name, value

    def values(self) -> Iterator[Node]:
        """A mapping's values, as `table` chooses them."""
        for _, value in self.table().values():
            yield value

    def each(self) -> tuple[Node, ...]:
        """A sequence's elements; a single scalar or mapping as the only one; nothing for null."""
        if self.kind is SEQUENCE:
            return self.elements
        return () if self.is_null else (self,)

    def strings(self) -> tuple[str, ...]:
        """The texts of the scalars in a list, or of the scalar that stands in its place; nested lists are flattened."""
        return tuple(node.text for node in self.scalars())

    def scalars(self) -> Iterator[Node]:
        """The scalars in a list, or the scalar itself; nested lists are flattened, nulls left out."""
        stack = [self]
        while stack:
            node = stack.pop()
            if node.kind is SEQUENCE:
                stack.extend(reversed(node.elements))
            elif node.kind is SCALAR and not node.is_null:
                yield node

    def walk(self) -> Iterator[Node]:
        """Every node from here down, aliases expanded, in order."""
        stack = [self]
        while stack:
            node = stack.pop()
            yield node
            if node.elements:
                stack.extend(reversed(node.elements))
            elif node.entries:
                stack.extend(value for _, value in reversed(node.entries))


MISSING = Node(NOTHING, "", 0, 0)
"""What the file does not hold; it is false, empty and null."""
