"""The verdict of an assessment in a sentence that a reader can repeat."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._common import floor_and_best, plural, track_title

if TYPE_CHECKING:
    from slsacheck.model import Assessment, Subject, TrackLevels

__all__ = ["verdict"]


def verdict(assessment: Assessment) -> str:
    """What is proved first, then what the configuration would give; never more than the levels say."""
    sentences: list[str] = []
    for kind, noun in (("artifact", "artifact"), ("publication", "publication")):
        for track in dict.fromkeys(levels.track for one in assessment.subjects for levels in one.levels):
            rows = [
                (one.subject, levels)
                for one in assessment.subjects
                if one.subject.kind == kind and (levels := one.track(track)) is not None
            ]
            sentences += _of_artifacts(rows, track, noun) if kind == "artifact" else _of_publications(rows, track, noun)
    return " ".join(sentences) or f"Nothing that {assessment.target.name} publishes was seen, so no level is stated."


def _of_artifacts(rows: list[tuple[Subject, TrackLevels]], track: str, noun: str) -> list[str]:
    floor, best = floor_and_best(rows)
    if not floor:
        return []
    title = track_title(track)
    if best["proved"] == 0:
        return [f"No {title} level is proved for {_each(len(rows), noun, never=True)}."]
    if floor["proved"] == best["proved"]:
        return [f"{title} level {best['proved']} is proved for {_each(len(rows), noun)}."]
    return [f"{title} levels from {floor['proved']} to {best['proved']} are proved for the {plural(len(rows), noun)}."]


def _of_publications(rows: list[tuple[Subject, TrackLevels]], track: str, noun: str) -> list[str]:
    floor, best = floor_and_best(rows)
    if not floor:
        return []
    title = track_title(track)
    proved = floor["proved"]
    first = (
        f"{title} level {proved} is proved for {_each(len(rows), noun)}."
        if proved
        else f"No {title} level is proved for {'all ' if best['proved'] else ''}{_each(len(rows), noun, never=True)}."
    )
    return [first, _configured(floor["configured"], best["configured"], len(rows))]


def _each(count: int, noun: str, *, never: bool = False) -> str:
    if count == 1:
        return f"the {noun}"
    return f"{'the' if never else 'all'} {plural(count, noun)}"


def _configured(floor: int | None, best: int | None, count: int) -> str:
    if best is None:
        return "What the configuration would give is decided elsewhere."
    if count == 1 or floor == best:
        return f"The configuration would give level {best}."
    if floor is None:
        return f"The configuration would give up to level {best}; for some of them it is decided elsewhere."
    return f"The configuration would give between level {floor} and level {best}."
