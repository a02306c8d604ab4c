"""From text to nodes, through libyaml's events.

Events, not `yaml.compose`: composing recurses, and 30,000 nested brackets end the process there. Events come one by
one, so every bound below is checked before the next is asked for.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from slsacheck.errors import InputError
from slsacheck.evidence.yaml.nodes import MAPPING, MERGE, MISSING, SCALAR, SEQUENCE, Duplicate, Node
from slsacheck.patterns import deferred
from slsacheck.record import record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["MAX_BYTES", "MAX_DEPTH", "MAX_NODES", "Documents", "load", "read"]

MAX_BYTES = 4 * 1024 * 1024
"""Characters of one file; the largest real pipeline file seen has 0.3 MB."""
MAX_DEPTH = 100
"""Nested collections; real pipeline files stay below 30, cluster manifests below 60."""
MAX_NODES = 200_000
"""Nodes of one file, aliases and merges expanded; the largest real pipeline file seen has 20,000."""
BLOCKS = frozenset({"|", ">"})
"""Styles of scalars whose text begins on the line below."""
MAX_DOCUMENTS = 1_000
"""Documents of one stream; a release manifest of a cluster has about 100."""


@record
class Documents:
    """The documents of a stream, and why reading ended early; what was read before that is there."""

    documents: tuple[Node, ...]
    problem: InputError | None = None

    @property
    def first(self) -> Node:
        """The first document, MISSING where there is none."""
        return self.documents[0] if self.documents else MISSING


def load(text: str, path: str) -> Node:
    """The first document of a YAML text; MISSING where it holds none.

    Raises InputError, naming file and line, where the text is not YAML or over a limit.
    """
    found = read(text, path)
    if found.problem is not None:
        raise found.problem
    return found.first


def read(text: str, path: str) -> Documents:
    """Every document of a YAML text, with the problem that ended reading where there was one. Never raises."""
    if len(text) > MAX_BYTES:
        return Documents((), _problem(path, 1, f"more than {MAX_BYTES} characters"))
    builder = _Builder(path, text)
    problem = None
    try:
        for event in _events(text):
            handler = _HANDLERS.get(type(event).__name__)
            if handler is not None:
                handler(builder, event)
    except InputError as error:
        problem = error
    except Exception as error:  # noqa: BLE001 - libyaml's wrapper raises its own, Unicode and Value errors
        problem = _from_library(error, path, text)
    return Documents(builder.finish(), problem)


def _events(text: str) -> Iterator[Any]:
    return iter(_parser()(text).get_event, None)


@cache
def _parser() -> Any:
    """PyYAML's wrapper of libyaml; the patterns of its other readers took a fifteenth of a scan, and match nothing."""
    with deferred():
        import yaml
    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _problem(path: str, line: int, reason: str) -> InputError:
    return InputError(f"line {line}: {reason}", where=path, advice="correct the YAML of this file")


def _from_library(error: Exception, path: str, text: str) -> InputError:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    reason = getattr(error, "problem", None) or getattr(error, "reason", None) or type(error).__name__
    line = mark.line + 1 if mark else text.count("\n", 0, getattr(error, "position", None) or 0) + 1
    return _problem(path, line, f"not YAML: {reason}")


class _Open:
    """A collection whose end has not been seen."""

    __slots__ = ("anchor", "children", "node")

    def __init__(self, node: Node, anchor: str | None) -> None:
        self.node = node
        self.anchor = anchor
        self.children: list[Node] = []


class _Builder:
    """Puts events together to nodes, keeping an explicit stack instead of recursing."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.source = text
        self.lines: list[str] | None = None
        self.documents: list[Node] = []
        self.stack: list[_Open] = []
        self.children = self.documents  # of the innermost collection, or of the stream
        self.anchors: dict[str, Node | None] = {}
        self.weight = 0

    def finish(self) -> tuple[Node, ...]:
        """The documents so far; collections that were still open end where reading ended."""
        try:
            while self.stack:
                self.close()
        except InputError:
            self.stack.clear()
        return tuple(self.documents)

    def start_document(self, event: Any) -> None:
        """A document begins; anchors do not reach over its border."""
        if len(self.documents) >= MAX_DOCUMENTS:
            raise _problem(self.path, event.start_mark.line + 1, f"more than {MAX_DOCUMENTS} documents")
        self.anchors = {}

    def scalar(self, event: Any) -> None:
        """A scalar."""
        mark = event.start_mark
        style = event.style or ""
        node = Node(SCALAR, self.path, mark.line + 1, mark.column + 1, event.value, style)
        if event.tag:
            node.tag = event.tag
        if style in BLOCKS:
            node.text_line = self.header_line(event) + 1
        if event.anchor:
            self.anchors[event.anchor] = node
        self.grow(1, node.line)
        self.children.append(node)

    def header_line(self, event: Any) -> int:
        """The line that holds `|` or `>`: that of the event, or a later one where an anchor or tag stands before it."""
        line = int(event.start_mark.line) + 1
        if not (event.anchor or event.tag):
            return line
        if self.lines is None:
            self.lines = self.source.split("\n")
        last = min(event.end_mark.line, len(self.lines))
        while line < last and event.style not in self.lines[line - 1].split("#")[0]:
            line += 1
        return line

    def alias(self, event: Any) -> None:
        """The node of an anchor once more; the same object, its weight counted again."""
        node = self.anchors.get(event.anchor)
        if node is None:
            what = "stands inside itself" if event.anchor in self.anchors else "has no anchor"
            raise _problem(self.path, event.start_mark.line + 1, f"the alias *{event.anchor} {what}")
        self.grow(node.weight, node.line)
        self.children.append(node)

    def start(self, event: Any) -> None:
        """A collection begins."""
        mark = event.start_mark
        if len(self.stack) >= MAX_DEPTH:
            raise _problem(self.path, mark.line + 1, f"nested deeper than {MAX_DEPTH}")
        kind = SEQUENCE if type(event).__name__ == "SequenceStartEvent" else MAPPING
        node = Node(kind, self.path, mark.line + 1, mark.column + 1)
        if event.tag:
            node.tag = event.tag
        if event.anchor:
            self.anchors[event.anchor] = None
        self.stack.append(_Open(node, event.anchor))
        self.children = self.stack[-1].children

    def close(self, _event: Any = None) -> None:
        """Completes the innermost collection and hands it to the one around it."""
        opened = self.stack.pop()
        node = opened.node
        if node.kind is SEQUENCE:
            node.elements = tuple(opened.children)
        else:
            if len(opened.children) % 2:
                opened.children.append(Node(SCALAR, self.path, node.line, node.column))
            self.fill(node, opened)
        node.weight = 1 + sum([child.weight for child in node.elements]) + sum([one.weight for _, one in node.entries])
        if opened.anchor:
            self.anchors[opened.anchor] = node
        self.children = self.stack[-1].children if self.stack else self.documents
        self.children.append(node)

    def fill(self, node: Node, opened: _Open) -> None:
        """The entries of a mapping: its own, then the merged ones it does not hold itself."""
        own: list[tuple[Node, Node]] = []
        merges: list[Node] = []
        seen: set[str] = set()
        again: list[Duplicate] = []
        for key, value in zip(opened.children[::2], opened.children[1::2], strict=True):
            if key.kind is SCALAR:
                if key.text == MERGE and not key.style:
                    merges.append(value)
                    continue
                if key.text in seen:
                    again.append(Duplicate(key.text, key.line))
                seen.add(key.text)
            own.append((key, value))
        for value in merges:
            own.extend(self.merged(value, seen))
        node.entries = tuple(own)
        node.duplicates = tuple(again)

    def merged(self, value: Node, seen: set[str]) -> list[tuple[Node, Node]]:
        """The entries that a merge key brings: earlier mappings of its list win; `seen` is what is there already."""
        found: list[tuple[Node, Node]] = []
        for source in value.each():
            for key, item in source.table().values():
                if key.text not in seen:
                    seen.add(key.text)
                    found.append((key, item))
        self.grow(len(found), value.line)
        return found

    def grow(self, count: int, line: int) -> None:
        """Counts nodes of the whole file, aliases expanded; raises InputError over the limit."""
        self.weight += count
        if self.weight > MAX_NODES:
            raise _problem(self.path, line, f"more than {MAX_NODES} nodes, aliases expanded")


_HANDLERS: dict[str, Callable[[_Builder, Any], None]] = {
    "ScalarEvent": _Builder.scalar,
    "AliasEvent": _Builder.alias,
    "SequenceStartEvent": _Builder.start,
    "MappingStartEvent": _Builder.start,
    "SequenceEndEvent": _Builder.close,
    "MappingEndEvent": _Builder.close,
    "DocumentStartEvent": _Builder.start_document,
}
"""What each event does; each raises InputError over a limit."""
