"""The flags of slsa-verifier: each is accepted by the command that has it there, and each stands in the guide."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from slsacheck.cli import run
from slsacheck.cli.parsing import Parser
from slsacheck.cli.trust_age import age_text
from slsacheck.cli.verify import add_parser
from slsacheck.model.attestation import Verification

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "verification.md"
SOURCE = ("--source-uri", "--source-branch", "--source-tag", "--source-versioned-tag", "--builder-id")
FLAGS = {
    "verify-artifact": (*SOURCE, "--build-workflow-input", "--provenance-path"),
    "verify-image": (*SOURCE, "--build-workflow-input", "--provenance-path", "--provenance-repository"),
    "verify-npm-package": (
        *SOURCE,
        "--build-workflow-input",
        "--attestations-path",
        "--package-name",
        "--package-version",
    ),
    "verify-github-attestation": ("--source-uri", "--builder-id", "--attestation-path"),
    "verify-vsa": (
        "--subject-digest",
        "--attestation-path",
        "--verifier-id",
        "--resource-uri",
        "--verified-level",
        "--public-key-path",
        "--public-key-id",
        "--public-key-signing-hash-algo",
    ),
}
PRINTING = dict.fromkeys(FLAGS, "--print-provenance") | dict.fromkeys(
    ("verify-github-attestation", "verify-vsa"), "--print-attestation"
)
COSIGN = (
    "--allow-certificate-chain",
    "--allow-http-registry",
    "--allow-insecure-registry",
    "--annotations",
    "--bundle",
    "--certificate-github-workflow-name",
    "--certificate-github-workflow-ref",
    "--certificate-github-workflow-repository",
    "--certificate-github-workflow-sha",
    "--certificate-github-workflow-trigger",
    "--check-claims",
    "--insecure-ignore-sct",
    "--insecure-ignore-tlog",
    "--k8s-keychain",
    "--local-image",
    "--max-workers",
    "--output",
    "--output-file",
    "--policy",
    "--registry-cacert",
    "--registry-client-cert",
    "--registry-client-key",
    "--registry-password",
    "--registry-server-name",
    "--registry-token",
    "--registry-username",
    "--sk",
    "--slot",
    "--timeout",
    "--type",
    "--use-signed-timestamps",
    "--verbose",
)
"""Flags of cosign 3.1 (verify, verify-attestation, verify-blob, verify-blob-attestation) that are spelt otherwise
here, or left out."""


@pytest.mark.parametrize("command", FLAGS)
def test_every_flag_of_slsa_verifier_is_accepted(command: str) -> None:
    parser = Parser(prog="slsacheck", add_help=False)
    add_parser(parser.add_subparsers(parser_class=Parser))
    given = [part for flag in FLAGS[command] for part in (flag, "a=b")]
    options = parser.parse_args([command, "target", *given, PRINTING[command]])
    assert options.print_provenance is True


def test_every_flag_stands_in_the_guide() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    wanted = {flag for flags in FLAGS.values() for flag in flags} | set(PRINTING.values())
    assert [flag for flag in sorted(wanted) if f"`{flag}`" not in text] == []


def test_attestations_in_another_repository_leave_it_open(capsys: pytest.CaptureFixture[str]) -> None:
    image = "registry.example/widget@sha256:" + "00" * 32
    command = [
        "verify-image",
        image,
        "--provenance-repository",
        "registry.example/atts",
        "--offline",
        "--format",
        "json",
    ]
    assert run([*command, "--source-uri", "github.com/acme/widget"]) == 1
    answer = json.loads(capsys.readouterr().out)
    assert (answer["verdict"], answer["reason_class"]) == ("unknown", "no-valid-signature")
    assert "--offline" in answer["message"]


def test_what_brings_newer_trust_data_depends_on_whose_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1924992000")  # 2031-01-01
    for domain, word in {"public-good": "trust update", "npm": "trust update", "google-cloud-build": "newer"}.items():
        text = age_text(Verification("pass", trust_domain=domain), own_root=None, own_key=None)
        assert word in text
        assert "days old" in text
    given = age_text(Verification("pass"), own_root="root.json", own_key=None)
    assert given == "Trust data: root.json, as it was given; its age is not known"


def test_every_flag_of_cosign_stands_in_the_guide() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    assert [flag for flag in COSIGN if f"`{flag}`" not in text] == []
