"""Macros of the repository's own: a function in a `.bzl` file that makes a target which pushes an image.

Starlark is read as Python's syntax and not run: the macro is looked up by the `load` that brings it in, and the images
are those that a rule in it names in words, or that the caller hands over.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from slsacheck.errors import SlsacheckError
from slsacheck.evidence.publications.scripts._call import joined_path
from slsacheck.evidence.publications.scripts.containers import image_acts
from slsacheck.model import Place
from slsacheck.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from slsacheck.evidence.publications.acts import Act
    from slsacheck.evidence.publications.scripts._call import Call

__all__ = ["called", "keyword", "of_macro", "parsed", "repository_of", "string"]

PUSH = regex(r"(?:oci|container|docker|image|img).*push|push.*(?:oci|container|docker|image)")
MAX_BUILD = 400_000
"""Characters of a BUILD or .bzl file that are parsed; the largest real one has 100,000."""


def parsed(call: Call, path: str) -> ast.Module | None:
    """A file of Starlark as a syntax tree; None where it cannot be read as one."""
    try:
        text = call.context.tree.text(path)
        return ast.parse(text) if len(text) <= MAX_BUILD else None
    except (SlsacheckError, SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def called(node: ast.Call) -> str:
    """The name of what is called, `""` for anything but a plain name."""
    return node.func.id if isinstance(node.func, ast.Name) else ""


def keyword(node: ast.Call, name: str) -> ast.expr | None:
    """The value of a named argument."""
    return next((item.value for item in node.keywords if item.arg == name), None)


def string(node: ast.expr | None) -> str:
    """The text of a literal, `""` for anything else."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def repository_of(node: ast.Call) -> str:
    """The image that a rule or a macro is told to push to, where it is written out."""
    registry, repository = string(keyword(node, "registry")), string(keyword(node, "repository"))
    return f"{registry}/{repository}" if registry and repository else repository


def of_macro(call: Call, path: str, build: ast.Module, name: str) -> list[Act]:
    """The images of a target that a macro of the repository makes: `name` begins with what the macro is named."""
    for node in ast.walk(build):
        if not isinstance(node, ast.Call) or not called(node):
            continue
        own = string(keyword(node, "name"))
        source = _loaded(build, path, called(node))
        if not own or not source or not name.startswith(own) or not call.context.tree.exists(source):
            continue
        found = list(_images(call, source, node))
        if found:
            facts = {"builds": "yes", "guessed": "yes", "made-by": "bazel", "via": str(call.at)}
            at = Place(path=path, line=node.lineno)
            return image_acts(call, dict.fromkeys(found), at=at, provenance="no", facts=facts)
    return []


def _loaded(build: ast.Module, path: str, macro: str) -> str:
    """The `.bzl` file of this repository that a BUILD file loads a macro from."""
    for node in ast.walk(build):
        if not isinstance(node, ast.Call) or called(node) != "load" or not node.args:
            continue
        names = [string(arg) for arg in node.args[1:]] + [item.arg or "" for item in node.keywords]
        label = string(node.args[0])
        if macro in names and not label.startswith("@"):
            folder, _, file = label.removeprefix("//").rpartition(":")
            beside = path.rpartition("/")[0]
            return joined_path(folder if label.startswith("//") else beside, file)
    return ""


def _images(call: Call, source: str, use: ast.Call) -> Iterator[str]:
    tree = parsed(call, source)
    for function in ast.walk(tree) if tree is not None else ():
        if not isinstance(function, ast.FunctionDef) or function.name != called(use):
            continue
        for node in ast.walk(function):
            if not isinstance(node, ast.Call) or PUSH.search(called(node)) is None:
                continue
            written = repository_of(node)
            given = keyword(node, "repository")
            if not written and isinstance(given, ast.Name):
                written = string(keyword(use, given.id))
            if written:
                yield written
