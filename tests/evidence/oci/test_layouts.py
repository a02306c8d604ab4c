"""Layouts and archives: every byte checked, attachments found, forgeries refused."""

from __future__ import annotations

import importlib
import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from slsacheck.catalog import load
from slsacheck.errors import Absent, InputError
from slsacheck.evidence.artifacts import collect
from slsacheck.evidence.files import EmptyTree
from slsacheck.evidence.oci import open_image
from slsacheck.evidence.oci.limits import MAX_TAR_ENTRIES
from slsacheck.evidence.oci.tar import TarFiles
from slsacheck.evidence.targets import OpenedTarget
from slsacheck.evidence.tree import Problems
from slsacheck.model import ArtifactInput, GitFacts, Target
from tests.evidence.oci.conftest import Look
from tests.evidence.oci.shop import INDEX, INTOTO, MANIFEST, Store, digest_of, provenance


def verdicts(artifact: Any) -> list[tuple[str, str, str]]:
    return [(one.kind, one.found_by, one.verified) for one in artifact.attachments]


def test_provenance_is_found_by_each_way_and_speaks_of_the_image(store: Store, look: Look, tmp_path: Path) -> None:
    image = store.image()
    tag = image["digest"].replace(":", "-")
    one = store.attach(image, provenance(image["digest"]))
    two = store.attach(image, provenance(image["digest"], "https://example.org/two"))
    legacy = store.attach(None, provenance(image["digest"], "https://example.org/three"))
    named = {"annotations": {"org.opencontainers.image.ref.name": f"{tag}.att"}}
    fallback = store.index([two]) | {"annotations": {"org.opencontainers.image.ref.name": tag}}
    folder = store.write(tmp_path / "layout", image, one, fallback, legacy | named)
    (artifact,), problems = look(folder)
    assert problems == ""
    assert [entry[1] for entry in verdicts(artifact)] == ["referrers", "fallback-tag", "cosign-tag"]
    assert {entry[::2] for entry in verdicts(artifact)} == {("provenance", "not-signed")}
    assert artifact.verifications[0].statement.builder_id == "https://example.org/builder"
    assert [one.expectations for one in artifact.verifications] == ["pass", "fail", "fail"]
    assert not artifact.lookup_complete


def test_an_index_is_its_platform_images(store: Store, look: Look, tmp_path: Path) -> None:
    first, second = store.image(text="1"), store.image(text="2", config={"architecture": "arm64"})
    about = {"vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": first["digest"]}
    statement = store.attach(None, provenance(first["digest"])) | {"annotations": about}
    whole = store.index([first, second, statement])
    over = store.attach(whole, provenance(whole["digest"], "https://example.org/index"))
    folder = store.write(tmp_path / "layout", whole, over)
    (one, two), problems = look(folder)
    assert problems == ""
    assert one.image is not None
    assert two.image is not None
    assert [one.image.platform, two.image.platform] == ["linux/amd64", "linux/arm64"]
    assert one.image.index == two.image.index == whole["digest"]
    assert [entry[1] for entry in verdicts(one)] == ["index-manifest", "referrers"]
    assert [entry[1] for entry in verdicts(two)] == ["referrers"]
    assert [item.expectations for item in one.verifications] == ["pass", "fail"]
    assert [item.expectations for item in two.verifications] == ["fail"]
    (alone,), _ = look(f"{folder}@{second['digest']}")
    assert alone.digests == (("sha256", second["digest"][7:]),)


def test_an_attestation_of_another_image_never_counts(store: Store, look: Look, tmp_path: Path) -> None:
    image, other = store.image(text="1"), store.image(text="2")
    tag = image["digest"].replace(":", "-")
    moved = store.attach(other, provenance(other["digest"]))
    swapped = store.attach(image, provenance(other["digest"], "https://example.org/swapped"))
    fallback = store.index([moved]) | {"annotations": {"org.opencontainers.image.ref.name": tag}}
    folder = store.write(tmp_path / "layout", image, swapped, fallback)
    (artifact,), problems = look(folder)
    assert "but its subject is" in problems
    assert [one.reason_class for one in artifact.verifications] == ["hash-mismatch"]
    assert [one.expectations for one in artifact.verifications] == ["fail"]


@pytest.mark.parametrize("what", ["digest", "size", "media type", "layer size"])
def test_what_is_not_what_it_says_is_refused(store: Store, look: Look, tmp_path: Path, what: str) -> None:
    image = store.image()
    if what == "size":
        image |= {"size": image["size"] + 1}
    if what == "media type":
        image |= {"mediaType": INDEX}
    folder = store.write(tmp_path / "layout", image)
    blobs = folder / "blobs" / "sha256"
    manifest = json.loads(store.blobs[image["digest"]])
    if what == "digest":
        (blobs / manifest["config"]["digest"][7:]).write_bytes(b'{"os": "l"}')
    if what == "layer size":
        (blobs / manifest["layers"][0]["digest"][7:]).write_bytes(b"longer than it was")
    (artifact,), problems = look(folder)
    assert problems
    assert artifact.verifications == ()
    assert artifact.image is None or artifact.image.created in (None, "1970-01-01T00:00:00Z")


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({"schemaVersion": 1, "fsLayers": []}, "schema 1"),
        ({"schemaVersion": 2, "manifests": [], "layers": []}, "index and a manifest"),
        ({"schemaVersion": 2}, "not what its media type"),
        ({"schemaVersion": 2, "layers": [{"digest": "sha256:1", "size": 1}]}, "no sha256"),
        ({"schemaVersion": 2, "layers": [{"digest": "sha256:" + "0" * 64, "size": -1}]}, "without a size"),
        ({"schemaVersion": 2, "manifests": [{"digest": "sha256:" + "0" * 64, "size": 1}] * 2_001}, "more than 2,000"),
    ],
)
def test_broken_manifests(store: Store, look: Look, tmp_path: Path, document: dict[str, Any], reason: str) -> None:
    entry = store.put(document)
    entry.pop("mediaType")
    (artifact,), problems = look(store.write(tmp_path / "layout", entry))
    assert reason in problems
    assert artifact.digests == ()


def test_indexes_in_a_circle_cannot_be_and_deep_ones_are_refused(store: Store, look: Look, tmp_path: Path) -> None:
    inner = store.index([store.image()])
    found, problems = look(store.write(tmp_path / "layout", store.index([inner])))
    assert found == ()
    assert "index inside an index" in problems


def test_an_empty_index_and_a_null_one(store: Store, look: Look, tmp_path: Path) -> None:
    empty = store.put({"schemaVersion": 2, "mediaType": INDEX, "manifests": None})
    _, problems = look(store.write(tmp_path / "layout", empty))
    assert "without an image" in problems
    (tmp_path / "layout" / "index.json").write_text('{"manifests": null}')
    _, problems = look(tmp_path / "layout")
    assert "holds no image" in problems


def test_a_label_of_ten_megabytes(store: Store, look: Look, tmp_path: Path) -> None:
    labels = {"io.buildpacks.lifecycle.metadata": "[" * 10_000_000, "x": "y"}
    (artifact,), problems = look(
        store.write(tmp_path / "layout", store.image(config={"config": {"Labels": labels}, "created": "x" * 999}))
    )
    assert problems == ""
    assert artifact.image is not None
    assert artifact.image.builder.name == "buildpacks"
    assert artifact.image.base is None
    assert len(artifact.image.created or "") < 400


def _tar(folder: Path, path: Path) -> Path:
    with tarfile.open(path, "w") as archive:
        archive.add(folder, ".")
    return path


def test_an_archive_is_read_in_place(store: Store, look: Look, tmp_path: Path) -> None:
    image = store.image()
    folder = store.write(tmp_path / "layout", image, store.attach(image, provenance(image["digest"])))
    (artifact,), problems = look(_tar(folder, tmp_path / "layout.tar"))
    assert problems == ""
    assert verdicts(artifact) == [("provenance", "referrers", "not-signed")]


def test_what_docker_saved_has_no_manifest(look: Look, tmp_path: Path) -> None:
    config = b'{"os": "linux", "architecture": "amd64", "docker_version": "20.10.7"}'
    name = digest_of(config)[7:] + ".json"
    files = {name: config, "manifest.json": json.dumps([{"Config": name, "RepoTags": ["r/x:1"]}]).encode()}
    with tarfile.open(tmp_path / "saved.tar", "w") as archive:
        for file, data in files.items():
            member = tarfile.TarInfo(file)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    (artifact,), problems = look(tmp_path / "saved.tar")
    assert problems == ""
    assert artifact.digests == (("sha256", name[:64]),)
    assert artifact.image is not None
    assert (artifact.image.builder.name, artifact.image.builder.version) == ("docker", "20.10.7")
    assert not artifact.lookup_complete


def _entry(name: str, kind: bytes = tarfile.REGTYPE, size: int = 0) -> bytes:
    member = tarfile.TarInfo(name)
    member.type, member.size = kind, size
    return member.tobuf(tarfile.GNU_FORMAT)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\x1f\x8b" + b"x" * 1000, "compressed with gzip"),
        (b"x" * 2000, "no tar archive"),
        (_entry("a")[:500].ljust(512, b"x") + _entry("a"), "no tar archive"),
        (_entry("a") + b"x" * 512, "damaged"),
        (_entry("x", b"x", 1 << 40), "has a header of more than"),
        (_entry("a") * (MAX_TAR_ENTRIES + 1), "more than 50,000 entries"),
    ],
    ids=["gzip", "noise", "checksum", "later", "header", "many"],
)
def test_archives_that_are_none(tmp_path: Path, data: bytes, reason: str) -> None:
    (tmp_path / "a.tar").write_bytes(data)
    with pytest.raises((InputError, Absent), match=reason):
        TarFiles(str(tmp_path / "a.tar"), "a.tar")


def test_names_that_lead_out_links_and_doubles_are_no_files(tmp_path: Path) -> None:
    data = _entry("../index.json") + _entry("/index.json") + _entry("manifest.json", tarfile.SYMTYPE)
    data += _entry("twice") + _entry("./twice") + _entry("long", size=5) + b"12345".ljust(512, b"\0")
    (tmp_path / "a.tar").write_bytes(data + _entry("cut", size=4096))
    files = TarFiles(str(tmp_path / "a.tar"), "a.tar")
    assert not files.has("index.json")
    assert not files.has("manifest.json")
    assert files.read("long", 5) == b"12345"
    with pytest.raises(InputError, match="two files"):
        files.read("twice", 5)
    with pytest.raises(InputError, match="larger"):
        files.read("long", 4)
    with pytest.raises(InputError, match="cut"):
        files.read("cut", 5000)
    with pytest.raises(Absent):
        files.size("nothing")


def test_a_tar_without_an_image_is_a_file(look: Look, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (artifact,), _ = look(_tar(tmp_path / "folder", tmp_path / "source.tar"))
    assert artifact.type == "archive"


def test_attestations_beside_and_those_that_cannot_be_read(store: Store, look: Look, tmp_path: Path) -> None:
    image = store.image()
    broken = store.attach(image, b"{", INTOTO)
    folder = store.write(tmp_path / "layout", image, broken)
    (tmp_path / "given.json").write_bytes(provenance(image["digest"]))
    (artifact,), problems = look(folder, attestations=(str(tmp_path / "given.json"),))
    assert "cannot be read" in problems
    assert verdicts(artifact) == [("attestation", "referrers", "fail"), ("provenance", "beside", "not-signed")]


def test_a_missing_blob_is_said(store: Store, look: Look, tmp_path: Path) -> None:
    image = store.image()
    statement = store.attach(image, provenance(image["digest"]))
    folder = store.write(tmp_path / "layout", image, statement)
    layer = json.loads(store.blobs[statement["digest"]])["layers"][0]["digest"]
    (folder / "blobs" / "sha256" / layer[7:]).unlink()
    (artifact,), problems = look(folder)
    assert "there is no such file" in problems
    assert artifact.verifications == ()


def test_tags_of_a_layout(store: Store, tmp_path: Path) -> None:
    one, two = store.image(text="1"), store.image(text="2")
    named = {"annotations": {"org.opencontainers.image.ref.name": "example.test/r:two"}}
    folder = store.write(tmp_path / "layout", one, two | named)
    assert open_image(str(folder)).image().digest == one["digest"]
    assert open_image(f"{folder}:two").image().digest == two["digest"]
    assert open_image(f"{folder}@{two['digest']}").image().media_type == MANIFEST
    with pytest.raises(Absent, match="named three"):
        open_image(f"{folder}:three").image()


def test_a_chart_is_no_container_image(store: Store, look: Look, tmp_path: Path) -> None:
    config = store.blob(b'{"name": "chart", "version": "1.0.0"}')
    kind = "application/vnd.cncf.helm.config.v1+json"
    chart = store.put({"schemaVersion": 2, "config": store.descriptor(config, kind), "layers": []})
    (artifact,), problems = look(store.write(tmp_path / "layout", chart))
    assert problems == ""
    assert artifact.type == "helm-chart"


def test_saved_evidence_holds_no_images(store: Store, tmp_path: Path) -> None:
    item = ArtifactInput(str(store.write(tmp_path / "layout", store.image())), kind="image")
    replayed = OpenedTarget(Target("image", "x", artifacts=(item,)), EmptyTree())
    problems = Problems()
    (artifact,) = collect(replayed.target, GitFacts(present=False), None, load(), replayed, problems)
    assert artifact.digests == ()
    assert [one.reason for one in problems.items()] == ["is not in the evidence file"]


def test_what_hangs_on_what_hangs_on_it(store: Store, look: Look, tmp_path: Path) -> None:
    """A statement about an SBOM that hangs on an image is shown, and is no provenance of the image."""
    image = store.image()
    sbom = store.attach(image, b"{}", "application/vnd.cyclonedx+json")
    about = store.attach(sbom, provenance(sbom["digest"]))
    (artifact,), problems = look(store.write(tmp_path / "layout", image, sbom, about))
    assert problems == ""
    assert artifact.verifications == ()
    found = [(one.kind, one.manifest, one.subject) for one in artifact.attachments]
    assert found == [
        ("sbom", sbom["digest"], image["digest"]),
        ("provenance", about["digest"], sbom["digest"]),
    ]
    branches = importlib.import_module("slsacheck.reports._hanging").branches_of(artifact)
    assert [(one.title, one.foreign) for one in branches] == [
        ("this image, linux/amd64", False),
        ("the sbom that hangs on it", False),
    ]
