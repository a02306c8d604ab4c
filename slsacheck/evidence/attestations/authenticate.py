"""The signature of an attestation: who made it, when, and whether a log and a trusted authority stand for that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import ed25519

from slsacheck.evidence.attestations.binding import bind_entry
from slsacheck.evidence.attestations.certificates import (
    Identity,
    Issued,
    find_issuer,
    identity_of,
    load_certificate,
    valid_at,
)
from slsacheck.evidence.attestations.keys import (
    PublicKey,
    der_signature,
    fingerprint,
    load_key,
    spki,
    verify_digest,
    verify_signature,
)
from slsacheck.evidence.attestations.rekor import entry_body, verify_inclusion
from slsacheck.evidence.attestations.sct import verify_scts
from slsacheck.evidence.attestations.steps import RefusedError, Trail, shown
from slsacheck.evidence.attestations.trustdata import TrustDomain
from slsacheck.evidence.attestations.tsa import verify_timestamp
from slsacheck.record import record, replace

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from cryptography import x509

    from slsacheck.evidence.attestations.envelope import Attestation, Signature
    from slsacheck.evidence.attestations.trustdata import NamedKey, TrustData

__all__ = ["Authenticity", "authenticate", "authenticate_npm_key", "authenticate_with_key"]


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


def _key_of(certificate: x509.Certificate) -> PublicKey:
    key = certificate.public_key()
    if not isinstance(key, PublicKey):
        raise RefusedError("certificate-invalid", "the certificate's kind of key is not supported", step="certificate")
    return key


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
    attestation: Attestation, trust: TrustData, trail: Trail, message: tuple[tuple[str, str], ...] = ()
) -> Authenticity:
    """Verify a certificate-signed attestation. `message` are the digests (algorithm, hex) of a bare message.

    Steps that cannot be done (no log entry, no time) become problems of verdict unknown in the trail; what is wrong
    raises RefusedError.
    """
    for der, signature in _candidates(attestation, trail):
        certificate = load_certificate(der)
        key = _key_of(certificate)
        if attestation.form == "message-signature" and isinstance(key, ed25519.Ed25519PublicKey):
            _whole_message(attestation, None)
        if _verify(key, attestation, message, signature, None):
            break
    else:
        raise RefusedError(
            "no-valid-signature", "the signature is not of this content by its certificate", step="signature"
        )
    trail.passed("signature", "made with the certificate's key over exactly this content")
    issued = find_issuer(certificate, trust.domains)
    trail.passed("certificate-chain", f"issued by {shown(issued.authority.url)} ({issued.domain.name})")
    _check_transparency(certificate, issued, trail)
    identity = identity_of(certificate)
    moment, logged = _moment(attestation, signature, der, issued.domain, trail)
    if moment is not None:
        _check_moment(certificate, issued, moment, trail)
    return Authenticity(identity, domain=issued.domain.name, logged=logged, moment=moment)


def _check_transparency(certificate: x509.Certificate, issued: Issued, trail: Trail) -> None:
    if not issued.domain.ct_logs:
        trail.skipped("certificate-transparency", "this instance has no certificate transparency log")
        return
    count = verify_scts(certificate, issued)
    trail.passed("certificate-transparency", f"{count} signed certificate timestamp(s) of a trusted log")


def _moment(
    attestation: Attestation, signature: Signature, verifier: bytes, domain: TrustDomain, trail: Trail
) -> tuple[datetime | None, bool]:
    """The trusted time of signing, and whether the entry is logged. Every entry and timestamp there must hold."""
    moments = _log_moments(attestation, verifier, domain, trail)
    moments += _stamped_moments(attestation, signature, domain, trail)
    logged = bool(attestation.entries) and bool(domain.logs)
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
    return (min(moments) if moments else None), logged


def _log_moments(attestation: Attestation, verifier: bytes, domain: TrustDomain, trail: Trail) -> list[datetime]:
    found = []
    for entry in attestation.entries:
        body = entry_body(entry)
        inclusion = verify_inclusion(entry, domain, proof_required=attestation.proof_required)
        bind_entry(body, attestation, verifier)
        trail.passed("log-inclusion", inclusion.how)
        if inclusion.moment is not None:
            found.append(inclusion.moment)
    return found


def _stamped_moments(
    attestation: Attestation, signature: Signature, domain: TrustDomain, trail: Trail
) -> list[datetime]:
    found = []
    for token in attestation.timestamps:
        moment = verify_timestamp(token, signature.raw, domain)
        trail.passed("timestamp", f"signed timestamp of {moment:%Y-%m-%dT%H:%M:%SZ}")
        found.append(moment)
    return found


def _check_moment(certificate: x509.Certificate, issued: Issued, moment: datetime, trail: Trail) -> None:
    if not valid_at(certificate, moment) or not issued.authority.window.holds(moment):
        raise RefusedError(
            "certificate-invalid",
            f"the signature was made at {moment:%Y-%m-%dT%H:%M:%SZ}, outside the certificate's validity",
            step="time",
        )
    trail.passed("time", f"signed at {moment:%Y-%m-%dT%H:%M:%SZ}, inside the certificate's validity")


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
    moment, logged = _keyed_log(attestation, good[0], spki(key), trust, trail)
    return Authenticity(key=fingerprint(key), family="key", logged=logged, moment=moment)


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


def _keyed_log(
    attestation: Attestation, signature: Signature, verifier: bytes, trust: TrustData, trail: Trail
) -> tuple[datetime | None, bool]:
    """Log entries and timestamps beside a key's signature; a key needs none, but what is there must hold."""
    if not attestation.entries and not attestation.timestamps:
        trail.skipped("log-inclusion", "a signature by a known key needs no log entry")
        return None, False
    domain = _keyed_domain(attestation, trust)
    moments = _log_moments(attestation, verifier, domain, trail)
    moments += _stamped_moments(attestation, signature, domain, trail)
    return (min(moments) if moments else None), bool(attestation.entries)


def _keyed_domain(attestation: Attestation, trust: TrustData) -> TrustDomain:
    """The instance whose log the entries are of; the first one where there is none."""
    ids = {entry.log_id for entry in attestation.entries}
    for domain in trust.domains:
        if any(log.id in ids for log in domain.logs):
            return domain
    return trust.domains[0] if trust.domains else TrustDomain("none")


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
    moment, _ = _keyed_log(attestation, signature, key.key_der, trust, trail)
    if moment is None:
        trail.impossible("time", "time-untrusted", "nothing trusted shows when the publish attestation was signed")
    elif not key.window.holds(moment):
        raise RefusedError("no-valid-signature", "npm's key was not valid when the attestation was signed", step="time")
    return moment
