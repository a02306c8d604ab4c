"""The SBOMs of what a user named, part by part: an image, an index as such, a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.record import record

if TYPE_CHECKING:
    from slsacheck.evidence.sbom.bills import Bill
    from slsacheck.evidence.sbom.in_layers import Survey

__all__ = ["Inventory", "Whole"]


@record
class Inventory:
    """The SBOMs of one image, of an index as such, or of a file.

    `names` are all digests that mean the same thing, `children` those of the images of its index.
    """

    digest: str
    names: tuple[str, ...]
    bills: tuple[Bill, ...]
    platform: str | None = None
    kind: str = "image"
    survey: Survey | None = None
    looked_at: tuple[str, ...] = ()
    created: str = ""
    children: tuple[str, ...] = ()


@record
class Whole:
    """What a user named, with an inventory for each of its parts; `problems` are (where, reason).

    `by_configuration`: the digest is that of the configuration, because `docker save` kept no manifest; attestations
    cannot speak of it.
    """

    name: str
    digest: str
    inventories: tuple[Inventory, ...]
    problems: tuple[tuple[str, str], ...]
    in_registry: bool = False
    by_configuration: bool = False
