"""Workflows: `.github/workflows/*.yml`, each one a pipeline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.evidence.pipelines.github_actions.expressions import Possible, resolve
from slsacheck.evidence.pipelines.github_actions.jobs import Scope, job, matrix, permissions
from slsacheck.evidence.pipelines.github_actions.steps import Defaults
from slsacheck.evidence.pipelines.github_actions.triggers import triggers
from slsacheck.evidence.pipelines.pins import action, local_path
from slsacheck.evidence.pipelines.source import Sources, inputs
from slsacheck.model.pipeline import Input, Pipeline

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from slsacheck.evidence.pipelines.source import Source
    from slsacheck.evidence.yaml import Node

__all__ = ["FOLDER", "NAME", "claims", "read"]

NAME = "github-actions"
FOLDER = ".github/workflows/"


def claims(path: str) -> bool:
    """Whether GitHub reads that file as a workflow: directly in the folder, `.yml` or `.yaml`."""
    return path.startswith(FOLDER) and path.endswith((".yml", ".yaml")) and "/" not in path[len(FOLDER) :]


def read(paths: Sequence[str], sources: Sources) -> tuple[Pipeline, ...]:
    """A pipeline for each workflow; inputs of a reusable one are resolved through its callers in this repository."""
    found = [source for path in paths if claims(path) and (source := sources.yaml(path)) is not None]
    calls = _calls(found, sources.origin)
    return tuple(_pipeline(source, calls.get(source.path, {}), sources.origin) for source in found)


def _calls(found: Sequence[Source], origin: str | None) -> dict[str, dict[str, Possible]]:
    """What callers hand over: path of the called workflow -> input -> texts."""
    calls: dict[str, dict[str, Possible]] = {}
    for source in found:
        for _, node in source.document.get("jobs").table().values():
            uses = node.get("uses")
            path = local_path(action(uses.text, uses.at, origin=origin)) if uses.text else None
            if path:
                _add_call(calls.setdefault(path, {}), node)
    return calls


def _add_call(table: dict[str, Possible], node: Node) -> None:
    names = Scope(matrix(node.get("strategy", "matrix")), {})
    for name, value in node.get("with").items():
        given = resolve(value.text, names)
        before = table.get(name, Possible((), complete=True))
        values = tuple(dict.fromkeys((*before.values, *given.values)))
        table[name] = Possible(values, before.complete and given.complete)


def _given(document: Node, calls: Mapping[str, Possible]) -> dict[str, Possible]:
    """What `inputs.NAME` may be: what callers here hand over, defaults, and the choices of who starts it by hand."""
    table = dict(calls)
    for event in ("workflow_call", "workflow_dispatch"):
        for name, node in document.get("on", event, "inputs").items():
            default = (node.get("default").text,) if node.get("default") else ()
            before = table.get(name, Possible((), complete=True))
            values = tuple(dict.fromkeys((*before.values, *default, *node.get("options").strings())))
            free = event == "workflow_dispatch" and node.get("type").text not in {"choice", "boolean"}
            table[name] = Possible(values, before.complete and not free and bool(values))
    return table


def _pipeline(source: Source, calls: Mapping[str, Possible], origin: str | None) -> Pipeline:
    document = source.document
    events = triggers(document.get("on"))
    given = _given(document, calls)
    defaults = Defaults().within(document.get("defaults", "run"))
    table = document.get("jobs").table().values()
    jobs = tuple(job(source, key, node, defaults, given, origin) for key, node in table)
    return Pipeline(
        system=NAME,
        path=source.path,
        at=source.at,
        name=document.get("name").text,
        triggers=events,
        permissions=permissions(document.get("permissions")),
        env=inputs(document.get("env")),
        jobs=jobs,
        reusable=any(event.event == "workflow_call" for event in events),
        live=bool(events) and any(item.live for item in jobs),
        external=tuple(dict.fromkeys(item.uses.raw for item in jobs if item.uses and local_path(item.uses) is None)),
        problems=(*source.problems, *_faults(source)),
        outputs=_outputs(document.get("on", "workflow_call", "outputs")),
        includes=tuple(item.uses for item in jobs if item.uses),
    )


def _outputs(node: Node) -> tuple[Input, ...]:
    found = ((name, item.get("value")) for name, item in node.items())
    return tuple(Input(name, value.text, value.at, value.text_line) for name, value in found if value)


def _faults(source: Source) -> tuple[str, ...]:
    """What keeps GitHub from running the file, or this reader from following it."""
    if not source.document.is_mapping:
        return (f"{source.path}: holds no workflow",)
    missing = [name for name in ("on", "jobs") if source.document.get(name).is_null]
    return tuple(f"{source.path}: has no {name!r}" for name in missing)
