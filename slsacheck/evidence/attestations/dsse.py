"""DSSE envelopes, alone or many to a file, as slsa-github-generator, cosign, in-toto and others write them."""

from __future__ import annotations

import hashlib

from slsacheck.evidence.attestations.envelope import Attestation, Signature, pae
from slsacheck.evidence.attestations.jsondoc import Document, as_list, as_map, as_text, decode_base64
from slsacheck.evidence.attestations.limits import MAX_CERTIFICATES, MAX_SIGNATURES, MAX_TIMESTAMPS
from slsacheck.evidence.attestations.steps import RefusedError

__all__ = ["is_envelope", "lenient_base64", "pem_certificate", "pem_certificates", "read_envelope"]


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
    found = pem_certificates(text)
    return found[0] if found else None


def pem_certificates(text: object) -> tuple[bytes, ...]:
    """The DER bytes of every certificate of a PEM text; raises RefusedError where a text that is there holds none."""
    if not isinstance(text, str) or not text.strip():
        return ()
    begin, end = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
    parts = [part.partition(end) for part in text.split(begin)[1 : MAX_CERTIFICATES + 1]]
    if not parts or not all(found for _, found, _ in parts):
        raise RefusedError("malformed", "the certificate beside the signature is not PEM", step="envelope")
    return tuple(lenient_base64("".join(body.split()), "the certificate beside the signature") for body, _, _ in parts)


def _certificates(entry: Document) -> tuple[bytes, ...]:
    """The signer's certificate and what stands above it: PEM in `cert`, or as witness writes both, in base64."""
    own = pem_certificates(entry.get("cert"))
    if own or "certificate" not in entry:
        return own
    above = as_list(entry.get("intermediates"))[:MAX_CERTIFICATES]
    texts = [lenient_base64(one, "a certificate of the envelope") for one in (entry["certificate"], *above) if one]
    return tuple(der for text in texts for der in pem_certificates(text.decode("ascii", "replace")))


def _signature(value: object) -> Signature:
    entry = as_map(value)
    keyid = entry.get("keyid")
    certificates = _certificates(entry)
    return Signature(
        raw=lenient_base64(entry.get("sig"), "a signature of the envelope"),
        keyid=keyid if isinstance(keyid, str) else None,
        certificate=certificates[0] if certificates else None,
        chain=certificates[1:],
        tokens=_tokens(entry.get("timestamps")),
    )


def _tokens(value: object) -> tuple[bytes, ...]:
    """The timestamps that witness writes beside a signature."""
    stamps = [one for one in as_list(value)[:MAX_TIMESTAMPS] if as_map(one).get("type") == "tsp"]
    return tuple(lenient_base64(as_map(one).get("data"), "a timestamp of the envelope") for one in stamps)


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
