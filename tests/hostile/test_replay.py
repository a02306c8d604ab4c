"""An assessment of saved evidence is the assessment of the target, and hostile evidence files end in one error."""

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

MakeRepository = Callable[..., Path]
Slsacheck = Callable[..., Any]

WORKFLOW = """\
on: push
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v6
        with: {push: true, tags: ghcr.io/o/r:latest}
"""


def without_place(report: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in report.items() if key not in ("evidence", "generated_at")}


def test_replay_gives_the_same_assessment(
    make_repository: MakeRepository, slsacheck: Slsacheck, tmp_path: Path
) -> None:
    path = make_repository({".github/workflows/x.yml": WORKFLOW, "go.mod": "module x\n", "bad.yml": b"\0"})
    evidence = tmp_path / "evidence.zip"
    live = slsacheck("scan", path, "--report", "json=-")
    assert slsacheck("collect", path, "-o", evidence).status == 0
    path.rename(tmp_path / "gone")
    again = slsacheck("scan", "--evidence", evidence, "--report", "json=-")
    assert again.status == live.status
    assert without_place(again.report) == without_place(live.report)


def test_replay_of_artifacts_gives_the_same_assessment(slsacheck: Slsacheck, tmp_path: Path) -> None:
    (tmp_path / "app").write_bytes(b"abc")
    (tmp_path / "app.intoto.jsonl").write_text('{"hello": "world"}')
    live = slsacheck("scan", "app", "--report", "json=-")
    assert slsacheck("collect", "app", "-o", "evidence.zip").status == 0
    (tmp_path / "app").unlink()
    (tmp_path / "app.intoto.jsonl").unlink()
    again = slsacheck("scan", "--evidence", "evidence.zip", "--report", "json=-")
    assert without_place(again.report) == without_place(live.report)


@pytest.mark.parametrize("member", ["../../etc/passwd", "/etc/passwd", "manifest.json/x", "blobs/sha256/x"])
def test_hostile_evidence_files(slsacheck: Slsacheck, tmp_path: Path, member: str) -> None:
    with zipfile.ZipFile(tmp_path / "evidence.zip", "w") as archive:
        archive.writestr("manifest.json", "{}")
        archive.writestr(member, "x")
    answer = slsacheck("scan", "--evidence", "evidence.zip")
    assert answer.status in (1, 3, 4, 5)
    assert "evidence.zip" in answer.err + answer.out


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"text", b"PK\x05\x06" + bytes(18)])
def test_files_that_are_no_evidence(slsacheck: Slsacheck, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "evidence.zip").write_bytes(content)
    answer = slsacheck("scan", "--evidence", "evidence.zip")
    assert answer.status in (1, 3, 4, 5)
    assert "evidence.zip" in answer.err + answer.out
