"""`verify-image`: whether an image is signed or attested by whom it should be.

It answers what `cosign verify` and `cosign verify-attestation` do, and with expectations what slsa-verifier does, for
the digest that the image has now. A signature of it says who stands for this manifest, and nothing about the packages
within.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from slsacheck.errors import Absent, InputError, SlsacheckError
from slsacheck.evidence.attestations.compared import all_compared
from slsacheck.evidence.attestations.envelope import Attestation
from slsacheck.evidence.attestations.held import verify_held
from slsacheck.evidence.attestations.readers import read_entries, with_entries
from slsacheck.evidence.attestations.steps import RefusedError, shown
from slsacheck.evidence.attestations.verifier import best, refusal
from slsacheck.evidence.oci import open_image
from slsacheck.evidence.oci.attached import gather
from slsacheck.evidence.oci.byplatform import answer_for_platform, each_platform, with_notes
from slsacheck.evidence.oci.images import check_platform, platforms_of, unsound_layers
from slsacheck.evidence.oci.limits import MAX_CONFIG
from slsacheck.evidence.oci.names import NoReferenceError
from slsacheck.evidence.web import AstrayError
from slsacheck.model.attestation import Step
from slsacheck.record import replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from slsacheck.evidence.attestations.trustdata import TrustData
    from slsacheck.evidence.oci import Access
    from slsacheck.evidence.oci.attached import Gathered
    from slsacheck.evidence.oci.manifest import Manifest
    from slsacheck.evidence.oci.source import Source
    from slsacheck.model.attestation import Case, Verification

__all__ = ["verify_image"]

_MISMATCH = ("another digest", "for other bytes", " bytes, ", "bytes where", "bytes that belong", "but its subject is")
"""Words of the errors about contents that are not what a digest or descriptor says."""
_KEPT_ELSEWHERE = "is it signed at all, or is that kept elsewhere (--provenance-repository)?"
_NOT_SEEN = "until it can be looked at, nothing is known about the image"


def verify_image(text: str, case: Case, access: Access, trust: TrustData | None = None) -> Verification:
    """The best answer that the image's signatures and attestations give. Never raises on what it finds."""
    began = time.monotonic()
    try:
        source = open_image(text, access)
        manifest = source.image()
        _check_parts(source, manifest)
    except SlsacheckError as problem:
        return refusal(case, _refused(problem))
    case = replace(case, image_digest=manifest.digest, image_ref=text, oci_layout=None)

    def answering(image: Manifest, asked: Case) -> Verification:
        answer = None
        if source.channel is not None:  # a copy on this machine is read whole at once
            answer = _answer(gather(source, image.digest, quick=True), asked, trust)
        if answer is None or answer.verdict != "pass":
            gathered = gather(source, image.digest, manifest if image is not manifest else None)
            answer = _answer(gathered, asked, trust) or refusal(asked, _nothing(source, image, gathered))
        return answer

    try:
        answer = _of_platforms(source, manifest, access, case, answering)
    except SlsacheckError as problem:
        return refusal(case, _refused(problem))
    answer = all_compared(case, answer)
    step = Step("image", "pass", f"{shown(text)} is {manifest.digest}")
    return with_notes(replace(answer, steps=(step, *answer.steps)), source, manifest.digest, began)


def _of_platforms(
    source: Source, manifest: Manifest, access: Access, case: Case, answering: Callable[[Manifest, Case], Verification]
) -> Verification:
    """The answer about the image; of an index that of the platform that is meant, or of each beside its own."""
    if manifest.is_index and access.platform is not None:
        return answer_for_platform(source, manifest, access.platform, case, answering)
    if access.platform is not None:
        check_platform(source, manifest, access.platform)
    answer = answering(manifest, case)
    if manifest.is_index and answer.verdict != "pass":
        return each_platform(source, manifest, answer, case, answering)
    return answer


def _answer(gathered: Gathered, case: Case, trust: TrustData | None) -> Verification | None:
    """The best answer that was gathered; None where nothing hangs on the image that could give one."""
    readings = [piece.reading for piece in gathered.pieces if piece.reading is not None]
    try:
        entries = read_entries(case.rekor_entry) if case.rekor_entry is not None else ()
    except RefusedError as problem:
        return refusal(case, problem)
    readings = [with_entries(one, entries) if isinstance(one, Attestation) else one for one in readings]
    return best(verify_held(case, readings, trust)) if readings else None


def _is_mismatch(message: str) -> bool:
    """Whether something has other bytes than its digest or descriptor says."""
    return any(words in message for words in _MISMATCH)


def _unseen(gathered: Gathered) -> RefusedError:
    """That something hangs on the image, or may, which could not be looked at; or that it is damaged."""
    where, reason = gathered.problems[0]
    if gathered.pieces and all(_is_mismatch(piece.problem) for piece in gathered.pieces):
        return RefusedError("hash-mismatch", f"{shown(where)}: {reason}", step="attachments")
    return RefusedError(
        "no-valid-signature", f"{shown(where)}: {reason}; {_NOT_SEEN}", verdict="unknown", step="attachments"
    )


def _nothing(source: Source, manifest: Manifest, gathered: Gathered) -> RefusedError:
    """That nothing hangs on the image, or that it is not known whether something does."""
    if gathered.problems:
        return _unseen(gathered)
    if manifest.config is not None and manifest.config.digest == manifest.digest:
        told = "has no manifest (`docker save`), and signatures and attestations are of the manifest's digest"
        advice = "verify the image in its registry, or a copy of it in an OCI layout (`oras copy -r`)"
        message = f"{shown(source.name)} {told}; {advice}"
        return RefusedError("no-valid-signature", message, verdict="unknown", step="attachments")
    inner = ", which is an index," if manifest.is_index else ""
    return RefusedError(
        "no-valid-signature",
        f"no signature and no attestation of {manifest.digest}{inner} is in {shown(source.name)}; {_KEPT_ELSEWHERE}",
        verdict="unknown",
        step="attachments",
    )


def _check_parts(source: Source, manifest: Manifest) -> None:
    """What lies here and names the image's parts must be what it says; a registry is asked for what is needed alone.

    Raises InputError.
    """
    if source.channel is not None:
        return
    images = [manifest]
    if manifest.is_index:
        images = [source.manifest(child) for child in platforms_of(source, manifest)]
    for image in images:
        if image.config is not None:
            source.blob(image.config, MAX_CONFIG)
        for where, reason in unsound_layers(source, image):
            raise InputError(reason, where=where, advice="the image is damaged or was tampered with; get it again")


def _refused(problem: SlsacheckError) -> RefusedError:
    """An image that is not what it says is refuted; one that cannot be looked at is not known."""
    place = f"{shown(problem.where)}: " if problem.where else ""
    message = f"{place}{problem.message}; {problem.advice or _NOT_SEEN}"
    if isinstance(problem, InputError) and not isinstance(problem, (AstrayError, NoReferenceError)):
        wrong = _is_mismatch(problem.message)
        return RefusedError("hash-mismatch" if wrong else "malformed", message, step="image")
    kind = "malformed" if isinstance(problem, (Absent, NoReferenceError)) else "no-valid-signature"
    return RefusedError(kind, message, verdict="unknown", step="image")
