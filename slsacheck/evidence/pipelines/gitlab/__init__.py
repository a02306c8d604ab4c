"""GitLab CI/CD: `.gitlab-ci.yml` with everything that it includes from the repository."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.evidence.pipelines.gitlab.includes import gather
from slsacheck.evidence.pipelines.gitlab.jobs import MAX_JOBS, jobs
from slsacheck.evidence.pipelines.gitlab.layers import Config
from slsacheck.evidence.pipelines.source import flatten, inputs, merge, too_many
from slsacheck.model.pipeline import Pin, Pipeline, Trigger

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slsacheck.evidence.pipelines.source import Sources
    from slsacheck.evidence.yaml import Node

__all__ = ["read"]

NAME = "gitlab-ci"
CHILDREN = 20
"""Child pipelines (`trigger: include: local`) of one configuration."""


def read(paths: Sequence[str], sources: Sources) -> tuple[Pipeline, ...]:
    """The pipelines of these files."""
    found: dict[str, Pipeline] = {}
    waiting = list(paths)
    while waiting and len(found) <= CHILDREN:
        path = waiting.pop(0)
        if path in found or not sources.tree.exists(path):
            continue
        pipeline = _pipeline(path, sources, child=path not in paths)
        if pipeline is None:
            continue
        found[path] = pipeline
        used = (job.uses for job in pipeline.jobs if job.uses)
        waiting.extend(item.path for item in used if item.kind == "include-local" and item.pin is Pin.LOCAL)
    return tuple(found.values())


def _pipeline(path: str, sources: Sources, *, child: bool) -> Pipeline | None:
    order, named = gather(path, sources)
    if not order:
        return None
    config = Config(tuple(document for source in order for document in source.documents))
    found = jobs(config)
    outside = [item for item in (*named, *(job.uses for job in found if job.uses)) if item.pin is not Pin.LOCAL]
    return Pipeline(
        system=NAME,
        path=path,
        at=order[-1].at,
        name=config.top("workflow").get("name").text,
        triggers=_triggers(config.top("workflow").get("rules"), order[-1].document, child=child),
        env=merge(*(inputs(node) for node in config.top("variables").all())),
        jobs=found,
        reusable=child,
        live=any(job.live for job in found) or bool(outside),
        external=tuple(dict.fromkeys(item.raw for item in outside)),
        problems=(
            *(problem for source in order for problem in source.problems),
            *config.budget.problems(path),
            *too_many(path, len(found), MAX_JOBS),
        ),
        includes=tuple(named),
        options=(
            *flatten(order[-1].document.get("include"), "include"),
            *flatten(config.top("stages").get(), "stages"),
        ),
    )


def _triggers(rules: Node, document: Node, *, child: bool) -> tuple[Trigger, ...]:
    """Pushes start a pipeline unless `workflow: rules:` says when; a child is started by its parent."""
    if child:
        return (Trigger("parent_pipeline", document.at),)
    said = tuple(item.get("if").text for item in rules.elements if item.get("when").text != "never")
    return (Trigger("push", (rules or document).at, filters=(("rules", said),) if said else ()),)
