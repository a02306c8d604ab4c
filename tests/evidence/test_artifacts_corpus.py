"""Real artifacts with real attestations, through the path that a scan and an audit take."""

import json
from pathlib import Path
from typing import Any

from slsacheck.catalog import load
from slsacheck.evidence.artifacts import collect
from slsacheck.evidence.targets import open_target
from slsacheck.evidence.tree import Problems
from slsacheck.model import ArtifactInput, Expectations, Target

FLAGS = {
    "source_uri": "source_uri",
    "branch": "source_branch",
    "tag": "source_tag",
    "versioned_tag": "source_versioned_tag",
    "builder_id": "builder_id",
}


def cases(folder: Path) -> list[dict[str, Any]]:
    """The cases whose artifacts are stored, and whose attestations lie in files."""
    found = [json.loads(line) for line in (folder / "index.jsonl").read_text("utf-8").splitlines()]
    return [case for case in found if case["files"].get("provenance") and _stored(case["files"].get("artifact"))]


def _stored(artifacts: list[str | None] | None) -> bool:
    return bool(artifacts) and all(artifacts or [])


def passes(folder: Path, case: dict[str, Any]) -> bool:
    """Whether each artifact of a case has an attestation that passes."""
    given = case["args"]
    expected: dict[str, Any] = {flag: given[name] for name, flag in FLAGS.items() if given.get(name)}
    expected["build_workflow_input"] = tuple((given.get("inputs") or {}).items())
    provenance = case["files"]["provenance"]
    target = Target(
        "file",
        case["id"],
        path=str(folder / case["files"]["artifact"][0]),
        artifacts=tuple(ArtifactInput(str(folder / name)) for name in case["files"]["artifact"]),
        attestations=tuple(
            str(folder / name) for name in ([provenance] if isinstance(provenance, str) else provenance)
        ),
        expectations=Expectations(**expected),
    )
    opened = open_target(target)
    artifacts = collect(target, opened.facts(), None, load(), opened, Problems())
    assert len(artifacts) == len(set(target.artifacts))
    return all(any(one.verdict == "pass" for one in artifact.verifications) for artifact in artifacts)


def test_forged_and_unexpected_attestations_never_pass(shared: Path) -> None:
    folder = shared / "corpus" / "attestations"
    refused = [case for case in cases(folder) if (case.get("expect_strict") or case["expect"]) != "pass"]
    assert len(refused) > 50
    assert [case["id"] for case in refused if passes(folder, case)] == []


def test_genuine_attestations_pass(shared: Path) -> None:
    folder = shared / "corpus" / "attestations"
    genuine = [
        case
        for case in cases(folder)
        if case["expect"] == "pass" and case["offline"] and not case.get("needs_testing_mode")
    ]
    assert len(genuine) > 20
    assert [case["id"] for case in genuine if not passes(folder, case)] == []
