"""Bitbucket Pipelines: `bitbucket-pipelines.yml`; each step of each pipeline is a job.

Rules: "bitbucket-pipelines.yml reference" of Atlassian's documentation. A pipe is a container with variables.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.evidence.pipelines import pins
from slsacheck.evidence.pipelines.source import Budget, flatten, image, inputs, text
from slsacheck.model.pipeline import Job, Pin, Pipeline, Reference, Runner, RunnerKind, Step, Trigger

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from slsacheck.evidence.pipelines.source import Source, Sources
    from slsacheck.evidence.yaml import Node

__all__ = ["read"]

NAME = "bitbucket-pipelines"


def read(paths: Sequence[str], sources: Sources) -> tuple[Pipeline, ...]:
    """The pipelines of these files."""
    return tuple(_pipeline(source) for path in paths if (source := sources.yaml(path)))


def _pipeline(source: Source) -> Pipeline:
    document = source.document
    found = list(_starts(document.get("pipelines")))
    jobs: list[Job] = []
    budget = Budget()
    for event, name, node in found:
        for entry, stage in _entries(node, budget):
            jobs.append(_job(entry, f"{event}:{name}" if name else event, stage, document, len(jobs)))
    imported = [item for _, _, item in found if item.get("import")]
    return Pipeline(
        system=NAME,
        path=source.path,
        at=source.at,
        triggers=tuple(_trigger(event, name, node) for event, name, node in found),
        jobs=tuple(jobs),
        live=bool(jobs),
        external=tuple(item.get("import").text for item in imported),
        problems=(*source.problems, *budget.problems(source.path)),
    )


def _starts(node: Node) -> Iterator[tuple[str, str, Node]]:
    """The pipelines: what starts them, for which name, and their entries."""
    for event, value in node.items():
        if value.is_mapping and not value.get("import"):
            for name, item in value.items():
                yield event, name, item
        else:
            yield event, "", value


def _trigger(event: str, name: str, node: Node) -> Trigger:
    names = (name,) if name else ()
    if event == "tags":
        return Trigger("push", node.at, tags=names)
    if event in {"default", "branches"}:
        return Trigger("push", node.at, branches=names)
    return Trigger({"pull-requests": "pull_request", "custom": "manual"}.get(event, event), node.at, branches=names)


def _entries(node: Node, budget: Budget) -> Iterator[tuple[Node, str]]:
    """The steps of a pipeline, with the name of their stage; parallel groups and stages are opened."""
    stack = [(item, "") for item in reversed(node.elements)]
    while stack and budget.spend():
        item, stage = stack.pop()
        inner = item.get("parallel") or item.get("stage")
        if item.get("step"):
            yield item.get("step"), stage
        elif inner:
            name = item.get("stage", "name").text or stage
            entries = inner.get("steps") or inner
            stack.extend((child, name) for child in reversed(entries.elements))


def _job(node: Node, start: str, stage: str, document: Node, number: int) -> Job:
    return Job(
        id=f"{start}/{node.get('name').text or number}",
        at=node.at,
        name=node.get("name").text,
        runner=_runner(node, document),
        image=image(node.get("image") or document.get("image")),
        services=tuple(_service(item, document) for item in node.get("services").scalars()),
        environment=node.get("deployment").text,
        condition=start,
        steps=tuple(step for key in ("script", "after-script") for step in _steps(node.get(key), key)),
        artifacts=flatten(node.get("artifacts"), "artifacts"),
        options=(*flatten(node.get("caches"), "caches"), *flatten(node.get("oidc"), "oidc")),
        stage=stage,
        live=True,
    )


def _service(node: Node, document: Node) -> Reference:
    defined = document.get("definitions", "services", node.text, "image")
    return image(defined) or pins.image(node.text, node.at)


def _runner(node: Node, document: Node) -> Runner:
    """Atlassian's machines, unless `runs-on` names labels: `self.hosted` ones are the project's own."""
    asked = node.get("runs-on") or document.get("options", "runs-on")
    labels = asked.strings()
    if not labels:
        return Runner(text(node.get("size")) or "default", RunnerKind.HOSTED, node.at)
    own = any(label.startswith("self.hosted") for label in labels)
    return Runner(", ".join(labels), RunnerKind.SELF_HOSTED if own else RunnerKind.UNKNOWN, asked.at, labels=labels)


def _steps(node: Node, name: str) -> Iterator[Step]:
    for item in node.each():
        pipe = item.get("pipe")
        if item.is_scalar:
            yield Step(item.at, name=name, script=item.text, script_line=item.text_line)
        elif pipe.text:
            target, _, ref = pipe.text.removeprefix("docker://").partition(":")
            pin = Pin.DOCKER_TAG if pipe.text.startswith("docker://") else pins.pin(ref)
            uses = Reference(pipe.text, "pipe", target, ref, pin, pipe.at)
            yield Step(item.at, name=item.get("name").text, uses=uses, inputs=inputs(item.get("variables")))
