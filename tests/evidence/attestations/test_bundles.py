"""Bundles signed by a private instance: what passes, and that each single change to it is noticed."""

from __future__ import annotations

import base64
import copy
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from tests.evidence.attestations.conftest import Ask
from tests.evidence.attestations.private_sigstore import (
    GENERATOR,
    SHA256,
    SOURCE,
    Instance,
    b64,
    changed,
    claims,
    flipped,
    generator_statement,
    workflow_statement,
)

KINDS = ["dsse/0.0.1", "intoto/0.0.2", "hashedrekord/0.0.2", "dsse/0.0.2"]
ENTRY = "verificationMaterial.tlogEntries.0"
PROOF = f"{ENTRY}.inclusionProof"
SIGNATURE = "dsseEnvelope.signatures.0"
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@pytest.mark.parametrize("kind", KINDS)
def test_a_genuine_bundle_proves_the_level_of_its_root(instance: Instance, ask: Ask, kind: str) -> None:
    answer = ask(instance.bundle(generator_statement(), kind=kind), source_tag="v1.2.3", source_branch="main")
    assert (answer.verdict, answer.level, answer.trust_root) == ("pass", 3, "slsa-github-generator"), answer.message
    assert answer.authentic
    assert answer.expectations == "pass"
    assert all(step.outcome in ("pass", "not-applicable") for step in answer.steps)


def malleated(signature: str) -> str:
    r, s = decode_dss_signature(base64.b64decode(signature))
    return b64(encode_dss_signature(r, P256_ORDER - s))


def other_payload(payload: str) -> str:
    return b64(base64.b64decode(payload).replace(SHA256.encode(), b"0" * 64))


CHANGES: dict[str, tuple[str, Any]] = {
    "payload": ("dsseEnvelope.payload", other_payload),
    "payload type": ("dsseEnvelope.payloadType", "application/vnd.in-toto.x+json"),
    "signature": (f"{SIGNATURE}.sig", flipped),
    "malleated signature": (f"{SIGNATURE}.sig", malleated),
    "no signatures": ("dsseEnvelope.signatures", []),
    "two signatures": ("dsseEnvelope.signatures", lambda old: old * 2),
    "body": (f"{ENTRY}.canonicalizedBody", lambda old: b64(base64.b64decode(old).replace(b"{", b"{ ", 1))),
    "log id": (f"{ENTRY}.logId.keyId", b64(b"x" * 32)),
    "base64 that is not in its one form": (
        f"{PROOF}.rootHash",
        lambda old: old[:-2] + chr(ord(old[-2]) + 1) + "=" if old[-2] not in "9Zz+/" else old[:-3] + "===",
    ),
    "log id missing": (f"{ENTRY}.logId", ...),
    "kind that lies": (f"{ENTRY}.kindVersion.kind", "hashedrekord0"),
    "version that lies": (f"{ENTRY}.kindVersion.version", "9.9.9"),
    "proof hash": (f"{PROOF}.hashes.0", flipped),
    "proof index": (f"{PROOF}.logIndex", lambda old: str(int(old) + 1)),
    "proof truncated": (f"{PROOF}.hashes", lambda old: old[:-1]),
    "proof extended": (f"{PROOF}.hashes", lambda old: [*old, old[0]]),
    "proof removed": (PROOF, ...),
    "proof of nothing": (f"{PROOF}.treeSize", "0"),
    "root hash": (f"{PROOF}.rootHash", flipped),
    "checkpoint signature": (
        f"{PROOF}.checkpoint.envelope",
        lambda old: old.replace("— log.example ", "— log.example AAAA"),
    ),
    "checkpoint without the log's signature": (
        f"{PROOF}.checkpoint.envelope",
        lambda old: old.split("— log.example")[0] + "— witness" + old.split("— witness")[1],
    ),
    "checkpoint removed": (f"{PROOF}.checkpoint", ...),
    "checkpoint of another size": (f"{PROOF}.checkpoint.envelope", lambda old: old.replace("\n6\n", "\n7\n")),
    "a second entry that is garbage": (
        "verificationMaterial.tlogEntries",
        lambda old: [*old, {"canonicalizedBody": b64(b"{}"), "logId": old[0]["logId"], "logIndex": "1"}],
    ),
    "media type": ("mediaType", "application/vnd.dev.sigstore.bundle.v9.9+json"),
    "media type missing": ("mediaType", ...),
    "certificate": ("verificationMaterial.certificate.rawBytes", flipped),
    "certificate that is none": ("verificationMaterial.certificate.rawBytes", b64(b"0")),
    "garbage as timestamp": (
        "verificationMaterial.timestampVerificationData",
        {"rfc3161Timestamps": [{"signedTimestamp": b64(b"garbage")}]},
    ),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", CHANGES)
def test_every_change_to_a_bundle_is_refused(instance: Instance, ask: Ask, kind: str, name: str) -> None:
    path, change = CHANGES[name]
    answer = ask(changed(instance.bundle(generator_statement(), kind=kind), path, change))
    assert answer.verdict == "fail", name
    assert answer.level is None
    assert answer.reason_class
    assert answer.message


@pytest.mark.parametrize(
    ("path", "change"),
    [
        (f"{ENTRY}.inclusionPromise.signedEntryTimestamp", flipped),
        (f"{ENTRY}.integratedTime", lambda old: str(int(old) + 1)),
        (f"{ENTRY}.logIndex", "3"),
    ],
)
def test_what_the_log_promised_cannot_be_changed(instance: Instance, ask: Ask, path: str, change: Any) -> None:
    answer = ask(changed(instance.bundle(generator_statement()), path, change))
    assert (answer.verdict, answer.reason_class) == ("fail", "log-invalid")


@pytest.mark.parametrize(
    "part", ["verificationMaterial.tlogEntries", "verificationMaterial.certificate", "dsseEnvelope"]
)
def test_parts_of_another_bundle_are_refused(instance: Instance, ask: Ask, part: str) -> None:
    one, other = instance.bundle(generator_statement()), instance.bundle(generator_statement())
    value: Any = other
    for name in part.split("."):
        value = value[name]
    assert ask(changed(one, part, value)).verdict == "fail"


def test_a_hint_at_the_key_does_not_matter(instance: Instance, ask: Ask) -> None:
    assert ask(changed(instance.bundle(generator_statement()), f"{SIGNATURE}.keyid", "anything")).verdict == "pass"


def test_a_key_that_occurs_twice_is_refused(instance: Instance, ask: Ask) -> None:
    text = json.dumps(instance.bundle(generator_statement())).replace(
        '"mediaType":', '"mediaType": "x", "mediaType":', 1
    )
    assert ask(text.encode()).reason_class == "malformed"


def test_a_promise_alone_is_enough_for_the_first_version_only(instance: Instance, ask: Ask) -> None:
    first = "application/vnd.dev.sigstore.bundle+json;version=0.1"
    bundle = changed(instance.bundle(generator_statement(), media_type=first), PROOF, ...)
    assert ask(bundle).verdict == "pass"
    assert ask(bundle | {"mediaType": first.replace("0.1", "0.2")}).verdict == "fail"


def test_without_log_entry_nothing_is_proved(instance: Instance, ask: Ask) -> None:
    answer = ask(changed(instance.bundle(generator_statement()), "verificationMaterial.tlogEntries", []))
    assert (answer.verdict, answer.reason_class, answer.level) == ("unknown", "log-missing", None)
    assert answer.expectations == "pass"
    assert answer.complete
    assert not answer.authentic


def test_without_log_entry_a_wrong_source_is_a_failure(instance: Instance, ask: Ask) -> None:
    bundle = changed(instance.bundle(generator_statement()), "verificationMaterial.tlogEntries", [])
    answer = ask(bundle, source_uri="github.com/example/other")
    assert (answer.verdict, answer.reason_class) == ("fail", "source-mismatch")


def test_without_timestamp_a_rekor_v2_entry_shows_no_time(instance: Instance, ask: Ask) -> None:
    bundle = instance.bundle(generator_statement(), kind="hashedrekord/0.0.2")
    answer = ask(changed(bundle, "verificationMaterial.timestampVerificationData", ...))
    assert (answer.verdict, answer.reason_class) == ("unknown", "time-untrusted")


def test_a_timestamp_over_something_else_is_refused(instance: Instance, ask: Ask) -> None:
    bundle = instance.bundle(generator_statement(), kind="hashedrekord/0.0.2")
    stamp = {"rfc3161Timestamps": [{"signedTimestamp": b64(instance.timestamp(b"something else"))}]}
    answer = ask(changed(bundle, "verificationMaterial.timestampVerificationData", stamp))
    assert (answer.verdict, answer.reason_class) == ("fail", "time-untrusted")


def test_a_certificate_that_ct_never_saw_is_refused(instance: Instance, ask: Ask) -> None:
    answer = ask(instance.bundle(generator_statement(), sct=False))
    assert (answer.verdict, answer.reason_class) == ("fail", "certificate-invalid")


def test_an_authority_that_only_looks_alike_is_refused(instance: Instance, ask: Ask) -> None:
    alike = Instance(log_key=instance.log_key, ct_key=instance.ct_key)
    answer = ask(alike.bundle(generator_statement()))
    assert (answer.verdict, answer.reason_class) == ("fail", "certificate-invalid")


def test_a_signature_made_after_the_certificate_expired_is_refused(instance: Instance, ask: Ask) -> None:
    from datetime import timedelta

    from tests.evidence.attestations.private_sigstore import NOW

    bundle = instance.bundle(generator_statement(), kind="hashedrekord/0.0.2")
    late = instance.timestamp(
        base64.b64decode(bundle["dsseEnvelope"]["signatures"][0]["sig"]), NOW + timedelta(hours=1)
    )
    stamp = {"rfc3161Timestamps": [{"signedTimestamp": b64(late)}]}
    answer = ask(changed(bundle, "verificationMaterial.timestampVerificationData", stamp))
    assert (answer.verdict, answer.reason_class) == ("fail", "certificate-invalid")


def test_a_dropped_zero_index_is_zero(instance: Instance, ask: Ask) -> None:
    bundle = instance.bundle(generator_statement(), kind="hashedrekord/0.0.2")
    from tests.evidence.attestations.private_sigstore import entry_body

    certificate = base64.b64decode(bundle["verificationMaterial"]["certificate"]["rawBytes"])
    body = entry_body("hashedrekord/0.0.2", bundle["dsseEnvelope"], certificate)
    entry = instance.entry(body, version=2, others=0)
    del entry["logIndex"], entry["inclusionProof"]["logIndex"], entry["inclusionProof"]["hashes"]
    assert ask(changed(bundle, "verificationMaterial.tlogEntries", [entry])).verdict == "pass"


def test_the_artifact_must_be_a_subject(instance: Instance, ask: Ask) -> None:
    bundle = instance.bundle(generator_statement())
    assert ask(bundle, digest="1" * 64).reason_class == "hash-mismatch"
    assert ask(bundle, digest=None).reason_class == "subject-missing"


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"source_uri": "github.com/example/hell"}, "source-mismatch"),
        ({"source_uri": "github.com/Example/hello"}, "source-mismatch"),
        ({"source_tag": "v1.2"}, "tag-mismatch"),
        ({"source_branch": "mai"}, "branch-mismatch"),
        ({"source_versioned_tag": "v1.3"}, "versioned-tag-mismatch"),
        ({"source_revision": "0" * 40}, "source-mismatch"),
        ({"builder_id": GENERATOR[:-1]}, "builder-mismatch"),
        ({"builder_id": GENERATOR.replace("generic_slsa3", "generic_slsa")}, "builder-mismatch"),
        ({"build_type": "https://example.com/t"}, "builder-mismatch"),
        ({"build_workflow_input": (("a", "b"),)}, "workflow-input-mismatch"),
        ({"identity": GENERATOR + "0"}, "identity-mismatch"),
        ({"issuer": "https://example.com"}, "identity-mismatch"),
    ],
)
def test_each_expectation_is_compared(instance: Instance, ask: Ask, given: dict[str, Any], reason: str) -> None:
    answer = ask(instance.bundle(generator_statement()), **given)
    assert (answer.verdict, answer.reason_class, answer.expectations) == ("fail", reason, "fail")
    assert answer.step1_level == 3


@pytest.mark.parametrize(
    "given",
    [
        {"source_uri": "git+https://github.com/example/hello.git"},
        {"source_versioned_tag": "v1"},
        {"source_versioned_tag": "v1.2"},
        {"builder_id": GENERATOR.partition("@")[0]},
        {"builder_id": GENERATOR.replace("refs/tags/", "")},
        {"identity": GENERATOR},
        {"identity": "regexp:https://github.com/slsa-framework/.*"},
    ],
)
def test_forms_of_expectations_that_hold(instance: Instance, ask: Ask, given: dict[str, Any]) -> None:
    assert ask(instance.bundle(generator_statement()), **given).verdict == "pass"


def test_without_source_nothing_is_proved_and_the_flag_is_named(instance: Instance, ask: Ask) -> None:
    answer = ask(instance.bundle(generator_statement()), source_uri=None)
    assert (answer.verdict, answer.level, answer.step1_level) == ("unknown", None, 3)
    assert answer.missing_expectations == ("--source-uri",)


@pytest.mark.parametrize("ref", ["refs/heads/main", "refs/tags/v2", "refs/tags/v2.1.0-rc.1", "f" * 40])
def test_a_generator_at_a_ref_that_can_move_is_refused(instance: Instance, ask: Ask, ref: str) -> None:
    builder = f"{GENERATOR.partition('@')[0]}@{ref}"
    for expected in (None, builder, GENERATOR.partition("@")[0]):
        answer = ask(instance.bundle(generator_statement(builder), identity=builder), builder_id=expected)
        assert (answer.verdict, answer.reason_class) == ("fail", "invalid-ref")


def test_a_signer_may_not_speak_for_another_builder(instance: Instance, ask: Ask) -> None:
    mine = f"{SOURCE}/.github/workflows/release.yml@refs/tags/v1.2.3"
    for expected in (None, GENERATOR):
        answer = ask(instance.bundle(generator_statement(), identity=mine), builder_id=expected)
        assert (answer.verdict, answer.reason_class) == ("fail", "untrusted-builder")


MINE = f"{SOURCE}/.github/workflows/release.yml@refs/tags/v1.2.3"


def test_an_attestation_of_the_own_workflow_is_level_two(instance: Instance, ask: Ask) -> None:
    answer = ask(instance.bundle(workflow_statement(MINE), identity=MINE), source_tag="v1.2.3")
    assert (answer.verdict, answer.level, answer.trust_root) == ("pass", 2, "github-hosted-actions"), answer.message


@pytest.mark.parametrize("runner", ["self-hosted", ""])
def test_on_another_runner_it_is_level_one(instance: Instance, ask: Ask, runner: str) -> None:
    content = workflow_statement(MINE)
    del content["predicate"]["buildDefinition"]["internalParameters"]["github"]["runner_environment"]
    answer = ask(instance.bundle(content, identity=MINE, extensions=claims(c11=runner)))
    assert (answer.verdict, answer.level, answer.trust_root) == ("pass", 1, None), answer.message


def test_a_reusable_workflow_from_elsewhere_must_be_expected(instance: Instance, ask: Ask) -> None:
    theirs = "https://github.com/builders/shared/.github/workflows/build.yml@refs/tags/v1.0.0"
    bundle = instance.bundle(workflow_statement(theirs), identity=theirs)
    assert ask(bundle).reason_class == "untrusted-builder"
    expected = ask(bundle, builder_id=theirs.partition("@")[0])
    assert (expected.verdict, expected.level) == ("pass", 1)
    branch = theirs.replace("refs/tags/v1.0.0", "refs/heads/main")
    moved = instance.bundle(workflow_statement(branch), identity=branch)
    assert ask(moved, builder_id=branch).reason_class == "invalid-ref"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("predicate.buildDefinition.externalParameters.workflow.ref", "refs/tags/v9.9.9"),
        ("predicate.buildDefinition.externalParameters.workflow.path", ".github/workflows/other.yml"),
        ("predicate.buildDefinition.resolvedDependencies.0.digest.gitCommit", "1" * 40),
        ("predicate.buildDefinition.internalParameters.github.runner_environment", "self-hosted"),
        ("predicate.buildDefinition.internalParameters.github.event_name", "release"),
        ("predicate.runDetails.metadata.invocationId", f"{SOURCE}/actions/runs/999/attempts/1"),
    ],
)
def test_what_a_tenant_says_against_the_certificate_refutes(
    instance: Instance, ask: Ask, path: str, value: str
) -> None:
    content = changed(workflow_statement(MINE), path, value)
    answer = ask(instance.bundle(content, identity=MINE))
    assert (answer.verdict, answer.reason_class) == ("fail", "statement-mismatch")


def test_inputs_that_nobody_expected_keep_it_from_passing(instance: Instance, ask: Ask) -> None:
    content = copy.deepcopy(workflow_statement(MINE))
    content["predicate"]["buildDefinition"]["externalParameters"]["inputs"] = {"debug": "true", "empty": ""}
    bundle = instance.bundle(content, identity=MINE)
    answer = ask(bundle)
    assert (answer.verdict, answer.missing_expectations) == ("unknown", ("--build-workflow-input debug=…",))
    assert ask(bundle, build_workflow_input=(("debug", "true"),)).verdict == "pass"
    assert ask(bundle, build_workflow_input=(("debug", "false"),)).verdict == "fail"


def test_a_parameter_that_the_build_type_does_not_know_refutes(instance: Instance, ask: Ask) -> None:
    content = copy.deepcopy(workflow_statement(MINE))
    content["predicate"]["buildDefinition"]["externalParameters"]["surprise"] = "x"
    answer = ask(instance.bundle(content, identity=MINE))
    assert (answer.verdict, answer.reason_class) == ("fail", "workflow-input-mismatch")


def test_an_empty_builder_is_a_missing_one(instance: Instance, ask: Ask) -> None:
    answer = ask(instance.bundle(generator_statement("")))
    assert answer.verdict == "fail"
    assert not answer.complete


def test_an_unsigned_statement_is_judged_but_never_passes(ask: Ask) -> None:
    answer = ask(generator_statement(), builder_id=GENERATOR)
    assert (answer.verdict, answer.reason_class, answer.signed) == ("fail", "no-valid-signature", False)
    assert (answer.expectations, answer.complete, answer.level, answer.step1_level) == ("pass", True, None, None)


def test_a_root_of_the_user_counts_for_its_key(instance: Instance, ask: Ask, tmp_path: Path) -> None:
    from dataclasses import replace

    from cryptography.hazmat.primitives import serialization

    from slsacheck.evidence.attestations import default_trust, verify
    from slsacheck.evidence.attestations.keys import fingerprint
    from slsacheck.model.attestation import Case, Expectations
    from slsacheck.model.catalogue import TrustRoot

    key = ec.generate_private_key(ec.SECP256R1())
    (tmp_path / "key.pem").write_bytes(
        key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    (tmp_path / "a.jsonl").write_text(
        json.dumps(instance.envelope(key, generator_statement("https://tekton.example/v2")))
    )
    case = Case(
        "verify-artifact",
        digests=((("sha256", SHA256),),),
        provenance=(str(tmp_path / "a.jsonl"),),
        public_key=str(tmp_path / "key.pem"),
        expectations=Expectations(source_uri=SOURCE, builder_id="https://tekton.example/v2"),
    )
    root = TrustRoot(
        id="ours", title="Ours", level=2, slsa_level=2,
        signer=(("kind", "public-key"), ("fingerprint", fingerprint(key.public_key()))),
        builder_id=r"https://tekton\.example/v2", conditions=(), covers=frozenset(), refutes=frozenset(),
        basis="assessed", date="2026-01-01",
    )  # fmt: skip
    assert (verify(case).verdict, verify(case).level) == ("pass", 1)
    assert verify(case, replace(default_trust(), extra_roots=(root,))).level == 2
    prefix = replace(root, builder_id=r"https://tekton\.example/v")
    assert verify(case, replace(default_trust(), extra_roots=(prefix,))).level == 1
