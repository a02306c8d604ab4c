"""JUnit: only what passed is a test that passed."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import fromstring

from slsacheck.model import AssessedSubject, Assessment, Gate, Outcome
from tests.reports.conftest import Render
from tests.reports.factory import assessment, hostile, levels, publication, result, rich


def parsed(render: Render, one: Assessment) -> Element:
    found: Element = fromstring(render("junit", one))
    return found


def case(root: Element, subject: str, requirement: str) -> Element:
    found = [
        one for one in root.iter("testcase") if subject in one.get("classname", "") and one.get("name") == requirement
    ]
    assert len(found) == 1
    return found[0]


def told(one: Element) -> list[str]:
    return [child.tag for child in one if child.tag != "properties"]


@pytest.mark.parametrize(
    ("outcome", "tags"),
    [
        (Outcome.PASS, []),
        (Outcome.CONFIGURED, ["skipped"]),
        (Outcome.DECLARED, ["skipped"]),
        (Outcome.NOT_APPLICABLE, ["skipped"]),
        (Outcome.UNKNOWN, ["skipped"]),
        (Outcome.FAIL, ["failure"]),
        (Outcome.ERROR, ["error"]),
    ],
)
def test_what_each_outcome_becomes(outcome: Outcome, tags: list[str], render: Render) -> None:
    item = publication("a")
    found = result(item.id, "build.hosted", outcome, "because")
    one = assessment((AssessedSubject(item, (levels(outcomes=(("build.hosted", outcome),)),)),), (found,))
    assert told(case(parsed(render, one), "a", "build.hosted")) == tags


def test_an_unknown_fails_where_an_unmet_gate_asks_for_it(render: Render) -> None:
    item = publication("a")
    rows = (
        result(item.id, "build.hosted", Outcome.UNKNOWN, "open", level=2),
        result(item.id, "build.isolated", Outcome.UNKNOWN, "open", level=3),
    )
    gate = Gate(False, ("build=2",), (item.id,), ("a has proved 0",))
    root = parsed(render, assessment((AssessedSubject(item, (levels(),)),), rows, gate=gate))
    assert told(case(root, "a", "build.hosted")) == ["failure"]
    assert told(case(root, "a", "build.isolated")) == ["skipped"]
    assert told(case(root, "gate", "build=2")) == ["failure"]


def test_a_gate_that_is_met_is_green(render: Render) -> None:
    item = publication("a")
    rows = (result(item.id, "build.hosted", Outcome.UNKNOWN, "open", level=2),)
    root = parsed(
        render, assessment((AssessedSubject(item, (levels(),)),), rows, gate=Gate(True, ("build=1",), (item.id,)))
    )
    assert told(case(root, "a", "build.hosted")) == ["skipped"]
    assert told(case(root, "gate", "build=1")) == []


def test_a_failure_says_where_and_what_to_do(render: Render) -> None:
    one = case(parsed(render, rich()), "widget_*.tar.gz", "build.provenance-exists")
    failure = one.find("failure")
    assert failure is not None
    assert failure.get("message") == "no step makes provenance for dist/*.tar.gz"
    assert ".github/workflows/release.yml:48" in (failure.text or "")
    assert "actions/attest-build-provenance" in (failure.text or "")
    assert (one.get("file"), one.get("line")) == (".github/workflows/release.yml", "48")


def test_the_counts_are_those_of_the_cases(render: Render) -> None:
    root = parsed(render, rich())
    tags = Counter(child.tag for one in root.iter("testcase") for child in one)
    assert root.get("tests") == str(len(list(root.iter("testcase"))))
    assert (root.get("failures"), root.get("errors"), root.get("skipped")) == (
        str(tags["failure"]),
        str(tags["error"]),
        str(tags["skipped"]),
    )
    assert sum(int(suite.get("tests", "")) for suite in root.iter("testsuite")) == int(root.get("tests", ""))


def test_hostile_text_stays_text(render: Render) -> None:
    root = parsed(render, replace(hostile(), gate=Gate(False, ("build=2",), (), ("<b>&]]>",))))
    assert {one.tag for one in root.iter()} <= {
        "testsuites",
        "testsuite",
        "testcase",
        "properties",
        "property",
        "failure",
        "error",
        "skipped",
    }
    assert any("<script>alert(1)</script>" in one.get("classname", "") for one in root.iter("testcase"))
