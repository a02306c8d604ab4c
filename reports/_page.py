"""What the HTML page shows, shaped for its templates: texts, numbers and anchors, no markup."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from slsacheck.model import Artifact, Outcome, Publication

from ._common import (
    OPEN,
    OUTCOME_WORDS,
    by_subject,
    folded,
    level_text,
    not_looked_at,
    ordered_results,
    ordered_subjects,
    plural,
    remedy_of,
    safe_url,
    summary_counts,
    track_title,
)
from ._groups import blocking_groups, floor_subjects, subjects_text
from ._hanging import base_line, branches_of, claim_lines
from ._ink import MARKS
from ._matrix import matrices_of, named
from ._path import drawing_of
from ._release import in_a_sentence
from ._text import clean
from ._verdict import verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from slsacheck.model import AssessedSubject, Assessment, Place, Remedy, Result, Subject, TrackLevels
    from slsacheck.model.reporting import ReportOptions

__all__ = ["Block", "page_of"]

INLINE = 60
"""Up to this many subjects a remedy stands with each finding; a page with more refers to one list of remedies."""
MOST_PLACES = 20
MOST_GROUPS = 100
MOST_LEAVES = 200
"""Attachments of one image that are shown; genuine images have ten."""
_KINDS = {
    "publication": "Publications",
    "artifact": "Artifacts",
    "revision": "Source revisions",
    "platform": "Platforms",
}


class Block(str):
    """Text of several lines in which every line is harmless already; the page shows it as it stands."""

    __slots__ = ()


def page_of(assessment: Assessment, options: ReportOptions) -> dict[str, Any]:
    """Everything that the templates ask for."""
    subjects = ordered_subjects(assessment)
    anchors = {one.subject.id: f"s{number}" for number, one in enumerate(subjects, 1)}
    shelf = Shelf(options, inline=len(subjects) <= INLINE)
    what, counts = summary_counts(assessment)
    results = by_subject(ordered_results(assessment))
    low = floor_subjects(assessment)
    groups = blocking_groups(assessment)
    page: dict[str, Any] = {
        "assessment": assessment,
        "verdict": verdict(assessment),
        "what": what,
        "tiles": [(MARKS[outcome], word, counts[outcome]) for outcome, word in OUTCOME_WORDS.items()],
        "hazards": sum(len(target.facts.hazards) for target in assessment.targets),
        "tables": _tables(subjects, anchors, low, results),
        "groups": [_group(group, anchors, shelf) for group in groups[:MOST_GROUPS]],
        "groups_left": max(0, len(groups) - MOST_GROUPS),
        "subjects": [_subject(one, anchors, results.get(one.subject.id, []), assessment, shelf) for one in subjects],
        "matrices": matrices_of(assessment, subjects, anchors, results),
        "declared": [
            (anchors.get(one.subject, ""), one)
            for one in ordered_results(assessment)
            if one.outcome is Outcome.DECLARED
        ],
        "skipped": not_looked_at(assessment),
    }
    page["audit_says"] = in_a_sentence(assessment.audit) if assessment.audit is not None else ""
    return page | {"remedies": shelf.kept}


class Shelf:
    """The remedies of a page, each once, with an anchor."""

    def __init__(self, options: ReportOptions, *, inline: bool) -> None:
        self.options = options
        self.inline = inline
        self.kept: list[dict[str, Any]] = []
        self._known: dict[tuple[str, str], dict[str, Any]] = {}

    def of(self, result: Result, subject: Subject | None) -> dict[str, Any] | None:
        """What to do about a result; None where there is nothing to be done."""
        remedy = remedy_of(result, subject, self.options)
        if remedy is None:
            return None
        key = (remedy.requirement, remedy.platform)
        if key not in self._known:
            self._known[key] = {**_remedy(remedy), "anchor": f"r{len(self._known) + 1}", "inline": self.inline}
            if not self.inline:
                self.kept.append(self._known[key])
        return self._known[key]


def _remedy(remedy: Remedy) -> dict[str, Any]:
    text = Block("\n".join(clean(line) for line in remedy.text.rstrip().split("\n")))
    return {
        "summary": remedy.summary,
        "text": text,
        "effort": remedy.effort,
        "who": remedy.who,
        "for": remedy.requirement,
    }


def _place(place: Place) -> dict[str, Any]:
    return {"text": str(place), "url": safe_url(place.url), "excerpt": (place.excerpt or "").strip()}


def _places(at: Iterable[Place]) -> dict[str, Any]:
    places = list(dict.fromkeys(at))
    return {"shown": [_place(place) for place in places[:MOST_PLACES]], "left": max(0, len(places) - MOST_PLACES)}


def _levels(levels: TrackLevels) -> dict[str, Any]:
    """The levels as cells: the text, the level to draw, and how it sorts (what is not known below 0)."""
    known = levels.defined and levels.applies
    names = ["proved", "declared" if levels.track == "source" else "configured", "possible"]
    cells = []
    for name in names:
        value = getattr(levels, name)
        text = level_text(value) if known else "\N{EN DASH}"
        filled = (value or 0) if known else 0
        cells.append(
            {"name": name, "text": text, "filled": filled, "sort": -1 if not known or value is None else value}
        )
    return {"cells": cells, "top": max(levels.top, 1), "known": known, "title": track_title(levels.track), "of": levels}


def _tables(
    subjects: list[AssessedSubject], anchors: dict[str, str], low: frozenset[str], results: dict[str, list[Result]]
) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for kind, title in _KINDS.items():
        chosen = [one for one in subjects if one.subject.kind == kind]
        for track in dict.fromkeys(levels.track for one in chosen for levels in one.levels):
            rows = [
                _row(one, levels, anchors, low, results.get(one.subject.id, []))
                for one in chosen
                if (levels := one.track(track)) is not None
            ]
            rows.sort(key=lambda row: not row["floor"])
            names = [cell["name"] for cell in rows[0]["levels"]["cells"]]
            found.append({"title": title, "track": track_title(track), "rows": rows, "names": names, "kind": kind})
    return found


def _row(
    one: AssessedSubject, levels: TrackLevels, anchors: dict[str, str], low: frozenset[str], results: list[Result]
) -> dict[str, Any]:
    outcomes = {outcome for _, outcome in levels.outcomes} | {result.outcome for result in results}
    return {
        **named(one.subject, anchors),
        "levels": _levels(levels),
        "why": levels.why if levels.defined else "this version of the specification does not define the track",
        "blocked_by": levels.blocked_by,
        "floor": one.subject.id in low,
        "outcomes": [MARKS[outcome] for outcome in Outcome if outcome in outcomes],
    }


def _group(group: Any, anchors: dict[str, str], shelf: Shelf) -> dict[str, Any]:
    result = group.first
    subject = group.subjects[0] if group.subjects else None
    return {
        **_finding([result], subject, shelf),
        "name": group.title,
        "reason": group.reason,
        "atoms": list(group.atoms),
        "names": subjects_text(group.subjects),
        "anchor": anchors.get(result.subject, ""),
        "count": len(group.subjects),
        "on_floor": group.on_floor,
        "places": _places(group.places),
        "external": list(group.external),
        "missing": list(group.missing),
    }


def _finding(results: list[Result], subject: Subject | None, shelf: Shelf) -> dict[str, Any]:
    """One or more results of a kind as the reader sees them."""
    first = results[0]
    return {
        "outcome": first.outcome,
        "mark": MARKS[first.outcome],
        "level": first.level,
        "reason": first.reason,
        "atom": first.atom,
        "must": first.must,
        "check": first.check,
        "trust_root": first.trust_root,
        "attestation": first.attestation,
        "detail": first.detail,
        "url": safe_url(first.spec_url),
        "places": _places(place for result in results for place in result.at),
        "external": [name for result in results for name in result.external],
        "missing": [name for result in results for name in result.missing],
        "remedy": shelf.of(first, subject),
    }


def _subject(
    one: AssessedSubject, anchors: dict[str, str], results: list[Result], assessment: Assessment, shelf: Shelf
) -> dict[str, Any]:
    subject = one.subject
    publication = subject if isinstance(subject, Publication) else None
    artifact = subject if isinstance(subject, Artifact) else None
    worst = {result.outcome for result in results} & OPEN
    return {
        **named(subject, anchors),
        "id": subject.id,
        "levels": [_levels(levels) for levels in one.levels],
        "worst": MARKS[folded(result for result in results if result.outcome in OPEN)] if worst else "",
        "drawing": drawing_of(publication) if publication else None,
        "publication": publication,
        "artifact": artifact,
        "tree": _tree(artifact) if artifact is not None and artifact.image is not None else None,
        "stations": [(part, _place(part.at) if part.at else None) for part in publication.path] if publication else [],
        "coverage": one.coverage,
        "belongs_to": anchors.get(artifact.publication or "", "") if artifact else "",
        "requirements": _requirements(one, results, assessment, shelf),
        "size": plural(len(results), "result"),
    }


def _tree(artifact: Artifact) -> dict[str, Any]:
    """What hangs on an image, what it claims, and what it was made from."""
    image = artifact.image
    assert image is not None
    branches = branches_of(artifact)
    return {
        "branches": [{"of": branch, "leaves": branch.leaves[:MOST_LEAVES]} for branch in branches],
        "claims": list(claim_lines(artifact)),
        "bases": [base_line(base) for base in image.bases],
        "image": image,
    }


def _requirements(
    one: AssessedSubject, results: list[Result], assessment: Assessment, shelf: Shelf
) -> list[dict[str, Any]]:
    """Requirement by requirement: its folded outcome, and each result behind it."""
    folds = {name: outcome for levels in one.levels for name, outcome in levels.outcomes}
    behind: dict[str, list[Result]] = {}
    for result in results:
        behind.setdefault(result.requirement, []).append(result)
    titles = {row.id: row for row in assessment.requirements}
    found: list[dict[str, Any]] = []
    for name in dict.fromkeys([*(row for row in titles if row in folds or row in behind), *folds, *behind]):
        rest = behind.get(name, [])
        outcome = folds.get(name) or folded(rest)
        row = titles.get(name)
        found.append(
            {
                "id": name,
                "title": row.title if row else name,
                "meaning": row.meaning if row else "",
                "url": safe_url(row.spec_url(assessment.spec)) if row else None,
                "mark": MARKS[outcome],
                "open": outcome in OPEN,
                "results": [_finding([result], one.subject, shelf) for result in rest],
            }
        )
    return found
