"""`slsacheck audit`: a repository together with what it releases, before the release."""

from __future__ import annotations

from typing import Any

from slsacheck.cli.parsing import add_choice, add_common, add_expectations, add_gate, add_network, add_reporting
from slsacheck.errors import UsageError

__all__ = ["add_parser", "run"]

DESCRIPTION = """\
Assesses a repository (default: the current folder) together with what it is about to release, against the
expectations: those of the flags, of the configuration, and what the repository itself fixes (origin, revision, tag).
"""


def add_parser(subparsers: Any) -> None:
    """Adds the command's parser."""
    parser = subparsers.add_parser("audit", description=DESCRIPTION, help="pre-release audit")
    parser.add_argument("targets", nargs="*", metavar="TARGET", help="the repository (default .)")
    parser.operands = "targets"
    group = parser.add_argument_group("what is released")
    group.add_argument(
        "--artifact", action="append", default=[], metavar="FILE[=PUBLICATION]", help="files or globs; repeatable"
    )
    group.add_argument(
        "--attestation",
        action="append",
        default=[],
        metavar="FILE",
        help="provenance, bundles or VSAs; files or globs; repeatable",
    )
    group.add_argument("--image", action="append", default=[], metavar="REF", help="a container image; repeatable")
    group.add_argument(
        "--package",
        action="append",
        default=[],
        metavar="PURL",
        help="a package, as in pkg:npm/NAME@VERSION; repeatable",
    )
    group.add_argument("--trusted-root", metavar="FILE", help="trust data instead of the shipped one")
    group.add_argument("--key", metavar="FILE", help="the public key of the signer")
    for add in (add_choice, add_gate, add_network, add_common, add_expectations, add_reporting):
        add(parser)
    parser.set_defaults(run=run)


def run(options: Any) -> int:
    """Assesses and reports; returns the exit status."""
    from slsacheck.cli.session import assess_and_report
    from slsacheck.cli.targets import artifact_inputs, files_of, targets_of
    from slsacheck.record import replace

    first, *others = targets_of(options)
    artifacts = artifact_inputs(options)
    if not artifacts and not first.artifacts:
        raise UsageError(
            "an audit needs what is released",
            advice="--artifact 'dist/*', --image REF or --package PURL; else use scan",
        )
    for name in (options.trusted_root, options.key):
        if name is not None:
            files_of([name], "--trusted-root" if name == options.trusted_root else "--key")
    first = replace(
        first,
        artifacts=(*first.artifacts, *artifacts),
        attestations=files_of(options.attestation, "--attestation"),
        trusted_root=options.trusted_root,
        public_key=options.key,
    )
    return assess_and_report(options, (first, *others))
