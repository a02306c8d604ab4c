"""Each image builder in projects of real shapes, at least two of each: what is published, made by whom, from what."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from slsacheck import catalog
from slsacheck.__main__ import main
from slsacheck.evidence.files import WorkTree
from slsacheck.evidence.pipelines import read_all
from slsacheck.evidence.publications import trace
from slsacheck.evidence.tree import Problems
from slsacheck.model import Publication

PROJECTS = Path(__file__).parents[2] / "projects"
SAMPLES = {  # project: channel, name, provenance, how far it is read, builder, Dockerfile
    "apko-action": ("ghcr.io", "ghcr.io/acme/base", "no", "full", "apko", None),
    "apko-melange-in-make": ("ghcr.io", "ghcr.io/acme/widget", "no", "full", "apko", None),
    "bazel-oci-push": ("ghcr.io", "ghcr.io/acme/widget", "no", "full", "bazel", None),
    "bazel-own-macro": ("ghcr.io", "ghcr.io/acme/headless", "no", "partial", "bazel", None),
    "bazel-rules-docker": ("docker.io", "index.docker.io/acme/server", "no", "full", "bazel", None),
    "buildah-manifest-in-make": ("ghcr.io", "ghcr.io/acme/widget", "no", "full", "buildah", "Dockerfile"),
    "buildah-pod-in-jenkins": ("quay.io", "quay.io/acme/widget", "no", "full", "buildah", "Containerfile"),
    "buildkit-bake": ("ghcr.io", "ghcr.io/acme/widget", "yes", "full", "buildkit", "build/Dockerfile"),
    "buildkit-daemonless-gitlab": ("quay.io", "quay.io/acme/widget", "no", "full", "buildkit", "deploy/Dockerfile"),
    "buildpacks-boot": ("quay.io", "quay.io/acme/widget", "no", "full", "buildpacks", None),
    "buildpacks-load-and-push": ("docker.io", "docker.io/acme/shop", "no", "full", "buildpacks", None),
    "buildpacks-pack": ("ghcr.io", "ghcr.io/acme/widget", "no", "full", "buildpacks", None),
    "dagger-action": ("ghcr.io", "ghcr.io/acme/widget", "unknown", "partial", "dagger", None),
    "dagger-call": ("ghcr.io", "ghcr.io/acme/widget", "unknown", "partial", "dagger", None),
    "docker-images-in-make": ("ghcr.io", "ghcr.io/acme/api", "no", "full", "docker", "api/Dockerfile"),
    "docker-jenkins": ("quay.io", "quay.io/acme/widget", "no", "full", "docker", "images/Dockerfile"),
    "earthly-given-name": ("quay.io", "quay.io/acme/sync", "no", "full", "earthly", None),
    "earthly-targets": ("ghcr.io", "ghcr.io/acme/api", "no", "full", "earthly", None),
    "earthly-switched-by-variable": ("ghcr.io", "ghcr.io/acme/ingress/operator", "no", "full", "earthly", None),
    "img-gitlab": ("docker.io", "docker.io/acme/widget", "no", "full", "img", "docker/Dockerfile"),
    "img-jenkins-pod": ("gcr.io", "gcr.io/acme/widget", "no", "full", "img", "Dockerfile"),
    "jib-gradle": ("quay.io", "quay.io/acme/widget", "no", "full", "jib", None),
    "jib-maven": ("ghcr.io", "ghcr.io/acme/widget", "no", "full", "jib", None),
    "kaniko-gitlab": ("quay.io", "quay.io/acme/widget", "no", "full", "kaniko", "deploy/Dockerfile"),
    "kaniko-jenkins-pod": ("ghcr.io", "ghcr.io/acme/widget", "no", "full", "kaniko", "build.Dockerfile"),
    "ko-repository": ("ghcr.io", "ghcr.io/acme/widget", "no", "full", "ko", None),
    "ko-resolve-in-make": ("quay.io", "quay.io/acme/controller", "no", "full", "ko", None),
    "nix-load-and-push": ("ghcr.io", "ghcr.io/acme/widget", "no", "full", "nix", None),
    "packer-hcl": ("ghcr.io", "ghcr.io/acme/widget", "no", "full", "packer", None),
    "packer-variable-name": ("quay.io", "quay.io/acme/box", "no", "full", "packer", None),
    "s2i-action": ("quay.io", "quay.io/acme/widget", "no", "full", "s2i", None),
    "s2i-as-dockerfile": ("quay.io", "quay.io/acme/model", "no", "full", "buildah", None),
    "s2i-script": ("quay.io", "quay.io/acme/server", "no", "full", "s2i", None),
    "skaffold-buildpacks": ("gcr.io", "gcr.io/acme/shop", "no", "full", "buildpacks", None),
    "skaffold-default-repo": ("ghcr.io", "ghcr.io/acme/widget", "no", "full", "docker", "Dockerfile"),
    "werf-action": ("ghcr.io", "ghcr.io/${{ github.repository }}", "no", "partial", "werf", None),
    "werf-converge": ("ghcr.io", "ghcr.io/acme/widget", "no", "partial", "werf", "Dockerfile"),
    "werf-environment": ("quay.io", "quay.io/acme/widget", "no", "partial", "werf", None),
}
SAID = {  # project: what the tool itself says that it does not understand
    "dagger-action": "Dagger module github.com/acme/dagger-modules@v0.1.5, which is a program",
    "dagger-call": "Dagger module of this repository, which is a program",
    "earthly-given-name": "Earthly target `github.com/acme/tools:main+images` is not understood",
    "werf-action": "werf.yaml, whose templates, stages and names of images are not understood",
    "werf-converge": "werf.yaml, whose templates, stages and names of images are not understood",
    "werf-environment": "werf.yaml, whose templates, stages and names of images are not understood",
}
PER_BUILDER = 2


def read(name: str) -> tuple[list[Publication], Problems]:
    tree, problems = WorkTree(str(PROJECTS / f"builder-{name}")), Problems()
    found = trace(tree, read_all(tree, problems), problems)
    return [one for one in found if one.type == "container-image"], problems


@pytest.mark.parametrize("name", SAMPLES)
def test_the_image_is_found_with_its_builder(name: str) -> None:
    (one,), _ = read(name)
    (build,) = one.image_builds
    read_as = (one.channel, one.name, one.provenance.made, one.read, build.builder, build.dockerfile)
    assert read_as == SAMPLES[name]
    signed = [claim for claim in one.claims if claim.covers != "unknown" and claim.signed]
    assert not signed, "no builder signs provenance by itself"


def test_nix_makes_each_image_that_skopeo_copies() -> None:
    found, _ = read("nix-skopeo")
    assert {(one.channel, one.name, one.image_builds[0].builder) for one in found} == {
        ("quay.io", "quay.io/acme/runner", "nix"),
        ("quay.io", "quay.io/acme/csi", "nix"),
    }


@pytest.mark.parametrize("name", SAID)
def test_what_is_not_understood_is_said(name: str) -> None:
    found, problems = read(name)
    said = [text for one in found for text in one.external] + [item.reason for item in problems.items()]
    assert any(SAID[name] in text for text in said)


def test_each_builder_has_samples() -> None:
    folders = [path.name.removeprefix("builder-") for path in PROJECTS.glob("builder-*")]
    few = {
        builder
        for builder in catalog.image_builders()
        if sum(name.startswith(f"{builder}-") for name in folders) < PER_BUILDER
    }
    assert not few


def test_the_level_is_that_of_what_is_configured(capsys: pytest.CaptureFixture[str]) -> None:
    folders = [str(PROJECTS / f"builder-{name}") for name in SAMPLES]
    main(["scan", "--offline", "--report", "json=-", *folders])
    subjects = json.loads(capsys.readouterr().out)["subjects"]
    found = {
        one["target"].removeprefix("builder-"): one["levels"]["build"]["configured"]
        for one in subjects
        if one["kind"] == "publication"
    }
    levels = {"yes": 1, "no": 0, "unknown": None}
    undecided = {name for name in SAMPLES if name.startswith("werf-")}  # what it makes is not understood
    assert found == {name: None if name in undecided else levels[one[2]] for name, one in SAMPLES.items()}
