"""The images that a Dockerfile rests on: its frontend, the bases of its stages, what is copied or mounted from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.evidence.dockerfiles._reader import assignments
from slsacheck.evidence.dockerfiles._words import expanded
from slsacheck.record import record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from slsacheck.evidence.dockerfiles._model import Dockerfile, Instruction, Stage

__all__ = ["ImageUse", "images_of", "reached", "walk"]

_NO_IMAGES = frozenset({"", "scratch"})


@record
class ImageUse:
    """An image that is used: as `frontend`, `base`, `copy` or `mount`; `resolved` as for a base."""

    kind: str
    reference: str
    line: int
    resolved: bool = True
    written: str = ""


def walk(dockerfile: Dockerfile, stage: Stage) -> Iterator[tuple[Instruction, dict[str, str]]]:
    """The instructions of a stage, each with the variables whose value is known there (the same dict, growing)."""
    outer, given = dict(dockerfile.arguments), dict(dockerfile.given)
    known: dict[str, str] = {}
    for one in stage.instructions:
        yield one, known
        if one.name not in ("ARG", "ENV"):
            continue
        for name, written in assignments(one):
            value = written
            if one.name == "ARG":
                value = given.get(name, outer.get(name) if written is None else written)
            filled, sure = expanded(value, known) if value is not None else ("", False)
            if sure:
                known[name] = filled
            else:
                known.pop(name, None)


def reached(dockerfile: Dockerfile, target: str = "") -> tuple[Stage, ...]:
    """The stages that are built for a target (the last stage without one), the target first.

    All stages where the file has no such target, because then somebody else's file or argument decides.
    """
    first = dockerfile.stage(target) if target else dockerfile.stages[-1]
    if first is None:
        return tuple(reversed(dockerfile.stages))
    found: dict[int, Stage] = {}
    waiting = [first]
    while waiting:
        stage = waiting.pop()
        if stage.number in found:
            continue
        found[stage.number] = stage
        if stage.base.stage is not None:
            waiting.append(dockerfile.stages[stage.base.stage])
        for one in stage.instructions:
            for name in _sources(one):
                other = dockerfile.stage(name)
                if other is not None:
                    waiting.append(other)
    return tuple(found.values())


def _sources(one: Instruction) -> Iterator[str]:
    """What an instruction copies or mounts from: a stage, an image or a context."""
    if one.name == "ONBUILD":
        return
    if one.name in ("COPY", "ADD") and (source := one.flag("from")):
        yield source
    for mount in one.all_flags("mount") if one.name == "RUN" else ():
        parts = dict(part.partition("=")[::2] for part in mount.split(","))
        if parts.get("from"):
            yield parts["from"]


def images_of(dockerfile: Dockerfile, target: str = "", contexts: frozenset[str] = frozenset()) -> tuple[ImageUse, ...]:
    """Every image that the build of a target uses; `contexts` are names that stand for something else."""
    found: list[ImageUse] = []
    frontend = dockerfile.directive("syntax")
    if frontend is not None:
        found.append(ImageUse("frontend", frontend[0].split(" ", 1)[0], frontend[1]))
    for stage in sorted(reached(dockerfile, target), key=lambda stage: stage.number):
        base = stage.base
        if base.stage is None and base.text.lower() not in _NO_IMAGES and base.text not in contexts:
            found.append(ImageUse("base", base.text, base.line, base.resolved, base.written))
        for one, known in walk(dockerfile, stage):
            for name in _sources(one):
                text, resolved = expanded(name, known)
                if text in contexts or text.lower() in _NO_IMAGES or dockerfile.stage(text) is not None:
                    continue
                if not text.isdigit():
                    kind = "mount" if one.name == "RUN" else "copy"
                    found.append(ImageUse(kind, text, one.line, resolved, name))
    return tuple(found)
