"""`slsacheck scan`: assess repositories, files, images and packages."""

from __future__ import annotations

from typing import Any

from slsacheck.cli.commands import EXIT_STATUS
from slsacheck.cli.parsing import (
    add_attestations,
    add_choice,
    add_common,
    add_expectations,
    add_gate,
    add_network,
    add_reporting,
)

__all__ = ["add_parser", "run"]

USAGE = "slsacheck scan [TARGET ...] [options]"
DESCRIPTION = """\
Assesses each TARGET (default: the current folder) and reports, per subject, which SLSA level is proved, configured
and possible. A target is a folder, a git URL, a file, an OCI layout, a `docker save` file, an image or a package URL.
"""


def add_parser(subparsers: Any) -> None:
    """Adds the command's parser."""
    parser = subparsers.add_parser(
        "scan", usage=USAGE, description=DESCRIPTION, epilog=EXIT_STATUS, help="assess targets"
    )
    parser.add_argument("targets", nargs="*", metavar="TARGET", help="what to assess (default .)")
    parser.operands = "targets"
    for add in (add_attestations, add_choice, add_gate, add_network, add_common, add_expectations, add_reporting):
        add(parser)
    parser.set_defaults(run=run)


def run(options: Any) -> int:
    """Assesses and reports; returns the exit status."""
    from slsacheck.cli.session import assess_and_report
    from slsacheck.cli.targets import targets_of, with_attestations

    return assess_and_report(options, with_attestations(options, targets_of(options)))
