"""Kubernetes manifests that are build configuration: found by words in the text, read once for every system."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from slsacheck.evidence.pipelines.paths import pipeline_like
from slsacheck.evidence.pipelines.source import command_line, image, values
from slsacheck.model.pipeline import Step

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from slsacheck.evidence.pipelines.source import Source, Sources
    from slsacheck.evidence.yaml import Node
    from slsacheck.model.pipeline import Reference
    from slsacheck.model.places import Place

__all__ = ["Manifest", "claims", "container_step", "manifests", "privileged"]

INLINE = frozenset({"-c", "-ec", "-exc", "-lc", "-cx", "-ce"})
"""Options after which a shell takes its script."""


class Manifest(NamedTuple):
    """One document of a file, with its kind and name."""

    source: Source
    node: Node
    kind: str
    name: str


def claims(path: str) -> bool:
    """Whether a file may hold manifests of a build system; tests, samples and documentation are left out."""
    return pipeline_like(path)


def manifests(paths: Sequence[str], sources: Sources, group: str) -> Iterator[Manifest]:
    """The documents whose `apiVersion` is of that API group, from files that speak of it at all."""
    for path in paths:
        if group not in (sources.text(path) or ""):
            continue
        source = sources.yaml(path)
        for node in source.documents if source else ():
            if node.get("apiVersion").text.startswith(group) and source is not None:
                name = node.get("metadata", "name").text or node.get("metadata", "generateName").text
                yield Manifest(source, node, node.get("kind").text, name)


def container_step(node: Node) -> Step:
    """A container as a step: its script, or its command and arguments as one command line."""
    found, line = _command(node)
    shell = node.get("command").strings()
    inside: Reference | None = image(node.get("image"))
    return Step(
        at=node.at,
        name=node.get("name").text,
        uses=None if found is not None else inside,
        script=found,
        script_line=line,
        shell=shell[0] if shell else "",
        env=values(node.get("env")),
        directory=node.get("workingDir").text,
        image=inside,
    )


def privileged(*containers: Node) -> tuple[Place, ...]:
    """Where containers are given all rights on their node."""
    found = (item.get("securityContext", "privileged") for item in containers)
    return tuple(node.at for node in found if node.boolean)


def _command(node: Node) -> tuple[str | None, int | None]:
    script = node.get("script") or node.get("source")
    if script:
        return script.text, script.text_line
    words = [*node.get("command").scalars(), *node.get("args").scalars()]
    if not words:
        return None, None
    for before, item in pairwise(words):
        if before.text in INLINE:
            return item.text, item.text_line
    return command_line(words), words[0].line
