"""What a step that uses an action does, in the words of publishing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Callable

    from slsacheck.evidence.publications.actions.call import Call
    from slsacheck.evidence.publications.acts import Act

__all__ = ["acts_of_call"]

GENERATOR = regex(r"^slsa-framework/slsa-github-generator/\.github/workflows/(generator|builder)_[\w-]+\.ya?ml$")
DOCKER_BUILDER = regex(r"^docker/github-builder(-experimental)?/\.github/workflows/(build|bake)\.ya?ml$")

_handlers: dict[str, Callable[[Call], list[Act]]] = {}


def _table() -> dict[str, Callable[[Call], list[Act]]]:
    if not _handlers:
        from slsacheck.evidence.publications.actions import (
            attesting,
            containers,
            files,
            imagemakers,
            packages,
            scripted,
        )

        for module in (scripted, files, containers, imagemakers, packages, attesting):
            _handlers.update(module.HANDLERS)
    return _handlers


def acts_of_call(call: Call) -> list[Act]:
    """The acts of one use of an action or of another organisation's reusable workflow; empty where none is known.

    The scripts that some are given to run are read beside it (`scripted.scripts_in`).
    """
    name = call.name
    if call.uses.kind not in ("action", "reusable-workflow"):
        from slsacheck.evidence.publications.actions.plugins import acts_of_plugin

        return acts_of_plugin(call)
    if GENERATOR.match(name):
        from slsacheck.evidence.publications.actions.attesting import generator

        return generator(call)
    if DOCKER_BUILDER.match(name):
        from slsacheck.evidence.publications.actions.attesting import docker_builder

        return docker_builder(call)
    handler = _table().get(name)
    if handler is not None:
        return handler(call)
    if call.uses.kind == "reusable-workflow":
        return []
    from slsacheck.evidence.publications.actions.guess import guessed

    return guessed(call)
