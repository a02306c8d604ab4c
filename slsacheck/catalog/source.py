"""Catalogue documents in TOML: read, checked against `rules/schema.json`, and brought into the form of the JSON.

Nothing here runs on a plain scan: it serves the script that writes the JSON, tests, plug-ins that bring a catalogue,
and trust roots in a user's configuration.
"""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

from slsacheck.catalog import data
from slsacheck.catalog._rows import requirement_of, track_of
from slsacheck.errors import CatalogError
from slsacheck.model.catalogue import Catalogue

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from importlib.resources.abc import Traversable
    from pathlib import Path

    from slsacheck.model.catalogue import Atom, Requirement

    Document = dict[str, Any]

__all__ = [
    "BUILTIN_PREFIXES",
    "BUILTIN_TRACKS",
    "builtin_remedy_rows",
    "catalogue_rows",
    "checked",
    "extended",
    "image_builder_rows",
    "known_statements",
    "problems",
    "read",
    "remedy_rows",
]

REQUIREMENT_FILES = ("v01.toml", "build.toml", "source.toml", "buildenv.toml", "dependency.toml", "verify.toml")
"""In the order in which reports list the rows."""
BUILTIN_PREFIXES = frozenset({"v01", "build", "source", "buildenv", "dependency", "verify"})
"""First parts of the ids of built-in requirements; a plug-in's ids begin with its distribution's name instead."""
_NEEDED = ("versions", "track", "subjects", "responsible", "evidence", "decidable")
"""What a requirement says itself or takes from the defaults of its document."""
_INHERITED = ("meaning", "must", "not_applicable", "decidable", "undecidable_reason")
"""What an atom takes from its requirement unless it says otherwise."""
BUILTIN_TRACKS = frozenset({"slsa", "build", "source", "buildenv", "dependency"})
"""Tracks that plug-ins cannot touch."""
_MAX_DOCUMENT = 1_000_000
"""Bytes of a catalogue document: five times the whole built-in catalogue."""


def catalogue_rows() -> Document:
    """The rows of the built-in catalogue, as they stand in `_catalogue.json`."""
    versions = _builtin_document("versions.toml")
    requirements = [row for name in REQUIREMENT_FILES for row in _requirement_rows(_builtin_document(name), name)]
    return {
        "version": versions["version"],
        "tracks": versions["track"],
        "requirements": requirements,
        "trust_roots": _builtin_document("trust_roots.toml").get("trust_root", []),
    }


def builtin_remedy_rows() -> list[Document]:
    """The rows of every file in `rules/remedies/`, in the order of the files' names."""
    from importlib.resources import files

    found: list[Document] = []
    folder = files("slsacheck.rules").joinpath("remedies")
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.name.endswith(".toml"):
            found += _remedies_in(checked(_toml(_bounded(entry), f"remedies/{entry.name}"), f"remedies/{entry.name}"))
    return found


def image_builder_rows() -> list[Document]:
    """The rows of `rules/image_builders.toml`, as they stand in `_builders.json`."""
    rows: list[Document] = _builtin_document("image_builders.toml")["image_builder"]
    return rows


def known_statements() -> Document:
    """The rows of `rules/predicates.toml` and `rules/build_types.toml`, as they stand in `_statements.json`."""
    files = ("predicates.toml", "build_types.toml")
    return {name.removesuffix(".toml"): next(iter(_toml(data(name), name).values())) for name in files}


def remedy_rows(document: Path | Mapping[str, Any]) -> list[Document]:
    """The remedies that an extra catalogue brings."""
    return _remedies_in(read(document))


def read(document: Path | Mapping[str, Any]) -> Document:
    """A catalogue document that fits the schema, from a TOML file or from what such a file holds."""
    if not hasattr(document, "open"):
        return checked(dict(document), "catalogue")
    try:
        with document.open("rb") as file:
            raw = file.read(_MAX_DOCUMENT + 1)
    except OSError as error:
        raise CatalogError(f"cannot be read: {error.strerror}", where=str(document)) from error
    return checked(_toml(raw, str(document)), str(document))


def extended(known: Catalogue, document: Path | Mapping[str, Any]) -> Catalogue:
    """The catalogue with an extra one after it; raises CatalogError where that would change what is known."""
    where = str(document) if hasattr(document, "open") else "catalogue"
    content = read(document)
    if content.get("trust_root"):
        advice = "put trust roots into the configuration that --config names"
        raise CatalogError("an extra catalogue cannot bring trust roots", where=where, advice=advice)
    rows = tuple(requirement_of(row) for row in _requirement_rows(content, where))
    tracks = tuple(track_of(row) for row in content.get("track", ()))
    for row in rows:
        _refuse_builtin(row, where)
    for rule in tracks:
        _refuse_track({rule.track}, f"track {rule.track}", where)
    merged = Catalogue(known.version, known.requirements + rows, known.tracks + tracks, known.trust_roots)
    for problem in problems(merged):
        raise CatalogError(problem, where=where)
    return merged


def checked(document: Document, where: str) -> Document:
    """The document itself if it fits the schema; raises CatalogError that names the place of the first fault."""
    import jsonschema

    fault = jsonschema.exceptions.best_match(_validator().iter_errors(document))
    if fault is None:
        return document
    place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in fault.absolute_path).lstrip(".")
    name = _name_at(document, list(fault.absolute_path))
    raise CatalogError(
        f"{place or 'the document'}{name}: {fault.message}",
        where=where,
        advice="its form is described in rules/schema.json",
    )


def problems(catalogue: Catalogue) -> Iterator[str]:
    """What is wrong with a catalogue beyond the form of its documents, a sentence each."""
    if len({(rule.version, rule.track) for rule in catalogue.tracks}) < len(catalogue.tracks):
        yield "a track is defined twice for one version"
    seen: set[str] = set()
    for row in catalogue.requirements:
        names = {row.id, *(atom.id for atom in row.atoms)}
        for name in sorted(names & seen):
            yield f"{name}: the id is used twice"
        if len({atom.id for atom in row.atoms}) < len(row.atoms):
            yield f"{row.id}: two atoms have the same id"
        seen |= names
        yield from _row_problems(catalogue, row)


def _row_problems(catalogue: Catalogue, row: Requirement) -> Iterator[str]:
    for version in row.versions:
        rule = catalogue.track(version, row.track_of(version))
        if rule is None:
            yield f"{row.id}: {version} has no track {row.track_of(version)}"
        elif max(row.levels) > rule.top:
            yield f"{row.id}: level {max(row.levels)} is above the top of {rule.track}"
    if row.id.split(".", 1)[0] in BUILTIN_PREFIXES and {version for version, _ in row.anchors} != set(row.versions):
        yield f"{row.id}: its anchors are not those of its versions"
    musts = [atom.level for atom in row.atoms if atom.must]
    if musts and min(musts) != min(row.levels):
        yield f"{row.id}: asked from level {min(row.levels)}, but its first atom from level {min(musts)}"
    for atom in row.atoms:
        yield from _atom_problems(row, atom)


def _atom_problems(row: Requirement, atom: Atom) -> Iterator[str]:
    if atom.id != row.id and not atom.id.startswith(f"{row.id}."):
        yield f"{atom.id}: does not begin with {row.id}"
    if atom.id == row.id and len(row.atoms) > 1:
        yield f"{atom.id}: an atom among several needs a name of its own"
    if (atom.decidable == "undecidable") != bool(atom.undecidable_reason):
        yield f"{atom.id}: undecidable and its reason go together"
    if atom.must and atom.level not in row.levels:
        yield f"{atom.id}: asked at level {atom.level}, its requirement is not"


def _refuse_builtin(row: Requirement, where: str) -> None:
    prefix, _, slug = row.id.partition(".")
    if prefix in BUILTIN_PREFIXES or not slug:
        advice = "begin it with the name of your distribution and a dot"
        raise CatalogError(f"{row.id!r} is not an id for an added requirement", where=where, advice=advice)
    _refuse_track({row.track, *dict(row.track_in).values()}, row.id, where)


def _refuse_track(tracks: set[str], name: str, where: str) -> None:
    if tracks & BUILTIN_TRACKS:
        advice = "declare a [[track]] of your own"
        raise CatalogError(f"{name}: adds to a track of SLSA, whose levels are fixed", where=where, advice=advice)


def _requirement_rows(document: Document, where: str) -> list[Document]:
    defaults = document.get("defaults", {})
    return [_requirement_row({**defaults, **row}, where) for row in document.get("requirement", ())]


def _requirement_row(row: Document, where: str) -> Document:
    missing = [key for key in _NEEDED if key not in row]
    if missing:
        raise CatalogError(f"{row['id']}: has no {missing[0]}, and the defaults give none", where=where)
    keys = ("id", "title", "versions", "track", "area", "levels", "subjects", "responsible")
    found = {key: row[key] for key in keys if key in row}
    found["anchors"] = row.get("anchors") or _anchors(row)
    found |= {key: row[key] for key in ("meaning", "evidence", "decidable")}
    found["atoms"] = [
        _atom_row(row, atom) for atom in row.get("atom", [{"id": row["id"], "level": min(row["levels"])}])
    ]
    if "crosswalk" in row:
        found["crosswalks"] = row["crosswalk"]
    if "track_in" in row:
        found["track_in"] = row["track_in"]
    return found


def _anchors(row: Document) -> Document:
    pages = row.get("pages", {})
    return {
        version: f"{pages[version]}#{row['anchor']}"
        for version in row["versions"]
        if version in pages and "anchor" in row
    }


def _atom_row(row: Document, atom: Document) -> Document:
    """An atom with what it takes from its requirement; what is the default is left out."""
    merged = {key: value for key, value in row.items() if key in _INHERITED} | atom
    if merged.get("decidable") != "undecidable":
        merged.pop("undecidable_reason", None)
    defaults = {"must": True, "not_applicable": False, "decidable": "decidable"}
    return {key: value for key, value in merged.items() if value != defaults.get(key, ...)}


def _remedies_in(document: Document) -> list[Document]:
    """The remedies, each for one requirement: a table may name several that the same change answers."""
    found: list[Document] = []
    for row in document.get("remedy", ()):
        names = row["requirement"] if isinstance(row["requirement"], list) else [row["requirement"]]
        found += [{**row, "requirement": name, "text": row["text"].strip("\n")} for name in names]
    return found


def _builtin_document(name: str) -> Document:
    return checked(_toml(data(name), name), name)


def _bounded(entry: Traversable) -> bytes:
    with entry.open("rb") as file:
        return file.read(_MAX_DOCUMENT + 1)


def _toml(raw: bytes, where: str) -> Document:
    import tomllib

    if len(raw) > _MAX_DOCUMENT:
        raise CatalogError(
            f"is larger than {_MAX_DOCUMENT:,} bytes", where=where, advice="split it into several catalogues"
        )
    try:
        return tomllib.loads(raw.decode())
    except ValueError as error:
        raise CatalogError(f"is not TOML: {error}", where=where) from error


def _name_at(document: Document, path: list[Any]) -> str:
    """The id of the row that a fault lies in, for the message."""
    if len(path) > 1 and isinstance(path[1], int):
        row = document[path[0]][path[1]]
        name = row.get("id") or row.get("summary") if isinstance(row, dict) else None
        return f" ({name})" if isinstance(name, str) else ""
    return ""


@cache
def _validator() -> Any:
    import jsonschema

    schema = json.loads(data("schema.json"))
    return jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
