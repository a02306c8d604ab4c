"""One assessment from the command line: options, configuration and registry together, reports, exit status."""

from __future__ import annotations

import os.path
import sys
from functools import partial
from typing import TYPE_CHECKING, Any

from slsacheck import config as configuration
from slsacheck.cli.console import Console, Progress, clean, console_of
from slsacheck.cli.reporting import Destination, destinations, options_for, write_reports
from slsacheck.cli.status import status_of, strict_reasons
from slsacheck.record import record, replace

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from slsacheck.assessing import Request
    from slsacheck.config import Config
    from slsacheck.model import Assessment, Catalogue, Target
    from slsacheck.plugins import Registry

__all__ = ["Session", "assess_and_report", "session_of", "settings_of"]


@record
class Session:
    """What one run rests on: its settings, what is registered, the request, and where the reports go."""

    config: Config
    registry: Registry
    request: Request
    reports: tuple[Destination, ...]
    console: Console


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


def session_of(options: Any, targets: Sequence[Target]) -> Session:
    """Everything that can be wrong with a command line is found here, before anything is assessed."""
    reports_given = destinations(options.report)
    config = settings_of(options, targets)
    reports = destinations(options.report, config.reports) if config.reports else reports_given
    console = console_of(options.colour, taken=any(one.takes_stdout for one in reports))
    registry = _registry(options, config)
    for one in reports:
        registry.reporter(one.format)
    told = configuration.checked_names(config, registry.catalogue)
    _waivable(config, registry.catalogue)
    if config.ignored and not options.config and not options.quiet:
        _note(config)
    return Session(config, registry, _request(options, targets, config, registry, told), reports, console)


def _waivable(config: Config, catalogue: Catalogue) -> None:
    """Raises ConfigError for a waiver that would do nothing: expectations and signatures are never waived."""
    from slsacheck.errors import ConfigError
    from slsacheck.gate import never_waived

    for waiver in config.waivers:
        if all(never_waived(atom) for atom in catalogue.expand(waiver.atom)):
            advice = "give the expectations (`slsacheck init`), or have the artifact signed"
            raise ConfigError(f"waiver of {waiver.atom}: it is never waived", where=config.origin[0], advice=advice)


def _registry(options: Any, config: Config) -> Registry:
    from slsacheck import plugins

    found = plugins.load(tuple(options.plugin), tuple(options.trust_plugin))
    return replace(found, catalogue=configuration.in_force(config, found.catalogue))


def _request(
    options: Any, targets: Sequence[Target], config: Config, registry: Registry, told: Sequence[Any]
) -> Request:
    from slsacheck.assessing import Request
    from slsacheck.select import chooser

    spec = config.spec or "v1.2"
    return Request(
        targets=targets,
        open=_opener(options),
        spec=spec,
        tracks=config.tracks,
        config=config,
        offline=options.offline,
        online=options.online,
        jobs=options.jobs,
        stop=options.stop,
        require=config.require,
        accept=config.accept,
        waivers=config.waivers,
        problems=(*config.problems, *told),
        chosen=chooser(options.keyword, options.mark, spec, registry.sources.values()),
    )


def _opener(options: Any) -> Callable[[Target], Any]:
    """What opens targets: the targets themselves, or evidence that was saved."""
    if options.evidence:
        from slsacheck.evidence import replay

        return replay.load(options.evidence).open
    from slsacheck.evidence.targets import open_target

    return partial(open_target, offline=options.offline)


def _note(config: Config) -> None:
    """Says which settings of a found file do not count, and how they would."""
    names = ", ".join(config.ignored)
    file = config.origin[-1] if config.origin else "the configuration"
    sys.stderr.write(clean(f"note: {file} of the target: {names} count only where --config names a file\n"))


def assess_and_report(options: Any, targets: Sequence[Target]) -> int:
    """Assesses, reports, and returns the exit status."""
    session = session_of(options, targets)
    assessment = assessed(session, Progress(quiet=bool(options.quiet)))
    verbosity = options.verbose - options.quiet
    write_reports(
        assessment,
        session.reports,
        session.registry,
        session.console,
        options_for(session.console, verbosity=verbosity, tb=options.tb),
    )
    return status_of(assessment, broken_configuration=bool(session.config.problems))


def assessed(session: Session, progress: Progress) -> Assessment:
    """The assessment, with `--strict` as a part of its gate."""
    from slsacheck.assessing import assess

    try:
        found = assess(session.request, session.registry, progress)
    finally:
        progress.done()
    if session.config.strict:
        reasons = strict_reasons(found)
        gate = replace(
            found.gate,
            met=found.gate.met and not reasons,
            required=(*found.gate.required, "strict"),
            reasons=(*found.gate.reasons, *(f"strict: {reason}" for reason in reasons)),
        )
        found = replace(found, gate=gate)
    session.registry.hooks.slsacheck_assessed(assessment=found)
    return found
