"""The pre-release audit from the command line: a repository with a wheel and an image, complete and not."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from slsacheck.__main__ import main
from tests.evidence.comparison.sides import tar
from tests.evidence.oci.shop import BUILDER, Store
from tests.evidence.oci.test_origins import DSSE, Signer, labelled

Release = tuple[Path, Signer, list[str]]
REPRODUCIBLE = "v01.build.reproducible"
WORKFLOW = """\
name: release
on: {push: {tags: ['v*']}}
permissions: {}
jobs:
  wheels:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: python -m build
      - run: twine upload dist/*
  image:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: docker build -t ghcr.io/o/r:1 . && docker push ghcr.io/o/r:1
"""


def git(folder: Path, *words: str) -> str:
    command = ["git", "-c", "user.name=a", "-c", "user.email=a@e", *words]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def release(tmp_path: Path) -> Release:
    """A repository at tag v1.2.3, and the flags that hand in its wheel, its image and their provenance."""
    folder = tmp_path / "r"
    (folder / ".github" / "workflows").mkdir(parents=True)
    (folder / ".github" / "workflows" / "release.yml").write_text(WORKFLOW)
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "Begin")
    git(folder, "tag", "v1.2.3")
    git(folder, "remote", "add", "origin", "https://github.com/o/r.git")
    commit, signer, store = git(folder, "rev-parse", "HEAD"), Signer(tmp_path), Store()
    wheel, attestation = tmp_path / "app-1.2.3-py3-none-any.whl", tmp_path / "app.intoto.json"
    wheel.write_bytes(b"wheel")
    digest = f"sha256:{hashlib.sha256(b'wheel').hexdigest()}"
    attestation.write_bytes(signer.provenance(digest, commit=commit))
    claims = {"source": "https://github.com/o/r", "revision": commit, "version": "1.2.3"}
    image = store.image("v1.2.3", labelled(**claims))
    layout = store.write(
        tmp_path / "layout", image, store.attach(image, signer.provenance(image["digest"], commit=commit), DSSE)
    )
    flags = ["--artifact", str(wheel), "--attestation", str(attestation), "--image", str(layout)]
    flags += [
        "--key",
        str(signer.public),
        "--builder-id",
        BUILDER,
        "--build-type",
        "https://example.org/b",
        "--offline",
    ]
    return folder, signer, flags


def audit(
    capsys: pytest.CaptureFixture[str], folder: Path, *flags: str, status: int = 0
) -> tuple[list[str], dict[str, Any]]:
    assert main(["audit", str(folder), *flags, "--report", "json=-"]) == status
    report: dict[str, Any] = json.loads(capsys.readouterr().out)
    return [item["kind"] for item in report["audit"]["items"]], report


def test_a_complete_release_meets_the_gate(capsys: pytest.CaptureFixture[str], release: Release) -> None:
    folder, _, flags = release
    kinds, report = audit(capsys, folder, *flags, "--require", "build=1", "--complete")
    assert (kinds, report["audit"]["complete"]) == ([], True)
    kinds, report = audit(capsys, folder, *flags, "--require", "build=1", status=1)
    assert kinds == []
    assert all("--complete does" in reason for reason in report["gate"]["reasons"])


def test_what_is_missing_is_said_first(capsys: pytest.CaptureFixture[str], release: Release) -> None:
    folder, _, flags = release
    assert main(["audit", str(folder), *flags[:4], *flags[6:], "--colour", "never"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "1 thing is missing for this release" in lines[2]
    assert "ghcr.io/o/r" in lines[3]
    assert "--image ghcr.io/o/r:v1.2.3" in lines[4]


def test_another_revision_and_version_are_not_this_release(
    capsys: pytest.CaptureFixture[str], release: Release
) -> None:
    folder, _, flags = release
    git(folder, "commit", "-q", "--allow-empty", "-m", "More")
    git(folder, "tag", "v1.3.0")
    kinds, report = audit(capsys, folder, *flags, "--require", "build=1", "--complete", status=1)
    assert sorted(set(kinds)) == ["provenance-of-another", "revision-differs", "version-differs"]
    assert len(kinds) == 5
    assert not report["audit"]["complete"]


def test_a_repository_that_is_not_that_of_the_provenance(capsys: pytest.CaptureFixture[str], release: Release) -> None:
    folder, _, flags = release
    git(folder, "remote", "set-url", "origin", "https://github.com/o/fork.git")
    kinds, _ = audit(capsys, folder, *flags, "--strict", status=1)
    assert kinds == ["provenance-of-another", "provenance-of-another"]


def test_the_source_distribution_belongs_to_the_wheels(
    capsys: pytest.CaptureFixture[str], release: Release, tmp_path: Path
) -> None:
    folder, _, flags = release
    (tmp_path / "app-1.2.3.tar.gz").write_bytes(b"sdist")
    kinds, report = audit(capsys, folder, "--artifact", str(tmp_path / "app-1.2.3.tar.gz"), *flags)
    assert kinds == ["provenance-missing"]
    types = {one["name"]: one["type"] for one in report["subjects"] if one["kind"] == "artifact"}
    assert types["app-1.2.3.tar.gz"] == "python-package"


def test_a_package_is_one_gap_and_not_two(capsys: pytest.CaptureFixture[str], release: Release) -> None:
    folder, _, flags = release
    kinds, report = audit(capsys, folder, "--package", "pkg:pypi/app@1.2.3", *flags[4:])
    assert kinds == ["artifact-unread"]
    assert report["audit"]["items"][0]["reason"] == "pkg:pypi/app@1.2.3: is known by name alone"


def test_genuine_provenance_of_another_file_proves_nothing(
    capsys: pytest.CaptureFixture[str], release: Release, tmp_path: Path
) -> None:
    """The same build, source and revision, signed as it should be: and it is not about this wheel."""
    folder, _, flags = release
    Path(flags[1]).write_bytes(b"another wheel")
    kinds, _ = audit(capsys, folder, *flags, "--require", "build=1", "--complete", status=1)
    assert kinds == ["provenance-missing"]
    alone = [*flags[:4], *flags[6:]]
    kinds, _ = audit(capsys, folder, *alone, "--require", "build=1", "--complete", status=1)
    assert sorted(kinds) == ["artifact-missing", "provenance-of-another"]


def audited(
    capsys: pytest.CaptureFixture[str], release: Release, *rebuilt: object
) -> tuple[dict[str, dict[str, Any]], dict[str, Any]]:
    """The result on Reproducible by artifact, and the report."""
    folder, _, flags = release
    words = [word for text in rebuilt for word in ("--rebuilt", str(text))]
    main(["audit", str(folder), *flags, *words, "--spec", "v0.1", "--report", "json=-"])
    report: dict[str, Any] = json.loads(capsys.readouterr().out)
    names = {one["id"]: one["name"] for one in report["subjects"] if one["kind"] == "artifact"}
    found = {
        names[one["subject"]]: one
        for one in report["results"]
        if one["atom"] == REPRODUCIBLE and one["subject"] in names
    }
    return found, report


def again(release: Release, data: bytes) -> Path:
    """A folder with a wheel of the artifact's name."""
    wheel = Path(release[2][1])
    folder = wheel.parent / "again"
    folder.mkdir()
    (folder / wheel.name).write_bytes(data)
    return folder


def test_the_same_bytes(capsys: pytest.CaptureFixture[str], release: Release) -> None:
    found, report = audited(capsys, release, again(release, b"wheel") / "*.whl")
    wheel, layout = found["app-1.2.3-py3-none-any.whl"], found["layout"]
    assert (wheel["outcome"], layout["outcome"]) == ("PASS", "UNKNOWN")
    assert wheel["attestation"]
    assert "nothing that was built again was given" in layout["reason"]
    assert report["errors"] == []


def test_other_bytes_prove_and_refute_nothing(capsys: pytest.CaptureFixture[str], release: Release) -> None:
    found, report = audited(capsys, release, again(release, b"another wheel") / "app-1.2.3-py3-none-any.whl")
    wheel = found["app-1.2.3-py3-none-any.whl"]
    assert wheel["outcome"] == "UNKNOWN"
    assert "content 1" in wheel["reason"]
    (item,) = [one for one in report["audit"]["items"] if one["kind"] == "rebuild-differs"]
    assert not item["blocking"]


def test_the_difference_is_named(capsys: pytest.CaptureFixture[str], release: Release) -> None:
    wheel = Path(release[2][1])
    wheel.write_bytes(tar(("a/b", b"1", {"mtime": 1}), ("a/c", b"2", {"mtime": 1})))
    folder = again(release, tar(("a/b", b"1", {"mtime": 2}), ("a/c", b"2", {"mtime": 1})))
    found, _ = audited(capsys, release, folder / wheel.name)
    assert "mtime 1 (metadata alone), in a/b" in found[wheel.name]["reason"]


def test_the_same_bytes_that_no_provenance_names(capsys: pytest.CaptureFixture[str], release: Release) -> None:
    release[2][:] = [*release[2][:2], *release[2][4:]]  # without its attestation
    found, _ = audited(capsys, release, again(release, b"wheel") / "*.whl")
    wheel = found["app-1.2.3-py3-none-any.whl"]
    assert wheel["outcome"] == "UNKNOWN"
    assert "no verified provenance" in wheel["reason"]


def test_an_image(capsys: pytest.CaptureFixture[str], release: Release, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(tmp_path / "layout", copy)
    found, _ = audited(capsys, release, copy)
    assert found["layout"]["outcome"] == "PASS"
    other = Store()
    found, report = audited(capsys, release, other.write(tmp_path / "other", other.image("1")))
    assert found["layout"]["outcome"] == "UNKNOWN"
    assert "another digest" in found["layout"]["reason"]
    assert [one["kind"] for one in report["audit"]["items"]].count("rebuild-differs") == 1


def test_what_is_none_of_the_artifacts(capsys: pytest.CaptureFixture[str], release: Release, tmp_path: Path) -> None:
    stray, broken = tmp_path / "stray.bin", tmp_path / "broken.tar"
    stray.write_bytes(b"stray")
    _, report = audited(capsys, release, stray)
    assert [one["where"] for one in report["errors"]] == [str(stray)]
    store = Store()
    store.image()
    broken.write_bytes(tar(("manifest.json", b"[{}]", {})))
    _, report = audited(capsys, release, broken)
    assert [one["where"] for one in report["errors"]] == [str(broken)]


def test_the_artifacts_themselves_were_not_built_again(
    capsys: pytest.CaptureFixture[str], release: Release, tmp_path: Path
) -> None:
    wheel, layout = release[2][1], str(tmp_path / "layout")
    link = tmp_path / "link.whl"
    link.symlink_to(wheel)
    found, report = audited(capsys, release, wheel, link, layout)
    assert {one["outcome"] for one in found.values()} == {"UNKNOWN"}
    assert {one["where"] for one in report["errors"]} == {wheel, str(link), layout}
    assert {one["reason"] for one in report["errors"]} == {"is the artifact itself, and was not built again"}


def test_an_index_that_names_an_image_that_is_not_there(
    capsys: pytest.CaptureFixture[str], release: Release, tmp_path: Path
) -> None:
    store = Store()
    store.image()
    named = json.loads((tmp_path / "layout" / "index.json").read_text())["manifests"][0]
    found, report = audited(capsys, release, store.write(tmp_path / "index", store.index([named])))
    assert found["layout"]["outcome"] == "UNKNOWN"
    assert named["digest"].partition(":")[2] in report["errors"][0]["where"]
    shutil.copytree(tmp_path / "layout" / "blobs", tmp_path / "index" / "blobs", dirs_exist_ok=True)
    found, _ = audited(capsys, release, tmp_path / "index")
    assert found["layout"]["outcome"] == "PASS"


def test_all_that_was_built_again_of_one_artifact_is_told(
    capsys: pytest.CaptureFixture[str], release: Release, tmp_path: Path
) -> None:
    folder = again(release, b"other")
    shutil.copytree(folder, tmp_path / "third")
    _, report = audited(capsys, release, folder / "*.whl", tmp_path / "third" / "*.whl")
    (told,) = [one["facts"]["built again"] for one in report["subjects"] if "built again" in one.get("facts", ())]
    assert all(f"{place}/app-1.2.3-py3-none-any.whl: content 1" in told for place in (folder, tmp_path / "third"))


def test_what_lies_there_now_is_not_what_is_in_evidence(
    capsys: pytest.CaptureFixture[str], release: Release, tmp_path: Path
) -> None:
    folder, _, flags = release
    wheel, evidence = Path(flags[1]), str(tmp_path / "evidence.zip")
    assert main(["collect", str(folder), *flags[:6], "--offline", "-o", evidence]) == 0
    place = again(release, b"another") / wheel.name
    wheel.write_bytes(b"another")
    words = ["--evidence", evidence, "--rebuilt", str(place), "--rebuilt", "registry.example/o/r:again"]
    main(["audit", *words, *flags[6:-1], "--spec", "v0.1", "--report", f"json={tmp_path / 'report.json'}"])
    report = json.loads((tmp_path / "report.json").read_text())
    found = [one for one in report["results"] if one["atom"] == REPRODUCIBLE and "other bytes" in one["reason"]]
    assert [one["outcome"] for one in found] == ["UNKNOWN"]
    (error,) = report["errors"]
    assert (error["where"], "is not asked" in error["reason"]) == ("registry.example/o/r:again", True)


def test_what_is_not_there(release: Release, capsys: pytest.CaptureFixture[str]) -> None:
    folder, _, flags = release
    assert main(["audit", str(folder), *flags, "--rebuilt", "none/*.whl"]) == 4
    assert "none/*.whl" in capsys.readouterr().err
