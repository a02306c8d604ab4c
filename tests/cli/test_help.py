"""The help of each command as a reader sees it, 80 columns wide.

After a change on purpose: `SLSACHECK_UPDATE=1 pytest tests/cli/test_help.py`, and look at the difference.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import Ended

SNAPSHOTS = Path(__file__).parent / "help"


@pytest.mark.parametrize(
    "name", ["", "scan", "audit", "collect", "init", "rules", "checks", "explain", "trust", "compare", "sbom"]
)
def test_the_help_is_as_it_was(command: Callable[..., Ended], monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    text = command(*[name] * bool(name), "--help").out
    snapshot = SNAPSHOTS / f"{name or 'slsacheck'}.txt"
    if os.environ.get("SLSACHECK_UPDATE"):
        SNAPSHOTS.mkdir(exist_ok=True)
        snapshot.write_text(text, encoding="utf-8")
    assert text == snapshot.read_text(encoding="utf-8")
