"""What starts a workflow: `on:` as a word, a list or a mapping."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.evidence.pipelines.source import text
from slsacheck.model.pipeline import Input, Trigger

if TYPE_CHECKING:
    from slsacheck.evidence.yaml import Node

__all__ = ["default_inputs", "triggers"]

OWN = frozenset({"branches", "tags", "types", "inputs", "workflows", "secrets", "outputs"})


def triggers(node: Node) -> tuple[Trigger, ...]:
    """The triggers of a workflow. Anything that is not in the mapping form has no filters."""
    if not node.is_mapping:
        return tuple(Trigger(item.text, item.at) for item in node.scalars())
    return tuple(_trigger(key, value) for key, value in node.table().values())


def _trigger(key: Node, node: Node) -> Trigger:
    given = node.get("inputs")
    if key.text == "schedule":
        times = tuple(item.get("cron").text for item in node.each())
        return Trigger(key.text, key.at, filters=(("cron", times),))
    return Trigger(
        event=key.text,
        at=key.at,
        branches=node.get("branches").strings(),
        tags=node.get("tags").strings(),
        types=node.get("types").strings(),
        inputs=tuple(given.table()),
        workflows=node.get("workflows").strings(),
        filters=tuple((name, value.strings()) for name, value in node.items() if name not in OWN),
        defaults=default_inputs(given),
    )


def default_inputs(node: Node) -> tuple[Input, ...]:
    """The defaults of declared inputs, for those that have one."""
    found = ((name, item.get("default")) for name, item in node.items())
    return tuple(Input(name, text(value), value.at, value.text_line) for name, value in found if value)
