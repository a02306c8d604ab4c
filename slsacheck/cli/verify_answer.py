"""A verification as JSON (output contract, section 2) and as text for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.cli.verify_advice import explained

if TYPE_CHECKING:
    from slsacheck.evidence.online.cases import Answered
    from slsacheck.model.attestation import Case, Signer, Verification

__all__ = ["as_document", "as_text", "own_root", "printable", "signer_document"]

_MARKS = {"pass": "ok", "fail": "FAIL", "not-possible": "?", "not-applicable": "-"}


def as_document(
    answer: Verification,
    case: Case,
    asked: Answered | None = None,
    ages: dict[str, dict[str, object]] | None = None,
) -> dict[str, object]:
    """The answer as the output contract has it, with what was `asked` for it; `ages` keeps those told in this run."""
    from slsacheck.cli.trust_age import age_document

    facts = answer.statement
    return {
        "id": answer.id,
        "verdict": answer.verdict,
        "reason_class": answer.reason_class,
        "message": explained(answer),
        "steps": [{"name": step.name, "outcome": step.outcome, "detail": step.detail} for step in answer.steps],
        "builder_id": facts.builder_id,
        "build_type": facts.build_type,
        "source_uri": facts.source_uri,
        "source_ref": facts.source_ref,
        "source_digest": facts.source_digest,
        "predicate_type": facts.predicate_type,
        "predicate": facts.predicate,
        "predicate_faults": list(facts.faults),
        "signer": signer_document(answer.signer),
        "level": None if answer.level is None else {"build": answer.level, "why": answer.level_why},
        "step1_level": None if answer.step1_level is None else {"build": answer.step1_level},
        "trust_root": answer.trust_root,
        "signed": answer.signed,
        "authentic": answer.authentic,
        "expectations": answer.expectations,
        "missing_expectations": list(answer.missing_expectations),
        "form": answer.form,
        "digest": answer.digest,
        "path": answer.path,
        "evidence": [
            {"name": one.name, "url": one.url, "digest": f"sha256:{one.digest}", "collected_at": one.collected_at}
            for one in (asked.fetched if asked else ())
        ],
        "not_found": list(asked.problems if asked else ()),
        "platforms": [_platform(name, one) for name, one in answer.platforms],
        "notes": list(answer.notes),
        "trust_data": age_document(answer, own_root=own_root(case), own_key=case.public_key, told=ages),
    }


def own_root(case: Case) -> str | None:
    """The file with the authorities that the user gave; None where the tool's own decided."""
    return case.ca_roots or case.certificate_chain or case.trusted_root


def _platform(name: str, answer: Verification) -> dict[str, object]:
    """What is said of one platform's image of an index."""
    return {
        "platform": name,
        "verdict": answer.verdict,
        "reason_class": answer.reason_class,
        "message": answer.message,
        "signer": signer_document(answer.signer),
    }


def signer_document(signer: Signer | None) -> dict[str, str | None] | None:
    """A signer for programs; null where there is none."""
    return None if signer is None else {"identity": signer.identity, "issuer": signer.issuer}


def printable(text: str) -> str:
    """The text on one line, with what a terminal would obey escaped."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)


def as_text(answer: Verification, case: Case, asked: Answered | None = None) -> str:
    """The answer for people: verdict and reason, the steps, the level, and what would make an unknown decidable."""
    from slsacheck.cli.trust_age import age_text

    facts = answer.statement
    lines = [f"{answer.verdict.upper()}: {explained(answer)}", ""]
    width = max((len(step.name) for step in answer.steps), default=0)
    lines += [f"  {_MARKS.get(step.outcome, '?'):4}  {step.name:{width}}  {step.detail}" for step in answer.steps]
    said = {
        "file": answer.path,
        "signer": answer.signer.identity if answer.signer else None,
        "issuer": answer.signer.issuer if answer.signer else None,
        "builder": facts.builder_id,
        "source": facts.source_uri,
        "ref": facts.source_ref,
        "revision": facts.source_digest,
        "predicate": f"{facts.predicate_type} ({facts.predicate})" if facts.predicate else facts.predicate_type,
    }
    stated = [f"  {name:10} {value}" for name, value in said.items() if value]
    if stated:
        lines += ["", *([] if answer.authentic else ["  What it says of itself, unverified:"]), *stated]
    level = "none proved" if answer.level is None else f"{answer.level} proved"
    lines += ["", f"Build level: {level} ({answer.level_why})"]
    lines.append(age_text(answer, own_root=own_root(case), own_key=case.public_key))
    lines += [f"Note: {one}" for one in answer.notes]
    lines += [f"Asked: {one.name}: {one.url} (sha256:{one.digest})" for one in (asked.fetched if asked else ())]
    lines += [f"Not found: {one}" for one in (asked.problems if asked else ())]
    if answer.missing_expectations and answer.verdict != "fail":
        lines += ["To decide it, give:", *(f"  {flag}" for flag in answer.missing_expectations)]
    return "\n".join(printable(line) for line in lines) + "\n"
