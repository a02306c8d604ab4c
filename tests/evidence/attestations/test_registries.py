"""What registries and Cloud Build hand out: npm, PEP 740, gcloud."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from slsacheck.evidence.attestations import verify
from slsacheck.evidence.attestations.trustdata import NamedKey, TrustData, Window
from slsacheck.model.attestation import Case, Expectations, Verification
from tests.evidence.attestations.genuine import MINE, npm_answer, publish_attestation
from tests.evidence.attestations.private_sigstore import (
    ARTIFACT,
    NOW,
    SHA256,
    SHA512,
    SOURCE,
    Instance,
    b64,
    changed,
    claims,
    sign,
    spki,
    statement,
    workflow_statement,
)
from tests.evidence.attestations.writing import write

# Package registries


@pytest.fixture
def npm(instance: Instance, tmp_path: Path, trust: TrustData) -> Any:
    registry = ec.generate_private_key(ec.SECP256R1())

    def run(document: Any = None, usage: str = "npm:attestations", **given: Any) -> Verification:
        content = document if document is not None else npm_answer(instance, registry)
        case = Case(
            "verify-npm-package",
            digests=((("sha512", SHA512),),),
            provenance=(write(tmp_path / "npm.json", content),),
            expectations=Expectations(
                **({"source_uri": SOURCE, "builder_id": "https://github.com/actions/runner/github-hosted"} | given)
            ),
        )
        return verify(case, replace(trust, npm_keys=(NamedKey("SHA256:test", spki(registry), usage),)))

    run.registry = registry  # type: ignore[attr-defined]
    return run


def test_an_npm_package_from_a_hosted_runner_is_level_two(npm: Any) -> None:
    answer = npm(package_name="@example/hello", package_version="1.2.3")
    assert (answer.verdict, answer.level, answer.trust_root) == ("pass", 2, "npm-provenance-github"), answer.message


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"builder_id": None}, "builder-invalid"),
        ({"builder_id": "https://github.com/actions/runner/self-hosted"}, "builder-mismatch"),
        ({"builder_id": "https://github.com/actions/runner"}, "builder-mismatch"),
        ({"package_name": "hello"}, "package-name-mismatch"),
        ({"package_version": "1.2"}, "package-version-mismatch"),
        ({"source_uri": "github.com/example/other"}, "source-mismatch"),
        ({"usage": "npm:signatures"}, "no-valid-signature"),
    ],
)
def test_each_fault_of_an_npm_package_is_named(npm: Any, given: dict[str, Any], reason: str) -> None:
    assert (npm(**given).verdict, npm(**given).reason_class, npm(**given).level) == ("fail", reason, None)


def test_npm_statements_that_name_two_packages_are_refused(instance: Instance, npm: Any) -> None:
    assert npm(npm_answer(instance, npm.registry, name="@example/hullo")).reason_class == "package-name-mismatch"
    assert npm(npm_answer(instance, npm.registry, version="1.2.4")).reason_class == "package-version-mismatch"


def test_provenance_of_two_packages_is_refused(instance: Instance, npm: Any) -> None:
    document = npm_answer(instance, npm.registry)
    content = json.loads(base64.b64decode(document["attestations"][1]["bundle"]["dsseEnvelope"]["payload"]))
    twice = content | {"subject": content["subject"] * 2}
    document["attestations"][1]["bundle"] = instance.bundle(twice, identity=MINE)
    assert (npm(document).verdict, npm(document).reason_class) == ("fail", "malformed")


def test_a_certificate_that_does_not_name_the_runner_confirms_none(instance: Instance, npm: Any) -> None:
    for runner in ("", "self-hosted"):
        assert npm(npm_answer(instance, npm.registry, extensions=claims(c11=runner))).verdict == "fail"


def test_an_npm_answer_without_publish_attestation_is_refused(instance: Instance, npm: Any) -> None:
    document = npm_answer(instance, npm.registry)
    del document["attestations"][0]
    assert npm(document).reason_class == "malformed"
    unlogged = npm_answer(instance, npm.registry)
    unlogged["attestations"][0]["bundle"]["verificationMaterial"]["tlogEntries"] = []
    assert (npm(unlogged).verdict, npm(unlogged).level) == ("unknown", None)


def test_the_key_of_npm_must_have_been_valid(instance: Instance, tmp_path: Path, trust: TrustData) -> None:
    from datetime import timedelta

    registry = ec.generate_private_key(ec.SECP256R1())
    old = NamedKey("SHA256:test", spki(registry), "npm:attestations", Window(end=NOW - timedelta(days=1)))
    case = Case(
        "verify-npm-package",
        digests=((("sha512", SHA512),),),
        provenance=(write(tmp_path / "npm.json", npm_answer(instance, registry)),),
        expectations=Expectations(source_uri=SOURCE, builder_id="https://github.com/actions/runner/github-hosted"),
    )
    assert verify(case, replace(trust, npm_keys=(old,))).reason_class == "no-valid-signature"


def pypi(path: Path, document: Any, trust: TrustData, **given: Any) -> Verification:
    files = given.pop("artifact", ())
    digests = () if files else ((("sha256", SHA256),),)
    case = Case(
        "verify-pypi-package",
        artifact=files,
        digests=digests,
        provenance=(write(path / "a.json", document),),
        expectations=Expectations(**given),
    )
    return verify(case, trust)


def test_a_publish_attestation_passes_and_proves_no_level(instance: Instance, tmp_path: Path, trust: TrustData) -> None:
    answer = pypi(
        tmp_path, publish_attestation(instance), trust, package_name="Hello", package_version="1.2.3", source_uri=SOURCE
    )
    assert (answer.verdict, answer.level) == ("pass", None), answer.message
    assert (
        pypi(tmp_path, publish_attestation(instance), trust, package_name="hullo").reason_class
        == "package-name-mismatch"
    )
    assert (
        pypi(tmp_path, publish_attestation(instance), trust, package_version="1.2").reason_class
        == "package-version-mismatch"
    )
    assert (
        pypi(tmp_path, publish_attestation(instance), trust, source_uri="github.com/o/r").reason_class
        == "source-mismatch"
    )
    (tmp_path / "hello-1.2.3.tar.gz").write_bytes(ARTIFACT)
    (tmp_path / "other-1.2.3.tar.gz").write_bytes(ARTIFACT)
    assert (
        pypi(tmp_path, publish_attestation(instance), trust, artifact=(str(tmp_path / "hello-1.2.3.tar.gz"),)).verdict
        == "pass"
    )
    other = pypi(tmp_path, publish_attestation(instance), trust, artifact=(str(tmp_path / "other-1.2.3.tar.gz"),))
    assert other.reason_class == "package-name-mismatch"


def test_the_publisher_that_the_index_claims_is_compared(instance: Instance, tmp_path: Path, trust: TrustData) -> None:
    def provenance(repository: str) -> dict[str, Any]:
        publisher = {"kind": "GitHub", "repository": repository, "workflow": "release.yml"}
        return {
            "version": 1,
            "attestation_bundles": [{"publisher": publisher, "attestations": [publish_attestation(instance)]}],
        }

    assert pypi(tmp_path, provenance("example/hello"), trust).verdict == "pass"
    assert pypi(tmp_path, provenance("example/other"), trust).reason_class == "statement-mismatch"


# Google Cloud Build


def gcloud(key: Any, keyid: str, **changes: Any) -> dict[str, Any]:
    uri = f"https://registry.example/i@sha256:{SHA256}"
    builder = "https://cloudbuild.googleapis.com/GoogleHostedWorker@v0.3"
    predicate = {
        "builder": {"id": builder},
        "recipe": {
            "type": "https://cloudbuild.googleapis.com/CloudBuildYaml@v0.1",
            "arguments": {"@type": "type.googleapis.com/google.devtools.cloudbuild.v1.Build"},
        },
        "materials": [{"uri": f"{SOURCE}#refs"}],
    }
    content = statement(predicate, "https://slsa.dev/provenance/v0.1")
    payload = json.dumps(content).encode()
    text = {name: content[name] for name in ("_type", "predicateType", "subject")} | {"slsaProvenance": predicate}
    record = {
        "build": {"intotoStatement": text},
        "kind": "BUILD",
        "resourceUri": uri,
        "envelope": {
            "payload": base64.urlsafe_b64encode(payload).decode(),
            "payloadType": "application/vnd.in-toto+json",
            "signatures": [{"keyid": keyid, "sig": base64.urlsafe_b64encode(sign(key, payload)).decode()}],
        },
    }
    summary = {"digest": f"sha256:{SHA256}", "fully_qualified_digest": uri}
    document: dict[str, Any] = {"image_summary": summary, "provenance_summary": {"provenance": [record]}}
    for path, value in changes.items():
        document = changed(document, path, value)
    return document


RECORD = "provenance_summary.provenance.0"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, None),
        ({"image_summary.digest": "sha256:0"}, "hash-mismatch"),
        ({f"{RECORD}.resourceUri": "x"}, "hash-mismatch"),
        ({f"{RECORD}.kind": "ATTESTATION"}, "malformed"),
        ({f"{RECORD}.build.intotoStatement.subject.0.name": "x"}, "statement-mismatch"),
        ({f"{RECORD}.build.intotoStatement.slsaProvenance.recipe.type": "x"}, "statement-mismatch"),
        ({f"{RECORD}.build": {}}, "statement-mismatch"),
        ({f"{RECORD}.envelope.signatures.0.keyid": "other"}, "no-valid-signature"),
        ({f"{RECORD}.envelope.payload": b64(b"{}")}, "no-valid-signature"),
        ({f"{RECORD}.envelope.signatures": []}, "no-valid-signature"),
        ({"provenance_summary.provenance": []}, "malformed"),
    ],
)
def test_cloud_build(tmp_path: Path, trust: TrustData, changes: dict[str, Any], reason: str | None) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    keys = (NamedKey("region", spki(key), "payload", predicate_type="https://slsa.dev/provenance/v0.1"),)
    case = Case(
        "verify-image",
        image_digest=f"sha256:{SHA256}",
        provenance=(write(tmp_path / "g.json", gcloud(key, "region", **changes)),),
        expectations=Expectations(source_uri=SOURCE, builder_id="https://cloudbuild.googleapis.com/GoogleHostedWorker"),
    )
    answer = verify(case, replace(trust, gcb_keys=keys))
    assert answer.reason_class == reason, answer.message
    assert answer.level == (3 if reason is None else None)


def test_provenance_of_a_distribution_proves_a_level_once_its_source_is_expected(
    instance: Instance, tmp_path: Path, trust: TrustData
) -> None:
    mine = f"{SOURCE}/.github/workflows/release.yml@refs/tags/v1.2.3"
    content = workflow_statement(mine)
    content["subject"][0]["name"] = "hello-1.2.3.tar.gz"
    bundle = instance.bundle(content, identity=mine)
    assert pypi(tmp_path, bundle, trust, source_uri=SOURCE).level == 2
    assert (pypi(tmp_path, bundle, trust).verdict, pypi(tmp_path, bundle, trust).level) == ("pass", None)
    assert pypi(tmp_path, bundle, trust, source_uri=SOURCE, package_name="other").level is None
