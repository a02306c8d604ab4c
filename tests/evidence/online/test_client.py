"""The HTTP client: whom it speaks to, how long, how much, and what it never tells."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from typing import Any

import pytest

from slsacheck.errors import Absent, Unavailable, UsageError
from slsacheck.evidence.online.client import Client
from slsacheck.evidence.online.services import Service as Known
from slsacheck.evidence.online.services import Services, services_of
from slsacheck.evidence.web import limits
from slsacheck.evidence.web.guarded import is_near, is_public
from tests.clock import CLOCK
from tests.evidence.online.service import JSON, Service, said, serving

Pauses = list[float]


@pytest.fixture
def pauses() -> Pauses:
    return []


@pytest.fixture
def client(services: Services, pauses: Pauses) -> Client:
    return Client(services, pause=pauses.append, seconds=3, max_bytes=100_000)


def test_an_answer_is_kept_as_evidence(client: Client, services: Services, service: Service) -> None:
    service.answers["/a"] = said({"b": 1})
    answer = client.get(services.npm, "/a", "something")
    assert answer.json() == {"b": 1}
    assert (answer.name, answer.url) == ("something", f"{service.url}/a")
    assert len(answer.digest) == 64
    assert client.fetched == [answer]


def test_nobody_else_is_asked(client: Client) -> None:
    with serving() as other, pytest.raises(Unavailable, match="not among the services"):
        client.get(Known("Other", other.url), "/", "x")
    assert other.seen == []


def test_what_is_not_there_is_absent(client: Client, services: Services) -> None:
    with pytest.raises(Absent):
        client.get(services.npm, "/none", "x")


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_busy_service_is_asked_again(
    client: Client, services: Services, service: Service, pauses: Pauses, status: int
) -> None:
    answers = iter([said({}, status), said({}, status), said({"at": "last"})])
    service.answers["/a"] = lambda _: next(answers)
    assert client.get(services.npm, "/a", "x").json() == {"at": "last"}
    assert pauses == [limits.FIRST_PAUSE_SECONDS, limits.FIRST_PAUSE_SECONDS * 2]


def test_a_service_that_stays_busy_is_left(client: Client, services: Services, service: Service) -> None:
    service.answers["/a"] = said({}, 503)
    with pytest.raises(Unavailable, match="status 503"):
        client.get(services.npm, "/a", "x")
    assert len(service.seen) == limits.TRIES


@pytest.mark.parametrize(
    ("wait", "slept"),
    [("2", [2.0]), ("0", [0.0]), ("tomorrow", [limits.FIRST_PAUSE_SECONDS]), ("-1", [limits.FIRST_PAUSE_SECONDS])],
)
def test_a_service_may_say_how_long_to_wait(
    client: Client, services: Services, service: Service, pauses: Pauses, wait: str, slept: Pauses
) -> None:
    answers = iter([said({}, 429, Retry_After=wait), said({})])
    service.answers["/a"] = lambda _: next(answers)
    client.get(services.npm, "/a", "x")
    assert pauses == slept


@pytest.mark.parametrize("wait", ["3600", "9" * 40, "Fri, 31 Dec 2100 23:59:59 GMT"])
def test_nobody_makes_us_wait_long(
    client: Client, services: Services, service: Service, pauses: Pauses, wait: str
) -> None:
    service.answers["/a"] = said({}, 429, Retry_After=wait)
    with pytest.raises(Unavailable, match="status 429"):
        client.get(services.npm, "/a", "x")
    assert (len(service.seen), pauses) == (1, [])


def test_other_statuses_are_not_asked_again(client: Client, services: Services, service: Service) -> None:
    service.answers["/a"] = said({}, 403, x_ratelimit_remaining="0")
    with pytest.raises(Unavailable, match="403") as caught:
        client.get(services.github, "/a", "x")
    assert len(service.seen) == 1
    assert "GH_ENTERPRISE_TOKEN" in caught.value.advice


def _endless(handler: Any) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.end_headers()
    for _ in range(100):
        handler.wfile.write(b"[" * 10_000)


def _compressed(handler: Any) -> None:
    import gzip

    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Encoding", "gzip")
    handler.end_headers()
    handler.wfile.write(gzip.compress(b" " * 50_000_000, mtime=0))


@pytest.mark.parametrize(("answer", "words"), [(_endless, "more than"), (_compressed, "compressed")])
def test_large_answers_are_refused(
    client: Client, services: Services, service: Service, answer: Callable[[Any], None], words: str
) -> None:
    service.raw["/a"] = answer
    with pytest.raises(Unavailable, match=words):
        client.get(services.npm, "/a", "x")
    assert len(service.seen) == 1


def _trickle(start: bytes, more: bytes) -> Callable[[Any], None]:
    def answer(handler: Any) -> None:
        handler.wfile.write(start)
        with contextlib.suppress(OSError):
            for _ in CLOCK.lasts():
                handler.wfile.write(more)

    return answer


SLOW = {
    "head": _trickle(b"HTTP/1.0 200 OK\r\n", b"X: y\r\n"),
    "body": _trickle(b"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n", b" "),
    "silent": _trickle(b"", b""),
}


@pytest.mark.parametrize("name", SLOW)
def test_slow_answers_are_left(client: Client, services: Services, service: Service, pauses: Pauses, name: str) -> None:
    service.raw["/a"] = SLOW[name]
    with CLOCK.leaving(), pytest.raises(Unavailable, match="in time"):
        client.get(services.npm, "/a", "x")
    assert len(pauses) == limits.TRIES - 1


def test_so_are_they_by_the_real_clock(
    services: Services, service: Service, pauses: Pauses, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("slsacheck.evidence.web.client.time", time)
    service.raw["/a"] = SLOW["silent"]
    with CLOCK.leaving(), pytest.raises(Unavailable, match="in time"):
        Client(services, pause=pauses.append, seconds=0.1).get(services.npm, "/a", "x")


@pytest.mark.parametrize("kind", ["text/html", "", "application/octet-stream", "text/json"])
def test_another_content_type_is_not_json(client: Client, services: Services, service: Service, kind: str) -> None:
    service.answers["/a"] = (200, {"Content-Type": kind} if kind else {}, b"{}")
    with pytest.raises(Unavailable, match="instead of JSON"):
        client.get(services.npm, "/a", "x")


@pytest.mark.parametrize("body", [b"{", b'{"a": 1, "a": 2}', b"\xff\xfe", b"[" * 5000 + b"]" * 5000, b"NaN", b""])
def test_broken_json_is_told(client: Client, services: Services, service: Service, body: bytes) -> None:
    service.answers["/a"] = (200, JSON, body)
    with pytest.raises(Unavailable, match="answer of"):
        client.get(services.npm, "/a", "x").json()


def test_redirects_stay_on_the_host(client: Client, services: Services, service: Service) -> None:
    service.answers["/a"] = (301, {"Location": "/b"}, b"")
    service.answers["/b"] = said({"b": 1})
    assert client.get(services.npm, "/a", "x").json() == {"b": 1}


@pytest.mark.parametrize(
    "target",
    [
        "http://169.254.169.254/latest",
        "https://evil.example/",
        "http://127.0.0.1:1/",
        "file:///etc/passwd",
        "ftp://x/",
        "//evil.example",
    ],
)
def test_redirects_elsewhere_are_refused(client: Client, services: Services, service: Service, target: str) -> None:
    service.answers["/a"] = (302, {"Location": target}, b"")
    with pytest.raises(Unavailable, match="redirects to"):
        client.get(services.npm, "/a", "x")


def test_circles_end(client: Client, services: Services, service: Service) -> None:
    service.answers["/a"] = (302, {"Location": "/a"}, b"")
    with pytest.raises(Unavailable, match="circles"):
        client.get(services.npm, "/a", "x")
    assert len(service.seen) == limits.MAX_REDIRECTS + 1


def test_a_token_goes_to_its_own_host_alone(
    services: Services, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "of-github-com")
    monkeypatch.setenv("GH_ENTERPRISE_TOKEN", "of-this-host")
    service.answers["/a"] = said({})
    client = Client(services)
    client.get(services.github, "/a", "x")
    client.get(services.npm, "/a", "x")
    assert [headers.get("Authorization") for _, _, headers in service.seen] == ["Bearer of-this-host", None]
    assert services_of().github.token() == "of-github-com"
    assert services_of(github="https://api.acme.ghe.com").github.token() == "of-github-com"
    assert services_of(github="https://ghe.com.evil.example").github.token() == "of-this-host"


def test_a_token_is_never_told(services: Services, service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GH_ENTERPRISE_TOKEN", "secret\r\nX-Evil: 1")
    with pytest.raises(UsageError) as caught:
        Client(services).get(services.github, "/a", "x")
    assert "secret" not in str(caught.value)
    monkeypatch.setenv("GH_ENTERPRISE_TOKEN", "secret")
    service.answers["/a"] = said({"message": "secret is wrong"}, 401)
    with pytest.raises(Unavailable) as refused:
        Client(services).get(services.github, "/a", "x")
    assert "secret" not in str(refused.value)


def test_passwords_of_netrc_are_not_sent(
    services: Services, service: Service, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    service.answers["/a"] = said({})
    Client(services).get(services.npm, "/a", "x")
    assert "Authorization" not in service.seen[0][2]


def test_cookies_are_not_kept(services: Services, service: Service) -> None:
    service.answers["/a"] = said({}, Set_Cookie="a=b")
    client = Client(services)
    for _ in range(2):
        client.get(services.npm, "/a", "x")
    assert "Cookie" not in service.seen[1][2]


def test_a_service_that_was_not_named_may_not_be_at_home(service: Service) -> None:
    """As where a public name is made to lead to this machine."""
    own = Known("npm", service.url)
    with pytest.raises(Unavailable, match="private address"):
        Client(Services(npm=own)).get(own, "/a", "x")
    assert service.seen == []


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "fe80::1%eth0", "::ffff:10.0.0.1", "224.0.0.1", "2002:7f00:1::", "x"])  # fmt: skip
def test_private_addresses(address: str) -> None:
    assert not is_public(address)


def test_public_addresses() -> None:
    assert is_public("140.82.112.5")
    assert is_public("2606:50c0:8000::153")


def test_a_proxy_of_the_user_is_used(services: Services, service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", service.url)
    named = services_of(npm="http://registry.example", plain_http=True)
    service.answers["http://registry.example/a"] = said({"by": "proxy"})
    assert Client(named).get(named.npm, "/a", "x").json() == {"by": "proxy"}


def test_nobody_at_home(pauses: Pauses) -> None:
    gone = services_of(npm="http://127.0.0.1:1")
    with pytest.raises(Unavailable, match="cannot be reached"):
        Client(gone, pause=pauses.append).get(gone.npm, "/a", "x")
    assert len(pauses) == limits.TRIES - 1


def test_a_certificate_that_nobody_trusts(services: Services, service: Service) -> None:
    tls = services_of(npm=service.url.replace("http:", "https:"))
    with pytest.raises(Unavailable):
        Client(tls, pause=lambda _: None).get(tls.npm, "/a", "x")


@pytest.mark.parametrize("url", ["rekor.example", "ftp://x", "https://", "https://me:pw@x.example", "http://x.example", "https://x.example?a=b", "https://x:99999"])  # fmt: skip
def test_addresses_that_are_none(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        services_of(rekor=url)
    assert "pw" not in str(caught.value)


@pytest.mark.parametrize(("address", "near"), [("10.1.2.3", True), ("127.0.0.1", True), ("169.254.169.254", False), ("fe80::1", False), ("0.0.0.0", False)])  # fmt: skip
def test_a_link_of_ones_own_is_not_near(address: str, near: bool) -> None:
    """A registry at home may send us to its neighbours, and not to where a cloud keeps the machine's secrets."""
    assert is_near(address) is near
