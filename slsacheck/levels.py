"""From results to levels: what is proved, configured, declared and possible on each track (DESIGN sections 1 and 9)."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from slsacheck.model import Outcome, TrackLevels
from slsacheck.record import record, replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from slsacheck.model import Atom, Catalogue, Requirement, Result, Subject, TrustRoot

__all__ = ["EXPECTATION_ATOMS", "fold", "levels_of", "track_levels", "worst"]

EXPECTATION_ATOMS = frozenset(
    {"verify.expectations", "build.consistent-process.expectations", "build.consistent-process.ecosystem-config"}
)
"""What an artifact's *configured* leaves out: the expectations, and the row that takes their outcome."""

_STRENGTH = (Outcome.UNKNOWN, Outcome.DECLARED, Outcome.CONFIGURED, Outcome.PASS)
_WORST_FIRST = (Outcome.FAIL, Outcome.ERROR, Outcome.UNKNOWN, Outcome.DECLARED, Outcome.CONFIGURED, Outcome.PASS)
_PROVED = frozenset({Outcome.PASS, Outcome.NOT_APPLICABLE})
_CONFIGURED = _PROVED | {Outcome.CONFIGURED}
_DECLARED = _CONFIGURED | {Outcome.DECLARED}


def fold(outcomes: Iterable[Outcome]) -> Outcome:
    """Several results on one atom: FAIL, then ERROR, then the strongest; NOT_APPLICABLE only where it stands alone."""
    found = set(outcomes)
    if len(found) > 1:
        found.discard(Outcome.NOT_APPLICABLE)
    if not found:
        return Outcome.UNKNOWN
    for decisive in (Outcome.FAIL, Outcome.ERROR, Outcome.NOT_APPLICABLE):
        if decisive in found:
            return decisive
    return max(found, key=_STRENGTH.index)


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """The outcome of a requirement of several atoms: the worst of them; NOT_APPLICABLE only where all are."""
    found = set(outcomes)
    return next(
        (outcome for outcome in _WORST_FIRST if outcome in found), Outcome.NOT_APPLICABLE if found else Outcome.UNKNOWN
    )


@record
class _Ladder:
    """One attestation's results (or all of a subject without attestations) on one track, folded by atom."""

    track: str
    atoms: tuple[tuple[Atom, Requirement], ...]
    folded: Mapping[str, Outcome]
    results: Mapping[str, Sequence[Result]]
    top: int
    attestation: str | None = None

    def reached(self, good: frozenset[Outcome], ignoring: frozenset[str] = frozenset()) -> int:
        """The highest level up to which every atom that counts has one of these outcomes."""

        def holds(atom: Atom) -> bool:
            return atom.id in ignoring or self.folded[atom.id] in good

        return self._highest(holds)

    def possible(self) -> int:
        """The highest level up to which nothing is refuted; an atom that nobody can decide stops it."""

        def open_(atom: Atom) -> bool:
            outcome = self.folded[atom.id]
            return outcome is not Outcome.FAIL and not (outcome is Outcome.UNKNOWN and atom.decidable == "undecidable")

        return self._highest(open_)

    def _highest(self, holds: Callable[[Atom], bool]) -> int:
        level = 0
        for candidate in range(1, self.top + 1):
            if not all(holds(atom) for atom, _ in self.atoms if atom.level == candidate):
                break
            level = candidate
        return level

    def blocking(
        self, reached: int, good: frozenset[Outcome], ignoring: frozenset[str] = frozenset()
    ) -> tuple[str, ...]:
        """The atoms that keep the level after `reached` away."""
        return tuple(
            atom.id
            for atom, _ in self.atoms
            if atom.level == reached + 1 and atom.id not in ignoring and self.folded[atom.id] not in good
        )

    def external(self, atoms: Iterable[str]) -> bool:
        """Whether one of these atoms is UNKNOWN because what decides lies elsewhere."""
        return any(
            result.external for atom in atoms if self.folded[atom] is Outcome.UNKNOWN for result in self.results[atom]
        )


def levels_of(
    subject: Subject,
    results: Iterable[Result],
    catalogue: Catalogue,
    spec: str,
    tracks: Iterable[str],
    *,
    waived: frozenset[str] = frozenset(),
) -> tuple[TrackLevels, ...]:
    """The levels of a subject on each track that its kind can have, in a version of the specification.

    `waived` are atom ids that count as met: only the gate asks so, never a report's level.
    """
    own = [result for result in results if result.subject == subject.id and result.counts]
    found = []
    for track in tracks:
        rule = catalogue.track(spec, track)
        if rule is not None and subject.kind in rule.subjects:
            found.append(track_levels(subject, own, catalogue, spec, track, waived=waived))
    return tuple(found)


def track_levels(
    subject: Subject,
    results: Iterable[Result],
    catalogue: Catalogue,
    spec: str,
    track: str,
    *,
    area: str | None = None,
    waived: frozenset[str] = frozenset(),
) -> TrackLevels:
    """The levels of a subject on one track; `area` narrows v0.1's ladder to one of its areas."""
    rule = catalogue.track(spec, track)
    if rule is None:
        return TrackLevels(track, defined=False, applies=False, proved=0, configured=None, declared=0, possible=0)
    if not getattr(subject, "applies", True):
        return TrackLevels(
            track, defined=True, applies=False, proved=0, configured=0, declared=0, possible=0, top=rule.top
        )
    rows = [row for row in catalogue.of(spec, track) if subject.kind in row.subjects and area in (None, row.area)]
    ladders = _ladders(track, rows, [result for result in results if result.must], rule.top, waived)
    best = max(ladders, key=lambda one: _rank(one, subject.kind))
    levels = _summary(best, subject, catalogue)
    if track == "slsa" and area is None:
        areas = tuple(dict.fromkeys(row.area for row in rows if row.area))
        parts = (
            (name, track_levels(subject, results, catalogue, spec, track, area=name, waived=waived)) for name in areas
        )
        levels = replace(levels, areas=tuple(parts))
    return levels


def _ladders(
    track: str, rows: list[Requirement], results: list[Result], top: int, waived: frozenset[str]
) -> list[_Ladder]:
    """One ladder for each attestation, with what was said apart from attestations in every one of them."""
    atoms = tuple((atom, row) for row in rows for atom in row.atoms if atom.must)
    names = {atom.id for atom, _ in atoms}
    relevant = [result for result in results if result.atom in names]
    groups: list[str | None] = list(dict.fromkeys(result.attestation for result in relevant if result.attestation))
    ladders = []
    for group in groups or [None]:
        by_atom: dict[str, list[Result]] = defaultdict(list)
        for result in relevant:
            if result.attestation in (None, group):
                by_atom[result.atom].append(result)
        folded = {
            name: Outcome.NOT_APPLICABLE if name in waived else fold(result.outcome for result in by_atom[name])
            for name in names
        }
        ladders.append(_Ladder(track, atoms, folded, by_atom, top, group))
    return ladders


def _ignored(kind: str) -> frozenset[str]:
    return EXPECTATION_ATOMS if kind == "artifact" else frozenset()


def _rank(ladder: _Ladder, kind: str) -> tuple[int, ...]:
    configured = ladder.reached(_CONFIGURED, _ignored(kind))
    return ladder.reached(_PROVED), configured, ladder.reached(_DECLARED), ladder.possible()


def _summary(ladder: _Ladder, subject: Subject, catalogue: Catalogue) -> TrackLevels:
    proved, ignored = ladder.reached(_PROVED), _ignored(subject.kind)
    reached = ladder.reached(_CONFIGURED, ignored)
    possible = ladder.possible()
    blocking = ladder.blocking(reached, _CONFIGURED, ignored)
    configured = _null_or(reached, ladder, blocking, subject.kind)
    if subject.kind == "artifact":
        blocking = ladder.blocking(proved, _PROVED)
    rows = tuple(dict.fromkeys(row.id for atom, row in ladder.atoms if atom.id in blocking))
    told = [result for atom in blocking for result in ladder.results[atom]]
    root = _trust_root(ladder, catalogue)
    return TrackLevels(
        track=ladder.track,
        defined=True,
        applies=True,
        proved=proved,
        configured=configured,
        declared=ladder.reached(_DECLARED),
        possible=possible,
        authentic=_authentic(subject, ladder, proved),
        blocked_by=rows,
        missing_evidence=_missing(ladder, proved),
        trust_root=root.id if root else None,
        trust_root_date=root.date if root else None,
        disputes=root.disputes if root else (),
        outcomes=_by_requirement(ladder),
        why=_why(told),
        top=ladder.top,
    )


def _null_or(reached: int, ladder: _Ladder, blocking: tuple[str, ...], kind: str) -> int | None:
    """None where what decides the blocking requirement lies elsewhere and nothing refutes it; revisions have none."""
    if kind in ("revision", "platform"):
        return None
    refuted = any(ladder.folded[atom] is Outcome.FAIL for atom in blocking)
    return None if reached == 0 and not refuted and ladder.external(blocking) else reached


def _authentic(subject: Subject, ladder: _Ladder, proved: int) -> bool | None:
    """Whether the attestation that proves the level is authentic; None where nothing is proved by one."""
    if proved == 0 or subject.kind != "artifact":
        return None
    known = {item.digest: item.authentic for item in getattr(subject, "verifications", ())}
    return known.get(ladder.attestation)


def _trust_root(ladder: _Ladder, catalogue: Catalogue) -> TrustRoot | None:
    names = [
        result.trust_root
        for results in ladder.results.values()
        for result in results
        if result.trust_root and result.outcome in _CONFIGURED
    ]
    return catalogue.trust_root(names[0]) if names else None


def _missing(ladder: _Ladder, proved: int) -> tuple[str, ...]:
    atoms = [atom.id for atom, _ in ladder.atoms if atom.level <= proved + 1 and ladder.folded[atom.id] not in _PROVED]
    return tuple(dict.fromkeys(text for atom in atoms for result in ladder.results[atom] for text in result.missing))


def _by_requirement(ladder: _Ladder) -> tuple[tuple[str, Outcome], ...]:
    found: dict[str, list[Outcome]] = {}
    for atom, row in ladder.atoms:
        found.setdefault(row.id, []).append(ladder.folded[atom.id])
    return tuple((name, worst(outcomes)) for name, outcomes in found.items())


def _why(told: list[Result]) -> str:
    """The sentence that matters most: a refutation first, then what is unknown."""
    order = {Outcome.FAIL: 0, Outcome.ERROR: 1, Outcome.UNKNOWN: 2}
    told = sorted((result for result in told if result.outcome in order), key=lambda result: order[result.outcome])
    return told[0].reason if told else ""
