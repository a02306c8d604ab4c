"""Whether a log only ever grew: that its present state continues the one in which an entry was shown to be."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from slsacheck.errors import SlsacheckError
from slsacheck.evidence.attestations.checkpoint import parse_checkpoint, signed_by
from slsacheck.evidence.attestations.steps import RefusedError, shown
from slsacheck.evidence.online.rekor import consistency_hashes, state_of

if TYPE_CHECKING:
    from slsacheck.evidence.attestations.envelope import LogEntry
    from slsacheck.evidence.attestations.trustdata import Log
    from slsacheck.evidence.online.client import Client
    from slsacheck.evidence.online.services import Service

__all__ = ["check_consistency", "continues"]


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def continues(first: int, first_root: bytes, last: int, last_root: bytes, hashes: tuple[bytes, ...]) -> bool:
    """Whether the hashes show that the tree of `last` leaves begins with that of `first` leaves (RFC 9162, 2.1.4.2)."""
    if first == last:
        return not hashes and first_root == last_root
    if not 0 < first < last:
        return False
    path = [first_root, *hashes] if first & (first - 1) == 0 else list(hashes)
    return bool(path) and _roots(first - 1, last - 1, path) == (first_root, last_root)


def _roots(low: int, high: int, path: list[bytes]) -> tuple[bytes, bytes] | None:
    """The roots to which a path leads from the nodes `low` and `high`; None where it is too long or too short."""
    low, high = _up(low, high)
    old = new = path[0]
    for one in path[1:]:
        if high == 0:
            return None
        if low & 1 or low == high:
            old, new = _node(one, old), _node(one, new)
            if low and not low & 1:
                shift = (low & -low).bit_length() - 1
                low, high = low >> shift, high >> shift
        else:
            new = _node(new, one)
        low, high = low >> 1, high >> 1
    return None if high else (old, new)


def _up(low: int, high: int) -> tuple[int, int]:
    """Both nodes as far up as the lower one is a right child."""
    while low & 1:
        low, high = low >> 1, high >> 1
    return low, high


def _fault(message: str) -> RefusedError:
    return RefusedError("log-invalid", message, step="log-consistency")


def check_consistency(client: Client, service: Service, entry: LogEntry, log: Log) -> str:
    """Show that the log's present state continues that of the entry's checkpoint; what was shown, in words.

    Raises RefusedError: `log-invalid` where the log contradicts itself, `log-missing` (unknown) where it cannot be
    asked or the entry has no checkpoint to compare with.
    """
    if entry.proof is None:
        raise _open("the entry has no checkpoint to compare the log's present state with")
    old = parse_checkpoint(entry.proof.checkpoint)
    tree = old.origin.rpartition(" - ")[2]
    try:
        state = state_of(client, service, tree)
        new = parse_checkpoint(state.checkpoint)
        if new.origin != old.origin or new.size != state.size or not signed_by(new, log):
            raise _fault("the log's present state is not signed by the log, or is that of another")
        if new.size < old.size:
            raise _fault(f"the log had {old.size} entries and now says that it has {new.size}: it lost some")
        hashes = () if new.size == old.size else consistency_hashes(client, service, tree, old.size, new.size)
    except SlsacheckError as error:
        raise _open(f"the log's present state could not be asked for: {shown(str(error))}") from error
    if not continues(old.size, old.root, new.size, new.root, hashes):
        raise _fault("the log's present state does not continue the one in which the entry was: it was rewritten")
    return f"the log grew from {old.size} to {new.size} entries and kept those that it had"


def _open(message: str) -> RefusedError:
    return RefusedError("log-missing", message, verdict="unknown", step="log-consistency")
