"""What the commands that look at images as such have in common: whom they may ask, whom they believe, what failed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from slsacheck.errors import InputError

if TYPE_CHECKING:
    from slsacheck.errors import SlsacheckError
    from slsacheck.evidence.oci import Access
    from slsacheck.evidence.oci.judged import Judge
    from slsacheck.model.attestation import Case

__all__ = ["access_of", "judge_of", "unanswered"]


def access_of(options: Any, repository: str | None = None) -> Access:
    """How images are opened, by the flags of `add_registries`; `repository` has what hangs on them, if elsewhere."""
    from slsacheck.evidence.oci import Access

    return Access(offline=options.offline, plain_http=options.plain_http, repository=repository)


def judge_of(case: Case) -> Judge:
    """What judges the attestations of images by the expectations and the trust of a case."""
    from slsacheck.evidence.attestations import default_trust
    from slsacheck.evidence.oci.judged import Judge

    return Judge(case.expectations, default_trust(), case.trusted_root, case.public_key, case)


def unanswered(problem: SlsacheckError, options: Any, document: dict[str, Any]) -> int:
    """Says on standard error why there is no answer, and with `--format json` in the errors of a document.

    Returns the exit status.
    """
    from slsacheck.cli import BROKEN, NOTHING, told
    from slsacheck.cli.writing import print_json

    if options.format == "json":
        error = {"where": problem.where, "reason": problem.message, "advice": problem.advice}
        print_json(document | {"errors": [error]})
    return told(problem, BROKEN if isinstance(problem, InputError) else NOTHING)
