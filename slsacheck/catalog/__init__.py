"""The catalogue: requirements, tracks, trust roots and remedies, read from what the rules room holds.

The TOML files in `rules/` are the source. A scan reads `slsacheck/_catalogue.json`, which is made from them by
`scripts/make_catalogue.py`: parsing 100 KB of TOML takes thirty times as long as the same as JSON.
"""

from __future__ import annotations

import json
import os.path
from functools import cache
from typing import TYPE_CHECKING, Any

from slsacheck.catalog._rows import catalogue_of, remedy_of, trust_root_of
from slsacheck.errors import CatalogError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from slsacheck.model.catalogue import Catalogue, ImageBuilder, Remedy, TrustRoot

    Extra = Path | Mapping[str, Any]

__all__ = [
    "data",
    "image_builders",
    "load",
    "load_toml",
    "read_trust_roots",
    "remedies",
    "remedy_for",
    "statement_rows",
]

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120 - pathlib costs start-up time


def load(extra: Iterable[Extra] = ()) -> Catalogue:
    """The built-in catalogue, and after it the requirements of `extra`: TOML files, or what such a file holds.

    Extra catalogues may add requirements `<distribution>.<slug>` on tracks of their own, and remedies (see
    `remedies`). They cannot change what is built in, nor add trust roots: CatalogError says so.
    """
    found = _builtin()
    for document in extra:
        from slsacheck.catalog.source import extended

        found = extended(found, document)
    return found


def load_toml() -> Catalogue:
    """The built-in catalogue straight from the TOML files: slow; for the script that writes the JSON, and for tests."""
    from slsacheck.catalog.source import catalogue_rows

    return catalogue_of(catalogue_rows())


def remedies(requirement_id: str, extra: Iterable[Extra] = ()) -> tuple[Remedy, ...]:
    """What to do about a requirement or atom, by platform; what is meant for the atom alone comes first."""
    known = _all_remedies()
    found = list(known.get(requirement_id, ()))
    row = _builtin().requirement(requirement_id)
    if row is not None and row.id != requirement_id:
        found += known.get(row.id, ())
    for document in extra:
        from slsacheck.catalog.source import remedy_rows

        found += [remedy_of(entry) for entry in remedy_rows(document) if entry["requirement"] == requirement_id]
    return tuple(found)


def remedy_for(requirement_id: str, platform: str | None, extra: Iterable[Extra] = ()) -> Remedy | None:
    """The remedy that fits best: one for this platform, else the one for `any`; None for an unknown id."""
    candidates = remedies(requirement_id, extra)
    for wanted in (platform, "any"):
        for remedy in candidates:
            if remedy.platform == wanted:
                return remedy
    return None


def read_trust_roots(rows: Iterable[Mapping[str, Any]], where: str = "") -> tuple[TrustRoot, ...]:
    """Trust roots from a user's configuration, in the form of `[[trust_root]]` in rules/trust_roots.toml.

    Each is checked against the schema; requirement ids in `covers` and `refutes` stand for all their atoms.
    Raises CatalogError that names `where` and the faulty key.
    """
    from slsacheck.catalog.source import checked

    document = checked({"trust_root": [dict(row) for row in rows]}, where or "trust roots")
    expand = _builtin().expand
    return tuple(trust_root_of(row, expand) for row in document["trust_root"])


def data(name: str) -> bytes:
    """The bytes of a file of the rules room, such as `schema.json` or `trust/github.json`.

    Raises CatalogError where there is no such file.
    """
    from importlib import import_module  # importlib.resources brings tempfile, which brings compression and random

    parts = name.split("/")
    if not all(parts) or ".." in parts or "." in parts:
        raise CatalogError(
            f"{name!r} is not the name of a file of the rules", advice="give a relative path without dots"
        )
    try:
        (place,) = import_module("slsacheck.rules").__path__
        with open(os.path.join(place, *parts), "rb") as file:  # noqa: PTH118, PTH123 - start-up time
            return file.read()
    except (OSError, ModuleNotFoundError) as error:
        raise CatalogError(
            f"the rules hold no file {name!r}", advice="install slsacheck again: files of it are missing"
        ) from error


@cache
def image_builders() -> dict[str, ImageBuilder]:
    """What makes container images, by id: what each records by itself and what it cannot."""
    from slsacheck.catalog._rows import image_builder_of

    rows = _generated("_builders.json")["image_builders"]
    return {row["id"]: image_builder_of(row) for row in rows}


def statement_rows(kind: str) -> list[dict[str, Any]]:
    """What is known about statements: the rows of `rules/predicates.toml` or `rules/build_types.toml`."""
    rows: list[dict[str, Any]] = _generated("_statements.json")[kind]
    return rows


@cache
def _builtin() -> Catalogue:
    return catalogue_of(_generated("_catalogue.json"))


@cache
def _all_remedies() -> dict[str, list[Remedy]]:
    found: dict[str, list[Remedy]] = {}
    for row in _generated("_remedies.json")["remedies"]:
        found.setdefault(row["requirement"], []).append(remedy_of(row))
    return found


def _generated(name: str) -> dict[str, Any]:
    try:
        with open(os.path.join(_PACKAGE, name), encoding="utf-8") as file:  # noqa: PTH118, PTH123 - start-up time
            found: dict[str, Any] = json.load(file)
    except (OSError, ValueError) as error:
        advice = "run scripts/make_catalogue.py in a checkout, or install slsacheck again"
        raise CatalogError(f"cannot read {name}: {error}", advice=advice) from error
    return found
