"""Attestations: one entry point that verifies them all, offline, with what it did step by step.

`verify(case)` answers a case; `verify_each(case)` answers for every attestation in it alone. Both always answer and
never raise on what a file holds. Nothing heavy is imported before the first call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from slsacheck.evidence.attestations.readers import Reading
    from slsacheck.evidence.attestations.trustdata import TrustData
    from slsacheck.model.attestation import Case, Verification
    from slsacheck.model.catalogue import TrustRoot

__all__ = ["best", "default_trust", "read_many", "subjects_match", "trust_roots", "verify", "verify_each"]


def verify(case: Case, trust: TrustData | None = None) -> Verification:
    """The verdict on a case; of several attestations in it the best one's. `trust` None is the shipped trust data."""
    from slsacheck.evidence.attestations.verifier import verify as run

    return run(case, trust)


def verify_each(case: Case, trust: TrustData | None = None) -> tuple[Verification, ...]:
    """The verdict on every attestation of a case, each judged alone, in the order in which they were found."""
    from slsacheck.evidence.attestations.verifier import verify_each as run

    return run(case, trust)


def best(answers: Sequence[Verification]) -> Verification:
    """The best of several verdicts (at least one): pass before unknown before fail."""
    from slsacheck.evidence.attestations.verifier import best as run

    return run(answers)


def read_many(path: str) -> list[Reading]:
    """Every attestation in a file, unverified; one that cannot be read stands as the error that says why.

    Raises RefusedError when the file holds none.
    """
    from slsacheck.evidence.attestations.readers import read_attestations

    return read_attestations(path)


def default_trust() -> TrustData:
    """The trust data that comes with slsacheck; `dataclasses.replace(…, extra_roots=…)` adds a user's trust roots.

    Raises InputError where `slsacheck trust update` has stored newer one that somebody changed since.
    """
    from slsacheck.errors import InputError
    from slsacheck.evidence.attestations.steps import RefusedError
    from slsacheck.evidence.attestations.trustdata import shipped

    try:
        return shipped()
    except RefusedError as problem:
        raise InputError(problem.message, advice="see `slsacheck trust show`") from problem


def trust_roots(trust: TrustData | None = None) -> tuple[TrustRoot, ...]:
    """The trust roots in force: a user's own before the shipped ones. `Verification.trust_root` is the id of one."""
    from slsacheck.evidence.attestations.roots import roots_in_force

    return roots_in_force(trust if trust is not None else default_trust())


def subjects_match(subjects: tuple[tuple[str, tuple[tuple[str, str], ...]], ...], digests: Mapping[str, str]) -> bool:
    """Whether an artifact with these digests (algorithm to hexadecimal) is one of a statement's subjects."""
    from slsacheck.evidence.attestations.statement import subjects_match as run

    return run(subjects, digests)
