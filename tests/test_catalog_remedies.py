"""Remedies: there is one for everything, and what can be pasted has the form of what it is pasted into."""

from __future__ import annotations

import itertools
import re
import subprocess
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from slsacheck import catalog
from tests.conftest import need

FOLDER = Path(__file__).parent.parent / "rules" / "remedies"
TABLES = [
    row for path in sorted(FOLDER.glob("*.toml")) for row in tomllib.loads(path.read_text(encoding="utf-8"))["remedy"]
]
YAML_PLATFORMS = {"github-actions", "gitlab-ci", "tekton", "google-cloud-build", "circleci", "azure-pipelines"}
COMMANDS = ("gh ", "glab ", "gcloud ")
SHELL = [row for row in TABLES if row["text"].startswith(COMMANDS)]
PASTED = [row for row in TABLES if row["platform"] in YAML_PLATFORMS and row not in SHELL]
USES = re.compile(r"uses:\s*(\S+@.*)$", re.MULTILINE)


def title(row: dict[str, Any]) -> str:
    return f"{row['platform']}: {row['summary']}"


@pytest.mark.parametrize("name", [row.id for row in catalog.load().requirements])
def test_every_requirement_has_a_remedy_for_any_platform_that_says_who_acts(name: str) -> None:
    remedy = catalog.remedy_for(name, None)
    assert remedy is not None
    assert remedy.platform == "any"
    assert remedy.who


def test_every_remedy_is_for_a_known_requirement_or_atom() -> None:
    found = catalog.load()
    for row in TABLES:
        names = row["requirement"] if isinstance(row["requirement"], list) else [row["requirement"]]
        for name in names:
            assert found.expand(name), name


def test_no_two_remedies_are_alike_by_mistake() -> None:
    texts = Counter(row["text"].strip() for row in TABLES)
    titles = Counter(title(row) for row in TABLES)
    assert [text for text, count in texts.items() if count > 1] == []
    assert [text for text, count in titles.items() if count > 1] == []


def test_one_requirement_has_at_most_one_remedy_on_a_platform() -> None:
    names = itertools.chain.from_iterable(
        (
            (name, row["platform"])
            for name in (row["requirement"] if isinstance(row["requirement"], list) else [row["requirement"]])
        )
        for row in TABLES
    )
    assert [key for key, count in Counter(names).items() if count > 1] == []


@pytest.mark.parametrize("row", PASTED, ids=title)
def test_configuration_that_can_be_pasted_is_yaml(row: dict[str, Any]) -> None:
    assert isinstance(yaml.safe_load(row["text"]), dict)


@pytest.mark.parametrize("row", SHELL, ids=title)
def test_commands_that_can_be_pasted_are_shell(row: dict[str, Any]) -> None:
    done = subprocess.run([need("bash"), "-n"], input=row["text"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("row", TABLES, ids=title)
def test_actions_are_pinned_by_commit_unless_their_name_is_what_is_verified(row: dict[str, Any]) -> None:
    for reference in USES.findall(row["text"]):
        name, _, ref = reference.partition("@")
        if name.startswith("slsa-framework/slsa-github-generator/"):
            assert ref.split()[0] == "v2.1.0"
        elif name.startswith("slsa-framework/source-actions/"):
            assert ref.split()[0] == "main"
        else:
            assert re.fullmatch(r"<40-hex commit>  # v\d+(\.\d+)*", ref), reference


@pytest.mark.parametrize("row", TABLES, ids=title)
def test_images_and_components_are_not_given_by_a_movable_name(row: dict[str, Any]) -> None:
    assert ":latest" not in row["text"]
    assert not re.search(r"^\s*FROM (?!.*@sha256:)", row["text"], re.MULTILINE)


def test_a_remedy_for_the_platform_comes_before_the_one_for_any() -> None:
    remedy = catalog.remedy_for("build.provenance-exists", "github-actions")
    assert remedy is not None
    assert remedy.platform == "github-actions"
    assert "actions/attest@" in remedy.text


def test_a_platform_that_cannot_change_it_gets_the_remedy_for_any() -> None:
    for platform in ("circleci", "no-such-platform", None):
        remedy = catalog.remedy_for("build.provenance-authentic", platform)
        assert remedy is not None
        assert remedy.platform == "any"


def test_an_atom_has_its_own_remedy_or_that_of_its_requirement() -> None:
    own = catalog.remedy_for("build.isolated.cache", "github-actions")
    inherited = catalog.remedy_for("build.isolated.ephemeral", "github-actions")
    assert own is not None
    assert own.requirement == "build.isolated.cache"
    assert inherited is not None
    assert inherited.requirement == "build.isolated"
    assert {remedy.requirement for remedy in catalog.remedies("build.isolated.cache")} == {
        "build.isolated",
        "build.isolated.cache",
    }


def test_an_unknown_id_has_no_remedy() -> None:
    assert catalog.remedies("build.nothing") == ()
    assert catalog.remedy_for("build.nothing", "github-actions") is None
