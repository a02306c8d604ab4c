"""Images made by hand, and a small registry on loopback that serves them, well or badly."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.clock import CLOCK

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
EMPTY = "application/vnd.oci.empty.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
INTOTO = "application/vnd.in-toto+json"
BUILDER = "https://example.org/builder"


def digest_of(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def provenance(digest: str, builder: str = BUILDER) -> bytes:
    """A complete but unsigned provenance of a digest."""
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "x", "digest": {"sha256": digest.partition(":")[2]}}],
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {
            "buildDefinition": {
                "buildType": "https://example.org/b",
                "externalParameters": {},
                "resolvedDependencies": [{"uri": "git+https://github.com/o/r", "digest": {"gitCommit": "a" * 40}}],
            },
            "runDetails": {"builder": {"id": builder}},
        },
    }
    return json.dumps(statement).encode()


class Store:
    """Blobs, manifests and tags, as a layout or a registry holds them."""

    def __init__(self) -> None:
        self.blobs: dict[str, bytes] = {}
        self.manifests: dict[str, str] = {}
        self.tags: dict[str, str] = {}

    def blob(self, data: bytes) -> str:
        self.blobs[digest_of(data)] = data
        return digest_of(data)

    def descriptor(self, digest: str, media_type: str, **more: Any) -> dict[str, Any]:
        return {"mediaType": media_type, "digest": digest, "size": len(self.blobs[digest]), **more}

    def put(self, document: dict[str, Any], tag: str | None = None) -> dict[str, Any]:
        """Stores a manifest; its descriptor."""
        digest = self.blob(json.dumps(document).encode())
        self.manifests[digest] = str(document.get("mediaType", MANIFEST))
        if tag is not None:
            self.tags[tag] = digest
        return self.descriptor(digest, self.manifests[digest])

    def image(self, tag: str | None = None, config: dict[str, Any] | None = None, text: str = "x") -> dict[str, Any]:
        """Stores an image of one small layer; its descriptor."""
        known = {"os": "linux", "architecture": "amd64", "created": "1970-01-01T00:00:00Z", "x": text}
        settings = self.blob(json.dumps(known | (config or {})).encode())
        layer = self.blob(f"layer of {text}".encode())
        document = {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": self.descriptor(settings, CONFIG),
            "layers": [self.descriptor(layer, LAYER)],
        }
        return self.put(document, tag)

    def index(self, children: list[dict[str, Any]], tag: str | None = None) -> dict[str, Any]:
        return self.put({"schemaVersion": 2, "mediaType": INDEX, "manifests": children}, tag)

    def attach(self, subject: dict[str, Any] | None, data: bytes, kind: str = INTOTO, **more: Any) -> dict[str, Any]:
        """Stores a manifest with one attached layer; its descriptor."""
        empty = self.descriptor(self.blob(b"{}"), EMPTY)
        document: dict[str, Any] = {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "artifactType": kind,
            "config": empty,
            "layers": [self.descriptor(self.blob(data), kind)],
        }
        if subject is not None:
            document["subject"] = {name: subject[name] for name in ("mediaType", "digest", "size")}
        return self.put(document | more)

    def write(self, folder: Path, *entries: dict[str, Any]) -> Path:
        """Writes a layout whose index has these descriptors."""
        (folder / "blobs" / "sha256").mkdir(parents=True)
        (folder / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
        (folder / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": list(entries)}))
        for digest, data in self.blobs.items():
            (folder / "blobs" / "sha256" / digest.partition(":")[2]).write_bytes(data)
        return folder


def referrers_of(store: Store, digest: str) -> list[dict[str, Any]]:
    found = []
    for name, kind in store.manifests.items():
        subject = json.loads(store.blobs[name]).get("subject")
        if subject and subject["digest"] == digest:
            found.append(store.descriptor(name, kind))
    return found


class Registry:
    """A registry on loopback. `referrers` False: without the list. `fault(path, handler)` may answer before it."""

    def __init__(self, store: Store, *, referrers: bool = True) -> None:
        self.store = store
        self.referrers = referrers
        self.auth: str | None = None
        self.realm: str | None = None
        self.asked: list[tuple[str, str, dict[str, str]]] = []
        self.sent = 0
        self.fault: Callable[[str, Handler], bool] = lambda _path, _handler: False
        owner = self

        class Bound(Handler):
            registry = owner

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Bound)
        self.server.daemon_threads = True
        self.host = f"127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def paths(self) -> list[str]:
        return [path for _, path, _ in self.asked]


class Handler(BaseHTTPRequestHandler):
    registry: Registry
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else each answer waits 40 ms for an acknowledgement of its headers

    def log_message(self, *args: Any) -> None:
        """Says nothing."""

    def answer(self, status: int, body: bytes = b"{}", kind: str = "application/json", **headers: str) -> None:
        self.registry.sent += len(body)
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.registry.asked.append(("POST", self.path, dict(self.headers) | {"body": body.decode()}))
        self.answer(200, b'{"access_token": "token-from-refresh"}')

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        registry = self.registry
        registry.asked.append((self.command, self.path, dict(self.headers)))
        if registry.fault(self.path, self):
            return
        path = urlsplit(self.path).path
        if path == "/token":
            self.answer(200, json.dumps({"token": "anonymous-token"}).encode())
        elif not self._welcome():
            realm = registry.realm or f"http://{registry.host}/token"
            kind = f'Bearer realm="{realm}",service="s"' if registry.auth == "bearer" else 'Basic realm="x"'
            self.answer(401, WWW_Authenticate=kind)
        else:
            self._serve(path)

    def _welcome(self) -> bool:
        sent = self.headers.get("Authorization", "")
        basic = "Basic " + base64.b64encode(b"user:secret-word").decode()
        wanted = {"bearer": ("Bearer anonymous-token", "Bearer token-from-refresh"), "basic": (basic,)}
        return self.registry.auth is None or sent in wanted[self.registry.auth]

    def _serve(self, path: str) -> None:
        store = self.registry.store
        if path == "/v2/":
            self.answer(200)
            return
        parts = path.split("/")
        kind, name = parts[-2], parts[-1]
        if kind == "referrers" and self.registry.referrers:
            found = {"schemaVersion": 2, "mediaType": INDEX, "manifests": referrers_of(store, name)}
            self.answer(200, json.dumps(found).encode(), INDEX)
            return
        digest = store.tags.get(name, name)
        known = store.manifests if kind == "manifests" else store.blobs
        if kind not in ("manifests", "blobs") or digest not in known:
            self.answer(404, b'{"errors": [{"code": "NOT_FOUND"}]}')
            return
        media = store.manifests[digest] if kind == "manifests" else "application/octet-stream"
        self.answer(200, store.blobs[digest], media, Docker_Content_Digest=digest)


def query_of(path: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(path).query)


def drip(handler: Handler, size: int = 100_000) -> None:
    """Answers with a byte a second of so many, until the client leaves."""
    handler.send_response(200)
    handler.send_header("Content-Length", str(size))
    handler.end_headers()
    handler.close_connection = True
    with contextlib.suppress(OSError):
        for _ in CLOCK.lasts():
            handler.wfile.write(b" ")


def be_silent(handler: Handler) -> None:
    """Answers nothing, until the client leaves."""
    handler.close_connection = True
    for _ in CLOCK.lasts():
        pass
