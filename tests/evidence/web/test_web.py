"""The one HTTP client, where registries and services do not test it already: sinks, tries, budgets, reach."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from slsacheck.errors import InputError, Unavailable
from slsacheck.evidence.web import Asked, Lost, Patience, PerTry, Reach, Web, guarded, limits
from tests.evidence.online.service import said, serving
from tests.evidence.web.tls import speak_tls

Pauses = list[float]


@pytest.fixture
def pauses() -> Pauses:
    return []


@pytest.fixture
def web(pauses: Pauses) -> Web:
    return Web(PerTry(3), pause=pauses.append)


def asked(url: str, limit: int = 100_000, **more: Any) -> Asked:
    return Asked(url, limit, reach=Reach.ANY, **more)


def test_a_cut_answer_is_asked_again_and_the_sink_begins_anew(web: Web, pauses: Pauses) -> None:
    with serving() as service:
        tries: list[int] = []

        def cut_once(handler: Any) -> None:
            tries.append(1)
            handler.send_response(200)
            handler.send_header("Content-Length", "10")
            handler.end_headers()
            handler.wfile.write(b"01234" if len(tries) == 1 else b"0123456789")
            handler.close_connection = True

        service.raw["/a"] = cut_once
        sink = io.BytesIO()
        reply = web.get(asked(f"{service.url}/a", sink=sink))
    assert (reply.status, reply.body, sink.getvalue()) == (200, b"", b"0123456789")
    assert (len(tries), pauses) == (2, [limits.FIRST_PAUSE_SECONDS])
    assert web.requests == 2


def test_what_is_refused_does_not_go_into_the_sink(web: Web) -> None:
    with serving() as service:
        service.answers["/a"] = said({"no": 1}, 403)
        sink = io.BytesIO()
        reply = web.get(asked(f"{service.url}/a", sink=sink))
    assert (reply.status, sink.getvalue()) == (403, b"")
    assert reply.body


@pytest.mark.parametrize("status", [307, 401, 404])
def test_a_refusal_may_be_longer_than_what_was_asked_for(web: Web, status: int) -> None:
    """An error's page is no larger thing than a descriptor promised; it is read, so that the connection lives on."""
    with serving() as service:
        service.answers["/a"] = (status, {}, b"x" * 1000)
        service.answers["/b"] = (status, {}, b"x" * (limits.MAX_REFUSAL + 1))
        assert web.get(asked(f"{service.url}/a", limit=2)).status == status
        with pytest.raises(InputError, match=f"the {limits.MAX_REFUSAL} bytes that belong"):
            web.get(asked(f"{service.url}/b", limit=2))


def test_the_limit_holds_for_a_sink_too(web: Web) -> None:
    with serving() as service:
        service.answers["/a"] = (200, {}, b"x" * 200_000)
        sink = io.BytesIO()
        with pytest.raises(InputError, match="bytes"):
            web.get(asked(f"{service.url}/a", sink=sink))
    assert len(sink.getvalue()) <= 100_000


def test_redirects_are_left_to_the_caller(web: Web) -> None:
    with serving() as service:
        service.answers["/a"] = (302, {"Location": "/b"}, b"")
        assert web.get(asked(f"{service.url}/a")).status == 302


@pytest.mark.parametrize("reach", [Reach.PUBLIC, Reach.NEAR])
def test_where_somebody_may_be(web: Web, reach: Reach) -> None:
    with serving() as service:
        service.answers["/a"] = said({})
        question = Asked(f"{service.url}/a", 1000, reach=reach)
        if reach is Reach.NEAR:
            assert web.get(question).status == 200
        else:
            with pytest.raises(InputError, match="private address"):
                web.get(question)
            assert service.seen == []


def test_nobody_there(pauses: Pauses) -> None:
    web = Web(PerTry(3), pause=pauses.append)
    with pytest.raises(Lost):
        web.get(asked("http://127.0.0.1:1/"))
    assert len(pauses) == limits.TRIES - 1


def test_patience_is_for_all_requests_together() -> None:
    patience = Patience()
    before = patience.left(0)
    patience.spend(limits.PROMPT)
    assert patience.left(0) == before
    patience.spend(limits.PROMPT + 3)
    assert patience.left(0) == pytest.approx(before - 3)
    assert patience.left(10 * limits.SLOWEST) == pytest.approx(before + 7)
    for _ in range(200):
        patience.spend(limits.PROMPT)
    assert patience.left(0) < 0


def test_a_proxy_of_the_user_is_asked_for_registries_too(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving() as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        proxy.answers["http://registry.example/v2/"] = said({"by": "proxy"})
        assert web.get(asked("http://registry.example/v2/")).body == b'{"by": "proxy"}'


class Quiet(BaseHTTPRequestHandler):
    def log_message(self, *args: Any) -> None:
        """Says nothing."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"hello")


def test_an_authority_of_the_user_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Quiet)
    certificate = speak_tls(server, tmp_path)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    url = f"https://127.0.0.1:{server.server_port}/"
    try:
        with pytest.raises(Unavailable, match="TLS certificate") as caught:
            Web(PerTry(3), pause=lambda _: None).get(asked(url))
        assert not isinstance(caught.value, Lost)
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
        assert Web(PerTry(3)).get(asked(url)).body == b"hello"
    finally:
        server.shutdown()
        server.server_close()


def test_nobody_takes_a_connection_whose_guard_is_not_there_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    shared: dict[Reach, Any] = {}
    taken: list[str] = []

    def meanwhile(url: str) -> None:
        with pytest.raises(InputError, match="private address"):
            Web(PerTry(3), sessions=shared).get(Asked(url, 100))
        taken.append(url)

    with serving() as service:
        plain = guarded.GuardedAdapter.__init__

        def while_it_is_made(adapter: guarded.GuardedAdapter, allowed: Callable[[str], bool]) -> None:
            monkeypatch.setattr(guarded.GuardedAdapter, "__init__", plain)
            other = threading.Thread(target=meanwhile, args=(service.url,))
            other.start()
            other.join()
            plain(adapter, allowed)

        monkeypatch.setattr(guarded.GuardedAdapter, "__init__", while_it_is_made)
        meanwhile(service.url)
        assert (taken, service.seen) == ([service.url] * 2, [])
