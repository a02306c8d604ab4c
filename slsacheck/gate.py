"""The gate: whether every subject that counts reaches the levels that were required."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.errors import UsageError
from slsacheck.levels import levels_of
from slsacheck.model import AssessedSubject, Coverage, Gate, TrackLevels
from slsacheck.record import record, replace

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from slsacheck.model import Catalogue, Result, Subject, Waiver

__all__ = ["Demand", "assessed", "demand_of", "judge", "never_waived"]

NOT_GATED = frozenset({"checksums", "metadata"})
"""Types of publications that no gate asks for: they speak of other things that are published."""


@record
class Demand:
    """`--require build=2`: a track and the level that every subject on it must have."""

    track: str
    level: int

    def __str__(self) -> str:
        return f"{self.track}={self.level}"


def demand_of(text: str, catalogue: Catalogue, spec: str) -> Demand:
    """Reads `TRACK=LEVEL`. Raises UsageError where the version has no such track or level."""
    track, _, level = text.partition("=")
    rules = {rule.track: rule.top for rule in catalogue.tracks_of(spec)}
    if track not in rules:
        raise UsageError(f"SLSA {spec} has no track {track!r}", advice=f"tracks: {', '.join(rules)}")
    if not (level.isascii() and level.isdigit()) or not 1 <= int(level) <= rules[track]:
        advice = f"as in --require {track}=1"
        raise UsageError(f"--require {text}: {track} has levels 1 to {rules[track]}", advice=advice)
    return Demand(track, int(level))


_NEVER_WAIVED = ("verify.expectations", "build.consistent-process", "v01.provenance.authenticated")


def never_waived(atom: str) -> bool:
    """Whether an atom can not be waived: the expectations, and whether a signature holds (DESIGN section 9)."""
    return atom.startswith(_NEVER_WAIVED) or atom.endswith("authentic.integrity")


def assessed(
    subjects: Sequence[Subject],
    results: Sequence[Result],
    catalogue: Catalogue,
    spec: str,
    tracks: Collection[str],
    waivers: Iterable[Waiver] = (),
    expected: Mapping[str, int] | None = None,
) -> tuple[AssessedSubject, ...]:
    """All subjects with their levels; a publication's *proved* is the lowest of its artifacts when the set is complete.

    `expected` says how many artifacts a publication has, where a manifest or checksum file lists them.
    """
    by_subject: dict[str, list[Result]] = {}
    for result in results:
        by_subject.setdefault(result.subject, []).append(result)
    waived: dict[str, set[str]] = {}
    for waiver in waivers:
        if not waiver.expired:
            own_atoms = (atom for atom in catalogue.expand(waiver.atom) if not never_waived(atom))
            waived.setdefault(waiver.subject, set()).update(own_atoms)
    found = {}
    for subject in subjects:
        own = frozenset(waived.get(subject.id, ()))
        levels = levels_of(subject, by_subject.get(subject.id, ()), catalogue, spec, tracks, waived=own)
        found[subject.id] = AssessedSubject(subject, levels)
    artifacts: dict[str, list[AssessedSubject]] = {}
    for item in found.values():
        if (name := getattr(item.subject, "publication", None)) in found:
            artifacts.setdefault(str(name), []).append(item)
    return tuple(
        _with_artifacts(item, artifacts.get(item.subject.id, []), (expected or {}).get(item.subject.id))
        if item.subject.kind == "publication"
        else item
        for item in found.values()
    )


def _with_artifacts(item: AssessedSubject, artifacts: list[AssessedSubject], expected: int | None) -> AssessedSubject:
    coverage = Coverage(len(artifacts), expected)
    complete = expected is not None and len(artifacts) >= expected > 0
    levels = tuple(
        _lowest(own, artifacts) if complete else replace(own, proved=0, authentic=None) for own in item.levels
    )
    return replace(item, levels=levels, coverage=coverage)


def _lowest(own: TrackLevels, artifacts: list[AssessedSubject]) -> TrackLevels:
    found = [levels for artifact in artifacts if (levels := artifact.track(own.track)) is not None]
    lowest = min(found, key=lambda levels: (levels.proved, levels.authentic is not False), default=None)
    return replace(own, proved=lowest.proved, authentic=lowest.authentic) if lowest else own


def judge(
    demands: Sequence[Demand], subjects: Sequence[AssessedSubject], accept: Collection[str], targets: Sequence[str] = ()
) -> Gate:
    """Whether each demand is met by every subject on its track; a demand that no subject answers is not met.

    `targets` are the ids of several targets: each of them must answer, for one that publishes nothing proves nothing.
    """
    reasons: list[str] = []
    covered: dict[str, None] = {}
    for demand in demands:
        own = [item for item in subjects if _counts(item, demand.track)]
        for target in targets or (None,):
            if not any(target in (None, item.subject.target) for item in own):
                where = f" in {target}" if target else ""
                reasons.append(f"{demand}: nothing was found{where} that could have a {demand.track} level")
        covered |= dict.fromkeys(item.subject.id for item in own)
        reasons += [text for item in own if (text := _reason(item, demand, accept))]
    return Gate(not reasons, tuple(str(demand) for demand in demands), tuple(covered), tuple(reasons))


def _reason(item: AssessedSubject, demand: Demand, accept: Collection[str]) -> str:
    """Why a subject does not meet a demand; empty where it does."""
    levels = item.track(demand.track)
    assert levels is not None
    short = _short(levels, demand, _accepted(item, accept))
    if short and item.coverage.given and item.coverage.expected is None:
        short = f"{item.coverage.given} of its artifacts given, and nothing says that they are all: --complete does"
    return f"{demand}: {item.subject.name}: {short}" if short else ""


def _accepted(item: AssessedSubject, accept: Collection[str]) -> Collection[str]:
    """What counts for a subject: *configured* of an artifact leaves its expectations out, which nothing may."""
    return frozenset(accept) - {"configured"} if item.subject.kind == "artifact" else accept


def _counts(item: AssessedSubject, track: str) -> bool:
    levels = item.track(track)
    return levels is not None and levels.applies and getattr(item.subject, "type", "") not in NOT_GATED


def _short(levels: TrackLevels, demand: Demand, accept: Collection[str]) -> str:
    """Why a level is not enough; empty where it is."""
    best = 0 if levels.authentic is False and "unsigned" not in accept else levels.proved
    if "configured" in accept:
        best = max(best, levels.configured or 0)
    if "declared" in accept:
        best = max(best, levels.declared)
    if best >= demand.level:
        return ""
    if levels.authentic is False and levels.proved >= demand.level:
        return f"level {levels.proved} rests on provenance that is not authenticated (--accept unsigned counts it)"
    told = levels.missing_evidence[0] if levels.missing_evidence else levels.why
    return f"proved {levels.proved}" + (f"; {told}" if told else "")
