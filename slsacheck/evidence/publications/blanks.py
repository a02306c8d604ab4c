"""Expressions that come out empty: steps that are not there, jobs not waited for, outputs that nobody sets.

An attestation over nothing fails, or speaks of nothing; the words around it look as genuine as ever. GitHub's rules
alone.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slsacheck.evidence.publications.expressions import living
from slsacheck.patterns import regex

if TYPE_CHECKING:
    from slsacheck.evidence.publications.covers import Attest
    from slsacheck.evidence.publications.deeds import Run
    from slsacheck.evidence.publications.flows import Flows
    from slsacheck.model import Job, Step

__all__ = ["blank"]

WHOLE = regex(r"^\s*\$\{\{\s*([\w.-]+)\s*\}\}\s*$")
"""A text that is one name and nothing else."""
PART = regex(r"[\w-]+")
GIVEN = {  # actions whose outputs are known: those that are digests of what they push
    "docker/build-push-action": ("digest",),
    "depot/build-push-action": ("digest",),
    "useblacksmith/build-push-action": ("digest",),
    "docker/metadata-action": (),
}
QUIET = regex(r"^(?:actions|docker|softprops|pypa|sigstore|goreleaser)/")
"""Owners whose actions set no variables that files are named by."""
MAX_JOBS = 8
"""Jobs that hand one output on; the longest chain seen has 3."""


def blank(flows: Flows, attest: Attest) -> str:
    """Why what is attested is empty or no digest; nothing where it is not seen to be."""
    run, act = attest.run, attest.deed.act
    if run.top.system != "github-actions" or attest.deed.via or not act.what:
        return ""
    digest = act.fact("subject") == "digest"
    found = [_blank(flows, run, living(text, run.values), digest, MAX_JOBS) for text in act.what]
    return found[0] if all(found) else ""


def _blank(flows: Flows, run: Run, text: str, digest: bool, depth: int) -> str:
    whole = WHOLE.match(text)
    if whole is None or depth == 0:
        return ""
    name = whole[1]
    parts = PART.findall(name)
    if parts[0] == "steps" and len(parts) == 4:  # noqa: PLR2004 - steps.ID.outputs.NAME
        return _of_step(run.job, parts[1], parts[3], digest)
    if parts[0] == "needs" and len(parts) == 4:  # noqa: PLR2004 - needs.ID.outputs.NAME
        return _of_job(flows, run, (parts[1], parts[3]), digest, depth)
    if parts[0] == "inputs":
        return _of_input(run, name)
    if parts[0] == "env":
        return _of_variable(run, parts[-1])
    if digest and parts[0] == "github":
        return f"`{name}` is no digest of an image"
    return ""


def _of_step(job: Job, wanted: str, output: str, digest: bool) -> str:
    step = next((one for one in job.steps if one.id == wanted), None)
    if step is None:
        return f"what is attested comes from a step `{wanted}` that the job does not have"
    if step.uses is not None:
        given = GIVEN.get(step.uses.name.lower())
        wrong = digest and given is not None and output not in given
        return f"`{output}` of {step.uses.name} is no digest of an image that was pushed" if wrong else ""
    return f"the step `{wanted}` sets no output `{output}`" if _unset(step, output) else ""


def _unset(step: Step, output: str) -> bool:
    """Whether a script that sets outputs by name sets none of this one."""
    script = step.script or ""
    sets = re.search(r"GITHUB_OUTPUT|set-output", script) is not None
    return sets and re.search(rf"\b{re.escape(output)}\b", script) is None


def _of_job(flows: Flows, run: Run, wanted: tuple[str, str], digest: bool, depth: int) -> str:
    name, output = wanted
    job = next((one for one in run.pipeline.jobs if one.id == name), None)
    if job is None and run.prefix:
        return ""  # it may be handed over by the caller, and speak of the caller's jobs
    if job is None or name not in run.job.needs:
        return f"what is attested comes from a job `{name}` that is not among the `needs:`"
    if job.uses is not None:
        return _of_workflow(flows, run, wanted)
    item = next((one for one in job.outputs if one.name.lower() == output.lower()), None)
    if item is None:
        return f"the job `{name}` has no output `{output}`"
    made = flows.named(run, name)
    return _blank(flows, made[0], living(item.value, made[0].values), digest, depth - 1) if made else ""


def _of_workflow(flows: Flows, run: Run, wanted: tuple[str, str]) -> str:
    """Whether a workflow of the repository that a job calls declares no such output."""
    name, output = wanted
    called = next((one.pipeline for one in flows.named(run, name) if one.prefix == f"{run.prefix}{name}/"), None)
    if called is None or any(item.name.lower() == output.lower() for item in called.outputs):
        return ""
    return f"the workflow that the job `{name}` calls has no output `{output}`"


def _of_variable(run: Run, name: str) -> str:
    """Whether nothing sets a variable: no `env:`, no script that names it, no action that may."""
    scopes = (run.pipeline.env, run.job.env, *(step.env for step in run.job.steps))
    named = any(item.name == name for scope in scopes for item in scope)
    said = any(step.script is not None and name in step.script for step in run.job.steps)
    others = any(step.uses is not None and not QUIET.match(step.uses.name) for step in run.job.steps)
    return "" if named or said or others else f"nothing sets the variable `{name}`"


def _of_input(run: Run, name: str) -> str:
    declared = {one.lower() for trigger in run.pipeline.triggers for one in trigger.inputs}
    declared |= {item.name.lower() for trigger in run.pipeline.triggers for item in trigger.defaults}
    last = name.partition(".")[2]
    return "" if last.lower() in declared else f"the workflow has no input `{last}`"
