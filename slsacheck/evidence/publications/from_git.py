"""What is used straight from git: committed bundles, actions."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from slsacheck.evidence.tree import Problems, Tree
    from slsacheck.model import Publication

__all__ = ["used_from_git"]


def used_from_git(tree: Tree, found: list[Publication], problems: Problems) -> list[Publication]:
    return []
