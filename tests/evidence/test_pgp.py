"""PGP signatures beside artifacts: facts in every report, never a level."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slsacheck.__main__ import main
from slsacheck.evidence.pgp import PgpSignature, parse_signature
from tests.conftest import need

SAMPLE_KEY = "D4" * 8


def packet(body: bytes, *, newer: bool = False) -> bytes:
    return (b"\xc2" if newer else b"\x88") + bytes([len(body)]) + body


def version_4(*subpackets: bytes, hash_id: int = 8, key: int = 22) -> bytes:
    area = b"".join(bytes([len(one)]) + one for one in subpackets)
    return bytes([4, 0, key, hash_id]) + len(area).to_bytes(2, "big") + area + b"\0\0" + b"\0\0"


def test_a_packet_says_whose_and_when() -> None:
    created, issuer = b"\x02" + (1767225600).to_bytes(4, "big"), b"\x10" + bytes.fromhex("D4" * 8)
    for newer in (False, True):
        found = parse_signature(packet(version_4(created, issuer), newer=newer))
        assert found == PgpSignature(SAMPLE_KEY, "EdDSA", "SHA-256", "2026-01-01T00:00:00Z")
    weak = parse_signature(packet(version_4(created, b"\x21\x04" + bytes.fromhex("ab" * 20), hash_id=2, key=1)))
    assert weak == PgpSignature("AB" * 20, "RSA", "SHA-1", "2026-01-01T00:00:00Z")
    assert weak is not None
    assert "can be forged" in weak.told()
    old = parse_signature(
        packet(b"\3\5\0" + (1767225600).to_bytes(4, "big") + bytes.fromhex("D4" * 8) + b"\1\2" + b"\0\0")
    )
    assert old == PgpSignature(SAMPLE_KEY, "RSA", "SHA-1", "2026-01-01T00:00:00Z")
    nameless = parse_signature(packet(version_4()))
    assert nameless is not None
    assert "an unnamed" in nameless.told()


@given(st.binary(max_size=300))
def test_any_bytes_are_looked_at_safely(data: bytes) -> None:
    for one in (data, b"-----BEGIN PGP SIGNATURE-----\n\n" + data, packet(data[:200])):
        found = parse_signature(one)
        assert found is None or found.told().isprintable()


@pytest.fixture
def gpg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """gpg with a fresh key; where it is missing the test is skipped, and fails in CI."""
    need("gpg")
    home = Path(f"/tmp/gpg-{os.getpid()}")
    home.mkdir(mode=0o700, exist_ok=True)
    monkeypatch.setenv("GNUPGHOME", str(home))
    made = ["--batch", "--passphrase", "", "--quick-generate-key", "release@example.org", "ed25519", "sign", "never"]
    subprocess.run(["gpg", *made], check=True, capture_output=True)
    listed = subprocess.run(["gpg", "--list-keys", "--with-colons"], check=True, capture_output=True, text=True).stdout
    return next(line.split(":")[9] for line in listed.splitlines() if line.startswith("fpr"))


def test_an_audit_names_signatures_and_signed_checksums(
    gpg: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("empty").mkdir()
    Path("app.bin").write_bytes(b"app")
    Path("other.bin").write_bytes(b"other")
    Path("SHA256SUMS").write_text(f"{hashlib.sha256(b'app').hexdigest()}  app.bin\n")
    signing = ["gpg", "--batch", "--passphrase", "", "--pinentry-mode", "loopback"]
    subprocess.run([*signing, "--detach-sign", "app.bin"], check=True, capture_output=True)
    subprocess.run([*signing, "--armor", "--detach-sign", "SHA256SUMS"], check=True, capture_output=True)
    subprocess.run([*signing, "--clearsign", "-o", "clear", "SHA256SUMS"], check=True, capture_output=True)
    Path("checksums.txt").write_bytes(Path("clear").read_bytes())
    given = [flag for name in ("app.bin", "other.bin", "SHA256SUMS", "checksums.txt") for flag in ("--artifact", name)]
    main(["audit", "empty", *given, "--report", "json=-"])
    document = json.loads(capsys.readouterr().out)
    facts = {one["name"]: one["facts"] for one in document["subjects"] if one["kind"] == "artifact"}
    assert set(facts["app.bin"]) == {
        "PGP signature app.bin.sig",
        "SHA256SUMS lists it, PGP signature SHA256SUMS.asc",
        "checksums.txt lists it, PGP signature in checksums.txt",
    }
    assert all(gpg in text and "not verified" in text for text in facts["app.bin"].values())
    assert facts["other.bin"] == {}
    assert {one["levels"]["build"]["proved"] for one in document["subjects"] if one["kind"] == "artifact"} == {0}
    main(["audit", "empty", *given])
    assert "app.bin: PGP signature app.bin.sig: by the EdDSA key" in capsys.readouterr().out
    main(["collect", "empty", *given, "-o", "evidence.zip"])
    Path("app.bin.sig").unlink()
    capsys.readouterr()
    main(["audit", "--evidence", "evidence.zip", "--report", "json=-"])
    again = json.loads(capsys.readouterr().out)
    assert {one["name"]: one["facts"] for one in again["subjects"] if one["kind"] == "artifact"} == facts
