"""Layers over a registry that is slow, cuts connections, or sends us elsewhere: bounded, repeated, checked."""

from __future__ import annotations

import json
import tempfile
from typing import Any

import pytest

from slsacheck.errors import SlsacheckError, Unavailable
from slsacheck.evidence.oci import Access, open_image
from slsacheck.evidence.oci import registry as registry_module
from slsacheck.evidence.oci.layers import layers_of, open_layer
from tests.clock import CLOCK
from tests.evidence.oci.shop import Handler, Registry, Store, drip
from tests.evidence.oci.tars import archive, layered

CONTENT = archive(("one", b"1"), ("two", b"2" * 3000))


def paths(registry: Registry) -> list[str]:
    source = open_image(f"{registry.host}/o/r:v1", Access(plain_http=True))
    (part,) = layers_of(source, source.image())
    with open_layer(source, part) as layer:
        found = [entry.path for entry in layer]
    assert layer.verified
    return found


@pytest.fixture
def layer(store: Store) -> str:
    """The path of the one layer's blob."""
    image = layered(store, CONTENT, tag="v1", squash=False)
    digest: str = json.loads(store.blobs[image["digest"]])["layers"][0]["digest"]
    return digest


def test_a_line_that_trickles_is_left(registry: Registry, layer: str) -> None:
    def fault(path: str, handler: Handler) -> bool:
        if layer not in path:
            return False
        drip(handler, len(CONTENT))
        return True

    registry.fault = fault
    with CLOCK.leaving(), pytest.raises(Unavailable, match=r"in time|too slow"):
        paths(registry)


def test_an_answer_that_was_cut_is_asked_for_again(registry: Registry, layer: str, store: Store) -> None:
    cut: list[str] = []

    def fault(path: str, handler: Handler) -> bool:
        if layer not in path or cut:
            return False
        cut.append(path)
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(store.blobs[layer])))
        handler.end_headers()
        handler.wfile.write(store.blobs[layer][:700])
        handler.close_connection = True
        return True

    registry.fault = fault
    assert paths(registry) == ["one", "two"]
    assert len([path for path in registry.paths() if layer in path]) == 2


def test_a_large_layer_waits_in_a_file_without_a_name(
    registry: Registry, layer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Any] = []
    kept = tempfile.SpooledTemporaryFile

    def make(**more: Any) -> Any:
        made.append(kept(**more))
        return made[-1]

    monkeypatch.setattr(registry_module, "_SMALL", 100)
    monkeypatch.setattr(tempfile, "SpooledTemporaryFile", make)
    assert paths(registry) == ["one", "two"]
    assert [(one._rolled, one.closed) for one in made] == [(True, True)]


def test_credentials_go_with_the_blob_and_not_with_its_redirect(
    registry: Registry, layer: str, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage = Registry(store)
    registry.auth = "bearer"

    def fault(path: str, handler: Handler) -> bool:
        if layer not in path or not handler.headers.get("Authorization"):
            return False
        handler.answer(307, Location=f"http://{storage.host}/v2/o/r/blobs/{layer}")
        return True

    registry.fault = fault
    try:
        assert paths(registry) == ["one", "two"]
        assert [sent.get("Authorization") for _, path, sent in storage.asked if layer in path] == [None]
    finally:
        storage.close()


def test_a_blob_that_is_longer_than_promised_is_not_kept(registry: Registry, layer: str, store: Store) -> None:
    store.blobs[layer] += b"x" * 5000
    with pytest.raises(SlsacheckError, match=r"at most|more than"):
        paths(registry)
