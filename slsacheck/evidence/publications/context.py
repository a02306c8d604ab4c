"""What a reader of steps may look at: the files, the job it is in, the values known there, and how deep it may go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.record import field, record, replace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slsacheck.evidence.tree import Problems, Tree
    from slsacheck.model import Job, Permissions, Pipeline

__all__ = ["MAX_DEPTH", "MAX_FOLLOWED", "Budget", "Context"]

MAX_DEPTH = 6
"""How many files (script calls Makefile target calls script …) are followed; the deepest chain seen has 4."""


MAX_FOLLOWED = 2_000
"""Files and targets that the steps of one job may lead to; the busiest release job seen leads to 60."""


class Budget:
    """Counts what was followed, over all the contexts that come from one, and keeps what was read on the way.

    `read` may be that of the whole scan, so that no job reads a Makefile or a package.json again.
    """

    __slots__ = ("left", "read")

    def __init__(self, read: dict[str, object] | None = None) -> None:
        self.left = MAX_FOLLOWED
        self.read: dict[str, object] = {} if read is None else read


@record
class Context:
    """Where a step stands.

    `env` holds the variables whose literal value is known there (pipeline, job and step level, matrix values applied;
    values may still hold `${{ … }}` expressions); `directory` is the working directory relative to the target, `""`
    for its root; `origin` is `owner/name` where known; `depth` counts how many more files may be followed.
    `values` holds what is known of expressions, by their lower-case name (`inputs.push`, `matrix.os`, `env.image`,
    `steps.meta.outputs.tags`), several where a matrix gives several; see `expressions`.
    `secrets` are the names of environment variables whose value comes from a secret. `seen` are paths (with a
    target's name behind `#`) that are being followed already, so that a circle ends. `watches` says that files which
    commands change are told as acts too.
    """

    tree: Tree
    pipeline: Pipeline
    job: Job
    problems: Problems
    env: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    directory: str = ""
    origin: str | None = None
    depth: int = MAX_DEPTH
    secrets: frozenset[str] = frozenset()
    seen: frozenset[str] = frozenset()
    budget: Budget = field(default_factory=Budget)
    watches: bool = False

    def deeper(self, into: str, directory: str | None = None) -> Context | None:
        """The context for following a file; None where that is a circle or too deep (the latter is recorded)."""
        if into in self.seen:
            return None
        if self.depth <= 0:
            self.problems.add(into, f"not followed: more than {MAX_DEPTH} files deep", "read this part by hand")
            return None
        if self.budget.left <= 0:
            self.problems.add(into, f"not followed: the job leads to more than {MAX_FOLLOWED} files and targets")
            return None
        self.budget.left -= 1
        where = self.directory if directory is None else directory
        return replace(self, depth=self.depth - 1, seen=self.seen | {into}, directory=where)

    @property
    def permissions(self) -> Permissions:
        """What the token of the job may do."""
        return self.pipeline.permissions_of(self.job)

    def within(self, directory: str) -> Context:
        """The same context in another working directory."""
        return self if directory == self.directory else replace(self, directory=directory)

    def with_env(self, more: Mapping[str, str]) -> Context:
        """The same context with more variables known."""
        return replace(self, env={**self.env, **more})
