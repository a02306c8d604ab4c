"""`slsacheck audit`: a repository together with what it releases, before the release."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from slsacheck.cli.commands import EXIT_STATUS
from slsacheck.cli.parsing import (
    add_attestations,
    add_choice,
    add_common,
    add_expectations,
    add_gate,
    add_network,
    add_released,
    add_reporting,
)

if TYPE_CHECKING:
    import argparse

__all__ = ["add_parser", "run"]

USAGE = "slsacheck audit [TARGET ...] --artifact FILE --attestation FILE [options]"
DESCRIPTION = """\
Assesses a repository (default: the current folder) together with what it is about to release, against the
expectations: those of the flags, of the configuration, and what the repository itself fixes (origin, revision, tag).
"""


def add_parser(subparsers: Any) -> None:
    """Adds the command's parser."""
    parser = subparsers.add_parser(
        "audit", usage=USAGE, description=DESCRIPTION, epilog=EXIT_STATUS, help="pre-release audit"
    )
    parser.add_argument("targets", nargs="*", metavar="TARGET", help="the repository (default .)")
    parser.operands = "targets"
    for add in (
        add_released,
        _add_rebuilt,
        add_attestations,
        add_choice,
        add_gate,
        add_network,
        add_common,
        add_expectations,
        add_reporting,
    ):
        add(parser)
    parser.set_defaults(run=run)


def _add_rebuilt(parser: argparse.ArgumentParser) -> None:
    """What was built a second time."""
    group = parser.add_argument_group("built again")
    group.add_argument(
        "--rebuilt",
        action="append",
        default=[],
        metavar="FILE|IMAGE",
        help="built again from the source: the same bytes as an artifact prove v0.1's Reproducible; globs, repeatable",
    )


def run(options: Any) -> int:
    """Assesses and reports; returns the exit status."""
    from slsacheck.cli.session import assess_and_report
    from slsacheck.cli.targets import rebuilt_of, targets_of, with_released
    from slsacheck.errors import UsageError
    from slsacheck.record import replace

    first, *others = with_released(options, targets_of(options))
    targets = (replace(first, rebuilt=rebuilt_of(options.rebuilt)), *others)
    if not any(target.artifacts for target in targets):
        advice = "--artifact 'dist/*', --image REF or --package PURL; without them it is a scan"
        raise UsageError("an audit needs what is released", advice=advice)
    return assess_and_report(options, targets)
