"""Drone: `.drone.yml`, a stream of documents of which those of kind `pipeline` are jobs.

Rules: "Pipelines" of Drone's documentation. A step without commands is a plugin: an image with settings. `.drone.star`
and `.drone.jsonnet` are programs that make the pipelines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.evidence.pipelines.programs import program
from slsacheck.evidence.pipelines.source import conditions, flatten, image, images, inputs, text
from slsacheck.model.pipeline import Input, Job, Pipeline, Runner, RunnerKind, Step, Trigger

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from slsacheck.evidence.pipelines.source import Source, Sources
    from slsacheck.evidence.yaml import Node
    from slsacheck.model.places import Place

__all__ = ["privileged", "read", "steps"]

NAME = "drone"


def read(paths: Sequence[str], sources: Sources) -> tuple[Pipeline, ...]:
    """The pipelines of these files."""
    found = (sources.yaml(path) for path in paths if path.endswith((".yml", ".yaml")))
    programs = (program(NAME, path, sources) for path in paths if path.endswith((".star", ".jsonnet")))
    return (*(_pipeline(source) for source in found if source), *(item for item in programs if item))


def _pipeline(source: Source) -> Pipeline:
    jobs = tuple(_job(node) for node in source.documents if node.get("kind").text == "pipeline" or node.get("steps"))
    events = dict.fromkeys(event for node in source.documents for event in _events(node.get("trigger")))
    return Pipeline(
        system=NAME,
        path=source.path,
        at=source.at,
        triggers=tuple(Trigger(event, source.at) for event in events or ("push",)),
        jobs=jobs,
        live=bool(jobs),
        problems=source.problems,
    )


def _events(node: Node) -> tuple[str, ...]:
    event = node.get("event")
    return (event.get("include") or event).strings()


def _job(node: Node) -> Job:
    trigger = flatten(node.get("trigger"), "trigger")
    return Job(
        id=node.get("name").text or "default",
        at=node.at,
        name=node.get("name").text,
        runner=_runner(node),
        services=images(node.get("services")),
        needs=node.get("depends_on").strings(),
        condition=conditions(node.get("trigger"), "trigger"),
        env=inputs(node.get("environment")),
        steps=tuple(step for item in node.get("steps").elements for step in steps(item)),
        volumes=tuple(path.text for item in node.get("volumes").elements if (path := item.get("host", "path"))),
        options=trigger,
        privileged=privileged((*node.get("steps").elements, *node.get("services").elements)),
    )


def privileged(containers: Iterable[Node]) -> tuple[Place, ...]:
    """Where containers are given all rights."""
    found = (item.get("privileged") for item in containers)
    return tuple(node.at for node in found if node.boolean)


def _runner(node: Node) -> Runner:
    """Whoever runs the Drone server runs the machines; the type tells how a step is kept apart from them."""
    kind = node.get("type")
    labels = tuple(item.value for item in flatten(node.get("node"), "node"))
    own = kind.text in {"exec", "ssh", "macstadium"} or bool(labels)
    return Runner(kind.text or "docker", RunnerKind.SELF_HOSTED if own else RunnerKind.UNKNOWN, node.at, labels=labels)


def steps(node: Node, name: str = "") -> Iterator[Step]:
    """The steps that one entry stands for: one a command, else one for the plugin with its settings."""
    commands = node.get("commands")
    condition = conditions(node.get("when"), "when")
    title = node.get("name").text or name
    env = tuple(_setting(key, value) for key, value in node.get("environment").items())
    inside = image(node.get("image"))
    for item in commands.scalars():
        yield Step(
            at=item.at,
            name=title,
            script=item.text,
            script_line=item.text_line,
            env=env,
            condition=condition,
            image=inside,
        )
    if not commands:
        settings = tuple(_setting(key, value) for key, value in node.get("settings").items())
        yield Step(at=node.at, name=title, uses=inside, inputs=settings, env=env, condition=condition, image=inside)


def _setting(name: str, node: Node) -> Input:
    secret = node.get("from_secret")
    value = f"from_secret:{secret.text}" if secret else text(node)
    return Input(name, value, node.at, node.text_line)
