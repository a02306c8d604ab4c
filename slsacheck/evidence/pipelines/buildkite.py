"""Buildkite: the pipeline files of `.buildkite/`, and those that Expeditor hands to Buildkite.

Rules: "Defining steps" of Buildkite's documentation. Agents are the organisation's own or Buildkite's; the file
cannot tell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.evidence.pipelines import pins
from slsacheck.evidence.pipelines.source import Budget, flatten, image, inputs, scripts, text
from slsacheck.model.pipeline import Job, Pin, Pipeline, Reference, Runner, RunnerKind, Step, Trigger

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from slsacheck.evidence.pipelines.source import Source, Sources
    from slsacheck.evidence.yaml import Node

__all__ = ["read"]

NAME = "buildkite"
FOLDERS = (".buildkite/", ".expeditor/")


def read(paths: Sequence[str], sources: Sources) -> tuple[Pipeline, ...]:
    """The pipelines of these files."""
    found = (source for path in paths if _own(path) and (source := sources.yaml(path)))
    return tuple(_pipeline(source) for source in found if _steps(source.document))


def _own(path: str) -> bool:
    return path.startswith(FOLDERS) and "/hooks/" not in path


def _steps(document: Node) -> Node:
    return document if document.is_sequence else document.get("steps")


def _pipeline(source: Source) -> Pipeline:
    document = source.document
    budget = Budget()
    jobs = tuple(_job(node, number, document) for number, node in enumerate(_entries(_steps(document), budget)))
    used = [step.uses for job in jobs for step in job.steps if step.uses]
    started = [job.uses for job in jobs if job.uses]
    return Pipeline(
        system=NAME,
        path=source.path,
        at=source.at,
        triggers=(Trigger("push", source.at),),
        env=inputs(document.get("env")),
        jobs=jobs,
        live=bool(jobs),
        external=tuple(dict.fromkeys(item.raw for item in started)),
        problems=(*source.problems, *budget.problems(source.path)),
        includes=tuple(used),
    )


def _entries(node: Node, budget: Budget) -> Iterator[Node]:
    """The steps that run something; groups are opened, waits and blocks left out."""
    stack = list(reversed(node.elements))
    while stack and budget.spend():
        item = stack.pop()
        if item.get("steps").is_sequence:
            stack.extend(reversed(item.get("steps").elements))
        elif item.is_mapping and not any(item.get(key) for key in ("wait", "block", "input")):
            yield item


def _job(node: Node, number: int, document: Node) -> Job:
    command = node.get("command") or node.get("commands")
    trigger = node.get("trigger")
    label = node.get("label").text or node.get("name").text
    target = Reference(trigger.text, "downstream-pipeline", trigger.text, "", Pin.DYNAMIC, trigger.at)
    return Job(
        id=node.get("key").text or node.get("id").text or label or f"step-{number}",
        at=node.at,
        name=label,
        runner=None if trigger else _runner(node, document),
        image=image(node.get("image")) or image(node.get("expeditor", "executor", "docker", "image")),
        uses=target if trigger else None,
        needs=tuple(item.text or item.get("step").text for item in node.get("depends_on").each()),
        condition=node.get("if").text or text(node.get("branches")),
        env=inputs(node.get("env")),
        matrix=_matrix(node.get("matrix")),
        steps=(*scripts(command), *_plugins(node.get("plugins"))),
        artifacts=flatten(node.get("artifact_paths"), "artifact_paths"),
        options=(*flatten(node.get("agents"), "agents"), *flatten(node.get("expeditor"), "expeditor")),
        live=node.get("skip").is_null or node.get("skip").boolean is False,
    )


def _matrix(node: Node) -> tuple[tuple[str, tuple[str, ...]], ...]:
    if node.is_sequence:
        return (("", node.strings()),)
    return tuple((name, value.strings()) for name, value in node.get("setup").items())


def _runner(node: Node, document: Node) -> Runner:
    agents = node.get("agents") or document.get("agents")
    label = ", ".join(item.value for item in flatten(agents, "agents")) or "default"
    return Runner(label, RunnerKind.UNKNOWN, (agents or node).at)


def _plugins(node: Node) -> Iterator[Step]:
    for item in node.elements or [node]:
        for name, settings in [(item.text, item)] if item.is_scalar else item.items():
            target, _, ref = name.partition("#")
            uses = Reference(name, "plugin", target, ref, pins.pin(ref), settings.at)
            yield Step(item.at, name=name, uses=uses, inputs=inputs(settings))
