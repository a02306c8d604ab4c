"""Argo Workflows: Workflow, WorkflowTemplate and CronWorkflow manifests; each template that runs something is a job.

Rules: "Field reference" of Argo Workflows' documentation.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from slsacheck.evidence.pipelines.manifests import Manifest, container_step, manifests, privileged
from slsacheck.evidence.pipelines.source import flatten, merge, too_many, values
from slsacheck.evidence.yaml import MISSING
from slsacheck.model.pipeline import Job, Pipeline, Runner, RunnerKind, Trigger
from slsacheck.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from slsacheck.evidence.pipelines.source import Sources
    from slsacheck.evidence.yaml import Node

__all__ = ["read"]

NAME = "argo-workflows"
NAMES = regex(r"[A-Za-z][\w-]*")
MAX_CALLS = 2_000
"""Calls of templates in one manifest; the largest real one seen has 30."""
KINDS = frozenset({"Workflow", "WorkflowTemplate", "ClusterWorkflowTemplate", "CronWorkflow"})


def read(paths: Sequence[str], sources: Sources) -> tuple[Pipeline, ...]:
    """The pipelines of these files."""
    return tuple(_pipeline(item) for item in manifests(paths, sources, "argoproj.io/") if item.kind in KINDS)


def _pipeline(item: Manifest) -> Pipeline:
    outer = item.node.get("spec")
    spec = outer.get("workflowSpec") or outer
    cron = outer.get("schedule") or outer.get("schedules")
    calls = tuple(islice(_calls(spec), MAX_CALLS))
    elsewhere = [node.get("templateRef", "name").text for node in calls] + [
        spec.get("workflowTemplateRef", "name").text
    ]
    return Pipeline(
        system=NAME,
        path=item.source.path,
        at=item.node.at,
        name=item.name,
        triggers=(Trigger("schedule", cron.at, filters=(("cron", cron.strings()),)),) if cron else (),
        env=values(spec.get("arguments", "parameters")),
        jobs=tuple(_jobs(spec)),
        reusable=item.kind.endswith("Template"),
        external=tuple(dict.fromkeys(f"template {name}" for name in elsewhere if name)),
        problems=(*item.source.problems, *too_many(item.source.path, len(calls), MAX_CALLS)),
    )


def _calls(spec: Node) -> Iterator[Node]:
    """The steps and tasks that call a template."""
    return (node for node, _ in _ordered(spec))


def _ordered(spec: Node) -> Iterator[tuple[Node, tuple[str, ...]]]:
    """The calls of templates, each with the names of those that end before: `dependencies`, or the row above."""
    for template in spec.get("templates").elements:
        for task in template.get("dag", "tasks").elements:
            words = NAMES.findall(task.get("depends").text)
            yield task, (*task.get("dependencies").strings(), *words)
        above: tuple[str, ...] = ()
        for row in template.get("steps").elements:
            yield from ((node, above) for node in row.each())
            above = tuple(node.get("name").text for node in row.each())


def _jobs(spec: Node) -> Iterator[Job]:
    calls: dict[str, list[tuple[Node, tuple[str, ...]]]] = {}
    for node, above in islice(_ordered(spec), MAX_CALLS):
        calls.setdefault(node.get("template").text, []).append((node, above))
    for node in spec.get("templates").elements:
        containers = node.get("containerSet", "containers").elements or (node.get("container") or node.get("script"),)
        if any(containers):
            for call, above in calls.get(node.get("name").text) or [(MISSING, ())]:
                yield _job(node, call, above, containers)


def _job(node: Node, call: Node, above: tuple[str, ...], containers: Sequence[Node]) -> Job:
    """A template as it is called, under the name of the call and with what it is given."""
    steps = tuple(container_step(item) for item in containers)
    return Job(
        id=call.get("name").text or node.get("name").text,
        at=node.at,
        name=node.get("name").text,
        runner=Runner("cluster", RunnerKind.UNKNOWN, node.at),
        image=steps[0].image,
        services=tuple(found for item in node.get("sidecars").elements if (found := container_step(item).image)),
        inputs=merge(values(node.get("inputs", "parameters")), values(call.get("arguments", "parameters"))),
        needs=above,
        condition=call.get("when").text,
        steps=steps,
        artifacts=flatten(node.get("outputs"), "outputs"),
        privileged=privileged(*containers, *node.get("sidecars").elements),
    )
