"""Which jobs have ended when another begins: by `needs`, by the order of stages, inside one workflow."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from slsacheck.model import Job, Pipeline

__all__ = ["order_of"]

Edges = dict[str, tuple[str, ...]]
FIRST, LAST = ".pre", ".post"
STAGES = ("build", "test", "deploy")
"""GitLab's stages where a configuration names none."""


def order_of(pipeline: Pipeline) -> Callable[[Job], frozenset[str]]:
    """A function that gives the ids of all jobs that have ended when a job begins."""
    groups: dict[str, list[Job]] = {}
    for job in pipeline.jobs:
        groups.setdefault(_group(pipeline, job), []).append(job)
    table = {name: ORDERS.get(pipeline.system, _by_needs)(pipeline, jobs) for name, jobs in groups.items()}

    def before(job: Job) -> frozenset[str]:
        edges = table[_group(pipeline, job)]
        found: set[str] = set()
        stack = list(edges.get(job.id, ()))
        while stack:
            name = stack.pop()
            if name not in found:
                found.add(name)
                stack += edges.get(name, ())
        return frozenset(found)

    return before


def _group(pipeline: Pipeline, job: Job) -> str:
    """What a job's name is looked up in: CircleCI's workflows and Bitbucket's pipelines stand beside each other."""
    return {"circleci": job.stage, "bitbucket-pipelines": job.condition}.get(pipeline.system, "")


def _by_needs(_pipeline: Pipeline, jobs: Sequence[Job]) -> Edges:
    return {job.id: job.needs for job in jobs}


def _one_by_one(_pipeline: Pipeline, jobs: Sequence[Job]) -> Edges:
    """Each job follows the one above it."""
    return {job.id: (above.id,) for above, job in pairwise(jobs)}


def _gitlab(pipeline: Pipeline, jobs: Sequence[Job]) -> Edges:
    """`needs` where a job has them, else every job of the stages before its own ("stages" in GitLab's reference)."""
    named = pipeline.option("stages")
    order = [FIRST, *(named.value.split("\n") if named is not None else STAGES), LAST]
    stages: dict[str, list[str]] = {name: [] for name in order}
    edges: Edges = {}
    for job in jobs:
        stages.setdefault(job.stage, []).append(job.id)
        edges[job.id] = job.needs if job.option("needs") is not None else (_stage(job.stage, "before"),)
    above: tuple[str, ...] = ()
    for stage, names in stages.items():
        edges[_stage(stage, "before")] = above
        above = (*names, _stage(stage, "before"))
    return edges


def _azure(_pipeline: Pipeline, jobs: Sequence[Job]) -> Edges:
    """`dependsOn` of the job and of its stage; a stage that says nothing follows the one above it."""
    stages: dict[str, list[Job]] = {}
    for job in jobs:
        stages.setdefault(job.stage, []).append(job)
    edges: Edges = {}
    above = ""
    for stage, members in stages.items():
        edges[_stage(stage, "all")] = tuple(job.id for job in members)
        for job in members:
            said = [name for name in job.needs if name in stages] or ([above] if above else [])
            own = (name for name in job.needs if name not in stages)
            edges[job.id] = (*own, *(_stage(name, "all") for name in said))
        above = stage
    return edges


def _stage(name: str, what: str) -> str:
    """A name that stands for the jobs of a stage, or for what is before it; no job is called so."""
    return f"\0{what} {name}"


ORDERS: dict[str, Callable[[Pipeline, Sequence[Job]], Edges]] = {
    "gitlab-ci": _gitlab,
    "azure-pipelines": _azure,
    "bitbucket-pipelines": _one_by_one,
}
"""How each CI system orders jobs, where it is not by `needs` alone."""
