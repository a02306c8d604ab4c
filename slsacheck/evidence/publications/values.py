"""What is known of the values in a workflow: environment, inputs, matrix, outputs that the file tells."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slsacheck.evidence.publications.expressions import ASIDE, alternatives, substitute, truth
from slsacheck.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

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
    "told",
]

EXPRESSION = regex(r"\$\{\{.*?\}\}", re.DOTALL)
ECHO = regex(r"""echo\s+["']?([\w-]+)=([^"'\n]*?)["']?\s*>>\s*["']?\$\{?(GITHUB_OUTPUT|GITHUB_ENV)\b""")

OPENS = regex(r"(?:^|[;&|]|\bthen|\bdo|\belse)\s*(?:if|case)\s", re.MULTILINE)
CLOSES = regex(r"(?:^|;)\s*(?:fi|esac)\b", re.MULTILINE)
LEAVES = regex(r"\bexit 0\b")
SHORT = regex(r"&&|\|\|")
MAX_LINE = 1_000
"""Characters of a line before what it writes in which a condition is looked for."""

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
            found |= told(f"needs.{job.id}.outputs.{item.name}", item.value, known)
    return found


def told(name: str, text: str, values: Values) -> Values:
    """What an output is, where the file tells; to conditions also that it may be empty, where what it holds may be."""
    known = alternatives(text, values)
    if any("${{" in one for one in known):
        return {}
    doubts = {key.removeprefix(ASIDE): value for key, value in values.items() if key.startswith(ASIDE)}
    asked = alternatives(text, {**values, **doubts}) if doubts else known
    return {name.lower(): known} | ({f"{ASIDE}{name.lower()}": asked} if asked != known else {})


def echoed(step: Step, values: Values) -> Values:
    """What a script writes to GITHUB_OUTPUT and GITHUB_ENV in one line each, shell variables left as they are.

    What it writes under a condition names things, but says nothing to conditions: the output may be empty.
    """
    found: dict[str, list[str]] = {}
    doubted: set[str] = set()
    if step.script is None or "GITHUB_" not in step.script:
        return {}
    sometimes = bool(step.condition) and truth(step.condition, values) is not True
    for match, reached in _written(step.script):
        name = f"env.{match[1]}" if match[3] == "GITHUB_ENV" else f"steps.{step.id}.outputs.{match[1]}"
        if match[3] == "GITHUB_ENV" or step.id:
            found.setdefault(name.lower(), []).append(substitute(match[2].strip(), values))
            if sometimes or not reached:
                doubted.add(name.lower())
    said = {name: tuple(dict.fromkeys(known)) for name, known in found.items() if not _opaque(known)}
    return said | {f"{ASIDE}{name}": ("", *said[name]) for name in doubted & said.keys()}


def _written(script: str) -> Iterator[tuple[re.Match[str], bool]]:
    """What a script writes, each with whether that part of it is always reached."""
    open_, left, seen = 0, False, 0
    for match in ECHO.finditer(script):
        between, seen = script[seen : match.start()], match.end()
        open_ += len(OPENS.findall(between)) - len(CLOSES.findall(between))
        left = left or LEAVES.search(between) is not None
        yield match, open_ <= 0 and not left and SHORT.search(between[-MAX_LINE:].rpartition("\n")[2]) is None


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
    """The values that `matrix.…` may have: none too where only some of the rows that are written out name an axis."""
    rows = [dict(row) for row in job.includes]
    partly = {axis for row in rows for axis in row if not all(axis in one for one in rows)}
    found = {axis: values for axis, values in job.matrix if axis != "*" and values}
    return {
        f"matrix.{axis.lower()}": (*values, "")
        if axis in partly and {*values} <= {row.get(axis) for row in rows}
        else values
        for axis, values in found.items()
    }


def never(condition: str, values: Values) -> bool:
    """Whether a condition of GitHub's holds for none of the events that start the workflow."""
    if not condition or values.get("system") != ("github-actions",):
        return False
    events = values.get("github.event_name", ())
    if len(events) <= 1:
        return truth(condition, values) is False
    return all(truth(condition, {**values, "github.event_name": (event,)}) is False for event in events)
