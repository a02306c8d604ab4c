"""The hazard rules as their own code states them: what `slsacheck explain` says of one.

A rule's identifier, severities, remedy and crosswalk stand where its finding is made; reading them there keeps one
place for them.
"""

from __future__ import annotations

import ast
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

__all__ = ["HazardRule", "hazard_rules"]

_OF_IMAGES = ("bases.py", "claims.py", "origins.py")
"""Where findings about images are made."""
_SEVERITIES = ("high", "medium", "low", "info")


class HazardRule(NamedTuple):
    """One rule: hazard or hint, what its function says of it, and what its findings can say."""

    kind: str
    meaning: str
    severities: tuple[str, ...]
    remedies: tuple[str, ...]
    crosswalk: tuple[str, ...]


@cache
def hazard_rules() -> dict[str, HazardRule]:
    """Every rule whose identifier is written out, by identifier."""
    package = import_module("slsacheck.evidence.hazards")
    folder = Path(str(package.__file__)).parent
    images = [folder.parent / "oci" / name for name in _OF_IMAGES]
    found: dict[str, HazardRule] = {}
    for path in (*sorted(folder.glob("*.py")), *images):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        kind = "hint" if path.stem.endswith("hints") else "hazard"
        functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
        for function in functions:
            _collect(function, kind, _meaning(function, functions), found)
    return found


def _meaning(function: ast.FunctionDef, functions: list[ast.FunctionDef]) -> str:
    """The first paragraph of a rule's docstring; a helper takes that of the rule which calls it."""
    if own := ast.get_docstring(function):
        return own.split("\n\n")[0]
    for other in functions:
        names = {
            node.func.id for node in ast.walk(other) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        if function.name in names and other is not function:
            return (ast.get_docstring(other) or "").split("\n\n")[0]
    return ""


def _collect(function: ast.FunctionDef, kind: str, meaning: str, found: dict[str, HazardRule]) -> None:
    texts = _assigned(function)
    for node in ast.walk(function):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Finding"):
            continue
        if not (len(node.args) > 1 and isinstance(node.args[0], ast.Constant)):
            continue
        name = str(node.args[0].value)
        before = found.get(name, HazardRule(kind, meaning, (), (), ()))
        severities = {*before.severities, *_constants(node.args[1], texts)}
        remedies = _constants(node.args[4], texts) if len(node.args) > 4 else []  # noqa: PLR2004 - Finding's fifth field
        names = _constants(node.args[5], texts) if len(node.args) > 5 else []  # noqa: PLR2004 - its sixth
        found[name] = HazardRule(
            before.kind,
            before.meaning or meaning,
            tuple(word for word in _SEVERITIES if word in severities),
            tuple(dict.fromkeys((*before.remedies, *(text for text in remedies if text)))),
            tuple(dict.fromkeys((*before.crosswalk, *names))),
        )


def _assigned(function: ast.FunctionDef) -> dict[str, list[str]]:
    """The texts that names of a function may stand for."""
    texts: dict[str, list[str]] = {}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            texts.setdefault(node.targets[0].id, []).extend(_constants(node.value, {}))
    return texts


def _constants(node: ast.expr, texts: dict[str, list[str]]) -> list[str]:
    """The texts in an expression; those of a name are what was assigned to it. Pieces of f-strings are left out."""
    if isinstance(node, ast.JoinedStr):
        return []
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) else []
    if isinstance(node, ast.Name):
        return texts.get(node.id, [])
    if isinstance(node, ast.IfExp):
        return [*_constants(node.body, texts), *_constants(node.orelse, texts)]
    if isinstance(node, ast.Tuple):
        return [text for element in node.elts for text in _constants(element, texts)]
    return []
