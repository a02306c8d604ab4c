"""Who made a signature of notation: certificates under roots that the user gave, and the user's trust policy.

The source of the rules is Notary Project's trust-store-trust-policy.md and signature-specification.md (certificate
requirements). What would need the network (revocation) is told as not possible.
"""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID

from slsacheck.evidence.attestations.authenticate import DOES_NOT_FIT, Authenticity
from slsacheck.evidence.attestations.certificates import Identity, extension_of, load_certificate, valid_at
from slsacheck.evidence.attestations.issuing import issued_by
from slsacheck.evidence.attestations.keys import der_signature, usable
from slsacheck.evidence.attestations.moments import parse_moment
from slsacheck.evidence.attestations.notation import PREFIX
from slsacheck.evidence.attestations.steps import RefusedError, Trail, shown
from slsacheck.evidence.attestations.trustdata import TrustDomain
from slsacheck.evidence.attestations.tsa import verify_token
from slsacheck.evidence.attestations.x509chain import (
    STRONG,
    check_understood,
    dn,
    given_authorities,
    tell_path,
    tell_revocation,
    tell_unasked_timestamp,
)

if TYPE_CHECKING:
    from slsacheck.evidence.attestations.envelope import Attestation
    from slsacheck.evidence.attestations.trustdata import TrustData

__all__ = ["authenticate_notation"]

_HASHES: dict[str, hashes.HashAlgorithm] = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}
_RSA = {2048: "PS256", 3072: "PS384", 4096: "PS512"}
_EC = {256: "ES256", 384: "ES384", 521: "ES512"}
_SCHEMES = ("notary.x509", "notary.x509.signingAuthority")
_OTHER_PURPOSES = frozenset(
    {
        ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,
        ExtendedKeyUsageOID.SERVER_AUTH,
        ExtendedKeyUsageOID.EMAIL_PROTECTION,
        ExtendedKeyUsageOID.TIME_STAMPING,
        ExtendedKeyUsageOID.OCSP_SIGNING,
    }
)


def _refuse(message: str, step: str = "certificate") -> RefusedError:
    return RefusedError("certificate-invalid", message, step=step)


def authenticate_notation(attestation: Attestation, trust: TrustData, trail: Trail) -> Authenticity:
    """Verify a notation signature; what cannot be decided becomes a problem in the trail, what is wrong raises."""
    headers = dict(attestation.headers)
    if not trust.x509_roots:
        trail.impossible(
            "certificate-chain",
            "certificate-invalid",
            "it is a signature of notation; give the root certificate of its signers (PEM) with --trusted-root",
        )
        raise trail.problems[-1]
    chain = tuple(load_certificate(der) for der in attestation.certificates)
    if not chain:
        raise _refuse("the signature carries no certificate")
    _check_signature(attestation, chain[0], headers.get("alg", ""))
    trail.passed("signature", "made with the certificate's key over exactly this content")
    _check_chain(chain, trust.x509_roots)
    tell_path(chain, trail)
    moment = _time(attestation, chain, headers, trust, trail)
    _check_expiry(headers, trail)
    tell_revocation(chain, trail)
    identity = Identity(dn(chain[0].subject), dn(chain[0].issuer), ())
    _check_policy(chain[0], trust, trail)
    return Authenticity(identity, family="notation", domain="x509", moment=moment)


def _check_signature(attestation: Attestation, leaf: x509.Certificate, algorithm: str) -> None:
    """The algorithm is the one that goes with the key's size, so that nobody can choose a weaker one."""
    key = usable(leaf.public_key())
    sizes = _RSA if isinstance(key, rsa.RSAPublicKey) else (_EC if isinstance(key, ec.EllipticCurvePublicKey) else {})
    size = key.key_size if isinstance(key, (rsa.RSAPublicKey, ec.EllipticCurvePublicKey)) else 0
    if sizes.get(size) != algorithm:
        raise RefusedError(
            "no-valid-signature",
            f"the algorithm {shown(algorithm or '(none)')} does not go with the certificate's key",
            step="signature",
        )
    digest = _HASHES[algorithm[-3:]]
    try:
        raw = attestation.signatures[0].raw
        if isinstance(key, rsa.RSAPublicKey):
            pss = padding.PSS(padding.MGF1(digest), padding.PSS.DIGEST_LENGTH)
            key.verify(raw, attestation.signed_bytes, pss, digest)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(der_signature(key, raw), attestation.signed_bytes, ec.ECDSA(digest))
    except (InvalidSignature, ValueError, IndexError) as error:
        raise RefusedError(
            "no-valid-signature",
            DOES_NOT_FIT,
            step="signature",
        ) from error


def _check_chain(chain: tuple[x509.Certificate, ...], roots: tuple[bytes, ...]) -> None:
    """Leaf first, each issued by the next, one of them given by the user, all as the specification demands."""
    for one in chain:
        check_understood(one)
    _check_leaf(chain[0])
    for number, one in enumerate(chain[1:]):
        _check_authority(one, below=number)
    for one, above in pairwise(chain):
        if not issued_by(one, above):
            raise _refuse("the certificates of the signature are no chain: one is not issued by the next")
    given = set(roots)
    if not any(one.public_bytes(Encoding.DER) in given for one in chain[1:] or chain):
        raise _refuse("none of the certificates is a root that was given with --trusted-root")


def _extension(certificate: x509.Certificate, oid: x509.ObjectIdentifier) -> x509.Extension[x509.ExtensionType] | None:
    """The extension, where it matters whether it is critical; None where there is none."""
    return next((one for one in certificate.extensions if one.oid == oid), None)


def _usage(certificate: x509.Certificate) -> x509.KeyUsage:
    found = _extension(certificate, ExtensionOID.KEY_USAGE)
    if found is None or not found.critical or not isinstance(found.value, x509.KeyUsage):
        raise _refuse("a certificate does not say critically what its key may be used for")
    if not isinstance(certificate.signature_hash_algorithm, STRONG):
        raise _refuse("a certificate is signed over a hash that no longer counts")
    usable(certificate.public_key())
    return found.value


def _check_leaf(leaf: x509.Certificate) -> None:
    usage = _usage(leaf)
    if not usage.digital_signature or usage.key_cert_sign or usage.crl_sign or usage.key_encipherment:
        raise _refuse("the signer's certificate is for something else than signing artifacts")
    constraints = extension_of(leaf.extensions, ExtensionOID.BASIC_CONSTRAINTS)
    if constraints is not None and constraints.ca:
        raise _refuse("the signer's certificate is that of an authority")
    purposes = extension_of(leaf.extensions, ExtensionOID.EXTENDED_KEY_USAGE)
    if purposes is not None:
        named = set(purposes)
        if ExtendedKeyUsageOID.CODE_SIGNING not in named or named & _OTHER_PURPOSES:
            raise _refuse("the signer's certificate is for other purposes than signing code")


def _check_authority(authority: x509.Certificate, below: int) -> None:
    """`below` is how many authorities stand between this one and the signer."""
    constraints = _extension(authority, ExtensionOID.BASIC_CONSTRAINTS)
    if constraints is None or not constraints.critical or not isinstance(constraints.value, x509.BasicConstraints):
        raise _refuse("a certificate above the signer's is not marked critically as an authority's")
    if not constraints.value.ca or not _usage(authority).key_cert_sign:
        raise _refuse("a certificate above the signer's may not issue certificates")
    length = constraints.value.path_length
    if length is not None and below > length:
        raise _refuse("the chain of certificates is longer than one of them allows")


def _time(
    attestation: Attestation,
    chain: tuple[x509.Certificate, ...],
    headers: dict[str, str],
    trust: TrustData,
    trail: Trail,
) -> datetime | None:
    """When the certificates must have counted: at the timestamp, at the authority's own time, or now."""
    scheme = headers.get(f"{PREFIX}signingScheme", "")
    if scheme not in _SCHEMES:
        raise RefusedError("unsupported", f"the signing scheme {shown(scheme)} is not known", step="envelope")
    _check_store(scheme, trust)
    moment = None
    if scheme == _SCHEMES[1]:
        moment = _own_time(headers, trust, trail)
    elif attestation.timestamps and trust.x509_timestamp_roots:
        moment = _stamped(attestation, trust)
        trail.passed("timestamp", f"signed timestamp of {moment:%Y-%m-%dT%H:%M:%SZ}")
    elif attestation.timestamps:
        tell_unasked_timestamp(trail)
    when = moment or datetime.now(UTC)
    if not all(valid_at(one, when) for one in chain):
        raise _refuse(f"a certificate does not count at {when:%Y-%m-%dT%H:%M:%SZ}", "time")
    trail.passed("time", "the certificates count " + ("at the time of signing" if moment else "now"))
    return moment


def _check_store(scheme: str, trust: TrustData) -> None:
    """The kind of trust store that goes with the scheme is one that the trust policy names."""
    kind = "signingAuthority" if scheme == _SCHEMES[1] else "ca"
    if trust.x509_stores and kind not in trust.x509_stores:
        raise _refuse(f"the trust policy names no trust store of kind {kind}, which {shown(scheme)} needs", "time")


def _own_time(headers: dict[str, str], trust: TrustData, trail: Trail) -> datetime | None:
    """The time that a signing authority states itself: believed where the trust policy names a store of such ones."""
    moment = parse_moment(headers.get(f"{PREFIX}authenticSigningTime"))
    if moment is None:
        raise RefusedError("malformed", "the signing authority states no time of signing", step="envelope")
    if "signingAuthority" in trust.x509_stores:
        trail.passed("timestamp", f"stated by the signing authority: {moment:%Y-%m-%dT%H:%M:%SZ}")
        return moment
    trail.impossible(
        "time",
        "time-untrusted",
        "the signer states the time of signing itself, as signing authorities may; is it one? Say so with a "
        "--trust-policy whose trustStores name `signingAuthority:…`",
    )
    return None


def _stamped(attestation: Attestation, trust: TrustData) -> datetime:
    domain = TrustDomain("x509", timestamp_authorities=given_authorities(trust.x509_timestamp_roots))
    return verify_token(attestation.timestamps[0], attestation.signatures[0].raw, domain)


def _check_expiry(headers: dict[str, str], trail: Trail) -> None:
    text = headers.get(f"{PREFIX}expiry")
    if text is None:
        return
    expiry = parse_moment(text)
    if expiry is None or expiry < datetime.now(UTC):
        raise _refuse(f"the signature expired at {shown(text)}", "expiry")
    trail.passed("expiry", f"counts until {shown(text)}")


def _check_policy(leaf: x509.Certificate, trust: TrustData, trail: Trail) -> None:
    """The identities that the trust policy allows: `*`, or attributes that the subject must have."""
    if trust.x509_identities is None:
        trail.skipped("trust-policy", "none was given: every signer under the given roots counts")
        return
    have = {(attribute.rfc4514_attribute_name, str(attribute.value)) for attribute in leaf.subject}
    if not any(wanted <= have for wanted in trust.x509_identities):
        raise RefusedError(
            "identity-mismatch", f"the trust policy does not name {shown(dn(leaf.subject))}", step="trust-policy"
        )
    trail.passed("trust-policy", "the signer is one that the trust policy names")
