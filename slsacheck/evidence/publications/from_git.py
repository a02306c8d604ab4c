"""What is used straight from git: bundles that were committed, actions and components without a build."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slsacheck.errors import SlsacheckError
from slsacheck.evidence.pipelines import action
from slsacheck.model import Place, Production, Publication
from slsacheck.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from slsacheck.evidence.tree import Problems, Tree

__all__ = ["used_from_git"]

ACTION = regex(r"(^|/)action\.ya?ml$")
ASIDE = regex(
    r"(^|/)(\.github|test|tests|testdata|fixtures?|examples?|samples?|node_modules|vendor|third_party|docs?|e2e|spec|templates?)/",
    re.IGNORECASE,
)
BUNDLE = regex(r"^(dist|min|build|release|umd)/.+\.(min\.js|js|mjs|cjs|css)$")
TOOLING = frozenset({"build", "release"})
"""Folders that more often hold the scripts which build something than what was built."""
ENTRY = r"""["'](main|module|browser|unpkg|jsdelivr|style|typings|types|exports|\.)["']\s*:\s*\[?\s*["'](\./)?"""
MANIFESTS = ("package.json", "bower.json", "component.json")
MAIN = regex(r"""^\s*main:\s*["']?([^"'\s#]+)""", re.MULTILINE)
BUILDS = ("pyproject.toml", "setup.py", "Cargo.toml", "pom.xml", "build.gradle", "build.gradle.kts", "CMakeLists.txt")
"""What says that a repository builds something; an action beside it is a convenience, not what it publishes."""
MAX_ACTIONS = 200
"""Actions of one repository that are listed; the largest real one has 60."""


def used_from_git(tree: Tree, found: list[Publication], problems: Problems) -> list[Publication]:
    """Committed bundles of JavaScript actions and libraries; actions themselves where nothing else is published."""
    del problems
    actions = list(_actions(tree))
    bundles = [*(_bundle(path, main) for path, main, _ in actions if main), *_library(tree, bool(actions))]
    if bundles or any(publication.applies for publication in found):
        return bundles
    components = [
        _publication("ci-component", name or "action", (Place(path, 1),))
        for path, _, name in actions
        if "/" not in path and not any(tree.exists(build) for build in BUILDS)
    ]
    return [*components, *_components(tree)]


def _publication(kind: str, name: str, at: tuple[Place, ...]) -> Publication:
    return Publication(
        id=f"publication:{kind}:{name}@{at[0].path}#git",
        name=name,
        type=kind,
        channel=None,
        at=at,
        provenance=Production("no"),
        signing=Production("none"),
        sbom=Production("no"),
        applies=False,
        scripted="no",
        platform="git",
    )


def _actions(tree: Tree) -> Iterator[tuple[str, str, str]]:
    """The actions that others use: path, committed main file (empty where it has none), name."""
    paths = [path for path in tree.paths() if ACTION.search(path) and not ASIDE.search(path)]
    for path in paths[:MAX_ACTIONS]:
        known = action(tree, path)
        if known is None:
            continue
        yield path, _main(tree, path) if known.using.startswith("node") else "", known.name


def _main(tree: Tree, path: str) -> str:
    try:
        match = MAIN.search(tree.text(path))
    except SlsacheckError:
        return ""
    if match is None:
        return ""
    folder = path.rpartition("/")[0]
    parts: list[str] = []
    for part in f"{folder}/{match[1]}".split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part not in ("", "."):
            parts.append(part)
    main = "/".join(parts)
    return main if tree.exists(main) else ""


def _bundle(path: str, main: str) -> Publication:
    return _publication(
        "committed-file", f"{main.rpartition('/')[0] or main} of {path}", (Place(path, 1), Place(main, 1))
    )


def _library(tree: Tree, has_actions: bool) -> Iterator[Publication]:
    if has_actions or not any(tree.exists(name) for name in MANIFESTS):
        return
    folders: dict[str, list[str]] = {}
    for path in tree.paths():
        if (match := BUNDLE.match(path)) is not None:
            folders.setdefault(match[1], []).append(path)
    for folder, paths in folders.items():
        if folder in TOOLING and not any(".min." in path for path in paths) and not _entered(tree, folder):
            continue
        best = next((path for path in paths if ".min." in path), paths[0])
        yield _publication("committed-file", f"committed {folder}/", (Place(best, 1),))


def _entered(tree: Tree, folder: str) -> bool:
    """Whether a manifest says that users load a file of that folder."""
    for manifest in MANIFESTS:
        try:
            if tree.exists(manifest) and re.search(f"{ENTRY}{re.escape(folder)}/", tree.text(manifest)):
                return True
        except SlsacheckError:
            continue
    return False


def _components(tree: Tree) -> Iterator[Publication]:
    if tree.exists("pipe.yml"):
        yield _publication("ci-component", "pipe", (Place("pipe.yml", 1),))
    templates = [path for path in tree.paths() if re.match(r"templates/[^/]+(/template)?\.ya?ml$", path)]
    for path in templates[:MAX_ACTIONS]:
        try:
            head = tree.text(path)[:200]
        except SlsacheckError:
            continue
        if re.match(r"(---\s*\n|#.*\n)*spec:", head):
            yield _publication("ci-component", path.split("/")[1].removesuffix(".yml"), (Place(path, 1),))
