"""The draft Dependency track of a revision: what the checkout shows of the handling of dependencies."""

from __future__ import annotations

from collections.abc import Iterable

from slsacheck.api import check, declared, unknown
from slsacheck.model import Named, Revision, Verdict

ELSEWHERE = {
    "dependency.scan": "results of a vulnerability scan of every release",
    "dependency.triage": "the decisions on every known vulnerability (VEX or a tracker), for every release",
    "dependency.producer-controlled": "the registry settings of the build environment",
    "dependency.ingestion-policy": "the policy of the artifact manager that the build fetches from",
}


@check("dependency.inventory", experimental=True)
def dependencies_are_written_down(revision: Revision, manifests: tuple[Named, ...]) -> Verdict:
    """Every dependency of the build is written down."""
    missing = ["an SBOM that the build of each release makes"]
    if not manifests:
        return unknown("no manifest of an ecosystem that is understood was found", at=revision.at, missing=missing)
    bare = [item for item in manifests if not item.live]
    if bare:
        reason = f"{bare[0].name} has no lock file beside it"
        return unknown(reason, at=[place for item in bare for place in item.at], missing=missing)
    reason = "lock files pin the dependencies of this revision; base images, actions and tools are not in them"
    return declared(reason, at=[place for item in manifests for place in item.at])


@check(*ELSEWHERE, experimental=True)
def dependencies_are_handled(revision: Revision) -> Iterable[Verdict]:
    """Dependencies are scanned, triaged and fetched from controlled places."""
    reason = "what the organisation does with its dependencies does not show in a checkout"
    return [unknown(reason, at=revision.at, atom=atom, missing=[text]) for atom, text in ELSEWHERE.items()]
