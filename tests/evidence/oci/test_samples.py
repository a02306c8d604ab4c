"""Images that real tools made and signed, recorded by `scripts/make_images.py`: what is said of them, without network."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from slsacheck.__main__ import main

SAMPLES = Path(__file__).with_name("samples")
KEY = ("--key", str(SAMPLES / "cosign.pub"))
NOTATION = ("--trusted-root", str(SAMPLES / "notation.pem"))
POLICY = ("--trust-policy", str(SAMPLES / "trustpolicy.json"))
Ask = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str]) -> Ask:
    def run(*words: str) -> tuple[int, dict[str, Any]]:
        status = main([*words, "--offline"])
        return status, json.loads(capsys.readouterr().out)

    return run


@pytest.mark.parametrize(
    ("name", "builder", "version", "created", "fixed"),
    [
        ("buildah", "buildah", "1.28.2", "1970-01-01T00:00:00Z", True),
        ("crane", "unknown", None, "0001-01-01T00:00:00Z", True),
        ("ko", "ko", None, "0001-01-01T00:00:00Z", True),
        ("umoci", "umoci", None, "2026-01-01T00:00:00Z", False),
    ],
)
def test_who_made_them(ask: Ask, name: str, builder: str, version: str | None, created: str, *, fixed: bool) -> None:
    status, report = ask("scan", str(SAMPLES / name), "--report", "json=-")
    assert (status, report["errors"]) == (0, [])
    (subject,) = report["subjects"]
    image = subject["image"]
    assert (image["builder"]["name"], image["builder"]["version"]) == (builder, version)
    assert (image["created"], image["created_is_fixed"]) == (created, fixed)
    assert subject["levels"]["build"]["proved"] == 0


def test_everything_that_hangs_on_one(ask: Ask) -> None:
    _, report = ask("scan", str(SAMPLES / "ko"), *KEY, "--report", "json=-")
    (subject,) = report["subjects"]
    assert subject["image"]["media_type"] == "application/vnd.docker.distribution.manifest.v2+json"
    digest = subject["image"]["digest"]
    hanging = [
        (one["kind"], one["format"], one["verified"], one["subject"] == digest) for one in subject["attachments"]
    ]
    assert sorted(hanging) == [
        ("provenance", "cosign-legacy", "pass", True),
        ("provenance", "sigstore-bundle", "pass", True),
        ("sbom", "cyclonedx", "not-signed", True),
        ("sbom", "spdx", "not-signed", True),
        ("signature", "cosign-legacy", "pass", True),
        ("signature", "notation-cose", "unknown", True),
        ("signature", "notation-jws", "unknown", True),
        ("signature", "sigstore-bundle", "pass", False),
        ("signature", "sigstore-bundle", "pass", True),
    ]


def test_what_they_claim_is_shown_whatever_the_key_is(ask: Ask, tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_text("no key")
    _, report = ask("scan", str(SAMPLES / "ko"), "--key", str(tmp_path / "key.pem"), "--report", "json=-")
    (subject,) = report["subjects"]
    kinds = sorted((one["kind"], one["verified"]) for one in subject["attachments"])
    assert kinds == [*[("provenance", "unknown")] * 2, *[("sbom", "not-signed")] * 2, *[("signature", "unknown")] * 5]
    told = {one["reason"].partition("key.pem ")[2] for one in subject["attachments"] if one["verified"] == "unknown"}
    assert told == {"holds no public key that can be read; give the signer's, as PEM, DER or JWK"}


@pytest.mark.parametrize(
    ("name", "flags", "verdict"),
    [
        ("ko", KEY, "pass"),
        ("ko:1", KEY, "pass"),
        ("ko", NOTATION, "pass"),
        ("ko", (*NOTATION, *POLICY), "pass"),
        ("ko", (), "unknown"),
        ("buildah", KEY, "unknown"),
        ("crane", NOTATION, "unknown"),
    ],
)
def test_who_signed_them(ask: Ask, name: str, flags: tuple[str, ...], verdict: str) -> None:
    status, answer = ask("verify-image", str(SAMPLES / name), *flags, "--format", "json")
    assert (status, answer["verdict"]) == (0 if verdict == "pass" else 1, verdict), answer["message"]


def test_the_sboms_and_a_copy(ask: Ask, tmp_path: Path) -> None:
    status, answer = ask("sbom", str(SAMPLES / "ko"), "-o", str(tmp_path / "out"), "--format", "json")
    assert status == 0
    written = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert [re.sub(r"-[0-9a-f]+", "", name) for name in written] == ["attached.cdx.json", "attached.spdx.json"]
    assert answer["errors"] == []
    status, answer = ask("compare", "--promotion", str(SAMPLES / "ko"), str(SAMPLES / "ko"), *KEY, "--format", "json")
    assert (status, answer["verdict"], answer["lost"], answer["broken"]) == (0, "identical", [], [])
    assert len(answer["kept"]) == 9
