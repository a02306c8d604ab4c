"""What is known of a container image, and what hangs on it (output contract, section 1)."""

from __future__ import annotations

from slsacheck.model.attestation import Signer
from slsacheck.model.imageclaims import BaseImage, ImageClaim, ImageSbom
from slsacheck.record import record

__all__ = ["Attachment", "BaseClaim", "BuilderClaim", "ImageFacts"]


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
