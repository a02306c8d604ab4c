"""Facts about a repository: its git history, and what its configuration amounts to."""

from __future__ import annotations

from slsacheck.model.places import Place
from slsacheck.record import record

__all__ = ["Facts", "Finding", "GitFacts", "Named", "ReferenceCounts"]


@record
class Named:
    """A CI system or build tool that was seen; `live` is False for a dead or decoy configuration."""

    name: str
    at: tuple[Place, ...]
    live: bool = True
    understood: bool = True
    note: str = ""


@record
class Finding:
    """A hazard or a hint: a rule, a severity (high, medium, low, info), why, where and what to do."""

    rule: str
    severity: str
    reason: str
    at: tuple[Place, ...]
    remedy: str = ""
    crosswalk: tuple[str, ...] = ()
    target: str | None = None


@record
class ReferenceCounts:
    """How `uses:` in workflow files are pinned; `composite` counts composite actions apart, by path."""

    total: int = 0
    by_sha: int = 0
    by_tag: int = 0
    by_branch_or_other: int = 0
    docker_tag: int = 0
    dynamic: int = 0
    local: int = 0
    same_repository: int = 0
    composite: tuple[tuple[str, int], ...] = ()


@record
class GitFacts:
    """What git itself tells. None where there is no such thing or it could not be read.

    Times are ISO 8601 in UTC. `signed` counts commits of the last `looked_at` that carry a signature header, which
    nobody verified. `shallow`: history is cut off; `partial`: contents were left out when it was cloned; `bare`: there
    is no work tree. `dirty`: the work tree differs from the commit, the `untracked` files (a number) included.
    `tag_kinds` are (tag, lightweight | annotated | signed) of the tags at HEAD. `commits` is None over 10,000.
    `origin` has no credentials and is what the user's own `.git/config` says, `host` its host. `notes`: there are
    `refs/notes/*`.
    """

    present: bool
    commit: str | None = None
    branch: str | None = None
    tags: tuple[str, ...] = ()
    dirty: bool | None = None
    origin: str | None = None
    bare: bool = False
    shallow: bool = False
    commits: int | None = None
    looked_at: int = 0
    signed: int = 0
    without_author: int = 0
    submodules: tuple[str, ...] = ()
    untracked: int = 0
    tag_kinds: tuple[tuple[str, str], ...] = ()
    committed_at: str | None = None
    partial: bool = False
    host: str | None = None
    object_format: str = "sha1"
    notes: bool = False
    at: tuple[Place, ...] = ()
    problems: tuple[str, ...] = ()


@record
class Facts:
    """The `facts` of a report: what the repository's configuration amounts to, levels apart."""

    ci_systems: tuple[Named, ...] = ()
    build_tools: tuple[Named, ...] = ()
    references: ReferenceCounts = ReferenceCounts()
    hazards: tuple[Finding, ...] = ()
    hints: tuple[Finding, ...] = ()
    publishing: str = "none-seen"
    scripted_build: str = "unknown"
    version_controlled: str = "unknown"
    external: tuple[str, ...] = ()
