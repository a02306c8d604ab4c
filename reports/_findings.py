"""The findings in the terminal: what keeps levels down, hazards, and every result with -v."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.model import Outcome, Publication

from ._common import (
    by_subject,
    ordered_results,
    ordered_subjects,
    plural,
    remedy_of,
    subject_label,
    track_title,
)
from ._groups import Group, blocking_groups, followers, hazard_groups, subjects_text, waiting
from ._ink import MARKS, STYLES
from ._text import columns, cut, pad

if TYPE_CHECKING:
    from collections.abc import Iterable

    from slsacheck.model import Assessment, Finding, Place, Requirement, Subject

    from ._ink import Ink

__all__ = ["every_result", "findings", "hazards"]

MOST_GROUPS = 10
"""Findings that are shown without -v: a reader of more wants the HTML report."""
MOST_PLACES = 3
"""Places of one finding that are shown without -v."""
MOST_HAZARDS = 8
URGENT = ("high", "medium")
"""Severities of hazards that are shown without -v."""
BODY = 8
"""The column where the text of a finding begins."""


def findings(ink: Ink, assessment: Assessment) -> None:
    """What keeps the floor down, then what keeps the others from their next level."""
    if ink.options.tb == "no":
        return
    every = ink.options.verbosity > 0
    found = blocking_groups(assessment)
    brief = [] if every or ink.options.tb == "long" else [group for group in found if waiting(group)]
    after = [] if every or ink.options.tb == "long" else followers(found)
    groups = [group for group in found if group not in brief and group not in after]
    shown = groups if every else groups[:MOST_GROUPS]
    rows = {row.id: row for row in assessment.requirements}
    said: set[str] = set()
    for title, wanted in (
        ("What keeps the floor down", True),
        ("What keeps the others from the next level", False),
    ):
        chosen = [group for group in shown if group.on_floor is wanted]
        if chosen:
            ink.head(title)
        for number, group in enumerate(chosen):
            if number and ink.options.tb != "line":
                ink.add()
            _group(ink, group, rows, said)
    if len(groups) > len(shown):
        ink.add()
        ink.say(
            f"and {plural(len(groups) - len(shown), 'finding')} more; -v shows them, --report html=FILE reads best", 2
        )
    _following(ink, after)
    _waiting(ink, brief)


def _following(ink: Ink, groups: list[Group]) -> None:
    names = list(dict.fromkeys(name for group in groups for name in group.requirements))
    if names:
        ink.head("What can be decided once there is provenance")
        ink.say(f"{', '.join(names)}; -v shows each", 2)


def _waiting(ink: Ink, groups: list[Group]) -> None:
    """What is open about revisions and platforms, in a few lines: a checkout alone can hardly ever decide it."""
    for track in dict.fromkeys(group.first.track for group in groups):
        chosen = [group for group in groups if group.first.track == track]
        names = list(dict.fromkeys(name for group in chosen for name in group.requirements))
        ink.head(f"What the {track_title(track)} track waits for")
        ink.say(f"{plural(len(names), 'requirement')} not decided by anything at hand: {', '.join(names)}", 2)
        missing = list(dict.fromkeys(name for group in chosen for name in group.missing))
        if missing:
            more = f", and {len(missing) - 2} more" if len(missing) > 2 else ""  # noqa: PLR2004 - two are named
            ink.say(f"would decide: {'; '.join(missing[:2])}{more}; -v shows all", 2, "ask")


def _group(ink: Ink, group: Group, rows: dict[str, Requirement], said: set[str]) -> None:
    result = group.first
    mark = ink.paint(pad(MARKS[result.outcome], 5), STYLES[result.outcome])
    name = ink.link(group.title, result.spec_url, "bold")
    names = subjects_text(group.subjects)
    if ink.options.tb == "line":
        place = f"{next(iter(group.places))}: " if group.places else ""
        room = max(20, ink.options.width - BODY - columns(group.title) - 2)
        ink.add(f"  {mark} {name}  " + ink.paint(cut(ink.clean(f"{names}: {place}{group.reason}"), room)))
        return
    room = ink.options.width - BODY - columns(group.title) - 3
    if columns(ink.clean(names)) <= room:
        ink.add(f"  {mark} {name} · " + ink.paint(names))
    else:
        ink.add(f"  {mark} {name}")
        ink.say(names, BODY)
    ink.say(group.reason, BODY)
    _places(ink, list(group.places))
    _deciders(ink, group)
    _asked(ink, group, rows)
    if ink.options.tb == "long":
        _evidence(ink, group, rows.get(result.requirement))
    if ink.options.tb != "short":
        _remedy(ink, group, said)


def _asked(ink: Ink, group: Group, rows: dict[str, Requirement]) -> None:
    """What is asked: the titles of the requirements, and where the specification says so."""
    titles = [rows[name].title if name in rows else name for name in group.requirements]
    demands = f" ({len(group.atoms)} demands)" if len(group.atoms) > 1 else ""
    url = "" if ink.options.links or len(titles) > 1 else f" {group.first.spec_url}"
    ink.say(f"level {group.first.level}: {'; '.join(titles)}{demands}{url}", BODY, "dim")
    if len(group.atoms) > 1 and ink.options.tb == "long":
        ink.say(", ".join(group.atoms), BODY, "dim")


def _places(ink: Ink, places: list[Place], indent: int = BODY) -> None:
    shown = places if ink.options.verbosity > 0 else places[:MOST_PLACES]
    texts = [ink.clean(str(place)) for place in shown]
    widest = max((columns(text) for text in texts), default=0)
    for place, text in zip(shown, texts, strict=True):
        line = " " * indent + ink.link(text, place.url, "bold")
        quoted = ink.clean((place.excerpt or "").strip())
        room = ink.options.width - indent - widest - 3
        if quoted and room < 24:  # noqa: PLR2004 - less of a line says nothing
            ink.add(line)
            ink.add(" " * (indent + 2) + ink.paint(cut(quoted, ink.options.width - indent - 2), "dim"))
        else:
            gap = " " * (widest - columns(text) + 3)
            ink.add(line + (gap + ink.paint(cut(quoted, room), "dim") if quoted else ""))
    if len(places) > len(shown):
        ink.say(f"… and {plural(len(places) - len(shown), 'more place')}", indent, "dim")


def _deciders(ink: Ink, group: Group) -> None:
    """What would decide an open question: things that lie elsewhere, and evidence that can be given."""
    for words, names in (("decided by", group.external), ("would decide it", group.missing)):
        if names:
            listed = list(names)[:MOST_PLACES]
            rest = f", and {len(names) - len(listed)} more" if len(names) > len(listed) else ""
            ink.say(f"{words}: {', '.join(listed)}{rest}", BODY, "ask")


def _evidence(ink: Ink, group: Group, row: Requirement | None) -> None:
    result = group.first
    if row is not None:
        ink.say(f"asks: {row.meaning}", BODY, "dim")
        ink.say(f"evidence: {row.evidence}", BODY, "dim")
    ink.say(f"check: {result.check}", BODY, "dim")
    for name, value in (("attestation", result.attestation), ("trust root", result.trust_root)):
        if value:
            ink.say(f"{name}: {value}", BODY, "dim")
    for detail in group.details:
        ink.say(detail, BODY, "dim")


def _remedy(ink: Ink, group: Group, said: set[str]) -> None:
    """What to do, once; what can be pasted only where something is known to be wrong, or more was asked for."""
    result = group.first
    remedy = remedy_of(result, group.subjects[0] if group.subjects else None, ink.options)
    if remedy is None:
        return
    key = f"{remedy.requirement} {remedy.platform}"
    ink.say(f"→ {remedy.summary} ({remedy.effort})" + ("; see above" if key in said else ""), BODY - 2, "good")
    if key in said:
        return
    said.add(key)
    if result.outcome in (Outcome.FAIL, Outcome.ERROR) or ink.options.tb == "long" or ink.options.verbosity > 0:
        ink.block(remedy.text, BODY + 2)
    ink.add(" " * BODY + ink.paint(f"{ink.options.command} explain {result.requirement}", "dim"))


def hazards(ink: Ink, found: Iterable[Finding], hints: Iterable[Finding]) -> None:
    """Hazards by severity, equal ones together; low ones and hints are counted, and shown with -v."""
    if ink.options.tb == "no":
        return
    every = ink.options.verbosity > 0
    order = hazard_groups((*found, *(hints if every else ())))
    urgent = [items for items in order if every or items[0].severity in URGENT]
    shown = urgent if every else urgent[:MOST_HAZARDS]
    if order:
        ink.head("Hazards on the way to a release")
    for items in shown:
        _hazard(ink, items)
    left = sum(len(items) for items in order if items not in shown)
    if left:
        ink.say(f"{'and ' if shown else ''}{left} {'more' if shown else 'of low severity'}; -v shows them", 2, "dim")


def _hazard(ink: Ink, items: list[Finding]) -> None:
    first = items[0]
    style = {"high": "bad", "medium": "warn"}.get(first.severity, "dim")
    head = "  " + ink.paint(pad(first.severity, 8), style) + ink.paint(first.rule, "bold")
    if ink.options.tb == "line":
        where = f"{first.at[0]}: " if first.at else ""
        room = max(20, ink.options.width - BODY - columns(first.rule) - 4)
        ink.add(f"{head}  " + ink.paint(cut(ink.clean(where + first.reason), room)))
        return
    ink.add(head)
    ink.say(first.reason, BODY + 2)
    _places(ink, list(dict.fromkeys(place for item in items for place in item.at)), BODY + 2)
    if first.remedy:
        ink.say(f"→ {first.remedy}", BODY, "good")


def _made_by(ink: Ink, subject: Subject) -> None:
    """How an image is made, and what its builder records by itself."""
    for build in subject.image_builds if isinstance(subject, Publication) else ():
        source = f" from {build.dockerfile}" if build.dockerfile else ""
        mode = f", provenance {build.mode}" if build.mode else ""
        ink.say(f"made by {build.builder}{source}{mode} ({build.at})", 2, "dim")
        for text in build.says:
            ink.say(text, 4, "dim")


def every_result(ink: Ink, assessment: Assessment) -> None:
    """Every result, subject by subject."""
    grouped = by_subject(ordered_results(assessment))
    for one in ordered_subjects(assessment):
        results = grouped.get(one.subject.id, [])
        if results:
            ink.head(f"{one.subject.kind} {subject_label(one.subject)}")
            _made_by(ink, one.subject)
        for result in results:
            mark = ink.paint(pad(MARKS[result.outcome], 5), STYLES[result.outcome])
            must = "" if result.must else " (recommended)"
            ink.add(
                f"  {mark} "
                + ink.link(result.atom, result.spec_url, "bold")
                + ink.paint(f" · level {result.level}{must}", "dim")
            )
            ink.say(result.reason, BODY)
            _places(ink, list(result.at))
