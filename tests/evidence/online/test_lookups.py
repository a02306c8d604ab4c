"""Look-ups end to end: what is found is verified by the code that works offline, and a lying service never passes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from slsacheck.evidence.attestations.trustdata import NamedKey, TrustData
from slsacheck.evidence.online import verify_online
from slsacheck.evidence.online.cases import Answered
from slsacheck.evidence.online.registries import distribution_of, owner_and_name
from slsacheck.evidence.online.services import Services
from slsacheck.model.attestation import Case, Expectations
from tests.evidence.attestations import genuine
from tests.evidence.attestations.private_sigstore import (
    ARTIFACT,
    SHA256,
    SOURCE,
    Instance,
    b64,
    entry_body,
    leaf,
    spki,
    workflow_statement,
)
from tests.evidence.online.service import JSON, RekorLog, Service, github, payload_hash, said

GITHUB = f"/repos/example/hello/attestations/sha256:{SHA256}?per_page=100"


@pytest.fixture
def log(instance: Instance, service: Service) -> RekorLog:
    return RekorLog(instance, service)


@pytest.fixture
def ask(services: Services, trust: TrustData, tmp_path: Path) -> Callable[..., Answered]:
    """Verifies online: `ask(document, command=…, expectation=…)`."""

    def run(*documents: Any, command: str = "verify-artifact", **given: Any) -> Answered:
        paths: tuple[str, ...] = ()
        if documents:
            path = tmp_path / "given.intoto.jsonl"
            path.write_text("".join(json.dumps(one) + "\n" for one in documents))
            paths = (str(path),)
        source = {"source_uri": SOURCE}
        case = Case(
            command,
            digests=given.pop("digests", ((("sha256", SHA256),),)),
            artifact=given.pop("artifact", ()),
            provenance=given.pop("provenance", paths),
            expectations=Expectations(**((source | given) if command != "verify-rekor-entry" else given)),
        )
        return verify_online(case, services, given.pop("trust", trust))

    return run


Ask = Callable[..., Answered]


# The log entry of a bare envelope


@pytest.mark.parametrize("kind", ["dsse/0.0.1", "intoto/0.0.2"])
def test_the_log_completes_a_bare_envelope(instance: Instance, log: RekorLog, ask: Ask, kind: str) -> None:
    envelope, certificate = genuine.bare(instance)
    log.add(entry_body(kind, envelope, certificate), payload_hash(envelope))
    answer = ask(envelope)
    assert (answer.verification.verdict, answer.verification.level) == ("pass", 3), answer.verification.message
    assert answer.verification.logged
    assert [one.name.split()[:2] for one in answer.fetched] == [["log", "search"], ["log", "entry"]]
    assert (answer.verification.path or "").endswith("given.intoto.jsonl")


def test_each_envelope_of_a_file_has_its_own_entry(instance: Instance, log: RekorLog, ask: Ask) -> None:
    made = [genuine.bare(instance, workflow_statement("x")), genuine.bare(instance)]
    for envelope, certificate in made:
        log.add(entry_body("dsse/0.0.1", envelope, certificate), payload_hash(envelope))
    answer = ask(*(envelope for envelope, _ in made))
    assert answer.verification.verdict == "pass", answer.verification.message


def test_entries_of_others_about_the_same_payload_are_passed_over(instance: Instance, log: RekorLog, ask: Ask) -> None:
    envelope, certificate = genuine.bare(instance)
    for _ in range(3):
        other, theirs = genuine.bare(instance)
        log.add(entry_body("dsse/0.0.1", other, theirs), payload_hash(envelope))
    log.add(entry_body("dsse/0.0.1", envelope, certificate), payload_hash(envelope))
    assert ask(envelope).verification.verdict == "pass"


def test_a_log_without_the_entry_leaves_it_unknown(instance: Instance, log: RekorLog, ask: Ask) -> None:
    envelope, _ = genuine.bare(instance)
    other, theirs = genuine.bare(instance)
    log.add(entry_body("dsse/0.0.1", other, theirs), payload_hash(envelope))
    answer = ask(envelope)
    assert (answer.verification.verdict, answer.verification.reason_class) == ("unknown", "log-missing")
    assert "none of this signature" in answer.verification.message
    assert answer.verification.level is None


def test_a_flooded_index_is_not_followed_to_its_end(
    instance: Instance, log: RekorLog, ask: Ask, service: Service
) -> None:
    envelope, _ = genuine.bare(instance)
    log.index[payload_hash(envelope)] = [f"{number:064x}" for number in range(10_000)]
    assert ask(envelope).verification.verdict == "unknown"
    assert len(service.seen) < 25


Lie = Callable[[str, dict[str, Any]], Any]


def _of(entry: dict[str, Any], uuid: str) -> dict[str, Any]:
    return dict(entry[uuid])


LIES: dict[str, Lie] = {
    "another id": lambda uuid, entry: {uuid[:-1] + ("0" if uuid[-1] != "0" else "1"): _of(entry, uuid)},
    "two entries": lambda uuid, entry: entry | {"f" * 64: _of(entry, uuid)},
    "no entry": lambda uuid, entry: {},
    "a list": lambda uuid, entry: [entry],
    "another body": lambda uuid, entry: {uuid: _of(entry, uuid) | {"body": b64(b"{}")}},
    "no JSON in the body": lambda uuid, entry: {uuid: _of(entry, uuid) | {"body": b64(b"\xff")}},
    "another time": lambda uuid, entry: {uuid: _of(entry, uuid) | {"integratedTime": 1}},
    "another log": lambda uuid, entry: {uuid: _of(entry, uuid) | {"logID": "00" * 32}},
    "no proof and no promise": lambda uuid, entry: {uuid: _of(entry, uuid) | {"verification": {}}},
    "a broken promise": lambda uuid, entry: {
        uuid: _of(entry, uuid) | {"verification": {"signedEntryTimestamp": b64(b"x" * 70)}}
    },
}


@pytest.mark.parametrize("name", LIES)
def test_a_log_that_lies_never_makes_a_pass(
    instance: Instance, log: RekorLog, ask: Ask, service: Service, name: str
) -> None:
    envelope, certificate = genuine.bare(instance)
    uuid = log.add(entry_body("dsse/0.0.1", envelope, certificate), payload_hash(envelope))
    honest = json.loads(service.answers[f"/api/v1/log/entries/{uuid}"][2])  # type: ignore[index]
    service.answers[f"/api/v1/log/entries/{uuid}"] = said(LIES[name](uuid, honest))
    answer = ask(envelope).verification
    assert answer.verdict in ("unknown", "fail"), answer.message
    assert answer.reason_class in ("log-missing", "log-invalid")
    assert answer.level is None


@pytest.mark.parametrize(
    "answer",
    [
        said({"error": "x"}, 500), said([1, 2]), said(["x"]), said({"a": 1}), (200, {"Content-Type": "text/html"}, b"<html>"),
        (200, JSON, b"["), said({}, 403), (302, {"Location": "https://evil.example/"}, b""),
    ],
)  # fmt: skip
def test_a_search_that_fails_leaves_it_unknown(
    instance: Instance, log: RekorLog, ask: Ask, service: Service, answer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("slsacheck.evidence.web.limits.FIRST_PAUSE_SECONDS", 0)
    service.answers["/api/v1/index/retrieve"] = answer
    envelope, _ = genuine.bare(instance)
    found = ask(envelope)
    assert (found.verification.verdict, found.verification.reason_class) == ("unknown", "log-missing")
    assert "the log was asked" in found.verification.message
    assert found.problems


# Entries by id, index, artifact


@pytest.fixture
def entry(instance: Instance, log: RekorLog) -> str:
    envelope, certificate = genuine.bare(instance)
    return log.add(entry_body("dsse/0.0.1", envelope, certificate), SHA256)


def test_an_entry_by_id_index_and_artifact(entry: str, log: RekorLog, ask: Ask) -> None:
    log.leaves += [leaf(b"later %d" % number) for number in range(9)]
    log.state()
    for named in ({"provenance": (entry,)}, {"provenance": (entry[16:],)}, {"provenance": ("5",)}, {}):
        digests = () if named else ((("sha256", SHA256),),)
        answer = ask(command="verify-rekor-entry", digests=digests, **named).verification
        if named.get("provenance") == (entry[16:],):
            assert answer.verdict == "unknown"
            continue
        assert answer.verdict == "pass", answer.message
        assert [step.name for step in answer.steps] == ["log-inclusion", "log-consistency"]
        assert "grew from 6 to 15" in answer.steps[-1].detail


def test_a_log_that_was_rewritten_is_refuted(entry: str, log: RekorLog, ask: Ask) -> None:
    log.leaves[0] = leaf(b"rewritten")
    log.leaves += [leaf(b"later")]
    log.state()
    answer = ask(command="verify-rekor-entry", digests=(), provenance=(entry,)).verification
    assert (answer.verdict, answer.reason_class) == ("fail", "log-invalid")
    assert "rewritten" in answer.message


def test_a_log_that_lost_entries_is_refuted(entry: str, log: RekorLog, ask: Ask) -> None:
    del log.leaves[4:]
    log.state()
    answer = ask(command="verify-rekor-entry", digests=(), provenance=(entry,)).verification
    assert (answer.verdict, answer.reason_class) == ("fail", "log-invalid")


@pytest.mark.parametrize(
    "state",
    [
        said({"treeID": "7", "treeSize": 6, "signedTreeHead": "x\n1\n\n"}), said({"treeID": "8", "treeSize": 6}), said({}, 404),
        said({"treeID": "7", "treeSize": 6, "signedTreeHead": "log.example - 7\n6\neA==\n\n— log.example eHh4eHh4\n"}),
    ],
)  # fmt: skip
def test_a_state_that_cannot_be_had_is_no_pass(entry: str, ask: Ask, service: Service, state: Any) -> None:
    service.answers["/api/v1/log"] = state
    answer = ask(command="verify-rekor-entry", digests=(), provenance=(entry,)).verification
    assert answer.verdict in ("unknown", "fail")
    assert answer.reason_class in ("log-missing", "log-invalid")


@pytest.mark.parametrize("named", ["nonsense", "f" * 64, "99999999", "9" * 40])
def test_entries_that_are_not_there(log: RekorLog, ask: Ask, named: str) -> None:
    answer = ask(command="verify-rekor-entry", digests=(), provenance=(named,)).verification
    assert (answer.verdict, answer.reason_class) == ("unknown", "log-missing")
    assert answer.message


# Attestations by digest


@pytest.mark.parametrize("command", ["verify-artifact", "verify-github-attestation"])
def test_github_is_asked_by_digest(instance: Instance, service: Service, ask: Ask, command: str) -> None:
    service.answers[GITHUB] = github(instance.bundle(workflow_statement(genuine.MINE), identity=genuine.MINE))
    answer = ask(command=command)
    assert (answer.verification.verdict, answer.verification.level) == ("pass", 2), answer.verification.message
    assert answer.verification.path == f"{service.url}{GITHUB}"
    assert answer.fetched[0].digest == hashlib.sha256(answer.fetched[0].body).hexdigest()
    assert service.seen[0][2]["X-GitHub-Api-Version"] == "2022-11-28"


def test_the_best_of_several_counts(instance: Instance, service: Service, ask: Ask) -> None:
    good = instance.bundle(workflow_statement(genuine.MINE), identity=genuine.MINE)
    service.answers[GITHUB] = github({}, {"mediaType": "x"}, good)
    assert ask().verification.verdict == "pass"


def test_an_attestation_of_another_artifact_fails(instance: Instance, service: Service, ask: Ask) -> None:
    other = workflow_statement(genuine.MINE) | {"subject": [{"name": "x", "digest": {"sha256": "1" * 64}}]}
    service.answers[GITHUB] = github(instance.bundle(other, identity=genuine.MINE))
    assert (ask().verification.verdict, ask().verification.reason_class) == ("fail", "hash-mismatch")


def test_an_attestation_by_somebody_else_fails(service: Service, ask: Ask) -> None:
    service.answers[GITHUB] = github(Instance().bundle(workflow_statement(genuine.MINE), identity=genuine.MINE))
    assert ask().verification.reason_class == "certificate-invalid"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (said({"message": "Not Found"}, 404), "has none"),
        (said({"attestations": []}), "has none"),
        (said({"attestations": {}}), "no list"),
        (said([]), "no list"),
        (said({}, 401), "GH_ENTERPRISE_TOKEN"),
        ((200, {"Content-Type": "text/html"}, b"sign in"), "instead of JSON"),
    ],
)
def test_github_without_an_answer_leaves_it_unknown(service: Service, ask: Ask, answer: Any, words: str) -> None:
    service.answers[GITHUB] = answer
    found = ask()
    assert found.verification.verdict == "unknown"
    assert words in found.verification.message
    assert len(found.problems) == 1


@pytest.mark.parametrize("source", ["gitlab.com/example/hello", "github.com/example", "github.com/a/b/c", "github.com/../x", "github.com/a/b?c", None])  # fmt: skip
def test_only_repositories_on_github_are_asked_for(service: Service, ask: Ask, source: str | None) -> None:
    assert owner_and_name(source) is None
    answer = ask(source_uri=source)
    assert answer.verification.verdict == "unknown"
    assert "--source-uri" in answer.verification.message
    assert service.seen == []


def test_npm_is_asked_by_name_and_version(
    instance: Instance, service: Service, services: Services, trust: TrustData
) -> None:
    registry = ec.generate_private_key(ec.SECP256R1())
    service.answers["/-/npm/v1/attestations/@example%2Fhello@1.2.3"] = said(genuine.npm_answer(instance, registry))
    keyed = replace(trust, npm_keys=(NamedKey("SHA256:test", spki(registry), "npm:attestations"),))
    assert verify_online(genuine.NPM_CASE, services, keyed).verification.verdict == "pass"
    unversioned = replace(genuine.NPM_CASE.expectations, package_version=None)
    nameless = replace(genuine.NPM_CASE, expectations=unversioned)
    answer = verify_online(nameless, services, keyed).verification
    assert (answer.verdict, "--package-version" in answer.message) == ("unknown", True)


def test_pypi_is_asked_by_file_name(instance: Instance, service: Service, ask: Ask, tmp_path: Path) -> None:
    file = tmp_path / "hello-1.2.3.tar.gz"
    file.write_bytes(ARTIFACT)
    group = {
        "publisher": {"kind": "GitHub", "repository": "example/hello"},
        "attestations": [genuine.publish_attestation(instance)],
    }
    content = json.dumps({"version": 1, "attestation_bundles": [group]}).encode()
    kind = {"Content-Type": "application/vnd.pypi.integrity.v1+json"}
    service.answers["/integrity/hello/1.2.3/hello-1.2.3.tar.gz/provenance"] = (200, kind, content)
    answer = ask(command="verify-pypi-package", artifact=(str(file),), digests=())
    assert answer.verification.verdict == "pass", answer.verification.message
    (tmp_path / "readme.md").write_bytes(ARTIFACT)
    other = ask(command="verify-pypi-package", artifact=(str(tmp_path / "readme.md"),), digests=())
    assert other.verification.verdict == "unknown"


def test_names_of_distributions() -> None:
    assert distribution_of("Hello_World-1.0.0-py3-none-any.whl") == ("hello-world", "1.0.0")
    assert distribution_of("hello-1.2.3.tar.gz") == ("hello", "1.2.3")
    assert distribution_of("hello.tar.gz") is None
    assert distribution_of("x.deb") is None
