"""What every hazard rule looks at: the jobs of live pipelines, and which of them a release or a secret goes through."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slsacheck.model import Place
from slsacheck.patterns import regex
from slsacheck.record import record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from slsacheck.evidence.shell import Command
    from slsacheck.evidence.tree import Tree
    from slsacheck.model import Input, Job, Pipeline, Publication, Reference, Step

__all__ = ["PRIVILEGED", "Scene", "Script", "texts"]

PRIVILEGED = frozenset({"pull_request_target", "workflow_run", "issue_comment"})
"""Events that run with the base repository's rights although outsiders can cause them."""

SECRET = regex(r"secrets\s*(?:\.|\[)", re.IGNORECASE)
_TOKEN = regex(r"secrets\.GITHUB_TOKEN\b", re.IGNORECASE)
MAX_FOLLOWED = 200
"""Scripts called by jobs that are read; more than that in one repository are not release scripts."""


@record
class Script:
    """A script with the place of its first line."""

    text: str
    path: str
    line: int
    step: Step
    shell: str = ""

    def at(self, line: int) -> Place:
        """The place of one of its lines."""
        return Place(path=self.path, line=line)


def texts(job: Job) -> Iterator[Input]:
    """Every named value that a job hands over."""
    yield from job.inputs
    yield from job.secrets
    yield from job.env
    for step in job.steps:
        yield from step.inputs
        yield from step.env


class Scene:
    """The jobs of live pipelines; `released` tells those that build or publish something."""

    def __init__(self, tree: Tree, pipelines: tuple[Pipeline, ...], publications: tuple[Publication, ...]) -> None:
        self.tree = tree
        self.pipelines = tuple(pipeline for pipeline in pipelines if pipeline.live)
        self.publications = publications
        self._release = {
            (job.at.path, job.id)
            for publication in publications
            for job in (*publication.build_jobs, *publication.publish_jobs)
        }
        self._blind = {
            place.path for one in publications if not (one.build_jobs or one.publish_jobs) for place in one.at
        }
        self._scope = {(job.at.path, job.id) for pipeline in self.pipelines for job in self._leading(pipeline)}
        self._scripts: dict[tuple[str | None, str], tuple[Script, ...]] = {}

    def jobs(self) -> Iterator[tuple[Pipeline, Job]]:
        """Every job that runs, with its pipeline."""
        for pipeline in self.pipelines:
            for job in pipeline.jobs:
                if job.live:
                    yield pipeline, job

    def released(self, job: Job) -> bool:
        """Whether something published goes through the job."""
        return (job.at.path, job.id) in self._release

    def near_release(self, job: Job) -> bool:
        """Whether the job runs on the way to a release: it is one of its jobs, or one that they wait for."""
        return (job.at.path, job.id) in self._scope

    def _leading(self, pipeline: Pipeline) -> Iterator[Job]:
        """The jobs of a pipeline that run before or with those that publish; all, where what publishes is hidden."""
        if pipeline.path in self._blind:
            yield from pipeline.jobs
            return
        wanted = [job.id for job in pipeline.jobs if self.released(job)]
        if not any(job.needs for job in pipeline.jobs):  # steps in a row: all of the same sequence come first
            rows = {name.rpartition("/")[0] for name in wanted}
            yield from (job for job in pipeline.jobs if wanted and job.id.rpartition("/")[0] in rows)
            return
        seen: set[str] = set()
        while wanted:
            name = wanted.pop()
            job = pipeline.job(name)
            if job is not None and name not in seen:
                seen.add(name)
                wanted.extend(job.needs)
                yield job

    def events(self, pipeline: Pipeline, job: Job) -> list[dict[str, tuple[str, ...]]]:
        """The events with which the job may publish, as the values that they give to conditions; GitHub's alone."""
        from slsacheck.evidence.publications.expressions import truth
        from slsacheck.evidence.publications.happening import worlds

        if pipeline.system != "github-actions" or pipeline.reusable:
            return []
        lines = [place.line or 0 for one in self.publications for place in one.at if place.path == pipeline.path]
        ends = [*(step.at.line or 0 for step in job.steps[1:]), 1 << 30]
        asked = [
            step.condition
            for step, end in zip(job.steps, ends, strict=False)
            if any((step.at.line or 0) <= line < end for line in lines)
        ]
        return [
            event
            for event in worlds(pipeline.triggers)
            if truth(job.condition, event) is not False
            and (not asked or any(truth(text, event) is not False for text in asked))
        ]

    def secretive(self, job: Job) -> bool:
        """Whether the job holds a secret other than the token of the run itself."""
        if job.inherits_secrets:
            return True
        found = (_TOKEN.sub("", item.value) for item in texts(job))
        return any(SECRET.search(value) for value in found) or any(
            step.script and SECRET.search(_TOKEN.sub("", step.script)) for step in job.steps
        )

    def called(self, job: Job) -> Pipeline | None:
        """The workflow of this repository that the job is."""
        path = job.uses.raw.partition("@")[0].removeprefix("./") if job.uses else ""
        return next((pipeline for pipeline in self.pipelines if pipeline.path == path), None)

    def calls_release(self, job: Job) -> bool:
        """Whether the job is a workflow of this repository that publishes."""
        called = self.called(job)
        return called is not None and any(path == called.path for path, _ in self._release)

    def matters(self, job: Job) -> bool:
        """Whether the job touches something published or a secret."""
        return self.near_release(job) or self.secretive(job)

    def scripts(self, job: Job) -> tuple[Script, ...]:
        """The scripts of a job, and the shell files of the target that they call directly."""
        key = (job.at.path, job.id)
        if key not in self._scripts:
            own = [
                Script(step.script, step.at.path or "", step.script_line or step.at.line or 1, step, step.shell)
                for step in job.steps
                if step.script is not None
            ]
            self._scripts[key] = (*own, *self._called(own))
        return self._scripts[key]

    def _called(self, scripts: list[Script]) -> Iterator[Script]:
        for script in scripts[:MAX_FOLLOWED]:
            for match in _CALL.finditer(script.text):
                path = match.group(1).removeprefix("./")
                if self.tree.exists(path):
                    yield Script(self.tree.text(path), path, 1, script.step)

    def commands(self, script: Script) -> tuple[Command, ...]:
        """The commands of a script; none where it is over the bounds, which the tracer tells already."""
        from slsacheck.errors import InputError
        from slsacheck.evidence.shell import commands

        try:
            return commands(script.text, script.line, shell=script.shell)
        except InputError:
            return ()

    def used(self, job: Job) -> Iterator[tuple[Reference, Step | None]]:
        """Everything that a job uses by reference."""
        for reference in (job.uses, job.image, *job.services):
            if reference is not None:
                yield reference, None
        for step in job.steps:
            for reference in (step.uses, step.image):
                if reference is not None:
                    yield reference, step


_CALL = regex(r"(?:^|[\s;&|])(?:bash\s+|sh\s+|source\s+|\.\s+)?((?:\./)?[\w.][\w./-]*\.(?:sh|bash))\b", re.MULTILINE)
