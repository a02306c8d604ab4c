"""Code and words of outsiders that reach a privileged run or a public channel."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slsacheck.evidence.hazards.scene import PRIVILEGED
from slsacheck.model import Finding, Place
from slsacheck.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from slsacheck.evidence.hazards.scene import Scene, Script
    from slsacheck.model import Job, Pipeline, Step, Trigger

__all__ = ["artifacts_of_other_runs", "privileged_checkouts", "template_injections", "untrusted_publishing"]

_HEAD = regex(
    r"github\.event\.(?:pull_request|workflow_run)\.head|github\.head_ref|head_sha|head\.sha|refs/pull/|pull/\$|"
    r"github\.event\.issue\.number",
    re.IGNORECASE,
)
_FETCH_HEAD = regex(r"\bgh\s+pr\s+checkout\b|git\s+(?:fetch|pull)\b[^\n]*\bpull/", re.IGNORECASE)
_EXPRESSION = regex(r"\$\{\{(.*?)\}\}", re.DOTALL)
_OUTSIDER = regex(
    r"github\.event\.(?:issue|pull_request|comment|review|discussion|review_comment)\.(?:title|body)|"
    r"github\.event\.pull_request\.head\.(?:ref|label|repo\.default_branch)|github\.head_ref|"
    r"github\.event\.(?:head_commit|commits?)\S*\.(?:message|author\.(?:name|email))|"
    r"github\.event\.workflow_run\.(?:head_branch|display_title|head_commit\.message)|"
    r"github\.event\.pages\S*\.page_name",
    re.IGNORECASE,
)
_ASSIGNED = regex(r"^\s*(?:export\s+)?(\w+)=([^\n]*)", re.MULTILINE)
_VARIABLE = regex(r"\$\{?(\w+)")
_MAX_HANDS = 4
"""Jobs, steps and variables that hand a value on; the longest chain seen has 4."""
_CALLER = regex(r"\b(?:github\.event\.)?inputs\.[\w-]+|github\.ref_name\b|github\.event\.client_payload", re.IGNORECASE)


def _by(pipeline: Pipeline, events: frozenset[str]) -> Trigger | None:
    return next((trigger for trigger in pipeline.triggers if trigger.event in events), None)


def privileged_checkouts(scene: Scene) -> Iterator[Finding]:
    """pull_request_target and its like: with a checkout of the head it is high, without one only worth knowing."""
    for pipeline in scene.pipelines:
        trigger = _by(pipeline, PRIVILEGED)
        if trigger is None:
            continue
        heads = [place for job in pipeline.jobs if job.live for place in _heads(scene, pipeline, job)]
        if heads:
            reason = f"{trigger.event} runs with this repository's rights and checks out a pull request's code"
            remedy = "build pull requests under `pull_request`, and keep secrets and write tokens out of that workflow"
            names = ("zizmor: dangerous-triggers", "Scorecard: Dangerous-Workflow", "poutine: untrusted_checkout_exec")
            yield Finding("pull-request-target-checkout", "high", reason, (*heads, trigger.at), remedy, names)
        elif trigger.event == "pull_request_target":
            reason = "the run has this repository's rights; no checkout of the pull request's code was seen"
            yield Finding("pull-request-target", "info", reason, (trigger.at,), "", ("zizmor: dangerous-triggers",))


def _heads(scene: Scene, pipeline: Pipeline, job: Job) -> Iterator[Place]:
    for step in job.steps:
        yield from _checkout(pipeline, job, step)
    for script in scene.scripts(job):
        if _FETCH_HEAD.search(script.text):
            yield script.step.at
    if job.uses is not None and any(_HEAD.search(item.value) for item in job.inputs):
        yield next(item.at for item in job.inputs if _HEAD.search(item.value))
    elif job.uses is not None and (called := scene.called(job)) is not None and called is not pipeline:
        yield from (place for inner in called.jobs for step in inner.steps for place in _checkout(called, inner, step))


def _checkout(pipeline: Pipeline, job: Job, step: Step) -> Iterator[Place]:
    if step.uses is None or step.uses.name != "actions/checkout":
        return
    for name in ("ref", "repository"):
        found = step.input(name)
        if found is not None and _HEAD.search(_behind(pipeline, job, found.value, _MAX_HANDS)):
            yield found.at
            return


def _behind(pipeline: Pipeline, job: Job, text: str, hands: int) -> str:
    """A text with what the outputs of jobs and of steps, and the variables, in it are set to."""
    from slsacheck.evidence.publications.flows import needs_in, steps_in

    told = [text]
    if hands > 0:
        for name, output in needs_in(text):
            told += [
                _behind(pipeline, one, item.value, hands - 1)
                for one in pipeline.jobs
                if one.id == name
                for item in one.outputs
                if item.name == output
            ]
        for name, output in steps_in(text):
            told += [_set_to(one, output) for one in job.steps if one.id == name]
        told += [item.value for item in (*pipeline.env, *job.env) if f"env.{item.name}" in text]
    return "\n".join(told)


def _set_to(step: Step, output: str) -> str:
    """What a script writes into an output: the lines that do, with what the variables in them are set to."""
    given = {item.name: item.value for item in step.env}
    script = step.script or ""
    given |= {match[1]: match[2] for match in _ASSIGNED.finditer(script)}
    lines = [line for line in script.split("\n") if re.search(rf"\b{re.escape(output)}=", line)]
    for _ in range(_MAX_HANDS):
        names = {name for line in lines for name in _VARIABLE.findall(line)} & given.keys()
        lines += [given.pop(name) for name in sorted(names)]
    return "\n".join(lines)


def template_injections(scene: Scene) -> Iterator[Finding]:
    """Expressions that others fill in, pasted into the text of a script."""
    for pipeline, job in scene.jobs():
        for script in scene.scripts(job):
            yield from _injected(scene, pipeline, job, script)
        for step in job.steps:
            found = step.input("script") if step.uses and step.uses.name == "actions/github-script" else None
            if found is not None and _OUTSIDER.search(found.value):
                yield _injection("medium", found.at, "the text of a script")


def _injected(scene: Scene, pipeline: Pipeline, job: Job, script: Script) -> Iterator[Finding]:
    for match in _EXPRESSION.finditer(script.text):
        line = script.line + script.text.count("\n", 0, match.start())
        if _OUTSIDER.search(match.group(1)):
            severity = "high" if _by(pipeline, PRIVILEGED) else "medium" if scene.matters(job) else "low"
            yield _injection(severity, script.at(line), match.group(0))
        elif _CALLER.search(match.group(1)) and scene.released(job):
            yield _injection("low", script.at(line), match.group(0))


def _injection(severity: str, at: Place, what: str) -> Finding:
    reason = f"{what} is pasted into a script before the shell reads it, so its value can be a command"
    remedy = 'hand it over by the environment: `env: VALUE: ${{ … }}` and then `"$VALUE"` in the script'
    names = ("zizmor: template-injection", "Scorecard: Dangerous-Workflow", "poutine: injection")
    return Finding("template-injection", severity, reason, (at,), remedy, names)


def untrusted_publishing(scene: Scene) -> Iterator[Finding]:
    """Builds of pull requests or of any branch that reach a public channel."""
    outside = frozenset({"pull_request", "pull_request_target", "merge_request_event"})
    for publication in scene.publications:
        for job in publication.publish_jobs:
            pipeline = next((item for item in scene.pipelines if item.path == job.at.path), None)
            trigger = _by(pipeline, outside) if pipeline is not None else None
            if trigger is None or _guarded(job, publication.at):
                continue
            reason = f"{publication.name} is published by a job that pull requests start"
            remedy = "publish only from protected tags or branches: move this job to a workflow of its own"
            yield Finding("untrusted-publish", "medium", reason, (*publication.at[:3], trigger.at), remedy)


def _guarded(job: Job, at: tuple[Place, ...]) -> bool:
    """Whether a condition of the job or of the publishing step speaks of the event, the ref or the release."""
    word = re.compile(r"event_name|github\.ref\b|ref_type|ref_name|startsWith|refs/|release|tag", re.IGNORECASE)
    steps = [step for step in job.steps if any(step.at.path == place.path and _within(step, place) for place in at)]
    return bool(word.search(job.condition)) or any(
        word.search(step.condition) or any(word.search(item.value) for item in step.inputs if item.name == "push")
        for step in steps
    )


def _within(step: Step, place: Place) -> bool:
    lines = [step.at.line or 0, *(item.at.line or 0 for item in step.inputs)]
    if step.script is not None and step.script_line:
        lines.append(step.script_line + step.script.count("\n"))
    return min(lines) <= (place.line or 0) <= max(lines)


def artifacts_of_other_runs(scene: Scene) -> Iterator[Finding]:
    """Files of another run that go into a release."""
    for _, job in scene.jobs():
        for step in job.steps:
            name = step.uses.name if step.uses else ""
            other = name == "dawidd6/action-download-artifact" or (
                name == "actions/download-artifact" and step.input("run-id") is not None
            )
            if other and scene.matters(job):
                reason = "files made by another run are taken in; what built them is not part of this run's provenance"
                remedy = "build and publish in one run, or verify the provenance of the files before they are used"
                yield Finding("artifact-from-other-run", "medium", reason, (step.at,), remedy)
