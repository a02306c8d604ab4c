"""What all tests share: the corpora where they are, and tools that must exist in CI."""

from __future__ import annotations

import importlib
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import hypothesis
import pytest

from tests.clock import CLOCK, Clock

if TYPE_CHECKING:
    from tests.evidence.attestations.private_sigstore import Instance

ROOT = Path(__file__).resolve().parent.parent

hypothesis.settings.register_profile(
    "slsacheck",
    deadline=None,  # a busy machine must not fail a test
    suppress_health_check=[hypothesis.HealthCheck.too_slow, hypothesis.HealthCheck.function_scoped_fixture],
    derandomize=bool(os.environ.get("CI")),  # elsewhere each run tries other examples
)
hypothesis.settings.load_profile("slsacheck")


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes are called by their argument: nobody reads them, and some hold the time at which they were squashed."""
    return argname if isinstance(val, bytes) else None


WAITING = ("evidence.web.client", "evidence.oci.byplatform", "evidence.oci.verifying")
"""The modules that measure how long an answer takes."""


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of whoever waits for an answer."""
    for module in WAITING:
        monkeypatch.setattr(f"slsacheck.{module}.time", CLOCK)
    return CLOCK


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with the reference corpora; tests that need it are skipped where it is absent."""
    found = Path(os.environ.get("SLSACHECK_SHARED") or ROOT.parent / "shared")
    if not (found / "corpus").is_dir():
        pytest.skip("the reference corpora are not here: set SLSACHECK_SHARED to their folder")
    return found


def need(tool: str) -> str:
    """The path of a program: where it is missing, a failure in CI and a skip elsewhere."""
    path = shutil.which(tool)
    if path is None:
        if os.environ.get("CI"):
            pytest.fail(f"{tool} is not installed: .ci/run must install it")
        pytest.skip(f"{tool} is not installed")
    return path


def need_module(name: str) -> ModuleType:
    """An optional library: where it is missing, a failure in CI, whose requirements hold it, and a skip elsewhere."""
    try:
        return importlib.import_module(name)
    except ImportError:
        if os.environ.get("CI"):
            pytest.fail(f"{name} is not installed: requirements/dev.txt must hold it")
        pytest.skip(f"{name} is not installed", allow_module_level=True)


@pytest.fixture(scope="session")
def instance() -> Instance:
    """A private Sigstore instance."""
    from tests.evidence.attestations.private_sigstore import Instance

    return Instance()


@pytest.fixture(scope="session")
def git() -> str:
    """The path of git."""
    return need("git")


GIT_ENVIRONMENT = {
    "PATH": os.environ.get("PATH", os.defpath),
    "HOME": os.devnull,
    "LC_ALL": "C",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_AUTHOR_NAME": "A U Thor",
    "GIT_AUTHOR_EMAIL": "author@example.com",
    "GIT_AUTHOR_DATE": "2026-01-02T03:04:05Z",
    "GIT_COMMITTER_NAME": "C O Mitter",
    "GIT_COMMITTER_EMAIL": "committer@example.com",
    "GIT_COMMITTER_DATE": "2026-01-02T03:04:05Z",
    "GIT_ALLOW_PROTOCOL": "file",
}


@pytest.fixture(scope="session")
def run_git(git: str) -> Callable[..., str]:
    """Runs git in a directory, to set a repository up: `run_git(path, "commit", "-m", "message")`."""

    def run(path: Path, *args: str, **environment: str) -> str:
        command = [git, "-c", "init.defaultBranch=main", "-C", str(path), *args]
        done = subprocess.run(command, env=GIT_ENVIRONMENT | environment, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode("utf-8", "replace")
        return done.stdout.decode("utf-8", "surrogateescape").strip()

    return run


@pytest.fixture
def make_repository(tmp_path: Path, run_git: Callable[..., str]) -> Callable[..., Path]:
    """Makes a repository with one commit: `make_repository({"a.txt": "text"}, name="repo")`; no commit without files."""

    def make(files: Mapping[str, str | bytes] | None = None, name: str = "repository") -> Path:
        path = tmp_path / name
        path.mkdir()
        run_git(path, "init", "-q")
        for relative, content in (files or {}).items():
            place = path / relative
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content.encode() if isinstance(content, str) else content)
        if files:
            run_git(path, "add", "-A")
            run_git(path, "commit", "-q", "-m", "Begin")
        return path

    return make
