"""Roots and trust policies as notation's users have them: PEM certificates and trustpolicy.json."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from slsacheck.evidence.attestations.files import read_bounded
from slsacheck.evidence.attestations.jsondoc import Document, as_list, as_map, as_text, dig, parse_json
from slsacheck.evidence.attestations.limits import MAX_ROOTS
from slsacheck.evidence.attestations.steps import RefusedError, shown

if TYPE_CHECKING:
    from slsacheck.evidence.attestations.trustdata import Attributes

__all__ = ["is_pem", "load_roots", "policy_of"]

_SUBJECT = "x509.subject:"


def is_pem(path: str) -> bool:
    """Whether the file holds certificates in PEM rather than a Sigstore trusted root."""
    return b"-----BEGIN CERTIFICATE-----" in read_bounded(path)


def load_roots(path: str) -> tuple[bytes, ...]:
    """The certificates of a PEM file in DER; raises RefusedError."""
    try:
        found = x509.load_pem_x509_certificates(read_bounded(path))
    except (ValueError, x509.InvalidVersion) as error:
        raise RefusedError("malformed", f"{shown(path)} holds no certificates in PEM", step="trust") from error
    if not found:
        raise RefusedError("malformed", f"{shown(path)} holds no certificates in PEM", step="trust")
    if len(found) > MAX_ROOTS:
        raise RefusedError("limit-exceeded", f"{shown(path)} holds more than {MAX_ROOTS} certificates", step="trust")
    return tuple(one.public_bytes(Encoding.DER) for one in found)


def _policy(document: Document, scope: str | None) -> Document:
    """The policy for the image's repository, else the one for everything; a policy file for blobs has one or more."""
    policies = [as_map(one) for one in as_list(document.get("trustPolicies"))]
    for wanted in (scope, "*"):
        for one in policies:
            if wanted is not None and wanted in as_list(one.get("registryScopes")):
                return one
    if len(policies) == 1:
        return policies[0]
    raise RefusedError("malformed", "the trust policy has no statement for this artifact", step="trust-policy")


def policy_of(path: str, scope: str | None) -> tuple[tuple[Attributes, ...], frozenset[str]]:
    """What the subject of a signer must have, and the kinds of trust stores that are named.

    Each of the first is a set of (attribute, value); an empty set allows everybody. Raises RefusedError where the
    policy is no trust policy, or asks not to verify.
    """
    policy = _policy(as_map(parse_json(read_bounded(path), shown(path))), scope)
    level = as_text(dig(policy, "signatureVerification", "level"))
    if level not in ("strict", "permissive", "audit"):
        message = f"the trust policy's level is {shown(level or '(none)')}: it asks for no verification"
        raise RefusedError("unsupported", message, verdict="unknown", step="trust-policy")
    found = [_attributes(as_text(one)) for one in as_list(policy.get("trustedIdentities"))]
    if not found:
        raise RefusedError("malformed", "the trust policy names no trusted identity", step="trust-policy")
    stores = frozenset(as_text(one).partition(":")[0] for one in as_list(policy.get("trustStores")))
    return tuple(found), stores


def _attributes(text: str) -> Attributes:
    if text == "*":
        return frozenset()
    if not text.startswith(_SUBJECT):
        raise RefusedError("unsupported", f"the identity {shown(text)} is of no kind that is known", verdict="unknown")
    try:
        name = x509.Name.from_rfc4514_string(",".join(part.strip() for part in text[len(_SUBJECT) :].split(",")))
    except ValueError as error:
        raise RefusedError("malformed", f"the identity {shown(text)} is no subject", step="trust-policy") from error
    pairs = frozenset((attribute.rfc4514_attribute_name, str(attribute.value)) for attribute in name)
    if not pairs:
        raise RefusedError("malformed", f"the identity {shown(text)} names nobody", step="trust-policy")
    return pairs
