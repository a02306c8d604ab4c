"""Digests under other names than in-toto's, files of which a line is broken, and who issued a certificate."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from slsacheck.evidence.attestations import verify
from slsacheck.evidence.attestations.issuing import Issuer, issued_by, leaf_issued_by, signed_part
from slsacheck.evidence.attestations.statement import algorithm_name
from slsacheck.model.attestation import Case, Expectations, Verification
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
)


def _answer(tmp_path: Path, content: str, instance: Instance, *, digest: str = "sha256") -> Verification:
    root, attestation = tmp_path / "root.json", tmp_path / "hello.jsonl"
    root.write_text(json.dumps(instance.trusted_root()))
    attestation.write_text(content)
    expected = Expectations(source_uri=SOURCE)
    digests = (((digest, SHA256),),)
    provenance, root_path = (str(attestation),), str(root)
    return verify(
        Case("verify-artifact", digests=digests, provenance=provenance, trusted_root=root_path, expectations=expected)
    )


@pytest.mark.parametrize("name", ["SHA256", "SHA-256", "Sha_256"])
def test_a_digest_under_another_name_is_refused_and_named(tmp_path: Path, name: str) -> None:
    instance = Instance()
    content = changed(generator_statement(), "subject.0.digest", {name: SHA256})
    answer = _answer(tmp_path, json.dumps(instance.bundle(content)), instance)
    assert (answer.verdict, answer.reason_class) == ("fail", "malformed")
    assert name in answer.message
    assert "lower case" in answer.message


def test_users_may_write_the_name_as_they_like(tmp_path: Path) -> None:
    instance = Instance()
    bundle = json.dumps(instance.bundle(generator_statement()))
    assert _answer(tmp_path, bundle, instance, digest="SHA-256").verdict == "pass"
    assert [algorithm_name(one) for one in ("sha512", "SHA_384", "gitCommit", "sha256x")] == [
        "sha512",
        "sha384",
        "gitCommit",
        "sha256x",
    ]


@pytest.mark.parametrize("line", ["not json {{{", '{"verificationMaterial": {}}', '{"a": 1, "a": 2}'])
@pytest.mark.parametrize("first", [True, False])
def test_a_broken_line_beside_a_good_one_is_told_and_does_not_decide(tmp_path: Path, line: str, *, first: bool) -> None:
    instance = Instance()
    good = json.dumps(instance.bundle(generator_statement()))
    lines = [line, good] if first else [good, line]
    answer = _answer(tmp_path, "\n".join(lines), instance)
    assert answer.verdict == "pass"
    told = [step for step in answer.steps if step.name == "other-attestations"]
    assert [step.outcome for step in told] == ["not-applicable"]
    assert "1 of 2" in told[0].detail


def _issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    return leaf_issued_by(certificate, certificate.tbs_certificate_bytes, Issuer((issuer,)))


def test_leaves_are_judged_as_the_library_judges_them() -> None:
    instance, other = Instance(), Instance()
    key = ec.generate_private_key(ec.SECP256R1())
    leaf = x509.load_der_x509_certificate(instance.certificate(key, GENERATOR, claims()))
    for certificate, issuer in ((leaf, instance.ca), (leaf, other.ca), (instance.ca, instance.root)):
        assert _issued(certificate, issuer) is issued_by(certificate, issuer)
        assert signed_part(certificate.public_bytes(Encoding.DER)) == certificate.tbs_certificate_bytes
    assert _issued(leaf, instance.ca)


def _with_outer_algorithm(der: bytes, algorithm: bytes) -> x509.Certificate:
    """The certificate with another algorithm after what is signed than in it."""
    plain = bytes.fromhex("300a06082a8648ce3d040302")
    before, _, after = der.rpartition(plain)
    return x509.load_der_x509_certificate(before + algorithm + after)


def test_a_certificate_that_names_two_algorithms_is_refused() -> None:
    instance = Instance()
    key = ec.generate_private_key(ec.SECP256R1())
    der = instance.certificate(key, GENERATOR, claims())
    odd = _with_outer_algorithm(der, bytes.fromhex("300a06082a8648ce3d040303"))
    assert not _issued(odd, instance.ca)


@pytest.mark.parametrize("curve", [ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1()])
def test_every_curve_and_hash_goes_the_same_way(curve: ec.EllipticCurve) -> None:
    instance: Any = Instance(ca_key=ec.generate_private_key(curve))
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    for digest in (hashes.SHA256(), hashes.SHA384(), hashes.SHA512()):
        leaf = instance._builder("leaf", key, "authority").sign(instance.ca_key, digest)
        assert _issued(leaf, instance.ca)
        assert not _issued(leaf, instance.root)


@pytest.mark.parametrize(
    ("place", "kind"),
    [
        ("tlogs.0.publicKey", "dsse/0.0.1"),
        ("tlogs.1.publicKey", "hashedrekord/0.0.2"),
        ("ctlogs.0.publicKey", "dsse/0.0.1"),
        ("certificateAuthorities.0", "dsse/0.0.1"),
        ("timestampAuthorities.0", "hashedrekord/0.0.2"),
    ],
)
def test_trust_data_without_a_beginning_counts_at_no_time(ask: Ask, tmp_path: Path, place: str, kind: str) -> None:
    """And an instance with such a log is no instance without one."""
    instance, path = Instance(), tmp_path / "endless.json"
    bundle = instance.bundle(generator_statement(), kind=kind)
    path.write_text(json.dumps(instance.trusted_root()))
    assert ask(bundle, trusted_root=str(path)).verdict == "pass"
    path.write_text(json.dumps(changed(instance.trusted_root(), f"{place}.validFor.start", ...)))
    answer = ask(bundle, trusted_root=str(path))
    assert (answer.verdict, answer.level) == ("fail", None)


def test_a_log_that_ended_before_the_timestamp_does_not_count(ask: Ask, tmp_path: Path) -> None:
    instance, path = Instance(), tmp_path / "ended.json"
    ended = changed(instance.trusted_root(), "tlogs.1.publicKey.validFor.end", "2026-02-01T00:00:00Z")
    path.write_text(json.dumps(ended))
    answer = ask(instance.bundle(generator_statement(), kind="hashedrekord/0.0.2"), trusted_root=str(path))
    assert (answer.verdict, answer.reason_class) == ("fail", "log-invalid")


def test_a_message_digest_of_another_kind_leaves_it_open(ask: Ask, tmp_path: Path) -> None:
    """Ignored, it would let a bundle pass that names another digest than the one which was compared."""
    instance = Instance()
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = instance.certificate(key, GENERATOR, claims())
    for algorithm in ("SHA3_256", "SHA2_257", 7):
        message = {"messageDigest": {"algorithm": algorithm, "digest": b64(bytes(32))}, "signature": b64(bytes(70))}
        bundle = {
            "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
            "verificationMaterial": {"certificate": {"rawBytes": b64(certificate)}},
            "messageSignature": message,
        }
        answer = ask(bundle, command="verify-bundle", source_uri=None)
        assert (answer.verdict, answer.reason_class) == ("unknown", "unsupported")


def test_odd_certificates_are_refused_in_our_own_words(instance: Instance, tmp_path: Path) -> None:
    """A serial number that none may have: the library would only warn of it, on the standard error."""
    bundle = instance.bundle(generator_statement())
    der = bytearray(base64.b64decode(bundle["verificationMaterial"]["certificate"]["rawBytes"]))
    der[der.index(b"\xa0\x03\x02\x01\x02\x02") + 7] |= 0x80
    bundle["verificationMaterial"]["certificate"]["rawBytes"] = b64(bytes(der))
    (tmp_path / "odd.json").write_text(json.dumps(bundle))
    (tmp_path / "root.json").write_text(json.dumps(instance.trusted_root()))
    command = [sys.executable, "-m", "slsacheck", "verify-bundle", "odd.json", "--trusted-root", "root.json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("FAIL")


def test_what_gh_prints_of_its_own_verification_is_verified_again(instance: Instance, ask: Ask) -> None:
    """`gh attestation verify --format json` prints a list; what gh found stands beside the bundles and counts nothing."""
    bundle = instance.bundle(generator_statement())
    printed = [{"attestation": {"bundle": bundle}, "verificationResult": {"verifiedTimestamps": []}}]
    assert ask(printed).level == 3
    broken = changed(bundle, "dsseEnvelope.signatures.0.sig", flipped)
    assert ask([printed[0] | {"attestation": {"bundle": broken}}]).reason_class == "no-valid-signature"
