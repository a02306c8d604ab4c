"""PEP 740: attestations as the Python package index serves them, alone or in its provenance object."""

from __future__ import annotations

import hashlib
import json

from slsacheck.evidence.attestations.envelope import INTOTO_PAYLOAD, Attestation, Signature, pae
from slsacheck.evidence.attestations.jsondoc import Document, as_list, as_map, decode_base64, dig
from slsacheck.evidence.attestations.limits import MAX_ATTESTATIONS
from slsacheck.evidence.attestations.logentry import bundle_entries
from slsacheck.evidence.attestations.steps import RefusedError, shown

__all__ = ["is_pep740", "is_pypi_provenance", "read_pep740", "read_pypi_provenance"]


def is_pep740(document: Document) -> bool:
    """Whether the object looks like one attestation of PEP 740."""
    return "verification_material" in document and "envelope" in document


def is_pypi_provenance(document: Document) -> bool:
    """Whether the object looks like a provenance object of PEP 740 (attestations grouped by publisher)."""
    return "attestation_bundles" in document


def read_pep740(document: Document, raw: bytes, path: str, publisher: tuple[tuple[str, str], ...] = ()) -> Attestation:
    """One attestation; raises RefusedError when it is malformed."""
    if document.get("version") != 1:
        raise RefusedError(
            "malformed",
            f"the attestation's version {shown(document.get('version'))} is none of PEP 740",
            step="envelope",
        )
    payload = decode_base64(dig(document, "envelope", "statement"), "the statement of the attestation")
    signature = decode_base64(dig(document, "envelope", "signature"), "the signature of the attestation")
    certificate = decode_base64(
        dig(document, "verification_material", "certificate"), "the certificate of the attestation"
    )
    return Attestation(
        form="pep740",
        payload=payload,
        payload_type=INTOTO_PAYLOAD,
        signed_bytes=pae(INTOTO_PAYLOAD, payload),
        signatures=(Signature(signature),) if signature else (),
        digest=hashlib.sha256(raw).hexdigest(),
        path=path,
        certificates=(certificate,),
        entries=bundle_entries(dig(document, "verification_material", "transparency_entries")),
        proof_required=True,
        publisher=publisher,
    )


def read_pypi_provenance(document: Document, path: str) -> tuple[Attestation, ...]:
    """The attestations of a provenance object, each with the publisher that the index claims for it."""
    found: list[Attestation] = []
    for group in as_list(document.get("attestation_bundles"))[:MAX_ATTESTATIONS]:
        claimed = as_map(dig(group, "publisher"))
        publisher = tuple(sorted((key, value) for key, value in claimed.items() if isinstance(value, str)))
        for value in as_list(dig(group, "attestations"))[:MAX_ATTESTATIONS]:
            raw = json.dumps(value, sort_keys=True).encode()
            found.append(read_pep740(as_map(value), raw, path, publisher))
    if not found or len(found) > MAX_ATTESTATIONS:
        raise RefusedError("malformed", f"{shown(path)} holds no attestation that can be read", step="read")
    return tuple(found)
