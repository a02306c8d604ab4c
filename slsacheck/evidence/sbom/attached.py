"""SBOMs that hang on an image: attested, signed or not, and attached as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.errors import SlsacheckError
from slsacheck.evidence.attestations.envelope import Attestation
from slsacheck.evidence.attestations.statement import parse_statement
from slsacheck.evidence.attestations.steps import RefusedError
from slsacheck.evidence.oci.judged import kind_of_predicate
from slsacheck.evidence.oci.limits import MAX_DOCUMENT
from slsacheck.evidence.oci.names import Descriptor
from slsacheck.evidence.sbom.bills import bill_of, bill_of_value, glimpse_of, unread
from slsacheck.evidence.sbom.inventory import Inventory
from slsacheck.evidence.sbom.judging import judge_bill
from slsacheck.model.image import ImageSbom, SbomFinding
from slsacheck.record import replace

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from slsacheck.evidence.oci.attached import Piece
    from slsacheck.evidence.oci.judged import Judge
    from slsacheck.evidence.oci.source import Source
    from slsacheck.evidence.sbom.bills import Bill
    from slsacheck.evidence.sbom.judging import Judged
    from slsacheck.model.image import Attachment

__all__ = ["bills_attached", "image_sbom"]

_WORDS = ("sbom", "spdx", "cyclonedx", "syft", "bom+json")
"""What media types and artifact types of SBOMs have in them."""


def bills_attached(source: Source, pieces: Iterable[Piece], judge: Judge, digests: Sequence[str]) -> Iterator[Bill]:
    """The SBOMs among what hangs on an image; `digests` are the image's and its index's."""
    for piece in (one.unpacked() for one in pieces):
        if isinstance(piece.reading, Attestation):
            yield from _attested(piece, piece.reading, judge, digests)
        elif _looks_like_one(piece):
            yield _plain(source, piece)


def _attested(piece: Piece, reading: Attestation, judge: Judge, digests: Sequence[str]) -> Iterator[Bill]:
    found = _predicate(reading)
    if found is None:
        return
    predicate_type, predicate = found
    attachment = judge.attachment(piece, digests)
    place = f"{attachment.format} {piece.digest}"
    if isinstance(predicate, str):
        bill = bill_of(predicate.encode("utf-8", "replace"), place, piece.found_by, place)
    else:
        bill = bill_of_value(predicate, place, piece.found_by, place)
    yield _with(bill, attachment, predicate_type)


def _predicate(reading: Attestation) -> tuple[str, object] | None:
    """Predicate type and document of a statement about an SBOM; None for any other."""
    if reading.form in ("cosign-simplesigning", "message-signature", "notation"):
        return None
    try:
        statement = parse_statement(reading)
    except RefusedError:
        return None
    if kind_of_predicate(statement.predicate_type) != "sbom":
        return None
    if set(statement.predicate) == {"Data", "Timestamp"}:  # `cosign attest --type spdx`, whose document is a text
        return statement.predicate_type, statement.predicate["Data"]
    return statement.predicate_type, statement.predicate


def _with(bill: Bill, attachment: Attachment, predicate_type: str) -> Bill:
    return replace(
        bill,
        subject=attachment.subject,
        predicate_type=predicate_type,
        signer=attachment.signer,
        verified=attachment.verified,
        reason=attachment.reason,
    )


def image_sbom(
    piece: Piece, attachment: Attachment, names: tuple[str, ...], children: tuple[str, ...] = ()
) -> ImageSbom:
    """An SBOM that hangs on an image, judged without asking for more.

    `names` are all digests of the image, `children` those of the images of its index.

    One that is attached as it is has not been fetched, and is said to be unread.
    """
    read = _predicate(piece.reading) if isinstance(piece.reading, Attestation) else None
    if read is None:
        problem = attachment.reason or "was not fetched: `slsacheck sbom` reads it"
        return ImageSbom(piece.digest, attachment.format, problem=problem)
    place = f"{attachment.format} {piece.digest}"
    bill = _with(glimpse_of(read[1], place, piece.found_by, place), attachment, read[0])
    return _said_of(judge_bill(bill, Inventory(names[0], names, (), children=children)), piece.digest)


def _said_of(judged: Judged, digest: str) -> ImageSbom:
    bill = judged.bill
    return ImageSbom(
        attachment=digest,
        form=bill.form,
        version=bill.sbom.version if bill.sbom else "",
        by=judged.by,
        made=judged.made,
        made_why=judged.made_why,
        describes=judged.describes,
        described=judged.described[:20],
        components=judged.components,
        missing=judged.missing,
        problem=bill.problem,
        findings=tuple(SbomFinding(one.severity, one.rule, one.message, one.advice) for one in judged.findings),
    )


def _looks_like_one(piece: Piece) -> bool:
    named = f"{piece.media_type} {piece.artifact_type}".lower()
    return any(word in named for word in _WORDS)


def _plain(source: Source, piece: Piece) -> Bill:
    place = f"{piece.media_type or piece.artifact_type} {piece.digest}"
    if piece.problem:
        return unread(place, piece.found_by, 0, piece.problem, digest=piece.digest)
    try:
        data = source.blob(Descriptor(piece.digest, None, piece.media_type), MAX_DOCUMENT)
    except SlsacheckError as problem:
        return unread(place, piece.found_by, 0, problem.message, digest=piece.digest)
    return replace(bill_of(data, place, piece.found_by, place), subject=piece.about)
