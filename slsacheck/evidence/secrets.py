"""What has the shape of a credential: known by its beginning, never shown."""

from __future__ import annotations

from slsacheck.patterns import regex

__all__ = ["hidden", "kind_of_secret"]

SHAPES = (  # what it is, a word that must be in the text (so that most lines cost nothing), the shape
    ("a GitHub token", "gh", regex(r"\bgh[pousr]_[A-Za-z0-9]{30,255}\b")),
    ("a GitHub token", "github_pat_", regex(r"\bgithub_pat_[A-Za-z0-9_]{22,255}\b")),
    ("a GitLab token", "gl", regex(r"\bgl(?:pat|dt|rt|cbt|ptt)-[\w-]{20,255}")),
    ("an AWS access key", "A", regex(r"\b(?:AKIA|ASIA)[A-Z2-7]{16}\b")),
    ("a Google API key", "AIza", regex(r"\bAIza[\w-]{35}")),
    ("a Slack token", "xox", regex(r"\bxox[abeoprs]-[\w-]{10,255}")),
    ("a Stripe key", "_live_", regex(r"\b[rs]k_live_[A-Za-z0-9]{16,255}\b")),
    ("an npm token", "npm_", regex(r"\bnpm_[A-Za-z0-9]{36}\b")),
    ("a PyPI token", "pypi-", regex(r"\bpypi-AgE[\w-]{50,500}")),
    ("a Docker Hub token", "dckr_", regex(r"\bdckr_[po]at_[\w-]{20,255}")),
    ("a private key", "PRIVATE KEY", regex(r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----")),
    ("a JSON Web Token", "eyJ", regex(r"\beyJ[\w-]{10,2000}\.eyJ[\w-]{10,4000}\.[\w-]{10,1000}")),
    ("a password in a URL", "://", regex(r"(?<=://)[^\s/:@$<{]{1,100}:[^\s/:@$<{*]{3,200}(?=@)")),
)


def kind_of_secret(text: str) -> str:
    """What credential stands in a text, judged by its shape; `""` for none."""
    return next((kind for kind, word, shape in SHAPES if word in text and shape.search(text)), "")


def hidden(text: str) -> str:
    """A text with everything that has the shape of a credential replaced by dots."""
    for _, word, shape in SHAPES:
        if word in text:
            text = shape.sub("…", text)
    return text
