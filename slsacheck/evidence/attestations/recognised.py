"""What is recognised without being read as an attestation, and what a user is told about it."""

from __future__ import annotations

import codecs

from slsacheck.evidence.attestations.jsondoc import Document, as_list, as_map, as_text, dig
from slsacheck.evidence.attestations.steps import RefusedError, shown

__all__ = ["WITNESS_COLLECTIONS", "attestors_of", "explained", "instead_of_json", "pgp_signature"]

WITNESS_COLLECTIONS = (
    "https://witness.testifysec.com/attestation-collection/v0.1",
    "https://witness.dev/attestation-collection/v0.1",
)
"""Predicate types of witness: several observations of one step in one statement."""

_PGP_MESSAGES = {
    b"-----BEGIN PGP SIGNED MESSAGE-----": "a text with a PGP signature",
    b"-----BEGIN PGP SIGNATURE-----": "a detached PGP signature",
    b"-----BEGIN PGP MESSAGE-----": "a PGP message",
}
_PGP_VERSIONS = (3, 4, 5, 6)
_NEWER_PACKET, _SHORT = 0xC2, 192
"""A signature packet in OpenPGP's newer form, and the first length that takes two octets (RFC 9580, section 4.2.1)."""


def _is_packet(data: bytes) -> bool:
    """Whether it is one signature packet of OpenPGP and nothing else (RFC 9580, section 4.2)."""
    if len(data) < 8:  # noqa: PLR2004 - no signature is as short
        return False
    if data[0] == _NEWER_PACKET:
        start, length = (2, data[1]) if data[1] < _SHORT else (3, ((data[1] - _SHORT) << 8) + data[2] + _SHORT)
    elif data[0] in (0x88, 0x89):
        start = data[0] - 0x88 + 2
        length = int.from_bytes(data[1:start], "big")
    else:
        return False
    return start + length == len(data) and data[start] in _PGP_VERSIONS


def pgp_signature(data: bytes, path: str) -> RefusedError | None:
    """A PGP signature, as checksum files carry it: named as the fact that it is, never verified as provenance."""
    head = data[:4096].lstrip()
    what = next((text for mark, text in _PGP_MESSAGES.items() if head.startswith(mark)), None)
    if what is None and _is_packet(data):
        what = "a detached PGP signature"
    if what is None:
        return None
    return RefusedError(
        "unsupported",
        f"{shown(path)} is {what}: somebody with that key signed it, which says nothing about how it was built. "
        "`gpg --verify` checks it; provenance is another file (*.intoto.jsonl, *.sigstore.json)",
        verdict="unknown",
        step="read",
    )


_BEGINNINGS = {
    b"\x1f\x8b": "compressed by gzip; unpack it first (gunzip)",
    b"PK\x03\x04": "a ZIP archive; unpack it first and name the file in it",
    codecs.BOM_UTF16_LE: "UTF-16, as PowerShell redirects output; save it as UTF-8",
    codecs.BOM_UTF16_BE: "UTF-16; save it as UTF-8",
    b"<": "HTML or XML, as servers answer where a file is missing; look into it and download it again",
    b"-----BEGIN ": "PEM, a key or a certificate (--key, --certificate, --trusted-root); name the attestation",
}


def instead_of_json(data: bytes, path: str) -> RefusedError | None:
    """What a file is that is no JSON, as far as its beginning tells; None where it does not."""
    what = next((text for start, text in _BEGINNINGS.items() if data.lstrip().startswith(start)), None)
    if not data.strip():
        what = "empty; get it again from where it was published"
    elif what is None and b"\0" in data[:1024]:
        what = "a binary file; were the artifact and its attestation swapped?"
    return RefusedError("malformed", f"{shown(path)} is {what}", step="read") if what else None


def explained(document: Document, path: str) -> RefusedError | None:
    """Why an object that looks like a statement is none; None where nothing is known about it."""
    if "predicate_type" in document and "predicate" in document:
        return RefusedError(
            "malformed",
            f"{shown(path)} spells its fields `type` and `predicate_type`: this is the internal form of Tekton Chains "
            "(or another program in Go), which nobody signs. A statement has `_type` and `predicateType`; take the "
            "signed one from where Chains stores it (the annotation chains.tekton.dev/signature-…, or the image's "
            "attestations)",
            step="read",
        )
    return None


def attestors_of(predicate_type: str, predicate: Document) -> tuple[str, ...]:
    """The kinds of observation in a collection of witness; empty for every other predicate."""
    if predicate_type not in WITNESS_COLLECTIONS:
        return ()
    found = [as_text(dig(as_map(one), "type")) for one in as_list(predicate.get("attestations"))[:100]]
    return tuple(dict.fromkeys(one for one in found if one))
