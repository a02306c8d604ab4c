"""What a build takes in that its configuration does not fix: for the rows of SLSA v0.1 about hermetic builds.

Only what refutes: an action, an image or a template by a name that can move, and downloads by the steps of the build.
That nothing is found here shows nothing, because only the build service can say that it denied the network.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.errors import SlsacheckError
from slsacheck.evidence.shell import commands
from slsacheck.model import BuildInput, Pin, Place
from slsacheck.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from slsacheck.evidence.dockerfiles import Published
    from slsacheck.model import Job, Publication, Reference

__all__ = ["build_inputs"]

MAX_INPUTS = 50
"""Inputs of one publication that are told; one is enough to refute."""
_MOVABLE = (Pin.TAG, Pin.BRANCH_OR_OTHER, Pin.DOCKER_TAG, Pin.DYNAMIC)
_GETTERS = frozenset({"curl", "wget", "aria2c"})
_SPEAKS = regex(r"\b(?:curl|wget|aria2c)\s")
_GENERATOR = "slsa-framework/slsa-github-generator"
"""Used by its tag alone: the platform's own, and no part of the build."""


def build_inputs(publications: tuple[Publication, ...], dockerfiles: tuple[Published, ...]) -> tuple[BuildInput, ...]:
    """The inputs of each publication that its configuration leaves open."""
    found: list[BuildInput] = []
    for one in publications:
        own = [
            BuildInput(one.id, kind, name, at)
            for source in (_of_jobs(one.build_jobs), _of_dockerfiles(one, dockerfiles))
            for kind, name, at in source
        ]
        found += list(dict.fromkeys(own))[:MAX_INPUTS]
    return tuple(found)


def _of_jobs(jobs: Iterable[Job]) -> Iterator[tuple[str, str, Place]]:
    for job in jobs:
        for reference in _references(job):
            if reference.pin in _MOVABLE and "@sha256:" not in reference.raw and reference.name != _GENERATOR:
                yield "reference", reference.raw, reference.at
        for step in job.steps:
            if step.script is not None and _SPEAKS.search(step.script):
                first = step.script_line or step.at.line or 1
                for line in _downloads(step.script, first, step.shell):
                    yield "download", "", Place(path=step.at.path, line=line)


def _references(job: Job) -> Iterator[Reference]:
    for reference in (job.image, *job.services, *(one for step in job.steps for one in (step.uses, step.image))):
        if reference is not None:
            yield reference


def _downloads(text: str, first: int, shell: str) -> Iterator[int]:
    try:
        found = commands(text, first, shell=shell)
    except SlsacheckError:
        return
    for command in found:
        if command.program.rpartition("/")[2] in _GETTERS and any("://" in word for word in command.argv[1:]):
            yield command.line


def _of_dockerfiles(publication: Publication, dockerfiles: tuple[Published, ...]) -> Iterator[tuple[str, str, Place]]:
    built = {(build.dockerfile, build.stage) for build in publication.image_builds if build.dockerfile}
    if not built:
        return
    from slsacheck.evidence.hazards.dockerfiles import downloads, movable_images, remote_files

    for one in dockerfiles:
        if (one.dockerfile.path, one.stage) in built:
            for finding in movable_images(one):
                yield "reference", finding.reason.split(" ", 1)[0], finding.at[0]
            for finding in (*remote_files(one), *downloads(one)):
                yield "download", "", finding.at[0]
