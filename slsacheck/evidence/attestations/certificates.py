"""Fulcio certificates: who the signer is, and whether a trusted authority says so."""

from __future__ import annotations

import re
import warnings
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.x509.oid import ExtendedKeyUsageOID

from slsacheck.evidence.attestations.issuing import Issuer, issuer_name, leaf_issued_by, signed_part
from slsacheck.evidence.attestations.steps import RefusedError, shown
from slsacheck.record import record

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes

    from slsacheck.evidence.attestations.trustdata import Authority, TrustDomain

__all__ = [
    "BROKEN",
    "UNDERSTOOD",
    "Identity",
    "Issued",
    "Leaf",
    "extension_of",
    "find_issuer",
    "identity_of",
    "load_certificate",
    "load_leaf",
    "valid_at",
]

_FULCIO = "1.3.6.1.4.1.57264.1."
_RAW = {1: "issuer", 2: "trigger", 3: "source_digest", 4: "workflow_name", 5: "repository", 6: "source_ref"}
"""The oldest extensions hold bare text (github.com/sigstore/fulcio, docs/oid-info.md); 5 is `owner/name`."""
_DER = {
    8: "issuer",
    9: "build_signer_uri",
    10: "build_signer_digest",
    11: "runner_environment",
    12: "source_uri",
    13: "source_digest",
    14: "source_ref",
    15: "source_id",
    16: "source_owner_uri",
    17: "source_owner_id",
    18: "build_config_uri",
    19: "build_config_digest",
    20: "trigger",
    21: "run_uri",
    22: "source_visibility",
}
BROKEN = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)
"""What the library raises on a certificate whose parts are broken or of a kind it does not know."""

_MAX_EXTENSION = 4096
_DIGITS = 6
"""Digits of a number under Fulcio's arc: there are some thirty of them."""
UNDERSTOOD = (
    x509.KeyUsage.oid,
    x509.ExtendedKeyUsage.oid,
    x509.SubjectAlternativeName.oid,
    x509.BasicConstraints.oid,
)
"""Extensions that are checked wherever certificates are, and so may be critical (RFC 5280, section 4.2)."""
_OTHER_NAME = x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.7")
_SHORT_LENGTH = 0x80
_UTF8_STRING = 0x0C


warnings.filterwarnings("ignore", module=re.escape(__name__))
"""The library warns of odd certificates on the standard error; here they are refused, or are none of its business."""


@record(slots=False)
class Identity:
    """What a certificate says of its holder: name (URI or e-mail), OIDC issuer, and Fulcio's claims about the run."""

    name: str
    issuer: str
    claims: tuple[tuple[str, str], ...] = ()

    def claim(self, name: str) -> str | None:
        """A claim such as `source_uri`, `source_ref`, `runner_environment`, `run_uri`; None if absent."""
        return self._by_name.get(name)

    @cached_property
    def _by_name(self) -> dict[str, str]:
        return dict(self.claims)

    @property
    def workflow(self) -> str:
        """The name without the ref behind the last `@`."""
        return self.name.rpartition("@")[0] or self.name

    @property
    def ref(self) -> str:
        """The ref behind the last `@` of the name, empty when there is none."""
        return self.name.rpartition("@")[2] if "@" in self.name else ""

    @property
    def source_uri(self) -> str | None:
        """The address of the source repository, beginning with https."""
        return self.claim("source_uri")


@record
class Leaf:
    """A signer's certificate with its parts that are asked for several times: key, extensions by id, what is signed."""

    certificate: x509.Certificate
    key: CertificatePublicKeyTypes
    extensions: dict[x509.ObjectIdentifier, x509.Extension[Any]]
    signed: bytes

    def value(self, oid: x509.ObjectIdentifier) -> Any:
        """The value of an extension, None where there is none."""
        one = self.extensions.get(oid)
        return None if one is None else one.value


@record
class Issued:
    """Where a certificate comes from: the instance, its authority and which certificate of that signed it."""

    domain: TrustDomain
    authority: Authority
    issuer: Issuer


def load_certificate(der: bytes) -> x509.Certificate:
    """A certificate; raises RefusedError `certificate-invalid`."""
    certificate = load_leaf(der).certificate
    try:
        _ = certificate.issuer
    except BROKEN as error:
        raise _refuse("the certificate cannot be read") from error
    return certificate


def load_leaf(der: bytes) -> Leaf:
    """A signer's certificate; raises RefusedError `certificate-invalid`.

    Its parts are read here once, because the library parses them when they are first asked for; all but the issuer's
    name, which counts only where it is, byte for byte, that of an authority.
    """
    try:
        certificate = x509.load_der_x509_certificate(der)
        key = certificate.public_key()
        if certificate.signature_hash_algorithm is None:
            raise _refuse("the certificate is not signed in a way that is supported")
        extensions = {one.oid: one for one in certificate.extensions}
        _ = certificate.subject, certificate.not_valid_after_utc
        if certificate.serial_number <= 0:
            raise _refuse("the certificate has a serial number that none may have (RFC 5280, section 4.1.2.2)")
        if der[-len(certificate.signature) - 1] != 0:
            raise _refuse("the certificate's signature has bits that are left out, which no signature has")
    except BROKEN as error:
        raise _refuse("the certificate cannot be read") from error
    return Leaf(certificate, key, extensions, signed_part(der))


def _refuse(message: str) -> RefusedError:
    return RefusedError("certificate-invalid", message, step="certificate")


def _der_text(data: bytes) -> str | None:
    """The text of a DER UTF8String; None when it is something else."""
    if len(data) < 2 or data[0] != _UTF8_STRING:  # noqa: PLR2004 - tag and length
        return None
    length, start = data[1], 2
    if length >= _SHORT_LENGTH:
        count = length - _SHORT_LENGTH
        length, start = int.from_bytes(data[2 : 2 + count], "big"), 2 + count
    try:
        return data[start:].decode() if len(data) == start + length else None
    except UnicodeDecodeError:
        return None


def extension_of(extensions: x509.Extensions, oid: x509.ObjectIdentifier) -> Any:
    """The value of an extension, None where there is none; quicker than the library's search by class."""
    return next((one.value for one in extensions if one.oid == oid), None)


@lru_cache(maxsize=256)
def _claim_of(oid: x509.ObjectIdentifier) -> tuple[str, bool] | None:
    """The claim that an extension of Fulcio's holds (empty: none that is known), and whether as DER; else None."""
    text = oid.dotted_string
    if not text.startswith(_FULCIO):
        return None
    number = text.removeprefix(_FULCIO)
    if not number.isdecimal() or len(number) >= _DIGITS:
        raise _refuse("the certificate has an extension that cannot be read")
    known = int(number)
    return _RAW.get(known) or _DER.get(known) or "", known not in _RAW


def _claims(leaf: Leaf) -> dict[str, str]:
    """Fulcio's claims; an old and a new extension that contradict each other are refused."""
    found: dict[str, str] = {}
    for oid, extension in leaf.extensions.items():
        claim = _claim_of(oid)
        if claim is None:
            continue
        data = extension.value.public_bytes()
        if len(data) > _MAX_EXTENSION:
            raise _refuse("the certificate has an extension that cannot be read")
        name, der = claim
        if name:
            _add_claim(found, name, _der_text(data) if der else data.decode("utf-8", "replace"))
    repository = found.pop("repository", None)
    if repository is not None and not found.setdefault("source_uri", f"https://github.com/{repository}").endswith(
        f"/{repository}"
    ):
        raise _refuse(f"the certificate names two source repositories: {shown(repository)} and another")
    return found


def _add_claim(found: dict[str, str], name: str, text: str | None) -> None:
    if text is None:
        raise _refuse("the certificate has an extension that is no text")
    if text and found.setdefault(name, text) != text:
        raise _refuse(f"the certificate contradicts itself about {name}: {shown(found[name])} and {shown(text)}")


def _name(leaf: Leaf) -> str:
    """The one subject alternative name: a URI, an e-mail address or Fulcio's other-name (a user name)."""
    names = leaf.value(x509.SubjectAlternativeName.oid)
    if names is None:
        raise _refuse("the certificate names no signer")
    values: list[str | None] = []
    for one in names:
        if isinstance(one, x509.OtherName) and one.type_id == _OTHER_NAME:
            values.append(_der_text(one.value))
        elif isinstance(one, (x509.UniformResourceIdentifier, x509.RFC822Name)):
            values.append(one.value)
    if len(values) != 1 or not values[0]:
        raise _refuse("the certificate does not name exactly one signer")
    return values[0]


def identity_of(leaf: Leaf) -> Identity:
    """The signer's identity. Only to be believed after the certificate itself was verified."""
    claims = _claims(leaf)
    return Identity(_name(leaf), claims.pop("issuer", ""), tuple(sorted(claims.items())))


def check_leaf(leaf: Leaf) -> None:
    """Check that the certificate is one for signing code and none of an authority; raises RefusedError.

    A critical extension that is not understood refuses the certificate (RFC 5280, 4.2).
    """
    unknown = next(
        (oid.dotted_string for oid, one in leaf.extensions.items() if one.critical and oid not in UNDERSTOOD), None
    )
    if unknown is not None:
        raise _refuse(f"the certificate demands that its extension {unknown} is understood, and it is not")
    usage = leaf.value(x509.KeyUsage.oid)
    purposes = leaf.value(x509.ExtendedKeyUsage.oid)
    if usage is None or purposes is None:
        raise _refuse("the certificate does not say what it may be used for")
    if not usage.digital_signature or ExtendedKeyUsageOID.CODE_SIGNING not in purposes:
        raise _refuse("the certificate may not be used to sign code")
    constraints = leaf.value(x509.BasicConstraints.oid)
    if constraints is not None and constraints.ca:
        raise _refuse("the signer's certificate is that of an authority")


def valid_at(certificate: x509.Certificate, moment: datetime) -> bool:
    """Whether the moment lies in the certificate's validity."""
    return certificate.not_valid_before_utc <= moment <= certificate.not_valid_after_utc


def find_issuer(leaf: Leaf, domains: Iterable[TrustDomain]) -> Issued:
    """The trusted authority that issued the certificate, whichever certificate of its chain it was.

    Old certificates of the public-good instance were issued by the root itself, so every suffix of a chain counts.
    Raises RefusedError `certificate-invalid` when no trusted authority issued it.
    """
    check_leaf(leaf)
    name, moment = issuer_name(leaf.signed), leaf.certificate.not_valid_before_utc
    for domain in domains:
        for authority in domain.authorities:
            for issuer in authority.issuers if authority.window.holds(moment) else ():
                if (
                    issuer.subject == name
                    and issuer.valid_at(moment)
                    and issuer.holds
                    and leaf_issued_by(leaf.certificate, leaf.signed, issuer)
                ):
                    return Issued(domain, authority, issuer)
    raise _refuse(
        "no trusted authority issued the signer's certificate; "
        "if it comes from another Sigstore instance, give its --trusted-root, if from an authority of your own "
        "--ca-roots; else do not use the file"
    )
