"""What else is told about a publication: signatures, SBOMs, scripts, parameters, caches, and its path."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slsacheck.evidence.publications.acts import ActKind
from slsacheck.model import PathPart, Production
from slsacheck.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from slsacheck.evidence.publications.flows import Flows
    from slsacheck.evidence.publications.parts import Part
    from slsacheck.evidence.publications.runs import Deed, Run
    from slsacheck.model import Claim, Place

__all__ = ["caches_at", "parameters_at", "path_of", "sboms", "scripted_at", "signings"]

CACHE_ACTIONS = regex(
    r"^(actions/cache|swatinem/rust-cache|mozilla-actions/sccache|buildjet/cache|gradle/)", re.IGNORECASE
)
CACHE_INPUTS = frozenset({"cache", "cache-from", "cache-to", "enable-cache", "bundler-cache", "restore-keys"})
OFF = frozenset({"", "false", "no", "off"})


def _beside(parts: Sequence[Part], makers: Sequence[Run], flows: Flows, kind: ActKind) -> list[Deed]:
    """The deeds of a kind in the jobs that make or publish a set, and in jobs that have their files."""
    ids = {id(run) for run in makers} | {id(part.run) for part in parts}
    found = []
    for run in flows.groups.get(parts[0].run.workflow, ()):
        here = run.of(kind)
        if here and (id(run) in ids or any(id(one) in ids for one in flows.givers(run)[0])):
            found += here
    return found


def _speaks_of(deed: Deed, image: bool) -> bool:
    wanted = deed.act.type
    return wanted is None or (wanted == "container-image") == image


def signings(parts: Sequence[Part], makers: Sequence[Run], flows: Flows) -> Production:
    """How a set is signed, provenance apart."""
    image = parts[0].type == "container-image"
    found = [deed for deed in _beside(parts, makers, flows, ActKind.SIGN) if _speaks_of(deed, image)]
    own = [part.deed for part in parts if part.deed.act.signing]
    for deed in (*own, *found):
        how = deed.act.signing or "unknown"
        return Production(how, deed.act.tool, tuple(dict.fromkeys(one.act.at for one in (*own, *found))))
    return Production("none")


def sboms(parts: Sequence[Part], makers: Sequence[Run], flows: Flows) -> Production:
    """Whether an SBOM of a set is made."""
    found = _beside(parts, makers, flows, ActKind.SBOM)
    own = [part.deed for part in parts if part.deed.act.fact("sbom")]
    if own or found:
        deeds = (*own, *found)
        return Production("yes", deeds[0].act.tool, tuple(dict.fromkeys(one.act.at for one in deeds)))
    return Production("no")


def scripted_at(makers: Iterable[Run]) -> tuple[Place, ...]:
    """Where the steps of the build are defined."""
    found: list[Place] = []
    for run in makers:
        built = [deed.act.at for deed in run.of(ActKind.BUILD)]
        found += built or [run.job.at]
    return tuple(dict.fromkeys(found))[:20]


def parameters_at(run: Run) -> tuple[Place, ...]:
    """Where whoever starts the workflow by hand may hand something over."""
    return tuple(trigger.at for trigger in run.top.triggers if trigger.event == "workflow_dispatch" and trigger.inputs)


def caches_at(makers: Iterable[Run]) -> tuple[Place, ...]:
    """The steps of the build that take something from a cache."""
    found = []
    for run in makers:
        for step in run.job.steps:
            if step.uses is not None and CACHE_ACTIONS.match(step.uses.name):
                found.append(step.at)
            found += [item.at for item in step.inputs if item.name in CACHE_INPUTS and item.value.lower() not in OFF]
    return tuple(dict.fromkeys(found))[:20]


def path_of(parts: Sequence[Part], makers: Sequence[Run], claims: Sequence[Claim]) -> tuple[PathPart, ...]:
    """The stations of a set: what starts it, who builds, who publishes, where provenance is made, where it goes."""
    run = parts[0].run
    act = parts[0].deed.act
    stations = [PathPart("trigger", trigger.event, trigger.at) for trigger in run.top.triggers]
    stations += [PathPart("build", one.id, one.job.at) for one in makers]
    stations += [PathPart("publish", f"{run.id}: {act.tool}", act.at)]
    stations += [
        PathPart(
            "provenance",
            claim.mechanism,
            claim.at[0] if claim.at else None,
            broken="" if claim.covers == "yes" else claim.reason,
        )
        for claim in claims
    ]
    return (*stations, PathPart("channel", act.channel or "git"))
