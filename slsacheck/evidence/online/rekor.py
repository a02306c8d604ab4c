"""Rekor v1 over its API: search by hash, entries by id or index, and consistency with the log's present state.

https://github.com/sigstore/rekor/blob/main/openapi.yaml
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from slsacheck.errors import Absent, Unavailable
from slsacheck.evidence.attestations.jsondoc import Document, as_int, as_list, as_map, as_text
from slsacheck.evidence.attestations.logentry import api_entries, is_api_answer
from slsacheck.evidence.attestations.rekor import binds
from slsacheck.evidence.attestations.steps import RefusedError, shown
from slsacheck.evidence.online import limits
from slsacheck.record import record

if TYPE_CHECKING:
    from slsacheck.evidence.attestations.envelope import Attestation, LogEntry
    from slsacheck.evidence.online.client import Client, Fetched
    from slsacheck.evidence.online.services import Service

__all__ = ["Found", "State", "consistency_hashes", "entry_by_index", "entry_by_uuid", "entry_of", "search", "state_of"]

_UUID = re.compile(r"(?:[0-9a-f]{16})?[0-9a-f]{64}", re.ASCII)
"""The hash of the entry, with the number of its tree before it where the log has several."""

_HASH = 64


@record
class Found:
    """An entry as the log answered it: its id, the answer itself, and the entry in it."""

    uuid: str
    answer: Fetched
    entry: LogEntry


@record
class State:
    """A state of one tree of a log: its size and checkpoint, as the log says."""

    tree: str
    size: int
    checkpoint: str


def is_uuid(text: str) -> bool:
    """Whether this is the id of an entry."""
    return _UUID.fullmatch(text) is not None


def search(client: Client, service: Service, sha256: str) -> tuple[str, ...]:
    """Ids of the entries that speak of a hash (of an artifact, a payload, or a certificate), as many as are looked at.

    Raises Unavailable where the index cannot be asked or answers something else.
    """
    answer = client.post(service, "/api/v1/index/retrieve", f"log search {sha256[:12]}", {"hash": f"sha256:{sha256}"})
    values = answer.json()
    if not isinstance(values, list) or not all(isinstance(one, str) and is_uuid(one) for one in values):
        raise Unavailable("the log's search answers something else than ids of entries", where=shown(answer.url))
    return tuple(dict.fromkeys(values))[: limits.MAX_ENTRIES]


def entry_by_uuid(client: Client, service: Service, uuid: str) -> Found:
    """The entry of that id. Raises Absent, or Unavailable where the log answers another entry or none."""
    answer = client.get(service, f"/api/v1/log/entries/{quote(uuid, safe='')}", f"log entry {uuid[-_HASH:][:12]}")
    found = _entry(answer)
    if found.uuid[-_HASH:] != uuid[-_HASH:]:
        raise Unavailable("the log answers another entry than the one that was asked for", where=shown(answer.url))
    return found


def entry_by_index(client: Client, service: Service, index: int) -> Found:
    """The entry at that index. Raises Absent, or Unavailable where the log answers another entry or none."""
    answer = client.get(service, f"/api/v1/log/entries?logIndex={index}", f"log entry {index}")
    found = _entry(answer)
    if found.entry.index != index:
        raise Unavailable("the log answers another entry than the one that was asked for", where=shown(answer.url))
    return found


def _entry(answer: Fetched) -> Found:
    document = as_map(answer.json())
    if len(document) != 1 or not is_api_answer(document):
        raise Unavailable("the log's answer holds no entry", where=shown(answer.url))
    try:
        (entry,) = api_entries(document)
    except RefusedError as error:
        raise Unavailable(f"the log's answer cannot be read: {error.message}", where=shown(answer.url)) from error
    return Found((entry.uuid or "").lower(), answer, entry)


def is_bare(attestation: Attestation) -> bool:
    """Whether it is an envelope whose log entry may be looked up: by a certificate, and without an entry of its own."""
    signed = any(one.certificate is not None for one in attestation.signatures) or bool(attestation.certificates)
    return not attestation.entries and attestation.raw is not None and signed


def entry_of(client: Client, service: Service, attestation: Attestation) -> Found:
    """The log's entry of this very envelope, searched by its payload. Raises Absent or Unavailable."""
    uuids = search(client, service, hashlib.sha256(attestation.payload).hexdigest())
    failures = []
    for uuid in uuids:
        try:
            found = entry_by_uuid(client, service, uuid)
        except (Absent, Unavailable) as error:
            failures.append(str(error))
            continue
        if binds(found.entry, attestation):
            return found
    if failures:
        raise Unavailable(f"{len(failures)} of {len(uuids)} entries could not be had: {failures[0]}")
    raise Absent(
        f"{service.name} has {len(uuids)} entries about this payload, none of this signature", where=service.url
    )


def state_of(client: Client, service: Service, tree: str) -> State:
    """The present state of the tree whose number a checkpoint's origin names; the log's inactive trees included."""
    answer = client.get(service, "/api/v1/log", "state of the log")
    document = as_map(answer.json())
    shards: list[Document] = [document, *(as_map(one) for one in as_list(document.get("inactiveShards")))]
    for shard in shards:
        if as_text(shard.get("treeID")) == tree:
            size, checkpoint = as_int(shard.get("treeSize")), as_text(shard.get("signedTreeHead"))
            if size and checkpoint:
                return State(tree, size, checkpoint)
    raise Unavailable("the log does not tell the state of the entry's tree", where=shown(answer.url))


def consistency_hashes(client: Client, service: Service, tree: str, first: int, last: int) -> tuple[bytes, ...]:
    """The hashes that show that the tree of `last` leaves continues the one of `first` leaves (RFC 6962, 2.1.2)."""
    path = f"/api/v1/log/proof?firstSize={first}&lastSize={last}&treeID={quote(tree, safe='')}"
    answer = client.get(service, path, f"consistency of the log from {first} to {last}")
    values = as_list(as_map(answer.json()).get("hashes"))
    try:
        hashes = tuple(bytes.fromhex(as_text(one)) for one in values)
    except ValueError as error:
        raise Unavailable("the log's proof is not hexadecimal", where=shown(answer.url)) from error
    if len(hashes) > 2 * _HASH or any(len(one) != 32 for one in hashes):  # noqa: PLR2004 - SHA-256
        raise Unavailable("the log's proof holds something else than hashes", where=shown(answer.url))
    return hashes
