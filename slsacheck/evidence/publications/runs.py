"""Jobs as they run: reusable workflows and the repository's own actions followed, with the values handed over."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from slsacheck.evidence.pipelines import action
from slsacheck.evidence.publications.circumstances import origin_values, runner_os
from slsacheck.evidence.publications.deeds import Deed, Run
from slsacheck.evidence.publications.order import order_of
from slsacheck.evidence.publications.steps import MAX_CALLS, Reader, own_path
from slsacheck.evidence.publications.systems import acts_of_job, joined
from slsacheck.evidence.publications.values import (
    Values,
    add_defaults,
    add_values,
    base_values,
    matrix_values,
    never,
    outputs_of,
)

if TYPE_CHECKING:
    from slsacheck.evidence.pipelines import Action
    from slsacheck.evidence.publications.acts import Act
    from slsacheck.evidence.tree import Problems, Tree
    from slsacheck.model import Job, Pipeline

__all__ = ["MAX_RUNS", "Deed", "Run", "runs_of"]

CLUSTERS = ("tekton", "argo-workflows")
MAX_RUNS = 2_000
"""Job paths of one target that are followed; callers times callees, the largest real repository seen has 300."""


def runs_of(tree: Tree, pipelines: tuple[Pipeline, ...], problems: Problems, origin: str | None) -> tuple[Run, ...]:
    """Every job of every live pipeline, once for each way that leads to it."""
    walker = _Walker(tree, pipelines, problems, origin)
    return tuple(walker.all())


class _Walker:
    def __init__(self, tree: Tree, pipelines: tuple[Pipeline, ...], problems: Problems, origin: str | None) -> None:
        self.tree = tree
        self.pipelines = pipelines
        self.by_path = {pipeline.path: pipeline for pipeline in pipelines}
        self.problems = problems
        self.origin = origin
        self.found: list[Run] = []
        self.actions: dict[str, Action | None] = {}
        self.scripts: dict[tuple[object, ...], tuple[list[Act], list[str]]] = {}
        self.read: dict[str, object] = {}
        self.called = {path for pipeline in pipelines for job in pipeline.jobs if (path := own_path(job.uses))}
        self.tasks = {
            job.uses.name for one in pipelines for job in one.jobs if job.uses is not None and job.uses.kind == "task"
        }
        self.tasks |= {item.value for one in pipelines for item in one.options if item.name == "pipelineRef"}

    def action(self, path: str) -> Action | None:
        """An action of the repository, read once."""
        if path not in self.actions:
            self.actions[path] = action(self.tree, path, self.origin)
        return self.actions[path]

    def has_folder(self, path: str) -> bool:
        """Whether a folder of the target holds files."""
        paths = self.tree.paths()
        index = bisect_left(paths, f"{path}/")
        return index < len(paths) and paths[index].startswith(f"{path}/")

    def all(self) -> list[Run]:
        for pipeline in self.pipelines:
            if not pipeline.live:
                continue
            if not self._used_by_others(pipeline):
                self.pipeline(pipeline, pipeline, {}, "", frozenset())
        return self.found

    def _used_by_others(self, pipeline: Pipeline) -> bool:
        """Whether it runs only as part of others of this repository, where it is followed anyway."""
        only_called = pipeline.reusable and all(event.event == "workflow_call" for event in pipeline.triggers)
        task = pipeline.system == "tekton" and not pipeline.triggers and pipeline.name in self.tasks
        return (only_called and pipeline.path in self.called) or task

    def pipeline(self, top: Pipeline, pipeline: Pipeline, given: Values, prefix: str, before: frozenset[str]) -> None:
        values = {**base_values(top, pipeline, given), **origin_values(self.origin)}
        values |= outputs_of(pipeline, values)
        ended = order_of(pipeline)
        for job in pipeline.jobs:
            if len(self.found) >= MAX_RUNS:
                self.problems.add(pipeline.path, f"not followed: more than {MAX_RUNS} job paths")
                return
            if job.live and not never(job.condition, values):
                earlier = before | {f"{prefix}{name}" for name in ended(job)}
                self.job(top, pipeline, job, values, prefix, earlier)

    def job(
        self, top: Pipeline, pipeline: Pipeline, job: Job, outer: Values, prefix: str, before: frozenset[str]
    ) -> None:
        if pipeline.system in CLUSTERS:
            from slsacheck.evidence.publications.clusterjobs import cluster_job

            job = cluster_job(self.tree, pipeline, job)
        values = {**outer, **matrix_values(job), **runner_os(job.runner.labels if job.runner is not None else ())}
        add_values(values, "env", job.env)
        run = Run(pipeline, job, top.path, f"{prefix}{job.id}", top, values, prefix=prefix, before=before)
        path = own_path(job.uses)
        called = self.by_path.get(path) if path else None
        if called is not None and prefix.count("/") < MAX_CALLS:
            given: Values = {}
            add_values(given, "inputs", job.inputs, values)
            for trigger in called.triggers:
                if trigger.event == "workflow_call":
                    add_defaults(given, trigger.defaults)
                    for name in trigger.inputs:
                        given.setdefault(f"inputs.{name.lower()}", ("",))
            self.pipeline(top, called, given, f"{prefix}{job.id}/", before)
            return
        self.found.append(run)
        reader = Reader(self, run)
        if job.uses is not None and not job.steps:
            reader.foreign(job.uses)
        else:
            steps = job.steps if pipeline.system == "github-actions" else tuple(joined(job.steps))
            reader.steps(steps, reader.context(values), (), (), 0)
        reader.add(acts_of_job(run), (), ())
