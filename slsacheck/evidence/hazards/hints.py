"""Hints: configuration that makes verification harder than it need be. They never move a level."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.model import Finding, Pin
from slsacheck.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from slsacheck.evidence.hazards.scene import Scene

__all__ = ["hints_of"]

_FULL_TAG = regex(r"v\d+\.\d+\.\d+")
_GENERATOR = "slsa-framework/slsa-github-generator"


def hints_of(scene: Scene) -> Iterator[Finding]:
    """All hints."""
    yield from _generators_by_sha(scene)
    yield from _signed_only(scene)


def _generators_by_sha(scene: Scene) -> Iterator[Finding]:
    for _, job in scene.jobs():
        if job.uses is not None and job.uses.name == _GENERATOR and not _FULL_TAG.fullmatch(job.uses.ref):
            how = "a commit" if job.uses.pin is Pin.SHA else f"{job.uses.ref!r}"
            reason = f"the generator is used by {how}, and verifiers accept only a full version tag"
            remedy = f"{job.uses.raw.partition('@')[0]}@v2.1.0"
            yield Finding("generator-reference", "medium", reason, (job.uses.at,), remedy)


def _signed_only(scene: Scene) -> Iterator[Finding]:
    for publication in scene.publications:
        if publication.signing.made not in ("none", "unknown") and publication.provenance.made == "no":
            reason = f"{publication.name} is signed but has no provenance: a signature says who, not how it was built"
            remedy = "attest it in the job that builds it"
            yield Finding(
                "signature-without-provenance", "low", reason, publication.signing.at or publication.at, remedy
            )
