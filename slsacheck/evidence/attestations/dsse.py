"""DSSE envelopes, alone or many to a file, as slsa-github-generator, cosign, in-toto and others write them."""

from __future__ import annotations

import hashlib

from slsacheck.evidence.attestations.envelope import Attestation, Signature, pae
from slsacheck.evidence.attestations.jsondoc import Document, as_list, as_map, as_text, decode_base64
from slsacheck.evidence.attestations.limits import MAX_SIGNATURES
from slsacheck.evidence.attestations.steps import RefusedError

__all__ = ["is_envelope", "lenient_base64", "pem_certificate", "read_envelope"]


def is_envelope(document: Document) -> bool:
    """Whether the object looks like a DSSE envelope."""
    return "payload" in document and "payloadType" in document


def lenient_base64(value: object, what: str) -> bytes:
    """Base64 in the standard or the URL-safe alphabet, both of which DSSE allows; padding is required."""
    if isinstance(value, str) and not ("+" in value or "/" in value):
        return decode_base64(value.replace("-", "+").replace("_", "/"), what)
    return decode_base64(value, what)


def pem_certificate(text: object) -> bytes | None:
    """The DER bytes of the first certificate of a PEM text; None when there is none."""
    if not isinstance(text, str) or not text.strip():
        return None
    start, end = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
    first = text.find(start)
    last = text.find(end, first)
    if first < 0 or last < 0:
        raise RefusedError("malformed", "the certificate beside the signature is not PEM", step="envelope")
    return lenient_base64("".join(text[first + len(start) : last].split()), "the certificate beside the signature")


def _signature(value: object) -> Signature:
    entry = as_map(value)
    keyid = entry.get("keyid")
    return Signature(
        raw=lenient_base64(entry.get("sig"), "a signature of the envelope"),
        keyid=keyid if isinstance(keyid, str) else None,
        certificate=pem_certificate(entry.get("cert")),
    )


def _signatures(document: Document) -> tuple[Signature, ...]:
    """The readable signatures; those that are not base64 are as good as absent unless none is left."""
    values = as_list(document.get("signatures"))
    if len(values) > MAX_SIGNATURES:
        raise RefusedError(
            "limit-exceeded",
            f"the envelope has more than {MAX_SIGNATURES} signatures",
            verdict="unknown",
            step="envelope",
        )
    found, broken = [], None
    for value in values:
        try:
            found.append(_signature(value))
        except RefusedError as error:
            broken = error
    if broken is not None and not found:
        raise RefusedError("no-valid-signature", broken.message, step="signature") from broken
    return tuple(found)


def read_envelope(document: Document, raw: bytes, path: str, form: str = "dsse") -> Attestation:
    """A DSSE envelope; `raw` are the bytes it was read from. Raises RefusedError when it is malformed."""
    payload = lenient_base64(document.get("payload"), "the payload of the envelope")
    payload_type = as_text(document.get("payloadType"))
    return Attestation(
        form=form,
        payload=payload,
        payload_type=payload_type,
        signed_bytes=pae(payload_type, payload),
        signatures=_signatures(document),
        digest=hashlib.sha256(raw).hexdigest(),
        path=path,
        raw=raw,
    )
