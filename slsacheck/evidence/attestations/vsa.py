"""Verification summary attestations (VSA v1, and its first versions): the seven steps of the specification."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slsacheck.evidence.attestations.expectations import Findings
from slsacheck.evidence.attestations.jsondoc import as_list, as_text, dig
from slsacheck.evidence.attestations.judge import judge_signature
from slsacheck.evidence.attestations.predicates import faults, known_predicate
from slsacheck.evidence.attestations.statement import Statement, parse_statement, subjects_match
from slsacheck.evidence.attestations.steps import RefusedError, shown
from slsacheck.model.attestation import Expectations, Step, Verification
from slsacheck.patterns import regex
from slsacheck.record import replace

if TYPE_CHECKING:
    from slsacheck.evidence.attestations.envelope import Attestation
    from slsacheck.evidence.attestations.judge import Question

__all__ = ["judge_vsa", "levels_vouch", "verified_ladder"]

_PREDICATE = "https://slsa.dev/verification_summary/v1"
_FIRST = ("https://slsa.dev/verification_summary/v0.1", "https://slsa.dev/verification_summary/v0.2")
"""The first versions: other names of the same fields, and levels of SLSA v0.1, which had no tracks."""
_TOP = 3
"""The highest level of the Build track (SLSA v1.2): a summary that names a higher one vouches for this."""
_FIRST_LEVEL = regex(r"SLSA_LEVEL_(\d{1,2})", re.ASCII)
_LEVEL = regex(r"SLSA_([A-Z][A-Z_]*?)_LEVEL_(\d{1,2})", re.ASCII)


def _ladder(levels: list[str]) -> dict[str, int]:
    """The highest level of each track."""
    found: dict[str, int] = {}
    for match in filter(None, (_FIRST_LEVEL.fullmatch(level) for level in levels)):
        found[""] = max(found.get("", 0), int(match[1]))
    for match in filter(None, (_LEVEL.fullmatch(level) for level in levels)):
        found[match[1]] = max(found.get(match[1], 0), int(match[2]))
    return found


def levels_vouch(verified: list[str], expected: str) -> bool:
    """Whether verified levels reach an expected one: a ladder per SLSA track, equality for everything else."""
    match = _LEVEL.fullmatch(expected)
    if match is not None:
        return _ladder(verified).get(match[1], -1) >= int(match[2])
    first = _FIRST_LEVEL.fullmatch(expected)
    if first is not None:
        return _ladder(verified).get("", -1) >= int(first[1])
    return expected in verified


def _field(statement: Statement, name: str) -> object:
    """A field of the predicate by its name in v1; v0.1 and v0.2 wrote `resource_uri` for `resourceUri`."""
    if statement.predicate_type not in _FIRST:
        return statement.predicate.get(name)
    return statement.predicate.get("".join(f"_{char.lower()}" if char.isupper() else char for char in name))


def _verified(statement: Statement) -> list[str]:
    """The levels; v0.1 and v0.2 have one, `policy_level`."""
    if statement.predicate_type in _FIRST:
        level = as_text(statement.predicate.get("policy_level"))
        return [level] if level else []
    return [as_text(one) for one in as_list(statement.predicate.get("verifiedLevels"))]


def verified_ladder(statement: Statement) -> dict[str, int]:
    """The highest level of each track that a summary vouches for; of the first versions none, they had no tracks."""
    return _ladder(_verified(statement)) if statement.predicate_type == _PREDICATE else {}


def judge_vsa(attestation: Attestation, question: Question) -> Verification:
    """The verdict on a VSA: signature, predicate, subject, verifier, resource, result and levels."""
    bare = Expectations(
        public_key_id=question.expected.public_key_id,
        public_key_signing_hash_algo=question.expected.public_key_signing_hash_algo,
        identity=question.expected.identity,
        issuer=question.expected.issuer,
    )
    asked = replace(question, case=replace(question.case, expectations=bare), digests=(), subject_required=False)
    answer = judge_signature(attestation, asked)
    if answer.verdict == "fail":
        return answer
    try:
        statement = parse_statement(attestation)
    except RefusedError as problem:
        return _close(answer, [problem], [])
    found = Findings()
    if question.key is None and question.expected.identity is None:
        found.missing.append("--key or --certificate-identity")
    _compare(statement, question, found)
    if not found.problems:
        _compare_schema(statement, found)
    return _close(answer, found.problems, found.held, found.missing, _build_level(statement))


def _build_level(statement: Statement) -> int | None:
    level = verified_ladder(statement).get("BUILD")
    return None if level is None else min(level, _TOP)


def _close(
    answer: Verification,
    problems: list[RefusedError],
    held: list[tuple[str, str]],
    missing: list[str] | None = None,
    level: int | None = None,
) -> Verification:
    steps = answer.steps + tuple(Step(name, "pass", detail) for name, detail in held)
    steps += tuple(Step(problem.step, "fail", problem.message) for problem in problems)
    if problems:
        first = problems[0]
        return replace(
            answer,
            steps=steps,
            verdict="fail",
            reason_class=first.reason_class,
            message=first.message,
            expectations="fail",
        )
    if answer.verdict == "pass" and missing:
        message = f"not everything that a summary is to be compared with was given: {', '.join(missing)}"
        reason = {
            "--verifier-id": "vsa-verifier-mismatch",
            "--resource-uri": "vsa-resource-mismatch",
            "--key or --certificate-identity": "identity-mismatch",
        }
        return replace(
            answer,
            steps=(*steps, Step("expectations", "not-possible", message)),
            verdict="unknown",
            reason_class=reason.get(missing[0], "subject-missing"),
            message=message,
            missing_expectations=tuple(missing),
        )
    proved = answer.verdict == "pass"
    return replace(
        answer,
        steps=steps,
        expectations="pass",
        level=level if proved else None,
        level_why="a trusted verifier vouches for it"
        if proved and level is not None
        else "the summary names no Build level",
    )


def _compare(statement: Statement, question: Question, found: Findings) -> None:
    expected = question.expected
    if statement.predicate_type != _PREDICATE and statement.predicate_type not in _FIRST:
        found.differ("predicate", "malformed", f"the predicate is {shown(statement.predicate_type)}, not {_PREDICATE}")
        return
    _compare_subjects(statement, question, found)
    _compare_text(
        "verifier",
        "vsa-verifier-mismatch",
        "--verifier-id",
        expected.verifier_id,
        as_text(dig(statement.predicate, "verifier", "id")),
        found,
    )
    _compare_text(
        "resource",
        "vsa-resource-mismatch",
        "--resource-uri",
        expected.resource_uri,
        as_text(_field(statement, "resourceUri")),
        found,
    )
    result = as_text(_field(statement, "verificationResult"))
    if result != "PASSED":
        found.differ(
            "result", "vsa-result-failed", f"the verification's result is {shown(result or '(none)')}, not PASSED"
        )
    else:
        found.hold("result", "PASSED")
    verified = _verified(statement)
    for level in expected.verified_level:
        if levels_vouch(verified, level):
            found.hold("levels", f"{shown(level)} is reached")
        else:
            found.differ(
                "levels",
                "vsa-level-mismatch",
                f"the verified levels are {shown(verified)}, expected was {shown(level)}",
            )


def _compare_schema(statement: Statement, found: Findings) -> None:
    """A summary that lacks what its specification requires is none: its reader would have to guess."""
    known = known_predicate(statement.predicate_type, statement.predicate)
    broken = faults(known, statement.predicate) if known is not None else ()
    if broken:
        found.differ("predicate", "malformed", f"the summary breaks its specification: {', '.join(broken)}")


def _compare_text(step: str, reason: str, flag: str, want: str | None, have: str, found: Findings) -> None:
    if want is None:
        found.missing.append(flag)
    if not have or (want is not None and have != want):
        wanted = f", expected was {shown(want)}" if want is not None else ""
        found.differ(step, reason, f"the {step} is {shown(have or '(none)')}{wanted}")
    elif want is not None:
        found.hold(step, f"{step} is {shown(have)}")


def _compare_subjects(statement: Statement, question: Question, found: Findings) -> None:
    """Every digest that was given is a subject's; digests here may be any identifier (`gce_image_id:…`)."""
    wanted = question.expected.subject_digest
    stated = {(name, value) for _, digests in statement.subjects for name, value in digests}
    if not wanted and not question.digests:
        found.missing.append("--subject-digest")
    for text in wanted:
        name, colon, value = text.partition(":")
        if not colon or (name, value) not in stated:
            found.differ("subject", "subject-missing", f"no subject of the summary is {shown(text)}")
            return
    for digests in question.digests:
        if not subjects_match(statement.subjects, digests):
            found.differ("subject", "hash-mismatch", "no subject of the summary is the given artifact")
            return
    if wanted or question.digests:
        found.hold("subject", "everything given is a subject of the summary")
