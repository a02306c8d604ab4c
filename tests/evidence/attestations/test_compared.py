"""No expectation that was given is passed over: with a wrong one nothing passes, whatever the command and the form."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from slsacheck.evidence.attestations import verifier, verify
from slsacheck.evidence.attestations.compared import all_compared
from slsacheck.model.attestation import EXPECTED_TEXTS, Case, Expectations, Verification
from slsacheck.record import replace
from tests.evidence.attestations import genuine
from tests.evidence.attestations.private_sigstore import Instance

if TYPE_CHECKING:
    import pytest

WRONG: dict[str, Any] = dict.fromkeys(EXPECTED_TEXTS, "wrong") | {
    "source_versioned_tag": "v9",
    "public_key_signing_hash_algo": "sha512",
    "build_workflow_input": (("wrong", "wrong"),),
    "subject_digest": ("sha256:" + "0" * 64,),
    "verified_level": ("SLSA_BUILD_LEVEL_4",),
}


def test_a_wrong_expectation_never_passes(instance: Instance, tmp_path: Path) -> None:
    passed, asked = [], 0
    for base in genuine.private(instance, tmp_path):
        path = tmp_path / "attestation.json"
        path.write_text(json.dumps(base.document))
        case = replace(base.case, provenance=(str(path),))
        assert verify(case, base.trust).verdict == "pass", base.name
        for name, value in WRONG.items():
            expected = replace(case.expectations, **{name: value})
            answer = verify(replace(case, expectations=expected), base.trust)
            asked += 1
            if answer.verdict == "pass" or answer.level is not None or not answer.message:
                passed.append((base.name, name))
    assert passed == []
    assert asked == 14 * len(WRONG)


def test_what_was_not_compared_is_named() -> None:
    verified = Verification("pass", "verified", level=2, slsa_level=2)
    case = Case("verify-bundle", expectations=Expectations(builder_id="https://builder.example", package_name="x"))
    answer = all_compared(case, verified)
    assert (answer.verdict, answer.reason_class, answer.level, answer.slsa_level) == (
        "unknown",
        "unsupported",
        None,
        None,
    )
    assert answer.message.startswith("--builder-id, --package-name: verify-bundle compares no such thing")
    assert all_compared(replace(case, expectations=Expectations(builder_id="")), verified) is verified
    refuted = replace(verified, verdict="fail")
    assert all_compared(case, refuted) is refuted


def test_a_signature_s_source_is_compared_without_its_repository(instance: Instance, tmp_path: Path) -> None:
    base = next(one for one in genuine.private(instance, tmp_path) if one.name == "generator, dsse/0.0.1")
    path = tmp_path / "attestation.json"
    path.write_text(json.dumps(base.document))
    for given, verdict in (("v1.2.3", "pass"), ("v1.2.4", "fail")):
        case = Case("verify-bundle", provenance=(str(path),), expectations=Expectations(source_tag=given))
        assert verify(case, base.trust).verdict == verdict


def test_a_fault_of_ours_is_an_answer(instance: Instance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> Verification:
        raise ZeroDivisionError

    monkeypatch.setattr(verifier, "judge_npm", broken)
    base = next(one for one in genuine.private(instance, tmp_path) if one.name == "npm publish")
    path = tmp_path / "npm.json"
    path.write_text(json.dumps(base.document))
    answer = verify(replace(base.case, provenance=(str(path),)), base.trust)
    assert (answer.verdict, answer.level) == ("error", None)
    assert "npm.json (ZeroDivisionError)" in answer.message
