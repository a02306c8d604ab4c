"""Images that real tools made: what is said of each, from a layout, an archive, and registries of both kinds."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from slsacheck.__main__ import main
from tests.evidence.oci.shop import Registry, Store, provenance
from tests.evidence.oci.test_verify_image import load

Scan = Callable[..., dict[str, Any]]


@pytest.fixture
def scan(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Scan:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("DOCKER_CONFIG", raising=False)

    def run(*words: object) -> dict[str, Any]:
        main([str(word) for word in words] + ["--report", "json=-"])
        found: dict[str, Any] = json.loads(capsys.readouterr().out)
        return found

    return run


def levels(subject: dict[str, Any]) -> tuple[int | None, ...]:
    build = subject["levels"]["build"]
    return build["proved"], build["configured"], build["possible"]


def test_the_run_image_of_buildpacks(shared: Path, scan: Scan) -> None:
    (subject,) = scan("scan", shared / "corpus" / "real" / "cnb-oci", "--offline")["subjects"]
    assert subject["image"]["base"]["reference"].endswith("cnbrun:1")
    assert subject["image"]["base"]["digest"].startswith("sha256:e390f0628")


def test_the_sboms_in_the_layer_that_buildpacks_name(shared: Path, scan: Scan) -> None:
    """Two of the three are equal; the layer's sbom.legacy.json holds nothing."""
    report = scan("scan", shared / "corpus" / "real" / "cnb-oci", "--offline")
    (subject,) = report["subjects"]
    assert report["errors"] == []
    told = {(one["kind"], one["format"], one["found_by"], one["verified"]) for one in subject["attachments"]}
    assert told == {("sbom", "cyclonedx", "image-layer", "not-signed")}
    assert len({one["digest"] for one in subject["attachments"]}) == 2
    assert {one["subject"] for one in subject["attachments"]} == {subject["image"]["digest"]}


def test_an_archive_holds_what_its_layout_holds(shared: Path, scan: Scan, tmp_path: Path) -> None:
    real = shared / "corpus" / "real"
    with tarfile.open(tmp_path / "image.tar", "w") as archive:
        archive.add(real / "cosign-key-referrers-oci", ".")
    found = [
        [(one["digest"], one["found_by"], one["verified"]) for one in subject["attachments"]]
        for place in (tmp_path / "image.tar", real / "cosign-key-referrers-oci")
        for subject in scan("scan", place, "--offline", "--key", real / "cosign.pub")["subjects"]
    ]
    assert len(found[0]) == 6
    assert found[0] == found[1]


def with_fallback_tags(store: Store) -> None:
    """What a client leaves at a registry without the list of referrers: an index under the fallback tag."""
    subjects: dict[str, list[dict[str, Any]]] = {}
    for digest, kind in list(store.manifests.items()):
        subject = json.loads(store.blobs[digest]).get("subject")
        if subject:
            subjects.setdefault(subject["digest"], []).append(store.descriptor(digest, kind))
    for digest, found in subjects.items():
        store.index(found, digest.replace(":", "-"))


def test_a_keyed_signer_without_a_root_proves_level_one(shared: Path, scan: Scan) -> None:
    real = shared / "corpus" / "real"
    (subject,) = scan("scan", real / "cosign-key-fallbacktag-oci", "--offline", "--key", real / "cosign.pub")[
        "subjects"
    ]
    assert levels(subject)[0] == 0
    assert levels(subject)[2] == 3
    assert subject["attestations"][0]["authentic"] is True


def test_unsigned_provenance_that_meets_the_expectations(store: Store, scan: Scan, tmp_path: Path) -> None:
    image = store.image()
    folder = store.write(tmp_path / "layout", image, store.attach(image, provenance(image["digest"])))
    flags = ("--source-uri", "github.com/o/r", "--builder-id", "https://example.org/builder")
    (subject,) = scan("scan", folder, "--offline", *flags, "--build-type", "https://example.org/b")["subjects"]
    assert levels(subject) == (1, 1, 3)
    assert subject["levels"]["build"]["authentic"] is False


def test_a_signature_alone_proves_nothing_and_refutes_after_a_whole_lookup(shared: Path, scan: Scan) -> None:
    real = shared / "corpus" / "real"
    (subject,) = scan("scan", real / "notation-referrers-oci", "--offline")["subjects"]
    assert levels(subject) == (0, 0, 3)
    registry = Registry(load(real / "notation-referrers-oci"))
    try:
        (subject,) = scan("scan", f"{registry.host}/o/r:latest", "--plain-http")["subjects"]
    finally:
        registry.close()
    assert subject["lookup_complete"] is True
    assert levels(subject) == (0, 0, 0)


def test_provenance_of_another_image_proves_nothing(store: Store, scan: Scan, tmp_path: Path) -> None:
    image, other = store.image(), store.image(text="other")
    folder = store.write(tmp_path / "layout", image, store.attach(image, provenance(other["digest"])))
    flags = ("--source-uri", "github.com/o/r", "--builder-id", "https://example.org/builder")
    (subject,) = scan("scan", folder, "--offline", *flags, "--build-type", "https://example.org/b")["subjects"]
    assert levels(subject) == (0, 0, 0)


def test_an_audit_takes_images_beside_a_repository(
    shared: Path, scan: Scan, make_repository: Callable[..., Path]
) -> None:
    repository = make_repository({"a.txt": "x"})
    report = scan("audit", repository, "--image", shared / "corpus" / "real" / "jib-oci", "--offline")
    (subject,) = [one for one in report["subjects"] if one["kind"] == "artifact"]
    assert subject["type"] == "container-image"
    assert subject["image"]["builder"]["name"] == "jib"


def test_the_report_fits_its_schema(shared: Path, scan: Scan) -> None:
    schema = json.loads((Path(__file__).parents[3] / "reports" / "report.schema.json").read_text(encoding="utf-8"))
    report = scan("scan", shared / "corpus" / "real" / "cosign-key-referrers-oci", "--offline")
    jsonschema.validate(report, schema)
    assert len(report["subjects"][0]["attachments"]) == 6


def test_what_could_not_be_read_is_not_assessed(scan: Scan, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["scan", "127.0.0.1:9/o/r:1", "--plain-http", "--report", "json=-"]) == 5
    report = json.loads(capsys.readouterr().out)
    assert [one["reason"] for one in report["errors"]] == ["there is no connection"]
    assert report["subjects"][0]["digests"] == {}
    assert main(["scan", str(tmp_path / "owner" / "name")]) == 4
    assert "there is no" in capsys.readouterr().err


def test_a_report_says_that_a_registry_was_asked(store: Store, scan: Scan) -> None:
    store.image("latest")
    registry = Registry(store)
    try:
        report = scan("scan", f"{registry.host}/o/r", "--plain-http")
    finally:
        registry.close()
    assert report["offline"] is False
    assert report["subjects"][0]["channel"] == registry.host
