"""Images side by side: what is metadata and what is not, layer by layer and platform by platform."""

from __future__ import annotations

import json
import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import pytest

from slsacheck.errors import Absent, InputError
from slsacheck.evidence.comparison import entries as entries_module
from slsacheck.evidence.comparison.findings import METADATA
from slsacheck.evidence.comparison.images import compare_images
from slsacheck.evidence.oci import Access, open_image
from tests.conftest import need
from tests.evidence.comparison.sides import archive, images, kinds, layered, layout, one_layer, squashed_anew, tar
from tests.evidence.oci.shop import CONFIG, Registry, Store

BASE: dict[str, Any] = {"mode": 0o644, "mtime": 100}
FILE = ("bin/app", b"one", BASE)
OTHER = ("etc/x", b"two", BASE)


@pytest.mark.parametrize(
    ("second", "what"),
    [
        (("bin/app", b"One", BASE), "content"),
        (("bin/app", b"one", BASE | {"mode": 0o4644}), "mode"),
        (("bin/app", b"one", BASE | {"uid": 5}), "owner"),
        (("bin/app", b"one", BASE | {"gid": 5}), "owner"),
        (("bin/app", b"one", BASE | {"pax_headers": {"SCHILY.xattr.security.capability": "x"}}), "xattr"),
        (("bin/app", b"one", BASE | {"pax_headers": {"SCHILY.acl.access": "user::rwx"}}), "xattr"),
        (("bin/app", b"", BASE | {"type": tarfile.SYMTYPE, "linkname": "x"}), "type"),
        (("bin/.wh.app", b"", BASE), "whiteout"),
        (("bin/app2", b"one", BASE), "added"),
    ],
)
def test_what_is_not_metadata_is_different(tmp_path: Path, second: Any, what: str) -> None:
    found = one_layer(tmp_path, tar(FILE, OTHER), tar(second, OTHER))
    assert found.verdict == "different"
    assert what in kinds(found)
    (first, *_) = [one for one in found.differences if one.what == what]
    assert (first.layer, first.path, first.is_metadata) == (0, second[0], False)


@pytest.mark.parametrize(
    ("first", "second", "what"),
    [
        ({"type": tarfile.SYMTYPE, "linkname": "a"}, {"type": tarfile.SYMTYPE, "linkname": "b"}, "link"),
        ({"type": tarfile.LNKTYPE, "linkname": "a"}, {"type": tarfile.LNKTYPE, "linkname": "b"}, "link"),
        ({"type": tarfile.CHRTYPE, "devmajor": 1}, {"type": tarfile.CHRTYPE, "devmajor": 2}, "device"),
        ({"type": tarfile.FIFOTYPE}, {"type": tarfile.SYMTYPE, "linkname": ""}, "type"),
    ],
)
def test_links_and_devices(tmp_path: Path, first: Any, second: Any, what: str) -> None:
    found = one_layer(tmp_path, tar(("x", b"", first)), tar(("x", b"", second)))
    assert (found.verdict, kinds(found)) == ("different", {what: 1})


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        (tar(("bin/app", b"one", BASE | {"mtime": 200}), OTHER), {"mtime": 1}),
        (tar(("bin/app", b"one", BASE | {"mtime": 100.5}), OTHER), {"mtime": 1}),
        (tar(OTHER, FILE), {"order": 1}),
        (tar(("bin/app", b"one", BASE | {"uname": "me"}), OTHER), {"owner-name": 1}),
        (tar(("./bin/app", b"one", BASE), OTHER), {"archive-format": 1}),
        (tar(FILE, OTHER, form=tarfile.GNU_FORMAT), {"archive-format": 1}),
        (tar(FILE, OTHER) + b"\0" * 10240, {"archive-format": 1}),
    ],
)
def test_metadata_is_reproducible_and_named(tmp_path: Path, second: bytes, expected: dict[str, int]) -> None:
    found = one_layer(tmp_path, tar(FILE, OTHER), second)
    assert (found.verdict, kinds(found)) == ("reproducible", expected)
    assert all(one.is_metadata and one.layer == 0 for one in found.differences)


def test_orders_that_have_nothing_in_common_are_not_held_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = [(f"x{number}", b"", BASE) for number in range(20)]
    assert kinds(one_layer(tmp_path / "1", tar(*many), tar(*reversed(many)))) == {"order": 1}
    monkeypatch.setattr(entries_module, "MAX_WAITING", 5)
    with pytest.raises(InputError, match="5 entries more than, or in another order"):
        one_layer(tmp_path / "2", tar(*many), tar(*reversed(many)))


def test_an_entry_that_comes_twice_counts_in_its_order(tmp_path: Path) -> None:
    """The last one wins when a layer is unpacked, so that swapping them changes the file."""
    one, two = ("x", b"1", BASE), ("x", b"2", BASE)
    found = one_layer(tmp_path, tar(one, two), tar(two, one))
    assert (found.verdict, kinds(found)["content"]) == ("different", 2)


def test_compression_is_metadata_once_both_were_read(tmp_path: Path) -> None:
    layer = archive(("x", b"x" * 5000))
    found = images(layout(tmp_path / "a", layer), layout(tmp_path / "b", layer, level=9))
    assert (found.verdict, kinds(found)) == ("reproducible", {"compression": 1})


@pytest.mark.parametrize(
    ("config", "verdict", "what"),
    [
        ({"created": "2026-01-01T00:00:00Z"}, "reproducible", "created"),
        ({"history": [{"created_by": "x"}]}, "reproducible", "history"),
        (
            {"config": {"Labels": {"org.opencontainers.image.created": "2026-01-01T00:00:00Z"}}},
            "reproducible",
            "created",
        ),
        ({"config": {"Env": []}}, "reproducible", "encoding"),
        ({"config": {"Env": ["A=b"]}}, "different", "config"),
        ({"config": {"User": "0"}}, "different", "config"),
        ({"config": {"Entrypoint": ["/x"]}}, "different", "config"),
        ({"config": {"Labels": {"a": "b"}}}, "different", "config"),
        ({"author": "me"}, "different", "config"),
    ],
)
def test_configurations(tmp_path: Path, config: dict[str, Any], verdict: str, what: str) -> None:
    layer = archive(("x", b"x"))
    found = images(layout(tmp_path / "a", layer), layout(tmp_path / "b", layer, **config))
    assert (found.verdict, kinds(found)) == (verdict, {what: 1})


def test_layers_that_are_cut_otherwise_are_compared_as_file_systems(tmp_path: Path) -> None:
    below = archive(("a", None), ("a/x", b"1"), ("a/gone", b"2"), ("b", b"3"), ("c", b"4"))
    above = archive(("a/.wh.gone", b""), ("b", b"new"), ("d", None), ("d/.wh..wh..opq", b""))
    flat = archive(("a", None), ("a/x", b"1"), ("b", b"new"), ("c", b"4"), ("d", None))
    found = images(layout(tmp_path / "a", below, above), layout(tmp_path / "b", flat))
    assert (found.verdict, kinds(found)) == ("different", {"layers": 1})
    other = archive(("a", None), ("a/x", b"1"), ("b", b"3"), ("c", b"4"), ("d", None))
    found = images(layout(tmp_path / "c", below, above), layout(tmp_path / "d", other))
    assert kinds(found) == {"layers": 1, "content": 1}
    assert any("whole file systems" in note for note in found.notes)
    found = images(tmp_path / "a", layout(tmp_path / "e", archive(("a", None), ("a/x/y", b"1"), ("e", b"5"))))
    assert [(one.what, one.path) for one in found.differences if one.what in ("added", "removed", "type")] == [
        ("removed", "b"), ("removed", "d"), ("removed", "a/x"), ("removed", "c"), ("added", "a/x/y"), ("added", "e"),
    ]  # fmt: skip


def platforms(store: Store, *names: str, **more: Any) -> dict[str, Any]:
    """An index of an image for each platform, of which each has a layer of its own."""
    children = []
    for name in names:
        system, architecture = name.split("/")[:2]
        image = layered(store, archive(("x", name.encode())), os=system, architecture=architecture, **more)
        children.append(image | {"platform": {"os": system, "architecture": architecture}})
    return store.index(children)


def test_indexes_are_compared_platform_by_platform(tmp_path: Path) -> None:
    first, second, third = Store(), Store(), Store()
    a = first.write(tmp_path / "a", platforms(first, "linux/amd64", "linux/arm64"))
    b = second.write(tmp_path / "b", platforms(second, "linux/arm64", "linux/amd64"))
    c = third.write(tmp_path / "c", platforms(third, "linux/amd64", created="2026-01-01T00:00:00Z"))
    assert kinds(images(a, b)) == {"platform-order": 1}
    assert images(a, b).verdict == "reproducible"
    found = images(a, c)
    assert (found.verdict, kinds(found)) == ("different", {"platform": 1, "created": 1})
    assert dict(found.platforms) == {"linux/amd64": "reproducible", "linux/arm64": "different"}
    assert images(a, c, "linux/amd64").verdict == "reproducible"
    with pytest.raises(Absent, match="has no image for linux/arm64"):
        images(a, c, "linux/arm64")


def test_an_index_and_a_single_image(tmp_path: Path) -> None:
    store, single = Store(), Store()
    a = store.write(tmp_path / "a", platforms(store, "linux/amd64", "linux/arm64"))
    b = single.write(
        tmp_path / "b", layered(single, archive(("x", b"linux/arm64")), architecture="arm64", variant="v8")
    )
    found = images(a, b)
    assert found.platforms == (("linux/arm64", "different"),)  # variant v8 is said by one alone
    assert "is an index: its linux/arm64/v8 is compared" in found.notes[0]


def test_other_annotations_are_different_and_other_bytes_are_never_identical(tmp_path: Path) -> None:
    store = Store()
    image = layered(store, archive(("x", b"x")))
    document = json.loads(store.blobs[image["digest"]])
    folder = store.write(tmp_path / "a", image)
    for name, more, expected in (
        ("b", {"annotations": {"org.opencontainers.image.revision": "1"}}, {"annotation": 1}),
        ("c", {"annotations": {"org.opencontainers.image.created": "1"}}, {"created": 1}),
        ("d", {"unknown": 1}, {"fields": 1}),
        ("e", {"subject": image}, {"fields": 1}),
        ("f", {"layers": [document["layers"][0] | {"urls": ["https://example.org"]}]}, {"fields": 1}),
        ("g", dict(reversed(document.items())), {"encoding": 1}),
    ):
        other = store.put(document | more if name != "g" else more)
        found = images(folder, store.write(tmp_path / name, other))
        assert kinds(found) == expected
        assert found.verdict == ("reproducible" if name in "cg" else "different")


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"annotations": {"a": "b"}}, {"fields": 1}),
        ({"annotations": {"org.opencontainers.image.created": "2026"}}, {"encoding": 1}),
        ({"platform": {"os": "linux", "architecture": "amd64", "os.version": "1"}}, {"fields": 1}),
    ],
)
def test_what_an_index_says_of_its_images(tmp_path: Path, more: dict[str, Any], expected: dict[str, int]) -> None:
    store = Store()
    image = layered(store, archive(("x", b"x"))) | {"platform": {"os": "linux", "architecture": "amd64"}}
    first, second = store.index([image]), store.index([image | more])
    found = images(store.write(tmp_path / "a", first), store.write(tmp_path / "b", second))
    assert kinds(found) == expected


def test_other_artifacts_are_compared_by_their_blobs(tmp_path: Path) -> None:
    store = Store()
    first, second = store.attach(None, b"one", "application/x"), store.attach(None, b"two", "application/x")
    found = images(store.write(tmp_path / "a", first), store.write(tmp_path / "b", second))
    assert (found.verdict, kinds(found)) == ("different", {"content": 1})


def test_configurations_of_other_artifacts_may_be_anything(tmp_path: Path) -> None:
    store = Store()
    first = store.attach(None, b"one", "application/x")
    document = json.loads(store.blobs[first["digest"]])
    for name, noise in (("b", b"no JSON"), ("c", b"[]")):
        second = store.put(document | {"config": store.descriptor(store.blob(noise), "application/x.config")})
        found = images(store.write(tmp_path / f"{name}1", first), store.write(tmp_path / f"{name}2", second))
        assert kinds(found) == {"config": 1}


def test_equal_digests_are_not_believed_of_what_lies_here(tmp_path: Path) -> None:
    folder = layout(tmp_path / "a", archive(("x", b"x" * 100)))
    shutil.copytree(folder, tmp_path / "b")
    manifest = open_image(str(folder)).image()
    blob = tmp_path / "b" / "blobs" / "sha256" / manifest.layers[0].hexadecimal
    data = bytearray(blob.read_bytes())
    data[15] ^= 1
    blob.write_bytes(bytes(data))
    with pytest.raises(InputError, match="has another"):
        images(folder, tmp_path / "b")
    blob.unlink()
    found = images(folder, tmp_path / "b")
    assert found.verdict == "identical"
    assert "compared by its digest alone" in found.notes[0]


def test_a_configuration_that_lies_about_an_equal_layer_is_different(tmp_path: Path) -> None:
    layer = archive(("x", b"x"))
    lying: dict[str, Any] = {"rootfs": {"type": "layers", "diff_ids": ["sha256:" + "0" * 64]}}
    found = images(layout(tmp_path / "a", layer), layout(tmp_path / "b", layer, **lying))
    assert (found.verdict, kinds(found)) == ("different", {"config": 1})


def test_what_cannot_be_read_to_its_end_is_no_verdict(tmp_path: Path) -> None:
    folder = layout(tmp_path / "a", archive(("x", b"x" * 100)))
    other = layout(tmp_path / "b", archive(("x", b"y" * 100)))
    blob = tmp_path / "b" / "blobs" / "sha256" / open_image(str(other)).image().layers[0].hexadecimal
    blob.write_bytes(blob.read_bytes()[:-5])
    with pytest.raises(InputError, match="bytes, its descriptor says"):
        images(folder, other)


def test_platforms_that_are_equal_are_not_fetched(store: Store, registry: Registry) -> None:
    store.tags["a"] = platforms(store, "linux/amd64", "linux/arm64")["digest"]
    whole = json.loads(store.blobs[store.tags["a"]])
    store.tags["c"] = store.index(list(reversed(whole["manifests"])))["digest"]
    one, two = (open_image(f"{registry.host}/o/r:{tag}", Access(plain_http=True)) for tag in "ac")
    assert kinds(compare_images(one, two)) == {"platform-order": 1}
    assert len(registry.asked) == 2


def test_from_a_registry_what_is_equal_is_not_fetched(tmp_path: Path, store: Store, registry: Registry) -> None:
    common, ours, theirs = archive(("base", b"x")), archive(("x", b"1")), archive(("x", b"2"))
    layered(store, common, ours, tag="a")
    layered(store, common, theirs, tag="b")
    one, two = (open_image(f"{registry.host}/o/r:{tag}", Access(plain_http=True)) for tag in "ab")
    found = compare_images(one, two)
    assert [(one.layer, one.path, one.what) for one in found.differences] == [(1, "x", "content")]
    assert sum("/blobs/" in path for path in registry.paths()) == 4


def saved(path: Path, *layers: bytes) -> Path:
    """What `docker save` writes of the image that `layout` makes of these layers."""
    store = Store()
    document = json.loads(store.blobs[layered(store, *layers)["digest"]])
    config = document["config"]["digest"][7:]
    names = [f"{number}/layer.tar" for number in range(len(layers))]
    listed = json.dumps([{"Config": f"{config}.json", "RepoTags": ["n:v1"], "Layers": names}]).encode()
    parts = {f"{config}.json": store.blobs[f"sha256:{config}"], "manifest.json": listed}
    path.write_bytes(archive(*parts.items(), *zip(names, layers, strict=True)))
    return path


def test_what_docker_saved(tmp_path: Path) -> None:
    layers = archive(("x", b"x")), archive(("y", b"y"))
    folder, file = layout(tmp_path / "a", *layers), saved(tmp_path / "a.tar", *layers)
    found = images(folder, file)
    assert (found.verdict, set(kinds(found))) == ("reproducible", {"manifest", "media-type", "compression"})
    assert images(file, file).verdict == "identical"
    other = saved(tmp_path / "b.tar", layers[0], archive(("y", b"z")))
    found = images(file, other)
    assert (found.verdict, [one.path for one in found.differences if one.what == "content"]) == ("different", ["y"])
    data = file.read_bytes()
    file.write_bytes(data.replace(layers[1], archive(("y", b"q"))))
    with pytest.raises(InputError):
        images(folder, file)


@pytest.mark.live
def test_a_saved_archive_beside_its_layout(tmp_path: Path) -> None:
    skopeo = need("skopeo")
    folder = layout(tmp_path / "a", archive(("x", b"x")), archive(("y", b"y")))
    for target in (f"docker-archive:{tmp_path}/saved.tar:n:v1", f"oci:{tmp_path}/copy:v1"):
        subprocess.run([skopeo, "--insecure-policy", "copy", f"oci:{folder}", target], check=True, capture_output=True)
    found = images(folder, tmp_path / "saved.tar")
    assert found.verdict in ("reproducible", "different")
    assert kinds(found).keys() <= METADATA.keys(), found.differences
    assert images(tmp_path / "saved.tar", tmp_path / "saved.tar").verdict == "identical"
    assert images(folder, tmp_path / "copy").verdict in ("identical", "reproducible")


def test_squashed_anew_keeps_the_configuration(tmp_path: Path) -> None:
    store = Store()
    layer = archive(("x", b"x" * 5000))
    entry = layered(store, layer)
    other = squashed_anew(store, entry, (layer,), 9)
    assert entry["digest"] != other["digest"]
    assert json.loads(store.blobs[entry["digest"]])["config"]["mediaType"] == CONFIG
    found = images(store.write(tmp_path / "a", entry), store.write(tmp_path / "b", other))
    assert found.verdict == "reproducible"
