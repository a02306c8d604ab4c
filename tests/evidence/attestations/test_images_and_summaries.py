"""Image layouts, verification summaries, and rules that hold for every form."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from slsacheck.evidence.attestations import subjects_match, verify
from slsacheck.evidence.attestations.trustdata import TrustData, shipped
from slsacheck.evidence.attestations.vsa import levels_vouch
from slsacheck.model.attestation import Case, Expectations
from tests.evidence.attestations.conftest import Ask
from tests.evidence.attestations.private_sigstore import (
    GENERATOR,
    SHA256,
    SOURCE,
    Instance,
    b64,
    changed,
    claims,
    generator_statement,
    sign,
    statement,
    workflow_statement,
)
from tests.evidence.attestations.writing import public_key, write

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


@pytest.mark.parametrize(
    ("said", "verdict"), [("cosign container image signature", "pass"), ("another kind of statement", "fail")]
)
def test_a_signature_of_the_older_format(tmp_path: Path, said: str, verdict: str) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    digest = layout(tmp_path / "probe")
    named = {"identity": {"docker-reference": ""}, "image": {"docker-manifest-digest": digest}, "type": said}
    image = {"critical": named}
    payload = json.dumps(image).encode()
    kind = "application/vnd.dev.cosign.simplesigning.v1+json"
    layout(tmp_path / "layout", (kind, payload, {"dev.cosignproject.cosign/signature": b64(sign(key, payload))}))
    case = Case("verify-image", oci_layout=str(tmp_path / "layout"), public_key=public_key(tmp_path / "k", key))
    assert verify(case).verdict == verdict
    assert verify(replace(case, image_digest=f"sha256:{SHA256}")).verdict == "fail"


def test_an_image_in_a_registry_is_not_looked_for() -> None:
    answer = verify(Case("verify-image", image_ref="registry.example/i:1"))
    assert (answer.verdict, answer.reason_class) == ("unknown", "unsupported")


# Summaries


def summary(**changes: Any) -> dict[str, Any]:
    predicate = {
        "verifier": {"id": "https://verifier.example"},
        "resourceUri": "pkg:oci/i",
        "policy": {"uri": "https://verifier.example/policy"},
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
        ({"policy": {}}, {}, "malformed"),
        ({"timeVerified": "yesterday"}, {}, "malformed"),
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


def test_a_certificate_with_a_key_of_an_unknown_kind_is_refused(instance: Instance, ask: Ask) -> None:
    bundle = instance.bundle(generator_statement())
    known, unknown = bytes.fromhex("06072a8648ce3d0201"), bytes.fromhex("06072b8648ce3d0201")
    place = "verificationMaterial.certificate.rawBytes"
    answer = ask(changed(bundle, place, lambda old: b64(base64.b64decode(old).replace(known, unknown))))
    assert (answer.verdict, answer.reason_class) == ("fail", "certificate-invalid")
