"""The page of failures is what the command says, and every class of refusal says what to do."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from slsacheck.cli.verify_advice import explained
from slsacheck.model.attestation import Verification

ROOT = Path(__file__).resolve().parent.parent.parent
CLASSES = [
    "hash-mismatch",
    "source-mismatch",
    "branch-mismatch",
    "tag-mismatch",
    "versioned-tag-mismatch",
    "invalid-ref",
    "builder-mismatch",
    "builder-invalid",
    "untrusted-builder",
    "workflow-input-mismatch",
    "package-name-mismatch",
    "package-version-mismatch",
    "no-valid-signature",
    "identity-mismatch",
    "certificate-invalid",
    "log-invalid",
    "log-missing",
    "time-untrusted",
    "statement-mismatch",
    "malformed",
    "unsupported",
    "subject-missing",
    "vsa-level-mismatch",
    "vsa-verifier-mismatch",
    "vsa-resource-mismatch",
    "vsa-result-failed",
    "limit-exceeded",
]


def test_the_page_is_current() -> None:
    command = [sys.executable, str(ROOT / "scripts" / "make_failures.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_page_shows_ten_failures_that_say_what_where_and_what_to_do() -> None:
    text = (ROOT / "docs" / "verification-failures.md").read_text(encoding="utf-8")
    first = re.findall(r"^(?:FAIL|UNKNOWN): (.*)$", text, re.MULTILINE)
    assert len(first) >= 10
    assert all(".json" in line and "; " in line for line in first), first


@pytest.mark.parametrize("reason", CLASSES)
@pytest.mark.parametrize("verdict", ["fail", "unknown"])
def test_every_class_says_where_and_what_to_do(reason: str, verdict: str) -> None:
    told = explained(Verification(verdict, "what is wrong", reason, path="file.json"))
    assert re.fullmatch(r"file\.json: what is wrong; .{20,}", told)


def test_what_the_verifier_said_itself_is_not_said_twice() -> None:
    told = "file.json does not exist; check the path"
    assert explained(Verification("fail", told, "malformed", path="file.json")) == told
    assert explained(Verification("pass", "verified", path="file.json")) == "verified"
