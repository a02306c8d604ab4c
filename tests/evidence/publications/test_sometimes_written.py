"""Outputs that a script writes under a condition: they may be empty, so they decide nothing."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent, indent

import pytest

from tests.evidence.publications.tracing import publications_of

WORKFLOW = """\
on: {push: {}, pull_request: {}}
jobs:
  look:
    runs-on: ubuntu-24.04
    outputs:
      skip: ${{ steps.look.outputs.skip }}
    steps:
      - id: look
        IF
        run: |
SCRIPT
  push:
    needs: look
    if: needs.look.outputs.skip != 'true'
    runs-on: ubuntu-24.04
    steps:
      - run: docker push ghcr.io/acme/widget
"""
WRITES = 'echo "skip=true" >> "$GITHUB_OUTPUT"'


def published(folder: Path, script: str, condition: str = "") -> list[str | None]:
    text = WORKFLOW.replace("SCRIPT", indent(dedent(script), " " * 10))
    text = text.replace("        IF\n", f"        if: {condition}\n" if condition else "")
    (folder / ".github/workflows").mkdir(parents=True)
    (folder / ".github/workflows/w.yml").write_text(text, encoding="utf-8")
    return [one.channel for one in publications_of(folder)]


@pytest.mark.parametrize(
    "script",
    [
        f"git log -1 | grep -q docs && {WRITES}",
        f"git log -1 | grep code || (echo skip ; {WRITES})",
        f"if git diff --quiet; then\n  {WRITES}\nfi",
        f"case $(git log -1) in\n  docs*) {WRITES} ;;\nesac",
        f"git diff --quiet || exit 0\n{WRITES}",
    ],
)
def test_a_job_that_may_be_skipped_publishes(tmp_path: Path, script: str) -> None:
    assert published(tmp_path, script) == ["ghcr.io"]


def test_an_output_of_a_step_with_a_condition_may_be_empty(tmp_path: Path) -> None:
    assert published(tmp_path, WRITES, "github.event_name == 'pull_request'") == ["ghcr.io"]


@pytest.mark.parametrize("script", [WRITES, f"if true; then\n  date\nfi\n{WRITES}", f"true && date\n{WRITES}"])
def test_a_job_that_is_always_skipped_publishes_nothing(tmp_path: Path, script: str) -> None:
    assert published(tmp_path, script) == []
