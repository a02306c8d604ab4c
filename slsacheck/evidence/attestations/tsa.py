"""RFC 3161 timestamps: when a timestamp authority saw the signature."""

from __future__ import annotations

import hashlib
import warnings
from functools import cache
from typing import TYPE_CHECKING

from slsacheck.evidence.attestations.certificates import BROKEN, valid_at
from slsacheck.evidence.attestations.steps import RefusedError

if TYPE_CHECKING:
    from datetime import datetime

    from cryptography import x509
    from rfc3161_client import TimeStampResponse

    from slsacheck.evidence.attestations.trustdata import Authority, TrustDomain

__all__ = ["verify_timestamp", "verify_token"]

_HASHES = {
    "2.16.840.1.101.3.4.2.1": hashlib.sha256,
    "2.16.840.1.101.3.4.2.2": hashlib.sha384,
    "2.16.840.1.101.3.4.2.3": hashlib.sha512,
}


_GRANTED = b"\x30\x03\x02\x01\x00"
"""The status `granted` of a response, in DER."""
_SHORT_FORM = 0x80
"""Lengths below it are one byte in DER."""


def _refuse(message: str) -> RefusedError:
    return RefusedError("time-untrusted", message, step="timestamp")


@cache
def _silence() -> None:
    """The library warns of odd certificates on the standard error; what it refuses is told in our own words."""
    warnings.filterwarnings("ignore", module=r"rfc3161_client(\..*)?")


def verify_timestamp(token: bytes, signature: bytes, domain: TrustDomain) -> datetime:
    """The time at which a trusted authority saw the signature.

    Raises RefusedError `time-untrusted`: the token cannot be read, is about something else, or nobody trusted made it.
    """
    from rfc3161_client import decode_timestamp_response

    _silence()
    try:
        response = decode_timestamp_response(token)
        imprint = response.tst_info.message_imprint
        algorithm = imprint.hash_algorithm.dotted_string
        stamped = imprint.message
        moment = response.tst_info.gen_time
    except BROKEN as error:
        raise _refuse("the timestamp cannot be read") from error
    if algorithm not in _HASHES or _HASHES[algorithm](signature).digest() != stamped:
        raise _refuse("the timestamp is about something else than this signature")
    for authority in domain.timestamp_authorities:
        if authority.window.holds(moment) and _made_by(response, authority, signature, moment):
            return moment
    raise _refuse("no trusted timestamp authority made the timestamp")


def verify_token(token: bytes, signature: bytes, domain: TrustDomain) -> datetime:
    """As `verify_timestamp`, of a bare token: the response without its status (RFC 3161, section 2.4.2)."""
    return verify_timestamp(_sequence(_GRANTED + token), signature, domain)


def _sequence(content: bytes) -> bytes:
    """A DER sequence."""
    size = len(content)
    if size < _SHORT_FORM:
        return b"\x30" + bytes([size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return b"\x30" + bytes([_SHORT_FORM | len(length)]) + length + content


def _issues(certificate: x509.Certificate) -> bool:
    """Whether it is an authority's certificate: some trusted roots leave out the one that signs timestamps."""
    from cryptography.x509 import BasicConstraints, ExtensionNotFound

    try:
        return certificate.extensions.get_extension_for_class(BasicConstraints).value.ca
    except ExtensionNotFound:
        return False


def _made_by(response: TimeStampResponse, authority: Authority, signature: bytes, moment: datetime) -> bool:
    """Whether the authority signed the response: its first certificate, or one that its chain issued for timestamps."""
    from rfc3161_client import VerificationError
    from rfc3161_client.verify import VerifierBuilder

    chain = authority.chain
    if not chain or not all(valid_at(one, moment) for one in chain):
        return False
    builder = VerifierBuilder(intermediates=[one for one in chain[:-1] if _issues(one)], roots=[chain[-1]])
    verifier = (builder if _issues(chain[0]) else builder.tsa_certificate(chain[0])).build()
    try:
        return verifier.verify_message(response, signature)
    except (*BROKEN, VerificationError):
        return False
