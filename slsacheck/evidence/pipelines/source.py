"""One configuration file on its way into the common model, and what every reader needs of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.errors import Absent, InputError
from slsacheck.evidence.pipelines import pins
from slsacheck.evidence.yaml import MISSING, Node, read
from slsacheck.model.pipeline import Input, Reference, Step
from slsacheck.model.places import Place
from slsacheck.record import field, record

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from slsacheck.evidence.tree import Problems, Tree

__all__ = [
    "MAX_TOTAL",
    "Budget",
    "Source",
    "Sources",
    "command_line",
    "conditions",
    "flatten",
    "image",
    "images",
    "inputs",
    "merge",
    "scripts",
    "text",
    "too_many",
    "values",
]

MAX_TOTAL = 16 * 1024 * 1024
"""Characters of all configuration files of one repository; the largest real one seen has 1 MB in 130 files."""

MAX_FLAT = 500
"""Named values of one nested mapping."""


MAX_STEPS = 20_000
"""Steps of one file, with everything written out that it repeats; the largest real one seen has 1,500."""


class Budget:
    """How much of a file may still be written out; what repeats itself cannot take more than this together."""

    def __init__(self, left: int = MAX_STEPS) -> None:
        self.left = left

    def spend(self) -> bool:
        """Takes one; False where nothing is left."""
        self.left -= 1
        return self.left >= 0

    def problems(self, path: str) -> tuple[str, ...]:
        """The sentence about what was left out, where something was."""
        return (f"{path}: more steps than are read, what came last is left out",) if self.left < 0 else ()


def too_many(path: str, found: int, limit: int) -> tuple[str, ...]:
    """The sentence about jobs that were left out, where as many were found as are read."""
    return (f"{path}: more than {limit} jobs, the others are left out",) if found >= limit else ()


@record
class Source:
    """A file that was read: its path, text, documents and the sentences about what could not be read."""

    path: str
    text: str
    documents: tuple[Node, ...] = ()
    problems: tuple[str, ...] = ()
    lines: list[str] = field(default_factory=list)

    @property
    def document(self) -> Node:
        """The first document, MISSING where there is none."""
        return self.documents[0] if self.documents else MISSING

    @property
    def at(self) -> Place:
        """The beginning of the file."""
        return Place(path=self.path, line=1)

    def comment(self, node: Node) -> str:
        """The comment behind a value on its line, without the `#`."""
        if not self.lines:
            self.lines.extend(self.text.split("\n"))
        line = self.lines[node.line - 1] if 0 < node.line <= len(self.lines) else ""
        return line[node.column - 1 + len(node.text) :].partition(" #")[2].strip()


class Sources:
    """Reads the files of a tree, each once, within a total; says what could not be read and goes on."""

    def __init__(self, tree: Tree, problems: Problems, origin: str | None = None) -> None:
        self.tree = tree
        self.problems = problems
        self.origin = origin
        self._total = 0
        self._texts: dict[str, str | None] = {}
        self._sources: dict[str, Source] = {}

    def text(self, path: str) -> str | None:
        """The text of a file, or None where it could not be read, which is then said."""
        if path not in self._texts:
            self._texts[path] = self._read(path)
        return self._texts[path]

    def _read(self, path: str) -> str | None:
        if self._total > MAX_TOTAL:
            self.problems.add(path, f"not read: the build configuration has more than {MAX_TOTAL} characters")
            return None
        try:
            found = self.tree.text(path)
        except Absent:
            return None
        except InputError as error:
            self.problems.add(path, error.message, error.advice)
            return None
        self._total += len(found)
        return found

    def yaml(self, path: str) -> Source | None:
        """A YAML (or JSON) file with its documents; None where it could not be read. What is broken is said once."""
        if path not in self._sources:
            found = self.text(path)
            if found is None:
                return None
            self._sources[path] = self._parse(path, found)
        return self._sources[path]

    def _parse(self, path: str, found: str) -> Source:
        parsed = read(found, path)
        said = []
        if parsed.problem is not None:
            self.problems.add(path, parsed.problem.message, parsed.problem.advice)
            said.append(f"{path}: {parsed.problem.message}")
        for document in parsed.documents:
            said.extend(f"{path}:{one.line}: the key {one.key!r} comes again" for one in document.duplicates)
        return Source(path, found, parsed.documents, tuple(said))


def text(node: Node) -> str:
    """A value as text: scalars as written, lists one item a line, mappings as `key=value` lines."""
    if node.is_scalar:
        return node.text
    if node.is_sequence:
        return "\n".join(node.strings())
    return "\n".join(f"{name}={value.text}" for name, value in node.items() if value.is_scalar)


def inputs(node: Node) -> tuple[Input, ...]:
    """The named values of a mapping."""
    return tuple(Input(name, text(value), value.at, value.text_line) for name, value in node.items())


def values(node: Node) -> tuple[Input, ...]:
    """Named values given as a mapping, or as a list of `NAME=value`, `name:`/`value:` or `name:` mappings."""
    if node.is_mapping:
        return inputs(node)
    found: list[Input] = []
    for item in node.each():
        if item.is_scalar:
            name, _, value = item.text.partition("=")
            found.append(Input(name.strip(), value, item.at, item.text_line))
        elif item.get("name").is_scalar:
            value_node = item.get("value") or item.get("default") or item.get("name")
            plain = "" if value_node is item.get("name") else text(value_node)
            found.append(Input(item.get("name").text, plain, value_node.at, value_node.text_line))
        else:
            found.extend(inputs(item))
    return tuple(found)


def merge(*layers: Iterable[Input]) -> tuple[Input, ...]:
    """Named values of several layers; a later layer replaces a name of an earlier one."""
    table: dict[str, Input] = {}
    for layer in layers:
        for item in layer:
            table[item.name] = item
    return tuple(table.values())


def flatten(node: Node, prefix: str) -> tuple[Input, ...]:
    """Everything below a value as named values: `release.tag_name`, `artifacts.paths`; at most MAX_FLAT of them."""
    found: list[Input] = []
    stack = [(prefix, node)]
    while stack and len(found) < MAX_FLAT:
        name, item = stack.pop()
        if item.is_mapping and item.entries:
            stack.extend((f"{name}.{key}", value) for key, value in reversed(list(item.items())))
        elif item.is_sequence and any(element.is_mapping for element in item.elements):
            stack.extend((name, element) for element in reversed(item.elements))
        elif item:
            found.append(Input(name, text(item), item.at, item.text_line))
    return tuple(found)


def image(node: Node) -> Reference | None:
    """A container image written as a word, or as a mapping with `name:` or `image:`."""
    name = node.get("name") or node.get("image") or node
    return pins.image(name.text, name.at) if name.is_scalar and name.text else None


def images(node: Node) -> tuple[Reference, ...]:
    """The container images of a list, or those of a mapping's values."""
    items = [value for _, value in node.items()] if node.is_mapping else node.elements
    return tuple(found for item in items if (found := image(item)) is not None)


def conditions(node: Node, prefix: str) -> str:
    """Everything below a `when:` or `filters:` on one line, for a reader and for words to be looked for."""
    return "; ".join(f"{item.name}: {item.value}".replace("\n", ", ") for item in flatten(node, prefix))


def command_line(words: Sequence[Node], first: str = "") -> str:
    """Words as one shell command; where the next word stands on a later line, so it does in the command.

    `first` is a word in front that is not in the file.
    """
    import shlex

    parts = [shlex.quote(first)] if first else []
    line = words[0].line if words else 0
    for word in words:
        parts.append("\\\n" * (word.line - line) + shlex.quote(word.text))
        line = max(line, word.line + word.text.count("\n"))
    return " ".join(parts)


def scripts(node: Node, name: str = "", shell: str = "", inside: Reference | None = None) -> tuple[Step, ...]:
    """One step for each script of a list, or for the only one."""
    return tuple(
        Step(item.at, name=name, script=item.text, script_line=item.text_line, shell=shell, image=inside)
        for item in node.scalars()
    )
