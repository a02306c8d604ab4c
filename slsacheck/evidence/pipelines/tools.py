"""Build and release tools, by the files that configure them."""

from __future__ import annotations

import re
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

FILES = (
    ("goreleaser", r"\.?goreleaser[\w.-]*\.ya?ml"),
    ("ko", r"\.ko\.ya?ml"),
    ("make", r"(?:GNU)?[Mm]akefile(?:\.in|\.am)?"),
    ("cmake", r"CMakeLists\.txt"),
    ("meson", r"meson\.build"),
    ("autotools", r"configure(?:\.ac|\.in)?"),
    ("bazel", r"(?:WORKSPACE|MODULE)(?:\.bazel)?"),
    ("buck2", r"\.buckconfig"),
    ("go", r"go\.mod"),
    ("cargo", r"Cargo\.toml"),
    ("cargo-dist", r"dist-workspace\.toml"),
    ("npm", r"package-lock\.json"),
    ("yarn", r"yarn\.lock"),
    ("pnpm", r"pnpm-lock\.yaml"),
    ("maven", r"pom\.xml"),
    ("gradle", r"(?:build|settings)\.gradle(?:\.kts)?"),
    ("sbt", r"build\.sbt"),
    ("python-build", r"pyproject\.toml|setup\.py"),
    ("dotnet", r".*\.(?:csproj|fsproj|sln|slnx)"),
    ("rubygems", r".*\.gemspec"),
    ("docker", r"(?:Docker|Container)file(?:[._-].*)?|.*\.[Dd]ockerfile"),
    ("docker-bake", r"docker-bake\.(?:hcl|json)"),
    ("nix", r"flake\.nix|default\.nix"),
    ("melange", r"\.?melange\.ya?ml"),
    ("apko", r"\.?apko\.ya?ml"),
    ("task", r"Taskfile\.ya?ml"),
    ("just", r"\.?[Jj]ustfile"),
    ("earthly", r"Earthfile"),
    ("snapcraft", r"snapcraft\.ya?ml"),
    ("buildpacks", r"project\.toml"),
    ("jib", r"jib\.ya?ml"),
    ("helm", r"Chart\.yaml"),
    ("habitat", r"plan\.(?:sh|ps1)"),
    ("grunt", r"[Gg]runtfile\.\w+"),
    ("swift", r"Package\.swift"),
    ("mix", r"mix\.exs"),
    ("stack", r"stack\.yaml"),
)
ACTIONS = (
    ("goreleaser", "goreleaser/goreleaser-action"),
    ("docker", "docker/build-push-action"),
    ("docker-bake", "docker/bake-action"),
    ("ko", "ko-build/setup-ko"),
    ("maturin", "PyO3/maturin-action"),
    ("cibuildwheel", "pypa/cibuildwheel"),
    ("python-build", "hynek/build-and-inspect-python-package"),
    ("nix", "cachix/install-nix-action"),
)
PATTERN = re.compile("|".join(f"(?P<t{number}>{shape})" for number, (_, shape) in enumerate(FILES)))


def build_tools(tree: Tree, pipelines: Sequence[Pipeline]) -> tuple[Named, ...]:
    """The build and release tools that the repository is set up for, with where that is seen."""
    found: dict[str, list[Place]] = {}
    for path in tree.paths():
        if path.count("/") > MAX_DEPTH:
            continue
        match = PATTERN.fullmatch(path.rpartition("/")[2])
        if match and match.lastgroup and not foreign(path):
            found.setdefault(FILES[int(match.lastgroup[1:])][0], []).append(Place(path=path, line=1))
    for name, place in _used(pipelines):
        found.setdefault(name, []).append(place)
    return tuple(Named(name, tuple(at[:MAX_PLACES])) for name, at in sorted(found.items()))


def _used(pipelines: Sequence[Pipeline]) -> Iterator[tuple[str, Place]]:
    """The tools whose actions are used, each time with the step."""
    tools = {action.lower(): tool for tool, action in ACTIONS}
    for step in (step for pipeline in pipelines for job in pipeline.jobs for step in job.steps):
        if step.uses and step.uses.name.lower() in tools:
            yield tools[step.uses.name.lower()], step.at
