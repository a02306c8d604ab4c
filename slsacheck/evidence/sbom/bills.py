"""An SBOM that was found: where, in which bytes, what it says, who vouches for it."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from slsacheck.evidence.sbom.contents import Sbom
from slsacheck.record import record, replace

if TYPE_CHECKING:
    from slsacheck.model.attestation import Signer

__all__ = ["Bill", "bill_of", "bill_of_value", "glimpse_of", "unread"]


@record
class Bill:
    """One document. `place` is a path in a layer, in an archive or beside a file, or the digest of what is attached.

    `found_by` is as for attachments, `producer` who keeps SBOMs at such a place (empty: unknown), `form` the format,
    `packed` the document itself, compressed (empty where it was not kept), `problem` why it is not judged. Those of
    statements have `subject` (the digest that the statement speaks of), `predicate_type`, `signer`, `verified` and,
    where that is not pass, its `reason`. `removed_in` is the layer that takes it out of the image again.
    """

    place: str
    found_by: str
    digest: str
    size: int
    form: str = ""
    producer: str = ""
    layer: int | None = None
    packed: bytes = b""
    sbom: Sbom | None = None
    problem: str = ""
    subject: str | None = None
    predicate_type: str | None = None
    signer: Signer | None = None
    verified: str = "not-signed"
    reason: str = ""
    removed_in: int | None = None

    @property
    def data(self) -> bytes:
        """The document's bytes."""
        return zlib.decompress(self.packed) if self.packed else b""


def bill_of(
    data: bytes,
    place: str,
    found_by: str,
    where: str,
    *,
    producer: str = "",
    layer: int | None = None,
    value: object = None,
) -> Bill:
    """The SBOM in these bytes (`value`: what they say, if that is known); one that cannot be read is kept, and why."""
    from slsacheck.errors import InputError
    from slsacheck.evidence.sbom.documents import form_of_bytes, parse_sbom

    bill = Bill(place, found_by, _digest(data), len(data), producer=producer, layer=layer)
    try:
        form, sbom = parse_sbom(data, where, value)
    except InputError as problem:
        form = form_of_bytes(data)
        return replace(bill, form=form, problem=problem.message, packed=zlib.compress(data, 1) if form else b"")
    return replace(bill, form=form, sbom=sbom, packed=zlib.compress(data, 1))


def bill_of_value(value: object, place: str, found_by: str, where: str) -> Bill:
    """The SBOM that is the predicate of a statement, written as a document of its own."""
    import json

    data = json.dumps(value, ensure_ascii=False, indent=1).encode("utf-8", "replace")
    return bill_of(data, place, found_by, where, value=value)


def glimpse_of(value: object, place: str, found_by: str, where: str) -> Bill:
    """The same, only to be judged: nothing is kept to be written."""
    from slsacheck.errors import InputError
    from slsacheck.evidence.sbom.documents import sbom_of

    try:
        form, sbom = sbom_of(value, where)
    except InputError as problem:
        return unread(place, found_by, 0, problem.message)
    return Bill(place, found_by, "", 0, form=form, sbom=sbom)


def unread(place: str, found_by: str, size: int, problem: str, *, layer: int | None = None, digest: str = "") -> Bill:
    """One that was seen and not read."""
    return Bill(place, found_by, digest, size, layer=layer, problem=problem)


def _digest(data: bytes) -> str:
    import hashlib

    return f"sha256:{hashlib.sha256(data).hexdigest()}"
