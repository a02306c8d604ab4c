"""The jobs and steps of an Azure pipeline."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slsacheck.evidence.pipelines import pins
from slsacheck.evidence.pipelines.source import flatten, image, inputs, values
from slsacheck.evidence.yaml import MISSING, Node
from slsacheck.model.pipeline import Input, Job, Reference, Runner, RunnerKind, Step
from slsacheck.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from slsacheck.evidence.pipelines.azure.templates import Templates

__all__ = ["jobs", "variables"]

SHELLS = ("script", "bash", "pwsh", "powershell")
HOSTED = regex(r"(?:ubuntu|windows|macos|vs20\d\d|macos|linux)-?[\w.-]*", re.IGNORECASE)
FILES = ("publish", "download", "downloadBuild", "getPackage")
"""Words for files handed from job to job, whose settings stand beside them and not below `inputs:`."""
MICROSOFT = "azure pipelines"
INLINE = ("script", "inlineScript", "InlineScript", "Inline")
"""Inputs in which tasks take the text of a script."""


def jobs(document: Node, templates: Templates) -> Iterator[Job]:
    """Every job of every stage; a pipeline of steps alone is one job."""
    body = document
    pool = document.get("pool")
    if document.get("extends"):
        body = document.get("extends", "parameters")
        named = document.get("extends", "template")
        inner = templates.document(named) if named.text else MISSING
        body = inner if inner and not (body.get("stages") or body.get("jobs") or body.get("steps")) else body
        pool = body.get("pool") or pool
    for stage, outer in templates.items(body.get("stages"), "stages"):
        for node, condition in templates.items(stage.get("jobs"), "jobs"):
            yield _job(node, stage, stage.get("pool") or pool, templates, condition or outer)
    for node, condition in templates.items(body.get("jobs"), "jobs"):
        yield _job(node, MISSING, pool, templates, condition)
    if body.get("steps"):
        yield _job(body, MISSING, pool, templates, "")


def _job(node: Node, stage: Node, pool: Node, templates: Templates, condition: str) -> Job:
    name = node.get("job") or node.get("deployment")
    environment = node.get("environment")
    context = flatten(node.get("templateContext"), "templateContext")
    found = variables(node.get("variables"))
    return Job(
        id=name.text or stage.get("stage").text or "job",
        at=node.at,
        name=node.get("displayName").text,
        runner=_runner(node.get("pool") or pool, node),
        image=image(node.get("container")),
        services=tuple(item for _, value in node.get("services").items() if (item := image(value))),
        needs=(*stage.get("dependsOn").strings(), *node.get("dependsOn").strings()),
        secrets=tuple(item for item in found if item.name == "group"),
        environment=environment.get("name").text or environment.text,
        condition=node.get("condition").text or condition or stage.get("condition").text,
        env=tuple(item for item in found if item.name != "group"),
        matrix=_matrix(node.get("strategy", "matrix")),
        steps=tuple(_steps(node, templates)),
        artifacts=tuple(item for item in context if ".outputs" in item.name),
        options=context,
        stage=stage.get("stage").text,
        live=node.get("condition").text.strip().lower() not in {"false", "never()"},
    )


def variables(node: Node) -> tuple[Input, ...]:
    """Variables by name; variable groups of the project are named `group`, what they hold is not here."""
    found = list(values(node))
    return tuple(found)


def _matrix(node: Node) -> tuple[tuple[str, tuple[str, ...]], ...]:
    if node.is_scalar and node.text:
        return (("*", (node.text,)),)
    axes: dict[str, dict[str, None]] = {}
    for row in node.values():
        for name, value in row.items():
            axes.setdefault(name, {})[value.text] = None
    return tuple((name, tuple(found)) for name, found in axes.items())


def _runner(node: Node, job: Node) -> Runner:
    """Microsoft's machines by `vmImage`, its server for jobs without a machine; a pool's name tells nothing."""
    label = node.get("vmImage") or node.get("image")
    pool = node.get("name") or node
    if not node:
        return Runner("default", RunnerKind.UNKNOWN, job.at, resolved=False)
    if pool.text == "server":
        return Runner(pool.text, RunnerKind.HOSTED, node.at)
    if pool.is_scalar and pool.text.lower() != MICROSOFT:
        return Runner(pool.text, RunnerKind.UNKNOWN, node.at, labels=node.get("demands").strings())
    known = HOSTED.fullmatch(label.text) is not None
    return Runner(label.text or pool.text, RunnerKind.HOSTED if known else RunnerKind.UNKNOWN, node.at, resolved=known)


def _steps(node: Node, templates: Templates) -> Iterator[Step]:
    lists = [node.get("steps")]
    strategy = node.get("strategy")
    for kind in ("runOnce", "rolling", "canary"):
        for hook in strategy.get(kind).values():
            lists.extend([hook.get("steps"), hook.get("success", "steps"), hook.get("failure", "steps")])
    for steps in lists:
        for item, condition in templates.items(steps, "steps"):
            yield _step(item, condition)


def _step(node: Node, condition: str) -> Step:
    shell = next((name for name in SHELLS if node.get(name)), "")
    short = any(node.get(word) for word in FILES)
    given = inputs(node if short else node.get("inputs"))
    script = node.get(shell) if shell else _inline(node)
    return Step(
        at=node.at,
        id=node.get("name").text,
        name=node.get("displayName").text,
        uses=_uses(node),
        script=script.text if script else None,
        script_line=script.text_line if script else None,
        shell={"script": "", "": ""}.get(shell, shell),
        inputs=given,
        env=inputs(node.get("env")),
        condition=node.get("condition").text or condition,
        directory=node.get("workingDirectory").text,
    )


def _inline(node: Node) -> Node:
    found = (node.get("inputs", name) for name in INLINE)
    return next((item for item in found if item.text), MISSING)


def _uses(node: Node) -> Reference | None:
    for kind in ("task", "checkout", *FILES):
        target = node.get(kind)
        if target.text:
            name, _, ref = target.text.partition("@")
            return Reference(target.text, kind, name, ref, pins.pin(ref), target.at)
    return None
