"""The key that a user gives with `--key`: PEM, DER, JWK, OpenSSH or a certificate; and what is to be known about it."""

from __future__ import annotations

import base64
import binascii
from functools import cache
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from slsacheck.catalog import data as rules_data
from slsacheck.evidence.attestations.jsondoc import Document, as_list, as_map, as_text, parse_json
from slsacheck.evidence.attestations.keys import PublicKey, fingerprint, usable
from slsacheck.evidence.attestations.steps import RefusedError, shown
from slsacheck.evidence.attestations.trustdata import Window
from slsacheck.record import record

if TYPE_CHECKING:
    from datetime import datetime

    from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

    from slsacheck.evidence.attestations.steps import Trail

__all__ = ["GivenKey", "check_window", "describe", "load_given_key"]

_CURVES: dict[str, type[ec.EllipticCurve]] = {
    "P-192": ec.SECP192R1,
    "P-224": ec.SECP224R1,
    "P-256": ec.SECP256R1,
    "P-384": ec.SECP384R1,
    "P-521": ec.SECP521R1,
}
"""The curves by their names in JWK (RFC 7518, section 6.2.1.1)."""


@record
class GivenKey:
    """A public key, and from when to when it counts where it came in a certificate."""

    key: PublicKey
    window: Window | None = None


@cache
def _demo_keys() -> dict[str, str]:
    keys = as_map(as_map(parse_json(rules_data("trust/demo-keys.json"), "demo-keys.json")).get("keys"))
    return {name: as_text(text) for name, text in keys.items()}


def _checked(key: PublicKeyTypes) -> PublicKey:
    """The key unless it is weak or its private half is public knowledge."""
    found = usable(key)
    demo = _demo_keys().get(fingerprint(found))
    if demo is not None:
        raise RefusedError(
            "no-valid-signature",
            f"the given key is {demo}: its private half is published, so anybody could have signed",
            step="key",
        )
    return found


def load_given_key(data: bytes, path: str) -> GivenKey:
    """The key in a file; raises RefusedError for what is no public key, weak, or a published demo key."""
    try:
        if b"-----BEGIN CERTIFICATE-----" in data:
            return _of_certificate(x509.load_pem_x509_certificate(data))
        return GivenKey(_checked(_plain(data, path)))
    except (ValueError, UnsupportedAlgorithm, binascii.Error, x509.InvalidVersion) as error:
        told = f"{path} holds no public key that can be read; give the signer's, as PEM, DER or JWK"
        raise RefusedError("malformed", told, step="key") from error


def _of_certificate(certificate: x509.Certificate) -> GivenKey:
    window = Window(certificate.not_valid_before_utc, certificate.not_valid_after_utc)
    return GivenKey(_checked(certificate.public_key()), window)


def _plain(data: bytes, path: str) -> PublicKeyTypes:
    if not data:
        raise RefusedError("malformed", f"{path} cannot be read as a public key: it is empty", step="key")
    if b"PRIVATE KEY-----" in data:
        message = f"{path} is a private key; give the public one, and keep this file to yourself"
        raise RefusedError("malformed", message, step="key")
    if b"BEGIN PGP" in data:
        raise RefusedError("unsupported", f"{path}: PGP keys do not sign provenance", verdict="unknown", step="key")
    if b"-----BEGIN" in data:
        return serialization.load_pem_public_key(data)
    if data.lstrip()[:1] == b"{":
        return _of_jwk(as_map(parse_json(data, path)), path)
    if data.startswith((b"ssh-", b"ecdsa-")):
        return serialization.load_ssh_public_key(data)
    return serialization.load_der_public_key(data)


def _number(value: object) -> int:
    return int.from_bytes(_bytes(value), "big")


def _bytes(value: object) -> bytes:
    text = as_text(value)
    if not text:
        raise ValueError("a number of the key is missing")
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def _of_jwk(document: Document, path: str) -> PublicKeyTypes:
    """A JSON Web Key (RFC 7517), alone or the only one of a set."""
    if "keys" in document:
        keys = as_list(document["keys"])
        if len(keys) != 1:
            message = f"{path} holds {len(keys)} keys; give the one that is meant"
            raise RefusedError("malformed", message, step="key")
        document = as_map(keys[0])
    if "d" in document:
        raise RefusedError("malformed", f"{path} is a private key; give the public one", step="key")
    kind, curve = as_text(document.get("kty")), as_text(document.get("crv"))
    if kind == "RSA":
        return rsa.RSAPublicNumbers(_number(document.get("e")), _number(document.get("n"))).public_key()
    if kind == "EC" and curve in _CURVES:
        point = _number(document.get("x")), _number(document.get("y"))
        return ec.EllipticCurvePublicNumbers(*point, _CURVES[curve]()).public_key()
    if kind == "OKP" and curve == "Ed25519":
        return ed25519.Ed25519PublicKey.from_public_bytes(_bytes(document.get("x")))
    message = f"{path}: keys of kind {shown(kind or '(none)')} {shown(curve)} are not supported"
    raise RefusedError("unsupported", message, verdict="unknown", step="key")


def describe(key: PublicKey) -> str:
    """What is to be known about a signature by such a key."""
    if isinstance(key, rsa.RSAPublicKey):
        kind = f"RSA of {key.key_size} bits"
    else:
        kind = f"ECDSA on {key.curve.name}" if isinstance(key, ec.EllipticCurvePublicKey) else "Ed25519"
    return (
        f"{kind}, {fingerprint(key)}: a long-lived key; whoever holds it can sign, until its owner rotates it and "
        "tells everybody who trusts it"
    )


def check_window(window: Window | None, moment: datetime | None, now: datetime, trail: Trail) -> None:
    """Compare the time of signing with the validity of the key's certificate; raises RefusedError when outside.

    Without a trusted time a certificate that has ended leaves it open; one that still counts does not.
    """
    if window is None:
        return
    if moment is None and not window.holds(now):
        trail.impossible(
            "time",
            "time-untrusted",
            "the key's certificate does not count today, and nothing trusted shows that the signature is from when "
            "it did",
        )
    elif moment is not None and not window.holds(moment):
        message = f"the signature was made at {moment:%Y-%m-%dT%H:%M:%SZ}, outside the validity of the key"
        raise RefusedError("certificate-invalid", message, step="time")
    else:
        trail.passed("time", "inside the validity of the key's certificate")
