"""What to do about a refusal, by its class: the second half of a message, where the verifier did not say it itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from slsacheck.model.attestation import Verification

__all__ = ["advice_for", "explained"]

_TAMPERED = "do not use the file; get it again from where it was published, and tell the project if that does not help"
_UNSEEN = "nothing is known until it was looked at; name the file with the attestation, or see where the project has it"
_SOURCE = "if you meant another repository say so with --source-uri, else it is somebody else's build"
_LOG = "get the attestation again from where it was published; an entry that does not fit shows nothing"
_ADVICE = {
    "hash-mismatch": "check the download; if it is right, this attestation is of another file: get the one beside it",
    "source-mismatch": _SOURCE,
    "branch-mismatch": "expect the branch that the project releases from (--source-branch), or get the file of yours",
    "tag-mismatch": "expect the tag of the release that you downloaded (--source-tag), or download that release",
    "versioned-tag-mismatch": "expect the version of the release (--source-versioned-tag), or download that one",
    "invalid-ref": "builders count at a release tag; ask the project to build with one",
    "builder-mismatch": "expect the builder that the project documents (--builder-id); if it changed, ask why",
    "builder-invalid": "give --builder-id as the project documents it, with or without @version",
    "untrusted-builder": "if you trust this signer for that source say so with --builder-id, else do not use the file",
    "workflow-input-mismatch": "expect the inputs that the project documents (--build-workflow-input NAME=VALUE)",
    "package-name-mismatch": "check --package-name; if it is right, this is another package's attestation",
    "package-version-mismatch": "check --package-version; if it is right, this is another version's attestation",
    "no-valid-signature": _TAMPERED,
    "identity-mismatch": "expect the signer that the project documents (--certificate-identity), or leave the file",
    "certificate-invalid": "do not use the file; ask the project to sign again",
    "log-invalid": _LOG,
    "log-missing": "give the log's answer with --rekor-entry, or --online to look it up",
    "time-untrusted": "ask the project for a bundle with a timestamp or a log entry that has a time",
    "statement-mismatch": "what is signed counts; do not use the file before the project explains the difference",
    "malformed": "get it again from where it was published; it may be cut short or be another file",
    "unsupported": "name the file with the SLSA provenance",
    "subject-missing": "give the file, or its digest with --digest",
    "vsa-level-mismatch": "ask for a level that the summary vouches for, or have the artifact verified again",
    "vsa-verifier-mismatch": "expect the verifier that you trust (--verifier-id), else the summary does not count",
    "vsa-resource-mismatch": "check --resource-uri; the summary is of another resource",
    "vsa-result-failed": "the verifier found it wanting: read its policy, and do not use the artifact",
    "limit-exceeded": "is it the right file? genuine ones are far smaller",
}


def advice_for(answer: Verification) -> str:
    """What to do about the answer; empty where it passed or its message says so already."""
    if answer.verdict not in ("fail", "unknown") or "; " in answer.message:
        return ""
    if answer.verdict == "unknown" and answer.missing_expectations:
        return "give what the project documents of its builds, as in --source-uri github.com/OWNER/NAME"
    advice = _ADVICE.get(answer.reason_class or "", "")
    return _UNSEEN if advice is _TAMPERED and answer.verdict == "unknown" else advice


def explained(answer: Verification) -> str:
    """The message with the file that it is about before it and what to do behind it."""
    place = f"{answer.path}: " if answer.path and answer.verdict != "pass" and answer.path not in answer.message else ""
    advice = advice_for(answer)
    return f"{place}{answer.message}" + (f"; {advice}" if advice else "")
