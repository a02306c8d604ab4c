"""How far one attestation reaches: the words that files and images share."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slsacheck.evidence.publications.acts import ActKind
from slsacheck.evidence.publications.circumstances import runner_os
from slsacheck.evidence.publications.expressions import truth
from slsacheck.patterns import regex
from slsacheck.record import record

if TYPE_CHECKING:
    from slsacheck.evidence.publications.flows import Flows
    from slsacheck.evidence.publications.runs import Deed, Run

__all__ = ["REFUSES", "Attest", "Cover", "broken", "limited"]

SOME = "the attesting step runs for some of the matrix only"
RETIRED = "this version of the generator cannot sign any more: it does not understand Sigstore's trust root of today"
KEPT = "the provenance stays in the workflow: `upload-assets` is not on, and no job hands it out"
NO_TAG = "the generator attaches provenance to the release of a tag that starts it; here it needs `upload-tag-name`"
PROVENANCE = regex(r"provenance|intoto|in-toto|attestation|slsa", re.IGNORECASE)
NOT_BY_TAG = "the generator must be used by its full version tag; by anything else it refuses to run"
REFUSES = (NOT_BY_TAG, RETIRED)
"""Why a generator refuses to run: by how it is named, or by its age."""


@record
class Attest:
    """A provenance act and the run it happens in."""

    run: Run
    deed: Deed


@record
class Cover:
    """How far an attestation covers a set (yes, partial, no, unknown; some: it is lost for some), and why not."""

    how: str
    why: str = ""


def broken(attest: Attest, flows: Flows) -> Cover | None:
    """Why an attestation is never made: the mechanism refuses to run as it is used, or is given nothing."""
    act = attest.deed.act
    how = act.fact("broken")
    if how:
        return Cover("no", REFUSES[how == "retired"])
    if act.fact("kept") and not _handed_out(attest, flows):
        return Cover("no", KEPT)
    if act.fact("by-tag") and (doubt := _without_tag(attest.run)) and not _handed_out(attest, flows):
        return Cover(doubt, NO_TAG)
    from slsacheck.evidence.publications.blanks import blank

    nothing = blank(flows, attest)
    return Cover("no", nothing) if nothing else None


def _without_tag(run: Run) -> str:
    """How provenance reaches no release: `no` where no tag starts a workflow, `unknown` where somebody may do so.

    Empty where a tag does, and where callers decide (`upload-assets` in the generator's own documentation).
    """
    from slsacheck.evidence.publications.happening import worlds

    events = worlds(run.top.triggers)
    refs = [world.get("github.ref", ("",))[0] for world in events]
    called = not all("github.event_name" in world for world in events)
    if called or any(ref.startswith("refs/tags/") for ref in refs):
        return ""
    return "no" if all(refs) else "unknown"


def _handed_out(attest: Attest, flows: Flows) -> bool:
    """Whether a job that waits for the provenance fetches it, by its name or with everything else, to publish it."""
    for run in flows.groups.get(attest.run.workflow, ()):
        if attest.run.id not in run.before or not run.of(ActKind.PUBLISH, ActKind.SCRIPT):
            continue
        names = [deed.act.name or "*" for deed in run.of(ActKind.FETCH)]
        if any(name == "*" or PROVENANCE.search(name) or f"needs.{attest.run.job.id}." in name for name in names):
            return True
    return False


def limited(attest: Attest, run: Run) -> Cover:
    """Covered, or only for some of a matrix where the attesting step stands under a condition on it."""
    return Cover("some", SOME) if _for_some(attest, run) else Cover("yes")


def _for_some(attest: Attest, publisher: Run) -> bool:
    """Whether the attesting step runs for some values of a matrix only, while its files are handed on for all."""
    run = attest.run
    beside = [
        deed
        for deed in run.of(ActKind.PASS_ON, ActKind.PUBLISH)
        if deed.act.kind is ActKind.PASS_ON or run is publisher
    ]
    for axis, values in run.values.items():
        if not axis.startswith("matrix.") or len(values) <= 1:
            continue
        for value in values:
            labels = run.job.runner.labels if run.job.runner is not None else ()
            known = {**run.values, axis: (value,), **runner_os((value,) if value in labels else ())}
            if _skipped(attest.deed, known) and any(not _skipped(deed, known) for deed in beside):
                return True
    return False


def _skipped(deed: Deed, values: dict[str, tuple[str, ...]]) -> bool:
    return any(truth(condition, values) is False for condition in deed.conditions)
