"""Markdown: short enough for a forge, and inert whatever the target is called."""

from __future__ import annotations

import importlib
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slsacheck.model import AssessedSubject, Gate, Outcome
from tests.reports.conftest import Render
from tests.reports.factory import assessment, big, hostile, levels, passing, place, publication, result, rich

markdown = importlib.import_module("slsacheck.reports.markdown")
SPAN = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")
OURS = re.compile(r"</?(?:details|summary|sub)>|\]\(https://slsa\.dev/[^)]*\)")


def outside_of_code(text: str) -> str:
    """What a forge reads as markup: the text without fenced blocks, code spans and our own tags and links."""
    text = re.sub(r"(?ms)^ *(`{3,})\n.*?^ *\1$", "", text)
    return OURS.sub("", SPAN.sub("", text))


def test_nothing_of_a_target_is_markup_mention_reference_or_address(render: Render) -> None:
    rest = outside_of_code(render("markdown", hostile(), verbosity=1))
    assert not re.search(r"[<>@{}\\]|https?:|www\.|javascript|\x1b|(?<!\|) \|\| ", rest)
    assert not re.search(r"(?<![\w#])#\d", rest)
    assert all(re.match(r"#{2,3} [A-Z]", line) for line in rest.splitlines() if line.startswith("#"))


@given(st.text(alphabet=st.characters(), max_size=80))
def test_a_code_span_cannot_be_left(text: str) -> None:
    for piece in (markdown.code(text), markdown.prose(f"see {text} there")):
        assert "\n" not in piece
        assert not re.search(r"[<>@|\\*_\[\]]", SPAN.sub("", piece))


def test_cells_of_tables_keep_their_number(render: Render) -> None:
    for line in render("markdown", hostile()).splitlines():
        if line.startswith("|"):
            assert len(re.findall(r"(?<!\\)\|", line)) == 7


@pytest.mark.parametrize("kinds", [1, 400])
def test_the_text_fits_into_a_comment(kinds: int, render: Render) -> None:
    many = [publication(f"ghcr.io/acme/{number}" + "x" * 200) for number in range(900)]
    found = [
        result(
            one.id,
            "build.hosted",
            Outcome.FAIL,
            f"reason {number % kinds} " + "word " * 100,
            at=(place(excerpt="y" * 900),) * 4,
        )
        for number, one in enumerate(many)
    ]
    subjects = tuple(AssessedSubject(one, (levels(0, 0, 0, why=f"{one.name} " + "why " * 200),)) for one in many)
    reasons = tuple("reason " * 300 for _ in range(500))
    text = render("markdown", assessment(subjects, tuple(found), gate=Gate(False, ("build=2",), (), reasons)))
    assert len(text) < 60_000
    assert ("the full report has them" in text) is (kinds > 1)
    assert "<sub>slsacheck 0.1.0" in text


def test_a_thousand_alike_are_a_row(render: Render) -> None:
    text = render("markdown", big(1000))
    assert "`ghcr.io/acme/service-0001` and 899 more" in text
    assert len(text) < 4_000


def test_what_failed_stands_with_place_and_remedy(render: Render) -> None:
    text = render("markdown", rich())
    assert text.startswith("## Gate not met: `build=2` for `widget` at `3f2a9c1`")
    assert (
        "- **FAIL** [`build.provenance-exists`](https://slsa.dev/spec/v1.2/build-requirements#provenance-exists)"
        in text
    )
    assert '`.github/workflows/release.yml:48` `gh release create "$TAG" dist/*.tar.gz`' in text
    assert "<summary>To do (minutes): attest what is published in the job that builds it</summary>" in text


def test_the_heading_says_whether_the_gate_is_met(render: Render) -> None:
    assert render("markdown", passing()).startswith("## SLSA v1.2: `widget`")
    met = replace(passing(), gate=Gate(met=True, required=("build=1",)))
    assert render("markdown", met).startswith("## Gate met: `build=1` for `widget`")


def test_empty_ledgers_are_said(render: Render) -> None:
    assert "None: errors, waivers, not looked at." in render("markdown", replace(passing(), offline=False))
