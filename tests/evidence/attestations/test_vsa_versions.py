"""Verification summaries of the first versions: judged with their own field names, and never a Build level."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from slsacheck.model.attestation import Verification
from tests.evidence.attestations.conftest import Ask
from tests.evidence.attestations.private_sigstore import SHA256, Instance, statement

VERIFIER, RESOURCE = "https://verifier.example", "pkg:generic/hello"


def first(**changes: Any) -> dict[str, Any]:
    fields = {
        "verifier": {"id": VERIFIER},
        "time_verified": "2022-06-01T00:00:00Z",
        "resource_uri": RESOURCE,
        "policy": {"uri": "https://policies.example/1", "digest": {"sha256": "00" * 32}},
        "verification_result": "PASSED",
        "policy_level": "SLSA_LEVEL_3",
    }
    return {name: value for name, value in (fields | changes).items() if value is not None}


@pytest.fixture
def judged(instance: Instance, ask: Ask, tmp_path: Path) -> Any:
    key = ec.generate_private_key(ec.SECP256R1())
    public = tmp_path / "verifier.pub"
    kinds = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    public.write_bytes(key.public_key().public_bytes(*kinds))

    def run(predicate: dict[str, Any], version: str = "v0.2", **expected: Any) -> Verification:
        content = statement(predicate, f"https://slsa.dev/verification_summary/{version}", {"sha256": SHA256})
        given = {"verifier_id": VERIFIER, "resource_uri": RESOURCE, "source_uri": None} | expected
        return ask(instance.envelope(key, content), command="verify-vsa", public_key=str(public), **given)

    return run


@pytest.mark.parametrize("version", ["v0.1", "v0.2"])
def test_the_first_versions_have_names_of_their_own(judged: Any, version: str) -> None:
    answer = judged(first(), version, verified_level=("SLSA_LEVEL_2",))
    assert (answer.verdict, answer.level) == ("pass", None)
    assert judged(first(), version, verified_level=("SLSA_LEVEL_4",)).reason_class == "vsa-level-mismatch"


@pytest.mark.parametrize(
    ("changes", "expected", "reason"),
    [
        ({"verification_result": "FAILED"}, {}, "vsa-result-failed"),
        ({"verification_result": None, "verificationResult": "PASSED"}, {}, "vsa-result-failed"),
        ({"resource_uri": None, "resourceUri": RESOURCE}, {}, "vsa-resource-mismatch"),
        ({"verifier": {"id": "https://other.example"}}, {}, "vsa-verifier-mismatch"),
        ({}, {"verified_level": ("SLSA_BUILD_LEVEL_1",)}, "vsa-level-mismatch"),
        ({"verifiedLevels": ["SLSA_BUILD_LEVEL_3"]}, {"verified_level": ("SLSA_BUILD_LEVEL_3",)}, "vsa-level-mismatch"),
    ],
)
def test_fields_of_another_version_do_not_count(
    judged: Any, changes: dict[str, Any], expected: dict[str, Any], reason: str
) -> None:
    answer = judged(first(**changes), **expected)
    assert (answer.verdict, answer.reason_class, answer.level) == ("fail", reason, None)


def test_names_of_the_first_versions_do_not_count_in_v1(judged: Any) -> None:
    assert judged(first(), "v1").reason_class == "vsa-resource-mismatch"
    assert judged(first(), "v0.3").reason_class == "malformed"
