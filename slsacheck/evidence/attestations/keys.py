"""Public keys and what they sign: one place that knows every algorithm this verifier accepts."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, padding, rsa, utils

from slsacheck.evidence.attestations.steps import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

__all__ = [
    "PublicKey",
    "der_signature",
    "fingerprint",
    "load_key",
    "spki",
    "usable",
    "verify_digest",
    "verify_signature",
]

PublicKey = ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey | rsa.RSAPublicKey
"""The kinds of key that sign attestations, logs and certificates here."""

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


def _curve_hash(key: ec.EllipticCurvePublicKey) -> hashes.HashAlgorithm:
    return hashes.SHA384() if key.curve.key_size == 384 else hashes.SHA512()  # noqa: PLR2004 - P-384, else P-521


def verify_signature(key: PublicKey, signature: bytes, data: bytes, algorithm: str | None = None) -> bool:
    """Whether `signature` is the key's over `data`.

    ECDSA hashes with SHA-256 first and then with the hash of the curve's size; `algorithm` (sha256, sha384, sha512)
    fixes it. RSA is PKCS #1 v1.5 or PSS. Ed25519 is plain.
    """
    if isinstance(key, ed25519.Ed25519PublicKey):
        return _holds(lambda: key.verify(signature, data))
    wanted = [_HASHES[algorithm]()] if algorithm in _HASHES else [hashes.SHA256()]
    if isinstance(key, ec.EllipticCurvePublicKey):
        if algorithm is None and key.curve.key_size != 256:  # noqa: PLR2004 - P-256
            wanted = [_curve_hash(key), *wanted]
        return any(_verify_ecdsa(key, signature, data, one) for one in wanted)
    return _verify_rsa(key, signature, data, wanted[0])


def _verify_ecdsa(key: ec.EllipticCurvePublicKey, signature: bytes, data: bytes, digest: hashes.HashAlgorithm) -> bool:
    return _holds(lambda: key.verify(signature, data, ec.ECDSA(digest)))


def _verify_rsa(key: rsa.RSAPublicKey, signature: bytes, data: bytes, digest: hashes.HashAlgorithm) -> bool:
    pss = padding.PSS(padding.MGF1(digest), padding.PSS.AUTO)
    return _holds(lambda: key.verify(signature, data, padding.PKCS1v15(), digest)) or _holds(
        lambda: key.verify(signature, data, pss, digest)
    )


def _holds(check: Callable[[], None]) -> bool:
    try:
        check()
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
        return _holds(lambda: key.verify(signature, digest, ec.ECDSA(prehashed)))
    if isinstance(key, rsa.RSAPublicKey):
        return _holds(lambda: key.verify(signature, digest, padding.PKCS1v15(), prehashed))
    return False
