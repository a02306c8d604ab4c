"""rules, checks, explain, trust show: the catalogue from the terminal."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from slsacheck import catalog
from slsacheck.cli.hazard_rules import hazard_rules
from slsacheck.cli.sbom_rules import SBOM_RULES
from slsacheck.evidence import sbom
from slsacheck.model import Requirement
from slsacheck.plugins import load

from .conftest import Ended

Command = Callable[..., Ended]


@pytest.mark.parametrize("spec", ["v0.1", "v1.0", "v1.1", "v1.2", "draft"])
def test_rules_lists_each_requirement_of_a_version_once(command: Command, spec: str) -> None:
    document = json.loads(command("rules", "--spec", spec, "--format", "json").out)
    expected = [row.id for rule in catalog.load().tracks_of(spec) for row in catalog.load().of(spec, rule.track)]
    assert [row["id"] for row in document["requirements"]] == expected
    assert all(row["atoms"] and row["meaning"] and row["spec_url"] for row in document["requirements"])
    text = command("rules", "--spec", spec).out
    assert all(name in text for name in expected)
    assert f"{len(expected)} requirements" in text


def test_rules_can_be_narrowed(command: Command) -> None:
    names = [
        row["id"]
        for row in json.loads(command("rules", "build.*", "--level", "2", "--format", "json").out)["requirements"]
    ]
    assert "build.hosted" in names
    assert "build.isolated" not in names
    assert "source." not in command("rules", "--track", "build").out
    assert "build.isolated.ephemeral" in command("rules", "isolated", "-v").out
    assert "SLSA v0.1, slsa track" in command("rules", "v01.build.isolated").out
    ended = command("rules", "no-such-thing")
    assert (ended.status, ended.out) == (1, "no requirement of SLSA v1.2 fits 'no-such-thing'\n")


def test_checks_lists_each_check_with_its_atoms(command: Command) -> None:
    document = json.loads(command("checks", "--format", "json").out)
    assert [row["name"] for row in document["checks"]] == [check.name for check in load().checks]
    text = command("checks", "-k", "isolated", "-m", "publication").out
    assert "build_is_isolated (publication)" in text
    assert "(artifact)" not in text
    assert "(revision)" not in command("checks", "--spec", "v1.0").out
    assert command("checks", "-k", "no_such_word").status == 1


@pytest.mark.parametrize("row", catalog.load().requirements, ids=lambda row: row.id)
def test_explain_knows_every_requirement_and_atom(command: Command, row: Requirement) -> None:
    text = command("explain", row.id, "--platform", "all").out
    assert text.replace("\n  ", " ").startswith(f"{row.id}: {row.title}")
    assert row.responsible in text
    for version, _ in row.anchors:
        assert row.spec_url(version) in text
    for atom in row.atoms:
        assert atom.id in text
        assert command("explain", atom.id).status == 0


@pytest.mark.parametrize("name", catalog.image_builders())
def test_explain_knows_every_builder_of_images(command: Command, name: str) -> None:
    text = " ".join(command("explain", name).out.split())
    row = catalog.image_builders()[name]
    assert row.title in text
    assert " ".join(row.cannot.split()) in text
    assert row.sources[0] in text


def test_explain_shows_what_decides_and_what_to_do(command: Command) -> None:
    text = command("explain", "build.isolated").out
    for words in ("Which evidence decides it", "What to do", "Decided by", "build_is_isolated", "OSPS Baseline"):
        assert words in text
    full = command("explain", "build.isolated", "--platform", "github-actions").out
    assert "github-actions: " in full
    ended = command("explain", "build.isolated", "--platform", "none")
    assert ended.status == 4
    assert "github-actions" in ended.err


def test_explain_knows_every_check_trust_root_and_hazard(command: Command) -> None:
    registry = load()
    for check in registry.checks:
        assert command("explain", check.name).out.startswith(f"{check.name}: ")
    for root in registry.catalogue.trust_roots:
        text = command("explain", root.id).out
        assert text.startswith(f"{root.id}: ")
        assert root.date in text
    assert hazard_rules()
    for name, rule in hazard_rules().items():
        assert rule.meaning
        assert command("explain", name).out.startswith(f"{name}: a {rule.kind}")


def test_explain_knows_every_finding_about_sboms(command: Command) -> None:
    written = "".join(path.read_text() for path in Path(str(sbom.__file__)).parent.glob("*.py"))
    tools = {"sbom-tool"}
    assert set(SBOM_RULES) == set(re.findall(r'"(sbom-[a-z-]+)"', written)) - tools
    for name, rule in SBOM_RULES.items():
        text = " ".join(command("explain", name).out.split())
        assert text.startswith(f"{name}: a finding of `slsacheck sbom`, {rule.severity}")
        assert rule.remedy in text


def test_explain_knows_every_difference_of_a_comparison(command: Command) -> None:
    for name in ("mtime", "content"):
        assert command("explain", name).out.startswith(f"{name}: a difference that `slsacheck compare` counts")
    assert "of metadata" in command("explain", "mtime").out
    assert "`different`" in command("explain", "content").out


def test_explain_finds_what_was_meant(command: Command) -> None:
    ended = command("explain", "sbom-incomplet")
    assert ended.status == 4
    assert "did you mean sbom-incomplete" in ended.err


def test_trust_show_lists_roots_and_keys(command: Command) -> None:
    text = command("trust", "show").out
    for root in catalog.load().trust_roots:
        assert root.id in text
    assert "timestamps" in text
    document = json.loads(command("trust", "show", "--format", "json").out)
    assert {row["kind"] for row in document["trust_data"]} >= {"log", "certificates", "npm key"}
    first = document["trust_roots"][0]
    assert command("trust", "show", first["id"]).out.startswith(f"{first['id']}: ")


def test_trust_show_applies_a_configuration(command: Command, tmp_path: Path) -> None:
    name = catalog.load().trust_roots[0].id
    config = tmp_path / "own.toml"
    config.write_text(f'distrust = ["{name}"]\n')
    document = json.loads(command("trust", "show", name, "--config", str(config), "--format", "json").out)
    assert (document["trust_roots"][0]["level"], document["trust_roots"][0]["covers"]) == (0, [])
