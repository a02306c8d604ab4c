"""Actions that live in the repository: `action.yml`, wherever it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.evidence.pipelines.github_actions.steps import Defaults, steps
from slsacheck.evidence.pipelines.github_actions.triggers import default_inputs
from slsacheck.evidence.pipelines.source import Sources
from slsacheck.evidence.tree import Problems
from slsacheck.model.pipeline import Input
from slsacheck.model.places import Place
from slsacheck.record import record

if TYPE_CHECKING:
    from collections.abc import Iterable

    from slsacheck.evidence.tree import Tree
    from slsacheck.evidence.yaml import Node
    from slsacheck.model.pipeline import Step

__all__ = ["ACTION_FILES", "Action", "action", "composite", "outputs"]

ACTION_FILES = ("action.yml", "action.yaml")
PROGRAMS = ("pre-entrypoint", "entrypoint", "post-entrypoint")


@record
class Action:
    """An action of the repository: what runs it (`composite`, `docker`, `node24`), its inputs and its steps.

    One in a container has an `image` instead of steps, and may have `programs` (`entrypoint`, those around
    it), `arguments` for them and an environment.
    """

    path: str
    at: Place
    name: str = ""
    using: str = ""
    image: str = ""
    inputs: tuple[str, ...] = ()
    defaults: tuple[Input, ...] = ()
    outputs: tuple[Input, ...] = ()
    steps: tuple[Step, ...] = ()
    programs: tuple[Input, ...] = ()
    arguments: tuple[str, ...] = ()
    env: tuple[Input, ...] = ()


def action(tree: Tree, path: str, origin: str | None = None, sources: Sources | None = None) -> Action | None:
    """The action in a folder of the repository (`./.github/actions/setup`), or that file; None where there is none."""
    folder = path.removeprefix("$/").removeprefix("./").strip("/")
    candidates = (
        [folder] if folder.endswith(ACTION_FILES) else [f"{folder}/{name}".lstrip("/") for name in ACTION_FILES]
    )
    found = next((candidate for candidate in candidates if tree.exists(candidate)), None)
    source = (sources or Sources(tree, Problems(), origin)).yaml(found) if found else None
    if source is None or found is None:
        return None
    document = source.document
    runs = document.get("runs")
    given = document.get("inputs")
    return Action(
        path=found,
        at=source.at,
        name=document.get("name").text,
        using=runs.get("using").text,
        image=runs.get("image").text,
        inputs=tuple(given.table()),
        defaults=default_inputs(given),
        outputs=outputs(document.get("outputs")),
        steps=steps(source, runs.get("steps"), Defaults(), origin),
        programs=_given((name, runs.get(name)) for name in PROGRAMS),
        arguments=tuple(node.text for node in runs.get("args").elements),
        env=_given(runs.get("env").items()),
    )


def _given(items: Iterable[tuple[str, Node]]) -> tuple[Input, ...]:
    return tuple(Input(name, node.text, node.at, node.text_line or None) for name, node in items if node.text)


def outputs(node: Node) -> tuple[Input, ...]:
    """The outputs that an action or a reusable workflow declares, with the expressions that they are."""
    found = ((name, item.get("value")) for name, item in node.items())
    return tuple(Input(name, value.text, (value or node).at, value.text_line or None) for name, value in found)


def composite(tree: Tree, path: str, origin: str | None = None) -> tuple[Step, ...]:
    """The steps of a composite action in the repository; empty for other actions and where there is none."""
    found = action(tree, path, origin)
    return found.steps if found else ()
