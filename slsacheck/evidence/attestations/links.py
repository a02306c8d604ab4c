"""in-toto link metadata in its traditional form: one step's materials and products, signed over canonical JSON."""

from __future__ import annotations

import hashlib

from slsacheck.evidence.attestations.envelope import INTOTO_PAYLOAD, Attestation, Signature
from slsacheck.evidence.attestations.jsondoc import Document, as_list, as_map, as_text, dig, parse_json
from slsacheck.evidence.attestations.limits import MAX_SIGNATURES, MAX_SUBJECTS
from slsacheck.evidence.attestations.statement import Subject
from slsacheck.evidence.attestations.steps import RefusedError
from slsacheck.patterns import regex
from slsacheck.record import replace

__all__ = ["as_subjects", "is_link", "products_of", "read_link", "unwrapped"]

_MAYBE_LINK = regex(rb'"_type"\s*:\s*"(?:link|layout)"')
_HEAD = 1 << 20
"""Bytes of a payload in which the type of a link is looked for: writers put it first or among the first."""


def is_link(document: Document) -> bool:
    """Whether it is a signed link or layout of in-toto (specification, section 4)."""
    return "signatures" in document and as_text(dig(document, "signed", "_type")) in ("link", "layout")


def _signature(value: object) -> Signature:
    try:
        return Signature(bytes.fromhex(as_text(dig(value, "sig"))), keyid=as_text(dig(value, "keyid")))
    except ValueError as error:
        raise RefusedError("malformed", "a signature of the link is not hexadecimal", step="envelope") from error


def read_link(document: Document, raw: bytes, path: str) -> Attestation:
    """A link; its signatures are over canonical JSON, which the library securesystemslib writes."""
    signed = as_map(document.get("signed"))
    if signed.get("_type") == "layout":
        raise _layout()
    signatures = as_list(document.get("signatures"))
    if len(signatures) > MAX_SIGNATURES:
        message = f"the link has more than {MAX_SIGNATURES} signatures"
        raise RefusedError("limit-exceeded", message, verdict="unknown", step="envelope")
    return Attestation(
        form="in-toto-link",
        payload=_canonical(signed),
        payload_type="",
        signed_bytes=_canonical(signed),
        signatures=tuple(_signature(one) for one in signatures),
        digest=hashlib.sha256(raw).hexdigest(),
        path=path,
    )


def unwrapped(attestation: Attestation) -> Attestation:
    """An envelope as it is, but for a link of in-toto in it: its products are then what it is about.

    Raises RefusedError for a layout, which is no statement about an artifact.
    """
    if attestation.payload_type != INTOTO_PAYLOAD or not _MAYBE_LINK.search(attestation.payload[:_HEAD]):
        return attestation
    kind = as_map(parse_json(attestation.payload, "the signed link")).get("_type")
    if kind == "layout":
        raise _layout()
    return replace(attestation, form="in-toto-link") if kind == "link" else attestation


def _layout() -> RefusedError:
    message = "it is an in-toto layout; verify it with verify-layout"
    return RefusedError("unsupported", message, verdict="unknown", step="read")


def _canonical(signed: Document) -> bytes:
    try:
        from securesystemslib.exceptions import FormatError
        from securesystemslib.formats import encode_canonical
    except ModuleNotFoundError as error:
        message = "link metadata needs the library in-toto: pip install 'slsacheck[in-toto]'"
        raise RefusedError("unsupported", message, verdict="unknown", step="read") from error
    try:
        return (encode_canonical(signed) or "").encode("utf-8", "surrogatepass")
    except FormatError as error:
        raise RefusedError("malformed", "the link holds what canonical JSON does not have", step="envelope") from error


def products_of(attestation: Attestation) -> tuple[Subject, ...]:
    """The products of the step, in the shape of subjects."""
    products = as_map(dig(parse_json(attestation.payload, "the link"), "products"))
    if len(products) > MAX_SUBJECTS:
        message = f"the link has more than {MAX_SUBJECTS} products"
        raise RefusedError("limit-exceeded", message, verdict="unknown", step="statement")
    return as_subjects(products)


def as_subjects(products: Document) -> tuple[Subject, ...]:
    """Products by name, each with its digests, in the shape of subjects."""
    return tuple(
        (name, tuple((kind, value) for kind, value in as_map(digests).items() if isinstance(value, str)))
        for name, digests in products.items()
    )
