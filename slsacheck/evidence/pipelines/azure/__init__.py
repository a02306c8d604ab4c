"""Azure Pipelines: `azure-pipelines.yml`, and pipeline files of any name in the folders that they usually lie in.

Rules: "YAML schema reference for Azure Pipelines" of Microsoft's documentation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.evidence.pipelines import pins
from slsacheck.evidence.pipelines.azure.jobs import jobs, variables
from slsacheck.evidence.pipelines.azure.templates import Templates
from slsacheck.evidence.pipelines.source import flatten
from slsacheck.model.pipeline import Pipeline, Reference, Trigger
from slsacheck.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from slsacheck.evidence.pipelines.source import Source, Sources
    from slsacheck.evidence.yaml import Node

__all__ = ["read"]

NAME = "azure-pipelines"
WORDS = regex(r"\bvmImage:|\btask: *['\"]?[\w.-]+@\d|\$\(Build\.|1ES\.|@self\b")
STARTS = ("trigger", "pr", "schedules", "resources", "extends", "pool")


def read(paths: Sequence[str], sources: Sources) -> tuple[Pipeline, ...]:
    """The pipelines of these files, without those that are only templates of others."""
    found: list[Pipeline] = []
    templates: set[str] = set()
    for path in paths:
        named = "azure-pipeline" in path.lower()
        if not named and WORDS.search(sources.text(path) or "") is None:
            continue
        source = sources.yaml(path)
        if source and _is_pipeline(source.document, named=named):
            found.append(_pipeline(source, sources, templates))
    return tuple(pipeline for pipeline in found if pipeline.path not in templates or _starts(pipeline.path, sources))


def _starts(path: str, sources: Sources) -> bool:
    """Whether a file that others use as a template says itself what starts it."""
    source = sources.yaml(path)
    return source is not None and any(source.document.get(key) for key in ("trigger", "pr", "schedules"))


def _is_pipeline(document: Node, *, named: bool) -> bool:
    """A file that starts by itself; templates are read through those that use them."""
    body = any(document.get(key) for key in ("stages", "jobs", "steps", "extends"))
    foreign = bool(document.get("on")) or document.get("steps").is_mapping or document.get("jobs").is_mapping
    return body and not foreign and (named or any(document.get(key) for key in STARTS))


def _pipeline(source: Source, sources: Sources, used: set[str]) -> Pipeline:
    document = source.document
    templates = Templates(sources, source.path, document.get("parameters"))
    found = tuple(jobs(document, templates))
    used |= templates.paths - {source.path}
    repositories = tuple(_repositories(document.get("resources", "repositories")))
    return Pipeline(
        system=NAME,
        path=source.path,
        at=source.at,
        name=document.get("name").text,
        triggers=tuple(_triggers(document)),
        env=variables(document.get("variables")),
        jobs=found,
        live=bool(found) or bool(templates.outside),
        external=(*templates.outside, *(item.raw for item in repositories)),
        problems=(*source.problems, *templates.budget.problems(source.path)),
        includes=(*templates.used.values(), *repositories),
        options=(*flatten(document.get("resources"), "resources"), *flatten(document.get("extends"), "extends")),
    )


def _repositories(node: Node) -> Iterator[Reference]:
    for item in node.elements:
        name, ref = item.get("name").text, item.get("ref").text
        if name:
            raw = f"{name}@{ref}" if ref else name
            yield Reference(raw, "repository", name, ref, pins.pin(ref.rpartition("/")[2]), item.at)


def _triggers(document: Node) -> Iterator[Trigger]:
    """`trigger:` (pushes, on for every branch where nothing is said), `pr:` and `schedules:`."""
    for key, event in (("trigger", "push"), ("pr", "pull_request")):
        node = document.get(key)
        if node.text == "none" or (not node and key == "pr"):
            continue
        branches = node.get("branches", "include") if node.is_mapping else node
        yield Trigger(event, (node or document).at, branches.strings(), node.get("tags", "include").strings())
    for item in document.get("schedules").elements:
        yield Trigger("schedule", item.at, filters=(("cron", item.get("cron").strings()),))
