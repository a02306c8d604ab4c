"""What has the shape of a credential is known, and never quoted."""

from __future__ import annotations

from pathlib import Path

import pytest

from slsacheck.evidence.files import WorkTree
from slsacheck.evidence.quoting import Quoter
from slsacheck.evidence.secrets import hidden, kind_of_secret
from slsacheck.model import Place

SECRETS = {
    "a GitHub token": ["ghp_" + "aB3" * 12, "github_pat_" + "1" * 22 + "_" + "b" * 40],
    "a GitLab token": ["glpat-" + "x1" * 10],
    "an AWS access key": ["AKIA" + "ABCDEFGH23456777"],
    "a Google API key": ["AIza" + "b" * 35],
    "a Slack token": ["xoxb-" + "1" * 12 + "-abc"],
    "a Stripe key": ["sk_live_" + "a" * 24],
    "an npm token": ["npm_" + "a1" * 18],
    "a PyPI token": ["pypi-AgEIcHlwaS5vcmc" + "a" * 60],
    "a Docker Hub token": ["dckr_pat_" + "a" * 27],
    "a private key": ["-----BEGIN OPENSSH PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----"],
    "a JSON Web Token": ["eyJ" + "a" * 20 + ".eyJ" + "b" * 20 + "." + "c" * 30],
    "a password in a URL": ["https://user:hunter2@example.org"],
}


def quoted(folder: Path, line: str) -> str | None:
    (folder / "file").write_text(line)
    (place,) = Quoter(WorkTree(str(folder))).places([Place(path="file", line=1)])
    return place.excerpt


CASES = [(kind, text) for kind, texts in SECRETS.items() for text in texts]


@pytest.mark.parametrize(("kind", "text"), CASES)
def test_a_credential_is_known_and_never_quoted(tmp_path: Path, kind: str, text: str) -> None:
    line = f"  ENV X={text} # why"
    assert kind_of_secret(line) == kind
    secret = "hunter2" if "hunter2" in text else text
    assert secret not in hidden(line)
    shown = quoted(tmp_path, line)
    assert shown is not None
    assert secret not in shown
    assert shown.endswith("# why")


@pytest.mark.parametrize(
    "line",
    [
        "- uses: actions/checkout@0123456789abcdef0123456789abcdef01234567 # v4",
        "url: https://example.org/a@b",
        "git+https://$USER:$TOKEN@example.org",
        "FROM alpine@sha256:" + "ab" * 32,
        "https://${{ secrets.USER }}:${{ secrets.TOKEN }}@example.org",
    ],
)
def test_what_is_none_is_quoted_as_it_stands(tmp_path: Path, line: str) -> None:
    assert kind_of_secret(line) == ""
    assert quoted(tmp_path, line) == line
