"""Bare envelopes, log entries beside them, keys, message signatures."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from slsacheck.evidence.attestations import read_many, verify, verify_each
from slsacheck.evidence.attestations.trustdata import TrustData
from slsacheck.model.attestation import Case, Expectations
from tests.evidence.attestations.conftest import Ask
from tests.evidence.attestations.genuine import api_answer, bare
from tests.evidence.attestations.private_sigstore import (
    ARTIFACT,
    SHA256,
    SOURCE,
    Instance,
    b64,
    changed,
    entry_body,
    generator_statement,
    sign,
)
from tests.evidence.attestations.writing import public_key, write

# Bare envelopes


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
    answer = api_answer(instance.entry(entry_body(kind, envelope, certificate)))
    entry = write(tmp_path / "entry.json", answer)
    assert ask(envelope, rekor_entry=entry).level == 3
    other, _ = bare(instance)
    assert ask(other, rekor_entry=entry).reason_class == "log-invalid"


def test_a_log_entry_alone_is_verified_but_proves_no_level(
    instance: Instance, tmp_path: Path, trust: TrustData
) -> None:
    envelope, certificate = bare(instance)
    document = api_answer(instance.entry(entry_body("dsse/0.0.1", envelope, certificate)))
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
