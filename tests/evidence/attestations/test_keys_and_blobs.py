"""Signatures of files as cosign writes them, and the keys that a user gives."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, padding, rsa
from cryptography.x509.oid import NameOID

from slsacheck.evidence.attestations import verify
from slsacheck.evidence.attestations.trustdata import TrustData
from slsacheck.model.attestation import Case, Verification
from tests.evidence.attestations.private_sigstore import (
    ARTIFACT,
    GENERATOR,
    Instance,
    b64,
    claims,
    generator_statement,
    pem,
    sign,
)

Check = Callable[..., Verification]
PEM, SPKI = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo


@pytest.fixture
def check(tmp_path: Path, trust: TrustData) -> Check:
    """Verifies what lies in files: `check(signature=…, certificate=…, public_key=…, artifact=…)`."""
    (tmp_path / "hello").write_bytes(ARTIFACT)

    def run(command: str = "verify-bundle", *, artifact: bool = True, **content: bytes) -> Verification:
        paths: dict[str, Any] = {}
        for name, data in content.items():
            (tmp_path / name).write_bytes(data)
            paths[name] = str(tmp_path / name)
        provenance = (paths.pop("signature"),)
        files = (str(tmp_path / "hello"),) if artifact else ()
        digests = () if artifact else ((("sha256", hashlib.sha256(ARTIFACT).hexdigest()),),)
        return verify(Case(command, artifact=files, digests=digests, provenance=provenance, **paths), trust)

    return run


def public(key: Any) -> bytes:
    found: bytes = key.public_key().public_bytes(PEM, SPKI)
    return found


def keyless(instance: Instance) -> tuple[bytes, bytes, dict[str, Any]]:
    """A signature of the artifact, its certificate, and what the log says about both."""
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = instance.certificate(key, GENERATOR, claims())
    signature = sign(key, ARTIFACT)
    digest = {"algorithm": "sha256", "value": hashlib.sha256(ARTIFACT).hexdigest()}
    spec = {
        "data": {"hash": digest},
        "signature": {"content": b64(signature), "publicKey": {"content": b64(pem(certificate))}},
    }
    entry = instance.entry({"apiVersion": "0.0.1", "kind": "hashedrekord", "spec": spec})
    return signature, certificate, entry


def old_bundle(signature: bytes, certificate: bytes, entry: dict[str, Any]) -> dict[str, Any]:
    payload = {
        "body": entry["canonicalizedBody"],
        "integratedTime": int(entry["integratedTime"]),
        "logID": base64.b64decode(entry["logId"]["keyId"]).hex(),
        "logIndex": int(entry["logIndex"]),
    }
    stamp = entry["inclusionPromise"]["signedEntryTimestamp"]
    log = {"SignedEntryTimestamp": stamp, "Payload": payload}
    return {"base64Signature": b64(signature), "cert": b64(pem(certificate)), "rekorBundle": log}


def test_a_signature_beside_its_certificate(instance: Instance, check: Check) -> None:
    """cosign verify-blob --signature --certificate: who signed is known, when it was signed is not."""
    signature, certificate, _ = keyless(instance)
    for written in (b64(signature).encode(), b64(signature).encode() + b"\n", signature):
        for beside in (pem(certificate), b64(pem(certificate)).encode(), certificate):
            answer = check(signature=written, certificate=beside)
            assert (answer.verdict, answer.reason_class, answer.level) == ("unknown", "log-missing", None)
    other = keyless(instance)[1]
    assert check(signature=b64(signature).encode(), certificate=pem(other)).reason_class == "no-valid-signature"


def test_the_old_bundle_of_cosign_carries_its_log_entry(instance: Instance, check: Check) -> None:
    signature, certificate, entry = keyless(instance)
    document = old_bundle(signature, certificate, entry)
    answer = check(signature=json.dumps(document).encode())
    assert (answer.verdict, answer.level, answer.logged) == ("pass", None, True)
    assert answer.signer is not None
    assert answer.signer.identity == GENERATOR
    moved = document | {"base64Signature": old_bundle(*keyless(instance))["base64Signature"]}
    assert check(signature=json.dumps(moved).encode()).verdict == "fail"
    later = json.loads(json.dumps(document))
    later["rekorBundle"]["Payload"]["integratedTime"] += 1
    assert check(signature=json.dumps(later).encode()).reason_class == "log-invalid"
    assert check("verify-artifact", signature=json.dumps(document).encode()).verdict == "fail"


def test_an_attestation_in_the_old_bundle(instance: Instance, check: Check) -> None:
    """`cosign attest-blob --bundle` put the envelope where the signature is; intoto 0.0.1 hashes it as written."""
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = instance.certificate(key, GENERATOR, claims())
    envelope = json.dumps(instance.envelope(key, generator_statement()), separators=(",", ":")).encode()
    digest = {"algorithm": "sha256", "value": hashlib.sha256(envelope).hexdigest()}
    spec = {"content": {"hash": digest}, "publicKey": b64(pem(certificate))}
    entry = instance.entry({"apiVersion": "0.0.1", "kind": "intoto", "spec": spec})
    document = old_bundle(envelope, certificate, entry)
    answer = check("verify-bundle", signature=json.dumps(document).encode())
    assert (answer.verdict, answer.statement.builder_id) == ("pass", GENERATOR)
    document["base64Signature"] = b64(envelope + b" ")
    assert check("verify-bundle", signature=json.dumps(document).encode()).reason_class == "log-invalid"


def test_a_bundle_whose_entry_hashes_the_envelope(instance: Instance, check: Check) -> None:
    """A Sigstore bundle does not keep the envelope's bytes; the usual ways to write it are tried against the hash."""
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = instance.certificate(key, GENERATOR, claims())
    document = instance.bundle(generator_statement())
    envelope = instance.envelope(key, generator_statement())
    fields = {name: envelope[name] for name in ("payloadType", "payload")}
    written = {**fields, "signatures": [{"keyid": "", "sig": envelope["signatures"][0]["sig"]}]}
    for text, verdict in (
        (json.dumps(written, separators=(",", ":")), "pass"),
        (json.dumps(written, indent=7), "fail"),
    ):
        digest = {"algorithm": "sha256", "value": hashlib.sha256(text.encode()).hexdigest()}
        spec = {"content": {"hash": digest}, "publicKey": b64(pem(certificate))}
        document["dsseEnvelope"] = envelope
        document["verificationMaterial"] |= {
            "tlogEntries": [instance.entry({"apiVersion": "0.0.1", "kind": "intoto", "spec": spec})]
        }
        document["verificationMaterial"].pop("x509CertificateChain", None)
        document["verificationMaterial"]["certificate"] = {"rawBytes": b64(certificate)}
        assert check("verify-bundle", signature=json.dumps(document).encode()).verdict == verdict


@pytest.mark.parametrize("kind", ["p256", "p384", "rsa", "ed25519"])
def test_a_signature_by_a_given_key(check: Check, kind: str) -> None:
    keys: dict[str, Callable[[], Any]] = {
        "p256": lambda: ec.generate_private_key(ec.SECP256R1()),
        "p384": lambda: ec.generate_private_key(ec.SECP384R1()),
        "rsa": lambda: rsa.generate_private_key(65537, 2048),
        "ed25519": ed25519.Ed25519PrivateKey.generate,
    }
    key = keys[kind]()
    signature = (
        key.sign(ARTIFACT, padding.PKCS1v15(), hashes.SHA256())
        if kind == "rsa"
        else (key.sign(ARTIFACT) if kind == "ed25519" else sign(key, ARTIFACT))
    )
    answer = check(signature=b64(signature).encode(), public_key=public(key))
    assert (answer.verdict, answer.level) == ("pass", None)
    assert any("long-lived" in step.detail for step in answer.steps)
    assert check(signature=b64(signature).encode(), public_key=public(keys[kind]())).verdict == "fail"


def test_ed25519_signs_messages_and_not_their_digests(check: Check) -> None:
    key = ed25519.Ed25519PrivateKey.generate()
    signature = b64(key.sign(ARTIFACT)).encode()
    answer = check(signature=signature, public_key=public(key), artifact=False)
    assert (answer.verdict, answer.reason_class) == ("unknown", "unsupported")
    assert "Ed25519ph" in answer.message


def test_an_ed25519_certificate_over_a_digest_is_left_open(instance: Instance, check: Check) -> None:
    """Over the file it is verified, over its digest it cannot be; a bundle says which by the digest that it names."""
    key = ed25519.Ed25519PrivateKey.generate()
    certificate = instance.certificate(key, GENERATOR, claims())
    signature = b64(key.sign(ARTIFACT))
    answer = check(signature=signature.encode(), certificate=pem(certificate))
    assert (answer.verdict, answer.reason_class, answer.authentic) == ("unknown", "log-missing", False)
    assert check(signature=b64(key.sign(b"other")).encode(), certificate=pem(certificate)).verdict == "fail"
    digest = {"algorithm": "SHA2_512", "digest": b64(hashlib.sha512(ARTIFACT).digest())}
    bundle = {
        "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
        "verificationMaterial": {"certificate": {"rawBytes": b64(certificate)}, "tlogEntries": []},
        "messageSignature": {"messageDigest": digest, "signature": signature},
    }
    answer = check(signature=json.dumps(bundle).encode())
    assert (answer.verdict, answer.reason_class, answer.authentic) == ("unknown", "unsupported", False)
    assert "Ed25519ph" in answer.message


def url64(number: int) -> str:
    return base64.urlsafe_b64encode(number.to_bytes((number.bit_length() + 7) // 8, "big")).rstrip(b"=").decode()


def jwk(key: Any) -> dict[str, str]:
    if isinstance(key, rsa.RSAPrivateKey):
        numbers = key.public_key().public_numbers()
        return {"kty": "RSA", "n": url64(numbers.n), "e": url64(numbers.e)}
    point = key.public_key().public_numbers()
    return {"kty": "EC", "crv": "P-256", "x": url64(point.x), "y": url64(point.y)}


def test_keys_in_other_forms(check: Check) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    signature = b64(sign(key, ARTIFACT)).encode()
    ssh = key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    der = key.public_key().public_bytes(serialization.Encoding.DER, SPKI)
    for given in (json.dumps(jwk(key)).encode(), json.dumps({"keys": [jwk(key)]}).encode(), ssh, der):
        assert check(signature=signature, public_key=given).verdict == "pass"
    long = rsa.generate_private_key(65537, 2048)
    signed = b64(long.sign(ARTIFACT, padding.PKCS1v15(), hashes.SHA256())).encode()
    assert check(signature=signed, public_key=json.dumps(jwk(long)).encode()).verdict == "pass"


@pytest.mark.parametrize(
    ("given", "word"),
    [
        (b'{"kty": "EC", "crv": "P-256", "x": "AQ", "y": "AQ"}', "cannot be|can be read"),
        (b'{"kty": "oct", "k": "AQ"}', "not supported"),
        (b'{"keys": []}', "holds 0 keys"),
        (b'{"kty": "EC", "d": "AQ"}', "private key"),
        (b"-----BEGIN PRIVATE KEY-----\n", "private key"),
        (b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n", "PGP"),
        (b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "no public key"),
        (b"", "cannot be read"),
        # The Ed25519 key of RFC 8032, whose private half is printed there.
        (b'{"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}', "published"),
    ],
)
def test_what_is_no_key_to_trust_is_refused(check: Check, given: bytes, word: str) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    answer = check(signature=b64(sign(key, ARTIFACT)).encode(), public_key=given)
    assert answer.verdict in ("fail", "unknown")
    assert any(one in answer.message for one in word.split("|"))


@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
def test_weak_keys_are_never_authentic(check: Check) -> None:
    weak: list[Any] = [
        ec.generate_private_key(ec.SECP192R1()),
        ec.generate_private_key(ec.SECP224R1()),
        rsa.generate_private_key(65537, 1024),
        dsa.generate_private_key(1024),
    ]
    for key in weak:
        answer = check(signature=b64(b"\x01" * 64).encode(), public_key=public(key))
        assert (answer.verdict, answer.reason_class, answer.authentic) == ("fail", "no-valid-signature", False)


def certificate_of(key: Any, days: int) -> bytes:
    """A certificate of the key that began 100 days before `days` from now ended it."""
    from datetime import UTC, datetime

    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "signer")])
    end = datetime.now(UTC) + timedelta(days=days)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(end - timedelta(days=100)).not_valid_after(end)
    return builder.sign(key, hashes.SHA256()).public_bytes(PEM)


def test_a_key_counts_while_its_certificate_does(check: Check) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    signature = b64(sign(key, ARTIFACT)).encode()
    assert check(signature=signature, public_key=certificate_of(key, 10)).verdict == "pass"
    answer = check(signature=signature, public_key=certificate_of(key, -10))
    assert (answer.verdict, answer.reason_class, answer.authentic) == ("unknown", "time-untrusted", False)


def test_texts_are_not_taken_for_signatures(check: Check) -> None:
    for text in (b"x" * 63 + b"!", b"{" + b" " * 254 + b"}", b"hello\n"):
        assert check(signature=text, public_key=public(ec.generate_private_key(ec.SECP256R1()))).verdict == "fail"
