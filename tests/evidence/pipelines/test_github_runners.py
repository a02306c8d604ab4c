"""Whose machine `runs-on` asks for, in all its forms."""

from __future__ import annotations

from typing import Any

import pytest

from slsacheck.evidence.pipelines.github_actions.expressions import Possible, resolve
from slsacheck.evidence.pipelines.github_actions.runners import classify
from slsacheck.model import RunnerKind

H, L, T, S, U = (
    RunnerKind.HOSTED,
    RunnerKind.LARGER,
    RunnerKind.THIRD_PARTY,
    RunnerKind.SELF_HOSTED,
    RunnerKind.UNKNOWN,
)


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("ubuntu-latest", H),
        ("Ubuntu-24.04", H),
        ("ubuntu-slim", H),
        ("ubuntu-24.04-arm", H),
        ("windows-2025", H),
        ("windows-11-arm", H),
        ("macos-15-intel", H),
        ("macos-latest", H),
        ("macos-latest-xlarge", L),
        ("macos-14-large", L),
        ("ubuntu-latest-8-cores", L),
        ("windows-2022-16core", L),
        ("depot-ubuntu-24.04-4", T),
        ("namespace-profile-default", T),
        ("blacksmith-4vcpu-ubuntu-2204", T),
        ("buildjet-4vcpu-ubuntu-2204", T),
        ("warp-ubuntu-latest-x64-4x", T),
        ("ubicloud-standard-2", T),
        ("runs-on=${{ github.run_id }}/runner=2cpu", T),
        ("codebuild-project-${{ github.run_id }}", T),
        ("self-hosted", S),
        ("UbuntuLatest32Cores128G", U),
        ("org-ci-large-ubuntu-22.04", U),
        ("ubuntu-latest-ish", U),
        ("", U),
    ],
)
def test_labels(label: str, kind: RunnerKind) -> None:
    assert classify(label) is kind


@pytest.mark.parametrize(
    ("job", "kind", "resolved"),
    [
        ("runs-on: ubuntu-latest", H, True),
        ("runs-on: [ubuntu-latest]", H, True),
        ("runs-on: [self-hosted, linux, x64]", S, True),
        ("runs-on: {group: big}", U, True),
        ("runs-on: {group: big, labels: [ubuntu-24.04-16core]}", L, True),
        ("runs-on: {group: big, labels: ubuntu-latest}", U, True),
        ("runs-on: ${{ matrix.os }}\n    strategy: {matrix: {os: [ubuntu-latest, self-hosted]}}", S, True),
        ("runs-on: ${{ matrix.os }}\n    strategy: {matrix: {os: [[self-hosted, arm], ubuntu-latest]}}", S, True),
        ("runs-on: ${{ matrix.p.runner }}\n    strategy: {matrix: {p: [{runner: ubuntu-latest, x: 1}]}}", H, True),
        ("runs-on: ${{ matrix.os || 'ubuntu-latest' }}\n    strategy: {matrix: {a: [1]}}", H, True),
        ("runs-on: ${{ matrix.os }}\n    strategy: {matrix: {include: '${{ fromJSON(inputs.m) }}'}}", U, False),
        ("runs-on: ${{ matrix.os }}\n    strategy:\n      matrix: ${{ fromJSON(needs.plan.outputs.m) }}", U, False),
        ("runs-on: ${{ github.event_name == 'push' && 'ubuntu-24.04' || 'self-hosted' }}", S, True),
        ('runs-on: ${{ fromJSON(\'["self-hosted", "x"]\') }}', S, True),
        ("runs-on: ${{ fromJSON(inputs.runner) }}", U, False),
        ("runs-on: ubuntu-${{ matrix.v }}\n    strategy: {matrix: {v: [22.04, 24.04]}}", H, True),
        ("runs-on: ${{ vars.RUNNER }}", U, False),
        ("runs-on: ${{ vars.RUNNER || 'ubuntu-latest' }}", U, False),
        ("runs-on: ${{ broken ( }}", U, False),
    ],
)
def test_forms(read: Any, job: str, kind: RunnerKind, resolved: bool) -> None:
    found = read({".github/workflows/a.yml": f"on: push\njobs:\n  a:\n    {job}\n"})
    runner = found.pipelines[0].jobs[0].runner
    assert (runner.kind, runner.resolved) == (kind, resolved)


def test_no_runs_on_is_no_runner(read: Any) -> None:
    found = read({".github/workflows/a.yml": "on: push\njobs:\n  a:\n    uses: ./.github/workflows/b.yml\n"})
    assert found.pipelines[0].jobs[0].runner is None


SCOPE = {"matrix.a": Possible(("x", "y"), complete=True), "matrix.empty": Possible(("",), complete=True)}


@pytest.mark.parametrize(
    ("text", "values", "complete"),
    [
        ("plain", {"plain"}, True),
        ("${{ matrix.a }}-1", {"x-1", "y-1"}, True),
        ("${{ matrix['a'] }}", {"x", "y"}, True),
        ("${{ matrix.empty || 'd' }}", {"d"}, True),
        ("${{ matrix.a || 'd' }}", {"x", "y"}, True),
        ("${{ 'it''s' }}", {"it's"}, True),
        ("${{ format('{0}-{1}', 'a', 'b') }}", {"a-b"}, True),
        ("${{ !matrix.a }}", {"true", "false"}, True),
        ("${{ contains(matrix.a, 'x') && 'p' || 'q' }}", {"p", "q"}, True),
        ("${{ (1 == 2 && 'p') || 'q' }}", {"p", "q"}, True),
        ("${{ unknown.thing }}", set(), False),
        ("${{ hashFiles('x') }}", set(), False),
        ("${{ 'a' 'b' }}", set(), False),
        ("${{ never closed", set(), False),
        ("${{ " + "(" * 100 + "1" + ")" * 100 + " }}", set(), False),
        ("${{ '" + "x" * 5_000 + "' }}", set(), False),
    ],
)
def test_expressions(text: str, values: set[str], complete: bool) -> None:
    found = resolve(text, lambda name: SCOPE.get(name, Possible()))
    assert (set(found.values), found.complete) == (values, complete)


def test_products_of_expressions_are_bounded() -> None:
    many = Possible(tuple(str(number) for number in range(100)), complete=True)
    found = resolve("${{ a.b }}" * 50, lambda _name: many)
    assert not found.complete
    assert len(found.values) <= 256
