"""The jobs of a workflow, and the matrices over which they run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.evidence.pipelines import pins
from slsacheck.evidence.pipelines.github_actions.expressions import UNKNOWN, Possible
from slsacheck.evidence.pipelines.github_actions.runners import runner
from slsacheck.evidence.pipelines.github_actions.steps import Defaults, steps
from slsacheck.evidence.pipelines.source import image, images, inputs, text
from slsacheck.model.pipeline import Job, Permissions, Reference

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from slsacheck.evidence.pipelines.source import Source
    from slsacheck.evidence.yaml import Node
    from slsacheck.model.places import Place

__all__ = ["Scope", "job", "matrix", "permissions"]

MAX_ROWS = 2_000
"""Rows of a matrix that are kept; GitHub runs at most 256 jobs of one."""


def permissions(node: Node) -> Permissions:
    """`permissions:` as a word (`read-all`, `write-all`) or scope by scope; `{}` takes everything away."""
    if not node:
        return Permissions()
    if node.is_scalar and node.text in {"read-all", "write-all"}:
        return Permissions(declared=True, scopes=(("*", node.text.removesuffix("-all")),), at=node.at)
    found = tuple((name, value.text) for name, value in node.items())
    return Permissions(declared=True, scopes=found, at=node.at)


def matrix(node: Node) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """A matrix's axes with their values; no product is ever made. Mapping values become axes `name.member`."""
    if node.is_scalar and not node.is_null:
        return (("*", (node.text,)),)
    axes: dict[str, dict[str, None]] = {}
    for name, value in node.items():
        if name == "include":
            for row in _rows(value):
                for axis, cell in row.items():
                    _collect(axes, axis, [cell])
            if value.is_scalar:
                _collect(axes, "*", [value])
        elif name != "exclude":
            _collect(axes, name, value.elements or [value])
    _exclude(axes, node.get("exclude"))
    return tuple((name, tuple(found)) for name, found in axes.items())


def _exclude(axes: dict[str, dict[str, None]], node: Node) -> None:
    """Takes values away that no job has; of a row with several axes other combinations remain."""
    for row in _rows(node):
        cells = tuple(row.items())
        if len(cells) == 1:
            axes.get(cells[0][0], {}).pop(_cell(cells[0][1]), None)


def _rows(node: Node) -> tuple[Node, ...]:
    return tuple(row for row in node.elements[:MAX_ROWS] if row.is_mapping)


def _collect(axes: dict[str, dict[str, None]], name: str, cells: Iterable[Node]) -> None:
    for cell in cells:
        if cell.is_mapping:
            for member, value in cell.items():
                axes.setdefault(f"{name}.{member}", {})[text(value)] = None
        else:
            axes.setdefault(name, {})[_cell(cell)] = None


def _cell(node: Node) -> str:
    """A cell as text; a list as the JSON list that `fromJSON` and `runs-on` understand."""
    if not node.is_sequence:
        return node.text
    import json

    return json.dumps(node.strings())


def includes(node: Node) -> tuple[tuple[tuple[str, str], ...], ...]:
    """The rows of a matrix that are written out, as (axis, value) pairs."""
    return tuple(tuple((name, text(value)) for name, value in row.items()) for row in _rows(node.get("include")))


class Scope:
    """What names in a job's expressions may be: the matrix, and the inputs that callers here hand over."""

    def __init__(self, axes: Iterable[tuple[str, tuple[str, ...]]], given: Mapping[str, Possible]) -> None:
        self.axes = dict(axes)
        self.given = given

    def __call__(self, name: str) -> Possible:
        """The texts that `matrix.os` or `inputs.runner` may come to."""
        context, _, member = name.partition(".")
        if context == "matrix":
            found = self.axes.get(member)
            if found is None:
                return UNKNOWN if "*" in self.axes or not self.axes else Possible(("",), complete="*" not in self.axes)
            whole = "*" not in self.axes and not any("${{" in value for value in found)
            return Possible(found, whole)
        if context == "inputs":
            return self.given.get(member, UNKNOWN)
        return UNKNOWN


def job(
    source: Source, key: Node, node: Node, defaults: Defaults, given: Mapping[str, Possible], origin: str | None
) -> Job:
    """One job of a workflow."""
    strategy = node.get("strategy", "matrix")
    axes = matrix(strategy)
    environment = node.get("environment")
    container = node.get("container")
    secrets = node.get("secrets")
    condition = node.get("if").text
    return Job(
        id=key.text,
        at=key.at,
        name=node.get("name").text,
        runner=runner(node.get("runs-on"), Scope(axes, given)),
        image=image(container),
        services=images(node.get("services")),
        uses=_called(source, node.get("uses"), origin),
        inputs=inputs(node.get("with")),
        needs=node.get("needs").strings(),
        permissions=permissions(node.get("permissions")),
        secrets=inputs(secrets),
        inherits_secrets=secrets.text == "inherit",
        environment=environment.get("name").text or environment.text,
        condition=condition,
        env=inputs(node.get("env")),
        outputs=inputs(node.get("outputs")),
        matrix=axes,
        steps=steps(source, node.get("steps"), defaults.within(node.get("defaults", "run")), origin),
        includes=includes(strategy),
        volumes=container.get("volumes").strings(),
        options=inputs(container) if container.is_mapping else (),
        live=condition.replace("${{", "").replace("}}", "").strip() != "false",
        privileged=tuple(_privileged(container, *(item for _, item in node.get("services").items()))),
    )


def _privileged(*containers: Node) -> Iterator[Place]:
    """Where the options of a container give it all rights."""
    for container in containers:
        options = container.get("options")
        if "--privileged" in options.text.split():
            yield options.at


def _called(source: Source, node: Node, origin: str | None) -> Reference | None:
    if not node.text:
        return None
    return pins.action(node.text, node.at, kind="reusable-workflow", origin=origin, comment=source.comment(node))
