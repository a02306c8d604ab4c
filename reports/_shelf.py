"""Remedies and places as the HTML page shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._common import remedy_of, safe_url
from ._text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from slsacheck.model import Place, Remedy, Result, Subject
    from slsacheck.model.reporting import ReportOptions

__all__ = ["Block", "Shelf", "place_of", "places_of"]

MOST_PLACES = 20


class Block(str):
    """Text of several lines in which every line is harmless already; the page shows it as it stands."""

    __slots__ = ()


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


def place_of(place: Place) -> dict[str, Any]:
    """A place with its line, and an address where a reader may follow one."""
    return {"text": str(place), "url": safe_url(place.url), "excerpt": (place.excerpt or "").strip()}


def places_of(at: Iterable[Place]) -> dict[str, Any]:
    """The first of many places, each once, and how many are left."""
    places = list(dict.fromkeys(at))
    return {"shown": [place_of(place) for place in places[:MOST_PLACES]], "left": max(0, len(places) - MOST_PLACES)}
