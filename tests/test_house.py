"""Habits of the house that no linter checks: sizes, leftovers, tests that say something, a catalogue without holes."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest

from slsacheck import catalog, plugins

ROOT = Path(__file__).resolve().parent.parent
PRODUCT = ("slsacheck", "checks", "reports", "scripts", "benchmarks")
CODE = sorted(path for folder in PRODUCT for path in (ROOT / folder).rglob("*.py"))
TESTS = sorted(path for path in (ROOT / "tests").rglob("*.py") if "projects" not in path.parts)

MAX_LINES = 320
"""Lines of a file of the product: what is longer holds more than one idea."""
MAX_TEST_LINES = 400
"""Lines of a file of the tests, where tables of cases take their room."""
MAX_FUNCTION = 45
"""Lines of a function, its docstring included: one screen."""

LONG_DATA = frozenset({"tests/reports/factory.py"})
"""Sample assessments: data written as calls, which reads best in one piece."""

LEFTOVERS = re.compile(r"\b(?:TODO|FIXME|XXX|HACK|raise NotImplementedError)\b")
MACHINE = re.compile(r"/(?:root|work|home/[a-z]+|opt/wheels)/")
CLOCKS = re.compile(r"time\.(?:monotonic|perf_counter|process_time)\(|performance\.now|deadline=")
TIMED = frozenset({"clock.py", "conftest.py", "chromium.py"})
"""Files of the tests that may look at a clock: so that no other has to, and to notice a browser that hangs."""
HERE = Path(__file__).name


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


SHORT = [path for path in TESTS if _name(path) not in LONG_DATA]
"""The tests whose sizes are measured."""
SAYING = frozenset({"raises", "fail", "warns", "snapshot", "soon", "fnmatch_lines", "re_match_lines"})
"""Calls that are assertions: of pytest, of its pytester, the fixture `snapshot`, and `tests.clock.soon`."""


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(_text(path))


def _functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [node for node in ast.walk(_tree(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def test_no_file_is_too_long() -> None:
    long = [f"{_name(path)}: {lines}" for path in CODE if (lines := len(_text(path).splitlines())) >= MAX_LINES]
    long += [f"{_name(path)}: {lines}" for path in SHORT if (lines := len(_text(path).splitlines())) >= MAX_TEST_LINES]
    assert long == []


def test_no_function_is_too_long() -> None:
    long = [
        f"{_name(path)}: {node.name} has {lines} lines"
        for path in (*CODE, *SHORT)
        for node in _functions(path)
        if (lines := (node.end_lineno or node.lineno) - node.lineno + 1) >= MAX_FUNCTION
    ]
    assert long == []


def _lines_with(pattern: re.Pattern[str], paths: Iterable[Path]) -> list[str]:
    """Where a pattern occurs in files, but for this one, which spells it."""
    texts = {path: _text(path) for path in paths if path.name != HERE}
    return [
        f"{_name(path)}:{text.count(chr(10), 0, match.start()) + 1}: {match[0]}"
        for path, text in texts.items()
        for match in pattern.finditer(text)
    ]


def test_nothing_is_left_over() -> None:
    """No notes to oneself and no stubs, and nothing that speaks of one machine."""
    found = [*_lines_with(LEFTOVERS, (*CODE, *TESTS)), *_lines_with(MACHINE, CODE)]
    assert found == []


def test_no_test_depends_on_the_clock() -> None:
    """What takes too long is told by what is done, or by `soon`: a busy machine must not fail a test."""
    assert _lines_with(CLOCKS, [path for path in TESTS if path.name not in TIMED]) == []


@pytest.mark.parametrize("path", [path for path in TESTS if path.name.startswith("test_")], ids=_name)
def test_every_test_asserts(path: Path) -> None:
    """A test says what must hold: by assert, a call that is one, or a function of its module that does."""
    functions = {node.name: node for node in _functions(path)}
    saying = {name for name, node in functions.items() if _asserts(node)}
    while more := {name for name, node in functions.items() if name not in saying and _calls(node) & saying}:
        saying |= more
    helpers = {alias.asname or alias.name for node in ast.walk(_tree(path)) for alias in _imports(node)}
    silent = [
        name
        for name, node in functions.items()
        if name.startswith("test_") and name not in saying and not any(_says(call, helpers) for call in _calls(node))
    ]
    assert silent == []


def _imports(node: ast.AST) -> list[ast.alias]:
    return node.names if isinstance(node, ast.ImportFrom) else []


def _says(call: str, helpers: set[str]) -> bool:
    """Whether a call is to a helper of another module whose name promises an assertion, or to a snapshot."""
    return (call in helpers and call.startswith(("assert_", "expect_", "must_"))) or call.startswith("assert_")


def _asserts(node: ast.AST) -> bool:
    return any(isinstance(inner, ast.Assert) for inner in ast.walk(node)) or bool(_calls(node) & SAYING)


def _calls(node: ast.AST) -> set[str]:
    found = set()
    for inner in ast.walk(node):
        if isinstance(inner, ast.Call):
            called = inner.func
            found.add(called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", ""))
    return found


def test_every_check_decides_atoms_that_exist() -> None:
    registry = plugins.load(["no:slsacheck"])
    unknown = [(check.name, atom) for check in registry.checks for atom in check.atoms if _atom(atom) is None]
    assert registry.checks
    assert unknown == []


def _atom(name: str) -> object:
    return catalog.load().atom(name)


def test_every_atom_has_a_check_or_the_reason_why_nobody_can_decide_it() -> None:
    decided = {atom for check in plugins.load().checks for atom in check.atoms}
    open_ = [
        atom.id
        for row in catalog.load().requirements
        for atom in row.atoms
        if atom.id not in decided and not (atom.decidable == "undecidable" and atom.undecidable_reason)
    ]
    assert open_ == []


def test_every_requirement_has_a_remedy_for_any_platform() -> None:
    remedies = json.loads(_text(ROOT / "slsacheck" / "_remedies.json"))["remedies"]
    helped = {row["requirement"] for row in remedies if row["platform"] == "any"}
    without = [
        row.id
        for row in catalog.load().requirements
        if row.id not in helped and not all(atom.id in helped for atom in row.atoms)
    ]
    assert without == []


def test_no_code_names_a_labelled_repository(shared: Path) -> None:
    """Nothing is tuned to a repository that the field corpus measures; its names stand nowhere in code or tests."""
    lines = _text(shared / "corpus" / "field.jsonl").splitlines()
    names = [json.loads(line)["repo"] for line in lines]
    pattern = re.compile(rf"(?<![\w./-])(?:github\.com/)?({'|'.join(map(re.escape, names))})(?![\w./-])", re.IGNORECASE)
    found = _lines_with(pattern, (*CODE, *TESTS))
    assert names
    assert found == []
