"""Scripts and documents inside remedies do what they promise when they are pasted."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.conftest import need

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(__file__).parent.parent / "rules" / "remedies"
SCRIPT_KEYS = {"run", "command", "script", "bash"}
VARIABLES = [
    "CIRCLE_REPOSITORY_URL",
    "CIRCLE_TAG",
    "CIRCLE_SHA1",
    "CIRCLE_BUILD_URL",
    "CIRCLE_JOB",
    "BUILD_REPOSITORY_URI",
    "BUILD_SOURCEBRANCH",
    "BUILD_SOURCEVERSION",
    "SYSTEM_COLLECTIONURI",
    "SYSTEM_TEAMPROJECT",
    "BUILD_DEFINITIONNAME",
    "BUILD_BUILDID",
]


def remedies(name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))["remedy"]
    return rows


def text_of(name: str, requirement: str) -> str:
    for row in remedies(name):
        names = row["requirement"] if isinstance(row["requirement"], list) else [row["requirement"]]
        if requirement in names:
            return str(row["text"])
    raise LookupError(requirement)


def scripts(node: Any, key: str = "") -> Iterator[str]:
    if isinstance(node, dict):
        for name, value in node.items():
            yield from scripts(value, str(name))
    elif isinstance(node, list):
        for value in node:
            yield from scripts(value, key)
    elif isinstance(node, str) and key in SCRIPT_KEYS:
        yield node


def check_statement(statement: dict[str, Any]) -> None:
    """The fields that a provenance must have before it counts for level 1."""
    assert statement["_type"] == "https://in-toto.io/Statement/v1"
    assert statement["predicateType"] == "https://slsa.dev/provenance/v1"
    assert statement["subject"][0]["digest"]["sha256"]
    definition = statement["predicate"]["buildDefinition"]
    assert definition["buildType"].startswith("https://")
    assert definition["externalParameters"]["repository"]
    assert statement["predicate"]["runDetails"]["builder"]["id"]


@pytest.mark.parametrize(
    "name", ["github-actions", "gitlab-ci", "google-cloud-build", "circleci", "azure-pipelines", "tekton"]
)
def test_scripts_inside_pipelines_are_shell(name: str) -> None:
    bash = need("bash")
    for row in remedies(name):
        if row["text"].startswith(("gh ", "glab ", "gcloud ")):
            continue
        for script in scripts(yaml.safe_load(row["text"])):
            filled = re.sub(r"<[a-z0-9-]+ (commit|digest)>", "0" * 40, script)
            done = subprocess.run([bash, "-n"], input=filled, capture_output=True, text=True, check=False)
            assert done.returncode == 0, (row["summary"], done.stderr)


@pytest.mark.parametrize("name", ["circleci", "azure-pipelines"])
def test_the_provenance_step_writes_a_complete_statement(name: str, tmp_path: Path) -> None:
    bash, _ = need("bash"), need("jq")
    script = next(found for found in scripts(yaml.safe_load(text_of(name, "build.provenance-exists"))) if "jq" in found)
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist" / "app").write_bytes(b"bytes")
    environment = {"PATH": os.environ["PATH"], **dict.fromkeys(VARIABLES, "https://example.com/")}
    subprocess.run([bash, "-eu", "-c", script], cwd=tmp_path, env=environment, check=True)
    check_statement(json.loads((tmp_path / "dist" / "app.intoto.json").read_text(encoding="utf-8")))


def test_the_jq_program_for_jenkins_writes_a_complete_statement() -> None:
    jq = need("jq")
    lines = text_of("jenkins", "build.provenance-exists").splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("// {_type"))
    end = next(number for number, line in enumerate(lines) if line.endswith("}}}}"))
    program = "\n".join(line.removeprefix("//") for line in lines[start : end + 1])
    names = ("name", "sha", "repository", "ref", "commit", "builder", "run", "job")
    arguments = [part for name in names for part in ("--arg", name, "value")]
    done = subprocess.run([jq, "-n", *arguments, program], capture_output=True, text=True, check=True)
    check_statement(json.loads(done.stdout))


def test_the_smallest_statement_is_complete() -> None:
    text = text_of("any", "build.provenance-exists")
    check_statement(json.loads(text[text.index('{"_type"') : text.index("}}}}") + 4]))


def test_the_example_of_a_source_vsa_is_json_with_the_fields_that_are_checked() -> None:
    text = text_of("any", "source.source-summary")
    statement = json.loads(text[text.index('{"_type"') : text.index('LEVEL_2"]}}') + len('LEVEL_2"]}}')])
    assert statement["predicate"]["verificationResult"] == "PASSED"
    assert statement["predicate"]["verifiedLevels"] == ["SLSA_SOURCE_LEVEL_2"]
    assert statement["subject"][0]["digest"]["gitCommit"]


def test_rulesets_are_json_and_bind_everybody() -> None:
    seen = 0
    for row in remedies("github-actions"):
        for body in re.findall(r"<<'JSON'\n(.*?)\nJSON$", row["text"], re.DOTALL | re.MULTILINE):
            ruleset = json.loads(body)
            assert ruleset["enforcement"] == "active"
            assert ruleset["bypass_actors"] == []
            assert ruleset["rules"]
            seen += 1
    assert seen == 4


def test_the_dependabot_example_waits() -> None:
    document = yaml.safe_load(text_of("github-actions", "dependency.ingestion-policy"))
    assert document["version"] == 2
    assert all(update["cooldown"]["default-days"] > 0 for update in document["updates"])


def test_the_job_that_builds_for_the_generator_cannot_sign() -> None:
    for requirement in ("build.provenance-unforgeable", "build.provenance-unforgeable.key-not-in-build"):
        jobs = yaml.safe_load(text_of("github-actions", requirement))["jobs"]
        assert jobs["build"]["permissions"] == {"contents": "read"}
        assert jobs["provenance"]["permissions"]["id-token"] == "write"
