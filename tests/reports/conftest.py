"""What the tests of the formats share: rendering by name, modules of the room, and snapshots."""

from __future__ import annotations

import difflib
import importlib
import os
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from slsacheck.model import Assessment
from slsacheck.plugins import reporter_of
from tests.reports.factory import options

SNAPSHOTS = Path(__file__).parent / "snapshots"
Render = Callable[..., str]


@pytest.fixture
def render() -> Render:
    """Renders an assessment: `render("terminal", rich(), width=60)`."""

    def rendered(name: str, assessment: Assessment, **changes: object) -> str:
        return reporter_of(name).function(assessment, options(**changes))

    return rendered


@pytest.fixture
def room() -> Callable[[str], ModuleType]:
    """A module of the reports room, as an installation has it."""
    return lambda name: importlib.import_module(f"slsacheck.reports.{name}")


@pytest.fixture
def snapshot() -> Callable[[str, str], None]:
    """Compares a text with a checked-in file; SLSACHECK_UPDATE_SNAPSHOTS=1 writes the file instead."""

    def compare(name: str, text: str) -> None:
        path = SNAPSHOTS / name
        if os.environ.get("SLSACHECK_UPDATE_SNAPSHOTS") == "1":
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
        known = path.read_text(encoding="utf-8") if path.exists() else ""
        changes = "\n".join(difflib.unified_diff(known.splitlines(), text.splitlines(), "known", "now", lineterm=""))
        assert known == text, f"{name} changed; SLSACHECK_UPDATE_SNAPSHOTS=1 takes it over\n{changes}"

    return compare
