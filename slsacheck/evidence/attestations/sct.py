"""Signed certificate timestamps (RFC 6962): a CT log saw the certificate before it was used."""

from __future__ import annotations

import struct
from datetime import UTC
from typing import TYPE_CHECKING

from cryptography import x509

from slsacheck.evidence.attestations.keys import PublicKey, kind_of, verify_signature
from slsacheck.evidence.attestations.steps import RefusedError

if TYPE_CHECKING:
    from cryptography.x509.certificate_transparency import SignedCertificateTimestamp

    from slsacheck.evidence.attestations.certificates import Issued, Leaf

__all__ = ["verify_scts"]

_PRECERT_ENTRY = 1
_MAX_SCTS = 16


def _signed_bytes(sct: SignedCertificateTimestamp, tbs: bytes, key_hash: bytes) -> bytes:
    """What the log signed: RFC 6962 section 3.2, entry type precert."""
    milliseconds = _milliseconds(sct)
    extensions = sct.extension_bytes
    return b"".join(
        (
            struct.pack(">BBQH", 0, 0, milliseconds, _PRECERT_ENTRY),
            key_hash,
            len(tbs).to_bytes(3, "big"),
            tbs,
            len(extensions).to_bytes(2, "big"),
            extensions,
        )
    )


def _milliseconds(sct: SignedCertificateTimestamp) -> int:
    moment = sct.timestamp
    whole = int(moment.replace(microsecond=0, tzinfo=UTC).timestamp())
    return whole * 1000 + moment.microsecond // 1000


def verify_scts(leaf: Leaf, issued: Issued) -> int:
    """How many embedded timestamps verify under the instance's CT logs; at least one.

    Raises RefusedError `certificate-invalid` when there is none, or none verifies.
    """
    try:
        scts = list(leaf.value(x509.PrecertificateSignedCertificateTimestamps.oid) or ())
        tbs = leaf.certificate.tbs_precertificate_bytes if scts else b""
    except (ValueError, TypeError) as error:
        raise _refuse("the signed certificate timestamps of the certificate cannot be read") from error
    if not scts:
        raise _refuse("the certificate carries no signed certificate timestamp, so nothing shows it was logged")
    good = sum(_verified(sct, tbs, issued) for sct in scts[:_MAX_SCTS])
    if not good:
        raise _refuse("no signed certificate timestamp of the certificate verifies under a trusted CT log")
    return good


def _refuse(message: str) -> RefusedError:
    return RefusedError("certificate-invalid", message, step="certificate-transparency")


def _kind_fits(key: PublicKey, sct: SignedCertificateTimestamp) -> bool:
    return kind_of(key) == sct.signature_algorithm.name in ("ECDSA", "RSA")


def _verified(sct: SignedCertificateTimestamp, tbs: bytes, issued: Issued) -> bool:
    log = next((log for log in issued.domain.ct_logs if log.id == sct.log_id), None)
    if log is None or not _kind_fits(log.key, sct):
        return False
    moment = sct.timestamp.replace(tzinfo=UTC)
    return log.window.holds(moment) and verify_signature(
        log.key, sct.signature, _signed_bytes(sct, tbs, issued.issuer.key_hash), "sha256"
    )
