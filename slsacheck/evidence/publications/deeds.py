"""What happens where: an act in its job, and a job on one of the paths that lead to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.record import field, record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from slsacheck.evidence.publications.acts import Act, ActKind
    from slsacheck.evidence.publications.context import Context
    from slsacheck.evidence.publications.values import Values
    from slsacheck.model import Job, Pipeline, Place, Reference, Step

__all__ = ["Deed", "Run"]


@record
class Deed:
    """An act where it happens: its order in the job, what led to it, its conditions and the script it stands in.

    `scene` is what a script may look at, for those that are read again when their changes of files matter.
    """

    act: Act
    order: int
    via: tuple[Place, ...] = ()
    conditions: tuple[str, ...] = ()
    script: str = ""
    scene: Context | None = None


@record(frozen=False)
class Run:
    """A job on one path: `workflow` is the file that was started, `id` the jobs that lead to it, joined by `/`.

    `group` is what artifacts are shared in (one start of one workflow); `foreign` the reusable workflow of another
    repository that the job is; `prefix` the ids of the callers, so that `needs` is looked up beside the job; `before`
    the ids of the jobs that ended before it; `marks` how many deeds had been done when a step with an id ended;
    `buildx` says that a builder which attests is set up, `driver` that Docker's own is asked for by name. `inner` are
    the steps of own actions, `aliases` what an output of such an action is inside it, by step and name; `by_kind` holds
    the first `sorted_until` deeds by kind, for `of`, which is asked often.
    """

    pipeline: Pipeline
    job: Job
    workflow: str
    id: str
    top: Pipeline
    values: Values = field(default_factory=dict)
    deeds: list[Deed] = field(default_factory=list)
    foreign: Reference | None = None
    prefix: str = ""
    logins: tuple[str, ...] = ()
    unread: list[str] = field(default_factory=list)
    buildx: bool = False
    driver: str = ""
    before: frozenset[str] = frozenset()
    checkouts: tuple[str, ...] = ()
    marks: dict[str, int] = field(default_factory=dict)
    inner: list[Step] = field(default_factory=list)
    aliases: dict[tuple[str, str], str] = field(default_factory=dict)
    by_kind: dict[ActKind, list[Deed]] = field(default_factory=dict)
    sorted_until: int = 0

    @property
    def all_steps(self) -> tuple[Step, ...]:
        """The steps of the job and those of the repository's own actions that it uses."""
        return (*self.job.steps, *self.inner)

    @property
    def acts(self) -> Iterator[Act]:
        """The acts, in order."""
        return (deed.act for deed in self.deeds)

    def of(self, *kinds: ActKind) -> list[Deed]:
        """The deeds of these kinds, in order."""
        if self.sorted_until != len(self.deeds):
            for deed in self.deeds[self.sorted_until :]:
                self.by_kind.setdefault(deed.act.kind, []).append(deed)
            self.sorted_until = len(self.deeds)
        if len(kinds) == 1:
            return list(self.by_kind.get(kinds[0], ()))
        return [deed for deed in self.deeds if deed.act.kind in kinds]
