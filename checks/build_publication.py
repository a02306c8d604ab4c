"""The Build track (v1.x) of a publication: what the build configuration would do."""

from __future__ import annotations

from collections.abc import Iterable

from slsacheck.api import check, configured, not_applicable, unknown
from slsacheck.model import Catalogue, Outcome, Publication, Verdict

from ._atoms import CONTROL, ISOLATED, SIGNATURE, UNFORGEABLE
from ._claims import SHOW_ARTIFACT, best_claim, by_root, provenance

EXISTS = ("build.provenance-exists.digest", "build.provenance-exists.describes", "build.provenance-exists.format")
AUTHENTIC = (*SIGNATURE, *CONTROL)


@check(*EXISTS)
def build_makes_provenance(publication: Publication, catalogue: Catalogue) -> Iterable[Verdict]:
    """The build configuration makes provenance for what it publishes."""
    return [provenance(publication, catalogue, atom) for atom in EXISTS]


@check("build.distribute-provenance")
def channel_carries_provenance(publication: Publication, catalogue: Catalogue) -> Verdict:
    """The provenance goes out with what is published."""
    claim = best_claim(publication, catalogue)
    if claim is None:
        reason = "no provenance was seen that could be handed out"
        return unknown(reason, at=publication.at, external=publication.external, missing=[SHOW_ARTIFACT])
    made = provenance(publication, catalogue, "build.distribute-provenance")
    if made.outcome is not Outcome.CONFIGURED:
        return made
    return configured(f"{claim.mechanism} hands it to those who download", at=claim.at)


@check("build.choose-platform")
def platform_can_reach_the_level(publication: Publication, catalogue: Catalogue) -> Verdict:
    """The configuration builds on a platform that can reach the level."""
    return by_root(publication, catalogue, "build.choose-platform")


@check("build.consistent-process.expectations")
def process_is_defined_in_a_pipeline(publication: Publication) -> Verdict:
    """The build follows a pipeline definition, so that verifiers can form expectations."""
    at = [job.at for job in publication.build_jobs] or list(publication.at)
    if publication.build_jobs or publication.read == "full":
        return configured("the build is defined in the pipeline configuration", at=at)
    return unknown("where it is built could not be read", at=at, external=publication.external, missing=[SHOW_ARTIFACT])


@check("build.consistent-process.ecosystem-config")
def ecosystem_asks_no_build_metadata(publication: Publication) -> Verdict:
    """No package ecosystem asks for build metadata of its own here."""
    return not_applicable(f"{publication.channel or 'this channel'} asks for no build metadata of its own")


@check(*AUTHENTIC)
def configured_provenance_is_authentic(publication: Publication, catalogue: Catalogue) -> Iterable[Verdict]:
    """The platform signs the provenance, and its own control plane makes it."""
    return [by_root(publication, catalogue, atom) for atom in AUTHENTIC]


@check(*UNFORGEABLE)
def configured_provenance_is_unforgeable(publication: Publication, catalogue: Catalogue) -> Iterable[Verdict]:
    """The steps of the build cannot forge the provenance."""
    return [by_root(publication, catalogue, atom) for atom in UNFORGEABLE]


@check("build.hosted.not-workstation")
def build_runs_on_hosted_platform(publication: Publication, catalogue: Catalogue) -> Verdict:
    """The build runs on infrastructure of a platform, not on somebody's workstation."""
    return by_root(publication, catalogue, "build.hosted.not-workstation")


@check(*ISOLATED)
def build_is_isolated(publication: Publication, catalogue: Catalogue) -> Iterable[Verdict]:
    """The build runs apart from other builds and from the platform's secrets."""
    return [by_root(publication, catalogue, atom) for atom in ISOLATED]
