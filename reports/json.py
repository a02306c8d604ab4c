"""The JSON report; its names are promised, and `report.schema.json` beside this module describes them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from slsacheck.api import reporter

from ._common import not_looked_at, ordered_subjects, scalar, summary_counts
from ._document import facts_document, result_documents, subject_documents

if TYPE_CHECKING:
    from slsacheck.model import AssessedTarget, Assessment
    from slsacheck.model.reporting import ReportOptions

__all__ = ["FORMAT_VERSION", "document", "render"]

FORMAT_VERSION = "1.0"
"""Grows in its second part when names are added; a name that is there is never changed or dropped."""


@reporter("json", suffix=".json", help="everything, for programs; described by a published JSON Schema")
def render(assessment: Assessment, options: ReportOptions) -> str:
    """The report as JSON text: ASCII only, so that no byte of a target can steer a terminal or a viewer."""
    return json.dumps(_scalars(document(assessment, options)), indent=2, ensure_ascii=True, allow_nan=False) + "\n"


def document(assessment: Assessment, options: ReportOptions) -> dict[str, Any]:
    """The report as the object that is written; the same assessment always gives the same object."""
    first = assessment.target
    return {
        "format": "slsacheck-report",
        "format_version": FORMAT_VERSION,
        "tool": {
            "name": "slsacheck",
            "version": assessment.tool_version,
            "catalogue": assessment.catalogue_version,
        },
        "generated_at": assessment.generated_at,
        "spec": assessment.spec,
        "offline": assessment.offline,
        "target": _target(first),
        "targets": [{**_target(one), "facts": facts_document(one)} for one in assessment.targets],
        "subjects": subject_documents(ordered_subjects(assessment), first.id),
        "results": result_documents(assessment, options),
        "facts": facts_document(first),
        "requirements": [
            {
                "id": row.id,
                "title": row.title,
                "track": row.track_of(assessment.spec),
                "levels": list(row.levels),
                "spec_url": row.spec_url(assessment.spec),
                "crosswalks": [
                    {"framework": cross.framework, "id": cross.id, "relation": cross.relation}
                    for cross in row.crosswalks
                ],
            }
            for row in assessment.requirements
        ],
        "summary": _summary(assessment),
        "audit": _audit(assessment),
        **_ledgers(assessment),
        "gate": {
            "met": assessment.gate.met,
            "required": list(assessment.gate.required),
            "subjects": sorted(assessment.gate.subjects),
            "reasons": list(assessment.gate.reasons),
        },
    }


def _target(target: AssessedTarget) -> dict[str, Any]:
    return {
        "id": target.id,
        "kind": target.kind,
        "name": target.name,
        "revision": target.revision,
        "dirty": target.dirty,
        "tag": target.tag,
        "assessed": target.assessed,
    }


def _summary(assessment: Assessment) -> dict[str, Any]:
    _, counts = summary_counts(assessment)
    return {"outcomes": {outcome.value: counts[outcome] for outcome in sorted(counts)}, "checks": assessment.checks}


def _audit(assessment: Assessment) -> dict[str, Any] | None:
    """What is missing of a release; null where it was no audit."""
    if assessment.audit is None:
        return None
    return {
        "complete": not any(item.blocking for item in assessment.audit),
        "items": [
            {
                "kind": item.kind,
                "subject": item.subject,
                "reason": item.reason,
                "remedy": item.remedy,
                "blocking": item.blocking,
                "target": item.target or assessment.target.id,
            }
            for item in assessment.audit
        ],
    }


def _ledgers(assessment: Assessment) -> dict[str, Any]:
    """What a reader must be able to see whatever the levels: waivers, evidence, errors, and what was left out."""
    first = assessment.target.id
    return {
        "waivers": [
            {
                "atom": waiver.atom,
                "subject": waiver.subject,
                "reason": waiver.reason,
                "expires": waiver.expires,
                "expired": waiver.expired,
                "used": waiver.used,
            }
            for waiver in sorted(assessment.waivers, key=lambda waiver: (waiver.atom, waiver.subject, waiver.expires))
        ],
        "evidence": [
            {
                "name": record.name,
                "digest": record.digest or None,
                "collected_at": record.collected_at,
                "state": record.state,
                "reason": record.reason,
                "target": record.target or first,
            }
            for record in sorted(
                assessment.evidence, key=lambda record: (record.target or "", record.name, record.digest)
            )
        ],
        "errors": [
            {
                "where": problem.where,
                "reason": problem.reason,
                "advice": problem.advice,
                "fatal": problem.fatal,
                "target": problem.target or first,
            }
            for problem in sorted(assessment.errors, key=lambda one: (one.target or "", one.where, one.reason))
        ],
        "not_looked_at": [{"what": what, "reason": reason} for what, reason in not_looked_at(assessment)],
    }


def _scalars(value: Any) -> Any:
    """The value with every text made writable: lone surrogates would be refused by other readers of JSON."""
    if isinstance(value, str):
        return scalar(value)
    if isinstance(value, dict):
        return {scalar(key): _scalars(item) for key, item in value.items()}
    return [_scalars(item) for item in value] if isinstance(value, list) else value
