"""package.json: names, `publishConfig`, scripts and workspaces, each with its line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.errors import SlsacheckError
from slsacheck.evidence.publications.scripts._call import joined_path, unresolved
from slsacheck.evidence.yaml import MISSING, Node, load
from slsacheck.model import Place

if TYPE_CHECKING:
    from slsacheck.evidence.publications.acts import Act
    from slsacheck.evidence.publications.context import Context
    from slsacheck.evidence.publications.scripts._call import Call

__all__ = ["packages_below", "read_package", "run_script"]

_MAX_PACKAGES = 300
"""Packages of one workspace that are looked at; the largest real one has 200."""


def read_package(context: Context, directory: str) -> Node:
    """The package.json of a folder, MISSING where there is none; one that cannot be read is named in the problems."""
    path = joined_path(directory, "package.json")
    if not context.tree.exists(path):
        return MISSING
    known = context.budget.read.get(path)
    if not isinstance(known, Node):
        known = context.budget.read[path] = _parsed(context, path)
    return known


def _parsed(context: Context, path: str) -> Node:
    try:
        return load(context.tree.text(path).replace("\t", "  "), path)
    except SlsacheckError as problem:
        context.problems.add(path, problem.message, problem.advice)
        return MISSING


def packages_below(context: Context, directory: str) -> list[Node]:
    """The packages of a workspace (the folder's own first), private ones left out."""
    root = read_package(context, directory)
    prefix = f"{directory}/" if directory else ""
    others = [
        path.rpartition("/")[0]
        for path in context.tree.paths()
        if path.startswith(prefix) and path.endswith("/package.json") and not _ignored(path)
    ]
    found = [root, *(read_package(context, folder) for folder in others[:_MAX_PACKAGES] if folder != directory)]
    return [node for node in found if node.get("name").text and node.get("private").boolean is not True]


def _ignored(path: str) -> bool:
    parts = path.split("/")
    return bool(
        {"node_modules", "test", "tests", "__tests__", "fixtures", "examples", "example", "__fixtures__", "playground"}
        & set(parts)
    )


def run_script(call: Call, name: str, directory: str, arguments: tuple[str, ...] = ()) -> list[Act]:
    """The acts of `npm run NAME`: what stands in package.json under `scripts`, with its pre and post scripts."""
    from slsacheck.evidence.publications.scripts._run import acts_of_script

    if unresolved(name):
        return []
    scripts = read_package(call.context, directory).get("scripts")
    path = joined_path(directory, "package.json")
    found: list[Act] = []
    for key in (f"pre{name}", name, f"post{name}"):
        node = scripts.get(key)
        inner = call.context.deeper(f"{path}#{key}", directory) if node.is_scalar else None
        if inner is None:
            continue
        more = " ".join(arguments) if key == name else ""
        found += acts_of_script(f"{node.text} {more}".rstrip(), Place(path=path, line=node.line), inner)
    return found
