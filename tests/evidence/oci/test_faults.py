"""Whatever a registry answers: `scan` and `verify-image` end in time, in 0, 1, 3 or 5, with a reason and no secret."""

from __future__ import annotations

import base64
import contextlib
import gzip
import json
import socketserver
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from slsacheck.__main__ import main
from slsacheck.evidence.oci.limits import MAX_ATTACHED
from slsacheck.evidence.web import Web, limits
from tests.clock import CLOCK
from tests.evidence.oci.shop import (
    INDEX,
    MANIFEST,
    Handler,
    Registry,
    Store,
    be_silent,
    drip,
    provenance,
    query_of,
    referrers_of,
)

SECRET = "secret-word"
PAIR = base64.b64encode(f"user:{SECRET}".encode()).decode()
META = "http://169.254.169.254/latest/meta-data"
Fault = Callable[[str, Handler], bool]
MOST = 2 * MAX_ATTACHED + 40
"""Requests of one command, where thousands of things hang on an image and each is looked at twice, or on two images."""
Ask = Callable[..., tuple[int, dict[str, Any]]]
Made = Callable[[Registry, dict[str, Any]], Fault]


def every(act: Callable[[Handler], None]) -> Made:
    """The same for every request."""
    return _where("", act)


def _where(part: str, act: Callable[[Handler], None]) -> Made:
    def fault(path: str, handler: Handler) -> bool:
        if part in path:
            act(handler)
        return part in path

    return lambda _registry, _image: fault


def says(status: int, body: bytes = b"{}", kind: str = "application/json", **headers: str) -> Made:
    return every(lambda handler: handler.answer(status, body, kind, **headers))


def lists(change: Callable[[dict[str, Any]], Any] | bytes) -> Made:
    """A list of referrers whose entries, or which itself, is changed."""

    def made(registry: Registry, image: dict[str, Any]) -> Fault:
        found = referrers_of(registry.store, image["digest"])
        body = (
            change if isinstance(change, bytes) else json.dumps({"manifests": [change(one) for one in found]}).encode()
        )
        return _where("/referrers/", lambda handler: handler.answer(200, body, INDEX))(registry, image)

    return made


def challenged(realm: str, token: bytes | None = None) -> Made:
    """A token service at `realm`, or one here with that answer."""

    def made(registry: Registry, _image: dict[str, Any]) -> Fault:
        registry.auth, registry.realm = "bearer", realm or None

        def fault(path: str, handler: Handler) -> bool:
            if token is not None and path.startswith("/token"):
                handler.answer(200, token)
                return True
            return False

        return fault

    return made


def rewritten(old: bytes, new: bytes) -> Made:
    """Stored bytes that are not those of their digest."""

    def made(registry: Registry, _image: dict[str, Any]) -> Fault:
        for digest, data in registry.store.blobs.items():
            registry.store.blobs[digest] = data.replace(old, new)
        return lambda _path, _handler: False

    return made


def _raw(data: bytes) -> Callable[[Handler], None]:
    def act(handler: Handler) -> None:
        handler.close_connection = True
        handler.wfile.write(data)

    return act


def _forever(handler: Handler) -> None:
    handler.close_connection = True
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        handler.wfile.write(b"1000\r\n" + b"x" * 4096 + b"\r\n")


def _headers(handler: Handler) -> None:
    handler.close_connection = True
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    with contextlib.suppress(OSError):
        for _ in CLOCK.lasts():
            handler.wfile.write(b"X: y\r\n")


def _page(handler: Handler) -> None:
    number = int(query_of(handler.path).get("n", ["0"])[0]) + 1
    link = f'<{handler.path.partition("?")[0]}?n={number}>; rel="next"'
    handler.answer(200, b'{"manifests": []}', INDEX, Link=link)


REFUSED = {
    "401": says(401),
    "401, a scheme unheard of": says(401, WWW_Authenticate="Negotiate"),
    "401, half a challenge": says(401, WWW_Authenticate='Bearer realm="' + "x" * 9000),
    "403": says(403),
    "404": says(404),
    "418": says(418),
    "429, come back in an hour": says(429, Retry_After="3600"),
    "429, come back in years": says(429, Retry_After="Sat, 21 Nov 2099 15:00:00 GMT"),
    "429, nonsense": says(429, Retry_After="soon"),
    "500": says(500),
    "301 to nowhere": says(301),
    "redirects in a circle": every(lambda handler: handler.answer(307, b"", Location=handler.path + "x")),
    "redirect to a file": says(307, b"", Location="file:///etc/passwd"),
    "redirect to the cloud's secrets": says(307, b"", Location=META),
    "redirect to no address": says(307, b"", Location="http://[/x"),
    "HTML": says(200, b"<html>log in</html>", "text/html"),
    "a bomb": says(200, gzip.compress(b" " * 20_000_000, mtime=0), Content_Encoding="gzip"),
    "bytes without end": every(_forever),
    "headers without end": every(_headers),
    "a header of ten megabytes": every(_raw(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 10_000_000)),
    "no HTTP": every(_raw(b"\x00\xff\r\n\r\n")),
    "cut": every(_raw(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{")),
    "drips": every(drip),
    "silent": every(be_silent),
    "an index by its header": _where("/manifests/1", lambda handler: handler.answer(200, b'{"layers": []}', INDEX)),
    "another manifest": rewritten(b'"schemaVersion": 2', b'"schemaVersion":  2'),
    "a realm inside": challenged(META),
    "a realm that is no address": challenged("http://[/token"),
    "a token in HTML": challenged("", b"<html>"),
    "a token in a list": challenged("", b"[]"),
    "a token of two lines": challenged("", b'{"token": "a\\r\\nX: y"}'),
}
"""Faults that keep the image itself from being read."""
PARTLY = {
    "referrers: HTML": lists(b"<html>"),
    "referrers: one number": lists(b"1"),
    "referrers: things that are none": lists(b'{"manifests": [1, null, "x", {"digest": 5}, []]}'),
    "referrers: another size": lists(lambda one: one | {"size": one["size"] + 1}),
    "referrers: a smaller size": lists(lambda one: one | {"size": 1}),
    "referrers: another media type": lists(lambda one: one | {"mediaType": INDEX}),
    "referrers: five thousand": lists(
        json.dumps({"manifests": [{"digest": f"sha256:{n:064x}", "size": 9} for n in range(5000)]}).encode()
    ),
    "referrers: 401": _where("/referrers/", lambda handler: handler.answer(401)),
    "referrers: 500": _where("/referrers/", lambda handler: handler.answer(500)),
    "referrers: silent": _where("/referrers/", be_silent),
    "referrers: drips": _where("/referrers/", drip),
    "referrers: pages without end": _where("/referrers/", _page),
    "referrers: a page at no address": _where(
        "/referrers/", lambda handler: handler.answer(200, b'{"manifests": []}', INDEX, Link='<http://[>; rel="next"')
    ),
    "the attestation's bytes": rewritten(b"https://example.org/builder", b"https://example.org/another"),
}
"""Faults that keep what hangs on the image from being read whole."""
HARMLESS = {
    "nothing": lambda _registry, _image: lambda _path, _handler: False,
    "referrers: null": lists(b'{"manifests": null}'),
    "referrers: without media type": lists(lambda one: {"digest": one["digest"], "size": one["size"]}),
    "referrers: another artifact type": lists(lambda one: one | {"artifactType": "application/x"}),
}


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Short pauses, and servers that say nothing about connections that were left."""
    monkeypatch.setattr(limits, "FIRST_PAUSE_SECONDS", 0.05)
    monkeypatch.setattr(socketserver.BaseServer, "handle_error", lambda *_: None)


@pytest.fixture
def ask(
    store: Store,
    registry: Registry,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Ask:
    """Runs a command on an image with provenance whose registry has a fault: status and JSON."""
    image = store.image("1")
    store.attach(image, provenance(image["digest"]))
    (tmp_path / "config.json").write_text(json.dumps({"auths": {registry.host: {"auth": PAIR}}}))
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))

    def run(fault: Made, *words: str) -> tuple[int, dict[str, Any]]:
        registry.fault = fault(registry, image)
        command = [word.format(f"{registry.host}/o/r:1") for word in words]
        registry.asked.clear()
        with CLOCK.leaving():
            status = main([*command, "--plain-http"])
        assert len(registry.asked) < MOST
        out, err = capsys.readouterr()
        for text in (out, err):
            assert "Traceback" not in text
            assert SECRET not in text
            assert PAIR not in text
        return status, json.loads(out)

    return run


SCAN = ("scan", "{}", "--report", "json=-")
VERIFY = ("verify-image", "{}", "--format", "json")


@pytest.mark.parametrize("name", REFUSED)
def test_an_image_that_cannot_be_read(ask: Ask, name: str) -> None:
    status, report = ask(REFUSED[name], *SCAN)
    assert status == 5
    (subject,) = report["subjects"]
    assert report["errors"][0]["reason"]
    assert (subject["image"], subject["attachments"], subject["levels"]["build"]["proved"]) == (None, [], 0)
    status, answer = ask(REFUSED[name], *VERIFY)
    assert (status, answer["verdict"]) in {(1, "fail"), (1, "unknown")}
    assert answer["message"]
    assert answer["reason_class"]


@pytest.mark.parametrize("name", PARTLY)
def test_attachments_that_cannot_be_read(ask: Ask, name: str) -> None:
    status, report = ask(PARTLY[name], *SCAN)
    assert status == 0
    (subject,) = report["subjects"]
    assert report["errors"][0]["reason"]
    assert subject["image"]["builder"]["name"] == "unknown"
    assert not subject["lookup_complete"]
    assert {one["verified"] for one in subject["attachments"]} <= {"fail"}
    assert subject["levels"]["build"]["proved"] == 0
    status, answer = ask(PARTLY[name], *VERIFY)
    assert (status, answer["verdict"]) in {(1, "fail"), (1, "unknown")}


@pytest.mark.parametrize("name", HARMLESS)
def test_answers_that_are_odd_and_right(ask: Ask, name: str) -> None:
    status, report = ask(HARMLESS[name], *SCAN)
    (subject,) = report["subjects"]
    assert (status, report["errors"], subject["lookup_complete"]) == (0, [], True)
    expected = [] if name.endswith("null") else [("provenance", "not-signed")]
    assert [(one["kind"], one["verified"]) for one in subject["attachments"]] == expected


def test_nobody_else_gets_the_password(ask: Ask, store: Store, registry: Registry) -> None:
    """Not the storage to which a blob is redirected, and not a token service on another host over plain HTTP."""
    other = Registry(store)
    try:
        elsewhere = every(lambda handler: handler.answer(307, b"", Location=f"http://{other.host}{handler.path}"))
        registry.auth = "basic"
        status, _ = ask(lambda *given: _after_login(elsewhere(*given), "/blobs/"), *SCAN)
        assert status == 0
        assert other.asked
        status, answer = ask(challenged(f"http://{other.host}/token"), *VERIFY)
        assert (status, answer["verdict"]) == (1, "unknown")
        assert "Authorization" not in {name.title() for _, _, headers in other.asked for name in headers}
    finally:
        other.close()


def _after_login(fault: Fault, part: str) -> Fault:
    return lambda path, handler: part in path and fault(path, handler)


def test_a_busy_registry_is_waited_for(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    defaults: dict[str, object] = Web.__init__.__kwdefaults__ or {}
    monkeypatch.setattr(Web.__init__, "__kwdefaults__", defaults | {"pause": pauses.append})
    left = iter([429, 503])

    def busy(_path: str, handler: Handler) -> bool:
        status = next(left, 0)
        if status:
            handler.answer(status, b"", Retry_After="1" if status == 429 else "0")
        return bool(status)

    status, report = ask(lambda *_: busy, *SCAN)
    assert pauses == [1.0, 0.0]
    assert (status, report["errors"]) == (0, [])
    assert report["subjects"][0]["image"]["media_type"] == MANIFEST


QUICK = sorted(set(REFUSED) - {"silent", "drips", "headers without end", "500", "cut", "no HTTP", "429, nonsense"})
OTHERS = (("sbom", "{}"), ("compare", "{}", "{}@sha256:" + "0" * 64), ("compare", "--promotion", "{}", "{}"))


@pytest.mark.parametrize("words", OTHERS, ids=["sbom", "compare", "promotion"])
@pytest.mark.parametrize("name", QUICK)
def test_the_other_commands_say_why(ask: Ask, name: str, words: tuple[str, ...]) -> None:
    status, answer = ask(REFUSED[name], *words, "--format", "json")
    assert status in (3, 5)
    assert answer["errors"][0]["reason"]
    assert answer.get("verdict") is None


def test_a_promotion_among_thousands_of_referrers_ends(ask: Ask) -> None:
    """Each of which has as many again."""
    status, answer = ask(PARTLY["referrers: five thousand"], *OTHERS[2], "--format", "json")
    assert status == 1
    assert any("too much hangs" in one["reason"] for one in answer["errors"])
