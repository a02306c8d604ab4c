"""The state of one judgement: the question, the attestation, and what was found out about its signature."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from slsacheck.evidence.attestations.authenticate import (
    Authenticity,
    authenticate,
    authenticate_npm_key,
    authenticate_with_key,
)
from slsacheck.evidence.attestations.expectations import Findings
from slsacheck.evidence.attestations.files import read_bounded
from slsacheck.evidence.attestations.givenkey import check_window, describe
from slsacheck.evidence.attestations.limits import MAX_MESSAGE_BYTES
from slsacheck.evidence.attestations.namedkeys import authenticate_gcb
from slsacheck.evidence.attestations.predicates import Predicate, faults, known_predicate
from slsacheck.evidence.attestations.provenance import Provenance, read_provenance
from slsacheck.evidence.attestations.statement import Statement, parse_statement
from slsacheck.evidence.attestations.steps import RefusedError, Trail, shown
from slsacheck.record import field, record, replace

if TYPE_CHECKING:
    from slsacheck.evidence.attestations.envelope import Attestation
    from slsacheck.evidence.attestations.keys import PublicKey
    from slsacheck.evidence.attestations.trustdata import TrustData, Window
    from slsacheck.model.attestation import Case, Expectations
    from slsacheck.model.catalogue import TrustRoot

__all__ = ["WITHOUT_STATEMENT", "Judgement", "Question"]

WITHOUT_STATEMENT = ("message-signature", "cosign-simplesigning", "notation", "in-toto-link")
"""Forms whose payload is no in-toto statement."""


@record
class Question:
    """What every attestation of a case is asked: the case, the trust data, the user's key, the artifacts' digests.

    `subject_required`: a case of this command must say what the attestation is to be about.
    """

    case: Case
    trust: TrustData
    key: PublicKey | None = None
    key_window: Window | None = None
    digests: tuple[dict[str, str], ...] = ()
    subject_required: bool = True

    @property
    def expected(self) -> Expectations:
        """The case's expectations."""
        return self.case.expectations


@record(frozen=False)
class Judgement:
    """The state of one judgement."""

    attestation: Attestation
    question: Question
    trail: Trail = field(default_factory=Trail)
    who: Authenticity | None = None
    statement: Statement | None = None
    provenance: Provenance | None = None
    root: TrustRoot | None = None
    known: Predicate | None = None
    faults: tuple[str, ...] = ()
    findings: Findings = field(default_factory=Findings)
    authentic: bool = False

    @property
    def payload_is_statement(self) -> bool:
        """Whether the form is one that holds a statement, be it one that cannot be read."""
        return self.attestation.form not in WITHOUT_STATEMENT

    @property
    def level_root(self) -> TrustRoot | None:
        """The trust root that gives a level: none that rests on documents alone."""
        return None if self.root is None or self.root.documented else self.root

    def authenticate(self) -> None:
        """Verify the signature; a failure is recorded and the rest is judged all the same."""
        try:
            self.who = _authenticate(self)
        except RefusedError as problem:
            if problem not in self.trail.problems:
                self.trail.failed(problem)
        self.authentic = self.who is not None and not self.trail.problems

    def read_statement(self, *, needed: bool) -> bool:
        """Read the statement; False when there is none. A fault is recorded where the statement is needed."""
        try:
            self.statement = parse_statement(self.attestation)
        except RefusedError as problem:
            if needed:
                self.trail.failed(problem)
            return False
        self.provenance = read_provenance(self.statement)
        self.known = known_predicate(self.statement.predicate_type, self.statement.predicate)
        self.faults = faults(self.known, self.statement.predicate) if self.known is not None else ()
        return True

    def tell_predicate(self) -> None:
        """Say what the predicate is and what it lacks; none of it decides about a signature."""
        if self.statement is None or (self.provenance is not None and not self.faults):
            return
        if self.known is None:
            self.trail.skipped("predicate", f"of a type that is not known: {shown(self.statement.predicate_type)}")
            return
        told = self.known.name
        if self.known.outcome is not None:
            said = self.statement.predicate.get(self.known.outcome)
            told += f", {self.known.outcome}: {shown(said)}" if isinstance(said, str) else ""
        if self.faults:
            told += f"; it breaks its specification: {', '.join(self.faults)}"
            told += "" if self.provenance is not None else "; its signature is judged all the same, do not rely on it"
        self.trail.skipped("predicate", told)


def message_digests(attestation: Attestation, question: Question) -> tuple[tuple[str, str], ...]:
    """What a bare message signature may cover: the digest it names (compared with the artifact), else the latter's."""
    if attestation.message_digest is not None:
        return (attestation.message_digest,)
    return tuple(question.digests[0].items()) if question.digests else ()


def _check_message_digest(attestation: Attestation, question: Question) -> None:
    """Every artifact of the case is the message: one signature covers one message."""
    claimed = attestation.message_digest
    if claimed is None and len(question.digests) > 1:
        raise RefusedError("hash-mismatch", "one signature cannot be of several artifacts", step="subject")
    for digests in question.digests if claimed is not None else ():
        name, value = claimed or ("", "")
        if name not in digests:
            raise RefusedError(
                "subject-missing",
                f"the signature is of a {name} digest; give the artifact's",
                verdict="unknown",
                step="subject",
            )
        if digests[name].lower() != value:
            raise RefusedError(
                "hash-mismatch", f"the signature is of {name}:{value}, not of this artifact", step="subject"
            )


def _with_message(attestation: Attestation, message: tuple[tuple[str, str], ...]) -> Attestation:
    """A bare message signature with the digest that its log entry is to be about."""
    if attestation.message_digest is not None:
        return attestation
    own = next(((name, value) for name, value in message if name == "sha256"), None)
    return replace(attestation, message_digest=own)


def _authenticate(judgement: Judgement) -> Authenticity:
    attestation, question, trail = judgement.attestation, judgement.question, judgement.trail
    if not attestation.signed:
        raise RefusedError("no-valid-signature", "it is not signed, so nothing shows who made it", step="signature")
    message = message_digests(attestation, question)
    if attestation.form == "message-signature":
        _check_message_digest(attestation, question)
        attestation = _with_message(attestation, message)
    if attestation.form == "notation":
        from slsacheck.evidence.attestations.notarytrust import authenticate_notation

        return authenticate_notation(attestation, question.trust, trail)
    if attestation.form == "gcloud":
        return authenticate_gcb(attestation, question.trust, trail)
    if question.key is not None:
        return _with_key(judgement, attestation, question.key, message)
    if (attestation.key_hint or "").startswith("SHA256:"):
        return authenticate_npm_key(attestation, question.trust, trail)
    if question.trust.x509_roots:
        from slsacheck.evidence.attestations.x509chain import authenticate_chain

        return authenticate_chain(attestation, question.trust, trail, message, lambda: _message_bytes(question))
    return authenticate(attestation, question.trust, trail, message, lambda: _message_bytes(question))


def _with_key(
    judgement: Judgement, attestation: Attestation, key: PublicKey, message: tuple[tuple[str, str], ...]
) -> Authenticity:
    """By the key that the user gave, inside its validity."""
    question, trail = judgement.question, judgement.trail
    who = authenticate_with_key(
        attestation,
        key,
        question.trust,
        trail,
        keyid=question.expected.public_key_id,
        algorithm=_algorithm(question.expected.public_key_signing_hash_algo),
        message=message,
        read_message=lambda: _message_bytes(question),
    )
    trail.passed("key", describe(key))
    check_window(question.key_window, who.moment, datetime.now(UTC), trail)
    return who


def _message_bytes(question: Question) -> bytes | None:
    """The one file that a bare signature is over; None where only its digest is known."""
    files = question.case.artifact
    return read_bounded(files[0], MAX_MESSAGE_BYTES) if len(files) == 1 else None


def _algorithm(name: str | None) -> str | None:
    if not name:
        return None
    found = name.lower().replace("-", "").replace("_", "")
    if found in ("sha1", "md5"):
        raise RefusedError("no-valid-signature", f"signatures over {shown(name)} can be forged", step="key")
    if found not in ("sha256", "sha384", "sha512"):
        raise RefusedError("unsupported", f"the hash {shown(name)} is not supported", verdict="unknown", step="key")
    return found
