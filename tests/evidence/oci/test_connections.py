"""Registries behind TLS, without it where it was expected, and beside a proxy."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from slsacheck.errors import Unavailable
from slsacheck.evidence.oci import Access, open_image
from tests.evidence.oci.shop import Registry, Store
from tests.evidence.web.tls import speak_tls

BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*BUNDLES, "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def secure(store: Store, tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """An image in a registry that speaks TLS, and the file with its authority."""
    store.image("1")
    registry = Registry(store)
    authority = speak_tls(registry.server, tmp_path)
    registry.server.handle_error = lambda *_: None  # type: ignore[method-assign]  # whoever does not trust us goes away
    yield f"{registry.host}/o/r:1", authority
    registry.close()


@pytest.mark.parametrize("variable", BUNDLES)
def test_an_authority_of_the_environment(
    store: Store, secure: tuple[str, Path], monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    image, authority = secure
    with pytest.raises(Unavailable, match="certificate or protocol is not accepted"):
        open_image(image).image()
    monkeypatch.setenv(variable, str(authority))
    assert open_image(image).image().digest == store.tags["1"]


def test_a_file_with_authorities_that_is_not_there(
    secure: tuple[str, Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "nothing.pem"))
    with pytest.raises(Unavailable, match="authorities is not there"):
        open_image(secure[0]).image()


def test_a_registry_without_tls_says_which_flag(store: Store, registry: Registry) -> None:
    store.image("1")
    with pytest.raises(Unavailable, match="does not speak TLS") as caught:
        open_image(f"{registry.host}/o/r:1").image()
    assert "--plain-http" in caught.value.advice
    assert registry.asked == []


def test_this_machine_is_behind_no_proxy(store: Store, registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    store.image("1")
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert open_image(f"{registry.host}/o/r:1", Access(plain_http=True)).image().digest == store.tags["1"]
    with pytest.raises(Unavailable, match="proxy does not let us through"):
        open_image("registry.example.test/o/r:1", Access(plain_http=True)).image()
