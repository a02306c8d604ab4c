"""Files that are no provenance though they look like it: named, explained, and never a level."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from slsacheck.evidence.attestations import verify, verify_each
from slsacheck.evidence.attestations.recognised import attestors_of, pgp_signature
from slsacheck.model.attestation import Case, Expectations
from tests.evidence.attestations.conftest import Ask
from tests.evidence.attestations.private_sigstore import COMMIT, SOURCE, Instance, statement

CLEAR = b"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n00  app\n-----BEGIN PGP SIGNATURE-----\n"


def new_packet(body: bytes) -> bytes:
    length = bytes([len(body)]) if len(body) < 192 else bytes([192 + ((len(body) - 192) >> 8), (len(body) - 192) & 255])
    return b"\xc2" + length + body


@pytest.mark.parametrize(
    "content",
    [
        CLEAR,
        b"\n-----BEGIN PGP SIGNATURE-----\n",
        b"\x88\x46\x04" + bytes(69),
        b"\x89\x01\x33\x04" + bytes(306),
        new_packet(b"\x06" + bytes(100)),
        new_packet(b"\x04" + bytes(400)),
    ],
)
def test_a_pgp_signature_is_a_fact_about_signing_only(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "SHA256SUMS.asc").write_bytes(content)
    for command in ("verify-artifact", "verify-bundle"):
        answer = verify(Case(command, provenance=(str(tmp_path / "SHA256SUMS.asc"),)))
        assert (answer.verdict, answer.reason_class, answer.level, answer.authentic) == (
            "unknown",
            "unsupported",
            None,
            False,
        )
        assert "gpg --verify" in answer.message


@given(st.binary(max_size=400))
def test_any_bytes_are_looked_at_safely(data: bytes) -> None:
    found = pgp_signature(data, "file")
    assert found is None or found.verdict == "unknown"
    assert pgp_signature(b"{" + data, "file") is None


def test_the_spelling_of_tekton_chains_is_explained(shared: Path) -> None:
    for path in sorted((shared / "corpus" / "real" / "tekton").glob("*.json")):
        answer = verify(Case("verify-artifact", provenance=(str(path),)))
        assert (answer.verdict, answer.reason_class, answer.level) == ("fail", "malformed", None)
        assert "`predicateType`" in answer.message


def test_a_collection_of_witness_is_read_and_proves_nothing(shared: Path) -> None:
    folder = shared / "corpus" / "attestations" / "in-toto+witness" / "test"
    case = Case(
        "verify-artifact",
        provenance=(str(folder / "cdx-att.json"),),
        expectations=Expectations(source_uri=SOURCE),
        digests=((("sha256", "23b078b208f617fbf117bcedcae3a2b6a454085f8c8c3b73cc74fe9750f34bd3"),),),
    )
    (answer,) = verify_each(case)
    assert (answer.verdict, answer.reason_class, answer.level, answer.step1_level) == (
        "fail",
        "unsupported",
        None,
        None,
    )
    assert "command-run" in answer.message
    assert ("attestor", "https://cyclonedx.org/bom") in answer.statement.facts
    assert attestors_of("https://example.org/other", {"attestations": [{"type": "x"}]}) == ()


RUN = "https://github.com/example/hello/actions/runs/123456/attempts/1"


@pytest.mark.parametrize(
    ("expected", "reason"),
    [
        ("https://github.com/example/hello/actions/runs/*", None),
        (RUN, None),
        ("https://github.com/example/hello2/actions/runs/*", "builder-mismatch"),
        ("https://github.com/example/*", "builder-mismatch"),
        ("https://github.com/example/hello/*", "builder-mismatch"),
        ("https://github.com/*/*/actions/runs/*", "builder-mismatch"),
        ("*", "builder-mismatch"),
    ],
)
def test_the_runs_of_a_repository_can_be_expected(
    instance: Instance, ask: Ask, tmp_path: Path, expected: str, reason: str | None
) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    (tmp_path / "key.pub").write_bytes(
        key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    answer = ask(instance.envelope(key, _buildkit(RUN)), public_key=str(tmp_path / "key.pub"), builder_id=expected)
    assert answer.reason_class != "builder-mismatch" if reason is None else answer.reason_class == reason


@pytest.mark.parametrize("run", [RUN + "/../../../../other", RUN + "?x=1", RUN.replace("123456", "x"), RUN + "/"])
def test_only_runs_are_runs(instance: Instance, ask: Ask, tmp_path: Path, run: str) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    (tmp_path / "key.pub").write_bytes(
        key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    expected = "https://github.com/example/hello/actions/runs/*"
    answer = ask(instance.envelope(key, _buildkit(run)), public_key=str(tmp_path / "key.pub"), builder_id=expected)
    assert answer.reason_class == "builder-mismatch"


def _buildkit(builder: str) -> dict[str, object]:
    """What BuildKit writes on a runner of GitHub's, as far as it matters here."""
    predicate = {
        "buildDefinition": {
            "buildType": "https://github.com/moby/buildkit/blob/master/docs/attestations/slsa-definitions.md",
            "externalParameters": {"configSource": {"path": "Dockerfile"}, "request": {"frontend": "dockerfile.v0"}},
            "resolvedDependencies": [{"uri": f"git+{SOURCE}@refs/heads/main", "digest": {"sha1": COMMIT}}],
        },
        "runDetails": {"builder": {"id": builder}},
    }
    found: dict[str, object] = json.loads(json.dumps(statement(predicate, "https://slsa.dev/provenance/v1")))
    return found
