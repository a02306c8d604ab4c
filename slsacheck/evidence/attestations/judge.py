"""One attestation judged: signature, statement, expectations; each part apart from the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.evidence.attestations.answer import answer_of, simple_subjects
from slsacheck.evidence.attestations.builders import compare_builder, compare_identity
from slsacheck.evidence.attestations.consistency import contradictions
from slsacheck.evidence.attestations.expectations import (
    compare_named_refs,
    compare_parameters,
    compare_refs,
    compare_source,
    compare_workflow_inputs,
)
from slsacheck.evidence.attestations.files import file_size
from slsacheck.evidence.attestations.gcloud import compare_unsigned_copies
from slsacheck.evidence.attestations.judgement import WITHOUT_STATEMENT, Judgement, Question
from slsacheck.evidence.attestations.notation import stated_size
from slsacheck.evidence.attestations.provenance import Provenance, read_provenance
from slsacheck.evidence.attestations.pypi import compare_distribution, compare_publisher
from slsacheck.evidence.attestations.recognised import attestors_of
from slsacheck.evidence.attestations.roots import match_root, tenant_signed
from slsacheck.evidence.attestations.statement import misspelt_algorithm, parse_statement, subjects_match
from slsacheck.evidence.attestations.steps import RefusedError, shown
from slsacheck.record import replace

if TYPE_CHECKING:
    from slsacheck.evidence.attestations.envelope import Attestation
    from slsacheck.model.attestation import Verification

__all__ = ["Question", "judge_distribution", "judge_provenance", "judge_signature"]


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
    subjects = statement.subjects if statement else simple_subjects(judgement.attestation)
    if not any(digests for _, digests in subjects):
        judgement.findings.differ("subject", "subject-missing", "the statement names no subject with a digest")
        return
    for digests in question.digests:
        if not subjects_match(subjects, digests):
            odd = misspelt_algorithm(subjects, digests)
            if odd is not None:
                judgement.findings.differ("subject", "malformed", _misspelt(odd))
                return
            name = next((f"{key}:{value}" for key, value in digests.items()), "the artifact")
            about = f"{len(subjects)} others" if len(subjects) > 1 else (subjects[0][0] or "something without a name")
            message = f"the artifact ({shown(name)}) is not what it is about ({shown(about)})"
            judgement.findings.differ("subject", "hash-mismatch", message)
            return
    judgement.findings.hold("subject", f"{len(question.digests)} artifact(s) are subjects of the statement")


def _compare_size(judgement: Judgement) -> None:
    """The size that notation signed is that of the artifact, where its bytes are at hand."""
    stated = stated_size(judgement.attestation)
    if stated is None:
        judgement.findings.differ("size", "malformed", "the signed descriptor states no size")
        return
    for path in judgement.question.case.artifact:
        size = file_size(path)
        if size != stated:
            message = f"the signature is of {stated} bytes, {shown(path)} has {size}"
            judgement.findings.differ("size", "statement-mismatch", message)


def _misspelt(name: str) -> str:
    return (
        f"a subject has the artifact's digest under the name {shown(name)}, which in-toto does not know: names are "
        "written in lower case, as in sha256, so other verifiers find no subject; the producer must correct it"
    )


def judge_signature(attestation: Attestation, question: Question) -> Verification:
    """Signature, log and subjects alone; source and identity too where the case asks for them. Proves no level."""
    judgement = Judgement(attestation, question)
    judgement.authenticate()
    has_statement = judgement.read_statement(needed=_statement_needed(attestation, question))
    found = judgement.findings
    compare_identity(judgement.who, question.expected, found)
    _signature_source(judgement)
    _require_identity(judgement)
    if has_statement or not judgement.trail.problems:
        _subjects(judgement)
    if attestation.form == "notation":
        _compare_size(judgement)
    _compare_package(judgement)
    if judgement.provenance is not None:
        _match_root(judgement)
    judgement.tell_predicate()
    return answer_of(judgement, full=False)


def _require_identity(judgement: Judgement) -> None:
    """An image signed with a certificate passes only when it was said who should have signed: anybody can sign."""
    question, who = judgement.question, judgement.who
    if question.case.command != "verify-image" or who is None or who.identity is None or who.family == "notation":
        return
    if question.expected.identity is None or (question.expected.issuer is None and who.family != "x509"):
        judgement.findings.missing.append("--certificate-identity and --certificate-oidc-issuer")
        judgement.trail.impossible(
            "identity",
            "identity-mismatch",
            f"signed by {shown(who.identity.name)} ({shown(who.identity.issuer)}); is that the one you expect? "
            "Say so with --certificate-identity and --certificate-oidc-issuer, or give --source-uri for provenance",
        )


def _statement_needed(attestation: Attestation, question: Question) -> bool:
    return bool(question.digests) and attestation.form not in WITHOUT_STATEMENT


def _signature_source(judgement: Judgement) -> None:
    """The source, where one is expected, of a statement that need not be provenance: as the certificate names it."""
    expected = judgement.question.expected
    refs = (expected.source_tag, expected.source_versioned_tag, expected.source_branch, expected.source_revision)
    if expected.source_uri is None and all(one is None for one in refs):
        return
    identity = judgement.who.identity if judgement.who else None
    stated = judgement.provenance or Provenance("none", "")
    if judgement.provenance is None and identity is not None and identity.source_uri:
        ref, digest = identity.claim("source_ref") or "", identity.claim("source_digest") or ""
        stated = Provenance("none", "", source=identity.source_uri, ref=ref, digest=digest)
    compare_source(stated, identity, expected, judgement.findings)
    compare_refs(stated, identity, expected, judgement.findings)


def _compare_package(judgement: Judgement) -> None:
    """What a package index says beside the attestation, and the name of the distribution (PEP 740)."""
    identity = judgement.who.identity if judgement.who else None
    compare_publisher(dict(judgement.attestation.publisher), identity, judgement.findings)
    if judgement.statement is not None and judgement.question.case.command == "verify-pypi-package":
        compare_distribution(judgement.statement, judgement.question.case, judgement.findings)


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
            judgement.trail.refute("predicate", "unsupported", _other_predicate(judgement))
        else:
            _expectations(judgement, judgement.provenance)
            judgement.tell_predicate()
    return answer_of(judgement, full=True)


def _other_predicate(judgement: Judgement) -> str:
    """What the statement is instead of provenance."""
    statement = judgement.statement
    if statement is None:
        return "there is no statement"
    seen = attestors_of(statement.predicate_type, statement.predicate)
    if seen:
        return (
            f"it is a collection of witness ({shown(', '.join(seen))}): observations of a step, not SLSA provenance; "
            "witness writes provenance with `--attestations slsa --attestor-slsa-export`"
        )
    if judgement.known is not None:
        return f"the statement holds another predicate, {judgement.known.name}, not SLSA provenance"
    return f"the statement's predicate is {shown(statement.predicate_type)}, not SLSA provenance"


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
    compare_named_refs(provenance, found)
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
