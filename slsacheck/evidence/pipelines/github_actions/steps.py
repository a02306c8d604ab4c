"""The steps of a job or of a composite action."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.evidence.pipelines import pins
from slsacheck.evidence.pipelines.source import inputs
from slsacheck.model.pipeline import Reference, Step
from slsacheck.record import record

if TYPE_CHECKING:
    from slsacheck.evidence.pipelines.source import Source
    from slsacheck.evidence.yaml import Node

__all__ = ["Defaults", "steps"]


@record
class Defaults:
    """`defaults.run` of a workflow or job."""

    shell: str = ""
    directory: str = ""

    def within(self, node: Node) -> Defaults:
        """These defaults with what a `defaults.run` further in says."""
        return Defaults(node.get("shell").text or self.shell, node.get("working-directory").text or self.directory)


def steps(source: Source, node: Node, defaults: Defaults, origin: str | None) -> tuple[Step, ...]:
    """The steps of a list, those that run in parallel in their order; anything that is not a mapping is left out."""
    listed = (one for item in node.elements for one in item.get("parallel").elements or (item,))
    return tuple(_step(source, item, defaults, origin) for item in listed if item.is_mapping)


def _step(source: Source, node: Node, defaults: Defaults, origin: str | None) -> Step:
    run = node.get("run")
    uses = node.get("uses")
    return Step(
        at=node.at,
        id=node.get("id").text,
        name=node.get("name").text,
        uses=_uses(source, uses, origin),
        script=run.text if run else None,
        script_line=run.text_line if run else None,
        shell=node.get("shell").text or (defaults.shell if run else ""),
        inputs=inputs(node.get("with")),
        env=inputs(node.get("env")),
        condition=node.get("if").text,
        directory=node.get("working-directory").text or (defaults.directory if run else ""),
    )


def _uses(source: Source, node: Node, origin: str | None) -> Reference | None:
    if not node.text:
        return None
    return pins.action(node.text, node.at, origin=origin, comment=source.comment(node))
