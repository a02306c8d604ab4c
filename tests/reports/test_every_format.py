"""Every format renders every outcome, is the same twice, and survives a hostile target."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from slsacheck.model import AssessedSubject, Assessment, Outcome
from slsacheck.plugins import reporter_names, reporter_of
from tests.reports.conftest import Render
from tests.reports.factory import assessment, big, hostile, ladder, levels, passing, publication, result, rich

FORMATS = reporter_names()
SAMPLES = {"passing": passing, "rich": rich, "ladder": ladder, "hostile": hostile}
STEERING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff\uffff]"
)


def with_outcome(outcome: Outcome) -> Assessment:
    """One publication about which there is one result."""
    item = publication("ghcr.io/acme/widget")
    found = result(item.id, "build.hosted", outcome, f"the reason of {outcome}", level=2)
    known = levels(outcomes=(("build.hosted", outcome),), blocked_by=("build.hosted",))
    return assessment((AssessedSubject(item, (known,)),), (found,))


def test_the_formats_are_those_that_were_promised() -> None:
    assert set(FORMATS) >= {"terminal", "json", "html", "junit", "sarif", "markdown"}
    for name in FORMATS:
        reporter = reporter_of(name)
        assert reporter.suffix.startswith(".")
        assert reporter.help


@pytest.mark.parametrize("outcome", Outcome)
@pytest.mark.parametrize("name", FORMATS)
def test_every_format_renders_every_outcome(name: str, outcome: Outcome, render: Render) -> None:
    text = render(name, with_outcome(outcome), verbosity=1)
    if name == "markdown" and outcome in {Outcome.PASS, Outcome.CONFIGURED, Outcome.NOT_APPLICABLE}:
        assert "What keeps the levels down" not in text
        return
    assert "build.hosted" in text
    assert "the reason of" in text.replace("`", "") or (name == "junit" and outcome is Outcome.PASS)


@pytest.mark.parametrize("sample", SAMPLES)
@pytest.mark.parametrize("name", FORMATS)
def test_the_same_assessment_gives_the_same_text(name: str, sample: str, render: Render) -> None:
    assert render(name, SAMPLES[sample]()) == render(name, SAMPLES[sample]())


@pytest.mark.parametrize("verbosity", [-1, 0, 1])
@pytest.mark.parametrize("name", FORMATS)
def test_nothing_of_a_target_steers_the_reader_s_program(name: str, verbosity: int, render: Render) -> None:
    text = render(name, hostile(), verbosity=verbosity)
    assert not STEERING.search(text)
    text.encode("utf-8")


@pytest.mark.parametrize("tb", ["long", "short", "line", "no"])
@pytest.mark.parametrize("verbosity", [-1, 0, 1])
def test_nor_does_it_in_any_form_of_the_terminal(verbosity: int, tb: str, render: Render) -> None:
    assert not STEERING.search(render("terminal", hostile(), verbosity=verbosity, tb=tb))


@pytest.mark.parametrize("name", FORMATS)
def test_an_assessment_of_nothing_is_rendered(name: str, render: Render) -> None:
    nothing = replace(assessment((), ()), requirements=())
    assert render(name, nothing)


@pytest.mark.parametrize("name", FORMATS)
def test_a_thousand_publications_are_rendered(name: str, render: Render) -> None:
    assert render(name, big(1000))


@pytest.mark.parametrize("name", FORMATS)
def test_several_targets_are_rendered(name: str, render: Render) -> None:
    one = rich()
    other = replace(one.target, id="gadget", name="gadget", assessed=False)
    moved = [
        replace(row, subject=replace(row.subject, target="gadget", id=f"{row.subject.id}-2")) for row in one.subjects
    ]
    text = render(name, replace(one, targets=(one.target, other), subjects=(*one.subjects, *moved)))
    assert "widget" in text
