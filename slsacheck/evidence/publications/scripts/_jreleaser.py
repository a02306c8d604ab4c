"""jreleaser.yml: what JReleaser releases, uploads, deploys and packages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.errors import SlsacheckError
from slsacheck.evidence.publications.acts import Act, ActKind
from slsacheck.evidence.publications.scripts._call import joined_path
from slsacheck.evidence.yaml import MISSING, load

if TYPE_CHECKING:
    from slsacheck.evidence.publications.scripts._call import Call
    from slsacheck.evidence.yaml import Node

__all__ = ["acts_of_jreleaser"]

_PACKAGERS = {
    "brew": "homebrew",
    "chocolatey": "chocolatey",
    "snap": "snapcraft",
    "flatpak": "flathub",
    **{name: name for name in ("scoop", "sdkman", "winget", "macports", "asdf")},
}
_OFF = {"NEVER", "DISABLED"}


def acts_of_jreleaser(call: Call, step: str) -> list[Act]:
    """The acts of a JReleaser step (`release`, `fullrelease`, `deploy`, `publish`, `sign`)."""
    config = _configuration(call)
    found: list[Act] = []
    if step in ("deploy", "fullrelease") and (config.get("deploy", "maven") or not config):
        found.append(call.publish("maven-artifact", "maven-central"))
    if step in ("release", "fullrelease", "autoconfigrelease"):
        what = _files(config) or ("*",)
        found.append(call.publish(None, "github-release", None, what))
        if config.get("signing") and _active(config.get("signing")):
            mode = config.get("signing", "mode").text.upper()
            found.append(call.act(ActKind.SIGN, signing="keyless" if mode == "COSIGN" else "key"))
    if step in ("publish", "fullrelease"):
        found += _packaged(call, config)
    return found


def _files(config: Node) -> tuple[str, ...]:
    """The globs of `files` and the artifacts of `distributions`."""
    listed = [*config.get("files", "globs").each(), *config.get("files", "artifacts").each()]
    for _, distribution in config.get("distributions").table().values():
        listed += distribution.get("artifacts").each()
    named = [node.get("pattern").text or node.get("path").text or node.text for node in listed]
    return tuple(name for name in named if name)


def _active(node: Node) -> bool:
    return node.get("active").text.upper() not in _OFF and node.get("enabled").boolean is not False


def _packaged(call: Call, config: Node) -> list[Act]:
    found: list[Act] = []
    for name, node in config.get("packagers").items():
        channel = _PACKAGERS.get(name)
        if channel is not None and node.get("active") and _active(node):
            found.append(call.publish("metadata", channel, at=node.at))
    return found


def _configuration(call: Call) -> Node:
    for name in ("jreleaser.yml", "jreleaser.yaml", ".jreleaser.yml", "jreleaser.json"):
        path = joined_path(call.context.directory, name)
        if call.context.tree.exists(path):
            try:
                return load(call.context.tree.text(path), path)
            except SlsacheckError as problem:
                call.context.problems.add(path, problem.message, problem.advice)
    return MISSING
