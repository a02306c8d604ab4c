"""The JSON report keeps the names that were promised, and its schema describes it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from slsacheck.model import Assessment
from tests.reports.conftest import Render
from tests.reports.factory import hostile, ladder, passing, rich

REPORTS = Path(__file__).resolve().parents[2] / "reports"
SAMPLES: dict[str, Callable[[], Assessment]] = {"passing": passing, "rich": rich, "ladder": ladder, "hostile": hostile}


def schema(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((REPORTS / name).read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(found)
    return found


def refused(name: str) -> None:
    raise AssertionError(f"{name} is not JSON")


def loaded(render: Render, assessment: Assessment) -> dict[str, Any]:
    text = render("json", assessment)
    assert text.isascii()
    found: dict[str, Any] = json.loads(text, parse_constant=refused)
    return found


@pytest.mark.parametrize("sample", SAMPLES)
def test_the_schema_describes_the_report(sample: str, render: Render) -> None:
    errors = list(Draft202012Validator(schema("report.schema.json")).iter_errors(loaded(render, SAMPLES[sample]())))
    assert [f"{error.json_path}: {error.message}"[:300] for error in errors] == []


def test_the_schema_refuses_a_report_without_a_promised_name(render: Render) -> None:
    validator = Draft202012Validator(schema("report.schema.json"))
    document = loaded(render, rich())
    for name in ("gate", "subjects", "facts", "waivers", "evidence", "errors", "target"):
        assert not validator.is_valid({key: value for key, value in document.items() if key != name}), name
    document["subjects"][0]["levels"]["build"] = {"defined": True}
    assert not validator.is_valid(document)


def test_the_schema_lets_names_be_added(render: Render) -> None:
    document = loaded(render, rich()) | {"later": 1}
    document["subjects"][0]["later"] = True
    assert Draft202012Validator(schema("report.schema.json")).is_valid(document)


def test_levels_stand_under_their_track_and_what_is_not_defined_is_null(render: Render) -> None:
    subjects = {one["id"]: one for one in loaded(render, rich())["subjects"]}
    image = next(one for one in subjects.values() if one["name"] == "ghcr.io/acme/widget")["levels"]["build"]
    assert (image["proved"], image["configured"], image["possible"]) == (0, 3, 3)
    assert image["trust_root"] == {"id": "slsa-github-generator", "date": "2026-05-15"}
    assert image["disputes"] == [{"claim": "level 2 only", "level": 2, "source": "https://example.org/opinion"}]
    elsewhere = next(one for one in subjects.values() if one["name"] == "widget.deb")
    assert elsewhere["levels"]["build"]["configured"] is None
    assert elsewhere["external"] == ["acme/ci/.github/workflows/deb.yml@main"]
    platform = subjects["platform:gha"]["levels"]["buildenv"]
    assert platform["defined"] is False
    assert platform["proved"] is None
    assert subjects["revision:3f2a9c1"]["levels"]["source"]["declared"] == 1


def test_the_ladder_of_v01_has_its_areas(render: Render) -> None:
    slsa = loaded(render, ladder())["subjects"][0]["levels"]["slsa"]
    assert {name: area["configured"] for name, area in slsa["areas"].items()} == {
        "source": 1,
        "build": 2,
        "provenance": 2,
        "common": 0,
    }


def test_an_artifact_knows_its_publication_and_the_other_way_round(render: Render) -> None:
    subjects = loaded(render, rich())["subjects"]
    wheel = next(one for one in subjects if one["kind"] == "artifact")
    wheels = next(one for one in subjects if one["id"] == wheel["publication"])
    assert wheels["artifacts"] == [wheel["id"]]
    assert wheels["coverage"] == {"given": 1, "expected": 2}
    assert wheel["attestations"][0]["signer"]["issuer"] == "https://token.actions.githubusercontent.com"
    assert [step["outcome"] for step in wheel["attestations"][0]["steps"]] == ["pass", "pass", "pass", "not-possible"]


def test_a_remedy_stands_with_what_failed_and_not_with_what_passed(render: Render) -> None:
    results = loaded(render, rich())["results"]
    failed = next(
        one for one in results if one["outcome"] == "FAIL" and one["requirement"] == "build.provenance-exists"
    )
    assert failed["remedy"]["platform"] == "github-actions"
    assert failed["remedy"]["effort"] == "minutes"
    assert all(one["remedy"] is None for one in results if one["outcome"] in {"PASS", "CONFIGURED", "NOT_APPLICABLE"})


def test_what_was_not_looked_at_and_the_pins_are_told(render: Render) -> None:
    document = loaded(render, rich())
    assert [one["what"] for one in document["not_looked_at"]] == ["the network", "branch_rules", "drone (.drone.yml:1)"]
    assert document["facts"]["references"]["composite"] == {".github/actions/setup/action.yml": {"total": 2}}
    assert document["facts"] == document["targets"][0]["facts"]


def test_the_order_does_not_depend_on_the_order_of_discovery(render: Render) -> None:
    """But for publications, which come as they were traced: releases first."""
    one = rich()
    others = [item for item in one.subjects if item.subject.kind != "publication"]
    traced = [item for item in one.subjects if item.subject.kind == "publication"]
    other = replace(
        one,
        subjects=(*others[::-1], *traced),
        results=one.results[::-1],
        evidence=one.evidence[::-1],
        errors=one.errors[::-1],
        waivers=one.waivers[::-1],
    )
    assert loaded(render, one) == loaded(render, other)
    names = [item["name"] for item in loaded(render, one)["subjects"] if item["kind"] == "publication"]
    assert names == [item.subject.name for item in traced]


def answer(**changes: object) -> dict[str, object]:
    nothing = dict.fromkeys(("reason_class", "builder_id", "source_uri", "source_ref", "predicate_type", "signer"))
    return {
        "id": "1",
        "verdict": "pass",
        "message": "",
        "steps": [{"name": "log-inclusion", "outcome": "pass", "detail": "index 1"}],
        "level": {"build": 3, "why": "the root trusts it"},
        "step1_level": {"build": 3},
        **nothing,
        **changes,
    }


@pytest.mark.parametrize(
    ("value", "valid"),
    [
        (answer(), True),
        (answer(verdict="unknown", reason_class="log-missing", level=None), True),
        ({"id": None, "verdict": "error", "message": "line 3 is not JSON"}, True),
        (answer(verdict="fail", level=None), False),
        (answer(verdict="fail", reason_class="log-missing"), False),
        (answer(reason_class="log-missing"), False),
        (answer(verdict="maybe"), False),
        ({"id": "1", "verdict": "pass", "message": ""}, False),
        (answer(steps=[{"name": "x", "outcome": "ok", "detail": ""}]), False),
    ],
)
def test_the_schema_of_verifications(value: dict[str, object], valid: bool) -> None:
    assert Draft202012Validator(schema("verification.schema.json")).is_valid(value) is valid
