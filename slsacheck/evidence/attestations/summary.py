"""Writing a verification summary attestation (VSA v1): what was verified, by whom, under which policy, which level.

The source of every field is https://slsa.dev/spec/v1.2/verification_summary. A level stands in it only where the
verification proved it; an undecided verification has no summary at all.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os.path
from typing import TYPE_CHECKING

from slsacheck.evidence.attestations.files import artifact_digests
from slsacheck.evidence.attestations.statement import algorithm_name
from slsacheck.evidence.attestations.steps import RefusedError, shown
from slsacheck.evidence.attestations.verifier import best, image_of
from slsacheck.model.attestation import Expectations
from slsacheck.record import record

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from slsacheck.evidence.attestations.dependencies import Evaluated
    from slsacheck.model.attestation import Case, Verification

__all__ = ["PREDICATE_TYPE", "Policy", "Summary", "summarise"]

PREDICATE_TYPE = "https://slsa.dev/verification_summary/v1"
_SLSA_VERSION = "1.2"


@record
class Policy:
    """The policy: a configuration file by address and bytes (None: flags alone), and what the flags add to it.

    `trusted` are the digests of a key and a trusted root that were given.
    """

    uri: str | None
    content: bytes | None
    flags: Expectations
    trusted: tuple[tuple[str, str], ...] = ()

    def descriptor(self) -> dict[str, object]:
        """The policy as a ResourceDescriptor; flags without a file are a policy that stands in the summary itself."""
        given = {name: getattr(self.flags, name) for name in Expectations.__match_args__}
        flags = {name: value for name, value in given.items() if value not in (None, ())} | dict(self.trusted)
        if self.content is None:
            own = json.dumps(flags, sort_keys=True, separators=(",", ":")).encode()
            name = {"uri": self.uri} if self.uri else {"name": "expectations"}
            found: dict[str, object] = {**name, "digest": _sha256(own)}
            return found | {"content": base64.b64encode(own).decode("ascii"), "mediaType": "application/json"}
        found = {"uri": self.uri or "", "digest": _sha256(self.content)}
        return found | ({"annotations": {"expectations": flags}} if flags else {})


@record
class Summary:
    """The finished statement, and whether it says PASSED."""

    statement: dict[str, object]
    passed: bool


def _sha256(data: bytes) -> dict[str, str]:
    return {"sha256": hashlib.sha256(data).hexdigest()}


def subjects_of(case: Case) -> list[dict[str, object]]:
    """What was verified, as subjects; raises RefusedError when the case names nothing."""
    found: list[dict[str, object]] = [
        {"name": os.path.basename(path), "digest": {"sha256": artifact_digests(path)["sha256"]}}  # noqa: PTH119 - a name
        for path in case.artifact
    ]
    found += [{"digest": {algorithm_name(name): value.lower() for name, value in digests}} for digests in case.digests]
    image = image_of(case) if case.command == "verify-image" else None
    if image is not None:
        algorithm, _, value = image.partition(":")
        name = {"name": case.image_ref.partition("@")[0]} if case.image_ref else {}
        found.append({**name, "digest": {algorithm: value}})
    if not found:
        raise RefusedError("subject-missing", "a summary is about an artifact; name its file or its --digest")
    return found


def summarise(
    case: Case,
    answers: Sequence[Verification],
    *,
    verifier_id: str,
    resource_uri: str,
    policy: Policy,
    time: str,
    evaluate: Callable[[Verification], Evaluated] | None = None,
) -> Summary:
    """The summary of a verification (`verify_each` of the case) made at `time` (RFC 3339).

    `evaluate` tells the levels of the dependencies that passed provenance names; without it nothing is said of them.

    Raises RefusedError where the verification decided nothing, or passed without proving a level: such a summary
    would claim what nobody verified.
    """
    answer = best(answers)
    if answer.verdict not in ("pass", "fail"):
        raise RefusedError(
            answer.reason_class or "unsupported", f"nothing was decided: {answer.message}", verdict="unknown"
        )
    if answer.verdict == "pass" and answer.level is None:
        raise RefusedError("unsupported", f"no level was proved: {answer.level_why}", verdict="unknown")
    predicate = _predicate(answer, answers, evaluate) | {
        "verifier": {"id": verifier_id, "version": {"slsacheck": _version()}},
        "timeVerified": time,
        "resourceUri": resource_uri,
        "policy": policy.descriptor(),
        "slsaVersion": _SLSA_VERSION,
    }
    statement: dict[str, object] = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": subjects_of(case),
        "predicateType": PREDICATE_TYPE,
        "predicate": predicate,
    }
    return Summary(statement, answer.verdict == "pass")


def _predicate(
    answer: Verification, answers: Sequence[Verification], evaluate: Callable[[Verification], Evaluated] | None
) -> dict[str, object]:
    """What follows from the verification: attestations, result, levels."""
    passed = answer.verdict == "pass"
    used = [one for one in answers if one.digest and (not passed or one.verdict == "pass")]
    depending = evaluate(answer) if evaluate is not None and passed else None
    inputs = [(one.path or "", one.digest or "") for one in used] + list(depending.used if depending else ())
    return {
        "inputAttestations": [
            {"name": os.path.basename(path), "digest": {"sha256": digest}}  # noqa: PTH119 - a name
            for path, digest in inputs
        ],
        "verificationResult": "PASSED" if passed else "FAILED",
        "verifiedLevels": [f"SLSA_BUILD_LEVEL_{answer.level}" if passed else "FAILED"],
        **({"dependencyLevels": depending.levels} if depending else {}),
    }


def _version() -> str:
    from slsacheck import __version__

    return shown(__version__)
