"""Where things are in each form of attestation, by logical names (`payload`, `entry.promise`, `proof.hashes`)."""

from __future__ import annotations

from typing import Any

_ENTRY = {
    "entry.body": "canonicalizedBody",
    "entry.log": "logId.keyId",
    "entry.kind": "kindVersion.kind",
    "entry.version": "kindVersion.version",
    "entry.time": "integratedTime",
    "entry.index": "logIndex",
    "entry.promise": "inclusionPromise.signedEntryTimestamp",
    "entry.proof": "inclusionProof",
}
_PROOF = {
    "proof.hash": "hashes.0",
    "proof.hashes": "hashes",
    "proof.index": "logIndex",
    "proof.size": "treeSize",
    "proof.root": "rootHash",
}
_ENVELOPE = {
    "payload": "payload",
    "type": "payloadType",
    "signatures": "signatures",
    "signature": "signatures.0.sig",
    "keyid": "signatures.0.keyid",
}


def _log_places(entries: str, prefix: str = "") -> dict[str, str]:
    entry = f"{entries}.0"
    proof = f"{entry}.inclusionProof"
    places = {"entries": entries, "entry": entry} | {name: f"{entry}.{place}" for name, place in _ENTRY.items()}
    places |= {name: f"{proof}.{place}" for name, place in _PROOF.items()}
    places |= {"checkpoint": f"{proof}.checkpoint.envelope", "checkpoint.all": f"{proof}.checkpoint"}
    return {name: f"{prefix}{place}" for name, place in places.items()}


def bundle_places(document: dict[str, Any], prefix: str = "") -> dict[str, str]:
    """Where things are in a Sigstore bundle that lies at the dotted path `prefix` of a document."""
    material = read(document, f"{prefix}verificationMaterial")
    single = "certificate" in material
    certificate = "certificate.rawBytes" if single else "x509CertificateChain.certificates.0.rawBytes"
    places = _log_places(f"{prefix}verificationMaterial.tlogEntries")
    places |= {name: f"{prefix}dsseEnvelope.{place}" for name, place in _ENVELOPE.items()}
    stamps = f"{prefix}verificationMaterial.timestampVerificationData"
    stamped = (read(document, f"{prefix}verificationMaterial").get("timestampVerificationData") or {}).get(
        "rfc3161Timestamps"
    )
    if stamped:
        places |= {"stamps": stamps, "stamp": f"{stamps}.rfc3161Timestamps.0.signedTimestamp"}
    return places | {
        "envelope": f"{prefix}dsseEnvelope",
        "certificate": f"{prefix}verificationMaterial.{certificate}",
        "material": f"{prefix}verificationMaterial",
        "format": f"{prefix}mediaType",
        "message": f"{prefix}messageSignature.messageDigest.digest",
        "message.signature": f"{prefix}messageSignature.signature",
    }


def pep740_places(prefix: str = "") -> dict[str, str]:
    """Where things are in an attestation of PEP 740."""
    own = {
        "payload": "envelope.statement",
        "signature": "envelope.signature",
        "envelope": "envelope",
        "certificate": "verification_material.certificate",
        "format": "version",
        "material": "verification_material",
    }
    return _log_places(f"{prefix}verification_material.transparency_entries") | {
        name: f"{prefix}{place}" for name, place in own.items()
    }


def envelope_places(prefix: str = "") -> dict[str, str]:
    """Where things are in a bare envelope."""
    return {name: f"{prefix}{place}" for name, place in _ENVELOPE.items()}


def api_places(uuid: str) -> dict[str, str]:
    """Where things are in an answer of the Rekor API (hexadecimal where bundles have base64)."""
    checked = f"{uuid}.verification"
    return {
        "entry.body": f"{uuid}.body",
        "api.log": f"{uuid}.logID",
        "entry.time": f"{uuid}.integratedTime",
        "entry.index": f"{uuid}.logIndex",
        "entry.promise": f"{checked}.signedEntryTimestamp",
        "api.hash": f"{checked}.inclusionProof.hashes.0",
        "proof.hashes": f"{checked}.inclusionProof.hashes",
        "proof.index": f"{checked}.inclusionProof.logIndex",
        "proof.size": f"{checked}.inclusionProof.treeSize",
        "api.root": f"{checked}.inclusionProof.rootHash",
        "checkpoint": f"{checked}.inclusionProof.checkpoint",
    }


def steps_of(path: str) -> list[Any]:
    return [int(part) if part.isdecimal() else part for part in path.split(".")]


def read(document: Any, path: str) -> Any:
    """The value at a dotted path; KeyError, IndexError or TypeError where there is none."""
    for step in steps_of(path.removesuffix(".")):
        document = document[step]
    return document
