"""The parts of the JSON report: subjects, levels, results, facts and places."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from slsacheck.model import Artifact, Publication, Revision

from ._common import ordered_results, remedy_of, signer_document
from ._image import image_document

if TYPE_CHECKING:
    from collections.abc import Iterable

    from slsacheck.model import (
        AssessedSubject,
        AssessedTarget,
        Assessment,
        Finding,
        Named,
        Place,
        Production,
        Remedy,
        Result,
        Subject,
        TrackLevels,
        Verification,
    )
    from slsacheck.model.reporting import ReportOptions

__all__ = ["facts_document", "place_document", "result_documents", "subject_documents"]


def place_document(place: Place, target: str) -> dict[str, Any]:
    """A place; what does not apply is null."""
    return {
        "path": place.path,
        "line": place.line,
        "column": place.column,
        "url": place.url,
        "digest": place.digest,
        "excerpt": place.excerpt,
        "target": place.target or target,
    }


def _places(at: Iterable[Place], target: str) -> list[dict[str, Any]]:
    return [place_document(place, target) for place in at]


def subject_documents(subjects: Iterable[AssessedSubject], first: str) -> list[dict[str, Any]]:
    """The subjects with their levels, a publication with the ids of its artifacts."""
    subjects = list(subjects)
    parts: dict[str | None, list[str]] = {}
    for one in subjects:
        if isinstance(one.subject, Artifact):
            parts.setdefault(one.subject.publication, []).append(one.subject.id)
    return [_subject(one, parts.get(one.subject.id, []), first) for one in subjects]


def _subject(one: AssessedSubject, artifacts: list[str], first: str) -> dict[str, Any]:
    subject = one.subject
    target = subject.target or first
    return {
        "id": subject.id,
        "kind": subject.kind,
        "name": subject.name,
        **_thing(subject, target),
        "at": _places(subject.at, target),
        "levels": {levels.track: _levels(levels) for levels in one.levels},
        "publication": subject.publication if isinstance(subject, Artifact) else None,
        "artifacts": artifacts,
        "coverage": {"given": one.coverage.given, "expected": one.coverage.expected},
        "target": target,
    }


def _thing(subject: Subject, target: str) -> dict[str, Any]:
    match subject:
        case Publication():
            return _publication(subject, target)
        case Artifact():
            return _artifact(subject)
        case Revision():
            known = {"commit": subject.commit, "tag": subject.tag, "branch": subject.branch, "dirty": subject.dirty}
            return {"type": None, "channel": None, "digests": {}, "external": [], **known}
        case _:
            return {"type": None, "channel": None, "digests": {}, "external": []}


def _publication(subject: Publication, target: str) -> dict[str, Any]:
    return {
        "type": subject.type,
        "channel": subject.channel,
        "digests": {},
        "provenance": _production("generated", subject.provenance, target),
        "signing": _production("kind", subject.signing, target),
        "sbom": _production("generated", subject.sbom, target),
        "external": list(subject.external),
        "applies": subject.applies,
        "read": subject.read,
        "path": [
            {
                "kind": part.kind,
                "label": part.label,
                "at": place_document(part.at, target) if part.at else None,
                "broken": part.broken or None,
            }
            for part in subject.path
        ],
        "image_builds": [
            {
                "builder": build.builder,
                "dockerfile": build.dockerfile,
                "stage": build.stage or None,
                "provenance_mode": build.mode or None,
                "records": build.says[0] if build.says else None,
                "cannot_tell": build.says[1] if build.says[1:] else None,
                "at": place_document(build.at, target),
            }
            for build in subject.image_builds
        ],
    }


def _production(key: str, production: Production, target: str) -> dict[str, Any]:
    return {key: production.made, "how": production.how or None, "at": _places(production.at, target)}


def _artifact(subject: Artifact) -> dict[str, Any]:
    return {
        "type": subject.type,
        "channel": subject.channel,
        "digests": dict(subject.digests),
        "purl": subject.purl,
        "external": [],
        "looked_at": list(subject.looked_at),
        "lookup_complete": subject.lookup_complete,
        "attestations": [_verification(verification) for verification in subject.verifications],
        "facts": dict(subject.facts),
        **(image_document(subject) if subject.image is not None or subject.type == "container-image" else {}),
    }


def _verification(verification: Verification) -> dict[str, Any]:
    return {
        "digest": verification.digest,
        "path": verification.path,
        "verdict": verification.verdict,
        "reason_class": verification.reason_class,
        "message": verification.message,
        "steps": [{"name": step.name, "outcome": step.outcome, "detail": step.detail} for step in verification.steps],
        "predicate_type": verification.statement.predicate_type,
        "builder_id": verification.statement.builder_id,
        "source_uri": verification.statement.source_uri,
        "source_ref": verification.statement.source_ref,
        "signer": signer_document(verification.signer),
        "signed": verification.signed,
        "authentic": verification.authentic,
        "expectations": verification.expectations,
        "missing_expectations": list(verification.missing_expectations),
        "level": {"build": verification.level, "why": verification.level_why}
        if verification.level is not None
        else None,
        "step1_level": {"build": verification.step1_level} if verification.step1_level is not None else None,
        "trust_root": verification.trust_root,
    }


def _levels(levels: TrackLevels) -> dict[str, Any]:
    """The levels of a track; all numbers are null where the version does not define it."""
    known = levels.defined
    document: dict[str, Any] = {
        "defined": levels.defined,
        "applies": levels.applies,
        "proved": levels.proved if known else None,
        "authentic": levels.authentic,
        "configured": levels.configured if known else None,
        "declared": levels.declared if known else None,
        "possible": levels.possible if known else None,
        "top": levels.top,
        "blocked_by": list(levels.blocked_by),
        "why": levels.why,
        "missing_evidence": list(levels.missing_evidence),
        "trust_root": {"id": levels.trust_root, "date": levels.trust_root_date} if levels.trust_root else None,
        "disputes": [
            {"claim": dispute.claim, "level": dispute.level, "source": dispute.source} for dispute in levels.disputes
        ],
        "outcomes": {name: outcome.value for name, outcome in levels.outcomes},
    }
    if levels.areas:
        document["areas"] = {name: _levels(area) for name, area in levels.areas}
    return document


def result_documents(assessment: Assessment, options: ReportOptions) -> list[dict[str, Any]]:
    """Every result, in an order that depends on what was found alone."""
    subjects = {one.subject.id: one.subject for one in assessment.subjects}
    first = assessment.target.id
    return [
        _result(result, remedy_of(result, subjects.get(result.subject), options), first)
        for result in ordered_results(assessment)
    ]


def _result(result: Result, remedy: Remedy | None, first: str) -> dict[str, Any]:
    target = result.target or first
    return {
        "id": result.id,
        "check": result.check,
        "requirement": result.requirement,
        "atom": result.atom,
        "level": result.level,
        "track": result.track or None,
        "must": result.must,
        "attestation": result.attestation,
        "trust_root": result.trust_root,
        "subject": result.subject,
        "outcome": result.outcome.value,
        "reason": result.reason,
        "at": _places(result.at, target),
        "external": list(result.external),
        "missing": list(result.missing),
        "remedy": {
            "summary": remedy.summary,
            "text": remedy.text,
            "platform": remedy.platform,
            "effort": remedy.effort,
            "who": remedy.who or None,
        }
        if remedy
        else None,
        "spec_url": result.spec_url or None,
        "target": target,
    }


def facts_document(target: AssessedTarget) -> dict[str, Any]:
    """The facts of a target, levels apart."""
    facts = target.facts
    counts = facts.references
    return {
        "ci_systems": [_named(item, target.id) for item in facts.ci_systems],
        "build_tools": [_named(item, target.id) for item in facts.build_tools],
        "references": {
            "total": counts.total,
            "by_sha": counts.by_sha,
            "by_tag": counts.by_tag,
            "by_branch_or_other": counts.by_branch_or_other,
            "docker_tag": counts.docker_tag,
            "dynamic": counts.dynamic,
            "local": counts.local,
            "same_repository": counts.same_repository,
            "composite": {path: {"total": total} for path, total in sorted(counts.composite)},
        },
        "hazards": [_finding(item, target.id) for item in facts.hazards],
        "hints": [_finding(item, target.id) for item in facts.hints],
        "publishing": facts.publishing,
        "scripted_build": facts.scripted_build,
        "version_controlled": facts.version_controlled,
        "external": list(facts.external),
    }


def _named(item: Named, target: str) -> dict[str, Any]:
    return {
        "name": item.name,
        "live": item.live,
        "understood": item.understood,
        "note": item.note or None,
        "at": _places(item.at, target),
    }


def _finding(item: Finding, target: str) -> dict[str, Any]:
    return {
        "rule": item.rule,
        "severity": item.severity,
        "reason": item.reason,
        "remedy": item.remedy or None,
        "crosswalk": list(item.crosswalk),
        "at": _places(item.at, target),
        "target": item.target or target,
    }
