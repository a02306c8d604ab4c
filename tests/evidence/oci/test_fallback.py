"""The fallback tag: asked for where there is no list of referrers, and where that is empty."""

from __future__ import annotations

import json

import pytest

from tests.evidence.oci.conftest import Look
from tests.evidence.oci.shop import Handler, Registry, Store, provenance


@pytest.mark.parametrize("listed", [b'{"manifests": null}', b'{"manifests": []}', b"{}"])
def test_what_was_pushed_before_the_registry_had_a_list(
    store: Store, registry: Registry, look: Look, listed: bytes
) -> None:
    image = store.image("1")
    statement = store.attach(image, provenance(image["digest"]))
    store.index([statement], image["digest"].replace(":", "-"))

    def lists(path: str, handler: Handler) -> bool:
        if "/referrers/" in path:
            handler.answer(200, listed)
        return "/referrers/" in path

    registry.fault = lists
    (artifact,), problems = look(f"{registry.host}/o/r:1")
    assert problems == ""
    assert [(one.kind, one.found_by) for one in artifact.attachments] == [("provenance", "fallback-tag")]
    assert artifact.lookup_complete


@pytest.mark.parametrize("referrers", [True, False])
def test_a_tag_of_that_form_that_names_the_image_itself(
    store: Store, registry: Registry, look: Look, *, referrers: bool
) -> None:
    """`cosign copy` tags every image that it copies so."""
    registry.referrers = referrers
    one = store.image(text="1")
    whole = store.index([one], "1")
    for descriptor in (one, whole):
        store.tags[descriptor["digest"].replace(":", "-")] = descriptor["digest"]
    (artifact,), problems = look(f"{registry.host}/o/r:1")
    assert problems == ""
    assert artifact.attachments == ()
    assert artifact.lookup_complete
    assert json.loads(store.blobs[whole["digest"]])["manifests"][0]["digest"] == f"sha256:{artifact.digests[0][1]}"
