"""Log entries as bundles, the Rekor API and cosign's annotation write them."""

from __future__ import annotations

import base64

from slsacheck.evidence.attestations.envelope import LogEntry, Proof
from slsacheck.evidence.attestations.jsondoc import Document, as_int, as_list, as_map, as_text, decode_base64, dig
from slsacheck.evidence.attestations.limits import MAX_LOG_ENTRIES, MAX_PROOF_HASHES
from slsacheck.evidence.attestations.steps import RefusedError

__all__ = ["api_entries", "bundle_entries", "cosign_entry", "is_api_answer"]


def _refuse(message: str) -> RefusedError:
    return RefusedError("log-invalid", message, step="log-entry")


def _number(value: object, what: str) -> int:
    number = as_int(value)
    if number is None:
        raise _refuse(f"the {what} of the log entry is not a whole number")
    return number


def bundle_entries(values: object) -> tuple[LogEntry, ...]:
    """The `tlogEntries` of a Sigstore bundle. Proto JSON drops zero values: a first entry has no index."""
    entries = as_list(values)
    if len(entries) > MAX_LOG_ENTRIES:
        raise RefusedError(
            "limit-exceeded",
            f"the bundle has more than {MAX_LOG_ENTRIES} log entries",
            verdict="unknown",
            step="log-entry",
        )
    return tuple(_bundle_entry(as_map(value)) for value in entries)


def _bundle_entry(entry: Document) -> LogEntry:
    promise = dig(entry, "inclusionPromise", "signedEntryTimestamp")
    proof = entry.get("inclusionProof")
    kind = as_map(entry.get("kindVersion"))
    return LogEntry(
        body=_base64(entry.get("canonicalizedBody"), "body"),
        log_id=_base64(dig(entry, "logId", "keyId"), "log id"),
        index=_number(entry.get("logIndex"), "index"),
        integrated_time=_number(entry.get("integratedTime"), "integrated time"),
        kind=as_text(kind.get("kind")),
        version=as_text(kind.get("version")),
        promise=None if promise is None else _base64(promise, "signed entry timestamp"),
        proof=None if not proof else _bundle_proof(as_map(proof)),
    )


def _base64(value: object, what: str) -> bytes:
    try:
        return decode_base64(value, f"the {what} of the log entry")
    except RefusedError as error:
        raise _refuse(error.message) from error


def _bundle_proof(proof: Document) -> Proof:
    return Proof(
        index=_number(proof.get("logIndex"), "proof's index"),
        root=_base64(proof.get("rootHash"), "proof's root hash"),
        size=_number(proof.get("treeSize"), "proof's tree size"),
        hashes=tuple(_base64(one, "proof's hash") for one in _bounded(proof.get("hashes"))),
        checkpoint=as_text(dig(proof, "checkpoint", "envelope")),
    )


def _bounded(values: object) -> list[object]:
    hashes = as_list(values)
    if len(hashes) > MAX_PROOF_HASHES:
        raise _refuse("the inclusion proof has more hashes than any tree has levels")
    return hashes


def is_api_answer(document: Document) -> bool:
    """Whether this is what `/api/v1/log/entries` answers: one object whose keys are entry ids."""
    return bool(document) and all(
        isinstance(value, dict) and "body" in value and "logID" in value for value in document.values()
    )


def api_entries(document: Document) -> tuple[LogEntry, ...]:
    """The entries of an answer of the Rekor API; binary values are hexadecimal there."""
    if len(document) > MAX_LOG_ENTRIES:
        raise _refuse(f"the answer of the log has more than {MAX_LOG_ENTRIES} entries")
    return tuple(_api_entry(uuid, as_map(value)) for uuid, value in document.items())


def _hex(value: object, what: str) -> bytes:
    try:
        return bytes.fromhex(as_text(value))
    except ValueError as error:
        raise _refuse(f"the {what} of the log entry is not hexadecimal") from error


def _api_entry(uuid: str, entry: Document) -> LogEntry:
    verification = as_map(entry.get("verification"))
    promise = verification.get("signedEntryTimestamp")
    proof = verification.get("inclusionProof")
    return LogEntry(
        body=_base64(entry.get("body"), "body"),
        log_id=_hex(entry.get("logID"), "log id"),
        index=_number(entry.get("logIndex"), "index"),
        integrated_time=_number(entry.get("integratedTime"), "integrated time"),
        promise=None if promise is None else _base64(promise, "signed entry timestamp"),
        proof=None if not proof else _api_proof(as_map(proof)),
        uuid=uuid,
    )


def _api_proof(proof: Document) -> Proof:
    return Proof(
        index=_number(proof.get("logIndex"), "proof's index"),
        root=_hex(proof.get("rootHash"), "proof's root hash"),
        size=_number(proof.get("treeSize"), "proof's tree size"),
        hashes=tuple(_hex(one, "proof's hash") for one in _bounded(proof.get("hashes"))),
        checkpoint=as_text(proof.get("checkpoint")),
    )


def cosign_entry(bundle: Document) -> LogEntry:
    """The annotation `dev.sigstore.cosign/bundle`: a signed entry timestamp and the payload that it signs."""
    payload = as_map(bundle.get("Payload"))
    return LogEntry(
        body=_base64(payload.get("body"), "body"),
        log_id=_hex(payload.get("logID"), "log id"),
        index=_number(payload.get("logIndex"), "index"),
        integrated_time=_number(payload.get("integratedTime"), "integrated time"),
        promise=_base64(bundle.get("SignedEntryTimestamp"), "signed entry timestamp"),
    )


def encode(data: bytes) -> str:
    """Standard base64, as the log writes bodies."""
    return base64.b64encode(data).decode("ascii")
