"""A service on loopback that answers what a test tells it to, in the shapes of the public APIs."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.evidence.attestations.private_sigstore import Instance, b64, leaf, sign, tree_path, tree_root

Answer = tuple[int, dict[str, str], bytes]
JSON = {"Content-Type": "application/json"}


def said(document: Any, status: int = 200, **headers: str) -> Answer:
    """A JSON answer."""
    return (
        status,
        JSON | {name.replace("_", "-"): value for name, value in headers.items()},
        json.dumps(document).encode(),
    )


class Service:
    """The service: `answers` by path (with query), each an answer or a function of the body; `seen` is what was asked."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer | Callable[[bytes], Answer]] = {}
        self.raw: dict[str, Callable[[Any], None]] = {}
        self.seen: list[tuple[str, str, dict[str, str]]] = []
        self.url = ""

    def answer(self, path: str, body: bytes) -> Answer:
        found = self.answers.get(path, said({"message": "Not Found"}, 404))
        return found(body) if callable(found) else found


@contextmanager
def serving() -> Iterator[Service]:
    """A running service on a port of its own."""
    service = Service()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.0"

        def _handle(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            service.seen.append((self.command, self.path, dict(self.headers.items())))
            if self.path in service.raw:
                service.raw[self.path](self)
                return
            status, headers, content = service.answer(self.path, body)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = _handle  # noqa: N815 - the names that http.server looks for

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    service.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()


class RekorLog:
    """Rekor v1 with a tree that grows: search by hash, entries, state, consistency proofs."""

    def __init__(self, instance: Instance, service: Service) -> None:
        self._instance, self._service = instance, service
        self.leaves: list[bytes] = [leaf(b"other %d" % number) for number in range(5)]
        self.index: dict[str, list[str]] = {}
        service.answers["/api/v1/index/retrieve"] = self._search
        self.state()

    def _search(self, body: bytes) -> Answer:
        return said(self.index.get(json.loads(body)["hash"].removeprefix("sha256:"), []))

    def checkpoint(self, size: int | None = None) -> str:
        """The log's checkpoint for its first `size` leaves."""
        leaves = self.leaves[:size]
        text = f"log.example - 7\n{len(leaves)}\n{b64(tree_root(leaves))}\n"
        raw = self._instance.log_id(1)[:4] + sign(self._instance.log_key, text.encode())
        return f"{text}\n— log.example {b64(raw)}\n"

    def add(self, body: dict[str, Any], *hashes: str) -> str:
        """A new entry, found under these hashes; its id."""
        raw = json.dumps(body, sort_keys=True).encode()
        self.leaves.append(leaf(raw))
        uuid = f"{7:016x}{leaf(raw).hex()}"
        index = len(self.leaves) - 1
        answer = {uuid: {
            "body": b64(raw), "integratedTime": int(self._time()), "logID": self._instance.log_id(1).hex(),
            "logIndex": index, "attestation": {},
            "verification": {
                "signedEntryTimestamp": b64(self._instance.promise(raw, index)),
                "inclusionProof": {
                    "logIndex": index, "treeSize": len(self.leaves), "rootHash": tree_root(self.leaves).hex(),
                    "hashes": [one.hex() for one in tree_path(index, self.leaves)], "checkpoint": self.checkpoint(),
                },
            },
        }}  # fmt: skip
        self._service.answers[f"/api/v1/log/entries/{uuid}"] = said(answer)
        self._service.answers[f"/api/v1/log/entries?logIndex={index}"] = said(answer)
        for one in hashes:
            self.index.setdefault(one, []).append(uuid)
        self.state()
        return uuid

    def _time(self) -> float:
        from tests.evidence.attestations.private_sigstore import NOW

        return NOW.timestamp()

    def state(self) -> None:
        """Publish the state as it is now, with a consistency proof from every earlier one."""
        document = {
            "rootHash": tree_root(self.leaves).hex(), "treeSize": len(self.leaves), "treeID": "7",
            "signedTreeHead": self.checkpoint(), "inactiveShards": [],
        }  # fmt: skip
        self._service.answers["/api/v1/log"] = said(document)
        last = len(self.leaves)
        for first in range(1, last):
            path = f"/api/v1/log/proof?firstSize={first}&lastSize={last}&treeID=7"
            hashes = [one.hex() for one in consistency(first, self.leaves)]
            self._service.answers[path] = said({"rootHash": tree_root(self.leaves).hex(), "hashes": hashes})


def consistency(first: int, leaves: list[bytes], *, whole: bool = True) -> list[bytes]:
    """The consistency proof of RFC 6962, 2.1.2, written on its own."""
    if first == len(leaves):
        return [] if whole else [tree_root(leaves)]
    split = 1 << ((len(leaves) - 1).bit_length() - 1)
    if first <= split:
        return [*consistency(first, leaves[:split], whole=whole), tree_root(leaves[split:])]
    return [*consistency(first - split, leaves[split:], whole=False), tree_root(leaves[:split])]


def payload_hash(envelope: dict[str, Any]) -> str:
    return hashlib.sha256(base64.b64decode(envelope["payload"])).hexdigest()


def github(*bundles: Any) -> Any:
    """GitHub's answer (`list-attestations`)."""
    return said({"attestations": [
        {"bundle": one, "repository_id": 1, "bundle_url": "https://tmaproduction.example/x.json.sn", "initiator": "user"}
        for one in bundles
    ]})  # fmt: skip
