"""Where a fact can be seen."""

from __future__ import annotations

from slsacheck.record import record

__all__ = ["Place"]


@record
class Place:
    """A place that a reader can open: a line of a file, a URL or a digest. What does not apply is None.

    `path` is relative to the target, with forward slashes; `line` and `column` count from 1.
    """

    path: str | None = None
    line: int | None = None
    column: int | None = None
    url: str | None = None
    digest: str | None = None
    excerpt: str | None = None
    target: str | None = None

    def __str__(self) -> str:
        if self.path is not None:
            return self.path if self.line is None else f"{self.path}:{self.line}"
        return self.url or self.digest or "?"
