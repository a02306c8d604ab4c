"""Entries of a Rekor log by themselves: whether they are in the log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.evidence.attestations.files import read_bounded
from slsacheck.evidence.attestations.jsondoc import as_map, as_text, parse_json
from slsacheck.evidence.attestations.logentry import api_entries, bundle_entries, is_api_answer
from slsacheck.evidence.attestations.rekor import entry_body, verify_inclusion
from slsacheck.evidence.attestations.steps import RefusedError, Trail, shown
from slsacheck.model.attestation import Case, StatementFacts, Verification

if TYPE_CHECKING:
    from slsacheck.evidence.attestations.envelope import LogEntry
    from slsacheck.evidence.attestations.trustdata import TrustData, TrustDomain

__all__ = ["judge_entries"]


def _entries(path: str) -> tuple[LogEntry, ...]:
    """Entries as the API answers them, or one as a bundle holds it."""
    document = as_map(parse_json(read_bounded(path), shown(path)))
    if is_api_answer(document):
        return api_entries(document)
    if "canonicalizedBody" in document:
        return bundle_entries([document])
    raise RefusedError("malformed", f"{shown(path)} holds no entry of a Rekor log", step="read")


def _domain(entry: LogEntry, trust: TrustData) -> TrustDomain:
    for domain in trust.domains:
        if domain.log(entry.log_id) is not None:
            return domain
    raise RefusedError(
        "log-invalid",
        "the entry is of a log that is not trusted; if it is a private one, give its --trusted-root",
        step="log-inclusion",
    )


def judge_entries(case: Case, trust: TrustData) -> Verification:
    """Whether every entry in the case's files is in its log. Says nothing about what the entry is for, so no level."""
    trail, facts = Trail(), []
    paths = case.provenance or ((case.rekor_entry,) if case.rekor_entry else ())
    if not paths:
        trail.refute("read", "malformed", "no log entry was given; name its file")
    try:
        for entry in (entry for path in paths for entry in _entries(path)):
            body = entry_body(entry)
            inclusion = verify_inclusion(entry, _domain(entry, trust), proof_required=False)
            trail.passed("log-inclusion", inclusion.how)
            facts.append(("entry", f"{as_text(body.get('kind'))} {as_text(body.get('apiVersion'))}"))
            if inclusion.moment is not None:
                facts.append(("integrated_time", f"{inclusion.moment:%Y-%m-%dT%H:%M:%SZ}"))
    except RefusedError as problem:
        trail.failed(problem)
    worst = trail.worst
    return Verification(
        verdict=worst.verdict if worst else "pass",
        message=worst.message if worst else "the entry is in the log",
        reason_class=worst.reason_class if worst else None,
        id=case.id,
        steps=tuple(trail.steps),
        statement=StatementFacts(facts=tuple(facts)),
        level_why="a log entry alone proves no level",
        logged=worst is None,
        path=paths[0] if paths else None,
    )
