"""Checkpoints: the signed note (C2SP tlog-checkpoint) in which a log states its size and root."""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import ed25519

from slsacheck.evidence.attestations.keys import verify_signature
from slsacheck.evidence.attestations.steps import RefusedError, shown
from slsacheck.record import record

if TYPE_CHECKING:
    from slsacheck.evidence.attestations.trustdata import Log

__all__ = ["Checkpoint", "parse_checkpoint", "signed_by"]

_MAX_SIZE = 64 * 1024
_MAX_SIGNATURES = 32
_HINT = 4
_ED25519_NOTE = 1
_MIN_LINES = 3


@record
class Checkpoint:
    """A checkpoint: origin, tree size, root hash, the signed text, and (name, key hint, signature) of each signer."""

    origin: str
    size: int
    root: bytes
    text: bytes
    signatures: tuple[tuple[str, bytes, bytes], ...]


def _refuse(message: str) -> RefusedError:
    return RefusedError("log-invalid", message, step="checkpoint")


def parse_checkpoint(envelope: str) -> Checkpoint:
    """The parts of a checkpoint; lines of cosigners (witnesses) are kept beside the log's own.

    Raises RefusedError `log-invalid` when it is no checkpoint.
    """
    if len(envelope) > _MAX_SIZE:
        raise _refuse("the checkpoint is too large to be one")
    text, gap, rest = envelope.partition("\n\n")
    lines = text.split("\n")
    if not gap or len(lines) < _MIN_LINES or not (lines[1].isascii() and lines[1].isdecimal() and len(lines[1]) < 20):  # noqa: PLR2004 - 64 bits
        raise _refuse("the checkpoint is missing or is none")
    try:
        root = base64.b64decode(lines[2], validate=True)
    except (binascii.Error, ValueError) as error:
        raise _refuse("the checkpoint's root hash is not base64") from error
    signatures = tuple(_signature(line) for line in rest.split("\n") if line)
    if len(signatures) > _MAX_SIGNATURES:
        raise _refuse("the checkpoint has too many signatures")
    return Checkpoint(lines[0], int(lines[1]), root, (text + "\n").encode("utf-8", "surrogatepass"), signatures)


def _signature(line: str) -> tuple[str, bytes, bytes]:
    parts = line.split(" ")
    if len(parts) != 3 or parts[0] != "—":  # noqa: PLR2004 - dash, name, signature
        raise _refuse(f"the checkpoint has a line that is no signature: {shown(line)}")
    try:
        value = base64.b64decode(parts[2], validate=True)
    except (binascii.Error, ValueError) as error:
        raise _refuse("a signature of the checkpoint is not base64") from error
    if len(value) <= _HINT:
        raise _refuse("a signature of the checkpoint is too short")
    return parts[1], value[:_HINT], value[_HINT:]


def _hint_fits(hint: bytes, name: str, log: Log) -> bool:
    """Whether this log may sign under the key hint: its id, or for Ed25519 the note format's own hash."""
    if hint in (log.id[:_HINT], log.key_hash[:_HINT]):
        return True
    key = log.key
    if not isinstance(key, ed25519.Ed25519PublicKey):
        return False
    note = name.encode("utf-8", "surrogatepass") + b"\n" + bytes([_ED25519_NOTE]) + key.public_bytes_raw()
    return hashlib.sha256(note).digest()[:_HINT] == hint


def _names_log(name: str, origin: str) -> bool:
    """Whether a signer's name is the log's: the origin, or its first word (Rekor v1 adds the number of the tree)."""
    return origin == name or origin.startswith(f"{name} ")


def signed_by(checkpoint: Checkpoint, log: Log) -> bool:
    """Whether the log itself signed the checkpoint; what witnesses signed beside it does not matter."""
    return any(
        _names_log(name, checkpoint.origin)
        and _hint_fits(hint, name, log)
        and verify_signature(log.key, signature, checkpoint.text, "sha256")
        for name, hint, signature in checkpoint.signatures
    )
