"""GitLab configuration as GitLab puts it together: includes below the file, `extends` below the job.

Rules: "CI/CD YAML syntax reference" (include, extends, default, inherit) and "Merge method for include" of GitLab's
documentation: mappings are merged key by key, everything else is replaced.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.evidence.pipelines.source import Budget
from slsacheck.evidence.yaml import MISSING, Node

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Config", "Layers"]

MAX_LAYERS = 30
"""Mappings that one job is put together from; GitLab allows 11 levels of `extends`."""
MAX_REFERENCES = 10
"""Levels of `!reference` inside `!reference`, as in GitLab."""


class Layers:
    """One job's mappings, lowest first; a later one wins."""

    __slots__ = ("nodes",)

    def __init__(self, nodes: tuple[Node, ...]) -> None:
        self.nodes = nodes

    def get(self, *keys: str) -> Node:
        """The value that wins below these keys."""
        for node in reversed(self.nodes):
            found = node.get(*keys)
            if found:
                return found
        return MISSING

    def all(self, *keys: str) -> tuple[Node, ...]:
        """The values of all layers, lowest first, for what is merged."""
        return tuple(found for node in self.nodes if (found := node.get(*keys)))

    def names(self) -> tuple[str, ...]:
        """The keys of all layers."""
        return tuple(dict.fromkeys(name for node in self.nodes for name in node.table()))


class Config:
    """Top-level mappings, lowest first: what is included comes before what includes it."""

    def __init__(self, documents: tuple[Node, ...]) -> None:
        self.documents = documents
        self._own: dict[str, list[Node]] = {}
        self._keys: dict[str, Node] = {}
        for document in documents:
            for name, (key, value) in document.table().items():
                self._own.setdefault(name, []).append(value)
                self._keys[name] = key
        self._layers: dict[str, Layers] = {}
        self.budget = Budget()

    def names(self) -> tuple[str, ...]:
        """All top-level keys."""
        return tuple(self._own)

    def key(self, name: str) -> Node:
        """The node of a top-level key where it was last written."""
        return self._keys[name]

    def top(self, name: str) -> Layers:
        """The mappings of one top-level key, without `extends`."""
        return Layers(tuple(self._own.get(name, ())))

    def job(self, name: str) -> Layers:
        """A job's mappings, those that it extends below its own."""
        if name not in self._layers:
            found: list[Node] = []
            self._collect(name, found, ())
            self._layers[name] = Layers(tuple(found))
        return self._layers[name]

    def _collect(self, name: str, found: list[Node], chain: tuple[str, ...]) -> None:
        own = self._own.get(name, [])
        if name in chain or len(found) + len(own) > MAX_LAYERS or len(chain) > MAX_LAYERS:
            return
        for parent in Layers(tuple(own)).get("extends").strings():
            self._collect(parent, found, (*chain, name))
        found.extend(node for node in own if node.is_mapping)

    def scripts(self, node: Node) -> list[Node]:
        """The script lines of a list, `!reference [job, key]` and nested lists expanded."""
        return list(self._expand(node))

    def _expand(self, node: Node) -> Iterator[Node]:
        stack = [(node, 0)]
        while stack and self.budget.spend():
            item, depth = stack.pop()
            if item.tag == "!reference" and depth <= MAX_REFERENCES:
                stack.append((self.reference(item), depth + 1))
            elif item.is_sequence:
                stack.extend((element, depth) for element in reversed(item.elements))
            elif item.is_scalar and not item.is_null:
                yield item

    def reference(self, node: Node) -> Node:
        """What a `!reference [job, key, …]` points at; MISSING where it points nowhere."""
        path = [item.text for item in node.elements]
        return self.job(path[0]).get(*path[1:]) if len(path) > 1 else MISSING
