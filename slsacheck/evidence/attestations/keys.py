"""Public keys and what they sign: one place that knows every algorithm this verifier accepts."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, padding, rsa, utils

from slsacheck.evidence.attestations.steps import RefusedError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

__all__ = [
    "PublicKey",
    "der_signature",
    "fingerprint",
    "holds",
    "kind_of",
    "load_key",
    "spki",
    "usable",
    "verify_digest",
    "verify_signature",
]

PublicKey = ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey | rsa.RSAPublicKey
"""The kinds of key that sign attestations, logs and certificates here."""

_KINDS = {"ECDSA": ec.EllipticCurvePublicKey, "Ed25519": ed25519.Ed25519PublicKey, "RSA": rsa.RSAPublicKey}
_SEEN: dict[type, str] = {}
"""The library's own classes of keys, each with its kind: there is one a kind."""
_MIN_RSA_BITS = 2048
_MIN_CURVE_BITS = 256
_HASHES: dict[str, type[hashes.HashAlgorithm]] = {
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
}


def usable(key: PublicKeyTypes) -> PublicKey:
    """The key, if what it signs can count; raises RefusedError for weak keys and kinds that are not supported.

    RSA below 2048 bits and curves below 256 bits are disallowed for signatures (NIST SP 800-131A rev. 2, section 3).
    """
    if isinstance(key, rsa.RSAPublicKey) and key.key_size < _MIN_RSA_BITS:
        raise _weak(f"an RSA key of {key.key_size} bits is too short")
    if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.key_size < _MIN_CURVE_BITS:
        raise _weak(f"a key on the curve {key.curve.name} is too short")
    if isinstance(key, dsa.DSAPublicKey):
        raise _weak("DSA keys no longer count")
    if not isinstance(key, PublicKey):
        raise RefusedError("unsupported", "the kind of public key is not supported", verdict="unknown", step="key")
    return key


def _weak(what: str) -> RefusedError:
    message = f"{what}: whoever can compute its private half can sign as well; ask the signer for a stronger key"
    return RefusedError("no-valid-signature", message, step="key")


def load_key(der: bytes) -> PublicKey:
    """The public key of a SubjectPublicKeyInfo in DER; raises RefusedError."""
    try:
        return usable(serialization.load_der_public_key(der))
    except (ValueError, UnsupportedAlgorithm) as error:
        raise RefusedError("malformed", "the public key cannot be read", step="key") from error


def spki(key: PublicKeyTypes) -> bytes:
    """The SubjectPublicKeyInfo of a key in DER."""
    return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def fingerprint(key: PublicKeyTypes) -> str:
    """`sha256:` and the hash of the SubjectPublicKeyInfo: how a key is named as signer."""
    return "sha256:" + hashlib.sha256(spki(key)).hexdigest()


def kind_of(key: object) -> str:
    """ECDSA, Ed25519 or RSA; empty for others. Quicker than to ask the library's abstract classes every time."""
    found = _SEEN.get(type(key))
    if found is None:
        found = _SEEN[type(key)] = next((name for name, kind in _KINDS.items() if isinstance(key, kind)), "")
    return found


@cache
def _ecdsa(algorithm: str) -> ec.ECDSA:
    return ec.ECDSA(_HASHES[algorithm]())


def verify_signature(key: PublicKey, signature: bytes, data: bytes, algorithm: str | None = None) -> bool:
    """Whether `signature` is the key's over `data`.

    ECDSA hashes with the hash of the curve's size or with SHA-256; `algorithm` (sha256, sha384, sha512) fixes it.
    RSA is PKCS #1 v1.5 or PSS. Ed25519 is plain.
    """
    kind = kind_of(key)
    if kind == "Ed25519":
        return holds(key, signature, data)
    fixed = algorithm if algorithm in _HASHES else "sha256"
    if kind == "ECDSA":
        first = _curve_hash(key) if algorithm is None else fixed
        return holds(key, signature, data, _ecdsa(first)) or (
            first != fixed and holds(key, signature, data, _ecdsa(fixed))
        )
    return _verify_rsa(key, signature, data, _HASHES[fixed]())


def _curve_hash(key: Any) -> str:
    return {256: "sha256", 384: "sha384"}.get(key.curve.key_size, "sha512")


def _verify_rsa(key: PublicKey, signature: bytes, data: bytes, digest: hashes.HashAlgorithm) -> bool:
    pss = padding.PSS(padding.MGF1(digest), padding.PSS.AUTO)
    return holds(key, signature, data, padding.PKCS1v15(), digest) or holds(key, signature, data, pss, digest)


def holds(key: Any, *given: object) -> bool:
    """Whether the library verifies what is given (signature, data, algorithm) by the key."""
    try:
        key.verify(*given)
    except (InvalidSignature, ValueError):
        return False
    return True


def der_signature(key: PublicKey, signature: bytes) -> bytes:
    """An ECDSA signature in DER; some signers write the bare numbers r and s one after the other (IEEE P1363)."""
    if not isinstance(key, ec.EllipticCurvePublicKey):
        return signature
    half = (key.curve.key_size + 7) // 8
    if len(signature) != 2 * half:
        return signature
    return utils.encode_dss_signature(int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big"))


def verify_digest(key: PublicKey, signature: bytes, algorithm: str, digest: bytes) -> bool:
    """Whether `signature` covers a message with that digest; Ed25519 signs messages only, so there it is False."""
    if algorithm not in _HASHES or len(digest) != _HASHES[algorithm]().digest_size:
        return False
    prehashed = utils.Prehashed(_HASHES[algorithm]())
    if isinstance(key, ec.EllipticCurvePublicKey):
        return holds(key, signature, digest, ec.ECDSA(prehashed))
    if isinstance(key, rsa.RSAPublicKey):
        return holds(key, signature, digest, padding.PKCS1v15(), prehashed)
    return False
