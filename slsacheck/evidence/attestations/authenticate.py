"""The signature of an attestation: who made it, when, and whether a log and a trusted authority stand for that."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from cryptography.hazmat.primitives.asymmetric import ed25519

from slsacheck.evidence.attestations.certificates import (
    Identity,
    Issued,
    Leaf,
    find_issuer,
    identity_of,
    load_leaf,
    valid_at,
)
from slsacheck.evidence.attestations.keys import (
    PublicKey,
    der_signature,
    fingerprint,
    kind_of,
    load_key,
    spki,
    verify_digest,
    verify_signature,
)
from slsacheck.evidence.attestations.sct import verify_scts
from slsacheck.evidence.attestations.sightings import check_logs, log_domain, log_moments, seen, stamped_moments
from slsacheck.evidence.attestations.steps import RefusedError, Trail, shown
from slsacheck.record import record, replace

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from cryptography import x509

    from slsacheck.evidence.attestations.envelope import Attestation, Signature
    from slsacheck.evidence.attestations.trustdata import NamedKey, TrustData, TrustDomain

__all__ = ["DOES_NOT_FIT", "Authenticity", "authenticate", "authenticate_npm_key", "authenticate_with_key"]


DOES_NOT_FIT = (
    "the signature does not fit: the content was changed after it was signed, or the key is another than the "
    "certificate's"
)
"""What is wrong with a signature that does not verify by its own certificate."""


@record
class Authenticity:
    """Who signed. `identity` is a certificate's; `key` the fingerprint or known id of a key; exactly one is set.

    `domain` names the Sigstore instance (public-good, github, or the user's file), `logged` whether a log entry was
    verified, `moment` the trusted time of signing.
    """

    identity: Identity | None = None
    key: str | None = None
    family: str = ""
    domain: str = ""
    logged: bool = False
    moment: datetime | None = None


def _supported(key: object) -> PublicKey:
    if not kind_of(key):
        raise RefusedError("certificate-invalid", "the certificate's kind of key is not supported", step="certificate")
    return cast("PublicKey", key)


def _verify(
    key: PublicKey,
    attestation: Attestation,
    digests: tuple[tuple[str, str], ...],
    signature: Signature,
    algorithm: str | None,
) -> bool:
    """Whether the signature covers the envelope, or for a bare message its digest."""
    if attestation.form != "message-signature":
        return verify_signature(key, signature.raw, attestation.signed_bytes, algorithm)
    return any(verify_digest(key, signature.raw, name, _unhex(value)) for name, value in digests)


def _unhex(text: str) -> bytes:
    """The bytes of a hexadecimal digest; none where it is not hexadecimal, which then fits nothing."""
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""


def _candidates(attestation: Attestation, trail: Trail) -> list[tuple[bytes, Signature]]:
    """Each signature with the certificate that it is to be checked with."""
    if attestation.certificates:
        return [(attestation.certificates[0], one) for one in attestation.signatures]
    found = [(one.certificate, one) for one in attestation.signatures if one.certificate is not None]
    if found:
        return found
    if attestation.key_hint is not None or any(one.keyid for one in attestation.signatures):
        problem = "it is signed by a key; give the public key with --key"
    else:
        problem = "neither a certificate nor a key comes with the signature; give --key, or the bundle instead"
    trail.impossible("signature", "no-valid-signature", problem)
    raise trail.problems[-1]


def authenticate(
    attestation: Attestation,
    trust: TrustData,
    trail: Trail,
    message: tuple[tuple[str, str], ...] = (),
    read_message: Callable[[], bytes | None] | None = None,
) -> Authenticity:
    """Verify a certificate-signed attestation. `message` are the digests (algorithm, hex) of a bare message.

    Steps that cannot be done (no log entry, no time) become problems of verdict unknown in the trail; what is wrong
    raises RefusedError.
    """
    der, leaf, signature = signing_certificate(attestation, trail, message, read_message)
    issued = find_issuer(leaf, trust.domains)
    trail.passed("certificate-chain", f"issued by {shown(issued.authority.url)} ({issued.domain.name})")
    _check_transparency(leaf, issued, trail)
    identity = identity_of(leaf)
    moments, logged = _moments(attestation, signature, der, issued.domain, trail)
    _check_moments(leaf.certificate, issued, moments, trail)
    moment = min(moments, default=None)
    return Authenticity(identity, domain=issued.domain.name, logged=logged, moment=moment)


def signing_certificate(
    attestation: Attestation,
    trail: Trail,
    message: tuple[tuple[str, str], ...],
    read_message: Callable[[], bytes | None] | None,
) -> tuple[bytes, Leaf, Signature]:
    """The certificate whose key made a signature, in DER and read, and that signature. Raises RefusedError."""
    for der, signature in _candidates(attestation, trail):
        leaf = load_leaf(der)
        key = _supported(leaf.key)
        signed = attestation
        if attestation.form == "message-signature" and isinstance(key, ed25519.Ed25519PublicKey):
            signed = _whole_message(attestation, read_message() if read_message else None)
        if _verify(key, signed, message, signature, None):
            trail.passed("signature", "made with the certificate's key over exactly this content")
            return der, leaf, signature
    raise RefusedError(
        "no-valid-signature",
        DOES_NOT_FIT,
        step="signature",
    )


def _check_transparency(leaf: Leaf, issued: Issued, trail: Trail) -> None:
    if not issued.domain.ct_logs:
        trail.skipped("certificate-transparency", "this instance has no certificate transparency log")
        return
    count = verify_scts(leaf, issued)
    trail.passed("certificate-transparency", f"{count} signed certificate timestamp(s) of a trusted log")


def _moments(
    attestation: Attestation, signature: Signature, verifier: bytes, domain: TrustDomain, trail: Trail
) -> tuple[tuple[datetime, ...], bool]:
    """The trusted times of signing, and whether the entry is logged. Every entry and timestamp there must hold."""
    moments = log_moments(attestation, verifier, domain, trail)
    stamped = stamped_moments(attestation, signature, domain, trail)
    check_logs(attestation, domain, stamped)
    moments += stamped
    if domain.logs and not attestation.entries:
        trail.impossible(
            "log-inclusion",
            "log-missing",
            "there is no transparency-log entry, so neither inclusion nor the time of signing can be shown; "
            "give the entry with --rekor-entry, or the bundle instead",
        )
    elif not moments:
        trail.impossible(
            "time",
            "time-untrusted",
            "nothing trusted shows when the signature was made: neither the log nor a timestamp authority says so",
        )
    return tuple(moments), bool(attestation.entries) and bool(domain.logs)


def _check_moments(certificate: x509.Certificate, issued: Issued, moments: tuple[datetime, ...], trail: Trail) -> None:
    """Each of them lies inside the validity: of two that contradict each other the better one must not win."""
    for moment in moments:
        if not valid_at(certificate, moment) or not issued.authority.window.holds(moment):
            raise RefusedError(
                "certificate-invalid",
                f"the signature was made at {moment:%Y-%m-%dT%H:%M:%SZ}, outside the certificate's validity",
                step="time",
            )
    if moments:
        trail.passed("time", f"signed at {min(moments):%Y-%m-%dT%H:%M:%SZ}, inside the certificate's validity")


def authenticate_with_key(
    attestation: Attestation,
    key: PublicKey,
    trust: TrustData,
    trail: Trail,
    *,
    keyid: str | None = None,
    algorithm: str | None = None,
    message: tuple[tuple[str, str], ...] = (),
    read_message: Callable[[], bytes | None] | None = None,
) -> Authenticity:
    """Verify a signature by the key that the user gave; log entries and timestamps that are there must hold as well.

    `keyid`, where given, must be the envelope's own hint. `read_message` gives the bytes of a bare message, which
    Ed25519 needs. Raises RefusedError `no-valid-signature`, or of verdict unknown where those bytes are not at hand.
    """
    candidates = [one for one in attestation.signatures if keyid is None or (one.keyid or "") == keyid]
    if keyid is not None and (not candidates or not keyid):
        raise RefusedError(
            "no-valid-signature", f"no signature of the envelope names the key {shown(keyid)!r}", step="signature"
        )
    if attestation.form == "message-signature" and isinstance(key, ed25519.Ed25519PublicKey):
        attestation = _whole_message(attestation, read_message() if read_message else None)
    good = [one for one in candidates if _made_with(key, attestation, message, one, algorithm)]
    if not good:
        raise RefusedError(
            "no-valid-signature", "no signature of the attestation was made with the given key", step="signature"
        )
    trail.passed("signature", "made with the given key over exactly this content")
    moments = seen(attestation, good[0], spki(key), log_domain(attestation, trust), trail)
    logged = bool(attestation.entries)
    return Authenticity(key=fingerprint(key), family="key", logged=logged, moment=min(moments, default=None))


def _whole_message(attestation: Attestation, content: bytes | None) -> Attestation:
    """A bare Ed25519 signature as one over bytes.

    Ed25519 signs the message and not its digest (RFC 8032). The variant over a SHA-512 digest, Ed25519ph, which logs
    demand for files, is in no library here, so it cannot be decided.
    """
    if content is None or (attestation.message_digest or ("", ""))[0] == "sha512":
        raise RefusedError(
            "unsupported",
            "an Ed25519 signature is over the file itself (give it with --artifact); one over its digest (Ed25519ph) "
            "cannot be verified here",
            verdict="unknown",
            step="signature",
        )
    return replace(attestation, form="message", signed_bytes=content)


def _made_with(
    key: PublicKey,
    attestation: Attestation,
    message: tuple[tuple[str, str], ...],
    signature: Signature,
    algorithm: str | None,
) -> bool:
    """As `_verify`; a key's owner may also write ECDSA signatures as bare numbers."""
    if _verify(key, attestation, message, signature, algorithm):
        return True
    other = der_signature(key, signature.raw)
    return other != signature.raw and _verify(key, attestation, message, replace(signature, raw=other), algorithm)


def authenticate_npm_key(attestation: Attestation, trust: TrustData, trail: Trail) -> Authenticity:
    """Verify a publish attestation by the npm registry's key that its hint names, valid at the log's time."""
    keys = [one for one in trust.npm_keys if one.id == attestation.key_hint and one.usage == "npm:attestations"]
    if not keys:
        raise RefusedError(
            "no-valid-signature",
            f"the key {shown(attestation.key_hint)} is none of npm's keys for attestations in the trust data",
            step="signature",
        )
    key = load_key(keys[0].key_der)
    good = [one for one in attestation.signatures if verify_signature(key, one.raw, attestation.signed_bytes, "sha256")]
    if not good:
        raise RefusedError(
            "no-valid-signature", "the publish attestation's signature is not by npm's key", step="signature"
        )
    trail.passed("signature", f"made with npm's key {shown(keys[0].id)}")
    moment = _npm_moment(attestation, good[0], keys[0], trust, trail)
    return Authenticity(key=keys[0].id, family="npm", domain="npm", logged=True, moment=moment)


def _npm_moment(
    attestation: Attestation, signature: Signature, key: NamedKey, trust: TrustData, trail: Trail
) -> datetime | None:
    if not attestation.entries:
        trail.impossible("log-inclusion", "log-missing", "the publish attestation carries no transparency-log entry")
        return None
    moments = seen(attestation, signature, key.key_der, log_domain(attestation, trust), trail)
    if not moments:
        trail.impossible("time", "time-untrusted", "nothing trusted shows when the publish attestation was signed")
    elif not all(key.window.holds(moment) for moment in moments):
        raise RefusedError("no-valid-signature", "npm's key was not valid when the attestation was signed", step="time")
    return min(moments, default=None)
