"""Whether one certificate issued another."""

from __future__ import annotations

import hashlib
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec

from slsacheck.evidence.attestations import keys
from slsacheck.record import record

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["Issuer", "issued_by", "issuer_name", "leaf_issued_by", "signed_part"]

_BROKEN = (ValueError, TypeError, UnsupportedAlgorithm, InvalidSignature)
_VERSION_3 = b"\xa0\x03\x02\x01\x02"
_SHORT_LENGTH = 0x80
"""Lengths below it are one byte in DER, others say how many bytes they have."""
_ECDSA = {
    x509.SignatureAlgorithmOID.ECDSA_WITH_SHA256: bytes.fromhex("300a06082a8648ce3d040302"),
    x509.SignatureAlgorithmOID.ECDSA_WITH_SHA384: bytes.fromhex("300a06082a8648ce3d040303"),
    x509.SignatureAlgorithmOID.ECDSA_WITH_SHA512: bytes.fromhex("300a06082a8648ce3d040304"),
}
"""The algorithm identifiers of ECDSA in DER, which have no parameters (RFC 5758, section 3.2)."""


def issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Whether `issuer` signed the certificate and is named as its issuer."""
    try:
        certificate.verify_directly_issued_by(issuer)
    except _BROKEN:
        return False
    return True


@record(slots=False)
class Issuer:
    """A certificate of an authority, with what is the same for all that it issued and so is found out once.

    `chain` begins with it and goes on to the root.
    """

    chain: tuple[x509.Certificate, ...]

    @property
    def certificate(self) -> x509.Certificate:
        """The certificate itself."""
        return self.chain[0]

    @cached_property
    def subject(self) -> bytes:
        """The name under which it issues, in DER."""
        return self.certificate.subject.public_bytes()

    @cached_property
    def key(self) -> ec.EllipticCurvePublicKey | None:
        """The key, where it is one for ECDSA."""
        key = self.certificate.public_key()
        return key if isinstance(key, ec.EllipticCurvePublicKey) else None

    @cached_property
    def key_hash(self) -> bytes:
        """SHA-256 of the key, by which certificate transparency names the issuer (RFC 6962, section 3.2)."""
        return hashlib.sha256(keys.spki(self.certificate.public_key())).digest()

    @cached_property
    def holds(self) -> bool:
        """Whether each certificate of the chain is issued by the next and all may issue."""
        for one in self.chain:
            try:
                constraints = one.extensions.get_extension_for_class(x509.BasicConstraints).value
            except (x509.ExtensionNotFound, ValueError):
                return False
            if not constraints.ca:
                return False
        return all(issued_by(one, above) for one, above in pairwise(self.chain))

    @cached_property
    def _spans(self) -> tuple[tuple[datetime, datetime], ...]:
        return tuple((one.not_valid_before_utc, one.not_valid_after_utc) for one in self.chain)

    def valid_at(self, moment: datetime) -> bool:
        """Whether every certificate of the chain counts at that moment."""
        return all(start <= moment <= end for start, end in self._spans)


def leaf_issued_by(certificate: x509.Certificate, signed: bytes, issuer: Issuer) -> bool:
    """As `issued_by`, of an issuer that is the named one; its key is read once for all that it issued.

    `signed` is the certificate's signed part. The library reads the key again and writes the part anew for every
    certificate. Whatever is not plain ECDSA in both places where a certificate names its algorithm goes its way.
    """
    key = issuer.key
    inner = _ECDSA.get(certificate.signature_algorithm_oid)
    if key is None or inner is None or not signed.startswith(inner, _after_serial(signed)):
        return issued_by(certificate, issuer.certificate)
    parameters = certificate.signature_algorithm_parameters
    return isinstance(parameters, ec.ECDSA) and keys.holds(key, certificate.signature, signed, parameters)


def signed_part(der: bytes) -> bytes:
    """What the issuer signed of a certificate that the library read: its first part, as it was sent."""
    start = 2 + max(der[1] - _SHORT_LENGTH, 0)
    return der[start : _after(der, start)]


def issuer_name(signed: bytes) -> bytes:
    """The name of the issuer in DER, as it stands in the signed part of a certificate of version 3."""
    start = _after(signed, _after_serial(signed))
    return signed[start : _after(signed, start)]


def _after_serial(signed: bytes) -> int:
    """Where the algorithm begins in the signed part of a certificate of version 3 (RFC 5280, section 4.1)."""
    start = 4 if signed[1:2] == b"\x82" else 2
    number = start + 5 if signed.startswith(_VERSION_3, start) else len(signed)
    return number + 2 + signed[number + 1] if number + 1 < len(signed) else number


def _after(data: bytes, start: int) -> int:
    """Where an element of DER ends that begins there."""
    length, first = int.from_bytes(data[start + 1 : start + 2], "big"), start + 2
    if length < _SHORT_LENGTH:
        return first + length
    count = length - _SHORT_LENGTH
    return first + count + int.from_bytes(data[first : first + count], "big")
