"""What the verified attestations of an artifact say: shared by the checks of artifacts.

Each attestation is judged alone; levels takes the best. A signature that is refuted spoils its attestation for every
level; one that could not be verified leaves level 1 open (DESIGN section 1).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from slsacheck.api import Absent, fail, ok, unknown
from slsacheck.model import Place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from slsacheck.model import Artifact, Catalogue, Verdict, Verification

BROKEN = frozenset(
    {
        "no-valid-signature",
        "certificate-invalid",
        "log-invalid",
        "identity-mismatch",
        "statement-mismatch",
        "malformed",
        "limit-exceeded",
    }
)
"""Reason classes that refute the attestation itself, whatever was expected of it."""

NOT_THIS = frozenset({"hash-mismatch", "subject-missing"})
"""Reason classes that say that the attestation speaks of something else."""

PROVENANCE = ("https://slsa.dev/provenance/", "https://in-toto.io/Provenance/")


def is_provenance(verification: Verification) -> bool:
    """Whether the statement is SLSA provenance by its predicate type."""
    return (verification.statement.predicate_type or "").startswith(PROVENANCE)


def place(verification: Verification) -> Place:
    """Where the attestation can be opened."""
    return Place(path=verification.path, digest=verification.digest)


def broken(verification: Verification) -> bool:
    """Whether the attestation is refuted: a bad signature, certificate, log entry, or a statement that is none.

    A statement that nobody signed is not refuted by that: it can prove level 1 and no more.
    """
    if verification.authentic or verification.verdict not in ("fail", "error"):
        return False
    unsigned = not verification.signed and verification.reason_class == "no-valid-signature"
    return verification.reason_class in BROKEN and not unsigned


def complete(verification: Verification) -> bool:
    """Whether the provenance holds the fields that level 1 requires; an empty `builder.id` is a missing one."""
    return bool(verification.statement.builder_id) and bool(verification.statement.build_type)


def each(artifact: Artifact, atom: str, judge: Callable[[Verification], Verdict]) -> Iterable[Verdict]:
    """A verdict for each provenance of an artifact; Absent after a complete look-up that found none, else UNKNOWN."""
    found = [
        verification for verification in artifact.verifications if is_provenance(verification) or _unread(verification)
    ]
    if found:
        return [judge(verification) for verification in found]
    looked = ", ".join(artifact.looked_at) or "nowhere"
    if artifact.lookup_complete:
        raise Absent(f"there is no provenance of {artifact.name} (looked at: {looked})")
    missing = [f"the provenance of {artifact.name} (--attestation FILE)"]
    return [
        unknown(
            f"no provenance of {artifact.name} was given or found beside it", at=artifact.at, missing=missing, atom=atom
        )
    ]


def each_of(artifact: Artifact, atoms: Iterable[str], judge: Callable[[str, Verification], Verdict]) -> list[Verdict]:
    """The verdicts of `judge(atom, verification)` for several atoms, in the manner of `each`."""
    return [verdict for atom in atoms for verdict in each(artifact, atom, partial(judge, atom))]


def _unread(verification: Verification) -> bool:
    return verification.statement.predicate_type is None and broken(verification)


def refuted(verification: Verification, atom: str) -> Verdict | None:
    """FAIL where the attestation itself is refuted or speaks of another artifact, else None."""
    if broken(verification) or verification.reason_class in NOT_THIS:
        return fail(verification.message, at=[place(verification)], atom=atom, attestation=verification.digest)
    return None


def by_root(artifact: Artifact, catalogue: Catalogue, *atoms: str) -> list[Verdict]:
    """What the trust root behind a verified signer and builder says of demands on the platform."""
    return each_of(artifact, atoms, lambda atom, verification: _by_root(verification, catalogue, atom))


def _by_root(verification: Verification, catalogue: Catalogue, atom: str) -> Verdict:
    at, digest, root_id = [place(verification)], verification.digest, verification.trust_root
    if (bad := refuted(verification, atom)) is not None:
        return bad
    if atom in ("build.choose-platform", "v01.build.scripted-build") and complete(verification):
        return ok("the provenance names its builder", at=at, atom=atom, attestation=digest, trust_root=root_id)
    if not verification.authentic:
        missing = [f"a signed and logged provenance in place of {verification.path}"]
        reason = f"the signer of {verification.path} is not verified: {verification.message}"
        return unknown(reason, at=at, atom=atom, attestation=digest, missing=missing)
    root = catalogue.trust_root(root_id) if root_id else None
    if root is None:
        signer = verification.signer.identity if verification.signer else "?"
        missing = [f"a trust root for signer {signer} and builder {verification.statement.builder_id} (--config)"]
        reason = "no trust root speaks for this signer and builder, so it is trusted for level 1"
        return unknown(reason, at=at, atom=atom, attestation=digest, missing=missing)
    if atom in root.refutes:
        return fail(f"{root.title}: {root.basis}", at=at, atom=atom, attestation=digest, trust_root=root.id)
    known = catalogue.atom(atom)
    level = root.slsa_level if atom.startswith("v01.") else root.level
    trusted = level if verification.step1_level is None else min(level, max(verification.step1_level, 0))
    if known is not None and atom in root.covers and known.level <= trusted:
        reason = f"signer and builder are verified; {root.title} is trusted up to level {trusted}"
        return ok(reason, at=at, atom=atom, attestation=digest, trust_root=root.id)
    reason = f"{root.title} is trusted up to level {trusted}, which does not include this"
    return unknown(reason, at=at, atom=atom, attestation=digest, trust_root=root.id)
