"""Signing a statement with a private key: a DSSE envelope that any verifier of DSSE v1 reads."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

from slsacheck.evidence.attestations.envelope import INTOTO_PAYLOAD, pae
from slsacheck.evidence.attestations.keys import fingerprint, usable
from slsacheck.evidence.attestations.steps import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["PrivateKey", "load_private_key", "sign_statement"]

PrivateKey = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey
"""The kinds of key that sign here; the same that are verified."""


def load_private_key(data: bytes, path: str, password: bytes | None = None) -> PrivateKey:
    """A private key in PEM (PKCS #8, SEC 1 or PKCS #1); raises RefusedError that never repeats what the file holds."""
    if b"ENCRYPTED SIGSTORE" in data or b"ENCRYPTED COSIGN" in data:
        message = f"{path} is a key in cosign's own encryption; sign with `cosign attest-blob --statement` instead"
        raise RefusedError("unsupported", message, step="key")
    try:
        key = serialization.load_pem_private_key(data, password)
    except TypeError as error:
        message = f"{path} is encrypted and no password was given, or the other way round"
        raise RefusedError("malformed", message, step="key") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        message = f"{path} holds no private key in PEM that this password opens"
        raise RefusedError("malformed", message, step="key") from error
    if not isinstance(key, PrivateKey):
        raise RefusedError("unsupported", f"{path}: keys of this kind do not sign here", step="key")
    usable(key.public_key())
    return key


def _signer(key: PrivateKey) -> Callable[[bytes], bytes]:
    """How the key signs: ECDSA with the hash of its curve's size, RSA as PKCS #1 v1.5 with SHA-256, Ed25519 plain."""
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key.sign
    if isinstance(key, rsa.RSAPrivateKey):
        return lambda data: key.sign(data, padding.PKCS1v15(), hashes.SHA256())
    by_size: dict[int, hashes.HashAlgorithm] = {256: hashes.SHA256(), 384: hashes.SHA384(), 521: hashes.SHA512()}
    return lambda data: key.sign(data, ec.ECDSA(by_size[key.curve.key_size]))


def sign_statement(statement: bytes, key: PrivateKey) -> dict[str, object]:
    """The DSSE envelope of an in-toto statement; the key id is the fingerprint of the public key."""
    signature = _signer(key)(pae(INTOTO_PAYLOAD, statement))
    return {
        "payloadType": INTOTO_PAYLOAD,
        "payload": base64.b64encode(statement).decode("ascii"),
        "signatures": [
            {"keyid": fingerprint(key.public_key()), "sig": base64.b64encode(signature).decode("ascii")},
        ],
    }
