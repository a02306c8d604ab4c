"""`slsacheck compare`: two artifacts side by side, a rebuild against provenance, an image before and after a copy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from slsacheck.cli import NOT_MET, OK
from slsacheck.cli.answering import access_of, judge_of, unanswered
from slsacheck.cli.parsing import add_colour, add_format, add_platform, add_registries
from slsacheck.cli.verify import add_expectations, add_signers, case_from
from slsacheck.errors import Absent, InputError, Unavailable, UsageError

if TYPE_CHECKING:
    from slsacheck.evidence.comparison.findings import Comparison

__all__ = ["add_parser", "run"]

DESCRIPTION = """\
Compares two images (registry reference, OCI layout, archive of `docker save`) or two files (archives by what is in
them). The answer is identical; reproducible: the same but for named metadata such as times, order and compression; or
different, with the first differences by layer, file and package.
"""
EXITS = """\
With --provenance the one operand is something built again: does it have the digest that verified provenance names?
With --promotion the operands are an image before and after a copy: what of its signatures, attestations and SBOMs
arrived, and which command would have kept the rest?
Exit status: 0 identical, reproducible, or (--promotion) all kept; with --provenance only a bit-for-bit rebuild;
1 different, lost, broken or not verified; 3 broken input; 4 usage; 5 nothing could be compared.
"""


def add_parser(subparsers: Any) -> None:
    """Adds the command's parser."""
    parser = subparsers.add_parser(
        "compare", description=DESCRIPTION, epilog=EXITS, help="two artifacts side by side; a rebuild; a promotion"
    )
    parser.add_argument("first", metavar="A", help="an image or a file; the rebuild, or the image before the copy")
    parser.add_argument("second", nargs="?", metavar="B", help="another of the kind, or the image after the copy")
    what = parser.add_argument_group("what is compared")
    add_platform(what)
    what.add_argument("--promotion", action="store_true", help="what a copy of image A to B kept of what hangs on it")
    what.add_argument(
        "--provenance",
        "--provenance-path",
        dest="provenance_path",
        action="append",
        default=[],
        metavar="FILE|IMAGE",
        help="the provenance of which A is a rebuild: a file, or the image on which it hangs; repeatable",
    )
    what.add_argument("--original", metavar="FILE", help="what was published, to show in what the rebuild differs")
    what.add_argument("--rekor-entry", metavar="FILE", help="the log's answer, for a bare DSSE envelope")
    add_expectations(parser)
    add_signers(parser)
    add_registries(parser)
    output = parser.add_argument_group("output")
    add_format(output)
    output.add_argument("-v", "--verbose", action="count", default=0, help="show every difference that was kept")
    add_colour(output)
    parser.set_defaults(run=run, artifact_flag=[], digest=[], certificate=None)


def run(options: Any) -> int:
    """Compares; returns the exit status."""
    _check(options)
    try:
        if options.promotion:
            return _run_promotion(options)
        if options.provenance_path:
            return _run_rebuild(options)
        return _run_comparison(options)
    except UsageError:
        raise
    except (Absent, InputError, Unavailable) as problem:
        from slsacheck.cli.compare_answer import empty_document

        return unanswered(problem, options, empty_document(options.first, options.second))


def _check(options: Any) -> None:
    """Raises UsageError for what does not fit together."""
    if options.provenance_path and options.promotion:
        raise UsageError("--provenance and --promotion are two questions", advice="ask one at a time")
    if options.provenance_path and options.second is not None:
        raise UsageError("--provenance takes one rebuild", advice="name what was published with --original")
    if not options.provenance_path and options.second is None:
        raise UsageError("two operands are compared", advice="slsacheck compare A B")
    if options.promotion and options.platform:
        raise UsageError("--promotion looks at every platform", advice="leave --platform out")
    if options.original is not None and not options.provenance_path:
        raise UsageError("--original goes with --provenance", advice="slsacheck compare ORIGINAL REBUILT")


def _run_comparison(options: Any) -> int:
    from slsacheck.cli.compare_answer import comparison_document, show_comparison

    found = _compared(options.first, options.second, options)
    if options.format == "json":
        _print(comparison_document(found))
    else:
        show_comparison(found, options)
    return NOT_MET if found.verdict == "different" else OK


def _compared(first: str, second: str, options: Any) -> Comparison:
    """Compares two operands of the same kind. Raises UsageError for a file and an image."""
    from slsacheck.evidence.comparison.operands import is_image, opened

    kinds = [is_image(text) for text in (first, second)]
    if kinds[0] != kinds[1]:
        image, file = (first, second) if kinds[0] else (second, first)
        raise UsageError(f"{image} is an image and {file} is a file", advice="compare two of a kind")
    if kinds[0]:
        from slsacheck.evidence.comparison.images import compare_images

        access = access_of(options)
        return compare_images(opened(first, access), opened(second, access), options.platform)
    if options.platform:
        raise UsageError("--platform is for images")
    from slsacheck.evidence.comparison.files import compare_files

    return compare_files(first, second)


def _run_promotion(options: Any) -> int:
    from slsacheck.cli.compare_copies import promotion_document, show_promotion
    from slsacheck.evidence.comparison.copying import remedies
    from slsacheck.evidence.comparison.operands import is_image, opened
    from slsacheck.evidence.comparison.promotion import promotion

    for text in (options.first, options.second):
        if not is_image(text):
            raise UsageError(f"{text} is no image", advice="--promotion compares an image before and after a copy")
    options.command = "verify-image"
    options.image = options.first
    case = case_from(options)
    access = access_of(options)
    found = promotion(opened(options.first, access), opened(options.second, access), judge_of(case))
    help_ = remedies(found, options.first, options.second, plain_http=options.plain_http)
    if options.format == "json":
        _print(promotion_document(found, help_))
    else:
        show_promotion(found, help_, options)
    return OK if found.kept_all else NOT_MET


def _run_rebuild(options: Any) -> int:
    from slsacheck.cli.compare_copies import rebuild_document, show_rebuild
    from slsacheck.evidence.comparison.operands import digests_at, is_image
    from slsacheck.evidence.comparison.rebuild import readings_at, rebuild

    options.command = "verify-artifact"
    case, access = case_from(options), access_of(options)
    if options.original is None:
        options.original = next((text for text in options.provenance_path if is_image(text)), None)
    rebuilt = digests_at(options.first, access)
    original = digests_at(options.original, access) if options.original else None
    found = rebuild(case, readings_at(options.provenance_path, access), rebuilt, options.first, original)
    beside = _compared(options.original, options.first, options) if options.original else None
    if options.format == "json":
        _print(rebuild_document(found, case, options.first, beside))
    else:
        show_rebuild(found, options.first, beside, options)
    return OK if found.reproduced else NOT_MET


def _print(document: Any) -> None:
    from slsacheck.cli.writing import print_json

    print_json(document)
