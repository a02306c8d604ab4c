"""What an image claims of its source, its bases and its parts (SBOMs), and what became of each claim."""

from __future__ import annotations

from slsacheck.model.attestation import Signer
from slsacheck.model.outcomes import Outcome
from slsacheck.record import record

__all__ = ["BaseImage", "ImageClaim", "ImageSbom", "SbomFinding"]


@record
class ImageClaim:
    """What a label or annotation says; anybody who builds or copies an image can write it.

    `outcome` is DECLARED until verified provenance of this image says the same (PASS) or another thing (FAIL);
    `proved` is then what the provenance says.
    """

    name: str
    value: str
    claimed_by: str
    outcome: Outcome = Outcome.DECLARED
    proved: str | None = None


@record
class BaseImage:
    """An image that went into this one: a base, a Buildpacks run image, or what provenance names as an input.

    `outcome` is as for `ImageClaim`. `layers` says whether its layers are at the bottom of this image: yes, no, or
    unknown where they were not looked at. `provenance` is verified, not-verified, not-signed, none, or not-looked-at,
    of the best provenance of the base itself, with the `reason`, its builder, its signer and the level for which they
    are trusted; no expectations were asked of it.
    """

    role: str
    reference: str | None
    digest: str | None
    claimed_by: str
    outcome: Outcome = Outcome.DECLARED
    layers: str = "unknown"
    created: str | None = None
    provenance: str = "not-looked-at"
    reason: str = ""
    builder_id: str | None = None
    signer: Signer | None = None
    trusted_level: int | None = None


@record
class SbomFinding:
    """Something to act on about an SBOM: severity high, medium, low or info."""

    severity: str
    rule: str
    message: str
    advice: str


@record
class ImageSbom:
    """One SBOM: the attachment that holds it by its digest, what it is, who made it, and of what it speaks.

    `describes` is this (digest), other, part, or unnamed, with the digests that the document itself names; `made` is
    build, after, or unknown. One that was not read says why in `problem`.
    """

    attachment: str
    form: str = ""
    version: str = ""
    by: tuple[str, ...] = ()
    made: str = "unknown"
    made_why: str = ""
    describes: str = "unnamed"
    described: tuple[str, ...] = ()
    components: int = 0
    missing: tuple[str, ...] = ()
    problem: str = ""
    findings: tuple[SbomFinding, ...] = ()
