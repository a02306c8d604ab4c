"""SARIF 2.1.0 for code scanning: a rule per requirement and hazard, a result per finding.

FAIL is `error` (a recommendation: `warning`). UNKNOWN has the kind `open` and ERROR the kind `review`, both with the
level `none`, which section 3.27.10 of SARIF requires of everything that is not of the kind `fail`. Other outcomes are
written with -v only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from slsacheck.api import reporter
from slsacheck.model import Outcome

from ._common import ordered_results, ordered_subjects, remedy_of, safe_url, scalar, subject_label
from ._text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from slsacheck.model import Assessment, Finding, Place, Requirement, Result, Subject
    from slsacheck.model.reporting import ReportOptions

__all__ = ["render"]

MOST_RESULTS = 25_000
"""Most results of a run that code scanning services take; what is left out is said in a notification."""
_KIND = {
    Outcome.PASS: "pass",
    Outcome.CONFIGURED: "informational",
    Outcome.DECLARED: "informational",
    Outcome.FAIL: "fail",
    Outcome.UNKNOWN: "open",
    Outcome.ERROR: "review",
    Outcome.NOT_APPLICABLE: "notApplicable",
}
_ALWAYS = frozenset({Outcome.FAIL, Outcome.UNKNOWN, Outcome.ERROR})
_SEVERITY = {"high": "error", "medium": "warning", "low": "note", "info": "note"}
_SCORES = {"high": "8.0", "medium": "5.0", "low": "2.0", "info": "0.0"}


@reporter("sarif", suffix=".sarif", help="SARIF 2.1.0 for code scanning services")
def render(assessment: Assessment, options: ReportOptions) -> str:
    """The report as SARIF text, ASCII only."""
    import json

    return json.dumps(_document(assessment, options), indent=2, ensure_ascii=True, allow_nan=False) + "\n"


def _document(assessment: Assessment, options: ReportOptions) -> dict[str, Any]:
    subjects = {one.subject.id: one.subject for one in ordered_subjects(assessment)}
    chosen = [one for one in ordered_results(assessment) if options.verbosity > 0 or one.outcome in _ALWAYS]
    hazards = [item for target in assessment.targets for item in target.facts.hazards]
    rules = _rules(assessment, chosen, hazards, subjects, options)
    number = {rule["id"]: index for index, rule in enumerate(rules)}
    results = [_result(one, subjects.get(one.subject), number) for one in chosen]
    results += [_hazard(item, number) for item in hazards]
    run = {
        "tool": {
            "driver": {
                "name": "slsacheck",
                "semanticVersion": assessment.tool_version,
                "properties": {"catalogue": assessment.catalogue_version, "spec": assessment.spec},
                "rules": rules,
            }
        },
        "automationDetails": {"id": f"slsacheck/{scalar(assessment.spec)}/"},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"SRCROOT": {"description": {"text": "The root of the target."}}},
        "invocations": [_invocation(assessment, len(results))],
        "results": results[:MOST_RESULTS],
    }
    return {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}


def _invocation(assessment: Assessment, found: int) -> dict[str, Any]:
    notes = [
        {"level": "error", "message": {"text": clean(f"{problem.where}: {problem.reason} {problem.advice}".strip())}}
        for problem in assessment.errors
    ]
    if found > MOST_RESULTS:
        text = f"{found - MOST_RESULTS} results were left out; the JSON report has them"
        notes.append({"level": "warning", "message": {"text": text}})
    return {
        "executionSuccessful": not any(problem.fatal for problem in assessment.errors),
        "endTimeUtc": clean(assessment.generated_at),
        "toolExecutionNotifications": notes,
    }


def _rules(
    assessment: Assessment,
    results: Iterable[Result],
    hazards: Iterable[Finding],
    subjects: dict[str, Subject],
    options: ReportOptions,
) -> list[dict[str, Any]]:
    """The rules in catalogue order, then requirements of plug-ins, then hazards; each with its help."""
    firsts: dict[str, Result] = {}
    for result in results:
        if result.requirement not in firsts or result.outcome is Outcome.FAIL:
            firsts[result.requirement] = result
    known = {row.id: row for row in assessment.requirements}
    rules = [_rule(row, assessment, firsts.get(row.id), subjects, options) for row in known.values()]
    rules += [{"id": scalar(name), "shortDescription": {"text": clean(name)}} for name in firsts if name not in known]
    named: dict[str, Finding] = {}
    for item in hazards:
        named.setdefault(item.rule, item)
    return rules + [_hazard_rule(item) for item in named.values()]


def _rule(
    row: Requirement,
    assessment: Assessment,
    result: Result | None,
    subjects: dict[str, Subject],
    options: ReportOptions,
) -> dict[str, Any]:
    remedy = remedy_of(result, subjects.get(result.subject), options) if result else None
    text, markdown = row.meaning, row.meaning
    if remedy is not None:
        text = f"{row.meaning}\n\n{remedy.summary} ({remedy.effort})\n\n{remedy.text}"
        fence = "`" * 4
        markdown = (
            f"{row.meaning}\n\n**{remedy.summary}** ({remedy.effort})\n\n{fence}\n{remedy.text.rstrip()}\n{fence}\n"
        )
    rule: dict[str, Any] = {
        "id": row.id,
        "name": "".join(part.capitalize() for part in row.id.replace(".", "-").split("-")),
        "shortDescription": {"text": row.title},
        "fullDescription": {"text": row.meaning},
        "help": {"text": scalar(text), "markdown": scalar(markdown)},
        "properties": {"tags": ["supply-chain", f"track/{row.track_of(assessment.spec)}"], "precision": "high"},
    }
    url = safe_url(row.spec_url(assessment.spec))
    return rule | ({"helpUri": url} if url else {})


def _hazard_rule(item: Finding) -> dict[str, Any]:
    text = clean(item.remedy or item.reason)
    return {
        "id": f"hazard/{scalar(item.rule)}",
        "shortDescription": {"text": clean(item.rule.replace("-", " "))},
        "help": {"text": text},
        "properties": {"tags": ["security", "supply-chain"], "security-severity": _SCORES[item.severity]},
    }


def _result(result: Result, subject: Subject | None, number: dict[str, int]) -> dict[str, Any]:
    failed = result.outcome is Outcome.FAIL
    label = clean(subject_label(subject)) if subject else clean(result.subject)
    return {
        "ruleId": scalar(result.requirement),
        "ruleIndex": number[scalar(result.requirement)],
        "kind": _KIND[result.outcome],
        "level": ("error" if result.must else "warning") if failed else "none",
        "message": {"text": f"{label}: {clean(result.reason)}"},
        "locations": _locations(result.at[:1], result.subject, subject.kind if subject else None),
        "relatedLocations": [
            {**place, "id": index} for index, place in enumerate(_locations(result.at[1:11], None, None), 1)
        ],
        "partialFingerprints": {"slsacheckResult/v1": scalar(result.id)},
        "properties": {
            "outcome": result.outcome.value,
            "atom": scalar(result.atom),
            "slsaLevel": result.level,
            "external": [clean(name) for name in result.external],
            "missing": [clean(name) for name in result.missing],
        },
    }


def _hazard(item: Finding, number: dict[str, int]) -> dict[str, Any]:
    from hashlib import sha256

    rule = f"hazard/{scalar(item.rule)}"
    # Lines move when a file is edited above them, the quoted text does not: only it goes into the fingerprint.
    known = [item.rule, item.reason, *(f"{place.path} {place.excerpt}" for place in item.at)]
    return {
        "ruleId": rule,
        "ruleIndex": number[rule],
        "kind": "fail",
        "level": _SEVERITY[item.severity],
        "message": {"text": clean(item.reason)},
        "locations": _locations(item.at[:1], None, None),
        "partialFingerprints": {"slsacheckHazard/v1": sha256("\n".join(known).encode("utf-8", "replace")).hexdigest()},
    }


def _locations(at: Iterable[Place], subject: str | None, kind: str | None) -> list[dict[str, Any]]:
    logical = [{"fullyQualifiedName": clean(subject), "kind": kind or "resource"}] if subject else []
    found: list[dict[str, Any]] = []
    for place in at:
        location = _physical(place) | ({"logicalLocations": logical} if logical else {})
        if location:
            found.append(location)
    return found or ([{"logicalLocations": logical}] if logical else [])


def _physical(place: Place) -> dict[str, Any]:
    """A location in a file of the target; the path is percent-encoded so that it can be nothing but a relative path."""
    from urllib.parse import quote

    if place.path is None:
        return {}
    parts = [quote(scalar(part), safe="") for part in place.path.split("/") if part not in ("", ".", "..")]
    where: dict[str, Any] = {"artifactLocation": {"uri": "/".join(parts), "uriBaseId": "SRCROOT"}}
    if place.line is not None:
        where["region"] = {"startLine": place.line}
        if place.column is not None:
            where["region"]["startColumn"] = place.column
        if place.excerpt:
            where["region"]["snippet"] = {"text": clean(place.excerpt)}
    return {"physicalLocation": where}
