"""Whether a log entry is about exactly this signature, payload and certificate (or key).

Each kind of entry stores something else. The whole certificate is compared, not only its key: two certificates may
share one.
"""

from __future__ import annotations

import base64
import hashlib
import json
from typing import TYPE_CHECKING

from slsacheck.evidence.attestations.dsse import lenient_base64
from slsacheck.evidence.attestations.jsondoc import Document, as_list, as_map, as_text, dig
from slsacheck.evidence.attestations.steps import RefusedError, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from slsacheck.evidence.attestations.envelope import Attestation

__all__ = ["bind_entry"]

_SHA256_NAMES = ("sha256", "SHA2_256")


def _refuse(message: str) -> RefusedError:
    return RefusedError("log-invalid", message, step="log-entry")


def _decoded(value: object, what: str) -> bytes:
    try:
        return lenient_base64(value, what)
    except RefusedError as error:
        raise _refuse(error.message) from error


def _pem_der(data: bytes) -> bytes:
    """The DER inside a PEM block of certificate or public key."""
    lines = data.decode("ascii", "replace").strip().splitlines()
    if len(lines) < 3 or not lines[0].startswith("-----BEGIN "):  # noqa: PLR2004 - begin, body, end
        raise _refuse("the log entry holds no certificate or key in PEM")
    return _decoded("".join(lines[1:-1]), "the certificate of the log entry")


def _same_verifier(value: object, verifier: bytes) -> None:
    if _pem_der(_decoded(value, "the certificate of the log entry")) != verifier:
        raise _refuse("the log entry is about another certificate or key")


def _hash_is(value: object, data: bytes) -> bool:
    algorithm, digest = as_text(dig(value, "algorithm")), as_text(dig(value, "value"))
    return algorithm in _SHA256_NAMES and digest.lower() == hashlib.sha256(data).hexdigest()


def _as_written(attestation: Attestation) -> Iterator[bytes]:
    """The envelope as Go's and JavaScript's JSON writers write it: one of them has the hash, or nothing is known."""
    payload = base64.b64encode(attestation.payload).decode("ascii")
    for with_keyid in (True, False):
        signatures = [
            ({"keyid": one.keyid or ""} if with_keyid else {}) | {"sig": base64.b64encode(one.raw).decode("ascii")}
            for one in attestation.signatures
        ]
        envelope = {"payloadType": attestation.payload_type, "payload": payload, "signatures": signatures}
        for fields in (("payloadType", "payload", "signatures"), ("payload", "payloadType", "signatures")):
            written = json.dumps({name: envelope[name] for name in fields}, separators=(",", ":")).encode()
            yield written
            yield written + b"\n"


def _same_hash(value: object, data: bytes, what: str) -> None:
    if not _hash_is(value, data):
        raise _refuse(f"the log entry is about another {what}")


def _raw_verifier(value: object, verifier: bytes) -> None:
    """The verifier of a Rekor v2 entry: a certificate or a public key in DER."""
    certificate = dig(value, "x509Certificate", "rawBytes")
    raw = certificate if certificate is not None else dig(value, "publicKey", "rawBytes")
    if _decoded(raw, "the certificate of the log entry") != verifier:
        raise _refuse("the log entry is about another certificate or key")


def _signatures_match(logged: list[bytes], attestation: Attestation) -> None:
    if not logged or sorted(logged) != sorted(one.raw for one in attestation.signatures):
        raise _refuse("the log entry is about another signature")


def _intoto_002(spec: Document, attestation: Attestation, verifier: bytes) -> None:
    content = as_map(spec.get("content"))
    envelope = as_map(content.get("envelope"))
    _same_hash(content.get("payloadHash"), attestation.payload, "payload")
    if envelope.get("payloadType") != attestation.payload_type:
        raise _refuse("the log entry is about another payload type")
    logged = []
    for one in as_list(envelope.get("signatures")):
        _same_verifier(dig(one, "publicKey"), verifier)
        inner = _decoded(dig(one, "sig"), "the signature of the log entry")
        logged.append(_decoded(inner.decode("ascii", "replace"), "the signature of the log entry"))
    _signatures_match(logged, attestation)


def _intoto_001(spec: Document, attestation: Attestation, verifier: bytes) -> None:
    content = as_map(spec.get("content"))
    if content.get("payloadHash") is not None:
        _same_hash(content.get("payloadHash"), attestation.payload, "payload")
    if attestation.raw is not None:
        _same_hash(content.get("hash"), attestation.raw, "envelope")
    elif not any(_hash_is(content.get("hash"), written) for written in _as_written(attestation)):
        raise _refuse(
            "an entry intoto 0.0.1 hashes the envelope as it was written; it is not at hand, and none of the ways in "
            "which signers write it has this hash"
        )
    _same_verifier(spec.get("publicKey"), verifier)


def _dsse_001(spec: Document, attestation: Attestation, verifier: bytes) -> None:
    _same_hash(spec.get("payloadHash"), attestation.payload, "payload")
    logged = []
    for one in as_list(spec.get("signatures")):
        _same_verifier(dig(one, "verifier"), verifier)
        logged.append(_decoded(dig(one, "signature"), "the signature of the log entry"))
    _signatures_match(logged, attestation)


def _message_hash(attestation: Attestation, digest: bytes | None) -> bytes:
    """The hash that a hashedrekord entry is about: of the signed bytes, or of the message (given as digest)."""
    if attestation.form == "message-signature":
        if digest is None:
            raise _refuse("the message digest is not at hand")
        return digest
    return hashlib.sha256(attestation.signed_bytes).digest()


def _hashedrekord_001(spec: Document, attestation: Attestation, verifier: bytes) -> None:
    expected = _message_hash(attestation, _message_digest(attestation))
    if as_text(dig(spec, "data", "hash", "value")).lower() != expected.hex():
        raise _refuse("the log entry is about other data")
    _same_verifier(dig(spec, "signature", "publicKey", "content"), verifier)
    _signatures_match([_decoded(dig(spec, "signature", "content"), "the signature of the log entry")], attestation)


def _message_digest(attestation: Attestation) -> bytes | None:
    return bytes.fromhex(attestation.message_digest[1]) if attestation.message_digest else None


def _hashedrekord_002(spec: Document, attestation: Attestation, verifier: bytes) -> None:
    record = as_map(spec.get("hashedRekordV002"))
    expected = _message_hash(attestation, _message_digest(attestation))
    if _decoded(dig(record, "data", "digest"), "the digest of the log entry") != expected:
        raise _refuse("the log entry is about other data")
    _raw_verifier(dig(record, "signature", "verifier"), verifier)
    _signatures_match([_decoded(dig(record, "signature", "content"), "the signature of the log entry")], attestation)


def _dsse_002(spec: Document, attestation: Attestation, verifier: bytes) -> None:
    record = as_map(spec.get("dsseV002"))
    digest = _decoded(dig(record, "payloadHash", "digest"), "the payload hash of the log entry")
    if digest != hashlib.sha256(attestation.payload).digest():
        raise _refuse("the log entry is about another payload")
    logged = []
    for one in as_list(record.get("signatures")):
        _raw_verifier(dig(one, "verifier"), verifier)
        logged.append(_decoded(dig(one, "content"), "the signature of the log entry"))
    _signatures_match(logged, attestation)


_BINDERS: dict[tuple[str, str], Callable[[Document, Attestation, bytes], None]] = {
    ("intoto", "0.0.1"): _intoto_001,
    ("intoto", "0.0.2"): _intoto_002,
    ("dsse", "0.0.1"): _dsse_001,
    ("dsse", "0.0.2"): _dsse_002,
    ("hashedrekord", "0.0.1"): _hashedrekord_001,
    ("hashedrekord", "0.0.2"): _hashedrekord_002,
}


def bind_entry(body: Document, attestation: Attestation, verifier: bytes) -> None:
    """Check that the entry is about this attestation; `verifier` is the certificate or the public key in DER.

    Raises RefusedError `log-invalid` when it is about something else or of a kind that cannot be compared.
    """
    kind = as_text(body.get("kind")), as_text(body.get("apiVersion"))
    binder = _BINDERS.get(kind)
    if binder is None:
        raise _refuse(f"a log entry of kind {shown(kind[0])} {shown(kind[1])} cannot be compared with an attestation")
    binder(as_map(body.get("spec")), attestation, verifier)
