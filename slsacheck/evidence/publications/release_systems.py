"""Release systems that run elsewhere and leave their orders in the repository: Expeditor, HashiCorp's CRT, Craft."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slsacheck.errors import SlsacheckError
from slsacheck.model import Place
from slsacheck.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from slsacheck.evidence.publications.elsewhere import Hidden
    from slsacheck.evidence.tree import Tree
    from slsacheck.model import Pipeline

__all__ = ["release_systems"]

EXPEDITOR = ".expeditor/config.yml"
BUILT_IN = {  # what Expeditor's built-in actions publish
    "publish_rubygems": ("ruby-gem", "rubygems", "gems"),
    "promote_habitat_packages": ("os-package", "bldr.habitat.sh", "habitat packages"),
    "promote_artifactory_artifact": ("os-package", "packages.chef.io", "packages"),
    "tag_docker_image": ("container-image", "docker.io", "docker image"),
    "promote_docker_images": ("container-image", "docker.io", "docker image"),
}
CRT = ".release/ci.hcl"
PROMOTIONS = (
    (regex(r"promote-production-packaging"), "os-package", "releases.hashicorp.com", "packages"),
    (regex(r"promote-production-docker"), "container-image", "docker.io", "docker image"),
    (regex(r"promote-production\b(?!-)"), "archive", "releases.hashicorp.com", "archives"),
)

CRAFT = (".craft.yml", ".craft.yaml")
TARGETS = {  # what Craft's targets publish (its documentation, "Target configurations")
    "github": (None, "github-release", "archives"),
    "npm": ("npm-package", "npm", "npm package"),
    "pypi": ("python-package", "pypi", "Python packages"),
    "gem": ("ruby-gem", "rubygems", "gems"),
    "crates": ("crate", "crates.io", "crates"),
    "nuget": ("nuget-package", "nuget", "NuGet packages"),
    "maven": ("maven-artifact", "maven-central", "Java archives"),
    "docker": ("container-image", None, "docker image"),
    "gcs": (None, "object-storage", "files"),
    "brew": ("metadata", "homebrew", "homebrew formula"),
    "hex": ("other", "hex.pm", "hex packages"),
    "pub-dev": ("other", "pub.dev", "Dart packages"),
    "cocoapods": ("other", "cocoapods", "pods"),
    "powershell": ("other", "powershellgallery.com", "PowerShell modules"),
    "aws-lambda-layer": ("other", "aws-lambda", "Lambda layers"),
}
MAX_TARGETS = 200
"""Targets of one configuration; the longest seen has 23."""


def release_systems(tree: Tree, pipelines: tuple[Pipeline, ...]) -> Iterator[tuple[str, Hidden]]:
    """The publications that such a system's orders name, with the system's name."""
    yield from _expeditor(tree)
    yield from _crt(tree, pipelines)
    yield from _craft(tree)


def _lines(tree: Tree, path: str) -> list[str]:
    if not tree.exists(path):
        return []
    try:
        return tree.text(path).splitlines()
    except SlsacheckError:
        return []


def _expeditor(tree: Tree) -> Iterator[tuple[str, Hidden]]:
    from slsacheck.evidence.publications.elsewhere import Hidden

    seen: dict[str, list[Place]] = {}
    for number, line in enumerate(_lines(tree, EXPEDITOR), 1):
        match = re.match(r"\s*-\s*built_in:(\w+)", line)
        if match and match[1] in BUILT_IN:
            seen.setdefault(match[1], []).append(Place(EXPEDITOR, number))
        if re.match(r"rubygems:", line):
            seen.setdefault("publish_rubygems", []).append(Place(EXPEDITOR, number))
        if re.match(r"\s*-\s*habitat/build", line):
            seen.setdefault("promote_habitat_packages", []).append(Place(EXPEDITOR, number))
    for path in (".expeditor/build.docker.yml",):
        if tree.exists(path):
            seen.setdefault("tag_docker_image", []).append(Place(path, 1))
    for word, places in seen.items():
        kind, channel, name = BUILT_IN[word]
        yield "expeditor", Hidden(kind, channel, name, tuple(places), f"Expeditor built_in:{word}", provenance="no")


def _crt(tree: Tree, pipelines: tuple[Pipeline, ...]) -> Iterator[tuple[str, Hidden]]:
    from slsacheck.evidence.publications.elsewhere import Hidden

    lines = _lines(tree, CRT)
    repository = next(
        (match[1] for line in lines if (match := re.search(r'repository\s*=\s*"(crt-[\w-]+)"', line))), ""
    )
    if not repository:
        return
    for pattern, kind, channel, name in PROMOTIONS:
        at = [Place(CRT, number) for number, line in enumerate(lines, 1) if "event" in line and pattern.search(line)]
        if at:
            built = tuple(_built(pipelines, kind))
            yield (
                "hashicorp-crt",
                Hidden(kind, channel, name, (*built, *at), f"hashicorp/{repository}", provenance="no"),
            )


def _built(pipelines: tuple[Pipeline, ...], kind: str) -> Iterator[Place]:
    wanted = {"container-image": "actions-docker-build", "os-package": "actions-packaging-linux"}.get(
        kind, "upload-artifact"
    )
    for pipeline in pipelines:
        for job in pipeline.jobs:
            for step in job.steps:
                if step.uses is not None and step.uses.name.endswith(wanted):
                    yield step.uses.at


def _craft(tree: Tree) -> Iterator[tuple[str, Hidden]]:
    """Craft publishes what CI built, from a repository of the organisation that holds the credentials."""
    from slsacheck.evidence.publications.elsewhere import Hidden
    from slsacheck.evidence.publications.images import channel_of_image, image_name
    from slsacheck.evidence.yaml import load

    path = next((name for name in CRAFT if tree.exists(name)), None)
    if path is None:
        return
    try:
        targets = load(tree.text(path), path).get("targets").elements[:MAX_TARGETS]
    except SlsacheckError:
        return
    seen: dict[tuple[str, str | None, str], list[Place]] = {}
    for node in targets:
        name = node.get("name").text
        if name not in TARGETS:
            continue
        kind, channel, label = TARGETS[name]
        told = node.get("target").text or node.get("bucket").text
        if name == "docker" and told:
            channel, label = channel_of_image(told), image_name(told)
        if name == "gcs" and told:
            channel = told
        seen.setdefault((kind or "archive", channel, label), []).append(Place(path, node.line))
    for (kind, channel, label), places in seen.items():
        yield (
            "craft",
            Hidden(kind, channel, label, tuple(places), "Craft, run from the organisation's release repository"),
        )
