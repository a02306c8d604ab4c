"""The part of the JSON report that images alone have: what they are, and what hangs on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._common import signer_document

if TYPE_CHECKING:
    from slsacheck.model import Artifact, Attachment, BaseImage, ImageClaim, ImageFacts, ImageSbom

__all__ = ["image_document"]


def image_document(subject: Artifact) -> dict[str, Any]:
    """`image` and `attachments` of an artifact."""
    return {
        "image": _image(subject.image) if subject.image is not None else None,
        "attachments": [_attachment(one) for one in subject.attachments],
    }


def _image(image: ImageFacts) -> dict[str, Any]:
    base = image.base
    return {
        "digest": image.digest,
        "media_type": image.media_type,
        "platform": image.platform,
        "index": image.index,
        "builder": {
            "name": image.builder.name,
            "version": image.builder.version,
            "claimed_by": image.builder.claimed_by,
        },
        "base": None
        if base is None
        else {"reference": base.reference, "digest": base.digest, "claimed_by": base.claimed_by},
        "created": image.created,
        "created_is_fixed": image.created_is_fixed,
        "claims": [_claim(one) for one in image.claims],
        "bases": [_base(one) for one in image.bases],
        "sbom": _sboms(image),
    }


def _claim(one: ImageClaim) -> dict[str, Any]:
    return {
        "name": one.name,
        "value": one.value,
        "claimed_by": one.claimed_by,
        "outcome": one.outcome.value,
        "proved": one.proved,
    }


def _base(one: BaseImage) -> dict[str, Any]:
    return {
        "role": one.role,
        "reference": one.reference,
        "digest": one.digest,
        "claimed_by": one.claimed_by,
        "outcome": one.outcome.value,
        "layers": one.layers,
        "created": one.created,
        "provenance": {
            "state": one.provenance,
            "reason": one.reason or None,
            "builder_id": one.builder_id,
            "signer": signer_document(one.signer),
            "trusted_level": one.trusted_level,
        },
    }


def _sboms(image: ImageFacts) -> dict[str, Any]:
    """The SBOMs that hang on the image; what its layers hold is the business of `slsacheck sbom`."""
    return {
        "documents": [_sbom(one) for one in image.sboms],
        "layers": "not looked at, but for those that Buildpacks name: `slsacheck sbom` reads them",
    }


def _sbom(one: ImageSbom) -> dict[str, Any]:
    return {
        "attachment": one.attachment,
        "format": one.form or None,
        "version": one.version or None,
        "by": list(one.by),
        "made": {"when": one.made, "why": one.made_why},
        "describes": {"what": one.describes, "digests": list(one.described)},
        "components": one.components,
        "missing_elements": list(one.missing),
        "problem": one.problem or None,
        "findings": [
            {"rule": each.rule, "severity": each.severity, "message": each.message, "advice": each.advice}
            for each in one.findings
        ],
    }


def _attachment(one: Attachment) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "format": one.format,
        "found_by": one.found_by,
        "digest": one.digest,
        "subject": one.subject,
        "predicate_type": one.predicate_type,
        "signer": signer_document(one.signer),
        "verified": one.verified,
        "reason": one.reason or None,
        "manifest": one.manifest,
    }
