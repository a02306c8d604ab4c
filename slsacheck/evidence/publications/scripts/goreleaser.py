"""GoReleaser: what `goreleaser release` makes of .goreleaser.yaml."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slsacheck.errors import SlsacheckError
from slsacheck.evidence.publications.acts import Act, ActKind
from slsacheck.evidence.publications.scripts._call import joined_path, option_names, unresolved
from slsacheck.evidence.publications.scripts._goreleaser import Config
from slsacheck.evidence.yaml import MISSING, load

if TYPE_CHECKING:
    from slsacheck.evidence.publications.scripts._call import Call
    from slsacheck.evidence.yaml import Node

__all__ = ["PLACES", "READERS", "find_configuration"]

_VALUES = option_names(
    "-f --config -p --parallelism --release-notes --release-header --release-footer --skip --timeout --id "
    "--release-notes-tmpl --key -o --output --single-target="
)
PLACES = (
    ".config/goreleaser.yml",
    ".config/goreleaser.yaml",
    ".goreleaser.yml",
    ".goreleaser.yaml",
    "goreleaser.yml",
    "goreleaser.yaml",
)
_OWN_KEYS = option_names(
    "builds archives release nfpms dockers dockers_v2 kos checksum signs brews before changelog snapshot "
    "project_name env gomod version docker_manifests docker_signs sboms homebrew_casks dist source "
    "universal_binaries includes"
)
_VERBS = option_names(
    "release r build b publish continue check healthcheck init announce changelog verify completion jsonschema "
    "mcp man help"
)


def find_configuration(call: Call, named: str | None) -> Node | None:
    """The configuration that GoReleaser takes: MISSING where there is none (its defaults hold), None if unreadable."""
    tree = call.context.tree
    paths = [
        joined_path(call.context.directory, name) for name in ((named,) if named and not unresolved(named) else PLACES)
    ]
    for path in paths:
        if not tree.exists(path):
            continue
        try:
            root = load(tree.text(path), path)
        except SlsacheckError as problem:
            call.context.problems.add(path, problem.message, problem.advice)
            return None
        if _OWN_KEYS & set(root.table()) and not (root.get("package") and root.get("pipeline")):
            return root
    return MISSING


def _goreleaser(call: Call) -> list[Act]:
    verb = call.word(1) if call.word(1) in _VERBS else "release"
    if verb in ("build", "b"):
        return [call.act(ActKind.BUILD, type="binary", what=("dist/*",))]
    if verb not in ("release", "r", "publish", "continue"):
        return []
    options = call.options(2 if call.word(1) == verb else 1, _VALUES)
    skips = {part.strip() for value in options.values("--skip") for part in value.split(",")}
    skips |= {
        name.removeprefix("--skip-")
        for option in options.found
        if (name := option.name).startswith("--skip-") and options.flag(name) == "yes"
    }
    if options.flag("--snapshot") == "yes":
        skips.add("publish")
    if options.on("--help", "-h", "--version"):
        return []
    root = find_configuration(call, options.value("-f", "--config"))
    if root is None:
        root = MISSING
    return Config(
        call,
        root,
        frozenset(re.sub(r"^publish(ing)?$", "publish", skip) for skip in skips),
        dry=bool({"--prepare", "--split"} & set(call.argv)),
    ).acts()


READERS = {"goreleaser": _goreleaser}
