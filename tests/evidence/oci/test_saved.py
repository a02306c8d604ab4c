"""Images in an evidence file: assessed again without a network, each byte checked again."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from slsacheck.__main__ import main
from tests.evidence.oci.shop import Registry, Store
from tests.evidence.oci.test_origins import DSSE, Signer, based, labelled

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1793534400")


def scanned(capsys: Capture, *argv: object) -> dict[str, Any]:
    capsys.readouterr()
    main(["scan", *map(str, argv), "--report", "json=-"])
    report: dict[str, Any] = json.loads(capsys.readouterr().out)
    return report


def compared(report: dict[str, Any]) -> dict[str, Any]:
    """What must be the same live and replayed."""
    kept = ("id", "name", "type", "channel", "digests", "attestations", "attachments", "image", "looked_at", "levels")
    subjects = [{name: one.get(name) for name in kept} for one in report["subjects"]]
    return {"subjects": subjects, "errors": report["errors"], "hazards": report["facts"]["hazards"]}


def stocked(registry: Registry, signer: Signer) -> str:
    """An index of two platforms with provenance, on a base with provenance of its own; its reference."""
    store = registry.store
    base = store.image("base", {"rootfs": {"diff_ids": ["sha256:1"]}}, text="base")
    store.attach(base, signer.provenance(base["digest"]), DSSE)
    image = based(store, base, f"{registry.host}/o/base:1", **labelled(source="https://github.com/o/other"))
    other = store.image(text="arm") | {"platform": {"os": "linux", "architecture": "arm64"}}
    index = store.index([image | {"platform": {"os": "linux", "architecture": "amd64"}}, other], "1")
    store.attach(index, signer.provenance(index["digest"]), DSSE)
    store.attach(image, b"broken", DSSE)
    return f"{registry.host}/o/r:1"


def collected(tmp_path: Path, *argv: object) -> Path:
    file = tmp_path / "evidence.zip"
    assert main(["collect", *map(str, argv), "-o", str(file), "--colour", "never"]) == 0
    return file


def test_a_registry_that_is_gone(store: Store, registry: Registry, tmp_path: Path, capsys: Capture) -> None:
    signer = Signer(tmp_path)
    reference = stocked(registry, signer)
    live = scanned(capsys, reference, "--plain-http", "--key", signer.public)
    file = collected(tmp_path, reference, "--plain-http")
    asked = len(registry.asked)
    registry.close()
    replayed = scanned(capsys, "--evidence", file, "--key", signer.public)
    assert compared(replayed) == compared(live)
    assert len(registry.asked) == asked
    (base,) = [one for subject in live["subjects"] for one in subject["image"]["bases"]][:1]
    assert (base["provenance"]["state"], base["role"]) == ("verified", "base")
    assert [one["rule"] for one in live["facts"]["hazards"]] == ["image-claim-refuted"]
    assert any(one["name"] == f"artifact {reference}" for one in replayed["evidence"])


def test_a_layout_that_is_gone(store: Store, tmp_path: Path, capsys: Capture) -> None:
    image = store.image("1", labelled(source="https://github.com/o/r"))
    layout = store.write(tmp_path / "layout", image, store.attach(image, b"broken", DSSE))
    live = scanned(capsys, layout)
    file = collected(tmp_path, layout)
    layout.rename(tmp_path / "elsewhere")
    assert compared(scanned(capsys, "--evidence", file)) == compared(live)


def test_an_image_that_was_not_there_is_not_there_again(registry: Registry, tmp_path: Path, capsys: Capture) -> None:
    reference = f"{registry.host}/o/none:1"
    live = scanned(capsys, reference, "--plain-http")
    file = collected(tmp_path, reference, "--plain-http")
    replayed = scanned(capsys, "--evidence", file)
    assert replayed["errors"] == live["errors"] != []


def test_bytes_are_checked_again(store: Store, registry: Registry, tmp_path: Path, capsys: Capture) -> None:
    """Whoever changes a manifest and its name in the file has changed its digest, and is found out."""
    image = store.image("1")
    file = collected(tmp_path, f"{registry.host}/o/r:1", "--plain-http")
    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(members["manifest.json"])
    (entry,) = manifest["targets"][0]["images"].values()
    other = store.image(text="other")
    changed = store.blobs[other["digest"]]
    entry["manifests"][image["digest"]]["sha256"] = other["digest"][7:]
    members["manifest.json"] = json.dumps(manifest).encode()
    members[f"blobs/sha256/{other['digest'][7:]}"] = changed
    forged = tmp_path / "forged.zip"
    with zipfile.ZipFile(forged, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    report = scanned(capsys, "--evidence", forged)
    assert any("another digest" in one["reason"] for one in report["errors"])
    assert all(not one["digests"] for one in report["subjects"])


@pytest.mark.parametrize("broken", [None, {}, {"x": 1}, {"error": 3}, 7])
def test_broken_entries_end_in_a_message(
    store: Store, registry: Registry, tmp_path: Path, capsys: Capture, broken: object
) -> None:
    store.image("1")
    file = collected(tmp_path, f"{registry.host}/o/r:1", "--plain-http")
    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(members["manifest.json"])
    images = manifest["targets"][0]["images"]
    images[next(iter(images))] = broken
    members["manifest.json"] = json.dumps(manifest).encode()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    report = scanned(capsys, "--evidence", file)
    assert report["errors"]
    assert not any(one["fatal"] for one in report["errors"])
