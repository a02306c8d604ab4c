"""`include:`, and `trigger: include:`: what lies in the repository is read, the rest is named."""

from __future__ import annotations

import re
from fnmatch import translate
from typing import TYPE_CHECKING

from slsacheck.evidence.pipelines.pins import pin
from slsacheck.model.pipeline import Pin, Reference

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from slsacheck.evidence.pipelines.source import Source, Sources
    from slsacheck.evidence.yaml import Node

__all__ = ["gather", "included"]

MAX_INCLUDES = 150
"""Files that one configuration includes, as in GitLab."""


def gather(path: str, sources: Sources) -> tuple[list[Source], list[Reference]]:
    """A file and what it includes from the repository, lowest layer first, and every include that was named."""
    order: list[Source] = []
    named: list[Reference] = []
    _visit(path, sources, order, named, set())
    return order, named


def _visit(path: str, sources: Sources, order: list[Source], named: list[Reference], seen: set[str]) -> None:
    if path in seen or len(seen) >= MAX_INCLUDES:
        return
    seen.add(path)
    source = sources.yaml(path)
    if source is None:
        return
    for document in source.documents:
        for reference in included(document.get("include")):
            named.append(reference)
            if reference.pin is Pin.LOCAL and len(named) <= MAX_INCLUDES:
                for match in _matches(reference.path, sources):
                    _visit(match, sources, order, named, seen)
    order.append(source)


def _matches(path: str, sources: Sources) -> Sequence[str]:
    """The files that a local include names, which may hold `*` and `**`."""
    if "*" not in path:
        return [path] if sources.tree.exists(path) else []
    pattern = re.compile(translate(re.sub(r"\*+", "*", path)))
    deep = "**" in path
    found = (item for item in sources.tree.paths() if item.endswith((".yml", ".yaml")) and pattern.match(item))
    return [item for item in found if deep or item.count("/") == path.count("/")][:MAX_INCLUDES]


def included(node: Node) -> Iterator[Reference]:
    """The includes of a list, one reference a file."""
    for item in node.each():
        if item.is_scalar:
            yield _by_word(item)
        elif item.get("project"):
            yield from _project(item)
        else:
            yield from _by_key(item)


def _by_word(node: Node) -> Reference:
    if node.text.startswith(("https://", "http://")):
        return Reference(node.text, "include-remote", node.text, "", Pin.BRANCH_OR_OTHER, node.at)
    return _local(node)


def _local(node: Node) -> Reference:
    dynamic = "$" in node.text
    return Reference(
        node.text, "include-local", node.text, "", Pin.DYNAMIC if dynamic else Pin.LOCAL, node.at, node.text.lstrip("/")
    )


def _project(node: Node) -> Iterator[Reference]:
    project, ref = node.get("project").text, node.get("ref").text
    for file in node.get("file").scalars():
        raw = f"{project}/{file.text.lstrip('/')}" + (f"@{ref}" if ref else "")
        kind = Pin.DYNAMIC if "$" in raw else pin(ref)
        yield Reference(raw, "include-project", project, ref, kind, file.at, file.text.lstrip("/"))


def _by_key(node: Node) -> Iterator[Reference]:
    for key in ("local", "remote", "template", "component", "artifact"):
        for item in node.get(key).scalars():
            if key == "local":
                yield _local(item)
            elif key == "component":
                name, _, ref = item.text.partition("@")
                kind = Pin.DYNAMIC if "$" in ref else pin(ref)
                yield Reference(item.text, "include-component", name, ref, kind, item.at)
            else:
                yield Reference(item.text, f"include-{key}", item.text, "", Pin.BRANCH_OR_OTHER, item.at)
