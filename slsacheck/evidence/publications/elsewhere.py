"""What decides elsewhere: other organisations' reusable workflows, release systems that only leave a trace here."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from slsacheck.evidence.publications.runs import Run
    from slsacheck.evidence.tree import Tree
    from slsacheck.model import Pipeline, Publication

__all__ = ["elsewhere", "outside"]


def elsewhere(tree: Tree, pipelines: tuple[Pipeline, ...], runs: tuple[Run, ...]) -> list[Publication]:
    return []


def outside(tree: Tree, pipelines: tuple[Pipeline, ...]) -> tuple[str, ...]:
    return ()
