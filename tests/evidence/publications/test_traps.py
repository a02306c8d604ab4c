"""Each trap of real build configurations as a small project: what is found, and how far its claims reach."""

from pathlib import Path

import pytest

from slsacheck.evidence.files import WorkTree
from slsacheck.evidence.hazards import hazards
from slsacheck.evidence.pipelines import read_all
from slsacheck.evidence.publications import external, publishing, trace
from slsacheck.evidence.publications.mechanisms import mechanism
from slsacheck.evidence.tree import Problems
from slsacheck.model import Claim, Publication
from tests.evidence.publications.tracing import publications_of

PROJECTS = Path(__file__).parents[2] / "projects"


def traced(name: str) -> tuple[Publication, ...]:
    return publications_of(PROJECTS / name)


def reach(claim: Claim) -> int | None:
    """How far one claim reaches: None where something outside the repository decides."""
    known = mechanism(claim.mechanism)
    if claim.covers not in ("yes", "unknown"):
        return 0
    if known.external or (claim.covers == "unknown" and claim.external):
        return None
    if claim.covers == "unknown":
        return 0
    shaken = any(atom.startswith("build.") for atom, _ in claim.unknown)
    return 1 if shaken and known.level > 1 else known.level


def level(publication: Publication) -> int | None:
    reached = [reach(claim) for claim in publication.claims]
    known = [one for one in reached if one is not None]
    hidden = len(known) < len(reached) or publication.provenance.made == "unknown"
    best = max(known, default=0)
    return None if hidden and best == 0 else best


def told(name: str) -> list[tuple[str, str | None, int | None]]:
    return sorted(((one.type, one.channel, level(one)) for one in traced(name)), key=str)


CASES: dict[str, list[tuple[str, str | None, int | None]]] = {
    "trap-01-generator-commented-out": [("archive", "github-release", 0)],
    "trap-01-generator-in-use": [("archive", "github-release", 3)],
    "trap-02-container-generator-behind-provenance-false": [("container-image", "ghcr.io", 3)],
    "trap-03-reusable-image-workflow-with-and-without-provenance": [
        ("container-image", "ghcr.io", 0),
        ("container-image", "ghcr.io", 2),
    ],
    "trap-04-sibling-build-does-not-attest": [("archive", "github-release", 2), ("installer", "github-release", 0)],
    "trap-04-attested-for-some-of-the-matrix": [("archive", "github-release", 0), ("archive", "github-release", 2)],
    "trap-13-platforms-by-digest-index-attested": [("container-image", "ghcr.io", 2)],
    "trap-13-goreleaser-index-attested-by-outputs": [
        ("container-image", "ghcr.io", 0),
        ("container-image", "ghcr.io", 3),
    ],
    "trap-05-subjects-leave-out-installers": [("archive", "github-release", 2), ("installer", "github-release", 0)],
    "trap-06-provenance-deleted-before-the-release": [("archive", "github-release", 0)],
    "trap-07-npm-token-beside-attested-archives": [("archive", "github-release", 2), ("npm-package", "npm", 0)],
    "trap-08-artifact-of-another-run": [("archive", "github-release", 0)],
    "trap-10-dispatched-with-a-tag": [("archive", "github-release", 2)],
    "trap-11-publish-does-not-wait-for-provenance": [("python-package", "pypi", 2)],
    "trap-13-only-the-index-is-attested": [("container-image", "ghcr.io", 0), ("container-image", "ghcr.io", 2)],
    "trap-15-two-builders-at-two-levels": [("binary", "github-release", 3), ("container-image", "ghcr.io", 1)],
    "trap-16-attest-without-predicate": [("archive", "github-release", 2)],
    "trap-17-attestation-by-an-input": [("python-package", "pypi", 2)],
    "trap-18-npm-provenance-in-publish-config": [("npm-package", "npm", 2)],
    "trap-19-trusted-publishing-leaves-no-trace": [("npm-package", "npm", None)],
    "trap-19-changesets-packs-in-another-job": [("npm-package", "npm", None)],
    "trap-20-publish-attestation-by-default": [("python-package", "pypi", 0)],
    "trap-21-buildkit-default-and-plain-push": [("container-image", "docker.io", 1), ("container-image", "quay.io", 0)],
    "trap-21-dockers-own-builder": [
        *(("container-image", "ghcr.io", None),) * 2,
        *(("container-image", "ghcr.io", 1),) * 3,
    ],
    "trap-22-reusable-workflow-of-another-organisation": [("container-image", "ghcr.io", None)],
    "trap-23-tekton-type-hints": [("container-image", "ghcr.io", None)],
    "trap-24-observer-of-a-release": [("archive", "github-release", 1), ("metadata", "github-release", 0)],
    "trap-24-observer-provenance": [("container-image", "ghcr.io", 1)],
    "trap-26-cosign-attest-of-an-sbom": [("container-image", "ghcr.io", 0)],
    "trap-27-cloud-build-images": [("container-image", "gcr.io", None)],
    "trap-27-cloud-build-push-inside-a-step": [("container-image", "gcr.io", 0)],
    "trap-28-identity-token-for-a-cloud-only": [("archive", "github-release", 0)],
    "trap-29-comment-above-a-disabled-step": [("archive", "github-release", 0)],
    "trap-30-provenance-as-a-word": [],
    "trap-31-detached-signatures-only": [("archive", "github-release", 0)],
    "trap-32-committed-bundle": [("committed-file", None, 0)],
    "trap-34-self-hosted-build-before-a-generator": [("archive", "github-release", 1)],
    "trap-35-generator-pinned-by-commit": [("archive", "github-release", 0)],
    "trap-35-own-action-and-own-workflow": [("archive", "github-release", 2)],
    "trap-39-melange-package-named-goreleaser": [],
    "trap-09-commits-then-builds-the-new-head": [("archive", "github-release", 2)],
    "trap-12-attested-in-one-environment-only": [("archive", "github-release", 0), ("archive", "github-release", 2)],
    # one digest in two registries: GitHub's attestation is found by the digest, whatever name it has
    "trap-14-attested-in-one-channel-only": [("container-image", "docker.io", 2), ("container-image", "ghcr.io", 2)],
    "trap-25-statement-signed-with-a-demo-key": [("archive", "github-release", 1)],
    "trap-31-signed-again-after-attesting": [("binary", "github-release", 0)],
    "trap-33-image-wraps-a-file-built-elsewhere": [("container-image", "ghcr.io", 1)],
    "trap-36-head-build-through-a-reusable-workflow": [],
    "trap-36-label-only-look-alike": [],
    "trap-37-cache-of-branches-in-a-release": [("archive", "github-release", 0)],
    "trap-38-instructions-in-a-heredoc": [("archive", "github-release", 0)],
    "trap-38-script-from-the-web-in-a-release": [("archive", "github-release", 0)],
    "trap-40-gitlab-anchors-and-attested-artifacts": [("archive", "gitlab-release", 2)],
}


HAZARDS = {
    "trap-09-commits-then-builds-the-new-head": {"mutable-source"},
    "trap-36-head-build-through-a-reusable-workflow": {"pull-request-target-checkout", "inherited-secrets"},
    "trap-36-label-only-look-alike": set(),
    "trap-37-cache-of-branches-in-a-release": {"cache-poisoning"},
    "trap-38-instructions-in-a-heredoc": set(),
    "trap-38-script-from-the-web-in-a-release": {"curl-pipe-shell"},
}
QUIET = {"unpinned-reference", "excessive-permissions", "pull-request-target"}
"""What is said of nearly every small project, in low words."""


@pytest.mark.parametrize("name", sorted(HAZARDS))
def test_a_trap_that_is_a_hazard_is_named(name: str) -> None:
    tree, problems = WorkTree(str(PROJECTS / name)), Problems()
    pipelines = read_all(tree, problems)
    found = hazards(tree, pipelines, trace(tree, pipelines, problems))
    assert {one.rule for one in found} - QUIET == HAZARDS[name]


@pytest.mark.parametrize("name", sorted(CASES))
def test_a_trap_is_seen_through(name: str) -> None:
    assert told(name) == sorted(CASES[name], key=str)


def test_every_trap_project_is_tested() -> None:
    assert {path.name for path in PROJECTS.glob("trap-*")} == set(CASES)


def test_a_publication_says_where_it_is_published_and_attested() -> None:
    (archive,) = traced("trap-01-generator-in-use")
    assert archive.id == "publication:archive:archives@.github/workflows/release.yml#build"
    assert (".github/workflows/release.yml", 13) in {(place.path, place.line) for place in archive.at}
    assert {place.line for place in archive.provenance.at} == {19, 21}
    assert archive.provenance.how == "slsa-github-generator/generator_generic"
    assert [job.id for job in archive.build_jobs] == ["build"]


def test_what_lies_elsewhere_is_named() -> None:
    publications = traced("trap-22-reusable-workflow-of-another-organisation")
    assert external(publications) == ("other-org/workflows/.github/workflows/docker-publish.yml@main",)
    assert publishing(publications) == "outside"


def test_nothing_published_is_said() -> None:
    assert publishing(traced("trap-30-provenance-as-a-word")) == "none-seen"


def test_own_runners_leave_atoms_open() -> None:
    (archive,) = traced("trap-34-self-hosted-build-before-a-generator")
    (claim,) = archive.claims
    assert "build.isolated.ephemeral" in dict(claim.unknown)
    assert "build.hosted.not-workstation" in dict(claim.unknown)
    assert any("runner" in text for text in claim.external)


def test_a_workflow_s_own_attestation_refutes_that_the_key_is_out_of_reach() -> None:
    (archive,) = traced("trap-16-attest-without-predicate")
    (claim,) = archive.claims
    assert [atom for atom, _ in claim.refuted] == ["build.provenance-unforgeable.key-not-in-build"]
    assert claim.root == "github-hosted-actions"


def test_publications_have_different_ids() -> None:
    for name in CASES:
        ids = [publication.id for publication in traced(name)]
        assert len(ids) == len(set(ids))
