"""Verifying an index: as a whole, the image of one platform, or each platform's image apart.

An attestation of an index speaks of every image that the index names by digest. One of a platform's image says nothing
about the others, nor about the index: who can write the tag could put another image of the same signer in its place.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from slsacheck.errors import SlsacheckError
from slsacheck.evidence.attestations.steps import RefusedError, shown
from slsacheck.evidence.attestations.verifier import best, refusal
from slsacheck.evidence.oci.images import platforms_of
from slsacheck.evidence.oci.names import chosen_platform
from slsacheck.model.attestation import Step
from slsacheck.record import replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from slsacheck.evidence.oci.manifest import Manifest
    from slsacheck.evidence.oci.source import Source
    from slsacheck.model.attestation import Case, Verification

    Answering = Callable[[Manifest, Case], Verification]

__all__ = ["answer_for_platform", "each_platform", "with_notes"]

MOVED_AFTER = 1.0
"""Seconds of looking from which on the tag is asked for again: a request more, which a prompt answer need not pay."""


def answer_for_platform(
    source: Source, index: Manifest, platform: str, case: Case, answering: Answering
) -> Verification:
    """The best answer about one platform's image, by what hangs on it or on the index.

    Raises SlsacheckError where there is no such image.
    """
    image = source.manifest(chosen_platform(platforms_of(source, index), platform, source.name))
    own = answering(image, replace(case, image_digest=image.digest))
    step = Step("platform", "pass", f"its image for {shown(platform)} is {image.digest}")
    if own.verdict != "pass":
        whole = answering(index, case)
        if whole.verdict == "pass":
            told = "by what is signed of the index, which names this image"
            return replace(whole, steps=(Step("platform", "pass", f"{step.detail}, {told}"), *whole.steps))
        own = own if whole.digest is None else best([own, whole])  # of the index there may be nothing
    return replace(own, steps=(step, *own.steps))


def each_platform(
    source: Source, index: Manifest, whole: Verification, case: Case, answering: Answering
) -> Verification:
    """The answer about an index that nothing verified: the same, and what can be said of each platform's image."""
    found: list[tuple[str, Verification]] = []
    for descriptor in platforms_of(source, index):
        own = replace(case, image_digest=descriptor.digest)
        try:
            answer = answering(source.manifest(descriptor), own)
        except SlsacheckError as problem:
            answer = refusal(own, RefusedError("no-valid-signature", str(problem), verdict="unknown", step="image"))
        found.append((descriptor.platform or descriptor.digest, answer))
    steps = [_step(platform, answer) for platform, answer in found]
    good = [platform for platform, answer in found if answer.verdict == "pass"]
    told = f"; of its {len(found)} platform images {len(good)} verify alone"
    reasons = {answer.message for _, answer in found if answer.digest is not None}
    more = f" (--platform {shown(good[0])})" if good else f": {reasons.pop()}" if len(reasons) == 1 else ""
    return replace(whole, message=f"{whole.message}{told}{more}", steps=(*whole.steps, *steps), platforms=tuple(found))


def _step(platform: str, answer: Verification) -> Step:
    outcome = {"pass": "pass", "fail": "fail"}.get(answer.verdict, "not-possible")
    return Step(f"platform {shown(platform)}", outcome, answer.message)


def with_notes(answer: Verification, source: Source, digest: str, began: float) -> Verification:
    """The answer with what a reader must know beside it: a tag that moved, and what a signature does not say."""
    notes = list(answer.notes)
    if time.monotonic() - began > MOVED_AFTER:
        try:
            now = source.moved()
        except SlsacheckError as problem:
            notes.append(f"whether the tag moved meanwhile is not known: {problem}")
        else:
            if now is not None:
                notes.append(f"the tag moved meanwhile: {digest} was judged, it names {now} now; name images by digest")
    signature = answer.statement.predicate_type is None or "cosign/sign" in answer.statement.predicate_type
    if answer.verdict == "pass" and signature:
        notes.append(
            "it says who stands for this manifest, and nothing about how the image was built or about the packages "
            "within"
        )
    return replace(answer, notes=tuple(notes))
