"""Whether one certificate issued another."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec

__all__ = ["chain_holds", "issued_by", "leaf_issued_by"]

_BROKEN = (ValueError, TypeError, UnsupportedAlgorithm, InvalidSignature)
_VERSION_3 = b"\xa0\x03\x02\x01\x02"
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


@lru_cache(maxsize=64)
def _issuing_key(issuer: x509.Certificate) -> ec.EllipticCurvePublicKey | None:
    """The key of an authority that signs with ECDSA; None for others."""
    key = issuer.public_key()
    return key if isinstance(key, ec.EllipticCurvePublicKey) else None


def leaf_issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """As `issued_by`, of an issuer that is the named one; its key is read once for all that it issued.

    The library reads it again for every certificate. Whatever is not plain ECDSA in both places where a certificate
    names its algorithm goes the library's way.
    """
    key = _issuing_key(issuer)
    signed = certificate.tbs_certificate_bytes
    inner = _ECDSA.get(certificate.signature_algorithm_oid)
    if key is None or inner is None or not signed.startswith(inner, _after_serial(signed)):
        return issued_by(certificate, issuer)
    parameters = certificate.signature_algorithm_parameters
    if not isinstance(parameters, ec.ECDSA):
        return False
    try:
        key.verify(certificate.signature, signed, parameters)
    except InvalidSignature:
        return False
    return True


def _after_serial(signed: bytes) -> int:
    """Where the algorithm begins in the signed part of a certificate of version 3 (RFC 5280, section 4.1)."""
    start = 4 if signed[1:2] == b"\x82" else 2
    number = start + 5 if signed.startswith(_VERSION_3, start) else len(signed)
    return number + 2 + signed[number + 1] if number + 1 < len(signed) else number


@lru_cache(maxsize=256)
def chain_holds(chain: tuple[x509.Certificate, ...]) -> bool:
    """Whether each certificate of an authority's chain is issued by the next and all may issue. Cached per process."""
    for one in chain:
        try:
            constraints = one.extensions.get_extension_for_class(x509.BasicConstraints).value
        except (x509.ExtensionNotFound, ValueError):
            return False
        if not constraints.ca:
            return False
    return all(issued_by(one, above) for one, above in pairwise(chain))
