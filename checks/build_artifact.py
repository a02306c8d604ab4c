"""The Build track (v1.x) of an artifact: what its verified provenance proves."""

from __future__ import annotations

from collections.abc import Iterable

from slsacheck.api import check, fail, not_applicable, ok, unknown
from slsacheck.model import Artifact, Catalogue, Verdict, Verification

from ._atoms import CONTROL, ISOLATED, SIGNATURE, UNFORGEABLE
from ._attested import NOT_THIS, broken, by_root, complete, each, each_of, is_provenance, place, refuted


@check("build.provenance-exists.digest")
def provenance_names_this_artifact(artifact: Artifact) -> Iterable[Verdict]:
    """A provenance names the artifact by its digest."""
    atom = "build.provenance-exists.digest"

    def judge(verification: Verification) -> Verdict:
        reason = "the digest of the artifact is a subject of the provenance"
        return refuted(verification, atom) or ok(reason, at=[place(verification)], attestation=verification.digest)

    return each(artifact, atom, judge)


@check("build.provenance-exists.describes")
def provenance_says_how_it_was_built(artifact: Artifact) -> Iterable[Verdict]:
    """The provenance says who built the artifact, and how."""
    atom = "build.provenance-exists.describes"

    def judge(verification: Verification) -> Verdict:
        if (bad := refuted(verification, atom)) is not None:
            return bad
        at, digest = [place(verification)], verification.digest
        if complete(verification):
            return ok(f"built by {verification.statement.builder_id}", at=at, attestation=digest)
        return fail("the provenance has no builder.id or no buildType, which it must have", at=at, attestation=digest)

    return each(artifact, atom, judge)


@check("build.provenance-exists.format")
def provenance_format_is_known(artifact: Artifact) -> Iterable[Verdict]:
    """The provenance is in a format that verifiers accept."""
    atom = "build.provenance-exists.format"

    def judge(verification: Verification) -> Verdict:
        reason = f"it is {verification.statement.predicate_type}"
        return refuted(verification, atom) or ok(reason, at=[place(verification)], attestation=verification.digest)

    return each(artifact, atom, judge)


@check("build.distribute-provenance")
def provenance_reached_the_verifier(artifact: Artifact) -> Iterable[Verdict]:
    """The provenance reached whoever verifies the artifact."""

    def judge(verification: Verification) -> Verdict:
        if not is_provenance(verification) or verification.reason_class in NOT_THIS:
            reason = f"what lies at {verification.path} is no provenance of this artifact"
            missing = [f"the provenance of {artifact.name} (--attestation FILE)"]
            return unknown(reason, at=[place(verification)], missing=missing, attestation=verification.digest)
        reason = f"it was found at {verification.path}"
        return ok(reason, at=[place(verification)], attestation=verification.digest)

    return each(artifact, "build.distribute-provenance", judge)


@check("build.choose-platform")
def builder_is_named(artifact: Artifact, catalogue: Catalogue) -> Iterable[Verdict]:
    """The platform that built the artifact can reach the level."""
    return by_root(artifact, catalogue, "build.choose-platform")


@check(*SIGNATURE)
def provenance_is_signed(artifact: Artifact) -> Iterable[Verdict]:
    """The signature of the provenance holds: key or certificate, log entry and time."""

    def judge(atom: str, verification: Verification) -> Verdict:
        at, digest = [place(verification)], verification.digest
        if verification.authentic:
            who = verification.signer.identity if verification.signer else "a known key"
            return ok(f"signed by {who}", at=at, atom=atom, attestation=digest, trust_root=verification.trust_root)
        if broken(verification):
            return fail(verification.message, at=at, atom=atom, attestation=digest)
        reason = verification.message if verification.signed else "the provenance is not signed"
        missing = [f"a signed and logged provenance in place of {verification.path}"]
        return unknown(reason, at=at, atom=atom, attestation=digest, missing=missing)

    return each_of(artifact, SIGNATURE, judge)


@check(*CONTROL)
def provenance_comes_from_the_control_plane(artifact: Artifact, catalogue: Catalogue) -> Iterable[Verdict]:
    """The platform's own control plane made the provenance."""
    return by_root(artifact, catalogue, *CONTROL)


@check(*UNFORGEABLE)
def provenance_is_unforgeable(artifact: Artifact, catalogue: Catalogue) -> Iterable[Verdict]:
    """The steps of the build could not forge the provenance."""
    return by_root(artifact, catalogue, *UNFORGEABLE)


@check("build.hosted.not-workstation")
def artifact_was_built_on_hosted_platform(artifact: Artifact, catalogue: Catalogue) -> Iterable[Verdict]:
    """The artifact was built on infrastructure of a platform."""
    return by_root(artifact, catalogue, "build.hosted.not-workstation")


@check(*ISOLATED)
def artifact_was_built_in_isolation(artifact: Artifact, catalogue: Catalogue) -> Iterable[Verdict]:
    """The artifact was built apart from other builds and from the platform's secrets."""
    return by_root(artifact, catalogue, *ISOLATED)


@check("build.consistent-process.ecosystem-config")
def artifact_needs_no_build_metadata(artifact: Artifact) -> Verdict:
    """No package ecosystem asks for build metadata of its own here."""
    return not_applicable(f"{artifact.type} asks for no build metadata of its own")


@check("verify.expectations", "build.consistent-process.expectations")
def provenance_meets_the_expectations(artifact: Artifact) -> Iterable[Verdict]:
    """Builder, source, kind of build and parameters are those that were expected."""
    atoms = ("verify.expectations", "build.consistent-process.expectations")
    return each_of(artifact, atoms, _expected)


def _expected(atom: str, verification: Verification) -> Verdict:
    at, digest = [place(verification)], verification.digest
    if verification.expectations == "pass":
        return ok("the provenance is the one that was expected", at=at, atom=atom, attestation=digest)
    if verification.expectations == "fail":
        failed = [step.detail for step in verification.steps if step.outcome == "fail"]
        return fail(failed[-1] if failed else verification.message, at=at, atom=atom, attestation=digest)
    missing = [f"what to expect: {', '.join(verification.missing_expectations) or '--source-uri and --builder-id'}"]
    reason = "nothing says what to expect of this provenance"
    return unknown(reason, at=at, atom=atom, attestation=digest, missing=missing)
