"""Google Cloud Build's signers: each key by its name, each in its own way of signing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.evidence.attestations.authenticate import Authenticity
from slsacheck.evidence.attestations.jsondoc import as_map, as_text, parse_json
from slsacheck.evidence.attestations.keys import load_key, verify_signature
from slsacheck.evidence.attestations.steps import RefusedError, shown

if TYPE_CHECKING:
    from slsacheck.evidence.attestations.envelope import Attestation, Signature
    from slsacheck.evidence.attestations.steps import Trail
    from slsacheck.evidence.attestations.trustdata import NamedKey, TrustData

__all__ = ["authenticate_gcb"]


def _made_with(key: NamedKey, signature: Signature, attestation: Attestation) -> bool:
    """The regional keys sign the bare payload, the global ones DSSE's pre-authentication encoding."""
    data = attestation.signed_bytes if key.usage == "pae" else attestation.payload
    return verify_signature(load_key(key.key_der), signature.raw, data, "sha256")


def authenticate_gcb(attestation: Attestation, trust: TrustData, trail: Trail) -> Authenticity:
    """Verify an envelope of gcloud's answer by the key that one of its signatures names.

    Raises RefusedError `no-valid-signature` when no signature verifies under a key of Google Cloud Build.
    """
    known = {key.id: key for key in trust.gcb_keys}
    for signature in attestation.signatures:
        key = known.get(signature.keyid or "")
        if key is None or not _made_with(key, signature, attestation):
            continue
        statement = as_map(parse_json(attestation.payload, "the signed statement"))
        if as_text(statement.get("predicateType")) != key.predicate_type:
            continue
        trail.passed("signature", f"made with Google Cloud Build's key {shown(key.id)}")
        trail.skipped("log-inclusion", "Cloud Build's signatures are not logged; its keys are trusted by name")
        return Authenticity(key=key.id, family="google-cloud-build", domain="google-cloud-build")
    raise RefusedError(
        "no-valid-signature", "no signature verifies under a known key of Google Cloud Build", step="signature"
    )
