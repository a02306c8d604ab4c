"""What the tests of the command line share: small repositories, and the command itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from slsacheck.__main__ import main
from tests.clock import HANGS
from tests.evidence.attestations.private_sigstore import ARTIFACT, Instance, generator_statement

ATTESTED = """\
name: release
on: {push: {tags: ['v*']}}
permissions: {contents: write, id-token: write, attestations: write}
jobs:
  build:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v4
      - run: make dist
      - uses: actions/attest-build-provenance@v2
        with: {subject-path: 'dist/*.tar.gz'}
      - run: gh release upload "$GITHUB_REF_NAME" dist/*.tar.gz
"""
"""A release whose own job attests it: level 2 configured, nothing proved."""

PLUGIN = '''
import time
from pathlib import Path
from slsacheck.api import check, configured
from slsacheck.model import Publication, Verdict

@check("build.hosted.not-workstation")
def {name}(publication: Publication) -> Verdict:
    """A check of a plug-in."""
    {body}
'''


class Ended(NamedTuple):
    """How a command ended."""

    status: int
    out: str
    err: str


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No colour, 80 columns, whoever runs the tests."""
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "SOURCE_DATE_EPOCH"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def released(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a release workflow, as the current folder."""
    path = tmp_path / "widget"
    workflow = path / ".github" / "workflows" / "release.yml"
    workflow.parent.mkdir(parents=True)
    workflow.write_text(ATTESTED)
    monkeypatch.chdir(path)
    return path


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Callable[..., Ended]:
    """Runs the command line in this process."""

    def run(*argv: str) -> Ended:
        status = main(list(argv))
        return Ended(status, *capsys.readouterr())

    return run


@pytest.fixture
def process() -> Callable[..., Ended]:
    """Runs the command line in a process of its own."""

    def run(*argv: str, env: Mapping[str, str] | None = None, cwd: Path | None = None) -> Ended:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "slsacheck", *argv],
            env={**os.environ, **(env or {})},
            cwd=cwd,
            capture_output=True,
            check=False,
            timeout=HANGS,
        )
        return Ended(done.returncode, done.stdout.decode("utf-8", "backslashreplace"), done.stderr.decode())

    return run


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], str]:
    """Writes a plug-in with one check and returns its name for -p."""

    def write(name: str, body: str) -> str:
        folder = tmp_path / "plugins"
        folder.mkdir(exist_ok=True)
        (folder / f"{name}.py").write_text(PLUGIN.format(name=f"{name}_check", body=body))
        monkeypatch.syspath_prepend(str(folder))
        monkeypatch.setenv("PYTHONPATH", str(folder))
        return name

    return write


@pytest.fixture
def files(instance: Instance, tmp_path: Path) -> dict[str, str]:
    """Paths of an artifact, its bundle, the trusted root, and of a summary that is yet to be written."""
    content = {
        "hello": ARTIFACT,
        "bundle": json.dumps(instance.bundle(generator_statement())).encode(),
        "root": json.dumps(instance.trusted_root()).encode(),
    }
    for name, data in content.items():
        (tmp_path / name).write_bytes(data)
    return {name: str(tmp_path / name) for name in (*content, "vsa.json")}
