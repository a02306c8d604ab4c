"""Images before and after a copy: what of that which hangs on them arrived, still speaks of them, and verifies."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from slsacheck.evidence.attestations import default_trust
from slsacheck.evidence.comparison.copying import remedies
from slsacheck.evidence.comparison.promotion import Promotion, promotion
from slsacheck.evidence.oci import Access, open_image
from slsacheck.evidence.oci.judged import Judge
from slsacheck.model import Expectations
from tests.evidence.comparison.sides import archive, layered
from tests.evidence.oci.shop import INDEX, Handler, Registry, Store, provenance
from tests.evidence.oci.test_verify_image import load

SPDX = "application/spdx+json"
TAG = "org.opencontainers.image.ref.name"


def copied(first: object, second: object, key: Path | None = None) -> Promotion:
    judge = Judge(Expectations(), default_trust(), None, str(key) if key else None)
    sources = [open_image(str(one), Access(plain_http=True)) for one in (first, second)]
    return promotion(sources[0], sources[1], judge)


def states(found: Promotion) -> dict[str, int]:
    counted = {state: len(found.digests_of(state)) for state in ("kept", "lost", "broken", "unknown")}
    return {state: count for state, count in counted.items() if count}


def two_platforms(store: Store, tag: str | None = None) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """An index of two platform images with an attestation of BuildKit for each; and the two images."""
    images, attested = [], []
    for architecture in ("amd64", "arm64"):
        image = layered(store, archive(("x", architecture.encode())), architecture=architecture)
        statement = store.attach(None, provenance(image["digest"]))
        annotations = {
            "vnd.docker.reference.type": "attestation-manifest",
            "vnd.docker.reference.digest": image["digest"],
        }
        unknown = {"os": "unknown", "architecture": "unknown"}
        images.append(image | {"platform": {"os": "linux", "architecture": architecture}})
        attested.append(statement | {"annotations": annotations, "platform": unknown})
    return store.index([*images, *attested], tag), images


@pytest.fixture
def second() -> Iterator[Registry]:
    found = Registry(Store())
    yield found
    found.close()


def give(source: Store, destination: Store, *leave: str, tag: str = "v1") -> None:
    """Copies everything but what is named."""
    destination.blobs = dict(source.blobs)
    destination.manifests = {digest: kind for digest, kind in source.manifests.items() if digest not in leave}
    destination.tags = {name: digest for name, digest in source.tags.items() if digest not in leave}
    assert tag in destination.tags


def refuse(registry: Registry, wanted: str) -> None:
    """Lets a registry refuse what has this in its path."""

    def fault(path: str, handler: Any) -> bool:
        if wanted in path:
            handler.answer(403)
        return wanted in path

    registry.fault = fault


@pytest.mark.parametrize("referrers", [True, False])
def test_what_arrived_and_what_was_lost(store: Store, registry: Registry, second: Registry, *, referrers: bool) -> None:
    index, images = two_platforms(store, "v1")
    kept = store.attach(index, b'{"spdxVersion": "SPDX-2.3"}', SPDX)
    lost = store.attach(images[1], provenance(images[1]["digest"], "https://example.org/other"))
    for subject, one in ((index, kept), (images[1], lost)):
        store.index([one], subject["digest"].replace(":", "-"))
        store.tags[subject["digest"].replace(":", "-")] = list(store.manifests)[-1]
    registry.referrers = second.referrers = referrers
    gone = images[1]["digest"].replace(":", "-")
    give(store, second.store, lost["digest"], store.tags[gone])
    found = copied(f"{registry.host}/o/r:v1", f"{second.host}/p/r:v1")
    assert states(found) == {"kept": 3, "lost": 1}
    (fate,) = [one for one in found.fates if one.state == "lost"]
    assert fate.source.about == images[1]["digest"]
    assert not found.kept_all
    (remedy,) = remedies(found, f"{registry.host}/o/r:v1", f"{second.host}/p/r:v1", plain_http=True)
    assert remedy.commands[0] == (
        "oras",
        f"oras cp -r --from-plain-http --to-plain-http {registry.host}/o/r@{index['digest']} {second.host}/p/r:v1",
    )
    give(store, second.store)
    assert copied(f"{registry.host}/o/r:v1", f"{second.host}/p/r:v1").kept_all


def test_one_platform_was_picked(store: Store, registry: Registry, second: Registry) -> None:
    index, images = two_platforms(store, "v1")
    store.attach(index, provenance(index["digest"]))
    store.attach(images[0], provenance(images[0]["digest"], "https://example.org/other"))
    give(store, second.store)
    second.store.tags["v1"] = images[0]["digest"]
    found = copied(f"{registry.host}/o/r:v1", f"{second.host}/p/r:v1")
    assert found.change == "platform-picked"
    assert found.platforms == (("linux/amd64", True), ("linux/arm64", False))
    fates = {(one.source.about, one.source.attachment.found_by): one.state for one in found.fates}
    assert fates == {
        (index["digest"], "referrers"): "broken",  # it arrived, and speaks of an index that the tag does not name
        (images[0]["digest"], "referrers"): "kept",
        (images[0]["digest"], "index-manifest"): "lost",
        (images[1]["digest"], "index-manifest"): "lost",
    }
    (remedy,) = remedies(found, "a.example/o/r:v1", "b.example/o/r:v1")
    assert [tool for tool, _ in remedy.commands] == ["oras", "crane", "skopeo"]
    assert "--all --preserve-digests" in remedy.commands[2][1]


@pytest.mark.parametrize("change", ["recompressed", "converted", "index-rewritten", "platforms-dropped", "other"])
def test_what_became_of_the_image(store: Store, tmp_path: Path, change: str) -> None:
    image = layered(store, archive(("x", b"x")))
    index, images = two_platforms(store)
    document = json.loads(store.blobs[image["digest"]])
    whole = json.loads(store.blobs[index["digest"]])
    first, after = {
        "recompressed": (image, store.put(document | {"layers": [store.descriptor(store.blob(b"y"), "t")]})),
        "converted": (image, store.put(document | {"annotations": {"a": "b"}})),
        "index-rewritten": (index, store.index(images)),
        "platforms-dropped": (index, store.index(images[:1])),
        "other": (image, layered(store, archive(("x", b"y")))),
    }[change]
    assert whole["manifests"]
    found = copied(store.write(tmp_path / "a", first), store.write(tmp_path / "b", after))
    assert found.change == change
    assert not found.kept_all


def test_a_platform_that_was_left_out_with_its_statement_left_in(store: Store, tmp_path: Path) -> None:
    index, images = two_platforms(store)
    whole = json.loads(store.blobs[index["digest"]])
    kept = [one for one in whole["manifests"] if one["digest"] != images[1]["digest"]]
    found = copied(store.write(tmp_path / "a", index), store.write(tmp_path / "b", store.index(kept)))
    assert (found.change, found.unseen) == ("platforms-dropped", ())
    assert states(found) == {"kept": 1, "lost": 1}
    assert found.platforms == (("linux/amd64", True), ("linux/arm64", False))


def test_annotations_that_were_lost(store: Store, tmp_path: Path) -> None:
    index, _ = two_platforms(store)
    whole = json.loads(store.blobs[index["digest"]])
    before = store.put(whole | {"annotations": {"org.opencontainers.image.source": "https://example.org"}})
    found = copied(store.write(tmp_path / "a", before), store.write(tmp_path / "b", index))
    assert found.annotations == ("annotations.org.opencontainers.image.source",)


def test_an_attestation_of_another_image_is_broken_wherever_it_was(store: Store, tmp_path: Path) -> None:
    image, other = layered(store, archive(("x", b"x"))), layered(store, archive(("x", b"y")))
    stray = store.attach(image, provenance(other["digest"]))
    first, after = store.write(tmp_path / "a", image, stray), store.write(tmp_path / "b", image, stray)
    found = copied(first, after)
    (fate,) = found.fates
    assert (fate.state, fate.reason[:14]) == ("broken", "as at the sour")
    assert "speaks of" in fate.reason


def test_a_damaged_attestation_is_broken(store: Store, tmp_path: Path) -> None:
    image = layered(store, archive(("x", b"x")))
    statement = provenance(image["digest"])
    attached = store.attach(image, statement)
    first, after = (store.write(tmp_path / name, image, attached) for name in "ab")
    blob = json.loads(store.blobs[attached["digest"]])["layers"][0]["digest"]
    (after / "blobs" / "sha256" / blob[7:]).write_bytes(statement.replace(b"example", b"exampla"))
    found = copied(first, after)
    assert states(found) == {"broken": 1}
    assert "another digest" in found.fates[0].reason


def test_what_could_not_be_looked_at_is_not_lost(store: Store, registry: Registry, second: Registry) -> None:
    image = layered(store, archive(("x", b"x")), tag="v1")
    store.attach(image, provenance(image["digest"]))
    give(store, second.store)
    refuse(second, "/referrers/")
    found = copied(f"{registry.host}/o/r:v1", f"{second.host}/p/r:v1")
    assert states(found) == {"unknown": 1}
    assert found.unseen
    assert not found.kept_all


@pytest.mark.parametrize("part", ["manifests", "blobs"])
def test_what_could_not_be_read_is_neither_lost_nor_broken(
    store: Store, registry: Registry, second: Registry, part: str
) -> None:
    image = layered(store, archive(("x", b"x")), tag="v1")
    statement = provenance(image["digest"])
    attached = store.attach(image, statement)
    give(store, second.store)
    gone = {"manifests": attached["digest"], "blobs": store.blob(statement)}[part]
    refuse(second, f"/{part}/{gone}")
    found = copied(f"{registry.host}/o/r:v1", f"{second.host}/p/r:v1")
    assert states(found) == {"unknown": 1}
    assert "could not be read at the destination" in found.fates[0].reason
    assert not found.kept_all


def test_a_signature_of_an_sbom_hangs_on_the_sbom(store: Store, tmp_path: Path) -> None:
    image = layered(store, archive(("x", b"x")))
    sbom = store.attach(image, b'{"spdxVersion": "SPDX-2.3"}', SPDX)
    signature = store.attach(sbom, provenance(sbom["digest"]))
    first = store.write(tmp_path / "a", image, sbom, signature)
    found = copied(first, store.write(tmp_path / "b", image, sbom))
    assert states(found) == {"kept": 1, "lost": 1}
    (fate,) = [one for one in found.fates if one.state == "lost"]
    assert (fate.source.about, fate.reason) == (sbom["digest"], "it is not among the referrers")


def test_platform_images_under_the_fallback_tag_are_no_attachments(store: Store, registry: Registry) -> None:
    """`cosign copy` tags every image `sha256-…`, where older registries have their list of referrers."""
    index, _ = two_platforms(store, "v1")
    store.tags[index["digest"].replace(":", "-")] = index["digest"]
    registry.referrers = False
    found = copied(f"{registry.host}/o/r:v1", f"{registry.host}/o/r:v1")
    assert (states(found), found.unseen, found.kept_all) == ({"kept": 2}, (), True)


@pytest.mark.parametrize("name", ["cosign-key-referrers-oci", "cosign-key-fallbacktag-oci"])
@pytest.mark.parametrize("left", ["nothing", "everything", "tags", "referrers"])
def test_images_that_cosign_signed(shared: Path, tmp_path: Path, name: str, left: str) -> None:
    real = shared / "corpus" / "real"
    folder = tmp_path / "copy"
    shutil.copytree(real / name, folder)
    index = json.loads((folder / "index.json").read_bytes())
    image, *attached = index["manifests"]
    tags = [one for one in attached if TAG in one.get("annotations", {})]
    gone = {"nothing": [], "everything": attached, "tags": tags, "referrers": [o for o in attached if o not in tags]}
    index["manifests"] = [image, *[one for one in attached if one not in gone[left]]]
    (folder / "index.json").write_text(json.dumps(index))
    found = copied(real / name, folder, real / "cosign.pub")
    lost = [fate for fate in found.fates if fate.state == "lost"]
    assert found.kept_all is (not gone[left])
    assert bool(lost) is bool(gone[left])
    assert all(fate.destination is not None for fate in found.fates if fate.state == "kept")
    verified = {fate.source.attachment.verified for fate in found.fates}
    assert "pass" in verified
    assert "fail" not in verified
    if lost:
        causes = {one.cause for one in remedies(found, f"{real / name}:v1", f"{folder}:v1")}
        found_by = {fate.source.attachment.found_by for fate in lost}
        assert ("cosign-tag" in causes) is ("cosign-tag" in found_by)


def test_from_a_layout_to_registries_of_both_kinds(shared: Path, second: Registry) -> None:
    real = shared / "corpus" / "real"
    second.store = load(real / "cosign-key-referrers-oci")
    found = copied(real / "cosign-key-referrers-oci", f"{second.host}/o/r:v1", real / "cosign.pub")
    assert found.kept_all
    second.referrers = False
    found = copied(real / "cosign-key-referrers-oci", f"{second.host}/o/r:v1", real / "cosign.pub")
    assert set(states(found)) == {"kept", "lost"}
    assert {one.cause for one in remedies(found, str(real / "cosign-key-referrers-oci"), f"{second.host}/o/r:v1")} == {
        "referrers"
    }


def test_what_cannot_be_had_is_asked_for_once(store: Store, registry: Registry, second: Registry) -> None:
    """Where each of many things that are not there is listed for the image and for every other thing."""
    image = store.image("v1")
    store.attach(image, provenance(image["digest"]))
    give(store, second.store, tag="v1")
    gone = [{"digest": f"sha256:{number:064x}", "size": 2} for number in range(40)]
    listed = json.dumps({"manifests": gone}).encode()

    def lists(path: str, handler: Handler) -> bool:
        if "/referrers/" in path:
            handler.answer(200, listed, INDEX)
        return "/referrers/" in path

    registry.fault = second.fault = lists
    found = copied(f"{registry.host}/o/r:v1", f"{second.host}/o/r:v1")
    assert {fate.state for fate in found.fates} == {"broken"}
    assert {fate.reason for fate in found.fates} == {"as at the source: is not in the registry"}
    for one in (registry, second):
        wanted = [path for path in one.paths() if path.rpartition("/")[2].startswith("sha256:0")]
        assert len([path for path in wanted if "/manifests/" in path]) == 40
