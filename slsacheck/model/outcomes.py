"""The seven outcomes, and the verdict of one check."""

from __future__ import annotations

from enum import StrEnum

from slsacheck.model.places import Place
from slsacheck.record import record

__all__ = ["Outcome", "Verdict"]


class Outcome(StrEnum):
    """What a check can say of one atom."""

    PASS = "PASS"  # noqa: S105 - an outcome, not a password
    """Verified evidence, under the trust roots in force."""
    DECLARED = "DECLARED"
    """A statement that nobody verified: configuration, questionnaire, unsigned claim."""
    CONFIGURED = "CONFIGURED"
    """Publications only: the build configuration would do it."""
    FAIL = "FAIL"
    """Refuted by the evidence at hand."""
    UNKNOWN = "UNKNOWN"
    """Nothing at hand decides it; the reason says which evidence would."""
    NOT_APPLICABLE = "NOT_APPLICABLE"
    """The catalogue says that it is not asked here."""
    ERROR = "ERROR"
    """A bug or broken input; never hidden."""


@record
class Verdict:
    """A check's answer about one atom.

    `external` names what decides and lies elsewhere (another organisation's workflow, a cluster, a console);
    `missing` names evidence that would decide and how to give it (a flag, a file);
    `atom` is set where a check decides several atoms and answers with a list.
    """

    outcome: Outcome
    reason: str
    at: tuple[Place, ...] = ()
    external: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    atom: str | None = None
    attestation: str | None = None
    trust_root: str | None = None
    platform: str | None = None
