"""The project keeps for itself what it asks of others: locked tools, pinned actions, small rights, a gate that holds."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
LOCKS = {"dev.txt": ROOT / "requirements" / "dev.txt", "build.txt": ROOT / "requirements" / "build.txt"}
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SPELLED = re.compile(r"^([A-Za-z0-9_.-]+)==([^ ;]+)(?: ;[^\\]+)? \\$", re.MULTILINE)


def _pinned(lock: Path) -> dict[str, str]:
    return {canonicalize_name(name): version for name, version in SPELLED.findall(lock.read_text(encoding="utf-8"))}


def _needed(name: str) -> list[str]:
    project: dict[str, Any] = PROJECT["project"]
    build: list[str] = PROJECT["build-system"]["requires"]
    if name == "build.txt":
        return ["build", *build]
    return [*project["dependencies"], *project["optional-dependencies"]["dev"], *build]


@pytest.mark.parametrize("name", LOCKS)
def test_the_lock_covers_the_project(name: str) -> None:
    """Each requirement of pyproject.toml is pinned to a version that fits it."""
    pinned = _pinned(LOCKS[name])
    for text in _needed(name):
        wanted = Requirement(text)
        version = pinned.get(canonicalize_name(wanted.name))
        assert version is not None, f"{wanted.name} is not in requirements/{name}"
        assert wanted.specifier.contains(version), f"{wanted} is pinned to {version}"


@pytest.mark.parametrize("name", LOCKS)
def test_every_pin_has_hashes_and_names_no_index(name: str) -> None:
    text = LOCKS[name].read_text(encoding="utf-8")
    entries = re.split(r"^(?=\S)", text, flags=re.MULTILINE)[1:]
    assert [entry.splitlines()[0] for entry in entries if "--hash=sha256:" not in entry] == []
    assert not re.search(r"://|--(?:extra-)?index-url|--find-links|--trusted-host", text)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned_by_commit_with_their_version(path: Path) -> None:
    used = [line.strip() for line in path.read_text(encoding="utf-8").splitlines() if re.match(r"\s*(- )?uses:", line)]
    assert used
    assert [line for line in used if not re.search(r"@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line)] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflows_begin_without_rights(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert re.search(r"^permissions: \{\}$", text, re.MULTILINE)
    assert "pull_request_target" not in text


def test_scripts_of_ci_are_shell() -> None:
    """`bash -n` reads them, and the ones that are started may be."""
    for name in ("run", "live", "tools"):
        path = ROOT / ".ci" / name
        done = subprocess.run(["bash", "-n", path], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert name == "tools" or os.access(path, os.X_OK)


def test_our_own_releases_reach_what_we_say(
    make_repository: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """SECURITY.md says level 2: the release workflow is configured for exactly that, and has no grave hazard."""
    from slsacheck.cli import run

    files = {f".github/workflows/{path.name}": path.read_text(encoding="utf-8") for path in WORKFLOWS}
    target = make_repository(files | {"pyproject.toml": (ROOT / "pyproject.toml").read_text(encoding="utf-8")})
    status = run([str(target), "--offline", "--require", "build=2", "--accept", "configured", "--report", "json=-"])
    report = json.loads(capsys.readouterr().out)
    levels = {one["channel"]: one["levels"]["build"] for one in report["subjects"] if one["kind"] == "publication"}
    assert {channel: found["configured"] for channel, found in levels.items()} == {"pypi": 2, "github-release": 2}
    assert status == 0
    assert [hazard for hazard in report["facts"]["hazards"] if hazard["severity"] in ("high", "medium")] == []
