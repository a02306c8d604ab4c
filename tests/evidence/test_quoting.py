"""Quoting the line of a place."""

from __future__ import annotations

from pathlib import Path

from slsacheck.evidence.files import WorkTree
from slsacheck.evidence.quoting import MAX_EXCERPT, Quoter
from slsacheck.model import Place


def test_the_line_is_quoted_and_nothing_else_changes(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("on: push\n  run: make\n" + "x" * 900 + "\n")
    quote = Quoter(WorkTree(str(tmp_path))).places
    places = (
        Place("a.yml", 2),
        Place("a.yml", 3),
        Place("a.yml", 99),
        Place("gone.yml", 1),
        Place(url="https://x.example"),
    )
    got = quote((*places, Place("a.yml", 1, excerpt="kept")))
    assert [place.excerpt for place in got] == ["run: make", "x" * MAX_EXCERPT, None, None, None, "kept"]
    assert [place.line for place in got] == [2, 3, 99, 1, None, 1]
