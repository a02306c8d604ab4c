"""`--online` on the command line: asked only then, told in the answer, replayed without the network."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from slsacheck.__main__ import main
from tests.evidence.attestations import genuine
from tests.evidence.attestations.private_sigstore import ARTIFACT, SHA256, SOURCE, Instance, workflow_statement
from tests.evidence.online.service import Service, github, said

GITHUB = f"/repos/example/hello/attestations/sha256:{SHA256}?per_page=100"


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    status = main(list(arguments))
    return status, capsys.readouterr().out


@pytest.fixture
def artifact(tmp_path: Path) -> Path:
    path = tmp_path / "hello.bin"
    path.write_bytes(ARTIFACT)
    return path


def test_the_command_asks_only_with_online(
    instance: Instance, service: Service, artifact: Path, root: str, capsys: pytest.CaptureFixture[str]
) -> None:
    service.answers[GITHUB] = github(instance.bundle(workflow_statement(genuine.MINE), identity=genuine.MINE))
    asked = [
        "verify-github-attestation",
        str(artifact),
        "--source-uri",
        SOURCE,
        "--trusted-root",
        root,
        "--format",
        "json",
    ]
    status, out = run(capsys, *asked)
    assert (status, json.loads(out)["verdict"], service.seen) == (1, "unknown", [])
    status, out = run(capsys, *asked, "--online", "--github-api-url", service.url)
    document = json.loads(out)
    assert (status, document["verdict"], document["level"]["build"]) == (0, "pass", 2), document["message"]
    (evidence,) = document["evidence"]
    assert evidence["url"] == f"{service.url}{GITHUB}"
    assert evidence["digest"].startswith("sha256:")
    status, out = run(capsys, *asked[:-2], "--online", "--github-api-url", service.url)
    assert (status, f"{service.url}{GITHUB} (sha256:" in out) == (0, True)


def test_an_address_without_online_is_a_mistake(artifact: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify-artifact", str(artifact), "--source-uri", SOURCE, "--rekor-url", "https://x.example"]) == 4
    assert "--online" in capsys.readouterr().err
    assert main(["verify-artifact", str(artifact), "--online", "--rekor-url", "http://x.example"]) == 4
    assert "TLS" in capsys.readouterr().err


def test_an_audit_looks_attestations_up(
    instance: Instance,
    service: Service,
    artifact: Path,
    root: str,
    make_repository: Callable[..., Path],
    run_git: Callable[..., str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    repository = make_repository({"a.txt": "a"})
    run_git(repository, "remote", "add", "origin", f"{SOURCE}.git")
    bundle = instance.bundle(workflow_statement(genuine.MINE), identity=genuine.MINE)
    service.answers[GITHUB] = github(bundle)
    command = ["audit", str(repository), "--artifact", str(artifact), "--trusted-root", root, "--report", "json=-", "--source-uri", SOURCE]  # fmt: skip
    _, out = run(capsys, *command)
    assert service.seen == []
    _, out = run(capsys, *command, "--online", "--github-api-url", service.url)
    document = json.loads(out)
    url = f"{service.url}{GITHUB}"
    assert any(url in one["name"] for one in document["evidence"])
    authentic = [one for one in document["results"] if one["atom"].startswith("build.provenance-authentic")]
    assert authentic
    assert {one["outcome"] for one in authentic} == {"PASS"}
    service.answers[GITHUB] = said({}, 403)
    _, out = run(capsys, *command, "--online", "--github-api-url", service.url)
    assert any("looked up" in one["reason"] and "403" in one["reason"] for one in json.loads(out)["errors"])


def test_what_was_looked_up_can_be_replayed(
    instance: Instance, service: Service, artifact: Path, root: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    service.answers[GITHUB] = github(instance.bundle(workflow_statement(genuine.MINE), identity=genuine.MINE))
    saved, empty = str(tmp_path / "evidence.zip"), tmp_path / "empty"
    empty.mkdir()
    given = ["--artifact", str(artifact), "--trusted-root", root, "--source-uri", SOURCE]
    assert main(["collect", str(empty), *given, "-o", saved, "--online", "--github-api-url", service.url]) == 0
    asked = len(service.seen)
    capsys.readouterr()
    run(capsys, "audit", "--evidence", saved, "--report", "json=-")
    assert len(service.seen) == asked
