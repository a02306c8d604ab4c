"""Who may import whom: the contracts of import-linter, and what no linter sees."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("checks", "reports", "rules")
SOURCES = sorted(
    path for folder in ("slsacheck", "checks", "reports", "scripts", "tests") for path in (ROOT / folder).rglob("*.py")
)


def test_the_import_contracts_hold() -> None:
    """`lint-imports` reads the contracts of pyproject.toml."""
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()", "--no-cache"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_module_imports_a_room_by_its_absolute_name(path: Path) -> None:
    """`from checks._common import x` passes every linter and fails only in the wheel."""
    found = [name for name in _imported(ast.parse(path.read_text(encoding="utf-8"))) if _is_room(name)]
    assert found == []


def test_the_walk_finds_absolute_imports_of_rooms() -> None:
    """The rule above sees each form of the mistake, and lets relative imports and other names through."""
    bad = "import checks\nfrom reports._common import x\nfrom slsacheck import rules\nimport slsacheck.checks.build\n"
    good = "from ._common import x\nfrom slsacheck.api import check\nimport checkstyle\n"
    assert [name for name in _imported(ast.parse(bad)) if _is_room(name)] == [
        "checks",
        "reports._common.x",
        "slsacheck.rules",
        "slsacheck.checks.build",
    ]
    assert not [name for name in _imported(ast.parse(good)) if _is_room(name)]


def _imported(tree: ast.Module) -> list[str]:
    """The dotted names that a module imports absolutely, wherever in it."""
    found: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found += [f"{node.module}.{alias.name}" for alias in node.names]
    return found


def _is_room(name: str) -> bool:
    return name.removeprefix("slsacheck.").split(".")[0] in ROOMS
