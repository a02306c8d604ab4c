"""Signers whose certificates stand under authorities that the user gave: the path, and what each certificate may do.

The rules are those of RFC 5280, section 6, in their strict reading: what a certificate demands and is not understood
here refuses it. What would need the network (revocation) is told as not possible.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, ExtensionOID

from slsacheck.evidence.attestations.authenticate import Authenticity, signing_certificate
from slsacheck.evidence.attestations.certificates import UNDERSTOOD, Identity, extension_of, load_certificate, valid_at
from slsacheck.evidence.attestations.issuing import issued_by
from slsacheck.evidence.attestations.keys import usable
from slsacheck.evidence.attestations.sightings import check_logs, log_domain, log_moments, stamped_moments
from slsacheck.evidence.attestations.steps import RefusedError, Trail, shown
from slsacheck.evidence.attestations.trustdata import Authority, TrustDomain, Window
from slsacheck.evidence.attestations.tsa import verify_token
from slsacheck.record import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from slsacheck.evidence.attestations.envelope import Attestation, Signature
    from slsacheck.evidence.attestations.trustdata import TrustData

__all__ = [
    "STRONG",
    "authenticate_chain",
    "check_understood",
    "dn",
    "given_authorities",
    "tell_path",
    "tell_revocation",
    "tell_unasked_timestamp",
]

_MAX_TRIES = 64
"""Certificates that are tried as issuer of another while a path is looked for."""
_MAX_PATH = 8
"""Certificates of a path: genuine ones have two to four."""
STRONG = (hashes.SHA256, hashes.SHA384, hashes.SHA512)
"""Hashes over which a certificate may be signed."""
_CONSTRAINING = (ExtensionOID.NAME_CONSTRAINTS, ExtensionOID.POLICY_CONSTRAINTS)
"""What limits a path, and is not processed here: refused even where an authority forgot to mark it critical."""
_NAMES = (x509.UniformResourceIdentifier, x509.RFC822Name, x509.DNSName)


def _refuse(message: str, step: str = "certificate-chain") -> RefusedError:
    return RefusedError("certificate-invalid", message, step=step)


def authenticate_chain(
    attestation: Attestation,
    trust: TrustData,
    trail: Trail,
    message: tuple[tuple[str, str], ...],
    read_message: Callable[[], bytes | None],
) -> Authenticity:
    """Verify a signature by a certificate under the given roots; what cannot be decided becomes a problem in the trail.

    The identity is the one subject alternative name, else the subject; Fulcio's claims do not count, because such an
    authority vouches for names and not for builds. Raises RefusedError for what is wrong.
    """
    der, _, signature = signing_certificate(attestation, trail, message, read_message)
    leaf = load_certificate(der)
    others = [
        load_certificate(one) for one in (*signature.chain, *attestation.certificates[1:], *trust.x509_intermediates)
    ]
    roots = [load_certificate(one) for one in trust.x509_roots]
    path = _path(leaf, others, roots)
    tell_path(path, trail)
    moments = _moments(attestation, signature, der, trust, trail)
    _check_time(path, moments, trail)
    tell_revocation(path, trail)
    identity = Identity(_name(leaf), dn(leaf.issuer))
    logged = bool(attestation.entries)
    return Authenticity(identity, family="x509", domain="x509", logged=logged, moment=min(moments, default=None))


def dn(name: x509.Name) -> str:
    """A name as RFC 4514 writes it."""
    return name.rfc4514_string()


def tell_path(path: Sequence[x509.Certificate], trail: Trail) -> None:
    """That the path, leaf first, ends at a root which the user gave."""
    trail.passed("certificate-chain", f"issued under a root that was given: {dn(path[-1].subject)}")


def tell_unasked_timestamp(trail: Trail) -> None:
    """That a timestamp is there and decides nothing, because nobody was named who may have made it."""
    trail.skipped("timestamp", "there is one, and no root of its authority was given (--timestamp-root)")


def _name(leaf: x509.Certificate) -> str:
    """The signer: the one alternative name, else the subject; several names would let the reader choose."""
    names = extension_of(leaf.extensions, ExtensionOID.SUBJECT_ALTERNATIVE_NAME)
    values = [one.value for one in names or () if isinstance(one, _NAMES)]
    return values[0] if len(values) == 1 and len(names) == 1 else dn(leaf.subject)


# The path


def _path(
    leaf: x509.Certificate, others: Sequence[x509.Certificate], roots: Sequence[x509.Certificate]
) -> tuple[x509.Certificate, ...]:
    """Leaf to root, every certificate fit for its place; raises RefusedError with the first thing that is not."""
    _check_leaf(leaf)
    problems: list[RefusedError] = []
    tries = [_MAX_TRIES]
    found = _extended((leaf,), others, roots, tries, problems)
    if found is not None:
        return found
    if problems:
        raise problems[0]
    raise _refuse(
        "no certificate that was given leads from the signer's to a root; give the root with --ca-roots and what "
        "stands between with --ca-intermediates"
    )


def _extended(
    path: tuple[x509.Certificate, ...],
    others: Sequence[x509.Certificate],
    roots: Sequence[x509.Certificate],
    tries: list[int],
    problems: list[RefusedError],
) -> tuple[x509.Certificate, ...] | None:
    """The path continued to a root; None where none does."""
    for anchor, candidates in ((True, roots), (False, others)):
        for issuer in candidates:
            if issuer.subject != path[-1].issuer or issuer in path or len(path) >= _MAX_PATH or not tries[0]:
                continue
            tries[0] -= 1
            try:
                _check_strength(path[-1])
                _check_authority(issuer, below=len(path) - 1)
            except RefusedError as problem:
                problems.append(problem)
                continue
            if not issued_by(path[-1], issuer):
                continue
            longer = (*path, issuer)
            found = longer if anchor else _extended(longer, others, roots, tries, problems)
            if found is not None:
                return found
    return None


def check_understood(certificate: x509.Certificate) -> None:
    """Refuse a certificate that demands or limits what is not understood here (RFC 5280, section 4.2)."""
    for one in certificate.extensions:
        if (one.critical and one.oid not in UNDERSTOOD) or one.oid in _CONSTRAINING:
            raise _refuse(
                f"a certificate of the chain ({shown(dn(certificate.subject))}) demands that its extension "
                f"{one.oid.dotted_string} is understood, and it is not"
            )


def _check_strength(certificate: x509.Certificate) -> None:
    if not isinstance(certificate.signature_hash_algorithm, STRONG):
        raise _refuse("a certificate of the chain is signed over a hash that no longer counts")


def _check_leaf(leaf: x509.Certificate) -> None:
    check_understood(leaf)
    usable(leaf.public_key())
    usage = extension_of(leaf.extensions, ExtensionOID.KEY_USAGE)
    if usage is None or not usage.digital_signature or usage.key_cert_sign:
        raise _refuse("the signer's certificate does not say that its key is for signatures, or is an authority's")
    constraints = extension_of(leaf.extensions, ExtensionOID.BASIC_CONSTRAINTS)
    if constraints is not None and constraints.ca:
        raise _refuse("the signer's certificate is that of an authority")
    purposes = extension_of(leaf.extensions, ExtensionOID.EXTENDED_KEY_USAGE)
    if purposes is None or ExtendedKeyUsageOID.CODE_SIGNING not in purposes:
        raise _refuse("the signer's certificate is not one for signing code (extended key usage)")


def _check_authority(authority: x509.Certificate, below: int) -> None:
    """`below` is how many authorities stand between this one and the signer."""
    try:
        check_understood(authority)
        usable(authority.public_key())
    except UnsupportedAlgorithm as error:
        raise _refuse("the key of an authority is of no kind that is known") from error
    constraints = extension_of(authority.extensions, ExtensionOID.BASIC_CONSTRAINTS)
    usage = extension_of(authority.extensions, ExtensionOID.KEY_USAGE)
    if constraints is None or not constraints.ca or (usage is not None and not usage.key_cert_sign):
        raise _refuse(f"{shown(dn(authority.subject))} may not issue certificates, and stands above the signer's")
    if constraints.path_length is not None and below > constraints.path_length:
        raise _refuse("the chain of certificates is longer than one of them allows")
    purposes = extension_of(authority.extensions, ExtensionOID.EXTENDED_KEY_USAGE)
    allowed = {ExtendedKeyUsageOID.CODE_SIGNING, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE}
    if purposes is not None and not allowed & set(purposes):
        raise _refuse(f"{shown(dn(authority.subject))} may not issue certificates for signing code")


# The time


def given_authorities(roots: Sequence[bytes]) -> tuple[Authority, ...]:
    """Timestamp authorities of certificates in DER that the user gave: each root with what stands below it."""
    loaded = [(load_certificate(der), der) for der in roots]
    tops = [der for one, der in loaded if one.subject == one.issuer] or [der for _, der in loaded]
    below = tuple(der for _, der in loaded if der not in tops)
    return tuple(Authority("given", (*below, top), Window()) for top in tops)


def _moments(
    attestation: Attestation, signature: Signature, der: bytes, trust: TrustData, trail: Trail
) -> tuple[datetime, ...]:
    """When logs and timestamp authorities saw the signature; what is there must hold, where it can be asked."""
    domain: TrustDomain = log_domain(attestation, trust)
    moments = log_moments(attestation, der, domain, trail)
    if not attestation.timestamps and not signature.tokens:
        return tuple(moments)
    stamping = given_authorities(trust.x509_timestamp_roots) or domain.timestamp_authorities
    if not stamping:
        tell_unasked_timestamp(trail)
        return tuple(moments)
    stamped = replace(domain, timestamp_authorities=stamping)
    stamps = stamped_moments(attestation, signature, stamped, trail)
    for token in signature.tokens:
        stamps.append(verify_token(token, signature.raw, stamped))
        trail.passed("timestamp", f"signed timestamp of {stamps[-1]:%Y-%m-%dT%H:%M:%SZ}")
    check_logs(attestation, domain, stamps)
    return (*moments, *stamps)


def _check_time(path: tuple[x509.Certificate, ...], moments: tuple[datetime, ...], trail: Trail) -> None:
    """Every certificate counts at every time at which the signature was seen; without one, today."""
    for moment in moments:
        if not all(valid_at(one, moment) for one in path):
            raise _refuse(f"a certificate of the chain does not count at {moment:%Y-%m-%dT%H:%M:%SZ}", "time")
    if moments:
        trail.passed("time", f"signed at {min(moments):%Y-%m-%dT%H:%M:%SZ}, inside the validity of the whole chain")
        return
    now = datetime.now(UTC)
    if any(one.not_valid_before_utc > now for one in path):
        raise _refuse("a certificate of the chain does not count yet", "time")
    if not all(valid_at(one, now) for one in path):
        trail.impossible(
            "time",
            "time-untrusted",
            "a certificate of the chain has ended, and nothing trusted shows that the signature is from before: give "
            "the roots of its timestamp authority with --timestamp-root, or the log's entry with --rekor-entry",
        )
    else:
        trail.passed("time", "no trusted time of signing; every certificate of the chain counts today")


def tell_revocation(path: Sequence[x509.Certificate], trail: Trail) -> None:
    """Whether somebody could have revoked a certificate: that needs the network, so it is never a silent pass."""
    if any(_names_service(one) for one in path):
        trail.impossible(
            "revocation",
            "certificate-invalid",
            "the certificates name services that say whether they were revoked, and this verifier cannot ask them; "
            "ask the authority, or `notation verify` for signatures of notation",
        )
    else:
        trail.skipped("revocation", "the certificates name no service that would know")


def _names_service(certificate: x509.Certificate) -> bool:
    """Whether the certificate says where its revocation is told: a list, or a responder (OCSP)."""
    if extension_of(certificate.extensions, ExtensionOID.CRL_DISTRIBUTION_POINTS) is not None:
        return True
    access = extension_of(certificate.extensions, ExtensionOID.AUTHORITY_INFORMATION_ACCESS) or ()
    return any(one.access_method == AuthorityInformationAccessOID.OCSP for one in access)
