"""Which expectations a verification compares: one that was given and that nothing looked at must not seem to hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.evidence.attestations.steps import shown
from slsacheck.model.attestation import EXPECTED_TEXTS, Step
from slsacheck.record import replace

if TYPE_CHECKING:
    from slsacheck.model.attestation import Case, Verification

__all__ = ["all_compared"]

_SIGNER = ("identity", "issuer")
_KEY = ("public_key_id", "public_key_signing_hash_algo")
_SOURCE = ("source_uri", "source_tag", "source_versioned_tag", "source_branch", "source_revision")
_BUILD = ("builder_id", "build_type", "build_workflow_input")
_PACKAGE = ("package_name", "package_version")
_SUMMARY = ("verifier_id", "resource_uri", "subject_digest", "verified_level")
_LISTS = ("build_workflow_input", "subject_digest", "verified_level")


def _compared(case: Case, answer: Verification) -> tuple[str, ...]:
    """The expectations that this command compares in an attestation of that kind."""
    found = _SIGNER + (_KEY if case.public_key is not None else ())
    if case.command == "verify-vsa":
        return found + _SUMMARY
    if case.command == "verify-rekor-entry":
        return ()
    found += _SOURCE
    if case.command in ("verify-npm-package", "verify-pypi-package"):
        found += _PACKAGE
    expected = case.expectations
    asked = expected.source_uri is not None or bool(expected.builder_id)
    full = case.command in ("verify-artifact", "verify-npm-package", "verify-github-attestation")
    return found + (_BUILD if full or (asked and answer.complete and case.command != "verify-bundle") else ())


def all_compared(case: Case, answer: Verification) -> Verification:
    """The answer, unknown instead of pass where an expectation was given that was not compared with anything."""
    if answer.verdict != "pass":
        return answer
    compared, expected = _compared(case, answer), case.expectations
    given = [name for name in EXPECTED_TEXTS if getattr(expected, name) is not None]
    given += [name for name in _LISTS if getattr(expected, name)]
    if not expected.builder_id and "builder_id" in given:
        given.remove("builder_id")  # an empty one names no builder
    left = ", ".join(f"--{name.replace('_', '-')}" for name in given if name not in compared)
    if not left:
        return answer
    told = (
        f"{left}: {shown(case.command)} compares no such thing with what is here; leave it out, or use the command "
        "that does (verify-artifact for builds, verify-npm-package, verify-pypi-package, verify-vsa)"
    )
    return replace(
        answer,
        verdict="unknown",
        reason_class="unsupported",
        message=told,
        steps=(*answer.steps, Step("expectations", "not-possible", told)),
        level=None,
        slsa_level=None,
        level_why="the expectations were not all compared, so no level is proved",
        expectations="unknown",
    )
