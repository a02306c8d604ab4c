"""From a case to its verdict: gather what is to be verified, ask each attestation, take the best answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.evidence.attestations.blobs import read_certificate
from slsacheck.evidence.attestations.compared import all_compared
from slsacheck.evidence.attestations.envelope import Attestation
from slsacheck.evidence.attestations.files import artifact_digests, read_bounded
from slsacheck.evidence.attestations.givenkey import GivenKey, load_given_key
from slsacheck.evidence.attestations.giventrust import of_the_user, trusted_by
from slsacheck.evidence.attestations.judge import Question, judge_distribution, judge_provenance, judge_signature
from slsacheck.evidence.attestations.npm import judge_npm
from slsacheck.evidence.attestations.oci_layout import layout_attestations, layout_image
from slsacheck.evidence.attestations.readers import Reading, read_attestations, read_entries, with_entries
from slsacheck.evidence.attestations.rekor import binds
from slsacheck.evidence.attestations.rekorentry import judge_entries
from slsacheck.evidence.attestations.statement import algorithm_name
from slsacheck.evidence.attestations.steps import RefusedError, shown
from slsacheck.evidence.attestations.trustdata import TrustData, shipped
from slsacheck.evidence.attestations.vsa import judge_vsa
from slsacheck.model.attestation import Case, Step, Verification
from slsacheck.record import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from slsacheck.evidence.attestations.envelope import LogEntry

__all__ = [
    "COMMANDS",
    "answer_to",
    "best",
    "ended",
    "image_of",
    "judge_of",
    "question_of",
    "refusal",
    "verify",
    "verify_each",
]

COMMANDS = (
    "verify-artifact",
    "verify-image",
    "verify-npm-package",
    "verify-pypi-package",
    "verify-vsa",
    "verify-github-attestation",
    "verify-bundle",
    "verify-rekor-entry",
)
"""What a case may ask for (output contract, section 2)."""

_RANK = {"pass": 3, "unknown": 2, "fail": 1, "error": 0}


def refusal(case: Case, problem: RefusedError, path: str | None = None) -> Verification:
    """The answer to a case that ended before anything could be judged."""
    outcome = "fail" if problem.verdict == "fail" else "not-possible"
    return Verification(
        verdict=problem.verdict,
        message=problem.message,
        reason_class=problem.reason_class,
        id=case.id,
        steps=(Step(problem.step or "read", outcome, problem.message),),
        level_why="nothing could be verified, so no level is proved",
        path=path,
    )


def best(answers: Sequence[Verification]) -> Verification:
    """The best of several answers: pass before unknown before fail, then the level, then how far each came."""

    def rank(answer: Verification) -> tuple[int, int, int]:
        level = answer.level if answer.level is not None else -1
        return _RANK[answer.verdict], level, sum(step.outcome == "pass" for step in answer.steps)

    return max(answers, key=rank) if len(answers) > 1 else answers[0]


def verify(case: Case, trust: TrustData | None = None) -> Verification:
    """The verdict on a case; of several attestations the best one's. Never raises: whatever is wrong is the answer."""
    answers = verify_each(case, trust)
    return all_compared(case, _with_unread(best(answers), answers))


def _with_unread(chosen: Verification, answers: Sequence[Verification]) -> Verification:
    """The answer, which also says what beside it could not be read: a broken line must not go unnoticed."""
    unread = [one for one in answers if one is not chosen and one.form is None]
    if not unread or chosen.form is None:
        return chosen
    told = f"{len(unread)} of {len(answers)} beside it could not be read: {unread[0].message}"
    return replace(chosen, steps=(*chosen.steps, Step("other-attestations", "not-applicable", told)))


def verify_each(case: Case, trust: TrustData | None = None) -> tuple[Verification, ...]:
    """The verdict on every attestation of a case alone, in the order in which they were found; at least one."""
    try:
        return _answers(case, trust if trust is not None else shipped()) or (
            refusal(case, RefusedError("malformed", "there is no attestation to verify", step="read")),
        )
    except (RefusedError, RecursionError) as problem:
        return (ended(case, problem),)


def ended(case: Case, problem: RefusedError | RecursionError) -> Verification:
    """The answer to a case whose files nobody could ask: what was refused, or that something nests too deeply."""
    if isinstance(problem, RecursionError):
        problem = RefusedError("limit-exceeded", "the input nests too deeply", verdict="unknown", step="read")
    return refusal(case, problem)


def _answers(case: Case, trust: TrustData) -> tuple[Verification, ...]:
    if case.command not in COMMANDS:
        raise RefusedError("unsupported", f"{shown(case.command)} is no verification", verdict="error", step="read")
    trust = trusted_by(case, trust)
    if case.command == "verify-rekor-entry":
        return (judge_entries(case, trust),)
    question = question_of(case, trust)
    readings = _readings(case)
    if case.command == "verify-npm-package":
        return (_answered(case, next(iter(case.provenance), None), lambda: judge_npm(readings, question)),)
    judge = judge_of(case)
    if readings and all(isinstance(one, Attestation) and one.form == "gcloud" for one in readings):
        return (_first_signed(readings, question, judge),)
    return tuple(answer_to(one, question, judge) for one in readings)


def answer_to(
    reading: Reading, question: Question, judge: Callable[[Attestation, Question], Verification]
) -> Verification:
    """The answer for one attestation, or why it cannot be read; whatever is wrong with it is its own answer."""
    if isinstance(reading, RefusedError):
        return refusal(question.case, reading, next(iter(question.case.provenance), question.case.oci_layout))
    return _answered(question.case, reading.path, lambda: judge(reading, question))


def _answered(case: Case, path: str | None, judge: Callable[[], Verification]) -> Verification:
    """What `judge` says; one attestation must not end the others, so a fault of ours is an answer of verdict error."""
    try:
        return judge()
    except RefusedError as problem:
        return refusal(case, problem, path)
    except Exception as fault:  # noqa: BLE001 - see above
        name = shown(path or "the attestations")
        message = f"slsacheck failed on {name} ({type(fault).__name__}); please report it with the file"
        return refusal(case, RefusedError("malformed", message, verdict="error"), path)


def _first_signed(
    readings: Sequence[Reading], question: Question, judge: Callable[[Attestation, Question], Verification]
) -> Verification:
    """Of Cloud Build's several provenances the first with a valid signature decides."""
    answers = []
    for reading in readings:
        answer = answer_to(reading, question, judge)
        if answer.authentic:
            return answer
        answers.append(answer)
    return best(answers)


def judge_of(case: Case) -> Callable[[Attestation, Question], Verification]:
    """How the attestations of such a case are judged."""
    if case.command == "verify-vsa":
        return judge_vsa
    expected = case.expectations
    if case.command == "verify-pypi-package":
        return judge_distribution if expected.source_uri is not None else judge_signature
    if case.command == "verify-bundle":
        return judge_signature
    if case.command == "verify-image" and expected.source_uri is None and not expected.builder_id:
        return judge_signature
    return judge_provenance


@of_the_user
def question_of(case: Case, trust: TrustData) -> Question:
    """What each attestation of the case is asked; raises RefusedError where the key or a file cannot be read."""
    given: GivenKey | None = None
    if case.public_key is not None:
        given = load_given_key(read_bounded(case.public_key), shown(case.public_key))
    if case.expectations.builder_id == "" and case.command != "verify-github-attestation":
        case = replace(case, expectations=replace(case.expectations, builder_id=None))
    return Question(
        case=case,
        trust=trust,
        key=given.key if given else None,
        key_window=given.window if given else None,
        digests=_digests(case),
        subject_required=case.command not in ("verify-bundle", "verify-vsa"),
    )


def _digests(case: Case) -> tuple[dict[str, str], ...]:
    """What the statement must be about: files hashed here, digests given, and the image."""
    found = [artifact_digests(path) for path in case.artifact]
    found += [{algorithm_name(name): value.lower() for name, value in digests} for digests in case.digests]
    if case.command == "verify-image":
        image = image_of(case)
        if image is not None:
            algorithm, colon, value = image.partition(":")
            if not colon:
                raise RefusedError("malformed", f"{shown(image)} is no digest; write sha256:HEX", step="subject")
            found.append({algorithm: value})
    return tuple(found)


def image_of(case: Case) -> str | None:
    """The image's digest: given, part of the reference, or the layout's first descriptor."""
    stated = case.image_digest or None
    if stated is None and case.image_ref and "@" in case.image_ref:
        stated = case.image_ref.rpartition("@")[2]
    if stated is None and case.oci_layout:
        stated = layout_image(case.oci_layout, case.image_ref)
    return stated


def _readings(case: Case) -> list[Reading]:
    found: list[Reading] = []
    for path in case.provenance:
        found.extend(_of_file(path, alone=len(case.provenance) == 1))
    if case.oci_layout is not None and not case.provenance:
        digest = image_of(case) or ""
        found.extend(layout_attestations(case.oci_layout, digest))
    if not found and case.image_ref:
        raise RefusedError(
            "unsupported",
            f"the attestations of {shown(case.image_ref)} are in a registry, and no file of them was given; "
            "copy the image with its attestations into an OCI layout (`oras copy -r`, `cosign save`) and name that",
            verdict="unknown",
            step="read",
        )
    if case.rekor_entry is not None:
        entries = read_entries(case.rekor_entry)
        found = _with_entries(found, entries)
    if case.certificate is not None:
        found = _with_certificate(found, read_certificate(case.certificate))
    if not found:
        told = "no attestation was given; name its file (--provenance-path), or look it up with --online"
        raise RefusedError("malformed", told, verdict="unknown", step="read")
    return found


def _with_entries(found: list[Reading], entries: tuple[LogEntry, ...]) -> list[Reading]:
    """The readings with the log entries that were given: of several each with those about it, a single one with all."""
    alone = len(found) == 1
    return [
        one
        if isinstance(one, RefusedError)
        else with_entries(one, entries if alone else tuple(each for each in entries if binds(each, one)))
        for one in found
    ]


def _of_file(path: str, *, alone: bool) -> list[Reading]:
    """The attestations of a file; one of several that cannot be read does not hide the others."""
    try:
        return read_attestations(path)
    except RefusedError as problem:
        if alone:
            raise
        return [problem]


def _with_certificate(found: list[Reading], der: bytes) -> list[Reading]:
    """The readings that carry no certificate with the one that was given beside them."""
    return [
        one
        if isinstance(one, RefusedError) or one.certificates or any(sig.certificate for sig in one.signatures)
        else replace(one, certificates=(der,))
        for one in found
    ]
