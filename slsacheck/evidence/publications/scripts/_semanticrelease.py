"""semantic-release: which plugins its configuration names, and so what it publishes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.errors import SlsacheckError
from slsacheck.evidence.publications.acts import Act, ActKind
from slsacheck.evidence.publications.scripts._call import joined_path
from slsacheck.evidence.publications.scripts._packagejson import read_package
from slsacheck.evidence.yaml import MISSING, load
from slsacheck.model import Place
from slsacheck.patterns import regex

if TYPE_CHECKING:
    from slsacheck.evidence.publications.scripts._call import Call
    from slsacheck.evidence.yaml import Node

__all__ = ["acts_of_semantic_release"]

_FILES = (".releaserc", ".releaserc.json", ".releaserc.yaml", ".releaserc.yml")
_PROGRAMS = (
    "release.config.js",
    "release.config.cjs",
    "release.config.mjs",
    ".releaserc.js",
    ".releaserc.cjs",
    ".releaserc.mjs",
    "release.config.ts",
)
_NAMED = regex(r"""["'](@semantic-release/[\w-]+|[\w@/-]*semantic-release[\w/-]*)["']""")
_DEFAULT = (
    "@semantic-release/commit-analyzer",
    "@semantic-release/release-notes-generator",
    "@semantic-release/npm",
    "@semantic-release/github",
)


def acts_of_semantic_release(call: Call) -> list[Act]:
    """The acts of `semantic-release`: plugins npm, github, gitlab, exec and docker are understood."""
    if {"--dry-run", "-d"} & set(call.argv):
        return []
    directory = call.context.directory
    config = _configuration(call, directory)
    plugins: list[tuple[str, Node, Place | None]] = [(name, MISSING, None) for name in _DEFAULT]
    if config is None:
        plugins = _in_program(call, directory) or plugins
    elif config.get("plugins"):
        plugins = [_plugin(node) for node in config.get("plugins").each()]
    package = read_package(call.context, directory)
    found: list[Act] = []
    for name, options, at in plugins:
        found += _acts(call, name, options, at, package)
    return found


def _configuration(call: Call, directory: str) -> Node | None:
    """The configuration; MISSING where there is none, None where it is a program."""
    tree = call.context.tree
    for name in _FILES:
        path = joined_path(directory, name)
        if tree.exists(path):
            try:
                return load(tree.text(path).replace("\t", "  "), path)
            except SlsacheckError as problem:
                call.context.problems.add(path, problem.message, problem.advice)
                return MISSING
    if any(tree.exists(joined_path(directory, name)) for name in _PROGRAMS):
        return None
    return read_package(call.context, directory).get("release")


def _plugin(node: Node) -> tuple[str, Node, Place | None]:
    if node.is_sequence:
        parts = node.each()
        return (parts[0].text, parts[1] if len(parts) > 1 else MISSING, parts[0].at) if parts else ("", MISSING, None)
    return node.text, MISSING, node.at


def _in_program(call: Call, directory: str) -> list[tuple[str, Node, Place | None]]:
    """The names of plugins in a configuration that is a program: their options are not read."""
    tree = call.context.tree
    for name in _PROGRAMS:
        path = joined_path(directory, name)
        if not tree.exists(path):
            continue
        found: list[tuple[str, Node, Place | None]] = []
        for number, line in enumerate(tree.text(path).split("\n"), 1):
            if not line.lstrip().startswith("//"):
                place = Place(path=path, line=number)
                found += [(match[1], MISSING, place) for match in _NAMED.finditer(line[:2_000])]
        return found
    return []


def _acts(call: Call, name: str, options: Node, at: Place | None, package: Node) -> list[Act]:
    from slsacheck.evidence.publications.scripts.node import npm_act

    if name.endswith("/npm"):
        if package.get("private").boolean is True or options.get("npmPublish").boolean is False:
            return []
        return [npm_act(call, package, call.context.directory, flag=None, registry=None, plugin=str(at or ""))]
    if name in ("@semantic-release/github", "@semantic-release/gitlab"):
        return _forge(call, name, options, at)
    if name == "@semantic-release/exec":
        return _exec(call, options)
    if "docker" in name:
        from slsacheck.evidence.publications.scripts.containers import image_acts

        parts = [options.get(key).text for key in ("dockerRegistry", "dockerProject", "dockerImage")]
        image = "/".join(part for part in parts if part) or options.get("name").text
        return image_acts(call, [image] if image else [], provenance="no", builds="yes")
    return []


def _forge(call: Call, name: str, options: Node, at: Place | None) -> list[Act]:
    """A release; it is a publication only with files."""
    files = [node.get("path").text if node.is_mapping else node.text for node in options.get("assets").each()]
    if not files:
        return []
    channel = "github-release" if name.endswith("github") else "gitlab-release"
    return [call.act(ActKind.PUBLISH, channel=channel, what=tuple(files), provenance="no", plugin=str(at or ""))]


def _exec(call: Call, options: Node) -> list[Act]:
    from slsacheck.evidence.publications.scripts._run import acts_of_script

    found: list[Act] = []
    for key in ("verifyReleaseCmd", "prepareCmd", "publishCmd", "successCmd"):
        node = options.get(key)
        inner = call.context.deeper(f"{node.path}#{key}") if node.is_scalar else None
        if inner is not None:
            found += acts_of_script(node.text, Place(path=node.path, line=node.line), inner)
    return found
