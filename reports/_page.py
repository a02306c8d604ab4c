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
    safe_url,
    subject_label,
    summary_counts,
    track_title,
)
from ._groups import Group, blocking_groups, floor_subjects, followers, hazard_groups, waiting
from ._hanging import EXPECTED, base_line, branches_of, claim_lines
from ._ink import MARKS
from ._matrix import matrices_of, named
from ._path import drawing_of
from ._release import in_a_sentence
from ._shelf import Shelf, place_of, places_of
from ._verdict import verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from slsacheck.model import AssessedSubject, Assessment, Finding, Result, Subject, TrackLevels
    from slsacheck.model.reporting import ReportOptions

__all__ = ["page_of"]

INLINE = 60
"""Up to this many subjects a remedy stands with each finding; a page with more refers to one list of remedies."""
MOST_GROUPS = 100
MOST_NAMES = 40
"""Subjects of one finding that are named; the table of levels has them all."""
MOST_LEAVES = 200
"""Attachments of one image that are shown; genuine images have ten."""
_KINDS = {
    "publication": "Publications",
    "artifact": "Artifacts",
    "revision": "Source revisions",
    "platform": "Platforms",
}


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
        **_findings(groups, anchors, shelf),
        "hazard_groups": {target.id: _hazards(target.facts.hazards) for target in assessment.targets},
        "subjects": [_subject(one, anchors, results.get(one.subject.id, []), assessment, shelf) for one in subjects],
        "matrices": matrices_of(assessment, subjects, anchors, results),
        "declared": [
            (anchors.get(one.subject, ""), one)
            for one in ordered_results(assessment)
            if one.outcome is Outcome.DECLARED
        ],
        "skipped": not_looked_at(assessment),
        "expected": EXPECTED,
    }
    page["audit_says"] = in_a_sentence(assessment.audit) if assessment.audit is not None else ""
    return page | {"remedies": shelf.kept}


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


def _findings(groups: list[Group], anchors: dict[str, str], shelf: Shelf) -> dict[str, Any]:
    """The findings: each that can be acted on, and folded those that wait for something else."""
    after, source = followers(groups), [group for group in groups if waiting(group)]
    first = [group for group in groups if group not in after and group not in source]
    folds = (
        ("What can be decided once there is provenance", after),
        ("What is open about the source and its platforms", source),
    )
    return {
        "groups": [_group(group, anchors, shelf) for group in first[:MOST_GROUPS]],
        "groups_left": max(0, len(first) - MOST_GROUPS),
        "folds": [
            {
                "title": title,
                "names": list(dict.fromkeys(name for group in chosen for name in group.requirements)),
                "groups": [_group(group, anchors, shelf) for group in chosen[:MOST_GROUPS]],
                "open": not first,
            }
            for title, chosen in folds
            if chosen
        ],
    }


def _hazards(found: Iterable[Finding]) -> list[dict[str, Any]]:
    """Hazards with the same words as one, with all their places."""
    return [
        {
            "of": items[0],
            "count": len(items),
            "places": places_of(place for item in items for place in item.at),
        }
        for items in hazard_groups(found)
    ]


def _group(group: Group, anchors: dict[str, str], shelf: Shelf) -> dict[str, Any]:
    result = group.first
    subject = group.subjects[0] if group.subjects else None
    return {
        **_finding([result], subject, shelf),
        "name": group.title,
        "reason": group.reason,
        "atoms": list(group.atoms),
        "who": [(subject_label(one), anchors.get(one.id, "")) for one in group.subjects[:MOST_NAMES]],
        "who_left": max(0, len(group.subjects) - MOST_NAMES),
        "on_floor": group.on_floor,
        "places": places_of(group.places),
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
        "places": places_of(place for result in results for place in result.at),
        "external": [name for result in results for name in result.external],
        "missing": [name for result in results for name in result.missing],
        "remedy": shelf.of(first, subject),
    }


def _subject(
    one: AssessedSubject, anchors: dict[str, str], results: list[Result], assessment: Assessment, shelf: Shelf
) -> dict[str, Any]:
    subject = one.subject
    publication = subject if isinstance(subject, Publication) else None
    path = publication.path if publication else ()
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
        "stations": [(part, place_of(part.at) if part.at else None) for part in path],
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
