"""Configuration that looks as if it made provenance, and each time the genuine twin: how far the best claim reaches."""

from pathlib import Path

import pytest

from slsacheck.model import Publication
from tests.evidence.publications.tracing import publications_of

PROJECTS = Path(__file__).parents[2] / "projects"


def traced(name: str, origin: str | None = None) -> tuple[Publication, ...]:
    return publications_of(PROJECTS / name, origin)


def best(publication: Publication) -> tuple[str, str]:
    """Where it goes, and how far the best claim covers it."""
    claims = publication.claims
    return publication.channel or "", f"{claims[0].covers}: {claims[0].reason}" if claims else "none"


NAMED = "yes: it names what is published"
CASES: dict[str, list[tuple[str, str]]] = {
    "overclaim-01-hashes-of-a-text": [
        ("github-release", "no: the hashes that are attested are not those of files"),
    ],
    "overclaim-01-hashes-of-other-files": [("github-release", "unknown: the attested files lie in another folder")],
    "overclaim-01-hashes-of-the-published-files": [("github-release", NAMED)],
    "overclaim-02-built-again-after-the-hashes": [
        ("github-release", "partial: files are built again after they were attested: make"),
    ],
    "overclaim-02-published-as-hashed": [("github-release", NAMED)],
    "overclaim-03-changed-by-a-target-after-attesting": [
        ("github-release", "partial: files are changed after they were attested: sed at Makefile:4"),
    ],
    "overclaim-03-edited-after-attesting": [
        ("github-release", "partial: files are changed after they were attested: sed"),
    ],
    "overclaim-04-checksums-of-the-published-files": [("github-release", NAMED)],
    "overclaim-04-nothing-writes-the-checksums": [
        ("github-release", "unknown: nothing is seen to write the file of checksums"),
    ],
    "overclaim-05-arm-that-is-never-taken": [("github-release", "no")],
    "overclaim-05-attested-in-a-fork-only": [("github-release", "none")],
    "overclaim-05-attested-in-the-own-repository": [("github-release", NAMED)],
    "overclaim-06-attested-in-another-folder": [
        ("github-release", "unknown: the attested files lie in another folder"),
    ],
    "overclaim-06-copied-from-the-attested-folder": [("github-release", NAMED)],
    "overclaim-07-docker-driver-by-name": [("ghcr.io", "unknown: the publishing step makes it by itself")],
    "overclaim-07-docker-driver-with-containerd": [("ghcr.io", "yes: the publishing step makes it by itself")],
    "overclaim-08-npm-of-an-old-node": [("npm", "no: the npm of Node.js 16 and before does not know provenance")],
    "overclaim-08-npm-provenance-on-a-hosted-runner": [("npm", "yes: the publishing step makes it by itself")],
    "overclaim-08-npm-provenance-on-an-own-runner": [("npm", "no: npm refuses provenance from runners")],
    "overclaim-08-publish-config-says-no": [("npm", "none")],
    "overclaim-08-private-npm-package": [("npm", "no: package.json says `private`")],
    "overclaim-08-yarn-classic-knows-no-provenance": [("npm", "none")],
    "overclaim-09-builder-at-a-branch": [("github-release", "no: the generator must be used by its full version tag")],
    "overclaim-09-builder-of-today": [("github-release", "yes: ")],
    "overclaim-09-generator-of-today": [("github-release", NAMED)],
    "overclaim-09-retired-generator": [("github-release", "no: this version of the generator cannot sign any more")],
    "overclaim-10-attestation-found-by-digest": [("docker.io", NAMED), ("ghcr.io", NAMED)],
    "overclaim-10-generator-in-one-of-two-registries": [
        ("docker.io", "no: the provenance is put into another registry than this image"),
        ("ghcr.io", NAMED),
    ],
    "overclaim-11-attested-for-some-events": [
        ("ghcr.io", "partial: the step that attests is skipped for some events that publish"),
        ("ghcr.io", NAMED),
    ],
    "overclaim-11-published-where-attested": [("github-release", NAMED)],
    "overclaim-12-digest-from-the-job-that-pushes": [("ghcr.io", NAMED)],
    "overclaim-12-output-of-a-job-not-waited-for": [
        ("github-release", "no: what is attested comes from a job `build` that is not among the `needs:`"),
    ],
    "overclaim-12-output-of-a-called-workflow": [("github-release", NAMED)],
    "overclaim-12-workflow-without-the-output": [("github-release", "no: the workflow that the job `b` calls has no")],
    "overclaim-12-output-of-a-workflow-with-a-job-of-the-same-name": [("ghcr.io", NAMED)],
    "overclaim-12-output-that-is-no-digest": [("ghcr.io", "no: `imageid` of docker/build-push-action is no digest")],
    "overclaim-13-caller-hands-the-token-over": [("github-release", NAMED)],
    "overclaim-13-caller-withholds-the-token": [("github-release", "no: the job has no `id-token: write` permission")],
    "overclaim-13-caller-leaves-the-rights-to-the-settings": [("github-release", NAMED)],
    "overclaim-13-nobody-asks-for-the-token": [("github-release", "no: the job has no `id-token: write` permission")],
    "overclaim-14-artifact-overwritten-by-another-job": [("github-release", "none")],
    "overclaim-15-attested-before-the-download": [
        ("github-release", "partial: files are changed after they were attested: actions/download-artifact"),
    ],
    "overclaim-15-attested-before-the-push": [("ghcr.io", "no: the digest is attested before the image is pushed")],
    "overclaim-16-checksums-left-out-of-the-subjects": [("github-release", NAMED)],
    "overclaim-16-files-left-out-of-the-subjects": [("github-release", "no: the attested files are not")],
    "overclaim-17-builder-with-attestations": [("ghcr.io", "yes: the publishing step makes it by itself")],
    "overclaim-17-builder-without-attestations": [("ghcr.io", "none")],
    "overclaim-18-attested-on-one-system": [
        ("github-release", "partial: the attesting step runs for some of the matrix only"),
        ("github-release", NAMED),
    ],
    "overclaim-19-rebuilt-by-goreleaser": [("github-release", "partial: files are built again after")],
    "overclaim-40-chart-beside-the-release-tools-checksums": [
        ("ghcr.io", "no: the digests that are attested are those of what the release tool makes"),
        ("pypi", "no: the digests that are attested are those of what the release tool makes"),
        ("github-release", NAMED),
    ],
    "overclaim-19-released-by-another-step": [("github-release", NAMED)],
    "overclaim-20-hashes-of-a-matrix-put-together": [("github-release", NAMED)],
    "overclaim-20-one-output-for-a-matrix-of-hashes": [
        ("github-release", "partial: the jobs of a matrix set the same output"),
        ("github-release", NAMED),
    ],
    "overclaim-20-one-output-for-a-matrix-of-images": [
        ("ghcr.io", "unknown: the jobs of a matrix set the same output"),
        ("ghcr.io", "unknown: the jobs of a matrix set the same output"),
    ],
    "overclaim-20-one-output-for-each-of-a-matrix": [("github-release", NAMED)],
    "overclaim-21-index-of-attested-images": [("ghcr.io", "yes: the publishing step makes it by itself")],
    "overclaim-21-plain-manifest-of-attested-images": [("ghcr.io", "none")],
    "overclaim-22-released-from-another-folder": [("github-release", "unknown: the attested files lie in another")],
    "overclaim-22-released-from-the-attested-folder": [("github-release", NAMED)],
    "overclaim-23-gitlab-builds-again-before-the-upload": [("gitlab-release", "partial: files are built again")],
    "overclaim-23-gitlab-job-switches-attesting-off": [("gitlab-release", "none")],
    "overclaim-23-gitlab-uploads-what-is-attested": [("gitlab-release", NAMED)],
    "overclaim-24-dockers-builder-on-a-hosted-runner": [("ghcr.io", "yes: ")],
    "overclaim-24-dockers-builder-on-an-own-runner": [("ghcr.io", "yes: ")],
    "overclaim-25-own-action-with-its-input": [("github-release", NAMED)],
    "overclaim-25-own-action-without-its-input": [("github-release", "unknown: which files are attested")],
    "overclaim-26-digest-of-a-build-that-is-not-pushed": [("ghcr.io", "unknown: the digest that is attested is that")],
    "overclaim-27-digest-of-another-image": [
        ("ghcr.io", "no: the digest that is attested is that of ghcr.io/acme/base")
    ],
    "overclaim-27-digest-of-the-image-asked-for": [("ghcr.io", NAMED)],
    "overclaim-28-container-of-which-nothing-is-known": [
        ("github-release", "unknown: a program that is not read is given the files after they were attested"),
    ],
    "overclaim-28-stripped-in-a-container": [
        ("github-release", "partial: files are changed after they were attested: strip"),
    ],
    "overclaim-28-tried-in-a-container": [("github-release", NAMED)],
    "overclaim-29-built-from-what-was-fetched": [("github-release", NAMED)],
    "overclaim-29-fetched-and-attested": [
        ("github-release", "unknown: files are attested that were fetched"),
    ],
    "overclaim-29-fetched-by-the-job-that-hashes": [
        ("github-release", "unknown: files are attested that were fetched"),
    ],
    "overclaim-30-digest-from-the-file-of-another-build": [
        ("ghcr.io", "no: the digest that is attested is that of ghcr.io/acme/helper:v1"),
    ],
    "overclaim-30-digest-from-the-file-of-the-build": [("ghcr.io", NAMED)],
    "overclaim-30-id-in-place-of-the-digest": [("ghcr.io", "no: what is attested is the id of an image")],
    "overclaim-31-released-after-a-failure": [("github-release", "unknown: it is published only where something")],
    "overclaim-31-released-after-a-success": [("github-release", NAMED)],
    "overclaim-32-uploaded-in-another-working-directory": [
        ("github-release", "unknown: the attested files lie in another folder"),
    ],
    "overclaim-32-uploaded-in-the-root": [("github-release", NAMED)],
    "overclaim-33-chart-as-attested": [("ghcr.io", NAMED)],
    "overclaim-33-chart-packed-again": [("ghcr.io", "partial: files are changed after they were attested: helm")],
    "overclaim-41-chart-attested-by-its-own-digest": [("ghcr.io", NAMED)],
    "overclaim-41-chart-beside-an-attested-digest": [("ghcr.io", "none"), ("ghcr.io", NAMED)],
    "overclaim-41-two-charts-and-one-digest": [
        ("ghcr.io", "unknown: its step publishes several things and sets one digest"),
        ("ghcr.io", "unknown: its step publishes several things and sets one digest"),
    ],
    "overclaim-42-attested-by-another-name": [("pypi", "partial: the attested files are only some of those")],
    "overclaim-42-attested-by-the-name-of-one-of-two": [("pypi", "partial: the attested files are only some of those")],
    "overclaim-42-attested-by-the-project-s-name": [("pypi", NAMED)],
    "overclaim-43-image-digests-told-by-another-workflow": [
        ("docker.io", "unknown: whether provenance is made is decided elsewhere"),
        ("ghcr.io", "unknown: whether provenance is made is decided elsewhere"),
        ("github-release", "unknown: whether provenance is made is decided elsewhere"),
    ],
    "overclaim-44-attested-where-another-step-says-so": [
        ("ghcr.io", "unknown: whether the step that attests runs is decided by `steps.choose"),
    ],
    "overclaim-44-attested-where-the-push-says-so": [("ghcr.io", NAMED)],
    "overclaim-34-attested-where-only-a-run-can-tell": [
        ("github-release", "unknown: whether the step that attests runs is decided by `hashFiles("),
    ],
    "overclaim-34-published-under-the-same-condition": [("github-release", NAMED)],
    "overclaim-35-checked-out-again-after-attesting": [
        ("github-release", "partial: files are changed after they were attested: actions/checkout"),
    ],
    "overclaim-35-tools-checked-out-beside": [("github-release", NAMED)],
    "overclaim-36-hashes-of-some-files": [("github-release", "unknown: how the hashes are made cannot be read")],
    "overclaim-36-hashes-that-are-committed": [("github-release", "unknown: how the hashes are made cannot be read")],
    "overclaim-36-stripped-before-the-hashes-of-one-script": [("github-release", NAMED)],
    "overclaim-36-stripped-behind-the-hashes-of-one-script": [
        ("github-release", "partial: files are changed after they were attested: strip"),
    ],
    "overclaim-37-built-again-by-what-publishes": [("github-release", "partial: files are built again after")],
    "overclaim-37-exported-over-the-attested-files": [
        ("github-release", "partial: files are changed after they were attested: docker"),
    ],
    "overclaim-37-image-loaded-beside": [("github-release", NAMED)],
    "overclaim-38-every-row-of-a-matrix-with-the-switch": [("github-release", NAMED)],
    "overclaim-38-row-of-a-matrix-without-the-switch": [
        ("github-release", "partial: the attesting step runs for some of the matrix only"),
        ("github-release", NAMED),
    ],
    "overclaim-39-attested-out-of-a-cache": [("github-release", "unknown: files are attested that were fetched")],
    "overclaim-39-built-with-a-cache": [("github-release", NAMED)],
    "overclaim-42-generator-of-a-branch": [("github-release", "no: the generator attaches provenance to the release")],
    "overclaim-42-generator-of-a-branch-with-a-tag-name": [("github-release", NAMED)],
    "overclaim-43-contents-of-packages-attested": [("nuget", "unknown: the attested files lie in another folder")],
    "overclaim-43-packages-attested": [("nuget", NAMED)],
}


@pytest.mark.parametrize("name", sorted(CASES))
def test_the_best_claim_reaches_no_further_than_it_should(name: str) -> None:
    found = sorted(best(one) for one in traced(name, "acme/app"))
    assert [channel for channel, _ in found] == [channel for channel, _ in sorted(CASES[name])]
    for (_, told), (_, wanted) in zip(found, sorted(CASES[name]), strict=True):
        assert told.startswith(wanted)


def test_where_the_repository_s_name_is_not_known_it_stays_open() -> None:
    (found,) = traced("overclaim-05-attested-in-the-own-repository")
    assert best(found) == (
        "github-release",
        "unknown: whether the step that attests runs is decided by github.repository",
    )


def test_nothing_is_called_by_the_origin_s_name() -> None:
    found = [one for project in CASES for one in traced(project, "example/another-name")]
    assert not [one.id for one in found if "another-name" in one.id]


def test_a_builder_that_is_sent_to_an_own_runner_leaves_its_machine_open() -> None:
    (own,) = traced("overclaim-24-dockers-builder-on-an-own-runner")
    (hosted,) = traced("overclaim-24-dockers-builder-on-a-hosted-runner")
    assert "build.hosted.not-workstation" in dict(own.claims[0].unknown)
    assert own.external == ("runner fleet self-hosted",)
    assert hosted.claims[0].unknown == ()


def test_every_such_project_is_tested() -> None:
    assert {path.name for path in PROJECTS.glob("overclaim-*")} == set(CASES)
