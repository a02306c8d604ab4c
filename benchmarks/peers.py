"""The tools that slsacheck is compared with: found on PATH, else installed into a folder that may be thrown away."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

__all__ = ["PEERS", "Peer", "find"]


@dataclass(frozen=True)
class Peer:
    """A tool: where it comes from, and the command that scans a repository's workflow files without the network."""

    name: str
    program: str
    command: Callable[[str, Path], list[str]]
    pypi: str = ""
    go: str = ""


def _actionlint(program: str, path: Path) -> list[str]:
    files = sorted(str(file) for file in (path / ".github" / "workflows").iterdir())
    return [program, "-shellcheck=", "-pyflakes=", *files]


PEERS = (
    Peer("zizmor", "zizmor", lambda program, path: [program, "--offline", "--no-progress", str(path)], pypi="zizmor"),
    Peer(
        "checkov",
        "checkov",
        lambda program, path: [
            program, "-d", str(path), "--framework", "github_actions", "--quiet", "--compact", "--skip-download",
        ],
        pypi="checkov",
    ),
    Peer(
        "pipeline-check",
        "pipeline_check",
        lambda program, path: [
            program, "--pipeline", "github", "--gha-path", str(path / ".github" / "workflows"),
        ],
        pypi="pipeline-check",
    ),
    Peer("actionlint", "actionlint", _actionlint, go="github.com/rhysd/actionlint/cmd/actionlint@latest"),
    Peer("scorecard", "scorecard", lambda program, path: [program, f"--local={path}"]),
    Peer("poutine", "poutine", lambda program, path: [program, "analyze_local", str(path)]),
)  # fmt: skip


def find(peer: Peer, folder: Path, *, install: bool) -> str | None:
    """The path of a peer's program: on PATH, in `folder`, or installed there; None where it cannot be had."""
    for place in (shutil.which(peer.program), folder / peer.name / "bin" / peer.program):
        if place is not None and Path(place).exists():
            return str(place)
    if not install:
        return None
    target = folder / peer.name
    program = target / "bin" / peer.program
    if peer.pypi:
        subprocess.run([sys.executable, "-m", "venv", str(target)], check=True)
        pip = [str(target / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, peer.pypi], check=False)
    elif peer.go and shutil.which("go"):
        environment = os.environ | {"GOBIN": str(target / "bin")}
        subprocess.run(["go", "install", peer.go], check=False, env=environment)
    return str(program) if program.exists() else None
