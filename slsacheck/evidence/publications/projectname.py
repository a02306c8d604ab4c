"""The name of the one Python project of a repository, by which all that is built from it is called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.errors import SlsacheckError
from slsacheck.patterns import regex

if TYPE_CHECKING:
    from slsacheck.evidence.publications.acts import Act
    from slsacheck.evidence.tree import Tree

__all__ = ["only_project", "whole_folders"]

MANIFESTS = ("pyproject.toml", "setup.py")
ASIDE = regex(r"(?:^|/)(?:[\w-]*tests?|testing|docs?|examples?|samples?|demos?|benchmarks?|vendor\w*|third[_-]party)/")
"""Folders whose projects are not released."""
ONE_SPELLING = regex(r"[a-z0-9]+")
"""Names that sdists and wheels of all tools spell alike; those with a hyphen, a dot or capitals they don't."""


def whole_folders(globs: tuple[str, ...], act: Act) -> tuple[str, ...]:
    """Globs with those that name every file of the one Python project (`dist/app-*`) as globs of its folder.

    The files of a Python project begin with its name, so that in what goes to an index nothing is left out.
    """
    if not (name := act.fact("project")):
        return globs
    begins = regex(rf"(?:^|(?<=/))\*?{name}[-_]?\*$")
    return tuple(begins.sub("*", glob) for glob in globs)


def only_project(tree: Tree) -> str:
    """The name in pyproject.toml where the root alone is a Python project, and every tool spells it alike."""
    found = [path for path in tree.paths() if path.endswith(MANIFESTS) and ASIDE.search(path) is None]
    if "pyproject.toml" not in found or any("/" in path for path in found):
        return ""
    import tomllib

    try:
        project = tomllib.loads(tree.text("pyproject.toml")).get("project")
    except (SlsacheckError, ValueError, RecursionError):
        return ""
    name = project.get("name") if isinstance(project, dict) else None
    return name if isinstance(name, str) and ONE_SPELLING.fullmatch(name) else ""
