"""The claims of a publication: each way in which provenance is made for it, and what speaks against that way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.evidence.publications.mechanisms import mechanism
from slsacheck.evidence.publications.revisions import other_source
from slsacheck.model import Claim, Place, Production, RunnerKind
from slsacheck.patterns import regex
from slsacheck.record import replace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slsacheck.evidence.publications.acts import Act
    from slsacheck.evidence.publications.parts import Part
    from slsacheck.evidence.publications.runs import Deed, Run

__all__ = ["claims_of", "made_of"]

WORTH = {"yes": 3, "partial": 2, "unknown": 1, "no": 0}
UNKNOWN_RUNNER = ("build.hosted.not-workstation", "v01.build.build-service")
"""What stays open where the machine may be somebody's own."""
GITHUBS = regex(r"^(?:(?:ubuntu|macos|windows)-[\w.-]+|auto|amd64|arm64)$")
"""Labels of GitHub's own runners, and the words by which docker/github-builder chooses among them."""
UNKNOWN_ISOLATION = (
    "build.isolated.secrets",
    "build.isolated.concurrent",
    "build.isolated.ephemeral",
    "build.isolated.cache",
    "build.isolated.remote-influence",
    "v01.build.ephemeral-environment",
    "v01.build.isolated.secrets",
    "v01.build.isolated.concurrent",
    "v01.build.isolated.persistence",
    "v01.build.isolated.cache",
)
"""What stays open where the platform that signs does not run the machine: it may be kept, shared or reached."""


_WHOSE = {
    RunnerKind.SELF_HOSTED: "runners of its own",
    RunnerKind.THIRD_PARTY: "another company's runners",
    RunnerKind.UNKNOWN: "a runner whose label does not tell whose it is",
}


def claims_of(parts: Sequence[Part], makers: Sequence[Run]) -> tuple[Claim, ...]:
    """The claims for a set, best first; the same mechanism at several places is one claim where it covers alike."""
    found: list[Claim] = []
    for part in parts:
        own = _own(part)
        if own is not None:
            found.append(own)
        found += [_attested(attest.deed, cover.how, cover.why) for attest, cover in part.covers]
    open_atoms, external = _runners(makers)
    open_atoms = (*open_atoms, *other_source(makers).items())
    merged = [
        replace(
            claim,
            unknown=(*claim.unknown, *open_atoms),
            external=(*claim.external, *(external if claim.root else ())),  # what no root speaks of is not left to it
        )
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
    from slsacheck.evidence.publications.refusals import refusal

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
    """Atoms that the build jobs' machines leave open, and what decides them.

    Hosted and larger runners are the platform's own and thrown away after the job. Other companies' are hosted, but
    not by whom the trust root speaks of; a project's own may be kept, and may be a workstation; of a computed label
    only a run can tell.
    """
    atoms: dict[str, str] = {}
    external: list[str] = []
    for run in makers:
        runner = run.job.runner
        if runner is None and (label := _handed_over(run)):
            reason = f"job {run.job.id} asks for a runner that is not GitHub's ({label})"
            atoms.update(dict.fromkeys((*UNKNOWN_ISOLATION, *UNKNOWN_RUNNER), reason))
            external.append(f"runner fleet {label}")
        if runner is None or runner.kind in (RunnerKind.HOSTED, RunnerKind.LARGER):
            continue
        tagged = run.pipeline.system == "gitlab-ci" and bool(runner.labels)  # chosen by tags that are no GitLab's
        if runner.kind is RunnerKind.UNKNOWN and run.pipeline.system != "github-actions" and not tagged:
            continue  # who runs the machines of these systems is the platform's business, of which no root speaks
        own = runner.kind is RunnerKind.SELF_HOSTED or tagged
        reason = f"job {run.job.id} runs on {_WHOSE[runner.kind]} ({runner.label})"
        for atom in (*UNKNOWN_ISOLATION, *(UNKNOWN_RUNNER if own else ())):
            atoms.setdefault(atom, reason)
        external.append(f"runner fleet {runner.label}")
    return tuple(atoms.items()), tuple(dict.fromkeys(external))


def _handed_over(run: Run) -> str:
    """The runner that a called workflow is told to build on, where its label is not one of GitHub's."""
    given = next((item.value for item in run.job.inputs if item.name.lower() == "runner"), "")
    labels = (line.rpartition("=")[2].strip() for line in given.splitlines() if "${{" not in line)
    return next((label for label in labels if label and not GITHUBS.match(label)), "")


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
