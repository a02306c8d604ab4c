"""The hooks that a plug-in can implement (pluggy, project name `slsacheck`).

A plug-in is a module: every function in it marked with @check, @evidence or @reporter is registered, and these hooks
are called where it defines them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pluggy

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from slsacheck.model import Assessment, Pipeline, Publication, TrustRoot

__all__ = ["hookimpl", "hookspec"]

hookspec = pluggy.HookspecMarker("slsacheck")
hookimpl = pluggy.HookimplMarker("slsacheck")


@hookspec
def slsacheck_register() -> Iterable[object]:  # type: ignore[empty-body]
    """Further modules of the plug-in that hold checks, evidence sources or reporters."""


@hookspec
def slsacheck_catalogs() -> Iterable[Path | dict[str, Any]]:  # type: ignore[empty-body]
    """Catalogue files (TOML) or documents with the plug-in's own requirements, `<distribution>.<slug>`."""


@hookspec
def slsacheck_trust_roots() -> Iterable[TrustRoot]:  # type: ignore[empty-body]
    """Trust roots that the plug-in ships; they count only with `--trust-plugin`."""


@hookspec
def slsacheck_publications(pipelines: tuple[Pipeline, ...], tree: object) -> Iterable[Publication]:  # type: ignore[empty-body]
    """Publications that the plug-in finds in the build configuration, beside the built-in ones."""


@hookspec
def slsacheck_assessed(assessment: Assessment) -> None:
    """Called with every finished assessment, before it is reported."""
