"""What is known of the values in a workflow: environment, inputs, matrix, outputs that the file tells."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slsacheck.evidence.publications.expressions import alternatives, substitute, truth
from slsacheck.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from slsacheck.model import Input, Job, Pipeline, Step

__all__ = [
    "Values",
    "add_defaults",
    "add_values",
    "base_values",
    "compact",
    "echoed",
    "literal",
    "matrix_values",
    "never",
    "outputs_of",
]

EXPRESSION = regex(r"\$\{\{.*?\}\}", re.DOTALL)
ECHO = regex(r"""echo\s+["']?([\w-]+)=([^"'\n]*?)["']?\s*>>\s*["']?\$\{?(GITHUB_OUTPUT|GITHUB_ENV)\b""")

Values = dict[str, tuple[str, ...]]


def compact(value: str) -> str:
    """A value whose expressions hold no blanks, so that a shell variable with it stays one word."""
    return EXPRESSION.sub(lambda match: re.sub(r"\s+", "", match[0]), value) if "${{" in value else value


def literal(script: str, values: Mapping[str, tuple[str, ...]]) -> str:
    """The script with known expressions put in, line by line, so that lines keep their numbers."""
    if "${{" not in script:
        return script
    single = {name: known for name, known in values.items() if len(known) == 1 and "\n" not in known[0]}
    return "\n".join(alternatives(line, single)[0] if "${{" in line else line for line in script.split("\n"))


def base_values(top: Pipeline, pipeline: Pipeline, given: Values) -> Values:
    """What is known in every job of a pipeline: what callers hand over, the event, the environment."""
    values = {**given, "system": (top.system,)}
    events = tuple(dict.fromkeys(trigger.event for trigger in top.triggers))
    if events and "workflow_call" not in events and top.system == "github-actions":
        values["github.event_name"] = events
    add_values(values, "env", pipeline.env)
    return values


def outputs_of(pipeline: Pipeline, values: Values) -> Values:
    """Outputs of jobs whose value the file tells: literals, `env`, and what a script echoes into GITHUB_OUTPUT."""
    found: Values = {}
    for job in pipeline.jobs:
        if not job.outputs:
            continue
        known = dict(values)
        add_values(known, "env", job.env)
        for step in job.steps:
            known |= echoed(step, known)
        for item in job.outputs:
            text = alternatives(item.value, known)
            if not any("${{" in one for one in text):
                found[f"needs.{job.id}.outputs.{item.name}".lower()] = text
    return found


def echoed(step: Step, values: Values) -> Values:
    """What a script writes to GITHUB_OUTPUT and GITHUB_ENV in one line each, shell variables left as they are."""
    found: dict[str, list[str]] = {}
    if step.script is None or "GITHUB_" not in step.script:
        return {}
    for match in ECHO.finditer(step.script):
        name = f"env.{match[1]}" if match[3] == "GITHUB_ENV" else f"steps.{step.id}.outputs.{match[1]}"
        if match[3] == "GITHUB_ENV" or step.id:
            found.setdefault(name.lower(), []).append(substitute(match[2].strip(), values))
    return {name: tuple(dict.fromkeys(known)) for name, known in found.items() if not _opaque(known)}


def _opaque(values: list[str]) -> bool:
    """Whether one of the values that a script writes is all made up of what only a run can tell."""
    return any(value.startswith(("$", "`")) or not value for value in values)


def add_values(
    values: Values, group: str, items: Iterable[Input], known: Mapping[str, tuple[str, ...]] | None = None
) -> None:
    """Puts named values in, under `group`, with what is known put into them."""
    for item in items:
        values[f"{group}.{item.name.lower()}"] = alternatives(item.value, known if known is not None else values)


def add_defaults(values: Values, items: Iterable[Input]) -> None:
    """Puts the defaults of inputs in that nobody handed over."""
    for item in items:
        values.setdefault(f"inputs.{item.name.lower()}", (item.value,))


def matrix_values(job: Job) -> Values:
    """The values that `matrix.…` may have."""
    return {f"matrix.{axis.lower()}": found for axis, found in job.matrix if axis != "*" and found}


def never(condition: str, values: Values) -> bool:
    """Whether a condition of GitHub's holds for none of the events that start the workflow."""
    if not condition or values.get("system") != ("github-actions",):
        return False
    events = values.get("github.event_name", ())
    if len(events) <= 1:
        return truth(condition, values) is False
    return all(truth(condition, {**values, "github.event_name": (event,)}) is False for event in events)
