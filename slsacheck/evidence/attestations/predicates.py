"""Predicates of statements: which are recognised, and what their specifications ask that this one lacks.

The table is `rules/predicates.toml`. Recognising is not believing: whatever a predicate says, it proves no level.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING

from slsacheck.catalog import statement_rows
from slsacheck.evidence.attestations.jsondoc import as_list, as_map, as_text, dig
from slsacheck.evidence.attestations.moments import is_moment
from slsacheck.evidence.attestations.steps import shown
from slsacheck.patterns import regex
from slsacheck.record import record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from slsacheck.evidence.attestations.jsondoc import Document

__all__ = ["Field", "Predicate", "faults", "known_predicate"]

_MAX_FAULTS = 5
"""Faults that are told of one predicate: the first ones show what is wrong."""
_MAX_ITEMS = 5_000
"""Items of a list that are looked at; an SBOM of a large image has some thousand packages."""
_URI = regex(r"[A-Za-z][A-Za-z0-9+.-]{0,40}:\S+", re.ASCII)
_HEX = regex(r"(?:[0-9a-f]{2}){8,64}", re.ASCII)
_NAME = regex(r"[a-z][A-Za-z0-9_-]{0,40}", re.ASCII)


@record
class Field:
    """One field: its kind, whether it must be there, and the fields inside it, or inside each item of a list."""

    kind: str
    required: bool
    inner: dict[str, Field]
    items: dict[str, Field]


@record
class Predicate:
    """A row of the table. `having` is a key that tells it from another of the same type, `outcome` what it says."""

    name: str
    types: tuple[str, ...]
    source: str
    fields: dict[str, Field]
    having: str | None = None
    outcome: str | None = None

    def fits(self, predicate_type: str, predicate: Document) -> bool:
        """Whether a predicate of that type is one of these."""
        return any(
            predicate_type.startswith(one[:-1]) if one.endswith("*") else predicate_type == one for one in self.types
        ) and (self.having is None or self.having in predicate)


def _fields(lines: list[object]) -> dict[str, Field]:
    """The fields by name, each with those inside it; a line comes after the one of the object that it stands in."""
    found: dict[str, Field] = {}
    for line in lines:
        path, _, kind = as_text(line).partition(" ")
        *outer, name = path.split(".")
        place = found
        for step in outer:
            place = place[step[:-2]].items if step.endswith("[]") else place[step].inner
        place[name] = Field(kind.removesuffix("!"), kind.endswith("!"), {}, {})
    return found


@cache
def _table() -> tuple[Predicate, ...]:
    rows = statement_rows("predicates")
    return tuple(
        Predicate(
            name=as_text(dig(row, "name")),
            types=tuple(as_text(one) for one in as_list(dig(row, "types"))),
            source=as_text(dig(row, "source")),
            fields=_fields(as_list(dig(row, "fields"))),
            having=as_text(dig(row, "with")) or None,
            outcome=as_text(dig(row, "outcome")) or None,
        )
        for row in rows
    )


@cache
def _by_type() -> dict[str, tuple[Predicate, ...]]:
    """The predicates of each type that is compared whole, in the order of the table."""
    found: dict[str, tuple[Predicate, ...]] = {}
    for one in _table():
        for kind in one.types:
            found[kind] = (*found.get(kind, ()), one)
    return found


def known_predicate(predicate_type: str, predicate: Document) -> Predicate | None:
    """What is known about a predicate; None for a type that is not in the table."""
    candidates = _by_type().get(predicate_type) or _table()
    return next((one for one in candidates if one.fits(predicate_type, predicate)), None)


def faults(known: Predicate, predicate: Document) -> tuple[str, ...]:
    """What a predicate lacks of its specification, a sentence each; the first few."""
    return tuple(islice(_faults(known.fields, predicate, ""), _MAX_FAULTS))


def _faults(fields: dict[str, Field], value: Document, where: str) -> Iterator[str]:
    for name, field in fields.items():
        one = value.get(name)
        if one is None and not field.required:
            continue
        problem = _problem(field, one)
        if problem is not None:
            yield f"{shown(f'{where}{name}')} {problem}"
        elif field.inner and isinstance(one, dict):
            yield from _faults(field.inner, one, f"{where}{name}.")
        elif field.items and isinstance(one, list):
            yield from _faults_of_items(field.items, one, f"{where}{name}")


def _faults_of_items(fields: dict[str, Field], values: list[object], where: str) -> Iterator[str]:
    """The faults of the first item that has some: it stands for all of them."""
    for number, one in enumerate(values[:_MAX_ITEMS]):
        if not isinstance(one, dict):
            yield f"{shown(where)}[{number}] is no object"
            return
        found = list(islice(_faults(fields, one, f"{where}[{number}]."), _MAX_FAULTS))
        yield from found
        if found:
            return


def _is_descriptor(value: object) -> bool:
    """in-toto's ResourceDescriptor names something by address, digest or content."""
    named = as_map(value)
    return any(named.get(one) for one in ("uri", "digest", "content")) and _is_digests(named.get("digest") or {})


def _is_digests(value: object) -> bool:
    return isinstance(value, dict) and all(
        _NAME.fullmatch(name) and isinstance(one, str) and (_HEX.fullmatch(one) or not name.startswith("sha"))
        for name, one in value.items()
    )


def _all(kind: Callable[[object], bool]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, list) and all(kind(one) for one in value[:_MAX_ITEMS])


_KINDS: dict[str, tuple[Callable[[object], bool], str]] = {
    "any": (lambda _: True, ""),
    "object": (lambda value: isinstance(value, dict), "is no object"),
    "list": (lambda value: isinstance(value, list), "is no list"),
    "text": (lambda value: isinstance(value, str), "is no text"),
    "texts": (_all(lambda value: isinstance(value, str)), "is no list of texts"),
    "uri": (lambda value: isinstance(value, str) and _URI.fullmatch(value) is not None, "is no URI"),
    "time": (is_moment, "is no time (RFC 3339)"),
    "number": (lambda value: isinstance(value, (int, float)) and not isinstance(value, bool), "is no number"),
    "bool": (lambda value: isinstance(value, bool), "is neither true nor false"),
    "digests": (_is_digests, "is no set of digests"),
    "descriptor": (_is_descriptor, "names nothing by uri, digest or content"),
    "descriptors": (_all(_is_descriptor), "has an entry that names nothing by uri, digest or content"),
}


def _problem(field: Field, value: object) -> str | None:
    if value is None:
        return "is missing"
    if field.kind not in _KINDS:
        words = field.kind.split("|")
        if isinstance(value, str):
            return None if value in words else f"is {shown(value)}, not {' or '.join(words)}"
        return f"is no text, but one of {', '.join(words)} belongs there"
    fits, otherwise = _KINDS[field.kind]
    if not fits(value):
        return otherwise
    return "is empty" if field.required and value == "" else None
