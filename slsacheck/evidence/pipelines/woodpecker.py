"""Woodpecker: `.woodpecker.yml` or the files of `.woodpecker/`, each a workflow of steps in containers.

Rules: "Workflow syntax" of Woodpecker's documentation. Steps are a list or a mapping by name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.evidence.pipelines.drone import privileged, steps
from slsacheck.evidence.pipelines.source import conditions, flatten, images
from slsacheck.model.pipeline import Job, Pipeline, Runner, RunnerKind, Step, Trigger

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from slsacheck.evidence.pipelines.source import Source, Sources
    from slsacheck.evidence.yaml import Node

__all__ = ["read"]

NAME = "woodpecker"


def read(paths: Sequence[str], sources: Sources) -> tuple[Pipeline, ...]:
    """The pipelines of these files."""
    return tuple(_pipeline(source) for path in paths if (source := sources.yaml(path)))


def _pipeline(source: Source) -> Pipeline:
    document = source.document
    when = document.get("when") or document.get("branches")
    labels = flatten(document.get("labels"), "labels")
    job = Job(
        id=source.path.rpartition("/")[2].removeprefix(".").rpartition(".")[0],
        at=source.at,
        runner=Runner("docker", RunnerKind.UNKNOWN, source.at, labels=tuple(item.value for item in labels)),
        services=images(document.get("services")),
        needs=document.get("depends_on").strings(),
        condition=conditions(when, "when"),
        matrix=tuple((name, value.strings()) for name, value in document.get("matrix").items() if name != "include"),
        steps=tuple(_steps(document.get("steps") or document.get("pipeline"))),
        volumes=tuple(volume for item in _entries(document) for volume in item.get("volumes").strings()),
        privileged=privileged(_entries(document)),
    )
    events = dict.fromkeys(event for item in when.each() for event in item.get("event").strings())
    return Pipeline(
        system=NAME,
        path=source.path,
        at=source.at,
        triggers=tuple(Trigger(event, when.at) for event in events) or (Trigger("push", source.at),),
        jobs=(job,) if job.steps else (),
        live=bool(job.steps),
        problems=source.problems,
    )


def _entries(document: Node) -> tuple[Node, ...]:
    node = document.get("steps") or document.get("pipeline")
    return tuple(value for _, value in node.items()) if node.is_mapping else node.elements


def _steps(node: Node) -> Iterator[Step]:
    for item in node.elements:
        yield from steps(item)
    for name, item in node.items():
        yield from steps(item, name)
