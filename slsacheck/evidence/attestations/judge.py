"""One attestation judged: signature, statement, expectations, level; each part apart from the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.evidence.attestations.authenticate import (
    Authenticity,
    authenticate,
    authenticate_npm_key,
    authenticate_with_key,
)
from slsacheck.evidence.attestations.builders import compare_builder, compare_identity
from slsacheck.evidence.attestations.consistency import contradictions
from slsacheck.evidence.attestations.expectations import (
    Findings,
    compare_parameters,
    compare_refs,
    compare_source,
    compare_workflow_inputs,
    source_ref,
)
from slsacheck.evidence.attestations.gcloud import compare_unsigned_copies
from slsacheck.evidence.attestations.jsondoc import as_map, as_text, dig, parse_json
from slsacheck.evidence.attestations.namedkeys import authenticate_gcb
from slsacheck.evidence.attestations.provenance import Provenance, read_provenance
from slsacheck.evidence.attestations.pypi import compare_distribution
from slsacheck.evidence.attestations.roots import match_root, tenant_signed
from slsacheck.evidence.attestations.statement import Statement, parse_statement, subjects_match
from slsacheck.evidence.attestations.steps import RefusedError, Trail, shown
from slsacheck.model.attestation import Case, Expectations, Signer, StatementFacts, Verification
from slsacheck.record import field, record, replace

if TYPE_CHECKING:
    from slsacheck.evidence.attestations.envelope import Attestation
    from slsacheck.evidence.attestations.keys import PublicKey
    from slsacheck.evidence.attestations.trustdata import TrustData
    from slsacheck.model.catalogue import TrustRoot

__all__ = ["Question", "judge_distribution", "judge_provenance", "judge_signature"]

_SIGNATURE_STEPS = ("signature", "certificate", "certificate-chain", "certificate-transparency", "log-entry")


@record
class Question:
    """What every attestation of a case is asked: the case, the trust data, the user's key, the artifacts' digests.

    `subject_required`: a case of this command must say what the attestation is to be about.
    """

    case: Case
    trust: TrustData
    key: PublicKey | None = None
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
    findings: Findings = field(default_factory=Findings)
    authentic: bool = False
    facts: tuple[tuple[str, str], ...] = ()

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
        return True


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
    if attestation.form == "gcloud":
        return authenticate_gcb(attestation, question.trust, trail)
    if question.key is not None:
        return authenticate_with_key(
            attestation,
            question.key,
            question.trust,
            trail,
            keyid=question.expected.public_key_id,
            algorithm=_algorithm(question.expected.public_key_signing_hash_algo),
            message=message,
        )
    if (attestation.key_hint or "").startswith("SHA256:"):
        return authenticate_npm_key(attestation, question.trust, trail)
    return authenticate(attestation, question.trust, trail, message)


def _algorithm(name: str | None) -> str | None:
    if not name:
        return None
    found = name.lower().replace("-", "").replace("_", "")
    if found not in ("sha256", "sha384", "sha512"):
        raise RefusedError("unsupported", f"the hash {shown(name)} is not supported", verdict="unknown", step="key")
    return found


def _subjects(judgement: Judgement) -> None:
    """Every artifact of the case is a subject of the statement."""
    question, statement = judgement.question, judgement.statement
    if not question.digests:
        if question.subject_required:
            judgement.trail.impossible(
                "subject",
                "subject-missing",
                "no artifact was given to compare the subjects with; give a file or a digest",
            )
        return
    if judgement.attestation.form == "message-signature":
        judgement.trail.passed("subject", "the signature is over the given artifact")
        return
    subjects = statement.subjects if statement else _simple_subjects(judgement.attestation)
    if not any(digests for _, digests in subjects):
        judgement.findings.differ("subject", "subject-missing", "the statement names no subject with a digest")
        return
    for digests in question.digests:
        if not subjects_match(subjects, digests):
            name = next((f"{key}:{value}" for key, value in digests.items()), "the artifact")
            judgement.findings.differ("subject", "hash-mismatch", f"no subject of the statement is {shown(name)}")
            return
    judgement.findings.hold("subject", f"{len(question.digests)} artifact(s) are subjects of the statement")


def _simple_subjects(attestation: Attestation) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """The image that a signature of cosign's older format is about, in the shape of subjects."""
    if attestation.form != "cosign-simplesigning":
        return ()
    try:
        critical = as_map(dig(parse_json(attestation.payload, "the signed payload"), "critical"))
    except RefusedError:
        return ()
    algorithm, _, value = as_text(dig(critical, "image", "docker-manifest-digest")).partition(":")
    return ((as_text(dig(critical, "identity", "docker-reference")), ((algorithm, value),) if value else ()),)


def judge_signature(attestation: Attestation, question: Question) -> Verification:
    """Signature, log and subjects alone; source and identity too where the case asks for them. Proves no level."""
    judgement = Judgement(attestation, question)
    judgement.authenticate()
    has_statement = judgement.read_statement(needed=_statement_needed(attestation, question))
    found = judgement.findings
    compare_identity(judgement.who, question.expected, found)
    if question.expected.source_uri:
        _signature_source(judgement)
    _require_identity(judgement)
    if has_statement or not judgement.trail.problems:
        _subjects(judgement)
    _compare_package(judgement)
    if judgement.provenance is not None:
        _match_root(judgement)
    return _answer(judgement, full=False)


def _require_identity(judgement: Judgement) -> None:
    """An image signed with a certificate passes only when it was said who should have signed: anybody can sign."""
    question, who = judgement.question, judgement.who
    if question.case.command != "verify-image" or who is None or who.identity is None:
        return
    if question.expected.identity is None or question.expected.issuer is None:
        judgement.findings.missing.append("--certificate-identity and --certificate-oidc-issuer")
        judgement.trail.impossible(
            "identity",
            "identity-mismatch",
            f"signed by {shown(who.identity.name)} ({shown(who.identity.issuer)}); is that the one you expect? "
            "Say so with --certificate-identity and --certificate-oidc-issuer, or give --source-uri for provenance",
        )


def _statement_needed(attestation: Attestation, question: Question) -> bool:
    return bool(question.digests) and attestation.form not in ("message-signature", "cosign-simplesigning")


def _signature_source(judgement: Judgement) -> None:
    """The source repository, of a statement that need not be provenance: as the certificate names it."""
    identity = judgement.who.identity if judgement.who else None
    stated = judgement.provenance or Provenance("none", "")
    if judgement.provenance is None and identity is not None and identity.source_uri:
        stated = Provenance("none", "", source=identity.source_uri, ref=identity.claim("source_ref") or "")
    compare_source(stated, identity, judgement.question.expected, judgement.findings)
    compare_refs(stated, identity, judgement.question.expected, judgement.findings)


def _compare_package(judgement: Judgement) -> None:
    """What a package index says beside the attestation, and the name of the distribution (PEP 740)."""
    _compare_publisher(judgement)
    if judgement.statement is not None and judgement.question.case.command == "verify-pypi-package":
        compare_distribution(judgement.statement, judgement.question.case, judgement.findings)


def _compare_publisher(judgement: Judgement) -> None:
    """The publisher that a package index claims is the one that the certificate names (PEP 740)."""
    claimed = dict(judgement.attestation.publisher)
    identity = judgement.who.identity if judgement.who else None
    repository = claimed.get("repository")
    if identity is None or repository is None:
        return
    have = (identity.source_uri or "").partition("://")[2].partition("/")[2]
    if have.lower() != repository.lower():
        judgement.findings.differ(
            "publisher",
            "statement-mismatch",
            f"the index says that {shown(repository)} published it, the certificate says {shown(have)}",
        )
    else:
        judgement.findings.hold("publisher", f"published by {shown(repository)}, as the index says")


def _match_root(judgement: Judgement) -> None:
    who, provenance = judgement.who, judgement.provenance
    if who is None or provenance is None:
        return
    identity = who.identity
    if not judgement.authentic:
        who = replace(who, logged=True)  # judged as if logged: the verdict stays unknown, and no level follows

    def against() -> list[str]:
        if identity is None:
            return ["no certificate"]
        differs, open_ends = contradictions(provenance, identity)
        return differs + open_ends

    judgement.root = match_root(
        who, provenance, judgement.question.trust, judgement.question.expected.builder_id, against
    )


def judge_provenance(attestation: Attestation, question: Question) -> Verification:
    """Everything: the signature, and whether this is the provenance that was expected, which level it proves."""
    judgement = Judgement(attestation, question)
    judgement.authenticate()
    if judgement.read_statement(needed=True):
        if judgement.provenance is None:
            judgement.trail.refute(
                "predicate",
                "unsupported",
                f"the statement's predicate is {shown(judgement.statement and judgement.statement.predicate_type)}, "
                "not SLSA provenance",
            )
        else:
            _expectations(judgement, judgement.provenance)
    return _answer(judgement, full=True)


def judge_distribution(attestation: Attestation, question: Question) -> Verification:
    """A Python distribution whose source is expected: provenance proves a level, a publish attestation none."""
    try:
        provenance = read_provenance(parse_statement(attestation))
    except RefusedError:
        provenance = None
    return (judge_provenance if provenance is not None else judge_signature)(attestation, question)


def _expectations(judgement: Judgement, provenance: Provenance) -> None:
    question, found, who = judgement.question, judgement.findings, judgement.who
    identity = who.identity if who else None
    _match_root(judgement)
    expected = question.expected
    compare_identity(who, expected, found)
    compare_builder(provenance, who, judgement.root, expected, question.trust, found)
    compare_source(provenance, identity, expected, found)
    _subjects(judgement)
    compare_refs(provenance, identity, expected, found)
    compare_workflow_inputs(provenance, expected, found)
    _compare_with_certificate(judgement, provenance)
    _compare_package(judgement)
    compare_parameters(provenance, expected, found)
    if attestation_is_gcloud(judgement):
        compare_unsigned_copies(judgement.attestation, list(question.digests), judgement.trail)


def attestation_is_gcloud(judgement: Judgement) -> bool:
    """Whether unsigned copies stand beside the envelope."""
    return judgement.attestation.form == "gcloud" and judgement.who is not None


def _compare_with_certificate(judgement: Judgement, provenance: Provenance) -> None:
    who = judgement.who
    if who is None or who.identity is None or not tenant_signed(who, provenance, judgement.question.trust):
        return
    differs, _ = contradictions(provenance, who.identity)
    if differs:
        judgement.findings.differ(
            "certificate-claims",
            "statement-mismatch",
            f"the provenance contradicts its certificate: {shown(differs[0])}",
        )
    else:
        judgement.findings.hold("certificate-claims", "the provenance says nothing against its certificate")


_MISSING_REASONS = {
    "--source-uri": "source-mismatch",
    "--builder-id": "builder-mismatch",
}


def _conclude(judgement: Judgement, *, full: bool) -> RefusedError | None:
    """What keeps the verdict from pass: a failure before anything undone, the signature's before the policy's."""
    trail, found = judgement.trail, judgement.findings
    for step, detail in found.held:
        trail.passed(step, detail)
    for problem in found.problems:
        trail.failed(problem)
    if full and judgement.provenance is not None and judgement.provenance.missing:
        fields = ", ".join(judgement.provenance.missing)
        trail.refute("provenance", "malformed", f"the provenance lacks what SLSA requires: {fields}")
    if full and found.missing and not any(problem.verdict == "fail" for problem in trail.problems):
        first = found.missing[0]
        trail.impossible(
            "expectations",
            _MISSING_REASONS.get(first, "workflow-input-mismatch"),
            f"not everything that SLSA asks to be expected was given: {', '.join(found.missing)}",
        )
    return trail.worst


def _answer(judgement: Judgement, *, full: bool) -> Verification:
    worst = _conclude(judgement, full=full)
    who, found, root = judgement.who, judgement.findings, judgement.root
    verdict = "pass" if worst is None else worst.verdict
    trusted = _step1(judgement)
    proved = full and verdict == "pass"
    expectations = "fail" if found.problems else ("unknown" if found.missing or not full else "pass")
    return Verification(
        verdict=verdict,
        message=worst.message if worst else _success(judgement),
        reason_class=worst.reason_class if worst else None,
        id=judgement.question.case.id,
        steps=tuple(judgement.trail.steps),
        statement=_facts(judgement),
        signer=_signer(who),
        level=trusted if proved else None,
        level_why=_why(judgement, trusted, proved=proved),
        step1_level=trusted,
        trust_root=root.id if root and judgement.authentic else None,
        signed=judgement.attestation.signed,
        authentic=judgement.authentic,
        expectations=expectations,
        missing_expectations=tuple(found.missing),
        complete=judgement.provenance is not None and not judgement.provenance.missing,
        form=judgement.attestation.form,
        logged=bool(who and who.logged),
        slsa_level=(root.slsa_level if root else 1) if proved else None,
        digest=judgement.attestation.digest,
        path=judgement.attestation.path,
        payload=judgement.attestation.payload or None,
    )


def _step1(judgement: Judgement) -> int | None:
    """What signer and builder are trusted for: the root's level, else 1; None where nothing verified."""
    if not judgement.authentic or judgement.provenance is None or judgement.provenance.missing:
        return None
    return judgement.root.level if judgement.root else 1


def _why(judgement: Judgement, trusted: int | None, *, proved: bool) -> str:
    root = judgement.root
    if proved and trusted is not None:
        return (
            f"{root.title}: trusted to level {root.level} ({root.id}, {root.date})"
            if root
            else "no trust root names this signer and builder, so the provenance counts for level 1"
        )
    if judgement.provenance is None:
        return "this is not provenance, so it proves no level"
    if not judgement.authentic:
        return "the signature is not fully verified, so no level is proved"
    return "the expectations are not all given or not met, so no level is proved"


def _success(judgement: Judgement) -> str:
    who = judgement.who
    name = who.identity.name if who and who.identity else (who.key if who else "")
    return f"verified: signed by {shown(name)}"


def _signer(who: Authenticity | None) -> Signer | None:
    if who is None:
        return None
    if who.identity is not None:
        return Signer(who.identity.name, who.identity.issuer)
    return Signer(who.key or "", None)


def _facts(judgement: Judgement) -> StatementFacts:
    statement, provenance = judgement.statement, judgement.provenance
    identity = judgement.who.identity if judgement.who else None
    claims = tuple((f"certificate.{name}", value) for name, value in identity.claims) if identity else ()
    if statement is None:
        return StatementFacts(subjects=_simple_subjects(judgement.attestation), facts=claims)
    if provenance is None:
        return StatementFacts(predicate_type=statement.predicate_type, subjects=statement.subjects, facts=claims)
    return StatementFacts(
        predicate_type=statement.predicate_type,
        build_type=provenance.build_type or None,
        builder_id=provenance.builder_id or None,
        source_uri=provenance.source or None,
        source_ref=source_ref(provenance, identity) or None,
        source_digest=provenance.digest or None,
        entry_point=provenance.entry_point or None,
        invocation_id=provenance.invocation_id or None,
        subjects=statement.subjects,
        external_parameters=tuple(sorted(provenance.parameters.items())),
        facts=claims + tuple(("missing", name) for name in provenance.missing) + judgement.facts,
    )
