"""Registries on loopback: with and without the list of referrers, with logins, and with every kind of fault."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from slsacheck.errors import InputError, Unavailable
from slsacheck.evidence.oci import Access, open_image
from slsacheck.evidence.oci.credentials import find
from slsacheck.evidence.oci.names import reference_of
from slsacheck.evidence.oci.registry import RegistrySource
from slsacheck.evidence.web import limits
from tests.clock import CLOCK
from tests.evidence.oci.conftest import Look
from tests.evidence.oci.shop import INDEX, Handler, Registry, Store, drip, provenance, query_of

SECRET = "secret-word"


@pytest.fixture
def other(store: Store) -> Iterator[Registry]:
    found = Registry(store)
    yield found
    found.close()


def released(store: Store) -> tuple[dict[str, Any], dict[str, Any]]:
    """An image tagged 1 with provenance as referrer."""
    image = store.image("1")
    return image, store.attach(image, provenance(image["digest"]))


def log_in(folder: Path, host: str, **entry: str) -> None:
    """Writes the credential file of docker."""
    (folder / ".docker").mkdir(exist_ok=True)
    entry = entry or {"auth": base64.b64encode(f"user:{SECRET}".encode()).decode()}
    (folder / ".docker" / "config.json").write_text(json.dumps({"auths": {host: entry}}))


@pytest.mark.parametrize("referrers", [True, False])
def test_attachments_of_a_registry(store: Store, registry: Registry, look: Look, *, referrers: bool) -> None:
    image, statement = released(store)
    registry.referrers = referrers
    if not referrers:
        store.index([statement], image["digest"].replace(":", "-"))
    (artifact,), problems = look(f"{registry.host}/o/r:1")
    assert problems == ""
    assert [one.found_by for one in artifact.attachments] == ["referrers" if referrers else "fallback-tag"]
    assert [one.expectations for one in artifact.verifications] == ["pass"]
    assert artifact.lookup_complete
    assert artifact.channel == registry.host
    assert artifact.digests == (("sha256", image["digest"][7:]),)
    assert len(registry.asked) <= 10


def test_a_lookup_that_finds_nothing_is_whole_only_where_everything_answered(
    store: Store, registry: Registry, look: Look
) -> None:
    store.image("1")
    (artifact,), _ = look(f"{registry.host}/o/r:1")
    assert artifact.lookup_complete

    def broken(path: str, handler: Handler) -> bool:
        if path.endswith(".att"):
            handler.answer(403)
        return path.endswith(".att")

    registry.fault = broken
    (artifact,), problems = look(f"{registry.host}/o/r:1")
    assert not artifact.lookup_complete
    assert "may not be read" in problems


@pytest.mark.parametrize("kind", ["basic", "bearer"])
def test_logins(
    store: Store, registry: Registry, look: Look, tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    released(store)
    registry.auth = kind
    if kind == "basic":
        (unread,), problems = look(f"{registry.host}/o/r:1")
        assert "wants to know who asks" in problems
        assert unread.digests == ()
    log_in(tmp_path, registry.host)
    monkeypatch.setenv("HOME", str(tmp_path))
    (artifact,), problems = look(f"{registry.host}/o/r:1") if kind == "bearer" else _again(registry, tmp_path)
    assert problems == ""
    assert len(artifact.attachments) == 1


def _again(registry: Registry, home: Path) -> tuple[tuple[Any, ...], str]:
    source = open_image(f"{registry.host}/o/r:1", Access(plain_http=True, environment={"HOME": str(home)}))
    found = source.attached(source.image().digest)
    return (type("Seen", (), {"attachments": found.found}),), "".join(reason for _, reason in found.problems)


def source_of(registry: Registry, home: Path, tag: str = "1") -> RegistrySource:
    reference = reference_of(f"{registry.host}/o/r:{tag}")
    return RegistrySource(reference, plain_http=True, environment={"HOME": str(home)})


def test_an_identity_token_is_exchanged(store: Store, registry: Registry, tmp_path: Path) -> None:
    released(store)
    registry.auth = "bearer"
    log_in(tmp_path, registry.host, identitytoken="refresh-me")
    assert source_of(registry, tmp_path).image().digest == store.tags["1"]
    (post,) = [headers for method, _, headers in registry.asked if method == "POST"]
    assert "refresh-me" in post["body"]


def test_a_password_goes_to_no_other_host(store: Store, registry: Registry, other: Registry, tmp_path: Path) -> None:
    released(store)
    registry.auth, registry.realm = "bearer", f"http://{other.host}/token"
    log_in(tmp_path, registry.host)
    with pytest.raises(InputError, match="over plain HTTP") as caught:
        source_of(registry, tmp_path).image()
    assert SECRET not in str(caught.value)
    assert other.asked == []


def test_an_anonymous_token_may_come_from_elsewhere(
    store: Store, registry: Registry, other: Registry, tmp_path: Path
) -> None:
    released(store)
    registry.auth, registry.realm = "bearer", f"http://{other.host}/token"
    assert source_of(registry, tmp_path).image().digest == store.tags["1"]
    assert query_of(other.paths()[0])["scope"] == ["repository:o/r:pull"]
    assert all("Authorization" not in headers for _, _, headers in other.asked)


@pytest.mark.parametrize("realm", ["file:///etc/passwd", "http://user:x@127.0.0.1/token", "", "https://"])
def test_realms_that_are_none(store: Store, registry: Registry, tmp_path: Path, realm: str) -> None:
    released(store)
    registry.auth, registry.realm = "bearer", realm or "/token"
    with pytest.raises(InputError, match="no plain web address"):
        source_of(registry, tmp_path).image()


def test_a_private_address_is_not_asked_for_a_public_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    from slsacheck.evidence.oci import http
    from slsacheck.evidence.web.addresses import is_private

    transport = http.Transport("https://registry.example.test")
    monkeypatch.setattr(http, "is_private", lambda host: host.startswith("169.254."))
    with pytest.raises(InputError, match="private address"):
        transport.reachable("https://169.254.169.254/latest/meta-data")
    with pytest.raises(InputError, match="plain HTTP"):
        transport.reachable("http://registry.example.test/x")
    assert not is_private("registry.example.test:443")


def test_a_redirect_is_followed_without_authorization(
    store: Store, registry: Registry, other: Registry, tmp_path: Path
) -> None:
    image, _ = released(store)
    registry.auth = "basic"
    log_in(tmp_path, registry.host)

    def elsewhere(path: str, handler: Handler) -> bool:
        if "/blobs/" in path:
            handler.answer(307, b"", Location=f"http://{other.host}{path}")
        return "/blobs/" in path

    registry.fault = elsewhere
    source = source_of(registry, tmp_path)
    config = source.image().config
    assert config is not None
    assert source.blob(config, 1 << 20) == store.blobs[config.digest]
    assert all("Authorization" not in headers for _, _, headers in other.asked)
    assert any("Authorization" in headers for _, _, headers in registry.asked)
    assert image["digest"] == source.image().digest


@pytest.mark.parametrize(
    ("target", "reason"),
    [("/loop", "redirects more than"), ("file:///etc/passwd", "no plain web"), ("gopher://x/", "no plain web")],
)
def test_redirects_that_lead_nowhere(registry: Registry, tmp_path: Path, target: str, reason: str) -> None:
    def away(_path: str, handler: Handler) -> bool:
        handler.answer(302, b"", Location=target)
        return True

    registry.fault = away
    with pytest.raises(InputError, match=reason):
        source_of(registry, tmp_path).image()


def test_a_busy_registry_is_asked_again(store: Store, registry: Registry, tmp_path: Path) -> None:
    released(store)
    answers = iter([(429, {"Retry_After": "0"}), (503, {})])

    def busy(_path: str, handler: Handler) -> bool:
        status, headers = next(answers, (0, {}))
        if status:
            handler.answer(status, b"", **headers)
        return bool(status)

    registry.fault = busy
    assert source_of(registry, tmp_path).image().digest == store.tags["1"]


@pytest.mark.parametrize(
    ("status", "reason", "asked"),
    [(500, "status 500", limits.TRIES), (429, "status 429", 1), (401, "take|know", 1), (403, "not be", 1)],
)
def test_refusals(registry: Registry, tmp_path: Path, status: int, reason: str, asked: int) -> None:
    def refuse(_path: str, handler: Handler) -> bool:
        headers = {"Retry_After": "3600"} if status == 429 else {}
        handler.answer(status, b"{}", **headers)
        return True

    registry.fault = refuse
    with pytest.raises(Unavailable, match=reason):
        source_of(registry, tmp_path).image()
    assert len(registry.asked) == asked


def _cut(handler: Handler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b"{")
    handler.close_connection = True


def _squashed(handler: Handler) -> None:
    handler.answer(200, b"\x1f\x8b" + b"\0" * 100, Content_Encoding="gzip")


def _huge(handler: Handler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", str(1 << 40))
    handler.end_headers()


def _lie(handler: Handler) -> None:
    handler.answer(200, b"{}", INDEX, Docker_Content_Digest="sha256:" + "0" * 64)


@pytest.mark.parametrize("fault", [_cut, _squashed, _huge, _lie])
def test_broken_answers(registry: Registry, tmp_path: Path, fault: Any) -> None:
    def answer(_path: str, handler: Handler) -> bool:
        fault(handler)
        return True

    registry.fault = answer
    with pytest.raises((InputError, Unavailable)) as caught:
        source_of(registry, tmp_path).image()
    assert registry.host in str(caught.value)


def test_a_registry_that_drips_is_left(registry: Registry, tmp_path: Path) -> None:
    def slow(_path: str, handler: Handler) -> bool:
        drip(handler)
        return True

    registry.fault = slow
    with CLOCK.leaving(), pytest.raises(Unavailable, match=r"in time|too slow"):
        source_of(registry, tmp_path).image()


def pages(store: Store, image: dict[str, Any], following: str) -> Any:
    """A list of referrers whose every page has another, at `following`."""

    def endless(path: str, handler: Handler) -> bool:
        if "/referrers/" in path:
            number = int(query_of(path).get("n", ["0"])[0]) + 1
            link = f'<{following.format(n=number, path=path.partition("?")[0])}>; rel="next"'
            handler.answer(200, b'{"schemaVersion": 2, "manifests": null}', INDEX, Link=link)
        return "/referrers/" in path

    return endless


@pytest.mark.parametrize(
    ("following", "reason"),
    [("{path}?n={n}", "without end"), ("http://127.0.0.2{path}", "elsewhere"), ("/v2/other?n={n}", "elsewhere")],
)
def test_endless_pages_and_those_elsewhere(
    store: Store, registry: Registry, look: Look, following: str, reason: str
) -> None:
    image, _ = released(store)
    registry.fault = pages(store, image, following)
    (artifact,), problems = look(f"{registry.host}/o/r:1")
    assert reason in problems
    assert artifact.attachments == ()
    assert not artifact.lookup_complete


def test_referrers_of_another_image_and_null(store: Store, registry: Registry, look: Look) -> None:
    _, _ = released(store)
    other = store.image(text="other")
    moved = store.attach(other, provenance(other["digest"]))
    listed: dict[str, Any] = {"schemaVersion": 2, "manifests": [moved]}

    def lists(path: str, handler: Handler) -> bool:
        if "/referrers/" in path:
            handler.answer(200, json.dumps(listed).encode(), INDEX)
        return "/referrers/" in path

    registry.fault = lists
    (artifact,), problems = look(f"{registry.host}/o/r:1")
    assert "but its subject is" in problems
    assert artifact.verifications == ()
    listed["manifests"] = None
    (artifact,), problems = look(f"{registry.host}/o/r:1")
    assert (problems, artifact.attachments, artifact.lookup_complete) == ("", (), True)


@pytest.mark.parametrize("text", ["name:tag", "owner/name", "host.test/Name", "a.b/c@sha256:12", "a.b/c:" + "t" * 129])
def test_references_that_are_none(text: str) -> None:
    with pytest.raises(InputError):
        reference_of(text)


def test_nobody_is_asked_offline_or_over_http_unasked(registry: Registry) -> None:
    with pytest.raises(Unavailable, match="--offline"):
        open_image(f"{registry.host}/o/r:1", Access(offline=True))
    with pytest.raises(Unavailable):
        open_image(f"{registry.host}/o/r:1").image()
    assert registry.asked == []


def test_where_credentials_are_found(tmp_path: Path) -> None:
    entry = {"auth": base64.b64encode(b"robot:pw").decode()}
    (tmp_path / "auth.json").write_text(json.dumps({"auths": {"r.test/team": entry, "r.test": {"auth": "!"}}}))
    environment = {"HOME": str(tmp_path), "REGISTRY_AUTH_FILE": str(tmp_path / "auth.json")}
    found = find("r.test", "team/app", environment)
    assert found is not None
    assert (found.user, found.password) == ("robot", "pw")
    assert "pw" not in repr(found)
    assert find("r.test", "other/app", environment) is None
    assert find("elsewhere.test", "team/app", environment) is None


def test_credential_helpers(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    helper = tmp_path / "bin" / "docker-credential-test"
    helper.write_text('#!/bin/sh\nread host\necho "{\\"Username\\": \\"<token>\\", \\"Secret\\": \\"of $host\\"}"\n')
    helper.chmod(0o755)
    (tmp_path / "config.json").write_text(
        json.dumps({"credHelpers": {"r.test": "test", "s.test": "../x", "t.test": "no"}})
    )
    environment = {"DOCKER_CONFIG": str(tmp_path), "PATH": f"{tmp_path / 'bin'}:/usr/bin:/bin"}
    found = find("r.test", "a", environment)
    assert found is not None
    assert found.identity == "of r.test"
    with pytest.raises(Unavailable, match="whose name is none"):
        find("s.test", "a", environment)
    with pytest.raises(Unavailable, match="not installed"):
        find("t.test", "a", environment)


def test_many_slow_answers_end_as_well(store: Store, registry: Registry, tmp_path: Path) -> None:
    image, _ = released(store)

    def late(_path: str, _handler: Handler) -> bool:
        CLOCK.now += 0.6 * limits.PATIENCE
        return False

    source = source_of(registry, tmp_path)
    assert source.image().digest == image["digest"]
    registry.fault = late
    registry.asked.clear()
    found = source.attached(image["digest"])
    assert any("too slow" in reason or "in time" in reason for _, reason in found.problems)
    assert len(registry.asked) in (2, 3)
