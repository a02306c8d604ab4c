"""SARIF: a result per finding, each with a rule, a place and a fingerprint that survives edits."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

import pytest
from jsonschema import Draft202012Validator

from slsacheck.model import Assessment, Outcome, Place, Problem
from tests.reports.conftest import Render
from tests.reports.factory import big, hostile, ladder, passing, rich
from tests.reports.sarif_subset import SCHEMA

SAMPLES = {"passing": passing, "rich": rich, "ladder": ladder, "hostile": hostile}


def run(render: Render, one: Assessment, **changes: object) -> dict[str, Any]:
    text = render("sarif", one, **changes)
    assert text.isascii()
    document = json.loads(text)
    errors = list(Draft202012Validator(SCHEMA).iter_errors(document))
    assert [f"{error.json_path}: {error.message}"[:300] for error in errors] == []
    found: dict[str, Any] = document["runs"][0]
    return found


@pytest.mark.parametrize("verbosity", [0, 1])
@pytest.mark.parametrize("sample", SAMPLES)
def test_the_document_is_valid(sample: str, verbosity: int, render: Render) -> None:
    found = run(render, SAMPLES[sample](), verbosity=verbosity)
    rules = found["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    for one in found["results"]:
        assert rules[one["ruleIndex"]]["id"] == one["ruleId"]


def test_kinds_and_levels(render: Render) -> None:
    results = run(render, rich(), verbosity=1)["results"]
    kinds = {one["properties"]["outcome"]: (one["kind"], one["level"]) for one in results if "properties" in one}
    assert kinds == {
        "PASS": ("pass", "none"),
        "CONFIGURED": ("informational", "none"),
        "DECLARED": ("informational", "none"),
        "FAIL": ("fail", "error"),
        "UNKNOWN": ("open", "none"),
        "ERROR": ("review", "none"),
        "NOT_APPLICABLE": ("notApplicable", "none"),
    }
    hazards = [one for one in results if one["ruleId"].startswith("hazard/")]
    assert [(one["ruleId"], one["level"]) for one in hazards] == [
        ("hazard/pull-request-target-checkout", "error"),
        ("hazard/unpinned-reference", "note"),
    ]


def test_what_passed_is_left_out_unless_asked_for(render: Render) -> None:
    outcomes = {one["properties"]["outcome"] for one in run(render, rich())["results"] if "properties" in one}
    assert outcomes == {"FAIL", "UNKNOWN", "ERROR"}
    assert run(render, passing())["results"] == []


def test_a_recommendation_that_is_not_met_is_a_warning(render: Render) -> None:
    one = rich()
    results = tuple(replace(found, must=False) for found in one.results if found.outcome is Outcome.FAIL)
    levels = {
        found["level"] for found in run(render, replace(one, results=results))["results"] if "properties" in found
    }
    assert levels == {"warning"}


def test_the_help_of_a_rule_is_its_remedy(render: Render) -> None:
    rules = {rule["id"]: rule for rule in run(render, rich())["tool"]["driver"]["rules"]}
    assert "actions/attest-build-provenance" in rules["build.provenance-exists"]["help"]["markdown"]
    assert rules["build.provenance-exists"]["helpUri"].endswith("#provenance-exists")
    assert rules["hazard/pull-request-target-checkout"]["properties"]["security-severity"] == "8.0"


def test_a_path_can_be_nothing_but_a_path_below_the_root(render: Render) -> None:
    one = rich()
    odd = Place(path="../a b/ü/https://evil.example/%2e", line=3)
    found = run(render, replace(one, results=(replace(one.results[8], at=(odd,)),)))["results"][0]
    uri = found["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert unquote(uri) == "a b/ü/https:/evil.example/%2e"
    assert ":" not in uri


def test_fingerprints_survive_moved_lines(render: Render) -> None:
    def moved(place: Place) -> Place:
        return replace(place, line=(place.line or 0) + 7)

    one = rich()
    target = one.target
    hazards = tuple(replace(item, at=tuple(moved(place) for place in item.at)) for item in target.facts.hazards)
    other = replace(
        one,
        results=tuple(replace(found, at=tuple(moved(place) for place in found.at)) for found in one.results),
        targets=(replace(target, facts=replace(target.facts, hazards=hazards)),),
    )
    prints = [[found["partialFingerprints"] for found in run(render, each)["results"]] for each in (one, other)]
    assert prints[0] == prints[1]


def test_errors_are_notifications(render: Render) -> None:
    invocation = run(render, rich())["invocations"][0]
    assert invocation["executionSuccessful"] is True
    assert [note["message"]["text"] for note in invocation["toolExecutionNotifications"]] == [
        ".github/workflows/broken.yml: line 3: a mapping ends nowhere repair the file"
    ]
    fatal = replace(rich(), errors=(Problem("x", "gone", fatal=True),))
    assert run(render, fatal)["invocations"][0]["executionSuccessful"] is False


def test_what_is_over_the_limit_is_said(render: Render, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("slsacheck.reports.sarif.MOST_RESULTS", 10)
    found = run(render, big(50))
    assert len(found["results"]) == 10
    assert "35 results were left out" in found["invocations"][0]["toolExecutionNotifications"][-1]["message"]["text"]
