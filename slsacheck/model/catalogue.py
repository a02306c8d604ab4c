"""The rows of the catalogue: requirements, their atoms, remedies, and the trust roots of build platforms."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from slsacheck.record import record, replace

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "Atom",
    "Catalogue",
    "Crosswalk",
    "Dispute",
    "ImageBuilder",
    "Remedy",
    "Requirement",
    "TrackRule",
    "TrustRoot",
]


@record
class Atom:
    """One independently refutable demand of a requirement, with the level of its track at which it is asked.

    Only atoms with `must` count for a level. `decidable` is one of `decidable`, `pass-only`, `fail-only`,
    `undecidable`: how far evidence from outside can decide it; `undecidable_reason` is required for the last.
    """

    id: str
    level: int
    meaning: str
    must: bool = True
    not_applicable: bool = False
    decidable: str = "decidable"
    undecidable_reason: str = ""


@record
class Crosswalk:
    """A row of another framework that asks for the same or nearly so; `relation` is same, supports or near."""

    framework: str
    id: str
    relation: str
    basis: str = ""


@record
class Requirement:
    """A row of the specification, for all the versions in which it reads the same.

    `track_in` names (version, track) pairs where the row belongs to another track than `track`: the expectations
    are asked on the one ladder of v0.1 and on the Build track of every later version.
    """

    id: str
    title: str
    versions: tuple[str, ...]
    track: str
    area: str | None
    levels: tuple[int, ...]
    subjects: tuple[str, ...]
    responsible: str
    anchors: tuple[tuple[str, str], ...]
    meaning: str
    evidence: str
    decidable: str
    atoms: tuple[Atom, ...]
    crosswalks: tuple[Crosswalk, ...] = ()
    track_in: tuple[tuple[str, str], ...] = ()

    def spec_url(self, version: str) -> str:
        """The address of the row in a version of the specification; the newest one where it lacks that version."""
        if not self.anchors:
            return ""
        anchors = dict(self.anchors)
        chosen = version if version in anchors else self.anchors[-1][0]
        return f"https://slsa.dev/spec/{chosen}/{anchors[chosen]}"

    def track_of(self, version: str) -> str:
        """The track that the row belongs to in a version of the specification."""
        return dict(self.track_in).get(version, self.track)

    def asked_at(self, level: int) -> tuple[Atom, ...]:
        """The atoms that count for a level: those with `must` that are asked at it or below."""
        return tuple(atom for atom in self.atoms if atom.must and atom.level <= level)


@record
class Remedy:
    """What to do about a requirement on one platform (`any`: whatever the platform); `text` can be pasted.

    `requirement` is the id of a requirement, or of one of its atoms where that needs another answer.
    `effort` is minutes, hours or days.
    """

    requirement: str
    platform: str
    summary: str
    text: str
    effort: str
    who: str = ""


@record
class Dispute:
    """Somebody else's claim about a trust root's level, with its source."""

    claim: str
    level: int
    source: str


@record
class TrustRoot:
    """(signer, builder.id, conditions) -> the level that provenance from there is trusted for.

    `level` is the Build level of v1.x, `slsa_level` the ladder level of v0.1. `covers` and `refutes` are atom ids
    (all spec generations mixed); covered atoms above the level are not passed. `signer` and `conditions` hold
    what the verifier matches; `configured_by` the names by which build configuration uses this root. `documented`:
    it rests on documents alone, because no signed sample of it was ever read; then a verified artifact has level 1.
    """

    id: str
    title: str
    level: int
    slsa_level: int
    signer: tuple[tuple[str, str], ...]
    builder_id: str
    conditions: tuple[tuple[str, str], ...]
    covers: frozenset[str]
    refutes: frozenset[str]
    basis: str
    date: str
    configured_by: tuple[str, ...] = ()
    disputes: tuple[Dispute, ...] = ()
    documented: bool = False


@record
class TrackRule:
    """A track in a version of the specification and its highest level; `subjects` are the kinds it speaks of."""

    version: str
    track: str
    top: int
    subjects: tuple[str, ...]


@record(slots=False)
class Catalogue:
    """All requirements, tracks and trust roots in force, and their version.

    Look-ups use indexes that are made on first use (hence no slots); they are no part of the value.
    """

    version: str
    requirements: tuple[Requirement, ...]
    tracks: tuple[TrackRule, ...]
    trust_roots: tuple[TrustRoot, ...]

    @cached_property
    def _by_name(self) -> dict[str, Requirement]:
        names = {atom.id: row for row in self.requirements for atom in row.atoms}
        return names | {row.id: row for row in self.requirements}

    @cached_property
    def _atoms(self) -> dict[str, Atom]:
        return {atom.id: atom for row in self.requirements for atom in row.atoms}

    @cached_property
    def _by_track(self) -> dict[tuple[str, str], tuple[Requirement, ...]]:
        found: dict[tuple[str, str], list[Requirement]] = {}
        for row in self.requirements:
            for version in row.versions:
                found.setdefault((version, row.track_of(version)), []).append(row)
        return {key: tuple(rows) for key, rows in found.items()}

    @cached_property
    def _roots(self) -> dict[str, TrustRoot]:
        return {root.id: root for root in self.trust_roots}

    @cached_property
    def _rules(self) -> dict[tuple[str, str], TrackRule]:
        return {(rule.version, rule.track): rule for rule in self.tracks}

    def requirement(self, name: str) -> Requirement | None:
        """The requirement of that id, or the one that holds the atom of that id."""
        return self._by_name.get(name)

    def atom(self, name: str) -> Atom | None:
        """The atom of that id."""
        return self._atoms.get(name)

    def expand(self, name: str) -> tuple[str, ...]:
        """The atom ids that a name stands for: itself for an atom, all its atoms for a requirement, else none."""
        if name in self._atoms:
            return (name,)
        row = self._by_name.get(name)
        return () if row is None else tuple(atom.id for atom in row.atoms)

    def of(self, version: str, track: str) -> tuple[Requirement, ...]:
        """The requirements of a track in a version, in catalogue order."""
        return self._by_track.get((version, track), ())

    def track(self, version: str, track: str) -> TrackRule | None:
        """The rule of a track in a version; None where that version does not define the track."""
        return self._rules.get((version, track))

    def tracks_of(self, version: str) -> tuple[TrackRule, ...]:
        """The tracks that a version of the specification defines."""
        return tuple(rule for rule in self.tracks if rule.version == version)

    def trust_root(self, name: str) -> TrustRoot | None:
        """The trust root of that id."""
        return self._roots.get(name)

    def with_trust_roots(self, roots: Iterable[TrustRoot]) -> Catalogue:
        """A catalogue with more trust roots; one whose id is known already replaces the known one."""
        merged = {**self._roots, **{root.id: root for root in roots}}
        return replace(self, trust_roots=tuple(merged.values()))


@record
class ImageBuilder:
    """A tool that makes container images: a row of `rules/image_builders.toml`.

    `provenance`, `sbom`, `signs` and `reproducible` are yes, no, or asked (only where it is asked for), each with a
    note; `cannot` says what nobody can tell from what it makes, `unread` what slsacheck does not read of its files.
    """

    id: str
    title: str
    means: str
    dockerfile: bool
    provenance: str
    sbom: str
    signs: str
    reproducible: str
    cannot: str
    unread: str
    sources: tuple[str, ...]
    notes: tuple[tuple[str, str], ...] = ()

    def note(self, what: str) -> str:
        """What there is to say about one of them."""
        return dict(self.notes).get(what, "")
