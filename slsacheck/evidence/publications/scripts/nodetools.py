"""Release tools of the npm world: lerna, changesets, semantic-release, release-it, nx, and extension stores."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.errors import SlsacheckError
from slsacheck.evidence.publications.acts import Act, ActKind
from slsacheck.evidence.publications.scripts._call import joined_path, option_names
from slsacheck.evidence.publications.scripts._packagejson import read_package
from slsacheck.evidence.publications.scripts.node import PUBLISH_VALUES, npm_act, published_packages
from slsacheck.evidence.yaml import load

if TYPE_CHECKING:
    from slsacheck.evidence.publications.scripts._call import Call

__all__ = ["READERS"]


def _lerna(call: Call) -> list[Act]:
    if call.word(1) != "publish":
        return []
    options = call.options(2, PUBLISH_VALUES)
    if options.on("--skip-npm", "--dry-run"):
        return []
    return published_packages(
        call, call.context.directory, flag=options.flag("--provenance"), registry=options.value("--registry")
    )


def _changeset(call: Call) -> list[Act]:
    return (
        published_packages(call, call.context.directory, flag=None, registry=None)
        if call.word(1) in ("publish", "release")
        else []
    )


def _semantic_release(call: Call) -> list[Act]:
    from slsacheck.evidence.publications.scripts._semanticrelease import acts_of_semantic_release

    return acts_of_semantic_release(call)


def _release_it(call: Call) -> list[Act]:
    """release-it publishes to npm unless `npm.publish` or `npm` is false in its configuration."""
    if "--no-npm" in call.argv or "--no-npm.publish" in call.argv or "--dry-run" in call.argv:
        return []
    directory = call.context.directory
    package = read_package(call.context, directory)
    stated = package.get("release-it", "npm")
    for name in (".release-it.json", ".release-it.yml", ".release-it.yaml"):
        path = joined_path(directory, name)
        if call.context.tree.exists(path):
            try:
                stated = load(call.context.tree.text(path), path).get("npm")
            except SlsacheckError as problem:
                call.context.problems.add(path, problem.message, problem.advice)
    if stated.boolean is False or stated.get("publish").boolean is False or package.get("private").boolean is True:
        return []
    return [npm_act(call, package, directory, flag=None, registry=None)]


def _np(call: Call) -> list[Act]:
    if "--no-publish" in call.argv or "--preview" in call.argv:
        return []
    return [
        npm_act(
            call, read_package(call.context, call.context.directory), call.context.directory, flag=None, registry=None
        )
    ]


def _nx(call: Call) -> list[Act]:
    publishes = call.word(1) == "release" and (call.word(2) == "publish" or "--yes" in call.argv or "-y" in call.argv)
    if not publishes or "--dry-run" in call.argv or "-d" in call.argv or "--skip-publish" in call.argv:
        return []
    return published_packages(call, call.context.directory, flag=None, registry=None)


def _rush(call: Call) -> list[Act]:
    if call.word(1) != "publish" or not ({"--publish", "-p", "--include-all"} & set(call.argv)):
        return []
    return published_packages(call, call.context.directory, flag=None, registry=None)


def _beachball(call: Call) -> list[Act]:
    return (
        published_packages(call, call.context.directory, flag=None, registry=None) if call.word(1) == "publish" else []
    )


def _auto(call: Call) -> list[Act]:
    return (
        published_packages(call, call.context.directory, flag=None, registry=None) if call.word(1) == "shipit" else []
    )


def _vsce(call: Call) -> list[Act]:
    channel = "open-vsx.org" if call.program == "ovsx" else "marketplace.visualstudio.com"
    options = call.options(2, option_names("-p --pat -i --packagePath -t --target --baseContentUrl --baseImagesUrl"))
    what = options.values("-i", "--packagePath") or tuple(word for word in options.words if word.endswith(".vsix"))
    if call.word(1) == "publish":
        return [call.publish("other", channel, None, what, builds="" if what else "yes")]
    return [call.act(ActKind.BUILD, type="other", what=("*.vsix",))] if call.word(1) in ("package", "pack") else []


_ELECTRON_FILES = ("electron-builder.yml", "electron-builder.yaml", "electron-builder.json")
_PROVIDERS = {"github": "github-release", "s3": "object-storage", "spaces": "object-storage", "snapstore": "snapcraft"}


def _electron(call: Call) -> list[Act]:
    """electron-builder publishes where `--publish` says so, and a tag in CI without a word where it has a token."""
    options = call.options(1, frozenset({"-p", "--publish", "-c", "--config", "--projectDir"}))
    built = call.act(ActKind.BUILD, type="installer", what=("dist/*",))
    asked = options.value("-p", "--publish")
    if asked not in ("always", "onTag", "onTagOrDraft") and (asked is not None or not _publishes_tags(call)):
        return [built]
    channels = _electron_channels(call)
    return [built, *(call.publish("installer", channel, None, ("dist/*",), builds="yes") for channel in channels)]


def _publishes_tags(call: Call) -> bool:
    """Whether a token of GitHub is at hand in a workflow that tags start."""
    token = any(name in {*call.context.env, *call.context.secrets} for name in ("GH_TOKEN", "GITHUB_TOKEN"))
    return token and any(
        trigger.tags
        or trigger.event in ("release", "workflow_call")
        or (trigger.event == "push" and not trigger.branches)
        for trigger in call.context.pipeline.triggers
    )


def _electron_channels(call: Call) -> list[str]:
    """Where the providers of its configuration put the installers; GitHub where it names none."""
    directory, tree = call.context.directory, call.context.tree
    stated = [read_package(call.context, directory).get("build")]
    for path in (joined_path(directory, name) for name in _ELECTRON_FILES):
        try:
            stated += [load(tree.text(path).replace("\t", "  "), path)] if tree.exists(path) else []
        except SlsacheckError as problem:
            call.context.problems.add(path, problem.message, problem.advice)
    node = next((one.get("publish") for one in stated if one.key("publish")), None)
    if node is None:
        return ["github-release"]
    names = ((item.get("provider").text or item.text).lower() for item in node.each())
    return list(dict.fromkeys(_PROVIDERS[name] for name in names if name in _PROVIDERS))


_FORGE_FILES = ("forge.config.ts", "forge.config.js", "forge.config.cjs", "forge.config.mjs", "package.json")
_PUBLISHERS = {
    "publisher-github": "github-release",
    "publisher-s3": "object-storage",
    "publisher-gcs": "object-storage",
    "publisher-snapcraft": "snapcraft",
}


def _forge(call: Call) -> list[Act]:
    """`electron-forge publish`: to where its configuration's publishers say."""
    if call.word(1) != "publish" or "--dry-run" in call.argv:
        return [call.act(ActKind.BUILD, type="installer")] if call.word(1) in ("make", "publish") else []
    tree = call.context.tree
    files = [name for name in _FORGE_FILES if tree.exists(name)]
    text = "\n".join(tree.text(name)[:_MAX_FORGE] for name in files)
    channels = dict.fromkeys(channel for word, channel in _PUBLISHERS.items() if word in text)
    return [call.publish("installer", channel, None, ("*",)) for channel in channels or (None,)]


_MAX_FORGE = 200_000
"""Characters of a configuration of electron-forge in which publishers are looked for."""


def _jsr(call: Call) -> list[Act]:
    """JSR makes provenance by itself where it is published to from GitHub Actions; it is the registry's own format."""
    if call.word(1) != "publish" or "--dry-run" in call.argv:
        return []
    return [
        call.act(
            ActKind.PUBLISH,
            type="other",
            channel="jsr.io",
            provenance="unknown" if "--no-provenance" not in call.argv else "no",
        )
    ]


READERS = {
    "lerna": _lerna,
    **dict.fromkeys(("changeset", "changesets"), _changeset),
    "semantic-release": _semantic_release,
    "release-it": _release_it,
    "np": _np,
    "nx": _nx,
    "rush": _rush,
    "beachball": _beachball,
    "auto": _auto,
    **dict.fromkeys(("vsce", "ovsx"), _vsce),
    "electron-builder": _electron,
    "electron-forge": _forge,
    **dict.fromkeys(("jsr", "deno"), _jsr),
}
