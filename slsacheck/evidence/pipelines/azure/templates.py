"""Azure Pipelines' lists, with local templates and `${{ if }}` written out.

Rules: "Template usage reference" of Microsoft's documentation. A template's parameters stay expressions.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from slsacheck.evidence.pipelines.source import Budget
from slsacheck.evidence.yaml import MISSING
from slsacheck.model.pipeline import Pin, Reference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from slsacheck.evidence.pipelines.source import Sources
    from slsacheck.evidence.yaml import Node

__all__ = ["Templates"]

MAX_LEVELS = 20
"""Templates inside templates."""


class Templates:
    """Writes out lists for one pipeline; what lies in another repository is named in `outside`."""

    def __init__(self, sources: Sources, path: str, parameters: Node) -> None:
        self.sources = sources
        self.path = path
        self.parameters = parameters
        self.outside: dict[str, Reference] = {}
        self.used: dict[str, Reference] = {}
        self.paths: set[str] = set()
        self.budget = Budget()

    def items(self, node: Node, key: str) -> Iterator[tuple[Node, str]]:
        """The entries of a list (of `stages`, `jobs` or `steps`), each with the condition it was put under."""
        stack = [(item, "", 0) for item in reversed(node.elements)]
        while stack and self.budget.spend():
            item, condition, level = stack.pop()
            template = item.get("template")
            first = next(iter(item.entries), None)
            if template.text and level < MAX_LEVELS:
                inner = self.document(template).get(key)
                stack.extend((child, condition, level + 1) for child in reversed(inner.elements))
            elif first and first[0].text.startswith("${{"):
                for word, value in reversed(list(item.items())):
                    stack.extend((child, word, level) for child in reversed(value.elements))
            else:
                yield item, condition

    def document(self, template: Node) -> Node:
        """The file that a template names: relative to the file that names it, else from the root."""
        target, _, repository = template.text.partition("@")
        local = repository in {"", "self"}
        pin = Pin.DYNAMIC if "${{" in target else Pin.LOCAL if local else Pin.BRANCH_OR_OTHER
        reference = Reference(template.text, "template", repository or "self", "", pin, template.at, path=target)
        self.used[template.text] = reference
        if pin is Pin.LOCAL:
            beside = posixpath.normpath(posixpath.join(posixpath.dirname(template.path), target))
            for path in (
                (target.lstrip("/"), beside) if target.startswith("/") else (beside, posixpath.normpath(target))
            ):
                source = self.sources.yaml(path) if self.sources.tree.exists(path) else None
                if source is not None:
                    self.paths.add(path)
                    return source.document
        self.outside[template.text] = reference

        return MISSING
