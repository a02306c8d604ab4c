"""Subjects by requirements, for the auditor; and what the parts of the page call a subject."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from slsacheck.model import Artifact, Publication

from ._common import folded, subject_label, track_title, type_words
from ._ink import MARKS

if TYPE_CHECKING:
    from slsacheck.model import AssessedSubject, Assessment, Result, Subject

__all__ = ["matrices_of", "named"]


def named(subject: Subject, anchors: dict[str, str]) -> dict[str, Any]:
    """The names of a subject, and the anchor of its section."""
    channel = subject.channel if isinstance(subject, Publication | Artifact) else None
    return {
        "anchor": anchors[subject.id],
        "name": subject.name,
        "label": subject_label(subject),
        "kind": subject.kind,
        "type": type_words(subject),
        "channel": channel or "",
        "target": subject.target or "",
    }


def matrices_of(
    assessment: Assessment, subjects: list[AssessedSubject], anchors: dict[str, str], results: dict[str, list[Result]]
) -> list[dict[str, Any]]:
    """For each track: subjects by requirements, with what other frameworks call the requirements."""
    found: list[dict[str, Any]] = []
    for track in dict.fromkeys(levels.track for one in subjects for levels in one.levels if levels.defined):
        rows = [row for row in assessment.requirements if row.track_of(assessment.spec) == track]
        lines: list[dict[str, Any]] = []
        for one in subjects:
            levels = one.track(track)
            if levels is not None and levels.defined:
                outcomes = dict(levels.outcomes)
                own = {result.requirement for result in results.get(one.subject.id, [])}
                marks = [
                    MARKS[outcomes[row.id]] if row.id in outcomes else _rest(row.id, own, one, results) for row in rows
                ]
                lines.append({**named(one.subject, anchors), "marks": marks})
        if rows and lines:
            found.append({"title": track_title(track), "rows": rows, "lines": lines, "frameworks": _frameworks(rows)})
    return found


def _rest(name: str, own: set[str], one: AssessedSubject, results: dict[str, list[Result]]) -> str:
    if name not in own:
        return ""
    return MARKS[folded(result for result in results[one.subject.id] if result.requirement == name)]


def _frameworks(rows: list[Any]) -> list[dict[str, Any]]:
    names = dict.fromkeys(cross.framework for row in rows for cross in row.crosswalks)
    return [
        {
            "name": name,
            "ids": [[cross for cross in row.crosswalks if cross.framework == name] for row in rows],
        }
        for name in sorted(names)
    ]
