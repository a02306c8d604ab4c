"""A GoReleaser configuration as its readers see it: entries, places, templates, and the files of a release."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slsacheck.evidence.publications.scripts._call import unresolved
from slsacheck.evidence.yaml import MISSING
from slsacheck.model import Place
from slsacheck.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from slsacheck.evidence.publications.scripts._call import Call
    from slsacheck.evidence.yaml import Node

__all__ = ["Settings", "switched_on"]

_ARCHIVE = "{{ .ProjectName }}_{{ .Version }}_{{ .Os }}_{{ .Arch }}"
_ENV = regex(r"\{\{-?\s*(?:\.Env\.(\w+)|envOrDefault\s+\"(\w+)\"\s+\"([^\"]*)\")\s*-?\}\}")
_MAX_TEMPLATE = 1_000  # characters of one template; the longest seen has 400
_PROJECT = regex(r"\{\{-?\s*\.ProjectName\s*-?\}\}")
_SWITCHES = ("disable", "skip_upload", "skip", "skip_publish", "skip_push")
_INSTALLERS = {"dmg": "dmg", "msi": "msi", "nsis": "exe", "pkgs": "pkg", "makeselfs": "run", "msix": "msix"}


class Settings:
    """A configuration with the call that uses it; `skips` is what the call leaves out, `dry`: it publishes nothing."""

    def __init__(self, call: Call, root: Node, skips: frozenset[str], *, dry: bool = False) -> None:
        self.call = call
        self.root = root
        self.skips = skips
        self.dry = dry or "publish" in skips
        self.env = dict(call.context.env)
        for node in root.get("env").each():
            name, equals, value = node.text.partition("=")
            if equals:
                self.env.setdefault(name, value)

    def each(self, section: str) -> Iterator[Node]:
        """The entries of a section that are not switched off."""
        for node in self.root.get(section).each():
            if not any(switched_on(node.get(switch)) for switch in _SWITCHES):
                yield node

    def place(self, section: str, node: Node = MISSING) -> Place:
        chosen = node or self.root.key(section)
        return Place(path=chosen.path, line=chosen.line) if chosen else self.call.at

    def facts(self) -> dict[str, str]:
        return {"via": str(self.call.at), "builds": "yes"}

    def files(self) -> tuple[str, ...]:
        """The files in `dist` that go into a release, as globs."""
        dist = self.root.get("dist").text or "dist"
        names: list[str] = []
        archives = self.root.get("archives")
        for node in archives.each() if archives else (MISSING,):
            names += self._archive(node)
        for node in self.each("nfpms"):
            names += [f"*.{_suffix(item.text)}" for item in node.get("formats").each()]
        names += [f"*.{ending}" for section, ending in _INSTALLERS.items() if self.root.get(section)]
        names += ["*.flatpak"] if self.root.get("flatpak") else []
        if self.root.get("source", "enabled").boolean:
            source = self.root.get("source", "name_template").text or "{{ .ProjectName }}-{{ .Version }}"
            names.append(f"{self.filled(source)}.tar.gz")
        if self.root.get("checksum", "disable").boolean is not True:
            names.append(
                self.filled(
                    self.root.get("checksum", "name_template").text or "{{ .ProjectName }}_{{ .Version }}_checksums.txt"
                )
            )
        found = [f"{dist.rstrip('/')}/{name}" for name in names if name]
        found += [
            node.get("glob").text for node in self.root.get("release", "extra_files").each() if node.get("glob").text
        ]
        return tuple(dict.fromkeys(found))

    def _archive(self, node: Node) -> list[str]:
        """The names of one entry of `archives`."""
        formats = _formats(node)
        stem = " ".join(self.filled(node.get("name_template").text or _ARCHIVE).split())
        stem = re.sub(r"\s*\{\{.*\}\}\s*", "*", stem) if "{{-" in stem or "{{ if" in stem or "{{ else" in stem else stem
        endings = dict.fromkeys(f".{item}" if item != "binary" else "" for item in formats if item != "none")
        return [f"{stem}{ending}" for ending in endings]

    def only_binaries(self) -> bool:
        """Whether every entry of `archives` leaves the programs as they are."""
        return {kind for node in self.root.get("archives").each() for kind in _formats(node)} == {"binary"}

    def filled(self, text: str) -> str:
        """The text with the environment and the project's name put in where they are known."""

        def value(match: re.Match[str]) -> str:
            known = self.env.get(match[1] or match[2])
            return known if known is not None else match[3] if match[3] is not None else match[0]

        text = _ENV.sub(value, text[:_MAX_TEMPLATE])
        project = self.root.get("project_name").text
        return _PROJECT.sub(lambda _: project, text) if project and not unresolved(project) else text


def _formats(node: Node) -> list[str]:
    """The formats of an entry of `archives`, and those that single systems have instead."""
    overrides = [kind for one in node.get("format_overrides").each() for kind in _stated(one)]
    return [*(_stated(node) or ["tar.gz"]), *overrides]


def _stated(node: Node) -> list[str]:
    return [item.text for item in (*node.get("formats").each(), *node.get("format").each())]


def switched_on(node: Node) -> bool:
    """Whether a switch is on for certain; a template may be either."""
    return node.is_scalar and node.text.strip().lower() in ("true", "1", "yes")


def _suffix(kind: str) -> str:
    return {"archlinux": "pkg.tar.zst", "termux.deb": "deb"}.get(kind, kind)
