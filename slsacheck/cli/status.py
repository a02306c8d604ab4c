"""The exit status of an assessment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.gate import never_waived
from slsacheck.model import Artifact, Outcome

if TYPE_CHECKING:
    from slsacheck.model import Assessment, Result, Subject

__all__ = ["status_of", "strict_reasons"]

_SEVERE = frozenset({"high", "medium"})


def status_of(assessment: Assessment, *, strict: bool = False, broken_configuration: bool = False) -> int:
    """4 broken configuration, 3 a check broke, 1 gate not met, 5 nothing assessed, 0; the first that applies.

    2, interrupted, is the business of whoever runs it.
    """
    if broken_configuration:
        return 4
    if _broke(assessment):
        return 3
    if not assessment.gate.met or (strict and strict_reasons(assessment)):
        return 1
    return 0 if _something(assessment) else 5


def strict_reasons(assessment: Assessment) -> tuple[str, ...]:
    """What `--strict` does not let through: FAIL without a waiver, hazards from medium up, gaps of an audit."""
    failed = [
        f"FAIL {result.atom}"
        for result in assessment.results
        if result.outcome is Outcome.FAIL and not _waived(assessment, result)
    ]
    hazards = [
        f"hazard {hazard.rule}"
        for target in assessment.targets
        for hazard in target.facts.hazards
        if hazard.severity in _SEVERE
    ]
    missing = [f"audit {item.kind}" for item in assessment.audit or () if item.blocking]
    return (*failed, *hazards, *missing)


def _waived(assessment: Assessment, result: Result) -> bool:
    return not never_waived(result.atom) and any(
        waiver.subject == result.subject and waiver.atom in (result.atom, result.requirement)
        for waiver in assessment.waivers
        if not waiver.expired
    )


def _broke(assessment: Assessment) -> bool:
    """Whether a check ended in ERROR or a part of slsacheck or of a plug-in broke."""
    return any(result.outcome is Outcome.ERROR for result in assessment.results) or any(
        problem.fatal for problem in assessment.errors
    )


def _something(assessment: Assessment) -> bool:
    """Whether anything was assessed: a target that could be opened, with checks that were chosen.

    A repository that publishes nothing was assessed, and has no results where the version of SLSA asks nothing of a
    revision. An image that could not be read was not.
    """
    if not any(target.assessed for target in assessment.targets):
        return False
    if assessment.subjects and all(_unread(one.subject) for one in assessment.subjects):
        return False
    return bool(assessment.results) or not any(one.levels for one in assessment.subjects)


def _unread(subject: Subject) -> bool:
    """Whether nothing but the name of an artifact is known."""
    return isinstance(subject, Artifact) and not subject.digests
