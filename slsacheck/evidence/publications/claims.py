"""The claims of a publication: each way in which provenance is made for it, and what speaks against that way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.evidence.publications.mechanisms import mechanism
from slsacheck.evidence.publications.refusals import refusal
from slsacheck.model import Claim, Place, Production, RunnerKind
from slsacheck.record import replace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slsacheck.evidence.publications.acts import Act
    from slsacheck.evidence.publications.parts import Part
    from slsacheck.evidence.publications.runs import Deed, Run

__all__ = ["claims_of", "made_of"]

WORTH = {"yes": 3, "partial": 2, "unknown": 1, "no": 0}
UNKNOWN_RUNNER = ("build.hosted.not-workstation", "build.isolated.ephemeral")
UNKNOWN_ISOLATION = (
    "build.isolated.secrets",
    "build.isolated.concurrent",
    "build.isolated.ephemeral",
    "build.isolated.cache",
    "build.isolated.remote-influence",
)


def claims_of(parts: Sequence[Part], makers: Sequence[Run]) -> tuple[Claim, ...]:
    """The claims for a set, best first; the same mechanism at several places is one claim where it covers alike."""
    found: list[Claim] = []
    for part in parts:
        own = _own(part)
        if own is not None:
            found.append(own)
        found += [_attested(attest.deed, cover.how, cover.why) for attest, cover in part.covers]
    open_atoms, external = _runners(makers)
    merged = [
        replace(claim, unknown=(*claim.unknown, *open_atoms), external=(*claim.external, *external))
        for claim in _merged(found)
    ]
    return tuple(sorted(merged, key=_rank, reverse=True))


def _rank(claim: Claim) -> tuple[int, int]:
    return WORTH[claim.covers], mechanism(claim.mechanism).level


def _own(part: Part) -> Claim | None:
    """What the publishing tool attests by itself."""
    act = part.deed.act
    if act.root is None or act.provenance in (None, "no"):
        return None
    known = mechanism(act.root)
    covers = "yes" if act.provenance == "yes" else "unknown"
    refused = refusal(part.run, act)
    at = [*_stated(act), act.at, *part.deed.via]
    reason = "the publishing step makes it by itself"
    if refused is not None:
        covers, reason = refused
    return Claim(
        mechanism=act.root,
        root=known.root,
        covers=covers,
        signed=known.signed,
        at=tuple(at),
        reason=reason,
        refuted=known.refutes,
        external=act.external,
    )


def _stated(act: Act) -> list[Place]:
    """Where a tool's configuration asks for provenance, if that is not the publishing line."""
    stated = act.fact("provenance-at") or ""
    path, _, line = stated.rpartition(":")
    if path and line.isdigit():
        return [Place(path=path, line=int(line))]
    line = act.fact("provenance-line") or ""
    return [replace(act.at, line=int(line), column=None)] if line.isdigit() else []


def _attested(deed: Deed, covers: str, why: str) -> Claim:
    act = deed.act
    known = mechanism(act.root or act.tool)
    line = act.fact("input-line")
    extra: tuple[Place, ...] = (replace(act.at, line=int(line), column=None),) if line and line.isdigit() else ()
    return Claim(
        mechanism=known.name,
        root=known.root,
        covers=covers,
        signed=known.signed,
        at=(act.at, *extra, *deed.via),
        reason=why or "it names what is published",
        refuted=known.refutes,
        external=act.external,
    )


def _merged(found: list[Claim]) -> list[Claim]:
    table: dict[tuple[str, str, str], Claim] = {}
    for claim in found:
        key = (claim.mechanism, claim.covers, claim.reason)
        before = table.get(key)
        at = tuple(dict.fromkeys((*(before.at if before else ()), *claim.at)))
        table[key] = replace(claim, at=at)
    return list(table.values())


def _runners(makers: Sequence[Run]) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
    """Atoms that the build jobs' machines leave open, and what decides them."""
    atoms: dict[str, str] = {}
    external: list[str] = []
    for run in makers:
        runner = run.job.runner
        if runner is None or runner.kind in (RunnerKind.HOSTED, RunnerKind.LARGER, RunnerKind.UNKNOWN):
            continue
        own = runner.kind is RunnerKind.SELF_HOSTED
        whose = "runners of its own" if own else "another company's runners"
        for atom in UNKNOWN_RUNNER if own else UNKNOWN_ISOLATION:
            atoms.setdefault(atom, f"job {run.job.id} runs on {whose} ({runner.label})")
        if own:
            atoms.update(dict.fromkeys(UNKNOWN_ISOLATION, f"job {run.job.id} runs on {whose} ({runner.label})"))
        external.append(f"runner fleet {runner.label}")
    return tuple(atoms.items()), tuple(dict.fromkeys(external))


def made_of(claims: Sequence[Claim], parts: Sequence[Part]) -> Production:
    """Whether provenance is made for a set: the best claim tells."""
    real = [claim for claim in claims if mechanism(claim.mechanism).level > 0 and claim.covers != "no"]
    if real:
        best = real[0]
        at = tuple(dict.fromkeys(place for claim in real for place in claim.at))
        return Production("unknown" if mechanism(best.mechanism).external else best.covers, best.mechanism, at)
    hidden = [part.deed.act for part in parts if part.deed.act.provenance == "unknown"]
    if hidden:
        return Production("unknown", hidden[0].tool, (hidden[0].at,))
    return Production("no")
