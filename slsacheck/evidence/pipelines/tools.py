"""Build and release tools, by the files that configure them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.evidence.pipelines.paths import foreign
from slsacheck.model.places import Place
from slsacheck.model.repository import Named

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from slsacheck.evidence.tree import Tree
    from slsacheck.model.pipeline import Pipeline

__all__ = ["build_tools"]

MAX_DEPTH = 2
"""Folders below the root in which a build file still speaks for the repository."""
MAX_PLACES = 10
"""Places cited for one tool."""

NAMES = {
    ".bazelrc": "bazel",
    ".buckconfig": "buck2",
    ".ko.yaml": "ko",
    "apko.yaml": "apko",
    "build.gradle": "gradle",
    "build.gradle.kts": "gradle",
    "build.sbt": "sbt",
    "cargo.toml": "cargo",
    "chart.yaml": "helm",
    "cmakelists.txt": "cmake",
    "configure": "autotools",
    "configure.ac": "autotools",
    "containerfile": "docker",
    "dagger.json": "dagger",
    "default.nix": "nix",
    "dist-workspace.toml": "cargo-dist",
    "docker-bake.hcl": "docker-bake",
    "docker-bake.json": "docker-bake",
    "dockerfile": "docker",
    "earthfile": "earthly",
    "flake.nix": "nix",
    "gnumakefile": "make",
    "go.mod": "go",
    "gruntfile.js": "grunt",
    "jib.yaml": "jib",
    "justfile": "just",
    "makefile": "make",
    "makefile.am": "make",
    "makefile.in": "make",
    "melange.yaml": "melange",
    "meson.build": "meson",
    "mix.exs": "mix",
    "module.bazel": "bazel",
    "package-lock.json": "npm",
    "package.swift": "swift",
    "plan.ps1": "habitat",
    "plan.sh": "habitat",
    "pnpm-lock.yaml": "pnpm",
    "pom.xml": "maven",
    "project.toml": "buildpacks",
    "pyproject.toml": "python-build",
    "settings.gradle": "gradle",
    "setup.py": "python-build",
    "skaffold.yaml": "skaffold",
    "snapcraft.yaml": "snapcraft",
    "stack.yaml": "stack",
    "taskfile.yaml": "task",
    "taskfile.yml": "task",
    "werf.yaml": "werf",
    "workspace": "bazel",
    "workspace.bazel": "bazel",
    "yarn.lock": "yarn",
}
BEGINNINGS = (
    ("goreleaser", (".goreleaser.", "goreleaser.")),
    ("docker", ("dockerfile.", "dockerfile-", "containerfile.")),
)
ENDINGS = (
    ("dotnet", (".csproj", ".fsproj", ".sln", ".slnx")),
    ("rubygems", (".gemspec",)),
    ("docker", (".dockerfile", ".containerfile")),
    ("packer", (".pkr.hcl", ".pkr.json")),
    ("goreleaser", (".goreleaser.yml", ".goreleaser.yaml")),
)
ACTIONS = {
    "docker/bake-action": "docker-bake",
    "docker/build-push-action": "docker",
    "goreleaser/goreleaser-action": "goreleaser",
    "hynek/build-and-inspect-python-package": "python-build",
    "ko-build/setup-ko": "ko",
    "pyo3/maturin-action": "maturin",
    "pypa/cibuildwheel": "cibuildwheel",
}


def build_tools(tree: Tree, pipelines: Sequence[Pipeline]) -> tuple[Named, ...]:
    """The build and release tools that the repository is set up for, with where that is seen."""
    found: dict[str, list[Place]] = {}
    for path in tree.paths():
        if path.count("/") <= MAX_DEPTH:
            tool = _tool(path.rpartition("/")[2].lower())
            if tool and not foreign(path):
                found.setdefault(tool, []).append(Place(path=path, line=1))
    for tool, place in _used(pipelines):
        found.setdefault(tool, []).append(place)
    return tuple(Named(tool, tuple(at[:MAX_PLACES])) for tool, at in sorted(found.items()))


def _tool(name: str) -> str | None:
    """The tool that a file of that (lower-case) name configures."""
    if name in NAMES:
        return NAMES[name]
    for tool, beginnings in BEGINNINGS:
        if name.startswith(beginnings):
            return tool
    return next((tool for tool, endings in ENDINGS if name.endswith(endings)), None)


def _used(pipelines: Sequence[Pipeline]) -> Iterator[tuple[str, Place]]:
    """The tools whose actions are used, each time with the step."""
    for step in (step for pipeline in pipelines for job in pipeline.jobs for step in job.steps):
        if step.uses and step.uses.name.lower() in ACTIONS:
            yield ACTIONS[step.uses.name.lower()], step.at
