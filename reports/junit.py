"""JUnit XML: a test case per subject and requirement, so that CI systems show it where people look.

Only PASS is a test that passed. FAIL is a failure and ERROR an error; all others are skipped with their reason, except
that UNKNOWN is a failure where an unmet gate asks for the requirement: a gate fails closed.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from slsacheck.api import reporter
from slsacheck.model import Outcome

from ._common import OUTCOME_WORDS, by_subject, folded, ordered_results, ordered_subjects, remedy_of, subject_label
from ._text import clean

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from slsacheck.model import AssessedSubject, Assessment, Result
    from slsacheck.model.reporting import ReportOptions

__all__ = ["render"]

_KINDS = {"failure": "failures", "error": "errors", "skipped": "skipped"}


@reporter("junit", suffix=".xml", help="JUnit XML for CI systems: a test case per subject and requirement")
def render(assessment: Assessment, options: ReportOptions) -> str:
    """The report as JUnit XML."""
    from xml.etree import ElementTree as ET

    root = ET.Element("testsuites", name="slsacheck", time=f"{assessment.seconds:.3f}")
    grouped = by_subject(ordered_results(assessment))
    needed = _needed(assessment)
    for one in ordered_subjects(assessment):
        suite = _suite(root, assessment, _text(f"{one.subject.kind} {subject_label(one.subject)}"))
        for name, (outcome, results) in _cases(one, grouped.get(one.subject.id, [])).items():
            case = ET.SubElement(suite, "testcase", classname=_text(one.subject.id), name=_text(name), time="0")
            wanted = one.subject.id in needed.get(name, ())
            _outcome(case, one, outcome, results, options, wanted=wanted)
        _count(suite)
    _audit(root, assessment)
    _gate(root, assessment)
    _count(root)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _text(text: str) -> str:
    """The lines of a text without what XML forbids or what steers a viewer; ElementTree escapes the rest."""
    return "\n".join(clean(line) for line in text.split("\n"))


def _suite(root: Element, assessment: Assessment, name: str) -> Element:
    from xml.etree.ElementTree import SubElement

    return SubElement(root, "testsuite", name=name, timestamp=assessment.generated_at.removesuffix("Z"))


def _cases(one: AssessedSubject, results: list[Result]) -> dict[str, tuple[Outcome, list[Result]]]:
    """The folded outcome of each requirement of a subject, and the results behind it."""
    behind: dict[str, list[Result]] = {}
    for result in results:
        behind.setdefault(result.requirement, []).append(result)
    found = {name: (outcome, behind.get(name, [])) for levels in one.levels for name, outcome in levels.outcomes}
    return found | {name: (folded(rest), rest) for name, rest in behind.items() if name not in found}


def _needed(assessment: Assessment) -> dict[str, frozenset[str]]:
    """By requirement: the subjects for which an unmet gate asks for it."""
    gate = assessment.gate
    if gate.met:
        return {}
    wanted = {
        track: int(level) for track, _, level in (text.partition("=") for text in gate.required) if level.isdecimal()
    }
    return {
        row.id: frozenset(gate.subjects)
        for row in assessment.requirements
        if min(row.levels, default=1) <= wanted.get(row.track_of(assessment.spec), 0)
    }


def _outcome(
    case: Element,
    one: AssessedSubject,
    outcome: Outcome,
    results: list[Result],
    options: ReportOptions,
    *,
    wanted: bool,
) -> None:
    from xml.etree.ElementTree import SubElement

    decisive = [result for result in results if result.outcome is outcome]
    first = decisive[0] if decisive else None
    properties = SubElement(case, "properties")
    SubElement(properties, "property", name="outcome", value=outcome.value)
    if first is not None:
        SubElement(properties, "property", name="spec", value=_text(first.spec_url))
        _place(case, first)
    tag = {Outcome.PASS: None, Outcome.FAIL: "failure", Outcome.ERROR: "error"}.get(outcome, "skipped")
    if outcome is Outcome.UNKNOWN and wanted:
        tag = "failure"
    if tag is None:
        return
    reason = first.reason if first else ""
    message = _text(reason if reason and tag != "skipped" else f"{OUTCOME_WORDS[outcome]}: {reason}".rstrip(": "))
    told = SubElement(case, tag, message=message)
    if tag != "skipped":
        told.set("type", outcome.value)
        told.text = _text(_body(decisive, one, options))


def _place(case: Element, result: Result) -> None:
    for place in result.at[:1]:
        if place.path is not None:
            case.set("file", _text(place.path))
        if place.path is not None and place.line is not None:
            case.set("line", str(place.line))


def _body(results: list[Result], one: AssessedSubject, options: ReportOptions) -> str:
    lines: list[str] = []
    for result in results:
        lines.append(f"{result.atom} (level {result.level}): {result.reason}")
        lines += [f"  {place}" + (f"  {place.excerpt.strip()}" if place.excerpt else "") for place in result.at]
        remedy = remedy_of(result, one.subject, options)
        if remedy is not None:
            lines += [f"  to do ({remedy.effort}): {remedy.summary}", remedy.text.rstrip()]
        lines.append(f"  {result.spec_url}")
    return "\n".join(lines)


def _gate(root: Element, assessment: Assessment) -> None:
    """The gate as a test case of its own, so that a run that fails is never all green."""
    from xml.etree.ElementTree import SubElement

    gate = assessment.gate
    if not gate.required:
        return
    suite = _suite(root, assessment, "gate")
    case = SubElement(suite, "testcase", classname="gate", name=_text(", ".join(gate.required)), time="0")
    if not gate.met:
        told = SubElement(case, "failure", message="the gate is not met", type="gate")
        told.text = _text("\n".join(gate.reasons))
    _count(suite)


def _audit(root: Element, assessment: Assessment) -> None:
    """What a release lacks: a test case each, and one that passes where nothing is missing."""
    from xml.etree.ElementTree import SubElement

    if assessment.audit is None:
        return
    suite = _suite(root, assessment, "release")
    for item in assessment.audit:
        case = SubElement(suite, "testcase", classname="release", name=_text(item.reason), time="0")
        told = SubElement(case, "failure" if item.blocking else "skipped", message=_text(item.reason))
        if item.blocking:
            told.set("type", item.kind)
        told.text = _text(item.remedy)
    if not any(item.blocking for item in assessment.audit):
        SubElement(suite, "testcase", classname="release", name="nothing is missing", time="0")
    _count(suite)


def _count(element: Element) -> None:
    cases = list(element.iter("testcase"))
    counts = Counter(child.tag for case in cases for child in case)
    element.set("tests", str(len(cases)))
    for tag, name in _KINDS.items():
        element.set(name, str(counts[tag]))
