"""The settings of one run: flags, then the configuration that was named, then what found ones add."""

from __future__ import annotations

import os.path
from typing import TYPE_CHECKING, Any

from slsacheck import config as configuration
from slsacheck.errors import ConfigError, UsageError
from slsacheck.model import Problem
from slsacheck.record import replace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slsacheck.config import Config
    from slsacheck.model import Catalogue, Target

__all__ = ["fitting", "settings_of"]

DEFAULT_SPEC = "v1.2"


def settings_of(options: Any, targets: Sequence[Target]) -> Config:
    """The settings in force: flags, then what `--config` names, then what found files add. Raises ConfigError."""
    folders = [
        target.path for target in targets if target.kind == "repository" and target.path and not options.evidence
    ]
    named = (
        configuration.load(options.config, folders[0] if folders else ".") if options.config else configuration.Config()
    )
    named = replace(
        named,
        spec=options.spec or named.spec,
        tracks=tuple(options.track) or named.tracks,
        require=tuple(options.require) or named.require,
        accept=tuple(options.accept) or named.accept,
        strict=options.strict or named.strict,
    )
    for folder in folders:
        found = configuration.discover(folder)
        if options.config and _same(options.config, folder, found.origin):
            continue
        named = configuration.merge(named, found)
    return named


def _same(name: str, folder: str, found: Sequence[str]) -> bool:
    """Whether the file that was found is the one that was named."""
    return any(os.path.exists(name) and os.path.samefile(os.path.join(folder, one), name) for one in found)


def fitting(config: Config, catalogue: Catalogue) -> Config:
    """The settings, once they are known to fit the catalogue.

    Raises UsageError and ConfigError for what the user said. A demand of a found file that does not fit becomes a
    problem, and the assessment goes on without it.
    """
    from slsacheck.gate import demand_of

    spec = config.spec or DEFAULT_SPEC
    for track in config.tracks:
        if catalogue.track(spec, track) is None:
            names = ", ".join(rule.track for rule in catalogue.tracks_of(spec))
            raise UsageError(f"SLSA {spec} has no track {track!r}", advice=f"tracks: {names}")
    _waivable(config, catalogue)
    problems = list(configuration.checked_names(config, catalogue))
    broken, demands = list(config.problems), []
    for text in config.found_require:
        try:
            demand_of(text, catalogue, spec)
            demands.append(text)
        except UsageError as error:
            broken.append(Problem("require in the target's configuration", error.message, error.advice))
    require = tuple(dict.fromkeys((*config.require, *demands)))
    return replace(config, spec=spec, require=require, problems=tuple(broken), notes=tuple(problems))


def _waivable(config: Config, catalogue: Catalogue) -> None:
    """Raises ConfigError for a waiver that would do nothing: expectations and signatures are never waived."""
    from slsacheck.gate import never_waived

    for waiver in config.waivers:
        if all(never_waived(atom) for atom in catalogue.expand(waiver.atom)):
            advice = "give the expectations (`slsacheck init`), or have the artifact signed"
            raise ConfigError(f"waiver of {waiver.atom}: it is never waived", where=config.origin[0], advice=advice)
