"""How references are pinned, and how they are counted."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from slsacheck.evidence.pipelines import ci_systems, references
from slsacheck.evidence.pipelines.pins import action, image
from slsacheck.model import Pin, Place

SHA = "11bd71901bbe5b1630ceea73d27597364c9af683"
AT = Place(path="x", line=1)


@pytest.mark.parametrize(
    ("raw", "pin", "name", "path", "ref"),
    [
        (f"a/b@{SHA}", Pin.SHA, "a/b", "", SHA),
        ("a/b@v4", Pin.TAG, "a/b", "", "v4"),
        ("a/b@4", Pin.TAG, "a/b", "", "4"),
        ("a/b@release-1.2", Pin.TAG, "a/b", "", "release-1.2"),
        ("a/b@release/v1", Pin.BRANCH_OR_OTHER, "a/b", "", "release/v1"),
        ("a/b/c/d@main", Pin.BRANCH_OR_OTHER, "a/b", "c/d", "main"),
        (f"a/b@{SHA[:39]}", Pin.TAG, "a/b", "", SHA[:39]),
        ("a/b", Pin.BRANCH_OR_OTHER, "a/b", "", ""),
        ("docker://alpine:3.22", Pin.DOCKER_TAG, "alpine", "", "3.22"),
        ("a/b@${{ inputs.ref }}", Pin.DYNAMIC, "a/b@${{ inputs.ref }}", "", ""),
        ("./a/../b/", Pin.LOCAL, "./a/../b/", "b", ""),
        ("$/a", Pin.SAME_REPOSITORY, "$/a", "a", ""),
    ],
)
def test_actions(raw: str, pin: Pin, name: str, path: str, ref: str) -> None:
    found = action(raw, AT)
    assert (found.pin, found.name, found.path, found.ref) == (pin, name, path, ref)


@pytest.mark.parametrize(
    ("raw", "pin", "name", "ref"),
    [
        ("alpine", Pin.DOCKER_TAG, "alpine", ""),
        ("localhost:5000/a/b:1", Pin.DOCKER_TAG, "localhost:5000/a/b", "1"),
        (f"a:1@sha256:{'a' * 64}", Pin.SHA, "a", "sha256:" + "a" * 64),
        ("$REGISTRY/a:1", Pin.DYNAMIC, "$REGISTRY/a", "1"),
        ("${IMAGE:-a}", Pin.DYNAMIC, "${IMAGE:-a}", ""),
    ],
)
def test_images(raw: str, pin: Pin, name: str, ref: str) -> None:
    found = image(raw, AT)
    assert (found.pin, found.name, found.ref) == (pin, name, ref)


def test_counts_leave_out_comments_and_stand_local_ones_apart(read: Any) -> None:
    text = f"""
on: push
jobs:
  a:
    runs-on: ubuntu-latest
    steps: &steps
      - uses: a/b@{SHA}
      - uses: a/b@v1  # uses: a/b@v2
      # - uses: a/b@v3
      - uses: ./local
      - uses: $/own
      - uses: docker://alpine:3
      - uses: a/b@${{{{ matrix.v }}}}
      - uses: a/b@main
      - run: |
          uses: a/b@v9
  b:
    runs-on: ubuntu-latest
    steps: *steps
  c:
    uses: o/r/.github/workflows/x.yml@{SHA}
"""
    found = read(
        {".github/workflows/a.yml": text, "act/action.yml": "runs: {using: composite, steps: [{uses: a/b@v1}]}"}
    )
    counted = references(found.tree, found.pipelines, "o/r")
    assert (counted.total, counted.by_sha, counted.by_tag, counted.by_branch_or_other) == (6, 2, 1, 1)
    assert (counted.docker_tag, counted.dynamic, counted.local, counted.same_repository) == (1, 1, 1, 1)
    assert counted.composite == (("act/action.yml", 1),)
    assert references(found.tree, origin="o/r") == counted


def test_labelled_repositories(shared: Path, read: Any) -> None:
    """Pins and CI systems of the labelled repositories, where they are checked out."""
    root = Path(os.environ.get("SLSACHECK_FIELD") or shared.parent.parent / "field")
    rows = [json.loads(line) for line in (shared / "corpus" / "field.jsonl").read_text().splitlines()]
    here = [row for row in rows if (root / row["repo"].replace("/", "+")).is_dir()]
    if not here:
        pytest.skip("the labelled repositories are not checked out: set SLSACHECK_FIELD to their folder")
    wrong = [problem for row in here for problem in _differences(root / row["repo"].replace("/", "+"), row, read)]
    assert wrong == []


def _differences(root: Path, row: dict[str, Any], read: Any) -> list[str]:
    suffixes = {".yml", ".yaml", ".json", ".star", ".hcl", ""}
    files = {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.suffix in suffixes and ".git" not in path.relative_to(root).parts and path.is_file()
    }
    found = read(files, origin=row["repo"])
    counted = references(found.tree, found.pipelines, row["repo"])
    wrong = [f"{row['repo']} {key}" for key, value in row["references"].items() if getattr(counted, key) != value]
    seen = {system.name: system.live for system in ci_systems(found.tree, found.pipelines)}
    allowed = set(row["ci_invisible"])
    for system in row["ci"]:
        names = [system["name"], *system.get("or", [])]
        allowed.update(names)
        if not system.get("optional") and not any(seen.get(name) == system["live"] for name in names):
            wrong.append(f"{row['repo']} {system['name']}")
    return wrong + [f"{row['repo']} invents {name}" for name in seen if name not in allowed]
