"""SBOMs in the layer that Buildpacks name, as a scan shows them: read where it is small, else said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from slsacheck.evidence.sbom import in_images
from tests.evidence.oci.conftest import Look
from tests.evidence.oci.shop import Store, digest_of
from tests.evidence.oci.tars import archive, layered

BOM = json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1, "components": []}).encode()
LAYERS = (archive(("app", b"x")), archive(("layers/sbom/launch/a_b/sbom.cdx.json", BOM)))


def built(store: Store, folder: Path) -> tuple[Path, Path]:
    """A layout with an image of Buildpacks, and the file of its layer with SBOMs."""
    label = json.dumps({"sbom": {"sha": digest_of(LAYERS[1])}})
    image = layered(store, *LAYERS, config={"Labels": {"io.buildpacks.lifecycle.metadata": label}})
    layer = json.loads(store.blobs[image["digest"]])["layers"][1]["digest"]
    place = store.write(folder / "layout", image)
    return place, place / "blobs" / "sha256" / layer[7:]


def test_the_layer_is_read(store: Store, look: Look, tmp_path: Path) -> None:
    place, _ = built(store, tmp_path)
    (artifact,), problems = look(place)
    assert problems == ""
    (one,) = artifact.attachments
    assert (one.kind, one.format, one.found_by, one.verified) == ("sbom", "cyclonedx", "image-layer", "not-signed")
    assert one.digest == digest_of(BOM)


@pytest.mark.parametrize(("damage", "reason"), [("gone", "is a layer that is not there"), ("changed", "")])
def test_a_layer_that_is_not_what_it_was(store: Store, look: Look, tmp_path: Path, damage: str, reason: str) -> None:
    place, layer = built(store, tmp_path)
    data = layer.read_bytes()
    layer.unlink()
    if damage == "changed":
        layer.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    (artifact,), problems = look(place)
    assert f"its SBOMs were not read: {reason}" in problems
    assert artifact.attachments == ()


def test_a_large_layer_is_left_to_the_command_for_it(
    store: Store, look: Look, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(in_images, "MAX_LAYER", 10)
    place, _ = built(store, tmp_path)
    (artifact,), problems = look(place)
    assert "it is large" in problems
    assert artifact.attachments == ()
