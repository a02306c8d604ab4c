"""Rekor entries: bound to what was signed, and shown to be in the log."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING

from slsacheck.evidence.attestations.binding import bind_entry
from slsacheck.evidence.attestations.checkpoint import parse_checkpoint, signed_by
from slsacheck.evidence.attestations.jsondoc import Document, as_map, as_text, parse_json
from slsacheck.evidence.attestations.keys import verify_signature
from slsacheck.evidence.attestations.merkle import leaf_hash, root_from_path
from slsacheck.evidence.attestations.moments import from_seconds
from slsacheck.evidence.attestations.steps import RefusedError, shown
from slsacheck.record import record

if TYPE_CHECKING:
    from datetime import datetime

    from slsacheck.evidence.attestations.envelope import Attestation, LogEntry
    from slsacheck.evidence.attestations.trustdata import Log, TrustDomain

__all__ = ["Inclusion", "binds", "entry_body", "verify_inclusion"]

_UUID_HASH = 64


@record
class Inclusion:
    """What an entry's log shows: the integrated time (only where the log signed it) and how inclusion was shown."""

    moment: datetime | None
    how: str


def _refuse(message: str, step: str = "log-inclusion") -> RefusedError:
    return RefusedError("log-invalid", message, step=step)


def entry_body(entry: LogEntry) -> Document:
    """The body of an entry; what is claimed beside it about kind and version must be what it says itself."""
    body = as_map(parse_json(entry.body, "the body of the log entry"))
    kind, version = as_text(body.get("kind")), as_text(body.get("apiVersion"))
    if entry.kind is not None and (entry.kind, entry.version) != (kind, version):
        raise _refuse(
            f"the bundle calls its log entry {shown(entry.kind)} {shown(entry.version)}, the log {shown(kind)} "
            f"{shown(version)}",
            "log-entry",
        )
    return body


def binds(entry: LogEntry, attestation: Attestation) -> bool:
    """Whether the entry is about this very signature of a certificate; others may have signed the same payload."""
    certificates = [*attestation.certificates[:1], *(one.certificate for one in attestation.signatures)]
    for certificate in certificates:
        if certificate is None:
            continue
        try:
            bind_entry(entry_body(entry), attestation, certificate)
        except RefusedError:
            continue
        return True
    return False


def _promised(entry: LogEntry, promise: bytes, log: Log) -> bool:
    """Whether the log's signed entry timestamp covers body, time, log and index (canonical JSON, RFC 8785)."""
    body = base64.b64encode(entry.body)  # base64, hexadecimal and numbers: none of them needs escaping
    signed = b'{"body":"%b","integratedTime":%d,"logID":"%b","logIndex":%d}' % (
        body,
        entry.integrated_time,
        entry.log_id.hex().encode("ascii"),
        entry.index,
    )
    return verify_signature(log.key, promise, signed, "sha256")


def _proved(entry: LogEntry, log: Log) -> None:
    proof = entry.proof
    if proof is None:
        return
    if entry.promise is None and entry.index != proof.index:
        raise _refuse("the entry and its inclusion proof name two places in the log", "log-entry")
    leaf = leaf_hash(entry.body)
    root = root_from_path(leaf, proof.index, proof.size, proof.hashes)
    if root is None or root != proof.root:
        raise _refuse("the inclusion proof does not lead from this entry to the root of the log")
    checkpoint = parse_checkpoint(proof.checkpoint)
    if checkpoint.size != proof.size or checkpoint.root != proof.root:
        raise _refuse("the checkpoint is about another state of the log than the inclusion proof", "checkpoint")
    if not signed_by(checkpoint, log):
        raise _refuse("the checkpoint is not signed by the log", "checkpoint")


def _uuid_fits(entry: LogEntry) -> bool:
    return entry.uuid is None or entry.uuid[-_UUID_HASH:].lower() == hashlib.sha256(b"\x00" + entry.body).hexdigest()


def verify_inclusion(entry: LogEntry, domain: TrustDomain, *, proof_required: bool) -> Inclusion:
    """Show that the entry is in a log of the instance, by the log's promise, by proof and checkpoint, or by both.

    Whatever the entry carries must verify. Raises RefusedError `log-invalid`, or `log-missing` (verdict unknown) when
    the entry carries neither.
    """
    log = domain.log(entry.log_id)
    if log is None:
        raise _refuse("the entry is of a log that is not trusted; if it is a private one, give its --trusted-root")
    if not _uuid_fits(entry):
        raise _refuse("the id of the entry is not that of its body", "log-entry")
    if proof_required and entry.proof is None:
        raise _refuse("this version of the bundle demands an inclusion proof, and there is none")
    if entry.promise is None and entry.proof is None:
        raise RefusedError(
            "log-missing",
            "the log entry has neither inclusion proof nor signed entry timestamp",
            verdict="unknown",
            step="log-inclusion",
        )
    if entry.promise is not None and not _promised(entry, entry.promise, log):
        raise _refuse("the signed entry timestamp does not verify")
    _proved(entry, log)
    return Inclusion(_integrated(entry, log), _how(entry, log))


def _integrated(entry: LogEntry, log: Log) -> datetime | None:
    """The time at which the log took the entry up; a time that the log did not sign is not believed."""
    if entry.promise is None or not entry.integrated_time:
        return None
    moment = from_seconds(entry.integrated_time)
    if moment is None or not log.window.holds(moment):
        raise _refuse("the log's key was not valid at the time of the entry")
    return moment


def _how(entry: LogEntry, log: Log) -> str:
    parts = []
    if entry.promise is not None:
        parts.append("signed entry timestamp")
    if entry.proof is not None:
        parts.append("inclusion proof and checkpoint")
    return f"{' and '.join(parts)} of {shown(log.url)}, index {entry.index}"
