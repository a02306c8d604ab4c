"""From a judgement to the answer: the verdict, the level that follows, and what would make an unknown decidable."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.evidence.attestations.expectations import source_ref
from slsacheck.evidence.attestations.jsondoc import as_map, as_text, dig, parse_json
from slsacheck.evidence.attestations.links import products_of
from slsacheck.evidence.attestations.notation import target_of
from slsacheck.evidence.attestations.recognised import attestors_of
from slsacheck.evidence.attestations.steps import RefusedError, shown
from slsacheck.model.attestation import Signer, StatementFacts, Verification

if TYPE_CHECKING:
    from slsacheck.evidence.attestations.authenticate import Authenticity
    from slsacheck.evidence.attestations.envelope import Attestation
    from slsacheck.evidence.attestations.judgement import Judgement
    from slsacheck.evidence.attestations.statement import Subject

__all__ = ["answer_of", "simple_subjects"]


_SIMPLE_SIGNING = ("cosign container image signature", "https://sigstore.dev/cosign/sign/v1")
"""What `critical.type` says in a payload of cosign's older format (sigstore, SIGNATURE_SPEC.md)."""


def simple_subjects(attestation: Attestation) -> tuple[Subject, ...]:
    """What a signature of notation or of cosign's older format is about, in the shape of subjects."""
    if attestation.form not in ("cosign-simplesigning", "notation", "in-toto-link"):
        return ()
    try:
        if attestation.form != "cosign-simplesigning":
            return (target_of if attestation.form == "notation" else products_of)(attestation)
        critical = as_map(dig(parse_json(attestation.payload, "the signed payload"), "critical"))
    except RefusedError:
        return ()
    if critical.get("type") not in _SIMPLE_SIGNING:
        return ()
    algorithm, _, value = as_text(dig(critical, "image", "docker-manifest-digest")).partition(":")
    return ((as_text(dig(critical, "identity", "docker-reference")), ((algorithm, value),) if value else ()),)


_MISSING_REASONS = {
    "--source-uri": "source-mismatch",
    "--builder-id": "builder-mismatch",
    "--certificate-identity": "identity-mismatch",
}


def _conclude(judgement: Judgement, *, full: bool) -> RefusedError | None:
    """What keeps the verdict from pass: a failure before anything undone, the signature's before the policy's."""
    trail, found = judgement.trail, judgement.findings
    unverified = "" if judgement.authentic else ", by its own unverified word"
    for step, detail in found.held:
        trail.passed(step, f"{detail}{unverified}")
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
            f"it may be somebody else's build as well, because what you expect was not all given: "
            f"{', '.join(found.missing)}",
        )
    return trail.worst


def answer_of(judgement: Judgement, *, full: bool) -> Verification:
    """The answer to a judgement. `full` asks for every expectation; only then is a level proved."""
    worst = _conclude(judgement, full=full)
    who, found, root = judgement.who, judgement.findings, judgement.level_root
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
        trust_domain=who.domain or None if who else None,
        slsa_level=(root.slsa_level if root else 1) if proved else None,
        digest=judgement.attestation.digest,
        path=judgement.attestation.path,
        payload=judgement.attestation.payload or None,
    )


def _step1(judgement: Judgement) -> int | None:
    """What signer and builder are trusted for: the root's level, else 1; None where nothing verified."""
    if not judgement.authentic or judgement.provenance is None or judgement.provenance.missing:
        return None
    return judgement.level_root.level if judgement.level_root else 1


def _why(judgement: Judgement, trusted: int | None, *, proved: bool) -> str:
    root = judgement.root
    if proved and trusted is not None:
        if root is None:
            return "no trust root names this signer and builder, so the provenance counts for level 1"
        if root.documented:
            return (
                f"{root.title}: not understood beyond what its documents say, because no signed sample of it was read "
                f"({root.id}), so it counts for level 1; a trust root of your own can say more"
            )
        return f"{root.title}: trusted to level {root.level} ({root.id}, {root.date})"
    if judgement.statement is None and judgement.payload_is_statement:
        return "the statement cannot be read, so no level is proved"
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
        return StatementFacts(subjects=simple_subjects(judgement.attestation), facts=claims)
    if provenance is None:
        seen = attestors_of(statement.predicate_type, statement.predicate)
        claims += tuple(("attestor", name) for name in seen)
        return StatementFacts(
            predicate_type=statement.predicate_type,
            predicate=judgement.known.name if judgement.known else None,
            faults=judgement.faults,
            subjects=statement.subjects,
            facts=claims,
        )
    return StatementFacts(
        predicate_type=statement.predicate_type,
        predicate=judgement.known.name if judgement.known else None,
        faults=judgement.faults,
        build_type=provenance.build_type or None,
        builder_id=provenance.builder_id or None,
        source_uri=provenance.source or None,
        source_ref=source_ref(provenance, identity) or None,
        source_digest=provenance.digest or None,
        entry_point=provenance.entry_point or None,
        invocation_id=provenance.invocation_id or None,
        subjects=statement.subjects,
        external_parameters=tuple(sorted(provenance.parameters.items())),
        facts=claims + tuple(("missing", name) for name in provenance.missing),
    )
