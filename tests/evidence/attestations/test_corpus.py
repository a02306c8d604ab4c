"""Real attestations of real projects: the verdict that a strict verifier gives, and never a pass too much."""

from __future__ import annotations

import collections
import importlib.util
import io
import json
from pathlib import Path
from typing import Any

import pytest

from slsacheck.cli.verify_batch import run

Answers = dict[str, dict[str, Any]]


@pytest.fixture(scope="session")
def scorer(shared: Path) -> Any:
    spec = importlib.util.spec_from_file_location("score_attestations", shared / "corpus" / "score_attestations.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def results(shared: Path, scorer: Any, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    root = shared / "corpus" / "attestations"
    lines = scorer.read_index(root / "index.jsonl")
    cases = {line["id"]: list(scorer.cases_of(line, root)) for line in lines}
    path = tmp_path_factory.mktemp("batch") / "cases.jsonl"
    path.write_text("".join(json.dumps(case) + "\n" for own in cases.values() for case in own))
    out = io.StringIO()
    assert run(str(path), out) == 1
    answers: Answers = {answer["id"]: answer for answer in map(json.loads, out.getvalue().splitlines())}
    assert all(answer["message"] for answer in answers.values())
    return [scorer.score(line, cases[line["id"]], answers) for line in lines]


def test_nothing_passes_that_should_not(results: list[dict[str, Any]]) -> None:
    assert [one for one in results if one["outcome"] == "FALSE PASS"] == []


def test_every_verdict_agrees(results: list[dict[str, Any]]) -> None:
    assert [one for one in results if one["outcome"] != "agree"] == []


def test_every_refusal_names_a_right_reason(results: list[dict[str, Any]]) -> None:
    named = collections.Counter(one["reasons"] for one in results if one["reasons"] is not None)
    assert named[True] > 300
    assert named[False] == 0
