"""What `--online` adds to audits and batches: log entries of bare envelopes, packages by their address, many cases."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from slsacheck.__main__ import main
from slsacheck.errors import Unavailable
from slsacheck.evidence.online.packages import Purl, parse_purl
from tests.evidence.attestations import genuine
from tests.evidence.attestations.private_sigstore import (
    ARTIFACT,
    GENERATOR,
    SHA256,
    SHA512,
    SOURCE,
    Instance,
    changed,
    entry_body,
    workflow_statement,
)
from tests.evidence.online.service import RekorLog, Service, github, payload_hash, said

NPM, PYPI = "pkg:npm/%40example/hello@1.2.3", "pkg:pypi/hello@1.2.3"
WHEEL, SDIST = "hello-1.2.3-py3-none-any.whl", "hello-1.2.3.tar.gz"


def report(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    capsys.readouterr()
    main([*arguments, "--report", "json=-"])
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def outcomes(document: dict[str, Any], atom: str) -> set[str]:
    return {one["outcome"] for one in document["results"] if one["atom"].startswith(atom)}


def levels(document: dict[str, Any]) -> dict[str, int]:
    """The Build level proved of each artifact, by name."""
    return {
        subject["name"]: subject["levels"]["build"]["proved"]
        for subject in document["subjects"]
        if subject["kind"] == "artifact"
    }


@pytest.fixture
def empty(tmp_path: Path) -> str:
    (tmp_path / "empty").mkdir()
    return str(tmp_path / "empty")


def test_an_audit_looks_log_entries_up(
    instance: Instance, service: Service, root: str, empty: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of several envelopes in a file each gets its own entry; one that has none stays undecided."""
    log = RekorLog(instance, service)
    made = [genuine.bare(instance, workflow_statement("x")), genuine.bare(instance), genuine.bare(instance)]
    for envelope, certificate in made[:2]:
        log.add(entry_body("dsse/0.0.1", envelope, certificate), payload_hash(envelope))
    (tmp_path / "hello").write_bytes(ARTIFACT)
    (tmp_path / "hello.intoto.jsonl").write_text("".join(json.dumps(envelope) + "\n" for envelope, _ in made))
    given = [
        "--artifact",
        str(tmp_path / "hello"),
        "--trusted-root",
        root,
        "--source-uri",
        SOURCE,
        "--builder-id",
        GENERATOR,
    ]
    assert levels(report(capsys, "audit", empty, *given))["hello"] == 1
    online = ["--online", "--rekor-url", service.url, "--github-api-url", service.url]
    document = report(capsys, "audit", empty, *given, *online)
    assert levels(document)["hello"] == 3
    assert any(one["name"].endswith("#log-entries") for one in document["evidence"])
    saved = str(tmp_path / "evidence.zip")
    assert main(["collect", empty, *given, *online, "-o", saved]) == 0
    asked = len(service.seen)
    assert levels(report(capsys, "audit", "--evidence", saved, *given[2:]))["hello"] == 3
    assert len(service.seen) == asked


def npm(service: Service, *bundles: Any, integrity: str | None = None) -> None:
    """The registry's answers about the package and its attestations."""
    said_integrity = integrity or "sha512-" + base64.b64encode(bytes.fromhex(SHA512)).decode()
    service.answers["/@example%2Fhello/1.2.3"] = said(
        {"name": "@example/hello", "version": "1.2.3", "dist": {"integrity": said_integrity, "shasum": "0" * 40}}
    )
    attestations = [{"predicateType": "https://slsa.dev/provenance/v1", "bundle": one} for one in bundles]
    service.answers["/-/npm/v1/attestations/@example%2Fhello@1.2.3"] = said({"attestations": attestations})


def test_an_npm_package_is_audited_by_its_address(
    instance: Instance, service: Service, root: str, empty: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content = changed(workflow_statement(genuine.MINE), "subject.0.digest", {"sha512": SHA512})
    npm(service, instance.bundle(content, identity=genuine.MINE))
    given = ["--package", NPM, "--trusted-root", root, "--source-uri", SOURCE]
    online = ["--online", "--npm-url", service.url]
    document = report(capsys, "audit", empty, *given, *online)
    assert levels(document) == {"hello-1.2.3.tgz": 2}
    (artifact,) = [one for one in document["subjects"] if one["kind"] == "artifact"]
    assert artifact["id"] == f"artifact:hello-1.2.3.tgz@sha512:{SHA512}"
    saved = str(tmp_path / "evidence.zip")
    assert main(["collect", empty, *given, *online, "-o", saved]) == 0
    asked = len(service.seen)
    assert levels(report(capsys, "audit", "--evidence", saved, *given[2:])) == {"hello-1.2.3.tgz": 2}
    assert len(service.seen) == asked


def test_attestations_of_another_package_prove_nothing(
    instance: Instance, service: Service, root: str, empty: str, capsys: pytest.CaptureFixture[str]
) -> None:
    npm(service, instance.bundle(workflow_statement(genuine.MINE), identity=genuine.MINE))
    given = ["--package", NPM, "--trusted-root", root, "--source-uri", SOURCE, "--online", "--npm-url", service.url]
    document = report(capsys, "audit", empty, *given)
    assert levels(document) == {"hello-1.2.3.tgz": 0}
    assert "PASS" not in outcomes(document, "build.provenance-exists.digest")


@pytest.mark.parametrize(
    ("path", "document"),
    [
        ("/@example%2Fhello/1.2.3", {"name": "@example/other", "version": "1.2.3", "dist": {}}),
        ("/@example%2Fhello/1.2.3", {"name": "@example/hello", "version": "1.2.3", "dist": {"integrity": "sha1-AA=="}}),
        ("/@example%2Fhello/1.2.3", {"name": "@example/hello", "version": "1.2.3", "dist": {"integrity": "sha512-!"}}),
        ("/@example%2Fhello/1.2.3", []),
        ("/@example%2Fhello/latest", {}),
    ],
)
def test_a_registry_that_tells_no_digest_leaves_the_package_unread(
    service: Service, root: str, empty: str, capsys: pytest.CaptureFixture[str], path: str, document: Any
) -> None:
    service.answers[path] = said(document)
    given = ["--package", NPM, "--trusted-root", root, "--source-uri", SOURCE, "--online", "--npm-url", service.url]
    found = report(capsys, "audit", empty, *given)
    assert levels(found) == {NPM: 0}
    assert any(NPM in json.dumps(one) or service.url in json.dumps(one) for one in found["errors"])


def test_every_file_of_a_pypi_version_is_audited(
    instance: Instance, service: Service, root: str, empty: str, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [{"filename": WHEEL, "digests": {"sha256": SHA256}}, {"filename": SDIST, "digests": {"sha256": "0" * 64}}]
    service.answers["/pypi/hello/1.2.3/json"] = said({"info": {"name": "Hello", "version": "1.2.3"}, "urls": files})
    bundle = instance.bundle(workflow_statement(genuine.MINE), identity=genuine.MINE)
    provenance = {"version": 1, "attestation_bundles": [{"publisher": {}, "attestations": [genuine.pep740(bundle)]}]}
    service.answers[f"/integrity/hello/1.2.3/{WHEEL}/provenance"] = said(provenance)
    given = ["--package", PYPI, "--trusted-root", root, "--source-uri", SOURCE, "--online", "--pypi-url", service.url]
    document = report(capsys, "audit", empty, *given)
    assert levels(document) == {WHEEL: 2, SDIST: 0}
    assert any("PyPI has none" in json.dumps(one) for one in document["errors"])


def test_without_online_a_package_is_not_looked_up(
    service: Service, empty: str, capsys: pytest.CaptureFixture[str]
) -> None:
    document = report(capsys, "audit", empty, "--package", NPM)
    assert levels(document) == {NPM: 0}
    assert any("--online" in json.dumps(one) for one in document["errors"])
    assert service.seen == []


@pytest.mark.parametrize(
    "text",
    [
        "pkg:npm/hello",
        "pkg:gem/rails@1",
        "pkg:npm/../x@1",
        "pkg:npm/a/b/c@1",
        "pkg:pypi/a@1?x=y",
        "pkg:npm/@a@1",
        "pkg:pypi/é@1",
    ],
)
def test_other_addresses_are_not_looked_up(text: str) -> None:
    with pytest.raises(Unavailable):
        parse_purl(text)


def test_addresses_are_read() -> None:
    assert parse_purl(NPM) == Purl("npm", "@example/hello", "1.2.3") == parse_purl("pkg:npm/@example/hello@1.2.3")
    assert parse_purl("pkg:pypi/hello@1.0%2Blocal") == Purl("pypi", "hello", "1.0+local")


def test_a_batch_asks_only_with_online(
    instance: Instance, service: Service, root: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    service.answers[f"/repos/example/hello/attestations/sha256:{SHA256}?per_page=100"] = github(
        instance.bundle(workflow_statement(genuine.MINE), identity=genuine.MINE)
    )
    case = {"command": "verify-artifact", "digests": [{"sha256": SHA256}], "args": {"source_uri": SOURCE}}
    cases = tmp_path / "cases.jsonl"
    cases.write_text("".join(json.dumps(case | {"id": name, "trusted_root": root}) + "\n" for name in ("a", "b")))
    assert main(["verify-batch", str(cases)]) == 1
    assert service.seen == []
    capsys.readouterr()
    assert main(["verify-batch", str(cases), "--online", "--github-api-url", service.url]) == 0
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(one["id"], one["verdict"], one["level"]["build"]) for one in answers] == [
        ("a", "pass", 2),
        ("b", "pass", 2),
    ]
    assert all(one["evidence"][0]["url"].startswith(service.url) for one in answers)
    assert main(["verify-batch", str(cases), "--github-api-url", service.url]) == 4
