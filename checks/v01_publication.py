"""SLSA v0.1 of a publication: one ladder over source, build, provenance and the common rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from slsacheck.api import check, configured, fail, ok, unknown
from slsacheck.model import BuildInput, Catalogue, GitFacts, Publication, Verdict

from ._claims import SHOW_ARTIFACT, by_root, provenance

ROOTED = (
    "v01.build.build-service",
    "v01.build.build-as-code",
    "v01.build.ephemeral-environment",
    "v01.provenance.authenticated",
    "v01.provenance.service-generated",
    "v01.provenance.non-falsifiable",
    "v01.provenance.identifies-source-code.present",
    "v01.provenance.identifies-source-code.authenticated",
    "v01.provenance.includes-all-params.listed",
)
ISOLATED = (
    "v01.build.isolated.secrets",
    "v01.build.isolated.concurrent",
    "v01.build.isolated.persistence",
)
BY_THE_SERVICE = (
    "v01.build.hermetic.control-plane-fetch",
    "v01.build.hermetic.no-mutable-references",
    "v01.build.hermetic.integrity-verified",
)
CONTENTS = (
    "v01.provenance.identifies-artifact",
    "v01.provenance.identifies-builder",
    "v01.provenance.identifies-build-instructions",
    "v01.provenance.identifies-entry-point",
    "v01.provenance.includes-metadata",
)
COMPLETE = (
    "v01.provenance.dependencies-complete",
    "v01.provenance.identifies-source-code.complete",
    "v01.provenance.includes-all-deps",
    "v01.provenance.includes-reproducible-info",
)


@check("v01.source.version-controlled.required", "v01.source.version-controlled.recommended")
def source_is_version_controlled(publication: Publication, repository: GitFacts) -> Iterable[Verdict]:
    """The source that is built stands in a version control system."""
    atoms = ("v01.source.version-controlled.required", "v01.source.version-controlled.recommended")
    if repository.commit is None:
        reason = "no commit of a version control system was found here"
        return [
            unknown(reason, at=publication.at, atom=atom, missing=["a git checkout of the source"]) for atom in atoms
        ]
    return [ok(f"git holds it, at commit {repository.commit[:12]}", at=repository.at, atom=atom) for atom in atoms]


@check("v01.build.scripted-build")
def release_is_scripted(publication: Publication) -> Verdict:
    """Every step of the build stands in a script."""
    if publication.scripted == "yes":
        at = publication.scripted_at or tuple(job.at for job in publication.build_jobs) or publication.at
        return configured("the pipeline runs the build from a script", at=at)
    if publication.scripted == "no":
        return fail("a step of the release is done by hand", at=publication.at)
    reason = "whether every step is scripted could not be read"
    return unknown(reason, at=publication.at, external=publication.external, missing=[SHOW_ARTIFACT])


@check(*ROOTED)
def platform_gives_v01_provenance(publication: Publication, catalogue: Catalogue) -> Iterable[Verdict]:
    """The build service gives what v0.1 asks of it."""
    return [by_root(publication, catalogue, atom) for atom in ROOTED]


@check(*ISOLATED)
def build_is_isolated_as_v01_asks(publication: Publication, catalogue: Catalogue) -> Iterable[Verdict]:
    """The build service keeps builds apart."""
    return [by_root(publication, catalogue, atom) for atom in ISOLATED]


@check("v01.build.isolated.cache")
def release_uses_no_keyed_cache(publication: Publication, catalogue: Catalogue) -> Verdict:
    """The release reads no cache that is addressed by a key in place of its contents."""
    if publication.caches_at:
        return fail(
            "the release restores a cache that is found by its key, not by its contents", at=publication.caches_at
        )
    return by_root(publication, catalogue, "v01.build.isolated.cache")


@check("v01.provenance.available")
def provenance_is_available(publication: Publication, catalogue: Catalogue) -> Verdict:
    """The provenance is there for those who use what is published."""
    return provenance(publication, catalogue, "v01.provenance.available")


@check(*CONTENTS)
def provenance_has_the_contents(publication: Publication, catalogue: Catalogue) -> Iterable[Verdict]:
    """The provenance names artifact, builder, instructions and entry point."""
    return [provenance(publication, catalogue, atom) for atom in CONTENTS]


@check(*COMPLETE)
def provenance_is_complete(publication: Publication) -> Iterable[Verdict]:
    """The provenance lists everything that went into the build."""
    reason = "only a provenance from a service that is known to list everything could show it"
    return [unknown(reason, at=publication.at, atom=atom, missing=[SHOW_ARTIFACT]) for atom in COMPLETE]


@check("v01.provenance.includes-all-params.empty")
def provenance_has_no_params(publication: Publication) -> Verdict:
    """The build has no parameters, so the provenance lists none."""
    if publication.parameters_at:
        return fail("the release takes parameters from whoever starts it", at=publication.parameters_at)
    return unknown("only the provenance shows whether the list is empty", at=publication.at, missing=[SHOW_ARTIFACT])


@check("v01.build.parameterless")
def release_takes_no_parameters(publication: Publication) -> Verdict:
    """Nobody can change the output by parameters."""
    if publication.parameters_at:
        return fail("the release takes parameters from whoever starts it", at=publication.parameters_at)
    return unknown(
        "variables set outside the repository cannot be seen from it", at=publication.at, missing=[SHOW_ARTIFACT]
    )


@check("v01.build.hermetic.immutable-references", *BY_THE_SERVICE, "v01.build.hermetic.no-network")
def build_is_hermetic(publication: Publication, build_inputs: tuple[BuildInput, ...]) -> Iterable[Verdict]:
    """The build reaches nothing that was not declared beforehand."""
    own = [one for one in build_inputs if one.publication == publication.id]
    return [
        _moving([one for one in own if one.kind == "reference"], publication),
        *[_by_the_service(publication, atom) for atom in BY_THE_SERVICE],
        _downloading([one for one in own if one.kind == "download"], publication),
    ]


def _moving(found: Sequence[BuildInput], publication: Publication) -> Verdict:
    atom = "v01.build.hermetic.immutable-references"
    if not found:
        return _by_the_service(publication, atom)
    names = ", ".join(dict.fromkeys(one.name for one in found[:3]))
    reason = f"the build uses what can change under the same name: {names}"
    return fail(reason, at=[one.at for one in found[:20]], atom=atom)


def _downloading(found: Sequence[BuildInput], publication: Publication) -> Verdict:
    atom = "v01.build.hermetic.no-network"
    if not found:
        return _by_the_service(publication, atom)
    return fail("steps of the build fetch from the network", at=[one.at for one in found[:20]], atom=atom)


def _by_the_service(publication: Publication, atom: str) -> Verdict:
    reason = "only the build service can say that it denied the network and fetched what was declared"
    missing = ["the build service's word that it was hermetic, in verified provenance"]
    return unknown(reason, at=publication.at, atom=atom, missing=missing)


@check("v01.build.reproducible")
def build_is_reproducible(publication: Publication) -> Verdict:
    """A second build of the same inputs gives the same bytes."""
    said = next((build.builder for build in publication.image_builds if build.reproducible == "yes"), "")
    means = f"; {said} is made to give the same bytes each time, as far as its inputs are fixed" if said else ""
    return unknown(f"nobody built it twice here{means}", at=publication.at, missing=["a second build and its digest"])


@check("v01.source.verified-history.first-parent", "v01.source.verified-history.two-step-verification")
def history_is_verified(publication: Publication) -> Iterable[Verdict]:
    """Every change names an authenticated uploader."""
    missing = ["the forge's record of pushes and of two-step verification (--online, or a declaration in --config)"]
    reason = "commit authors are claims; only the forge knows who pushed"
    atoms = ("v01.source.verified-history.first-parent", "v01.source.verified-history.two-step-verification")
    return [unknown(reason, at=publication.at, atom=atom, missing=missing) for atom in atoms]


@check(
    "v01.source.retained-indefinitely.immutable-history",
    "v01.source.retained-indefinitely.limited-retention",
    "v01.source.retained-indefinitely.indefinite-retention",
)
def history_is_retained(publication: Publication, repository: GitFacts) -> Iterable[Verdict]:
    """The history is kept and cannot be changed."""
    missing = ["the forge's rules against force pushes and deletion (--online, or a declaration in --config)"]
    reason = f"a checkout cannot show what {repository.origin or 'the forge'} keeps"
    parts = ("immutable-history", "limited-retention", "indefinite-retention")
    return [
        unknown(reason, at=publication.at, atom=f"v01.source.retained-indefinitely.{part}", missing=missing)
        for part in parts
    ]


@check(
    "v01.source.two-person-reviewed.different-persons",
    "v01.source.two-person-reviewed.informed-review",
    "v01.source.two-person-reviewed.context-specific-approvals",
)
def changes_are_reviewed_by_two(publication: Publication) -> Iterable[Verdict]:
    """Two trusted persons agree to every change."""
    missing = ["the forge's review records and branch rules (--online, or a declaration in --config)"]
    reason = "git does not record who approved a change"
    parts = ("different-persons", "informed-review", "context-specific-approvals")
    return [
        unknown(reason, at=publication.at, atom=f"v01.source.two-person-reviewed.{part}", missing=missing)
        for part in parts
    ]


@check("v01.common.security", "v01.common.access", "v01.common.superusers")
def trusted_systems_are_secured(publication: Publication) -> Iterable[Verdict]:
    """Every system that the build rests on is secured, and few can change it."""
    reason = "only the operators of source and build systems can say so"
    missing = ["a declaration or an audit report (--config)"]
    atoms = ("v01.common.security", "v01.common.access", "v01.common.superusers")
    return [unknown(reason, at=publication.at, atom=atom, missing=missing) for atom in atoms]
