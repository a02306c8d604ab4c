"""The other forms: bare envelopes, log entries beside them, npm, PEP 740, Cloud Build, image layouts, summaries."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from slsacheck.evidence.attestations import read_many, subjects_match, verify, verify_each
from slsacheck.evidence.attestations.trustdata import NamedKey, TrustData, Window, load_domains, shipped
from slsacheck.evidence.attestations.vsa import levels_vouch
from slsacheck.model.attestation import Case, Expectations, Verification
from tests.evidence.attestations.conftest import Ask
from tests.evidence.attestations.private_sigstore import (
    ARTIFACT,
    GENERATOR,
    SHA256,
    SOURCE,
    Instance,
    b64,
    changed,
    claims,
    entry_body,
    generator_statement,
    pem,
    sign,
    spki,
    statement,
    workflow_statement,
)

SHA512 = hashlib.sha512(ARTIFACT).hexdigest()


@pytest.fixture
def trust(instance: Instance, tmp_path: Path) -> TrustData:
    path = tmp_path / "private-root.json"
    path.write_text(json.dumps(instance.trusted_root()))
    return TrustData(domains=load_domains(str(path)))


def write(path: Path, *documents: Any) -> str:
    path.write_text("".join(json.dumps(one) + "\n" for one in documents))
    return str(path)


def public_key(path: Path, key: Any) -> str:
    kind = serialization.PublicFormat.SubjectPublicKeyInfo
    path.write_bytes(key.public_key().public_bytes(serialization.Encoding.PEM, kind))
    return str(path)


# Bare envelopes


def bare(instance: Instance, **more: Any) -> tuple[dict[str, Any], bytes]:
    """An envelope with its certificate beside the signature, as slsa-github-generator wrote them."""
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = instance.certificate(key, GENERATOR, claims(), **more)
    envelope = instance.envelope(key, generator_statement())
    envelope["signatures"][0] |= {"cert": pem(certificate).decode(), "keyid": ""}
    return envelope, certificate


def api_answer(instance: Instance, envelope: dict[str, Any], certificate: bytes, kind: str) -> dict[str, Any]:
    """What `/api/v1/log/entries` answers about the envelope."""
    entry = instance.entry(entry_body(kind, envelope, certificate))
    body, proof = base64.b64decode(entry["canonicalizedBody"]), entry["inclusionProof"]
    uuid = "1234567890abcdef" + hashlib.sha256(b"\0" + body).hexdigest()
    return {
        uuid: {
            "body": entry["canonicalizedBody"],
            "integratedTime": int(entry["integratedTime"]),
            "logID": base64.b64decode(entry["logId"]["keyId"]).hex(),
            "logIndex": int(entry["logIndex"]),
            "verification": {
                "signedEntryTimestamp": entry["inclusionPromise"]["signedEntryTimestamp"],
                "inclusionProof": {
                    "logIndex": int(proof["logIndex"]),
                    "treeSize": int(proof["treeSize"]),
                    "rootHash": base64.b64decode(proof["rootHash"]).hex(),
                    "hashes": [base64.b64decode(one).hex() for one in proof["hashes"]],
                    "checkpoint": proof["checkpoint"]["envelope"],
                },
            },
        }
    }


def test_a_bare_envelope_shows_neither_time_nor_inclusion(instance: Instance, ask: Ask) -> None:
    envelope, _ = bare(instance)
    answer = ask(envelope)
    assert (answer.verdict, answer.reason_class, answer.expectations) == ("unknown", "log-missing", "pass")
    assert ask(envelope, source_tag="v9").reason_class == "tag-mismatch"


def test_a_bare_envelope_without_sct_fails(instance: Instance, ask: Ask) -> None:
    envelope, _ = bare(instance, sct=False)
    assert (ask(envelope).verdict, ask(envelope).reason_class) == ("fail", "certificate-invalid")


@pytest.mark.parametrize("kind", ["dsse/0.0.1", "intoto/0.0.2"])
def test_a_log_entry_beside_the_envelope_completes_it(instance: Instance, ask: Ask, tmp_path: Path, kind: str) -> None:
    envelope, certificate = bare(instance)
    answer = api_answer(instance, envelope, certificate, kind)
    entry = write(tmp_path / "entry.json", answer)
    assert ask(envelope, rekor_entry=entry).level == 3
    other, _ = bare(instance)
    assert ask(other, rekor_entry=entry).reason_class == "log-invalid"


def test_a_log_entry_alone_is_verified_but_proves_no_level(
    instance: Instance, tmp_path: Path, trust: TrustData
) -> None:
    envelope, certificate = bare(instance)
    document = api_answer(instance, envelope, certificate, "dsse/0.0.1")
    case = Case("verify-rekor-entry", provenance=(write(tmp_path / "e.json", document),))
    answer = verify(case, trust)
    assert (answer.verdict, answer.level, answer.logged) == ("pass", None, True)
    (uuid,) = document
    for name, value in {"integratedTime": 1, "logIndex": 9, "body": b64(b"{}"), "logID": "00" * 32}.items():
        write(tmp_path / "e.json", {uuid: document[uuid] | {name: value}})
        assert (verify(case, trust).verdict, verify(case, trust).reason_class) == ("fail", "log-invalid"), name
    write(tmp_path / "e.json", {"0" * 80: document[uuid]})
    assert verify(case, trust).reason_class == "log-invalid"
    write(tmp_path / "e.json", {uuid: document[uuid] | {"verification": {}}})
    assert verify(case, trust).reason_class == "log-missing"


def test_several_attestations_are_judged_alone_and_the_best_counts(
    instance: Instance, tmp_path: Path, trust: TrustData
) -> None:
    good, bad = instance.bundle(generator_statement()), instance.bundle(generator_statement("https://x.example/b"))
    path = write(tmp_path / "a.jsonl", bad, {"unknown": 1}, generator_statement(), good)
    case = Case(
        "verify-artifact",
        digests=((("sha256", SHA256),),),
        provenance=(path,),
        expectations=Expectations(source_uri=SOURCE),
    )
    answers = verify_each(case, trust)
    assert [one.verdict for one in answers] == ["fail", "fail", "pass"]
    assert [one.signed for one in answers] == [True, False, True]
    assert verify(case, trust).level == 3
    assert len(read_many(path)) == 3


KEYS: dict[str, Any] = {
    "p256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "ed25519": ed25519.Ed25519PrivateKey.generate,
}


@pytest.mark.parametrize("kind", KEYS)
def test_an_envelope_signed_by_a_key(instance: Instance, tmp_path: Path, kind: str) -> None:
    key, other = KEYS[kind](), KEYS[kind]()
    path = write(tmp_path / "a.json", instance.envelope(key, generator_statement()))
    right = Case("verify-bundle", provenance=(path,), public_key=public_key(tmp_path / "k.pem", key))
    wrong = Case("verify-bundle", provenance=(path,), public_key=public_key(tmp_path / "o.pem", other))
    assert verify(right).verdict == "pass"
    assert (verify(wrong).verdict, verify(wrong).reason_class) == ("fail", "no-valid-signature")
    answer = verify(Case("verify-bundle", provenance=(path,)))
    assert (answer.verdict, answer.reason_class) == ("unknown", "no-valid-signature")


def test_a_key_that_is_too_short_or_none_is_refused(instance: Instance, tmp_path: Path) -> None:
    weak = rsa.generate_private_key(65537, 1024)
    path = write(tmp_path / "a.json", instance.envelope(KEYS["p256"](), generator_statement()))
    assert (
        verify(Case("verify-bundle", provenance=(path,), public_key=public_key(tmp_path / "k", weak))).verdict == "fail"
    )
    (tmp_path / "none").write_text("no key")
    assert (
        verify(Case("verify-bundle", provenance=(path,), public_key=str(tmp_path / "none"))).reason_class == "malformed"
    )


def test_a_message_signature_is_of_one_artifact(instance: Instance, tmp_path: Path, trust: TrustData) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = instance.certificate(key, "somebody@example.com", {1: "https://accounts.example"})
    signature, digest = sign(key, ARTIFACT), hashlib.sha256(ARTIFACT).digest()
    verifier = {"x509Certificate": {"rawBytes": b64(certificate)}}
    body = {
        "apiVersion": "0.0.2",
        "kind": "hashedrekord",
        "spec": {"hashedRekordV002": {
            "data": {"algorithm": "SHA2_256", "digest": b64(digest)},
            "signature": {"content": b64(signature), "verifier": verifier}}},
    }  # fmt: skip
    bundle = {
        "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
        "verificationMaterial": {
            "certificate": {"rawBytes": b64(certificate)},
            "tlogEntries": [instance.entry(body, version=2)],
            "timestampVerificationData": {
                "rfc3161Timestamps": [{"signedTimestamp": b64(instance.timestamp(signature))}]
            },
        },
        "messageSignature": {
            "messageDigest": {"algorithm": "SHA2_256", "digest": b64(digest)},
            "signature": b64(signature),
        },
    }
    path = write(tmp_path / "b.json", bundle)
    (tmp_path / "artifact").write_bytes(ARTIFACT)
    (tmp_path / "other").write_bytes(b"other")
    case = Case("verify-bundle", provenance=(path,), artifact=(str(tmp_path / "artifact"),))
    assert verify(case, trust).verdict == "pass"
    assert (
        verify(replace(case, artifact=(*case.artifact, str(tmp_path / "other"))), trust).reason_class == "hash-mismatch"
    )
    write(tmp_path / "b.json", changed(bundle, "messageSignature.messageDigest", ...))
    assert verify(case, trust).verdict == "pass"
    assert verify(replace(case, artifact=(str(tmp_path / "other"),)), trust).reason_class == "no-valid-signature"
    assert verify(replace(case, artifact=(), digests=((("sha256", "zz"),),)), trust).verdict == "fail"


# Package registries


def npm_answer(instance: Instance, registry: Any, **changes: Any) -> dict[str, Any]:
    """The npm registry's answer: provenance of the npm CLI and the registry's publish attestation."""
    names = {"name": "@example/hello", "version": "1.2.3"} | changes
    purl = f"pkg:npm/{names['name'].replace('@', '%40')}@{names['version']}"
    mine = f"{SOURCE}/.github/workflows/release.yml@refs/tags/v1.2.3"
    definition = {
        "buildType": "https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1",
        "externalParameters": {"workflow": {
            "ref": "refs/tags/v1.2.3", "repository": SOURCE, "path": ".github/workflows/release.yml"}},
        "internalParameters": {"github": {"event_name": "push", "repository_id": "222", "repository_owner_id": "111"}},
        "resolvedDependencies": [{
            "uri": f"git+{SOURCE}@refs/tags/v1.2.3",
            "digest": {"gitCommit": "0461bc5dfa5090614e9590aa493f640314e4a944"}}],
    }  # fmt: skip
    run = {
        "builder": {"id": "https://github.com/actions/runner/github-hosted"},
        "metadata": {"invocationId": f"{SOURCE}/actions/runs/123/attempts/1"},
    }
    content = statement({"buildDefinition": definition, "runDetails": run}, "https://slsa.dev/provenance/v1")
    content["subject"] = [{"name": purl, "digest": {"sha512": SHA512}}]
    publish_type = "https://github.com/npm/attestation/tree/main/specs/publish/v0.1"
    publish = statement(
        {"name": "@example/hello", "version": "1.2.3", "registry": "https://registry.npmjs.org"}, publish_type
    )
    publish["subject"] = [{"name": "pkg:npm/%40example/hello@1.2.3", "digest": {"sha512": SHA512}}]
    envelope = instance.envelope(registry, publish)
    body = entry_body("dsse/0.0.1", envelope, instance.ca.public_bytes(serialization.Encoding.DER))
    encoded = registry.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    body["spec"]["signatures"][0]["verifier"] = b64(encoded)
    signed = {
        "mediaType": "application/vnd.dev.sigstore.bundle+json;version=0.2",
        "verificationMaterial": {"publicKey": {"hint": "SHA256:test"}, "tlogEntries": [instance.entry(body)]},
        "dsseEnvelope": envelope,
    }
    provenance = instance.bundle(content, identity=mine, extensions=changes.get("extensions"))
    return {
        "attestations": [
            {"predicateType": publish_type, "bundle": signed},
            {"predicateType": "https://slsa.dev/provenance/v1", "bundle": provenance},
        ]
    }


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

    from tests.evidence.attestations.private_sigstore import NOW

    registry = ec.generate_private_key(ec.SECP256R1())
    old = NamedKey("SHA256:test", spki(registry), "npm:attestations", Window(end=NOW - timedelta(days=1)))
    case = Case(
        "verify-npm-package",
        digests=((("sha512", SHA512),),),
        provenance=(write(tmp_path / "npm.json", npm_answer(instance, registry)),),
        expectations=Expectations(source_uri=SOURCE, builder_id="https://github.com/actions/runner/github-hosted"),
    )
    assert verify(case, replace(trust, npm_keys=(old,))).reason_class == "no-valid-signature"


def pep740(instance: Instance, name: str = "hello-1.2.3.tar.gz") -> dict[str, Any]:
    content = statement({}, "https://docs.pypi.org/attestations/publish/v1")
    content["subject"][0]["name"] = name
    bundle = instance.bundle(content)
    material = bundle["verificationMaterial"]
    return {
        "version": 1,
        "verification_material": {
            "certificate": material["certificate"]["rawBytes"],
            "transparency_entries": material["tlogEntries"],
        },
        "envelope": {
            "statement": bundle["dsseEnvelope"]["payload"],
            "signature": bundle["dsseEnvelope"]["signatures"][0]["sig"],
        },
    }


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
    answer = pypi(tmp_path, pep740(instance), trust, package_name="Hello", package_version="1.2.3", source_uri=SOURCE)
    assert (answer.verdict, answer.level) == ("pass", None), answer.message
    assert pypi(tmp_path, pep740(instance), trust, package_name="hullo").reason_class == "package-name-mismatch"
    assert pypi(tmp_path, pep740(instance), trust, package_version="1.2").reason_class == "package-version-mismatch"
    assert pypi(tmp_path, pep740(instance), trust, source_uri="github.com/o/r").reason_class == "source-mismatch"
    (tmp_path / "hello-1.2.3.tar.gz").write_bytes(ARTIFACT)
    (tmp_path / "other-1.2.3.tar.gz").write_bytes(ARTIFACT)
    assert pypi(tmp_path, pep740(instance), trust, artifact=(str(tmp_path / "hello-1.2.3.tar.gz"),)).verdict == "pass"
    other = pypi(tmp_path, pep740(instance), trust, artifact=(str(tmp_path / "other-1.2.3.tar.gz"),))
    assert other.reason_class == "package-name-mismatch"


def test_the_publisher_that_the_index_claims_is_compared(instance: Instance, tmp_path: Path, trust: TrustData) -> None:
    def provenance(repository: str) -> dict[str, Any]:
        publisher = {"kind": "GitHub", "repository": repository, "workflow": "release.yml"}
        return {"version": 1, "attestation_bundles": [{"publisher": publisher, "attestations": [pep740(instance)]}]}

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


# Image layouts


def layout(path: Path, *layers: tuple[str, bytes, dict[str, str]]) -> str:
    """An OCI layout with an image and a manifest of attestations; the image's digest is returned."""
    blobs = path / "blobs" / "sha256"
    blobs.mkdir(parents=True)

    def put(data: bytes) -> dict[str, Any]:
        name = hashlib.sha256(data).hexdigest()
        (blobs / name).write_bytes(data)
        return {"digest": f"sha256:{name}", "size": len(data)}

    image = put(json.dumps({"schemaVersion": 2, "config": {}, "layers": []}).encode())
    described = [put(data) | {"mediaType": kind, "annotations": notes} for kind, data, notes in layers]
    attached = put(json.dumps({"schemaVersion": 2, "layers": described, "subject": image}).encode())
    (path / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [image, attached]}))
    (path / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    return str(image["digest"])


def test_a_bundle_in_a_layout_is_about_the_image(instance: Instance, tmp_path: Path, trust: TrustData) -> None:
    digest = layout(tmp_path / "probe")
    content = generator_statement()
    content["subject"][0]["digest"] = {"sha256": digest.removeprefix("sha256:")}
    raw = json.dumps(instance.bundle(content)).encode()
    kind = "application/vnd.dev.sigstore.bundle.v0.3+json"
    assert layout(tmp_path / "layout", (kind, raw, {})) == digest
    case = Case("verify-image", oci_layout=str(tmp_path / "layout"), expectations=Expectations(source_uri=SOURCE))
    assert verify(case, trust).level == 3
    assert verify(replace(case, image_digest=f"sha256:{SHA256}"), trust).reason_class == "hash-mismatch"
    bare_signature = replace(case, expectations=Expectations())
    answer = verify(bare_signature, trust)
    assert (answer.verdict, answer.reason_class, answer.level) == ("unknown", "identity-mismatch", None)
    named = Expectations(identity=GENERATOR, issuer="regexp:.*github.*")
    assert verify(replace(case, expectations=named), trust).verdict == "pass"
    blob = next(one for one in (tmp_path / "layout" / "blobs" / "sha256").iterdir() if one.read_bytes() == raw)
    blob.write_bytes(raw.replace(b"v0.3", b"v0.2"))
    assert verify(case, trust).reason_class == "hash-mismatch"


def test_a_signature_of_the_older_format(tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    digest = layout(tmp_path / "probe")
    image = {"critical": {"identity": {"docker-reference": ""}, "image": {"docker-manifest-digest": digest}}}
    payload = json.dumps(image).encode()
    kind = "application/vnd.dev.cosign.simplesigning.v1+json"
    layout(tmp_path / "layout", (kind, payload, {"dev.cosignproject.cosign/signature": b64(sign(key, payload))}))
    case = Case("verify-image", oci_layout=str(tmp_path / "layout"), public_key=public_key(tmp_path / "k", key))
    assert verify(case).verdict == "pass"
    assert verify(replace(case, image_digest=f"sha256:{SHA256}")).reason_class == "hash-mismatch"


def test_an_image_in_a_registry_is_not_looked_for() -> None:
    answer = verify(Case("verify-image", image_ref="registry.example/i:1"))
    assert (answer.verdict, answer.reason_class) == ("unknown", "unsupported")


# Summaries


def summary(**changes: Any) -> dict[str, Any]:
    predicate = {
        "verifier": {"id": "https://verifier.example"},
        "resourceUri": "pkg:oci/i",
        "verificationResult": "PASSED",
        "verifiedLevels": ["SLSA_BUILD_LEVEL_2", "SLSA_SOURCE_LEVEL_1", "OTHER"],
    }
    return statement(predicate | changes, "https://slsa.dev/verification_summary/v1", {"gce_image_id": "1"})


@pytest.mark.parametrize(
    ("changes", "given", "reason"),
    [
        ({}, {}, None),
        ({}, {"verified_level": ("SLSA_BUILD_LEVEL_1", "OTHER", "SLSA_SOURCE_LEVEL_1")}, None),
        ({}, {"verified_level": ("SLSA_BUILD_LEVEL_3",)}, "vsa-level-mismatch"),
        ({}, {"verified_level": ("SLSA_SOURCE_LEVEL_2",)}, "vsa-level-mismatch"),
        ({}, {"verified_level": ("ANOTHER",)}, "vsa-level-mismatch"),
        ({}, {"verifier_id": "https://verifier.example/"}, "vsa-verifier-mismatch"),
        ({}, {"resource_uri": "pkg:oci/j"}, "vsa-resource-mismatch"),
        ({}, {"subject_digest": ("gce_image_id:1", "gce_image_id:2")}, "subject-missing"),
        ({"verificationResult": "FAILED"}, {}, "vsa-result-failed"),
        ({"verifier": {}}, {}, "vsa-verifier-mismatch"),
        ({}, {"public_key_id": "other"}, "no-valid-signature"),
        ({}, {"public_key_id": ""}, "no-valid-signature"),
    ],
)
def test_a_summary(
    instance: Instance, tmp_path: Path, changes: dict[str, Any], given: dict[str, Any], reason: str | None
) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    case = Case(
        "verify-vsa",
        provenance=(write(tmp_path / "v.json", instance.envelope(key, summary(**changes))),),
        public_key=public_key(tmp_path / "k", key),
        expectations=Expectations(
            **(
                {
                    "verifier_id": "https://verifier.example",
                    "resource_uri": "pkg:oci/i",
                    "subject_digest": ("gce_image_id:1",),
                }
                | given
            )
        ),
    )
    answer = verify(case)
    assert answer.reason_class == reason, answer.message
    assert answer.level == (2 if reason is None else None)
    missing = verify(replace(case, expectations=Expectations()))
    assert missing.verdict != "pass"
    assert missing.level is None


def test_an_unsigned_summary_fails(tmp_path: Path) -> None:
    answer = verify(Case("verify-vsa", provenance=(write(tmp_path / "v.json", summary()),)))
    assert (answer.verdict, answer.reason_class) == ("fail", "no-valid-signature")


def test_levels_are_a_ladder_per_track() -> None:
    assert levels_vouch(["SLSA_BUILD_LEVEL_3"], "SLSA_BUILD_LEVEL_1")
    assert not levels_vouch(["SLSA_BUILD_LEVEL_3"], "SLSA_SOURCE_LEVEL_1")
    assert not levels_vouch(["SLSA_BUILD_LEVEL_UNEVALUATED"], "SLSA_BUILD_LEVEL_0")
    assert not levels_vouch([], "SLSA_BUILD_LEVEL_0")


def test_sha1_never_matches_a_subject() -> None:
    subjects = (("a", (("sha1", "0" * 40), ("sha512", "1"))),)
    assert not subjects_match(subjects, {"sha1": "0" * 40})
    assert subjects_match(subjects, {"sha512": "1", "sha256": "2"})
    assert not subjects_match((("a", (("sha256", "2"), ("sha512", "1"))),), {"sha512": "1", "sha256": "3"})


def test_the_shipped_trust_data_can_be_read() -> None:
    trust = shipped()
    assert [domain.name for domain in trust.domains] == ["public-good", "github"]
    assert len(trust.gcb_keys) == 21
    assert len({key.id for key in trust.npm_keys}) == 2
    for domain in trust.domains:
        for authority in (*domain.authorities, *domain.timestamp_authorities):
            assert authority.chain
        for log in (*domain.logs, *domain.ct_logs):
            assert log.key


def test_a_keyless_summary_needs_a_named_signer(instance: Instance, tmp_path: Path, trust: TrustData) -> None:
    given = Expectations(
        verifier_id="https://verifier.example", resource_uri="pkg:oci/i", subject_digest=("gce_image_id:1",)
    )
    path = write(tmp_path / "v.json", instance.bundle(summary()))
    answer = verify(Case("verify-vsa", provenance=(path,), expectations=given), trust)
    assert (answer.verdict, answer.reason_class, answer.level) == ("unknown", "identity-mismatch", None)
    named = replace(given, identity=GENERATOR, issuer="https://token.actions.githubusercontent.com")
    assert verify(Case("verify-vsa", provenance=(path,), expectations=named), trust).level == 2


def test_a_workflow_that_github_does_not_vouch_for(instance: Instance, ask: Ask) -> None:
    mine = f"{SOURCE}/.github/workflows/release.yml@refs/tags/v1.2.3"
    elsewhere = claims(c1="https://issuer.example", c8="https://issuer.example")
    answer = ask(instance.bundle(workflow_statement(mine), identity=mine, extensions=elsewhere))
    assert (answer.verdict, answer.reason_class) == ("fail", "identity-mismatch")


def test_a_timestamp_authority_may_be_given_by_its_issuer_alone(instance: Instance, tmp_path: Path) -> None:
    root = instance.trusted_root()
    chain = root["timestampAuthorities"][0]["certChain"]
    chain["certificates"] = chain["certificates"][1:]
    path = write(tmp_path / "b.json", instance.bundle(generator_statement(), kind="hashedrekord/0.0.2"))
    case = Case("verify-bundle", provenance=(path,), trusted_root=write(tmp_path / "r.json", root))
    assert verify(case).verdict == "pass", verify(case).message
    other = Instance(ca_key=instance.ca_key).trusted_root()["timestampAuthorities"]
    write(tmp_path / "r.json", root | {"timestampAuthorities": other})
    assert verify(case).reason_class == "time-untrusted"


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


def test_a_certificate_with_a_key_of_an_unknown_kind_is_refused(instance: Instance, ask: Ask) -> None:
    bundle = instance.bundle(generator_statement())
    known, unknown = bytes.fromhex("06072a8648ce3d0201"), bytes.fromhex("06072b8648ce3d0201")
    place = "verificationMaterial.certificate.rawBytes"
    answer = ask(changed(bundle, place, lambda old: b64(base64.b64decode(old).replace(known, unknown))))
    assert (answer.verdict, answer.reason_class) == ("fail", "certificate-invalid")
