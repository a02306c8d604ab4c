"""A Dockerfile that something published is built from may hold anything: one clear error, in time, and the rest goes on."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

WORKFLOW = """\
on: {push: {tags: ['v*']}}
permissions: {}
jobs:
  image:
    runs-on: ubuntu-24.04
    steps:
      - uses: docker/build-push-action@v6
        with: {push: true, context: ., tags: ghcr.io/acme/widget}
"""
ESCAPES = "\x1b[31m<script>alert(1)</script>\x07"
CONTENTS: dict[str, tuple[str, str]] = {
    "ten megabytes in one line": ("FROM a\nRUN " + "x" * 10_000_000, "are read"),
    "a line over the limit": ("FROM a\nRUN " + "x" * 2_000_000, "the limit is"),
    "a million instructions": ("FROM a\n" + "RUN x\n" * 150_000, "more than"),
    "a here-document without end": ("FROM a\nRUN <<EOF\nx\n", "is never closed"),
    "a template": ("FROM {{ base }}\n{% if x %}\nRUN x\n", "is no instruction"),
    "another language": ("#!/usr/bin/env python3\nprint('FROM')\n", "is no instruction"),
    "NUL bytes": ("FROM a\0\n", "NUL bytes"),
    "an argument of itself": ("ARG A=${A:-${A:-$A}}\nARG B=$A$B$A\nFROM ${B:-$A}\n", ""),
    "arguments that double": ("ARG A=xx\n" + "ARG A=$A$A$A\n" * 5_000 + "FROM $A\n", ""),
    "escapes and markup": (f"FROM a:{ESCAPES}\nENV PASSWORD={ESCAPES}\nADD https://{ESCAPES} /\n", ""),
    "a shell without end": ("FROM a\nRUN " + "curl $(" * 20_000 + "\n", ""),
    "stages in a circle": ("FROM b AS a\nCOPY --from=b / /\nFROM a AS b\nCOPY --from=a / /\nCOPY --from=b / /\n", ""),
}


@pytest.mark.parametrize("name", CONTENTS)
def test_any_dockerfile_ends_well(
    name: str, make_repository: Callable[..., Path], slsacheck: Callable[..., Any]
) -> None:
    text, said = CONTENTS[name]
    path = make_repository({".github/workflows/release.yml": WORKFLOW, "Dockerfile": text})
    answer = slsacheck("scan", path, "--report", "json=-")
    assert answer.status == 0, answer.err[-500:]
    subjects = [one for one in answer.report["subjects"] if one["kind"] == "publication"]
    assert [one["image_builds"][0]["dockerfile"] for one in subjects] == ["Dockerfile"]
    errors = [one for one in answer.report["errors"] if one["where"] == "Dockerfile"]
    assert [said in one["reason"] and bool(one["advice"]) for one in errors] == ([True] if said else [])


def test_nothing_of_a_dockerfile_reaches_a_page_or_a_terminal(
    make_repository: Callable[..., Path], slsacheck: Callable[..., Any], tmp_path: Path
) -> None:
    text = CONTENTS["escapes and markup"][0]
    path = make_repository({".github/workflows/release.yml": WORKFLOW, "Dockerfile": text})
    page = tmp_path / "page.html"
    answer = slsacheck("scan", path, "-v", "--report", f"html={page}", "--report", "terminal=-")
    assert answer.status == 0, answer.err[-500:]
    assert "Dockerfile" in answer.out
    assert "\x07" not in answer.out
    assert "\x1b[31m<" not in answer.out
    assert "<script>alert" not in page.read_text()
    assert json.dumps(ESCAPES) not in page.read_text()
