"""The repository's own composite actions where they are used: their steps under names of their own, their outputs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slsacheck.evidence.publications.expressions import living
from slsacheck.evidence.publications.values import told
from slsacheck.record import replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from slsacheck.evidence.pipelines import Action
    from slsacheck.evidence.publications.values import Values
    from slsacheck.model import Input, Step

__all__ = ["aliases", "known_outputs", "renamed"]


def renamed(action: Action, caller: str) -> Action:
    """The action with `caller--` before the ids of its steps, which may be used by other steps of the job too."""
    ids = "|".join(re.escape(step.id) for step in action.steps if step.id)
    if not ids:
        return action
    named = re.compile(rf"\bsteps\.(?=(?:{ids})\.)")

    def said(text: str) -> str:
        return named.sub(lambda match: f"{match[0]}{caller}--", text)

    return replace(
        action, steps=tuple(_step(step, said, caller) for step in action.steps), outputs=_items(action.outputs, said)
    )


def _step(step: Step, said: Callable[[str], str], caller: str) -> Step:
    return replace(
        step,
        id=f"{caller}--{step.id}" if step.id else "",
        script=None if step.script is None else said(step.script),
        condition=said(step.condition),
        inputs=_items(step.inputs, said),
        env=_items(step.env, said),
    )


def _items(items: tuple[Input, ...], said: Callable[[str], str]) -> tuple[Input, ...]:
    return tuple(replace(item, value=said(item.value)) for item in items)


def aliases(caller: str, action: Action, values: Values) -> dict[tuple[str, str], str]:
    """What the outputs of a step that uses an own action are inside it; none where the step has no id."""
    return {(caller, item.name): living(item.value, values) for item in action.outputs} if caller else {}


def known_outputs(caller: str, action: Action, values: Values) -> Values:
    """The outputs whose text the files tell."""
    found: Values = {}
    for item in action.outputs if caller else ():
        found |= told(f"steps.{caller}.outputs.{item.name}", item.value, values)
    return found
