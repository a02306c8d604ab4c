"""The Dockerfiles that something published is built from; other Dockerfiles of a target are not read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.errors import SlsacheckError
from slsacheck.evidence.dockerfiles._model import Dockerfile
from slsacheck.evidence.dockerfiles._reader import parse
from slsacheck.record import record

if TYPE_CHECKING:
    from slsacheck.evidence.tree import Problems, Tree
    from slsacheck.model import ImageBuild, Publication

__all__ = ["MAX_READ", "Published", "published"]

MAX_READ = 200
"""Dockerfiles of one target that are read; a repository of images with a release of its own each has 60."""


@record
class Published:
    """A Dockerfile as a release builds it: the stage asked for, the contexts given, and the names of what comes out."""

    dockerfile: Dockerfile
    stage: str = ""
    contexts: frozenset[str] = frozenset()
    names: tuple[str, ...] = ()


def published(tree: Tree, publications: tuple[Publication, ...], problems: Problems) -> tuple[Published, ...]:
    """Each Dockerfile, with each stage and set of arguments that a release builds it with; the unreadable are told."""
    asked: dict[tuple[object, ...], tuple[ImageBuild, dict[str, None]]] = {}
    for publication in publications:
        for build in publication.image_builds:
            if build.dockerfile is not None:
                key = (build.dockerfile, build.stage, build.arguments, build.contexts)
                asked.setdefault(key, (build, {}))[1][publication.name] = None
    found: list[Published] = []
    for build, names in list(asked.values())[:MAX_READ]:
        path = build.dockerfile or ""
        try:
            dockerfile = parse(tree.text(path), path, build.arguments)
        except SlsacheckError as problem:
            problems.add(path, problem.message, problem.advice or "correct it, or build from another Dockerfile")
            continue
        found.append(Published(dockerfile, build.stage, frozenset(build.contexts), tuple(names)))
    if len(asked) > MAX_READ:
        problems.add(path, f"not read: images are built from more than {MAX_READ} Dockerfiles")
    return tuple(found)
