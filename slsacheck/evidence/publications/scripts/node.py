"""npm, pnpm, yarn and the release tools of that world."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from slsacheck.errors import SlsacheckError
from slsacheck.evidence.publications.acts import Act, ActKind
from slsacheck.evidence.publications.hints import may_be_trusted
from slsacheck.evidence.publications.scripts._call import Options, false_word, joined_path, option_names, unresolved
from slsacheck.evidence.publications.scripts._packagejson import packages_below, read_package, run_script
from slsacheck.evidence.publications.scripts.indirect import called_from, follow_file
from slsacheck.model import Place

if TYPE_CHECKING:
    from slsacheck.evidence.publications.scripts._call import Call
    from slsacheck.evidence.yaml import Node

__all__ = ["PUBLISH_VALUES", "READERS", "npm_act", "npm_provenance", "published_packages"]

PUBLISH_VALUES = option_names(
    "--tag --access --registry --otp -w --workspace --prefix -C --dir --filter -F --userconfig --publish-branch "
    "--report-summary= --cwd --new-version --auth-type --cwd --directory --loglevel --provenance-file --git-head "
    "--dist-tag --pre-dist-tag --concurrency --preid --message -m --scope --ignore --since --yes= --temp-dir "
    "--contents --graph-type --throttle-size --from-package="
)
_RUNS = {"run", "run-script", "rum", "urn"}
_BUILTIN = option_names(
    "install i ci add remove test t tst start publish pack version exec x dlx init create link unlink audit "
    "outdated update up login logout whoami config cache dedupe list ls why info view set node workspaces import "
    "env store prune rebuild help import fetch patch patch-commit licenses deploy server setup self-update "
    "corepack npm plugin constraints explain search up upgrade doctor"
)
_SWITCHES = (
    "NPM_CONFIG_PROVENANCE",
    "npm_config_provenance",
    "YARN_NPM_PUBLISH_PROVENANCE",
    "PNPM_CONFIG_PROVENANCE",
)
_MAX_PACKAGES = 60
"""Packages of a workspace that become publications of their own; more are told together."""
_EXTERNAL = (
    "the package's page at the npm registry: trusted publishing makes provenance without a word in the configuration"
)


def npm_provenance(call: Call, flag: str | None, package: Node, directory: str) -> tuple[str, Place | None]:
    """Whether publishing a package makes npm provenance (yes, no, unknown), and where that is said."""
    if flag is not None:
        return {"yes": "yes", "no": "no"}.get(flag, "unknown"), None
    stated = package.get("publishConfig", "provenance")
    if stated:
        return ("no" if stated.boolean is False else "yes"), Place(path=stated.path, line=stated.line)
    value = next((value for name in _SWITCHES if (value := call.env(name))), None)
    if value is not None:
        return ("unknown" if unresolved(value) else "no" if false_word(value) else "yes"), None
    written = _npmrc(call, directory)
    if written is not None:
        return written
    return ("unknown" if may_be_trusted(call.context) else "no"), None


def _npmrc(call: Call, directory: str) -> tuple[str, Place] | None:
    """What .npmrc or .yarnrc.yml says, the folder's own before the root's."""
    for folder in dict.fromkeys((directory, call.context.directory, "")):
        for name, pattern in (
            (".npmrc", r"^\s*provenance\s*=\s*(\S+)"),
            (".yarnrc.yml", r"^npmPublishProvenance:\s*(\S+)"),
        ):
            path = joined_path(folder, name)
            if not call.context.tree.exists(path):
                continue
            try:
                text = call.context.tree.text(path)
            except SlsacheckError:
                continue
            for number, line in enumerate(text.split("\n"), 1):
                if (match := re.match(pattern, line)) is not None:
                    return ("no" if false_word(match[1]) else "yes"), Place(path=path, line=number)
    return None


def npm_act(
    call: Call,
    package: Node,
    directory: str,
    *,
    flag: str | None,
    registry: str | None,
    at: Place | None = None,
    what: tuple[str, ...] = (),
    **facts: str,
) -> Act:
    """The publication of one package."""
    channel = _channel(call, registry or package.get("publishConfig", "registry").text or None)
    asked = channel == "npm" or (flag is not None and channel is None)
    makes, said = npm_provenance(call, flag, package, directory) if asked and _signs(call) else ("no", None)
    if said is not None:
        facts["provenance_at"] = str(said)
        if said.path == (at or call.at).path:
            facts["provenance_line"] = str(said.line)
    if package.get("private").boolean is True and not _made_public(call):
        facts["private"] = "yes"
    return call.act(
        ActKind.PUBLISH,
        type="npm-package",
        channel=channel,
        name=package.get("name").text or None,
        what=what,
        at=at,
        provenance=makes,
        root="npm-provenance" if makes in ("yes", "unknown") else None,
        external=(_EXTERNAL,) if makes == "unknown" and flag is None and not any(map(call.env, _SWITCHES)) else (),
        builds="" if what else "yes",
        facts=facts,
    )


def _signs(call: Call) -> bool:
    """Whether the program can make provenance: Yarn's first generation and Bun cannot, whatever is configured."""
    return call.program != "bun" and not (call.program == "yarn" and call.word(1) == "publish")


def _made_public(call: Call) -> bool:
    """Whether a step of the job speaks of `private`, which may be taken away before the package is published."""
    return any(step.script is not None and "private" in step.script for step in call.context.job.steps)


def _channel(call: Call, registry: str | None) -> str | None:
    """npm, or the host of another registry."""
    registry = registry or call.env("NPM_CONFIG_REGISTRY") or call.env("npm_config_registry")
    if not registry:
        return "npm"
    if unresolved(registry.partition("//")[2].split("/")[0] or registry):
        return None
    from urllib.parse import urlsplit

    host = urlsplit(registry if "://" in registry else f"https://{registry}").hostname
    return "npm" if host in ("registry.npmjs.org", "registry.yarnpkg.com", "registry.npmjs.com") else host


def published_packages(
    call: Call, directory: str, *, flag: str | None, registry: str | None, at: Place | None = None
) -> list[Act]:
    """The publications of all packages of a workspace that are not private."""
    packages = packages_below(call.context, directory)[:_MAX_PACKAGES]
    acts = [npm_act(call, node, node.path.rpartition("/")[0], flag=flag, registry=registry, at=at) for node in packages]
    root = read_package(call.context, directory)
    return acts or [npm_act(call, root, directory, flag=flag, registry=registry, at=at)]


def _npm(call: Call) -> list[Act]:
    index = 1
    before: list[str] = []
    while call.word(index).startswith("-"):
        step = 2 if call.word(index) in PUBLISH_VALUES else 1
        before += call.argv[index : index + step]
        index += step
    word = call.word(index)
    options = Options(call, index + 1, PUBLISH_VALUES)
    directory = _directory(call, before, options)
    if word == "publish" or (word == "npm" and call.word(index + 1) == "publish"):
        return _publish(call, options, directory, before)
    if word in ("workspace", "workspaces"):
        return _workspace(call, index + 1, directory)
    if word in _RUNS or (word and word not in _BUILTIN and call.program != "npm"):
        return _run(call, index + (word in _RUNS), directory, before)
    if word in ("test", "start"):
        return []
    if word == "pack":
        return [] if options.on("--dry-run") else [call.act(ActKind.BUILD, type="npm-package", what=("*.tgz",))]
    if word == "version":
        return called_from(call, [*run_script(call, "postversion", directory)])
    return []


def _directory(call: Call, before: list[str], options: Options) -> str:
    words = [*before]
    for option in options.all("--prefix", "-C", "--dir", "--cwd"):
        words += [option.name, option.value or ""]
    for name, value in pairwise(words):
        if name in ("--prefix", "-C", "--dir", "--cwd") and value and not unresolved(value):
            return joined_path(call.context.directory, value)
    return call.context.directory


def _publish(call: Call, options: Options, directory: str, before: list[str]) -> list[Act]:
    if options.flag("--dry-run", "-n") == "yes":
        return []
    flag, registry = options.flag("--provenance"), options.value("--registry")
    flag = "no" if options.on("--no-provenance") else flag
    several = options.on("-r", "--recursive", "--workspaces", "-ws", "-w") or {
        "-r",
        "--recursive",
        "--filter",
        "-F",
    } & set(before)
    words = [word for word in options.words if word != "publish"]
    if several and not words:
        return published_packages(call, directory, flag=flag, registry=registry)
    if not words:
        return [npm_act(call, read_package(call.context, directory), directory, flag=flag, registry=registry)]
    return [_given(call, word, directory, flag, registry) for word in words[:1]]


def _given(call: Call, word: str, directory: str, flag: str | None, registry: str | None) -> Act:
    """`npm publish FOLDER` or `npm publish FILE.tgz`."""
    folder = joined_path(directory, word)
    if not unresolved(word) and not word.endswith((".tgz", ".tar.gz")):
        package = read_package(call.context, folder)
        if package:
            return npm_act(call, package, folder, flag=flag, registry=registry)
    unnamed = read_package(call.context, "\0")
    packed = read_package(call.context, directory) if word.endswith((".tgz", ".tar.gz")) else unnamed
    return npm_act(
        call,
        packed if packed.get("private").boolean is not True else unnamed,
        directory,
        flag=flag,
        registry=registry,
        what=(word,),
    )


def _workspace(call: Call, index: int, directory: str) -> list[Act]:
    """`yarn workspace NAME command` and `yarn workspaces foreach … npm publish`."""
    words = call.argv[index:]
    if "publish" in words:
        if "--dry-run" in words or "-n" in words:
            return []
        flag = "yes" if "--provenance" in words else None
        return published_packages(call, directory, flag=flag, registry=None)
    if call.argv[index - 1] != "workspace" or len(words) < 2:  # noqa: PLR2004 - a name and a script
        return []
    name = words[1] if words[1] != "run" else call.word(index + 2)
    for node in packages_below(call.context, directory):
        if node.get("name").text == words[0]:
            return called_from(call, run_script(call, name, node.path.rpartition("/")[0]))
    return []


def _run(call: Call, index: int, directory: str, before: list[str]) -> list[Act]:
    name = call.word(index)
    more = call.argv[index + 1 :]
    arguments = tuple(word for word in (more[more.index("--") + 1 :] if "--" in more else more))
    found = run_script(call, name, directory, arguments)
    filters = [value for key, value in pairwise(before) if key in ("--filter", "-F", "-w", "--workspace")]
    if not found and (filters or "-r" in before):
        for node in packages_below(call.context, directory):
            if not filters or any(
                value.strip("./") in (node.get("name").text, node.path.rpartition("/")[0]) for value in filters
            ):
                found += run_script(call, name, node.path.rpartition("/")[0], arguments)
    return called_from(call, found)


def _bun(call: Call) -> list[Act]:
    return follow_file(call, call.word(1), ()) if call.word(1).endswith((".ts", ".js")) else _npm(call)


READERS = {
    **dict.fromkeys(("npm", "pnpm", "yarn"), _npm),
    "bun": _bun,
}
