"""Running the real command on hostile targets."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.clock import HANGS, soon

SECONDS = 15
"""Of processor time, in which any input must have been dealt with (output contract, section 3)."""


@dataclass(frozen=True)
class Answer:
    """What one run of the command said."""

    status: int
    out: str
    err: str

    @property
    def report(self) -> dict[str, Any]:
        """The JSON report on standard output."""
        found: dict[str, Any] = json.loads(self.out)
        return found

    def errors(self) -> dict[str, str]:
        """The errors of the report: where and why."""
        return {error["where"]: error["reason"] for error in self.report["errors"]}


Command = Callable[..., Answer]


@pytest.fixture
def slsacheck(tmp_path: Path) -> Command:
    """Runs `slsacheck` in a process of its own; any traceback and any lack of an answer is a failure."""
    script = Path(sys.executable).parent / "slsacheck"
    home = tmp_path / "home"
    home.mkdir(exist_ok=True)

    def run(*args: str | Path, cwd: Path | None = None, module: bool = False, **environment: str) -> Answer:
        command = [sys.executable, "-P", "-m", "slsacheck"] if module or not script.exists() else [str(script)]
        kept = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(home), "LC_ALL": "C.UTF-8"}
        with soon(SECONDS):
            done = subprocess.run(
                [*command, *map(str, args)],
                cwd=cwd or tmp_path,
                env=kept | environment,
                capture_output=True,
                timeout=HANGS,
                check=False,
            )
        out, err = (text.decode("utf-8", "strict") for text in (done.stdout, done.stderr))
        assert "Traceback" not in err, err
        assert "Traceback" not in out, out
        assert "fault of slsacheck" not in out, out
        return Answer(done.returncode, out, err)

    return run
