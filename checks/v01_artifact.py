"""SLSA v0.1 of an artifact: what its verified provenance proves on the one ladder."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from slsacheck.api import check, fail, ok, unknown
from slsacheck.model import Artifact, Catalogue, Verdict, Verification

from ._attested import by_root, complete, each, each_of, is_provenance, place, refuted

ROOTED = (
    "v01.build.scripted-build",
    "v01.build.build-service",
    "v01.build.build-as-code",
    "v01.build.ephemeral-environment",
    "v01.build.isolated.secrets",
    "v01.build.isolated.concurrent",
    "v01.build.isolated.persistence",
    "v01.build.isolated.cache",
    "v01.provenance.authenticated",
    "v01.provenance.service-generated",
    "v01.provenance.non-falsifiable",
    "v01.provenance.identifies-source-code.authenticated",
    "v01.provenance.includes-all-params.listed",
)
UNDECIDED = {
    "v01.source.verified-history.first-parent": "the forge's record of who pushed",
    "v01.source.verified-history.two-step-verification": "the forge's record of two-step verification",
    "v01.source.retained-indefinitely.immutable-history": "the forge's rules against force pushes",
    "v01.source.retained-indefinitely.limited-retention": "the forge's retention policy",
    "v01.source.retained-indefinitely.indefinite-retention": "the forge's retention policy",
    "v01.source.two-person-reviewed.different-persons": "the forge's review records",
    "v01.source.two-person-reviewed.informed-review": "the forge's review records",
    "v01.source.two-person-reviewed.context-specific-approvals": "the forge's review records",
    "v01.build.hermetic.immutable-references": "the build service's word that it was hermetic",
    "v01.build.hermetic.control-plane-fetch": "the build service's word that it was hermetic",
    "v01.build.hermetic.no-mutable-references": "the build service's word that it was hermetic",
    "v01.build.hermetic.integrity-verified": "the build service's word that it was hermetic",
    "v01.build.hermetic.no-network": "the build service's word that it was hermetic",
    "v01.provenance.dependencies-complete": "a builder that is known to list every dependency",
    "v01.provenance.identifies-source-code.complete": "a builder that is known to list every source",
    "v01.provenance.includes-all-deps": "a builder that is known to list every dependency",
    "v01.common.security": "an audit of every system that is trusted",
    "v01.common.access": "an audit of every system that is trusted",
    "v01.common.superusers": "an audit of every system that is trusted",
}


@check(*ROOTED)
def platform_gave_v01_provenance(artifact: Artifact, catalogue: Catalogue) -> Iterable[Verdict]:
    """The build service gave what v0.1 asks of it."""
    return by_root(artifact, catalogue, *ROOTED)


@check(*UNDECIDED)
def nobody_can_see_it_from_the_artifact(artifact: Artifact) -> Iterable[Verdict]:
    """Rows of v0.1 that no provenance can show."""
    reason = "the provenance of an artifact cannot show it"
    return [unknown(reason, at=artifact.at, atom=atom, missing=[missing]) for atom, missing in UNDECIDED.items()]


@check("v01.build.reproducible")
def artifact_was_built_again(artifact: Artifact) -> Iterable[Verdict]:
    """What was built again from the source has the digest that verified provenance names."""
    same = next((one for one in artifact.rebuilds if not one.differences), None)
    if same is not None:
        proved = [one for one in artifact.verifications if is_provenance(one) and one.verdict == "pass"]
        told = f"{same.name}, built again from its source, has the same bytes"
        missing = [f"verified provenance of {artifact.name} (--attestation FILE)"]
        return [ok(told, at=[place(one)], attestation=one.digest) for one in proved] or [
            unknown(f"{told}, and no verified provenance names them", at=artifact.at, missing=missing)
        ]
    other = next(iter(artifact.rebuilds), None)
    told = f"{other.name}, built again, has {other.differences}" if other else "nothing that was built again was given"
    reason = f"{told}; a rebuild elsewhere may differ for reasons of its own" if other else told
    return [unknown(reason, at=artifact.at, missing=["a bit-for-bit rebuild from its source (audit --rebuilt FILE)"])]


def _shown(artifact: Artifact, atom: str, shown: Callable[[Verification], str], absent: str) -> Iterable[Verdict]:
    """PASS with what the provenance says, FAIL where it lacks it."""

    def judge(verification: Verification) -> Verdict:
        if (bad := refuted(verification, atom)) is not None:
            return bad
        at, digest = [place(verification)], verification.digest
        said = shown(verification)
        return (
            ok(said, at=at, atom=atom, attestation=digest)
            if said
            else fail(absent, at=at, atom=atom, attestation=digest)
        )

    return each(artifact, atom, judge)


@check("v01.provenance.available")
def v01_provenance_reached_the_verifier(artifact: Artifact) -> Iterable[Verdict]:
    """The provenance is available to those who use the artifact."""
    return _shown(artifact, "v01.provenance.available", lambda item: f"it was found at {item.path}", "")


@check("v01.provenance.identifies-artifact")
def provenance_identifies_artifact(artifact: Artifact) -> Iterable[Verdict]:
    """The provenance names the artifact by digest."""
    return _shown(artifact, "v01.provenance.identifies-artifact", lambda _item: "its digest is a subject", "")


@check("v01.provenance.identifies-builder")
def provenance_identifies_builder(artifact: Artifact) -> Iterable[Verdict]:
    """The provenance names the builder."""
    absent = "the provenance has an empty builder.id"
    return _shown(artifact, "v01.provenance.identifies-builder", lambda item: item.statement.builder_id or "", absent)


@check("v01.provenance.identifies-build-instructions")
def provenance_identifies_instructions(artifact: Artifact) -> Iterable[Verdict]:
    """The provenance names the kind of build and its instructions."""
    atom = "v01.provenance.identifies-build-instructions"
    shown = lambda item: (item.statement.build_type or "") if complete(item) else ""  # noqa: E731 - one line, used once
    return _shown(artifact, atom, shown, "the provenance names no buildType")


@check("v01.provenance.identifies-source-code.present")
def provenance_identifies_source(artifact: Artifact) -> Iterable[Verdict]:
    """The provenance names the source by URI and digest."""
    absent = "the provenance names no source with a digest"
    atom = "v01.provenance.identifies-source-code.present"
    return _shown(artifact, atom, _source, absent)


def _source(verification: Verification) -> str:
    statement = verification.statement
    return (
        f"{statement.source_uri} at {statement.source_digest}"
        if statement.source_uri and statement.source_digest
        else ""
    )


@check("v01.provenance.identifies-entry-point")
def provenance_identifies_entry_point(artifact: Artifact) -> Iterable[Verdict]:
    """The provenance names where the build definition begins."""
    absent = "the provenance names no entry point"
    return _shown(
        artifact, "v01.provenance.identifies-entry-point", lambda item: item.statement.entry_point or "", absent
    )


@check("v01.provenance.includes-metadata")
def provenance_has_metadata(artifact: Artifact) -> Iterable[Verdict]:
    """The provenance names the invocation."""
    absent = "the provenance names no invocation"
    return _shown(artifact, "v01.provenance.includes-metadata", lambda item: item.statement.invocation_id or "", absent)


@check(
    "v01.provenance.includes-reproducible-info", "v01.provenance.includes-all-params.empty", "v01.build.parameterless"
)
def provenance_tells_the_rest(artifact: Artifact) -> Iterable[Verdict]:
    """The provenance tells whether the build takes parameters and can be reproduced."""
    atoms = (
        "v01.provenance.includes-reproducible-info",
        "v01.provenance.includes-all-params.empty",
        "v01.build.parameterless",
    )
    return each_of(artifact, atoms, _rest)


def _rest(atom: str, verification: Verification) -> Verdict:
    if (bad := refuted(verification, atom)) is not None:
        return bad
    facts, at, digest = dict(verification.statement.facts), [place(verification)], verification.digest
    if atom.endswith("includes-reproducible-info") and facts.get("reproducible") in ("true", "false"):
        return ok(f"reproducible: {facts['reproducible']}", at=at, atom=atom, attestation=digest)
    if not atom.endswith("includes-reproducible-info") and facts.get("user_parameters") == "yes":
        return fail("the build was given parameters", at=at, atom=atom, attestation=digest)
    return unknown("the provenance does not say so", at=at, atom=atom, attestation=digest)


@check("v01.source.version-controlled.required", "v01.source.version-controlled.recommended")
def source_of_artifact_is_version_controlled(artifact: Artifact) -> Iterable[Verdict]:
    """The source that the provenance names stands in a version control system."""
    atoms = ("v01.source.version-controlled.required", "v01.source.version-controlled.recommended")
    return each_of(artifact, atoms, _versioned)


def _versioned(atom: str, verification: Verification) -> Verdict:
    if (bad := refuted(verification, atom)) is not None:
        return bad
    at, digest = [place(verification)], verification.digest
    if verification.authentic and (source := _source(verification)):
        return ok(f"git revision {source}", at=at, atom=atom, attestation=digest)
    reason = "no verified provenance names a revision of a version control system"
    return unknown(reason, at=at, atom=atom, attestation=digest)
