"""What is known of a container image, and what hangs on it (output contract, section 1)."""

from __future__ import annotations

from slsacheck.model.attestation import Signer
from slsacheck.model.outcomes import Outcome
from slsacheck.record import record

__all__ = [
    "Attachment",
    "BaseClaim",
    "BaseImage",
    "BuilderClaim",
    "ImageClaim",
    "ImageFacts",
    "ImageSbom",
    "SbomFinding",
]


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


@record
class BuilderClaim:
    """Which tool made the image, as `claimed_by` says: a label or history that anybody can write."""

    name: str
    version: str | None = None
    claimed_by: str | None = None


@record
class BaseClaim:
    """The image that this one was built on, as a label or annotation says."""

    reference: str | None
    digest: str | None
    claimed_by: str


@record
class ImageFacts:
    """One image. `index` is the digest of the index through which it was reached, None where there was none.

    `created` is what the image says of itself; `created_is_fixed` where that date is one that builders write so that
    the same source gives the same image (1970-01-01, 1980-01-01, SOURCE_DATE_EPOCH). `claims` are what labels and
    annotations say, `bases` the images that went into it, `sboms` the SBOMs that hang on it: its layers are not read.
    """

    digest: str
    media_type: str
    builder: BuilderClaim
    platform: str | None = None
    index: str | None = None
    base: BaseClaim | None = None
    created: str | None = None
    created_is_fixed: bool = False
    claims: tuple[ImageClaim, ...] = ()
    bases: tuple[BaseImage, ...] = ()
    sboms: tuple[ImageSbom, ...] = ()


@record
class Attachment:
    """Something that hangs on an image: what it claims to be, how it was found, of which digest it speaks.

    `kind` is signature, provenance, sbom, vsa, attestation or other; `verified` is pass, fail, unknown or not-signed,
    with `reason` where it is not pass. `manifest` is the digest of the manifest that holds it, where there is one.
    """

    kind: str
    format: str
    found_by: str
    digest: str
    subject: str | None = None
    predicate_type: str | None = None
    signer: Signer | None = None
    verified: str = "unknown"
    reason: str = ""
    manifest: str | None = None
