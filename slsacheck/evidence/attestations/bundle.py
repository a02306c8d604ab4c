"""Sigstore bundles v0.1 to v0.3, with a DSSE envelope or a bare message signature."""

from __future__ import annotations

import hashlib
import re

from slsacheck.evidence.attestations.dsse import read_envelope
from slsacheck.evidence.attestations.envelope import Attestation, Signature
from slsacheck.evidence.attestations.jsondoc import Document, as_list, as_map, as_text, decode_base64, dig
from slsacheck.evidence.attestations.limits import MAX_CERTIFICATES, MAX_TIMESTAMPS
from slsacheck.evidence.attestations.logentry import bundle_entries
from slsacheck.evidence.attestations.steps import RefusedError, shown
from slsacheck.patterns import regex
from slsacheck.record import replace

__all__ = ["is_bundle", "read_bundle"]

_MEDIA_TYPE = regex(
    r"application/vnd\.dev\.sigstore\.bundle(?:\+json;version=(0\.[123])|\.v(0\.[123](?:\.\d{1,3})?)\+json)", re.ASCII
)
_HASHES = {"SHA2_256": "sha256", "SHA2_384": "sha384", "SHA2_512": "sha512"}


def is_bundle(document: Document) -> bool:
    """Whether the object looks like a Sigstore bundle, of whatever version."""
    return "verificationMaterial" in document or as_text(document.get("mediaType")).startswith(
        "application/vnd.dev.sigstore.bundle"
    )


def _version(document: Document) -> str:
    media_type = as_text(document.get("mediaType"))
    match = _MEDIA_TYPE.fullmatch(media_type)
    if match is None:
        raise RefusedError(
            "malformed",
            f"the bundle's mediaType {shown(media_type)!r} is none that is known (v0.1 to v0.3)",
            step="bundle",
        )
    return (match[1] or match[2])[:3]


def _certificates(material: Document) -> tuple[bytes, ...]:
    """The certificates of the bundle, the signer's first."""
    single = dig(material, "certificate", "rawBytes")
    if single is not None:
        return (decode_base64(single, "the certificate of the bundle"),)
    chain = as_list(dig(material, "x509CertificateChain", "certificates"))
    if len(chain) > MAX_CERTIFICATES:
        raise RefusedError(
            "limit-exceeded",
            f"the bundle has more than {MAX_CERTIFICATES} certificates",
            verdict="unknown",
            step="bundle",
        )
    return tuple(decode_base64(dig(one, "rawBytes"), "a certificate of the bundle") for one in chain)


def _timestamps(material: Document) -> tuple[bytes, ...]:
    stamps = as_list(dig(material, "timestampVerificationData", "rfc3161Timestamps"))
    if len(stamps) > MAX_TIMESTAMPS:
        raise RefusedError(
            "limit-exceeded",
            f"the bundle has more than {MAX_TIMESTAMPS} timestamps",
            verdict="unknown",
            step="bundle",
        )
    return tuple(decode_base64(dig(one, "signedTimestamp"), "a timestamp of the bundle") for one in stamps)


def _message(document: Document, raw: bytes, path: str) -> Attestation:
    message = as_map(document.get("messageSignature"))
    named = dig(message, "messageDigest", "algorithm")
    algorithm = _HASHES.get(as_text(named))
    if named is not None and algorithm is None:
        told = f"the bundle's message digest is of an algorithm that is not known: {shown(named)}"
        raise RefusedError("unsupported", told, verdict="unknown", step="bundle")
    digest = None
    if algorithm is not None:
        value = decode_base64(dig(message, "messageDigest", "digest"), "the message digest of the bundle")
        digest = (algorithm, value.hex())
    signature = decode_base64(message.get("signature"), "the signature of the bundle")
    return Attestation(
        form="message-signature",
        payload=b"",
        payload_type="",
        signed_bytes=b"",
        signatures=(Signature(signature),) if signature else (),
        digest=hashlib.sha256(raw).hexdigest(),
        path=path,
        message_digest=digest,
    )


def _content(document: Document, raw: bytes, path: str) -> Attestation:
    if "dsseEnvelope" in document:
        envelope = read_envelope(as_map(document["dsseEnvelope"]), raw, path, "sigstore-bundle")
        if len(envelope.signatures) != 1:
            raise RefusedError(
                "no-valid-signature",
                f"a bundle's envelope has one signature, this one has {len(envelope.signatures)}",
                step="signature",
            )
        return envelope
    if "messageSignature" in document:
        return _message(document, raw, path)
    raise RefusedError("malformed", "the bundle holds neither an envelope nor a message signature", step="bundle")


def _one_of(document: Document, names: tuple[str, ...]) -> None:
    """At most one of these is there: of two, another reader may take the other one."""
    there = [name for name in names if document.get(name) is not None]
    if len(there) > 1:
        raise RefusedError("malformed", f"the bundle holds both {there[0]} and {there[1]}", step="bundle")


def read_bundle(document: Document, raw: bytes, path: str) -> Attestation:
    """A Sigstore bundle; raises RefusedError when it is malformed or of a version that is not known."""
    version = _version(document)
    content = _content(document, raw, path)
    material = as_map(document.get("verificationMaterial"))
    _one_of(document, ("dsseEnvelope", "messageSignature"))
    _one_of(material, ("certificate", "x509CertificateChain", "publicKey"))
    hint = dig(material, "publicKey", "hint")
    return replace(
        content,
        certificates=_certificates(material),
        key_hint=hint if isinstance(hint, str) else ("" if "publicKey" in material else None),
        entries=bundle_entries(material.get("tlogEntries")),
        timestamps=_timestamps(material),
        proof_required=version != "0.1",
        raw=None,
    )
