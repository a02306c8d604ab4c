"""Argo Workflows: Workflow, WorkflowTemplate and CronWorkflow manifests; each template that runs something is a job.

Rules: "Field reference" of Argo Workflows' documentation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.evidence.pipelines.manifests import Manifest, container_step, manifests, privileged
from slsacheck.evidence.pipelines.source import flatten, values
from slsacheck.model.pipeline import Job, Pipeline, Runner, RunnerKind, Trigger

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from slsacheck.evidence.pipelines.source import Sources
    from slsacheck.evidence.yaml import Node

__all__ = ["read"]

NAME = "argo-workflows"
KINDS = frozenset({"Workflow", "WorkflowTemplate", "ClusterWorkflowTemplate", "CronWorkflow"})


def read(paths: Sequence[str], sources: Sources) -> tuple[Pipeline, ...]:
    """The pipelines of these files."""
    return tuple(_pipeline(item) for item in manifests(paths, sources, "argoproj.io/") if item.kind in KINDS)


def _pipeline(item: Manifest) -> Pipeline:
    outer = item.node.get("spec")
    spec = outer.get("workflowSpec") or outer
    cron = outer.get("schedule") or outer.get("schedules")
    elsewhere = [node.get("templateRef", "name").text for node in _calls(spec)] + [
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
        problems=item.source.problems,
    )


def _calls(spec: Node) -> Iterator[Node]:
    """The steps and tasks that call a template."""
    for template in spec.get("templates").elements:
        yield from template.get("dag", "tasks").elements
        for row in template.get("steps").elements:
            yield from row.each()


def _jobs(spec: Node) -> Iterator[Job]:
    needs = {node.get("template").text: node.get("dependencies").strings() for node in _calls(spec)}
    for node in spec.get("templates").elements:
        body = node.get("container") or node.get("script")
        group = node.get("containerSet", "containers").elements
        if not body and not group:
            continue
        name = node.get("name").text
        steps = tuple(container_step(item) for item in (group or (body,)))
        yield Job(
            id=name,
            at=node.at,
            name=name,
            runner=Runner("cluster", RunnerKind.UNKNOWN, node.at),
            image=steps[0].image,
            inputs=values(node.get("inputs", "parameters")),
            needs=needs.get(name, ()),
            steps=steps,
            artifacts=flatten(node.get("outputs"), "outputs"),
            privileged=privileged(*(group or (body,))),
        )
