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
_OWN = regex(r"\$\{\{ *github\.repository *\}\}|\$\{?CI_REGISTRY_IMAGE\b")
_GENERATOR = "slsa-framework/slsa-github-generator"


def hints_of(scene: Scene) -> Iterator[Finding]:
    """All hints."""
    yield from _generators_by_sha(scene)
    yield from _signed_only(scene)
    yield from _own_containers(scene)


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


def _own_containers(scene: Scene) -> Iterator[Finding]:
    """A release that is built in a container which this repository publishes itself: who can push it, builds."""
    from slsacheck.evidence.publications.images import same_image

    images = [one.name for one in scene.publications if one.type == "container-image"]
    for _, job in scene.jobs():
        if not scene.released(job):
            continue
        for image in dict.fromkeys(one for one in (job.image, *(step.image for step in job.steps)) if one is not None):
            if _OWN.search(image.raw) or any(same_image(image.raw, name) for name in images):
                reason = (
                    f"the release is built in {image.raw}, which this repository publishes: its tag decides what builds"
                )
                remedy = "pin it by digest, and verify that image's provenance before the build uses it"
                yield Finding("own-build-container", "low", reason, (image.at,), remedy)
