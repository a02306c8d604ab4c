"""Google Cloud Build: `cloudbuild.yaml` (or `.json`), one job whose steps are containers.

Rules: "Build configuration file schema" of Google's documentation. What triggers it is configured in the project.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slsacheck.evidence.pipelines.source import command_line, flatten, image, values
from slsacheck.model.pipeline import Input, Job, Pipeline, Runner, RunnerKind, Step

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slsacheck.evidence.pipelines.source import Source, Sources
    from slsacheck.evidence.yaml import Node

__all__ = ["read"]

NAME = "google-cloud-build"
SHELLS = frozenset({"bash", "sh", "/bin/bash", "/bin/sh", "dash", "zsh"})
KEPT = ("images", "artifacts", "options", "substitutions", "serviceAccount", "availableSecrets", "secrets", "tags")


def read(paths: Sequence[str], sources: Sources) -> tuple[Pipeline, ...]:
    """The pipelines of these files."""
    found = []
    for path in paths:
        words = sources.text(path) or ""
        named = any(word in path.lower() for word in ("cloudbuild", "cloud-build", "gcb/"))
        if "steps" not in words or not (named or "gcr.io/cloud-builders/" in words):
            continue
        source = sources.yaml(path)
        if source and _is_build(source.document):
            found.append(_pipeline(source))
    return tuple(found)


def _is_build(document: Node) -> bool:
    steps = document.get("steps").elements
    return bool(steps) and all(step.get("name").is_scalar for step in steps) and not document.get("jobs")


def _pipeline(source: Source) -> Pipeline:
    document = source.document
    options = tuple(item for key in KEPT for item in flatten(document.get(key), key))
    job = Job(
        id="build",
        at=document.key("steps").at,
        runner=_runner(document),
        env=values(document.get("options", "env")),
        secrets=_secrets(document),
        steps=tuple(_step(node) for node in document.get("steps").elements),
        options=options,
        artifacts=tuple(item for item in options if item.name.startswith(("images", "artifacts"))),
    )
    return Pipeline(
        system=NAME,
        path=source.path,
        at=source.at,
        env=values(document.get("substitutions")),
        jobs=(job,),
        problems=source.problems,
        options=options,
    )


def _secrets(document: Node) -> tuple[Input, ...]:
    return tuple(item for key in ("availableSecrets", "secrets") for item in flatten(document.get(key), key))


def _runner(document: Node) -> Runner:
    """Google's own workers; a private pool is managed by Google too, with settings of the project's own."""
    pool = document.get("options", "pool", "name") or document.get("options", "workerPool")
    if pool:
        return Runner(pool.text, RunnerKind.UNKNOWN, pool.at)
    machine = document.get("options", "machineType")
    return Runner(machine.text or "default", RunnerKind.HOSTED, (machine or document.key("steps")).at)


def _step(node: Node) -> Step:
    name = node.get("name")
    script, line = _script(node)
    return Step(
        at=node.at,
        id=node.get("id").text,
        name=node.get("id").text,
        uses=image(name),
        script=script,
        script_line=line,
        shell=node.get("entrypoint").text,
        env=values(node.get("env")),
        directory=node.get("dir").text,
        image=image(name),
    )


def _script(node: Node) -> tuple[str | None, int | None]:
    """What the container runs, as one shell command: `script`, the text behind `-c`, or entrypoint and arguments.

    A builder image without an entrypoint runs the tool that it is named after.
    """
    script = node.get("script")
    if script:
        return script.text, script.text_line
    args = list(node.get("args").scalars())
    entrypoint = node.get("entrypoint").text
    if entrypoint in SHELLS and len(args) > 1 and args[0].text.startswith("-") and args[0].text.endswith("c"):
        return args[1].text.replace("$$", "$"), args[1].text_line  # a dollar that is no substitution is written twice
    tool = entrypoint or re.split(r"[:@]", node.get("name").text.rpartition("/")[2])[0]
    if not entrypoint and len(args) > 1 and args[0].text == tool:
        args = args[1:]  # an image without an entry point of its own is told the tool's name too
    if not args and not entrypoint:
        return None, None
    return command_line(args, tool), (args[0] if args else node).line
