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
from slsacheck.evidence.sbom.bills import bill_of, bill_of_value, unread
from slsacheck.record import replace

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from slsacheck.evidence.oci.attached import Piece
    from slsacheck.evidence.oci.judged import Judge
    from slsacheck.evidence.oci.source import Source
    from slsacheck.evidence.sbom.bills import Bill

__all__ = ["bills_attached"]

_WORDS = ("sbom", "spdx", "cyclonedx", "syft", "bom+json")
"""What media types and artifact types of SBOMs have in them."""


def bills_attached(source: Source, pieces: Iterable[Piece], judge: Judge, digests: Sequence[str]) -> Iterator[Bill]:
    """The SBOMs among what hangs on an image; `digests` are the image's and its index's."""
    for piece in pieces:
        if isinstance(piece.reading, Attestation):
            yield from _attested(piece, piece.reading, judge, digests)
        elif _looks_like_one(piece):
            yield _plain(source, piece)


def _attested(piece: Piece, reading: Attestation, judge: Judge, digests: Sequence[str]) -> Iterator[Bill]:
    if reading.form in ("cosign-simplesigning", "message-signature", "notation"):
        return
    try:
        statement = parse_statement(reading)
    except RefusedError:
        return
    if kind_of_predicate(statement.predicate_type) != "sbom":
        return
    attachment = judge.attachment(piece, digests)
    predicate: object = statement.predicate
    if set(statement.predicate) == {"Data", "Timestamp"}:  # cosign attest --type custom, and its first SPDX form
        predicate = statement.predicate["Data"]
    place = f"{attachment.format} {piece.digest}"
    if isinstance(predicate, str):
        bill = bill_of(predicate.encode("utf-8", "replace"), place, piece.found_by, place)
    else:
        bill = bill_of_value(predicate, place, piece.found_by, place)
    yield replace(
        bill,
        subject=attachment.subject,
        predicate_type=statement.predicate_type,
        signer=attachment.signer,
        verified=attachment.verified,
        reason=attachment.reason,
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
