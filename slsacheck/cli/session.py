"""One assessment from the command line: options, configuration and registry together, reports, exit status."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from slsacheck import config as configuration
from slsacheck.cli.console import Console, Progress, clean, console_of
from slsacheck.cli.reporting import Destination, destinations, options_for, write_reports
from slsacheck.cli.settings import DEFAULT_SPEC, fitting, settings_of
from slsacheck.cli.status import status_of, strict_reasons
from slsacheck.model import Outcome, Problem
from slsacheck.record import record, replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from slsacheck.assessing import Request
    from slsacheck.config import Config
    from slsacheck.evidence.oci.registries import Registries
    from slsacheck.model import Assessment, Target
    from slsacheck.plugins import Registry

__all__ = ["Session", "assess_and_report", "assessed", "session_of"]

_STOPPING = frozenset({Outcome.FAIL, Outcome.ERROR})


@record
class Session:
    """What one run rests on: its settings, what is registered, the request, and where the reports go."""

    config: Config
    registry: Registry
    request: Request
    reports: tuple[Destination, ...]
    console: Console
    progress: Progress
    narrowed: tuple[str, ...] = ()


def session_of(options: Any, targets: Sequence[Target]) -> Session:
    """Everything that can be wrong with a command line is found here, before anything is assessed."""
    reports_given = destinations(options.report)
    config = settings_of(options, targets)
    reports = destinations(options.report, config.reports) if config.reports else reports_given
    console = console_of(options.colour, taken=any(one.takes_stdout for one in reports))
    registry = _registry(options, config)
    for one in reports:
        registry.reporter(one.format)
    config = fitting(config, registry.catalogue)
    if config.ignored and not options.config and not options.quiet:
        _note(config)
    progress = Progress(quiet=bool(options.quiet))
    narrowed = [f"{flag} {text}" for flag, text in (("-k", options.keyword), ("-m", options.mark)) if text]
    request = _request(options, targets, config, registry, progress)
    return Session(config, registry, request, reports, console, progress, tuple(narrowed))


def _registry(options: Any, config: Config) -> Registry:
    from slsacheck import plugins

    found = plugins.load(tuple(options.plugin), tuple(options.trust_plugin))
    return replace(found, catalogue=configuration.in_force(config, found.catalogue))


def _request(
    options: Any, targets: Sequence[Target], config: Config, registry: Registry, progress: Progress
) -> Request:
    from slsacheck.assessing import Request
    from slsacheck.evidence.targets import registries_for, together
    from slsacheck.select import chooser

    spec = config.spec or DEFAULT_SPEC
    registries = None if options.offline or options.evidence else registries_for(targets, options.jobs)
    return Request(
        targets=targets,
        open=_opener(options, progress, registries),
        spec=spec,
        tracks=config.tracks,
        config=config,
        offline=options.offline,
        online=options.online,
        jobs=options.jobs or 1,
        at_once=together(targets, registries),
        stop=options.stop,
        require=config.require,
        accept=config.accept,
        waivers=config.waivers,
        problems=(*config.problems, *config.notes),
        chosen=chooser(options.keyword, options.mark, spec, registry.sources.values()),
    )


def _opener(options: Any, progress: Progress, registries: Registries | None) -> Callable[[Target], Any]:
    """What opens targets: the targets themselves, or evidence that was saved."""
    if options.evidence:
        from slsacheck.evidence import replay

        return replay.load(options.evidence).open
    from slsacheck.cli.network import asked_services
    from slsacheck.evidence.targets import open_target

    def opened(target: Target) -> Any:
        if target.url is not None and not options.offline:
            progress.wait(f"fetching {target.name}")
        return open_target(
            target,
            offline=options.offline,
            online=asked_services(options),
            plain_http=options.plain_http,
            registries=registries,
        )

    return opened


def _left_out(session: Session, found: Assessment) -> Iterator[Problem]:
    """Says that checks did not run: what they would have refuted still counts as possible."""
    stopped = session.request.stop and any(result.outcome in _STOPPING for result in found.results)
    for flag in (*session.narrowed, *(["-x"] if stopped else [])):
        reason = "left checks out, so what they would refute still counts as possible here"
        yield Problem(flag, reason, "run without it for the whole answer")


def _note(config: Config) -> None:
    """Says which settings of a found file do not count, and how they would."""
    names = ", ".join(config.ignored)
    file = config.origin[-1] if config.origin else "the configuration"
    sys.stderr.write(clean(f"note: {file} of the target: {names} count only where --config names a file\n"))


def assess_and_report(options: Any, targets: Sequence[Target]) -> int:
    """Assesses, reports, and returns the exit status."""
    session = session_of(options, targets)
    assessment = assessed(session)
    verbosity = options.verbose - options.quiet
    write_reports(
        assessment,
        session.reports,
        session.registry,
        session.console,
        options_for(session.console, verbosity=verbosity, tb=options.tb),
    )
    return status_of(assessment, broken_configuration=bool(session.config.problems))


def assessed(session: Session) -> Assessment:
    """The assessment, with `--strict` as a part of its gate."""
    from slsacheck.assessing import assess

    try:
        found = assess(session.request, session.registry, session.progress)
    finally:
        session.progress.done()
    if session.config.strict:
        reasons = strict_reasons(found)
        gate = replace(
            found.gate,
            met=found.gate.met and not reasons,
            required=(*found.gate.required, "strict"),
            reasons=(*found.gate.reasons, *(f"strict: {reason}" for reason in reasons)),
        )
        found = replace(found, gate=gate)
    found = replace(found, errors=(*found.errors, *_left_out(session, found)))
    session.registry.hooks.slsacheck_assessed(assessment=found)
    return found
