"""The path of a publication as a drawing: stations from the source to the channel, the breaking one marked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ._text import clean, columns, cut

if TYPE_CHECKING:
    from slsacheck.model import PathPart, Publication

__all__ = ["Drawing", "Station", "drawing_of"]

MOST_STATIONS = 12
"""Stations that are drawn; a path has six or seven, and a longer one is listed in full below the drawing."""
BOX = 148
GAP = 34
TOP = 8
HEIGHT = 62
LETTERS = 20
"""Columns of a label that fit into a box."""


@dataclass(frozen=True, slots=True)
class Station:
    """A box of the drawing: where it stands, and what is written in it; the whole label is its title."""

    x: int
    kind: str
    label: str
    title: str
    broken: bool
    last: bool


@dataclass(frozen=True, slots=True)
class Drawing:
    """A drawing of `width` by `height` units, and the same in a sentence for those who do not see it."""

    width: int
    height: int
    stations: tuple[Station, ...]
    sentence: str
    left_out: int


def drawing_of(publication: Publication) -> Drawing | None:
    """The path of a publication; None where nothing is known of it."""
    parts = publication.path
    if not parts:
        return None
    drawn = parts[:MOST_STATIONS]
    stations = tuple(_station(number, part, len(drawn)) for number, part in enumerate(drawn))
    width = len(stations) * (BOX + GAP) - GAP + 2 * TOP
    return Drawing(width, HEIGHT + 2 * TOP + 18, stations, _sentence(parts), len(parts) - len(drawn))


def _station(number: int, part: PathPart, count: int) -> Station:
    label = clean(part.label)
    title = f"{part.kind}: {label}" + (f"; broken: {part.broken}" if part.broken else "")
    return Station(
        x=TOP + number * (BOX + GAP),
        kind=cut(clean(part.kind), LETTERS),
        label=cut(label, LETTERS) if columns(label) > LETTERS else label,
        title=clean(title),
        broken=bool(part.broken),
        last=number == count - 1,
    )


def _sentence(parts: tuple[PathPart, ...]) -> str:
    way = ", then ".join(f"{part.kind} {cut(clean(part.label), 80)}" for part in parts[:MOST_STATIONS])
    broken = [f"{part.kind}: {cut(clean(part.broken), 160)}" for part in parts if part.broken]
    return f"Path: {way}." + (f" It breaks at {'; '.join(broken)}." if broken else "")
