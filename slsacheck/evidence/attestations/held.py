"""Attestations that were read already, wherever they were found: judged as those of files are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.evidence.attestations.answer import simple_subjects
from slsacheck.evidence.attestations.envelope import Attestation
from slsacheck.evidence.attestations.giventrust import trusted_by
from slsacheck.evidence.attestations.notation import target_of
from slsacheck.evidence.attestations.statement import parse_statement
from slsacheck.evidence.attestations.steps import RefusedError
from slsacheck.evidence.attestations.trustdata import shipped
from slsacheck.evidence.attestations.verifier import answer_to, ended, judge_of, question_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slsacheck.evidence.attestations.readers import Reading
    from slsacheck.evidence.attestations.statement import Subject
    from slsacheck.evidence.attestations.trustdata import TrustData
    from slsacheck.model.attestation import Case, Verification

__all__ = ["subjects_of", "verify_held"]


def verify_held(case: Case, readings: Sequence[Reading], trust: TrustData | None = None) -> tuple[Verification, ...]:
    """As `verify_each`, of attestations at hand: one answer for each, in their order. Never raises on contents."""
    try:
        trust = trusted_by(case, trust if trust is not None else shipped())
        question, judge = question_of(case, trust), judge_of(case)
        return tuple(answer_to(one, question, judge) for one in readings)
    except (RefusedError, RecursionError) as problem:
        return (ended(case, problem),) * len(readings)


def subjects_of(reading: Reading) -> tuple[Subject, ...]:
    """What an attestation says that it is about, unverified; nothing where it cannot be read."""
    if not isinstance(reading, Attestation):
        return ()
    if reading.form == "message-signature":
        return (("", (reading.message_digest,)),) if reading.message_digest else ()
    try:
        if reading.form == "notation":
            return target_of(reading)
        return parse_statement(reading).subjects
    except RefusedError:
        return simple_subjects(reading)
