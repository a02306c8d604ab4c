"""`slsacheck verify-layout`: the steps of a build against an in-toto layout, without running anything."""

from __future__ import annotations

import json
import sys
from typing import Any

from slsacheck.cli.parsing import add_format

__all__ = ["add_parser", "run"]

DESCRIPTION = """\
Verifies link metadata and artifacts against a signed in-toto layout, as in-toto-verify does: signatures, thresholds,
artifact rules. Inspections are commands and are never run: a layout that has some is answered with unknown.
"""
_STATUS = {"pass": 0, "fail": 1, "unknown": 1, "error": 3}


def add_parser(subparsers: Any) -> None:
    """Adds the command's parser."""
    parser = subparsers.add_parser("verify-layout", description=DESCRIPTION, help="an in-toto layout with its links")
    parser.add_argument("layout", metavar="LAYOUT", help="the signed layout")
    parser.add_argument("artifact", nargs="*", metavar="FILE", help="final products, compared with the last step's")
    parser.add_argument("--link-dir", default=".", metavar="DIR", help="where the .link files are (default .)")
    parser.add_argument(
        "--key",
        "--verification-keys",
        dest="keys",
        action="append",
        required=True,
        metavar="FILE",
        help="a public key of the layout's owner; repeatable, each must have signed",
    )
    add_format(parser)
    parser.operands = "artifact"
    parser.set_defaults(run=run)


def run(options: Any) -> int:
    """Verifies; returns 0 for pass, 1 for fail and unknown."""
    from slsacheck.cli.verify_answer import as_document, as_text
    from slsacheck.evidence.attestations.layouts import verify_layout
    from slsacheck.model.attestation import Case

    answer = verify_layout(options.layout, options.link_dir, options.keys, options.artifact)
    case = Case("verify-layout", provenance=(options.layout,), public_key=options.keys[0])
    if options.format == "json":
        sys.stdout.write(json.dumps(as_document(answer, case), indent=1) + "\n")
    else:
        sys.stdout.write(as_text(answer, case))
    return _STATUS[answer.verdict]
