"""Equal findings of many subjects as one, and which of them keep a level down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.api import field, record
from slsacheck.model import Outcome, Publication

from ._common import SEVERITIES, ordered_results, plural, subject_label, ungated

if TYPE_CHECKING:
    from collections.abc import Iterable

    from slsacheck.model import AssessedSubject, Assessment, Finding, Place, Result, Subject, TrackLevels

__all__ = [
    "Group",
    "blocking_groups",
    "floor_subjects",
    "followers",
    "groups_of",
    "hazard_groups",
    "subjects_text",
    "waiting",
]

SHORTEST_NAME = 4
"""Letters of a name that is recognised in a reason."""
PROVENANCE = ("build.provenance-exists", "v01.provenance.available")
"""Requirements without which the others on provenance cannot be decided."""
_RANK = {Outcome.FAIL: 0, Outcome.ERROR: 1, Outcome.UNKNOWN: 2, Outcome.DECLARED: 3}


@record(frozen=False)
class Group:
    """The same answer for the same reason about one or more subjects, and about one or more demands."""

    first: Result
    atoms: dict[str, None] = field(default_factory=dict)
    requirements: dict[str, None] = field(default_factory=dict)
    subjects: list[Subject] = field(default_factory=list)
    places: dict[Place, None] = field(default_factory=dict)
    external: dict[str, None] = field(default_factory=dict)
    missing: dict[str, None] = field(default_factory=dict)
    details: dict[str, None] = field(default_factory=dict)
    on_floor: bool = False

    @property
    def reason(self) -> str:
        """The reason; where several subjects share it, without the name of the first."""
        name = _name(self.subjects[0]) if len(self.subjects) > 1 else ""
        return self.first.reason.replace(name, "each of them") if name else self.first.reason

    @property
    def title(self) -> str:
        """What it is about: an atom, a requirement of which several atoms share the answer, or several requirements."""
        if len(self.atoms) == 1:
            return next(iter(self.atoms))
        name, more = self.first.requirement, len(self.requirements) - 1
        return f"{name} and {more} more" if more else name

    @property
    def of_source(self) -> bool:
        """Whether it is about a revision or a platform and not about what is published."""
        return bool(self.subjects) and self.subjects[0].kind not in ("publication", "artifact")

    def add(self, result: Result, subject: Subject | None) -> None:
        """One more result of the same kind; the first to be shown is that on which the others wait."""
        same = result.subject == self.first.subject
        if same and result.requirement in PROVENANCE and self.first.requirement not in PROVENANCE:
            self.first = result
        if subject is not None and subject not in self.subjects[-1:]:
            self.subjects.append(subject)
        self.atoms[result.atom] = None
        self.requirements[result.requirement] = None
        self.places.update(dict.fromkeys(result.at))
        self.external.update(dict.fromkeys(result.external))
        self.missing.update(dict.fromkeys(result.missing))
        if result.detail:
            self.details[result.detail] = None


def groups_of(results: Iterable[Result], subjects: dict[str, Subject], on_floor: Iterable[str] = ()) -> list[Group]:
    """The results in groups of the same outcome and reason, in the order of their first members.

    What failed stays apart by requirement, since each asks for a remedy of its own; what is open for one reason is
    one question, however many demands wait for it.
    """
    low = frozenset(on_floor)
    found: dict[tuple[str, Outcome, str], Group] = {}
    for result in results:
        apart = result.requirement if result.outcome in (Outcome.FAIL, Outcome.ERROR) else result.track
        subject = subjects.get(result.subject)
        name = _name(subject) if subject is not None else ""
        reason = result.reason.replace(name, "\0") if name else result.reason
        group = found.setdefault((apart, result.outcome, reason), Group(result))
        group.add(result, subject)
        group.on_floor = group.on_floor or result.subject in low
    return list(found.values())


def _name(subject: Subject) -> str:
    """The subject's name where it is long enough to be told from a word of a sentence, else nothing."""
    return subject.name if len(subject.name) >= SHORTEST_NAME else ""


def floor_subjects(assessment: Assessment) -> frozenset[str]:
    """The ids of the subjects at the lowest level of their kind and track, if below the top, and of the undecided."""
    rows: dict[tuple[str, str], list[tuple[str, int | None]]] = {}
    tops: dict[tuple[str, str], int] = {}
    for one in assessment.subjects:
        for levels in one.levels:
            if levels.defined and levels.applies and not ungated(one.subject):
                key = (one.subject.kind, levels.track)
                rows.setdefault(key, []).append((one.subject.id, _reached(one, levels)))
                tops[key] = max(tops.get(key, 0), levels.top)
    found: set[str] = set()
    for key, values in rows.items():
        lowest = min((value for _, value in values if value is not None), default=None)
        if lowest is None or lowest < tops[key]:
            found.update(name for name, value in values if value is None or value == lowest)
    return frozenset(found)


def _reached(one: AssessedSubject, levels: TrackLevels) -> int | None:
    return levels.configured if isinstance(one.subject, Publication) else levels.proved


def blocking_groups(assessment: Assessment) -> list[Group]:
    """What keeps levels down: what failed or broke, and what is open where a next level waits for it.

    First what is published, then revisions and platforms; first what keeps the floor down; then by outcome, level and
    the order of the catalogue. Recommendations, which never decide a level, are left out.
    """
    subjects = {one.subject.id: one.subject for one in assessment.subjects}
    waiting = {
        (one.subject.id, name) for one in assessment.subjects for levels in one.levels for name in levels.blocked_by
    }
    chosen = [
        result
        for result in ordered_results(assessment)
        if result.must and (result.outcome in (Outcome.FAIL, Outcome.ERROR) or _open(result, waiting))
    ]
    groups = groups_of(chosen, subjects, floor_subjects(assessment))
    return sorted(
        groups, key=lambda group: (group.of_source, not group.on_floor, _RANK[group.first.outcome], group.first.level)
    )


def followers(groups: list[Group]) -> list[Group]:
    """What is open for want of provenance alone, which is a finding of its own already."""
    lacking = {subject.id for group in groups if group.first.requirement in PROVENANCE for subject in group.subjects}
    return [
        group
        for group in groups
        if group.first.outcome is Outcome.UNKNOWN
        and not group.external
        and not group.of_source
        and not any(name in PROVENANCE for name in group.requirements)
        and all(subject.id in lacking for subject in group.subjects)
    ]


def waiting(group: Group) -> bool:
    """Whether it is open about a revision or platform, of which a checkout alone can hardly ever decide anything."""
    return group.of_source and group.first.outcome in (Outcome.UNKNOWN, Outcome.DECLARED)


def hazard_groups(found: Iterable[Finding]) -> list[list[Finding]]:
    """Hazards by severity, and those with the same words together."""
    groups: dict[tuple[str, str, str], list[Finding]] = {}
    for item in found:
        groups.setdefault((item.severity, item.rule, item.reason), []).append(item)
    return sorted(groups.values(), key=lambda items: SEVERITIES.index(items[0].severity))


def _open(result: Result, waiting: set[tuple[str, str]]) -> bool:
    return result.outcome in (Outcome.UNKNOWN, Outcome.DECLARED) and (result.subject, result.requirement) in waiting


def subjects_text(subjects: list[Subject], most: int = 3) -> str:
    """The names of subjects; of more than `most` their number and the first two names."""
    if len(subjects) <= most:
        return ", ".join(subject_label(subject) for subject in subjects)
    names = ", ".join(subject_label(subject) for subject in subjects[:2])
    return f"{plural(len(subjects), subjects[0].kind)} ({names}, …)"
