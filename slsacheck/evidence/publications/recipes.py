"""Which Dockerfile a build reads, as facts of its act: paths in the target, the stage and the arguments asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.evidence.publications.imagebuilds import SEPARATOR
from slsacheck.evidence.publications.scripts._call import joined_path
from slsacheck.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterable

    from slsacheck.evidence.tree import Tree

__all__ = ["dockerfiles", "joined", "recipe"]

NAMES = ("Dockerfile", "Containerfile")
MAX_FILES = 30
"""Dockerfiles that one act may read (a matrix of images); the largest real one has 25."""
MAX_ARGUMENTS = 100
ROOT = regex(
    r"^(?:dir://)?(?:\$\{?(?:GITHUB_WORKSPACE|CI_PROJECT_DIR|WORKSPACE|BITBUCKET_CLONE_DIR|PWD|DRONE_WORKSPACE)\}?|"
    r"\$\{\{ *github\.workspace *\}\}|\$\(pwd\)|/workspace|dir://)(?=/|$)/?"
)
REMOTE = regex(r"^(?:https?://|git@|git://|ssh://|s3://|gs://|tar://|-$)")
DEFAULT_CONTEXT = regex(r"^\{\{ *defaultContext *\}\}:?")


def joined(values: Iterable[str]) -> str:
    """Several values in one fact."""
    return SEPARATOR.join(values)


def dockerfiles(tree: Tree, directory: str, files: Iterable[str], contexts: Iterable[str]) -> tuple[str, ...]:
    """The Dockerfiles that exist: each named file from the working directory, else from the context.

    Without a name it is the Dockerfile or Containerfile of the context. Nothing where only a run can tell.
    """
    found: dict[str, None] = {}
    for context in tuple(contexts) or (".",):
        folder = _inside(directory, context)
        for file in tuple(files) or NAMES:
            if file.startswith("**/"):
                found |= dict.fromkeys(_matching(tree, file.removeprefix("**/")))
                continue
            places = [_inside(directory, file)] if tuple(files) else []
            places += [_inside(folder, file)] if folder is not None else []
            path = next((place for place in places if place and tree.exists(place)), None)
            if path is not None:
                found[path] = None
                if not tuple(files):
                    break
    return tuple(found)[:MAX_FILES]


def _matching(tree: Tree, name: str) -> tuple[str, ...]:
    """The first file of a name in any folder, as Azure's Docker task finds it."""
    paths = sorted((path for path in tree.paths() if path == name or path.endswith(f"/{name}")), key=len)
    return tuple(paths[:1])


def _inside(directory: str | None, path: str) -> str | None:
    """A path relative to the target, None for what is elsewhere or only a run can tell."""
    if directory is None or REMOTE.match(path):
        return None
    text = DEFAULT_CONTEXT.sub("", path.strip().strip("\"'"))
    if (root := ROOT.match(text)) is not None:
        directory, text = "", text[root.end() :]
    if "$" in text or "{{" in text or text.startswith("~"):
        return None
    return joined_path(directory, text)


def recipe(
    tree: Tree,
    directory: str,
    *,
    files: Iterable[str] = (),
    contexts: Iterable[str] = (),
    stage: str = "",
    arguments: Iterable[str] = (),
    names: Iterable[str] = (),
) -> dict[str, str]:
    """The facts of an act that builds from a Dockerfile; `arguments` are `NAME=value` words, `names` named contexts."""
    found = dockerfiles(tree, directory, [one for one in files if one], [one for one in contexts if one])
    if not found:
        return {}
    known = [word for word in arguments if "=" in word and "$" not in word and "{{" not in word]
    return {
        "dockerfile": joined(found),
        "stage": stage if "$" not in stage and "{{" not in stage else "",
        "arguments": joined(known[:MAX_ARGUMENTS]),
        "contexts": joined(one.partition("=")[0] for one in names),
    }
