"""`slsacheck sbom`: every SBOM of an image or file, taken out, judged, merged, and made a statement."""

from __future__ import annotations

import os.path
from typing import TYPE_CHECKING, Any

from slsacheck.cli import NOT_MET, OK
from slsacheck.cli.answering import access_of, judge_of, unanswered
from slsacheck.cli.parsing import add_colour, add_format, add_platform, add_registries, add_repository
from slsacheck.cli.verify import add_signers, signers_from
from slsacheck.errors import Absent, InputError, SlsacheckError, Unavailable, UsageError

if TYPE_CHECKING:
    from slsacheck.evidence.sbom.exporting import Output
    from slsacheck.evidence.sbom.inventory import Whole

__all__ = ["add_parser", "run"]

DESCRIPTION = """\
Finds every SBOM of an image (registry reference, OCI layout, archive of `docker save`) or file: attested, attached,
in its layers, in archives, beside it. Says of each what it describes, who made it and when, and what it lacks; and of
all together which layers, packages and files they cover. Writes them into a folder, each as it is.
"""
EXITS = """\
Exit status: 0 at least one SBOM was found; 1 none, or with --strict a finding of high or medium severity; 3 broken
input; 4 usage; 5 nothing could be looked at.
"""
_SEVERE = ("high", "medium")


def add_parser(subparsers: Any) -> None:
    """Adds the command's parser."""
    parser = subparsers.add_parser("sbom", description=DESCRIPTION, epilog=EXITS, help="the SBOMs of an image or file")
    parser.add_argument(
        "target", metavar="TARGET", help="an image: LAYOUT[:tag|@digest], archive, REGISTRY/NAME:tag; or a file"
    )
    what = parser.add_argument_group("what is looked at")
    what.add_argument(
        "--layers",
        choices=("all", "sbom", "none"),
        default="all",
        help="all (default); sbom: only those that the image names as its SBOM; none: what hangs on the image alone",
    )
    what.add_argument(
        "--document", action="append", default=[], metavar="FILE", help="an SBOM that is said to be of it; repeatable"
    )
    add_platform(what)
    add_repository(what)
    made = parser.add_argument_group("what is written")
    made.add_argument("-o", "--output", metavar="DIR", help="the folder for the documents; without it none is written")
    made.add_argument(
        "--merge", choices=("cyclonedx", "spdx"), help="also one document of all (CycloneDX 1.5, SPDX 2.3)"
    )
    made.add_argument(
        "--statement",
        action="store_true",
        help="also an in-toto statement, ready to be signed: of the merged document, else of each",
    )
    made.add_argument("--force", action="store_true", help="write over files that are there")
    add_signers(parser)
    add_registries(parser)
    output = parser.add_argument_group("output")
    add_format(output)
    output.add_argument("--strict", action="store_true", help="a finding of high or medium severity fails the run")
    output.add_argument("-v", "--verbose", action="count", default=0, help="show every package and layer")
    add_colour(output)
    parser.set_defaults(run=run)


def run(options: Any) -> int:
    """Looks, writes, says; returns the exit status."""
    _check(options)
    from slsacheck.cli.sbom_answer import document_of, empty_document, show
    from slsacheck.cli.writing import print_json
    from slsacheck.evidence.sbom.assessing import summarise

    try:
        whole = _collected(options)
        outputs = _outputs(whole, options)
        _write(options.output, outputs, force=options.force)
    except UsageError:
        raise
    except (Absent, InputError, Unavailable) as problem:
        return unanswered(problem, options, empty_document(options.target))
    found = summarise(whole)
    if options.format == "json":
        print_json(document_of(found, outputs))
    else:
        show(found, outputs, options)
    if not any(inventory.bills for inventory in whole.inventories):
        return NOT_MET
    return NOT_MET if options.strict and any(one.severity in _SEVERE for one in found.findings) else OK


def _check(options: Any) -> None:
    """Raises UsageError for what does not fit together."""
    if (options.merge or options.statement) and not options.output:
        flag = "--merge" if options.merge else "--statement"
        raise UsageError(f"{flag} writes a file", advice="name the folder with -o DIR")
    if options.output and os.path.lexists(options.output) and not os.path.isdir(options.output):  # noqa: PTH112 - pathlib costs start-up time
        raise UsageError(f"-o {options.output} is no folder")


def _collected(options: Any) -> Whole:
    from slsacheck.evidence.oci import is_archive, open_image
    from slsacheck.evidence.sbom.collecting import of_file, of_image, with_files

    path = options.target
    if os.path.isfile(path) and not is_archive(path):  # noqa: PTH113 - see above
        from slsacheck.evidence.hashing import digests_of

        return of_file(path, "sha256:" + dict(digests_of(path))["sha256"], options.document)
    from slsacheck.cli.targets import repository_of

    access = access_of(options, repository_of(options))
    judge = judge_of(signers_from(options, "verify-image"))
    found = of_image(open_image(path, access), judge, options.layers, options.platform)
    here = path.removesuffix("/") if os.path.exists(path) else None  # noqa: PTH110 - see above
    return with_files(found, here, options.document)


def _outputs(whole: Whole, options: Any) -> tuple[Output, ...]:
    """The documents, the merged one, the statements."""
    from slsacheck.evidence.sbom.exporting import merged_output, outputs_of, statement_outputs

    if not options.output:
        return ()
    outputs = outputs_of(whole)
    merged = merged_output(whole, options.merge, outputs) if options.merge else None
    stated = statement_outputs(whole, outputs, merged) if options.statement else ()
    return (*outputs, *((merged,) if merged else ()), *stated)


def _write(folder: str | None, outputs: tuple[Output, ...], *, force: bool) -> None:
    """Writes them all, or none where one of them is there with other contents."""
    from slsacheck.cli.reporting import write_file

    if folder is None:
        return
    there = [one.name for one in outputs if not force and _differs(os.path.join(folder, one.name), one.data)]  # noqa: PTH118 - see above
    if there:
        raise UsageError(
            f"{folder} has {', '.join(there[:3])} already, with other contents",
            advice="name an empty folder, or --force to write over them",
        )
    try:
        os.makedirs(folder, exist_ok=True)  # noqa: PTH103 - see above
    except OSError as error:
        raise InputError(f"cannot be made: {error.strerror}", where=folder) from error
    for one in outputs:
        write_file(os.path.join(folder, one.name), one.data)  # noqa: PTH118 - see above


def _differs(path: str, data: bytes) -> bool:
    """Whether something else is there; a link is, wherever it leads."""
    from slsacheck.evidence.files import read_regular

    try:
        return read_regular(path, path, len(data)) != data
    except Absent:
        return False
    except SlsacheckError:
        return True
