"""`slsacheck vsa`: what it writes is what was proved, and our own verify-vsa agrees with it."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from slsacheck.cli import run
from tests.evidence.attestations.private_sigstore import (
    GENERATOR,
    SHA256,
    SOURCE,
    Instance,
    generator_statement,
)

VERIFIER, RESOURCE = "https://verifier.example/slsa", "pkg:generic/hello@1.2.3"
FULL = ("--source-uri", SOURCE, "--builder-id", GENERATOR)
KEYS: dict[str, Callable[[], Any]] = {
    "p256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "p384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "ed25519": ed25519.Ed25519PrivateKey.generate,
    "rsa": lambda: rsa.generate_private_key(65537, 2048),
}


def write_key(tmp_path: Path, key: Any, password: bytes | None = None) -> tuple[str, str]:
    """The private and the public half, as paths."""
    private, public = tmp_path / "signing.pem", tmp_path / "signing.pub"
    hidden = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    kinds = serialization.PrivateFormat.PKCS8, serialization.PublicFormat.SubjectPublicKeyInfo
    private.write_bytes(key.private_bytes(serialization.Encoding.PEM, kinds[0], hidden))
    public.write_bytes(key.public_key().public_bytes(serialization.Encoding.PEM, kinds[1]))
    return str(private), str(public)


def summarise(files: dict[str, str], *more: str) -> int:
    given = ["--verifier-id", VERIFIER, "--resource-uri", RESOURCE, "-o", files["vsa.json"]]
    evidence = ["--provenance-path", files["bundle"], "--trusted-root", files["root"]]
    return run(["vsa", files["hello"], *given, *evidence, *more])


def written(files: dict[str, str]) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(Path(files["vsa.json"]).read_text())
    if "payload" in document:
        statement: dict[str, Any] = json.loads(base64.b64decode(document["payload"]))
        return statement
    return document


def check(files: dict[str, str], public: str, *more: str) -> int:
    given = ["--verifier-id", VERIFIER, "--resource-uri", RESOURCE, "--subject-digest", f"sha256:{SHA256}"]
    return run(["verify-vsa", "--attestation-path", files["vsa.json"], "--public-key-path", public, *given, *more])


def test_an_unsigned_summary_says_what_was_verified(
    files: dict[str, str], instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")
    assert summarise(files, *FULL) == 0
    statement = written(files)
    predicate = statement["predicate"]
    assert statement["subject"] == [{"name": "hello", "digest": {"sha256": SHA256}}]
    assert statement["predicateType"] == "https://slsa.dev/verification_summary/v1"
    assert predicate["verifiedLevels"] == ["SLSA_BUILD_LEVEL_3"]
    assert (predicate["verificationResult"], predicate["timeVerified"]) == ("PASSED", "2026-01-01T00:00:00Z")
    assert predicate["inputAttestations"][0]["name"] == "bundle"
    assert "dependencyLevels" not in predicate
    assert json.loads(base64.b64decode(predicate["policy"]["content"]))["source_uri"] == SOURCE


@pytest.mark.parametrize("kind", KEYS)
def test_what_we_sign_we_accept(files: dict[str, str], tmp_path: Path, kind: str) -> None:
    private, public = write_key(tmp_path, KEYS[kind]())
    assert summarise(files, *FULL, "--key", private) == 0
    assert check(files, public, "--verified-level", "SLSA_BUILD_LEVEL_3") == 0
    assert check(files, public, "--verified-level", "SLSA_BUILD_LEVEL_4") == 1
    (tmp_path / "other").mkdir()
    _, stranger = write_key(tmp_path / "other", KEYS[kind]())
    assert check(files, stranger) == 1


def test_an_unsigned_summary_is_never_accepted(files: dict[str, str], tmp_path: Path) -> None:
    _, public = write_key(tmp_path, KEYS["p256"]())
    assert summarise(files, *FULL) == 0
    assert check(files, public) == 1


def test_a_refuted_artifact_gets_failed_which_does_not_pass(
    files: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    private, public = write_key(tmp_path, KEYS["p256"]())
    assert summarise(files, "--source-uri", "github.com/o/r", "--builder-id", GENERATOR, "--key", private) == 1
    predicate = written(files)["predicate"]
    assert (predicate["verificationResult"], predicate["verifiedLevels"]) == ("FAILED", ["FAILED"])
    capsys.readouterr()
    assert check(files, public, "--format", "json") == 1
    answer = json.loads(capsys.readouterr().out)
    assert (answer["reason_class"], answer["level"]) == ("vsa-result-failed", None)


@pytest.mark.parametrize("more", [(), ("--source-uri", SOURCE, "--verify-as", "verify-github-attestation")])
def test_what_is_not_decided_gets_no_summary(
    files: dict[str, str], instance: Instance, more: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """Expectations that were not given, or provenance without a log entry, prove no level."""
    bundle = instance.bundle(generator_statement())
    del bundle["verificationMaterial"]["tlogEntries"]
    Path(files["bundle"]).write_text(json.dumps(bundle))
    assert summarise(files, *more) == 1
    assert not Path(files["vsa.json"]).exists()
    assert "no summary was written" in capsys.readouterr().err


def test_a_configuration_is_the_policy(files: dict[str, str], tmp_path: Path) -> None:
    policy = tmp_path / "slsacheck.toml"
    policy.write_text(
        f'distrust = [{{id = "slsa-github-generator", level = 1}}]\n[expectations]\nsource_uri = "{SOURCE}"\n'
        f'builder_id = "{GENERATOR}"\n'
    )
    assert summarise(files, "--config", str(policy), "--policy-uri", "https://policies.example/1") == 0
    predicate = written(files)["predicate"]
    assert predicate["verifiedLevels"] == ["SLSA_BUILD_LEVEL_1"]
    assert predicate["policy"]["uri"] == "https://policies.example/1"
    assert len(predicate["policy"]["digest"]["sha256"]) == 64


def test_keys_that_cannot_sign_are_named(
    files: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("SLSACHECK_KEY_PASSWORD", raising=False)
    private, public = write_key(tmp_path, KEYS["p256"](), b"secret")
    assert summarise(files, *FULL, "--key", private) == 3
    assert "no password was given" in capsys.readouterr().err
    monkeypatch.setenv("SLSACHECK_KEY_PASSWORD", "secret")
    assert summarise(files, *FULL, "--key", private) == 0
    assert check(files, public) == 0
    monkeypatch.delenv("SLSACHECK_KEY_PASSWORD")
    weak, _ = write_key(tmp_path, ec.generate_private_key(ec.SECP192R1()))
    assert summarise(files, *FULL, "--key", weak) == 3
    assert "too short" in capsys.readouterr().err
    assert summarise(files, *FULL, "--key", files["root"]) == 3


def test_verifier_and_resource_must_be_uris(files: dict[str, str]) -> None:
    assert run(["vsa", files["hello"], "--resource-uri", RESOURCE]) == 4
    assert run(["vsa", files["hello"], "--verifier-id", "me", "--resource-uri", RESOURCE]) == 4
    assert run(["vsa", "--verify-as", "verify-image", "--verifier-id", VERIFIER, "--resource-uri", RESOURCE]) == 4


def test_no_summary_of_what_was_not_compared(files: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert summarise(files, *FULL, "--package-name", "hello") == 1
    assert "--package-name" in capsys.readouterr().err
    assert not Path(files["vsa.json"]).exists()
