"""Something built again, against the digest that verified provenance names (v0.1, Reproducible).

Two builds whose outputs have equal digests are the evidence that v0.1 asks for. It counts only where the provenance
verified: else nobody knows of which artifact it speaks. Another digest refutes nothing: the rebuild may have differed.
"""

from __future__ import annotations

import os.path
from typing import TYPE_CHECKING

from slsacheck.evidence.attestations import read_many, subjects_match
from slsacheck.evidence.attestations.envelope import Attestation
from slsacheck.evidence.attestations.held import subjects_of, verify_held
from slsacheck.evidence.attestations.readers import read_entries, with_entries
from slsacheck.evidence.attestations.statement import parse_statement
from slsacheck.evidence.attestations.steps import RefusedError, shown
from slsacheck.evidence.attestations.verifier import refusal
from slsacheck.evidence.comparison.operands import is_image, opened
from slsacheck.evidence.oci.attached import gather
from slsacheck.evidence.oci.images import platforms_of
from slsacheck.evidence.oci.judged import kind_of_predicate
from slsacheck.record import record, replace

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from slsacheck.evidence.attestations.readers import Reading
    from slsacheck.evidence.attestations.statement import Subject
    from slsacheck.evidence.attestations.trustdata import TrustData
    from slsacheck.evidence.oci import Access
    from slsacheck.evidence.oci.source import Source
    from slsacheck.model.attestation import Case, Verification

__all__ = ["REQUIREMENT", "Rebuild", "readings_at", "rebuild"]

REQUIREMENT = "v01.build.reproducible"


@record
class Rebuild:
    """The answer: `reproduced` is true, false (verified provenance names another digest) or None (nobody knows).

    `named` are the digests of the subject that provenance means, `rebuilt` those of what was built again; `outcome` is
    what follows for the requirement: PASS or UNKNOWN.
    """

    reproduced: bool | None
    rebuilt: tuple[tuple[str, str], ...]
    named: tuple[tuple[str, str], ...]
    subject: str
    verification: Verification
    outcome: str
    reason: str


def rebuild(
    case: Case,
    readings: Sequence[Reading],
    rebuilt: Mapping[str, str],
    name: str,
    original: Mapping[str, str] | None = None,
    trust: TrustData | None = None,
) -> Rebuild:
    """The best answer that attestations give about a rebuild of that name with these digests.

    `case` says what is expected and trusted. `original` are the digests of what was published, where it is at hand:
    it says which subject is meant. Never raises on what the attestations hold.
    """
    nothing = RefusedError("malformed", "there is no provenance to compare with", verdict="unknown", step="read")
    try:
        entries = read_entries(case.rekor_entry) if case.rekor_entry is not None else ()
    except RefusedError as problem:
        return _undecided(refusal(case, problem), rebuilt, problem.message)
    found = [with_entries(one, entries) if isinstance(one, Attestation) else one for one in readings or [nothing]]
    return max((_answer(case, one, rebuilt, name, original, trust) for one in found), key=_rank)


def _rank(one: Rebuild) -> tuple[bool, bool, bool]:
    """What is known counts before what is not, then what was signed."""
    return one.reproduced is True, one.reproduced is False, one.verification.authentic


def readings_at(texts: Sequence[str], access: Access) -> list[Reading]:
    """The attestations in files, and those that hang on images. Raises Absent, InputError or Unavailable."""
    found: list[Reading] = []
    for text in texts:
        if is_image(text):
            found += _hanging(opened(text, access))
            continue
        try:
            found += read_many(text)
        except RefusedError as problem:
            found.append(problem)
    return found


def _hanging(source: Source) -> list[Reading]:
    """The provenance that hangs on an image and on its platforms."""
    manifest = source.image()
    pieces = list(gather(source, manifest.digest).pieces)
    for child in platforms_of(source, manifest) if manifest.is_index else ():
        pieces += gather(source, child.digest, manifest).pieces
    found = {piece.digest: piece.reading for piece in pieces if isinstance(piece.reading, Attestation)}
    return [reading for reading in found.values() if _is_provenance(reading)]


def _is_provenance(reading: Attestation) -> bool:
    try:
        return kind_of_predicate(parse_statement(reading).predicate_type) == "provenance"
    except RefusedError:
        return False


def _answer(
    case: Case,
    reading: Reading,
    rebuilt: Mapping[str, str],
    name: str,
    original: Mapping[str, str] | None,
    trust: TrustData | None,
) -> Rebuild:
    subjects = subjects_of(reading)
    same = subjects_match(subjects, rebuilt)
    subject = ("", tuple(rebuilt.items())) if same else _meant(subjects, name, original)
    if subject is None:
        problem = reading if isinstance(reading, RefusedError) else _nobody_knows(subjects, original)
        return _undecided(refusal(case, problem), rebuilt, problem.message)
    known = tuple((algorithm, value) for algorithm, value in subject[1] if algorithm in ("sha256", "sha512"))
    case = replace(case, command="verify-artifact", artifact=(), digests=(known,))
    answer = verify_held(case, [reading], trust)[0]
    if answer.verdict != "pass":
        told = "the digests are equal, but the" if same else "the"
        return _undecided(answer, rebuilt, f"{told} provenance is not verified: {answer.message}", known, subject[0])
    if same:
        reason = "verified provenance names the very digest of the rebuild"
        return Rebuild(True, tuple(rebuilt.items()), known, name, answer, "PASS", reason)
    reason = "verified provenance names another digest; a rebuild elsewhere may differ for reasons of its own"
    return Rebuild(False, tuple(rebuilt.items()), known, subject[0], answer, "UNKNOWN", reason)


def _undecided(
    answer: Verification,
    rebuilt: Mapping[str, str],
    reason: str,
    named: tuple[tuple[str, str], ...] = (),
    subject: str = "",
) -> Rebuild:
    return Rebuild(None, tuple(rebuilt.items()), named, subject, answer, "UNKNOWN", reason)


def _meant(subjects: tuple[Subject, ...], name: str, original: Mapping[str, str] | None) -> Subject | None:
    """The subject of which the rebuild is one: the original's, else the one of its name, else the only one."""
    if original is not None:
        return ("", tuple(original.items())) if subjects_match(subjects, original) else None
    base = os.path.basename(name)  # noqa: PTH119 - a name
    named = [one for one in subjects if os.path.basename(one[0]) == base]  # noqa: PTH119 - a name
    chosen = named or list(subjects)
    return chosen[0] if len(chosen) == 1 else None


def _nobody_knows(subjects: tuple[Subject, ...], original: Mapping[str, str] | None) -> RefusedError:
    if original is not None:
        message = "the original is not what the provenance is about"
        return RefusedError("hash-mismatch", message, verdict="unknown", step="digest")
    names = shown(", ".join(one[0] or "(no name)" for one in subjects[:5]))
    message = f"the provenance has {len(subjects)} subjects and none of that name ({names}); give the original too"
    return RefusedError("subject-missing", message, verdict="unknown", step="digest")
