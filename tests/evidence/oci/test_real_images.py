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
FACTS = [
    ("buildah-oci", "buildah", "1.28.2", "1970-01-01T00:00:00Z", True),
    ("cnb-oci", "buildpacks", None, "1980-01-01T00:00:01Z", True),
    ("jib-oci", "jib", "3.4.6", "1970-01-01T00:00:00Z", True),
    ("ko-oci", "ko", None, "0001-01-01T00:00:00Z", True),
    ("umoci-oci", "umoci", None, "2026-01-01T00:00:00Z", False),
    ("buildkit-none", "buildkit", None, "2026-11-21T00:50:31.273790423Z", False),
    ("buildkit-artifact-style", "buildkit", None, "2023-11-14T22:13:20Z", True),
    ("buildkit-ghalike-v02", "buildkit", None, "2023-11-14T22:13:20Z", True),
    ("cosign-key-referrers-oci", "ko", None, "2023-11-14T22:13:20Z", True),
    ("notation-referrers-oci", "unknown", None, "0001-01-01T00:00:00Z", True),
]
HANGING = [
    ("buildkit-sbom", [("provenance", "in-toto-statement", "not-signed"), ("sbom", "in-toto-statement", "not-signed")]),
    ("buildkit-artifact-style", [("provenance", "in-toto-statement", "not-signed")]),
    ("buildkit-none", []),
    (
        "cosign-key-referrers-oci",
        [
            ("provenance", "cosign-legacy", "pass"),
            ("provenance", "sigstore-bundle", "pass"),
            ("sbom", "sigstore-bundle", "pass"),
            ("sbom", "spdx", "not-signed"),
            ("signature", "cosign-legacy", "pass"),
            ("signature", "sigstore-bundle", "pass"),
        ],
    ),
    (
        "cosign-key-fallbacktag-oci",
        [("provenance", "sigstore-bundle", "pass"), ("signature", "sigstore-bundle", "pass")],
    ),
    (
        "notation-referrers-oci",
        [("signature", "notation-cose", "unknown"), ("signature", "notation-jws", "unknown")],
    ),
]
LEVELS = [
    ("buildkit-max", (0, 0, 0)),
    ("buildkit-multiplatform-v1", (0, 0, 0)),
    ("buildkit-min-v1-builderid", (0, 1, 3)),
    ("buildkit-none", (0, 0, 3)),
    ("cnb-oci", (0, 0, 3)),
]


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


@pytest.mark.parametrize(("name", "builder", "version", "created", "fixed"), FACTS)
def test_who_built_it(
    shared: Path, scan: Scan, name: str, builder: str, version: str | None, created: str, *, fixed: bool
) -> None:
    report = scan("scan", shared / "corpus" / "real" / name, "--offline")
    assert report["errors"] == []
    for subject in report["subjects"]:
        image = subject["image"]
        assert (image["builder"]["name"], image["builder"]["version"]) == (builder, version)
        assert (image["created"], image["created_is_fixed"]) == (created, fixed)
        assert (image["builder"]["claimed_by"] is None) == (builder == "unknown")


def test_the_run_image_of_buildpacks(shared: Path, scan: Scan) -> None:
    (subject,) = scan("scan", shared / "corpus" / "real" / "cnb-oci", "--offline")["subjects"]
    assert subject["image"]["base"]["reference"].endswith("cnbrun:1")
    assert subject["image"]["base"]["digest"].startswith("sha256:e390f0628")


def hanging(subject: dict[str, Any]) -> list[tuple[str, str, str]]:
    return sorted((one["kind"], one["format"], one["verified"]) for one in subject["attachments"])


@pytest.mark.parametrize(("name", "expected"), HANGING)
@pytest.mark.parametrize("place", ["layout", "archive", "registry", "old registry"])
def test_what_hangs_on_it(
    shared: Path, scan: Scan, tmp_path: Path, name: str, expected: list[tuple[str, str, str]], place: str
) -> None:
    real = shared / "corpus" / "real"
    key = ["--key", real / "cosign.pub"] if name.startswith("cosign") else []
    if "registry" in place:
        store = load(real / name)
        if place == "old registry":
            _with_fallback_tags(store)
        registry = Registry(store, referrers=place == "registry")
        try:
            report = scan("scan", f"{registry.host}/o/r:latest", "--plain-http", *key)
        finally:
            registry.close()
    else:
        image = real / name
        if place == "archive":
            image = tmp_path / "image.tar"
            with tarfile.open(image, "w") as archive:
                archive.add(real / name, ".")
        report = scan("scan", image, "--offline", *key)
    (subject,) = report["subjects"]
    assert report["errors"] == []
    assert hanging(subject) == expected


def _with_fallback_tags(store: Store) -> None:
    """What a client leaves at a registry without the list of referrers: an index under the fallback tag."""
    subjects: dict[str, list[dict[str, Any]]] = {}
    for digest, kind in list(store.manifests.items()):
        subject = json.loads(store.blobs[digest]).get("subject")
        if subject:
            subjects.setdefault(subject["digest"], []).append(store.descriptor(digest, kind))
    for digest, found in subjects.items():
        store.index(found, digest.replace(":", "-"))


@pytest.mark.parametrize(("name", "expected"), LEVELS)
def test_levels_without_expectations(shared: Path, scan: Scan, name: str, expected: tuple[int, ...]) -> None:
    report = scan("scan", shared / "corpus" / "real" / name, "--offline")
    assert {levels(subject) for subject in report["subjects"]} == {expected}


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
