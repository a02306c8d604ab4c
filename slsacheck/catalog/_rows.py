"""Rows as they stand in the generated JSON, made into the nouns of the model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from slsacheck.errors import CatalogError
from slsacheck.model.catalogue import (
    Atom,
    Catalogue,
    Crosswalk,
    Dispute,
    ImageBuilder,
    Remedy,
    Requirement,
    TrackRule,
    TrustRoot,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    Row = Mapping[str, Any]
    Expand = Callable[[str], tuple[str, ...]]

__all__ = ["catalogue_of", "remedy_of", "requirement_of", "track_of", "trust_root_of"]


def catalogue_of(rows: Row) -> Catalogue:
    """A catalogue from its rows; requirement ids inside trust roots are expanded to their atoms."""
    requirements = tuple(requirement_of(row) for row in rows["requirements"])
    tracks = tuple(track_of(row) for row in rows["tracks"])
    bare = Catalogue(rows["version"], requirements, tracks, ())
    roots = tuple(trust_root_of(row, bare.expand) for row in rows["trust_roots"])
    return Catalogue(rows["version"], requirements, tracks, roots)


def track_of(row: Row) -> TrackRule:
    """One track of one version."""
    return TrackRule(row["version"], row["track"], row["top"], tuple(row["subjects"]))


def requirement_of(row: Row) -> Requirement:
    """One requirement with its atoms and crosswalks."""
    return Requirement(
        id=row["id"],
        title=row["title"],
        versions=tuple(row["versions"]),
        track=row["track"],
        area=row.get("area"),
        levels=tuple(row["levels"]),
        subjects=tuple(row["subjects"]),
        responsible=row["responsible"],
        anchors=tuple(row["anchors"].items()),
        meaning=row["meaning"],
        evidence=row["evidence"],
        decidable=row["decidable"],
        atoms=tuple([Atom(**atom) for atom in row["atoms"]]),
        crosswalks=tuple([Crosswalk(**entry) for entry in row.get("crosswalks", ())]),
        track_in=tuple(row["track_in"].items()) if "track_in" in row else (),
    )


def remedy_of(row: Row) -> Remedy:
    """One remedy."""
    return Remedy(
        requirement=row["requirement"],
        platform=row["platform"],
        summary=row["summary"],
        text=row["text"],
        effort=row["effort"],
        who=row.get("who", ""),
    )


def trust_root_of(row: Row, expand: Expand) -> TrustRoot:
    """One trust root; a value of `signer` or `conditions` that is a list becomes several pairs of the same name."""
    return TrustRoot(
        id=row["id"],
        title=row["title"],
        level=row["level"],
        slsa_level=row["slsa_level"],
        signer=_pairs(row.get("signer", {})),
        builder_id=row["builder_id"],
        conditions=_pairs(row.get("conditions", {})),
        covers=_expanded(row["id"], row.get("covers", ()), expand),
        refutes=_expanded(row["id"], row.get("refutes", ()), expand),
        basis=row["basis"],
        date=row["date"],
        configured_by=tuple(row.get("configured_by", ())),
        disputes=tuple([Dispute(**entry) for entry in row.get("disputes", ())]),
        documented=row.get("documented", False),
    )


def image_builder_of(row: Row) -> ImageBuilder:
    """One builder of images; its keys that end in `_note` become pairs."""
    notes = tuple((name.removesuffix("_note"), value) for name, value in row.items() if name.endswith("_note"))
    rest = {name: value for name, value in row.items() if not name.endswith("_note")}
    return ImageBuilder(**{**rest, "sources": tuple(rest["sources"]), "notes": notes})


def _pairs(table: Row) -> tuple[tuple[str, str], ...]:
    found: list[tuple[str, str]] = []
    for name, value in table.items():
        found += [(name, one) for one in value] if isinstance(value, list) else [(name, value)]
    return tuple(found)


def _expanded(root: str, names: Iterable[str], expand: Expand) -> frozenset[str]:
    found: set[str] = set()
    for name in names:
        atoms = expand(name)
        if not atoms:
            advice = "see `slsacheck rules` for the names of requirements and atoms"
            raise CatalogError(
                f"names {name!r}, which no requirement and no atom has", where=f"trust root {root}", advice=advice
            )
        found.update(atoms)
    return frozenset(found)
