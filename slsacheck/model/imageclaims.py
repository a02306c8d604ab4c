"""What an image claims of its source and of the images that it was made from, and what became of each claim."""

from __future__ import annotations

from slsacheck.model.attestation import Signer
from slsacheck.model.outcomes import Outcome
from slsacheck.record import record

__all__ = ["BaseImage", "ImageClaim"]


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
