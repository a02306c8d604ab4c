"""`slsacheck collect`: save the evidence of a target, to be assessed elsewhere or later."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from slsacheck.cli.parsing import add_attestations, add_colour, add_expectations, add_network, add_released

if TYPE_CHECKING:
    from slsacheck.engine import Bench
    from slsacheck.model import Problem
    from slsacheck.plugins import Registry

__all__ = ["add_parser", "run"]

USAGE = "slsacheck collect [TARGET ...] -o FILE [options]"
DESCRIPTION = """\
Reads everything that an assessment could ask of the targets and saves it, raw, in one file. `slsacheck --evidence
FILE` assesses it, on any machine and with any options; attestations are verified again then.
"""


def add_parser(subparsers: Any) -> None:
    """Adds the command's parser."""
    parser = subparsers.add_parser("collect", usage=USAGE, description=DESCRIPTION, help="save evidence")
    parser.add_argument("targets", nargs="*", metavar="TARGET", help="what to read (default .)")
    parser.operands = "targets"
    parser.add_argument("-o", "--output", required=True, metavar="FILE", help="the evidence file, as in evidence.zip")
    parser.add_argument("--revision", metavar="REV", help="the revision that is read (default HEAD)")
    parser.add_argument("-p", dest="plugin", action="append", default=[], metavar="NAME", help="load a plug-in")
    add_released(parser)
    add_attestations(parser)
    add_network(parser)
    add_expectations(parser)
    add_colour(parser)
    parser.set_defaults(run=run, evidence=None)


def run(options: Any) -> int:
    """Collects; returns 0, or 5 where no target could be opened."""
    from functools import partial
    from pathlib import Path

    from slsacheck import plugins
    from slsacheck.assessing import Request, bench_of
    from slsacheck.cli.console import clean, console_of
    from slsacheck.cli.network import asked_services
    from slsacheck.cli.targets import targets_of, with_released
    from slsacheck.config import Config
    from slsacheck.errors import UsageError
    from slsacheck.evidence.abreast import abreast
    from slsacheck.evidence.recording import Recorder
    from slsacheck.evidence.targets import open_target, registries_for, together

    if not Path(options.output).parent.is_dir():
        raise UsageError(f"-o {options.output}: there is no folder {Path(options.output).parent}")
    registry, recorder = plugins.load(tuple(options.plugin)), Recorder()
    targets = with_released(options, targets_of(options))
    registries = None if options.offline else registries_for(targets)
    opener = partial(
        open_target,
        offline=options.offline,
        recorder=recorder,
        online=asked_services(options),
        plain_http=options.plain_http,
        registries=registries,
    )
    request = Request(targets=targets, open=opener, config=Config(), offline=options.offline, online=options.online)
    console = console_of(options.colour)
    benches = [bench_of(target, request, registry) for target in targets]
    for problems in abreast(partial(_ask_everything, registry), benches, together(targets, registries)):
        for problem in problems:
            console.say(clean(f"{problem.where}: {problem.reason}"))
    blobs = recorder.save(options.output)
    told = f"{len(targets)} target{'s' * (len(targets) != 1)}, {blobs} answer{'s' * (blobs != 1)}"
    console.say(f"wrote {options.output}: {told}; assess it with slsacheck --evidence {options.output}")
    return 0


def _ask_everything(registry: Registry, bench: Bench) -> tuple[Problem, ...]:
    """Asks for each evidence, whichever specification would need it; what cannot be had is a part of the record."""
    from slsacheck.engine import subjects

    found = subjects(bench)
    for source in registry.sources.values():
        for subject in [one for one in found if one.kind == source.subject] if source.subject else [None]:
            with contextlib.suppress(Exception):
                bench.get(source.name, subject)
    return bench.problems()
