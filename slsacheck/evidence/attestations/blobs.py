"""Signatures of files as cosign writes them: `.sig` beside `.pem`, and the JSON of the old `--bundle`.

They are over the file itself, so the artifact must be given. A signature proves who signed, and no level.
"""

from __future__ import annotations

import base64
import binascii
import hashlib

from slsacheck.evidence.attestations.dsse import is_envelope, pem_certificate, read_envelope
from slsacheck.evidence.attestations.envelope import Attestation, LogEntry, Signature
from slsacheck.evidence.attestations.files import read_bounded
from slsacheck.evidence.attestations.jsondoc import Document, as_map, as_text, decode_base64, parse_json
from slsacheck.evidence.attestations.logentry import cosign_entry
from slsacheck.evidence.attestations.steps import RefusedError, shown
from slsacheck.record import replace

__all__ = ["is_cosign_bundle", "read_certificate", "read_cosign_bundle", "read_signature"]

_MAX_SIGNATURE = 1_100
"""Bytes: a signature by an RSA key of 8192 bits has 1024."""
_LENGTHS = frozenset({64, 96, 132, 256, 384, 512, 1024})
"""Bytes of signatures without DER around them: Ed25519 and bare ECDSA numbers, RSA from 2048 to 8192 bits."""
_SEQUENCE, _SHORTEST, _LONGEST = b"\x30", 8, 150
"""An ECDSA signature in DER: a sequence of two numbers, at most 139 bytes on P-521."""
_MAX_CERTIFICATE = 64 * 1024
"""Bytes: a leaf certificate of Fulcio in PEM has three thousand."""


def _blob_signature(signature: bytes, path: str, raw: bytes) -> Attestation:
    return Attestation(
        form="message-signature",
        payload=b"",
        payload_type="",
        signed_bytes=b"",
        signatures=(Signature(signature),) if signature else (),
        digest=hashlib.sha256(raw).hexdigest(),
        path=path,
    )


def _decoded(data: bytes) -> bytes | None:
    """The bytes behind base64 text; None where it is no such text."""
    try:
        return base64.b64decode(b"".join(data.split()), validate=True)
    except (binascii.Error, ValueError):
        return None


def _is_signature(raw: bytes) -> bool:
    """Whether the bytes have the shape of a signature: a DER sequence of their length, or the length of a key's."""
    if len(raw) in _LENGTHS:
        return True
    short = raw[:1] == _SEQUENCE and raw[1:2] == bytes([(len(raw) - 2) & 0xFF])
    long = raw[:2] == _SEQUENCE + b"\x81" and raw[2:3] == bytes([(len(raw) - 3) & 0xFF])
    return _SHORTEST < len(raw) < _LONGEST and (short or long)


def read_signature(data: bytes, path: str) -> Attestation | None:
    """A bare signature, in base64 (`cosign sign-blob`) or as bytes (`openssl dgst`); None for anything else."""
    if not data or len(data) > 2 * _MAX_SIGNATURE:
        return None
    decoded = _decoded(data)
    if decoded is None and data.isascii():
        return None
    signature = decoded if decoded is not None else data
    return _blob_signature(signature, path, data) if _is_signature(signature) else None


def read_certificate(path: str) -> bytes:
    """The DER of the certificate in a file: PEM, base64 of PEM (as cosign writes it), or DER. Raises RefusedError."""
    data = read_bounded(path, _MAX_CERTIFICATE)
    return _certificate(data, shown(path))


def _certificate(data: bytes, name: str) -> bytes:
    if b"-----BEGIN" not in data:
        decoded = _decoded(data)
        data = decoded if decoded is not None else data
    if b"-----BEGIN" not in data:
        return data
    der = pem_certificate(data.decode("ascii", "replace"))
    if der is None:
        raise RefusedError("malformed", f"{name} holds no certificate", step="certificate")
    return der


def is_cosign_bundle(document: Document) -> bool:
    """Whether it is what `cosign sign-blob --bundle` and `attest-blob --bundle` wrote before version 3."""
    return "base64Signature" in document


def _entries(document: Document) -> tuple[LogEntry, ...]:
    bundle = as_map(document.get("rekorBundle"))
    return (cosign_entry(bundle),) if bundle else ()


def read_cosign_bundle(document: Document, raw: bytes, path: str) -> Attestation:
    """The old bundle of cosign: a signature of a file, or an attestation with its envelope in the signature's place."""
    content = decode_base64(document.get("base64Signature"), "the signature of the bundle")
    if content[:1] == b"{":
        envelope = as_map(parse_json(content, "the envelope of the bundle"))
        if not is_envelope(envelope):
            raise RefusedError("malformed", "the bundle holds neither a signature nor an envelope", step="bundle")
        attestation = replace(
            read_envelope(envelope, content, path, "cosign-legacy"), digest=hashlib.sha256(raw).hexdigest()
        )
    else:
        attestation = _blob_signature(content, path, raw)
    text = as_text(document.get("cert"))
    certificate = text.encode()
    if b"-----BEGIN" not in certificate:
        certificate = _decoded(certificate) or b""
    der = _certificate(certificate, "the bundle") if b"BEGIN CERTIFICATE" in certificate else None
    return replace(attestation, certificates=(der,) if der else (), entries=_entries(document))
