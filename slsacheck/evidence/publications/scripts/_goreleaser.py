"""The sections of a GoReleaser configuration, each as acts with the line on which it stands."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from slsacheck.evidence.publications.acts import Act, ActKind
from slsacheck.evidence.publications.images import channel_of_image, image_name
from slsacheck.evidence.publications.scripts._call import false_word, unresolved
from slsacheck.evidence.publications.scripts.containers import local_registry
from slsacheck.evidence.yaml import MISSING
from slsacheck.model import Place
from slsacheck.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from slsacheck.evidence.publications.scripts._call import Call
    from slsacheck.evidence.yaml import Node

__all__ = ["Config"]

_ARCHIVE = "{{ .ProjectName }}_{{ .Version }}_{{ .Os }}_{{ .Arch }}"
_ENV = regex(r"\{\{-?\s*(?:\.Env\.(\w+)|envOrDefault\s+\"(\w+)\"\s+\"([^\"]*)\")\s*-?\}\}")
_MAX_TEMPLATE = 1_000  # characters of one template; the longest seen has 400
_PROJECT = regex(r"\{\{-?\s*\.ProjectName\s*-?\}\}")
_STORES = {  # section: type, channel, the word that --skip uses
    "brews": ("metadata", "homebrew", "homebrew"),
    "homebrew_casks": ("metadata", "homebrew", "homebrew"),
    "scoops": ("metadata", "scoop", "scoop"),
    "scoop": ("metadata", "scoop", "scoop"),
    "winget": ("metadata", "winget", "winget"),
    "aurs": ("metadata", "aur", "aur"),
    "aur_sources": ("metadata", "aur", "aur-source"),
    "krews": ("metadata", "krew", "krew"),
    "nix": ("metadata", "nixpkgs", "nix"),
    "chocolateys": ("nuget-package", "chocolatey", "chocolatey"),
    "npms": ("npm-package", "npm", "npm"),
    "gemfury": ("os-package", "fury.io", "fury"),
    "furies": ("os-package", "fury.io", "fury"),
    "cloudsmiths": ("os-package", "cloudsmith", "cloudsmith"),
}
_SWITCHES = ("disable", "skip_upload", "skip", "skip_publish", "skip_push")
_INSTALLERS = {"dmg": "dmg", "msi": "msi", "nsis": "exe", "pkgs": "pkg", "makeselfs": "run", "msix": "msix"}


class Config:
    """A configuration with the call that uses it; `skips` are the parts that the call leaves out."""

    def __init__(self, call: Call, root: Node, skips: frozenset[str], *, dry: bool = False) -> None:
        self._call = call
        self._root = root
        self._skips = skips
        self._dry = dry or "publish" in skips
        self._env = dict(call.context.env)
        for node in root.get("env").each():
            name, equals, value = node.text.partition("=")
            if equals:
                self._env.setdefault(name, value)

    def acts(self) -> list[Act]:
        """Everything that the call makes, signs and publishes, in GoReleaser's order."""
        found = [self._call.act(ActKind.BUILD, type="archive", what=self._files())]
        found += self._sboms()
        found += self._signs()
        if not self._dry:
            found += self._images()
            found += self._release()
            found += self._stores()
            found += self._uploads()
            found += self._custom()
        return found

    def _each(self, section: str) -> Iterator[Node]:
        """The entries of a section that are not switched off."""
        for node in self._root.get(section).each():
            if not any(_on(node.get(switch)) for switch in _SWITCHES):
                yield node

    def _at(self, section: str, node: Node = MISSING) -> Place:
        chosen = node or self._root.key(section)
        return Place(path=chosen.path, line=chosen.line) if chosen else self._call.at

    def _facts(self) -> dict[str, str]:
        return {"via": str(self._call.at), "builds": "yes"}

    # --- files -----------------------------------------------------------------------------------

    def _files(self) -> tuple[str, ...]:
        """The files in `dist` that go into a release, as globs."""
        dist = self._root.get("dist").text or "dist"
        names: list[str] = []
        archives = self._root.get("archives")
        for node in archives.each() if archives else (MISSING,):
            names += self._archive(node)
        for node in self._each("nfpms"):
            names += [f"*.{_suffix(item.text)}" for item in node.get("formats").each()]
        names += [f"*.{ending}" for section, ending in _INSTALLERS.items() if self._root.get(section)]
        names += ["*.flatpak"] if self._root.get("flatpak") else []
        if self._root.get("source", "enabled").boolean:
            source = self._root.get("source", "name_template").text or "{{ .ProjectName }}-{{ .Version }}"
            names.append(f"{self._filled(source)}.tar.gz")
        if self._root.get("checksum", "disable").boolean is not True:
            names.append(
                self._filled(
                    self._root.get("checksum", "name_template").text
                    or "{{ .ProjectName }}_{{ .Version }}_checksums.txt"
                )
            )
        found = [f"{dist.rstrip('/')}/{name}" for name in names if name]
        found += [
            node.get("glob").text for node in self._root.get("release", "extra_files").each() if node.get("glob").text
        ]
        return tuple(dict.fromkeys(found))

    def _archive(self, node: Node) -> list[str]:
        """The names of one entry of `archives`."""
        formats = [item.text for item in (*node.get("formats").each(), *node.get("format").each())] or ["tar.gz"]
        for override in node.get("format_overrides").each():
            formats += [item.text for item in (*override.get("formats").each(), *override.get("format").each())]
        stem = " ".join(self._filled(node.get("name_template").text or _ARCHIVE).split())
        stem = re.sub(r"\s*\{\{.*\}\}\s*", "*", stem) if "{{-" in stem or "{{ if" in stem or "{{ else" in stem else stem
        endings = dict.fromkeys(f".{item}" if item != "binary" else "" for item in formats if item != "none")
        return [f"{stem}{ending}" for ending in endings]

    def _filled(self, text: str) -> str:
        """The text with the environment and the project's name put in where they are known."""

        def value(match: re.Match[str]) -> str:
            known = self._env.get(match[1] or match[2])
            return known if known is not None else match[3] if match[3] is not None else match[0]

        text = _ENV.sub(value, text[:_MAX_TEMPLATE])
        project = self._root.get("project_name").text
        return _PROJECT.sub(lambda _: project, text) if project and not unresolved(project) else text

    def _release(self) -> list[Act]:
        release = self._root.get("release")
        if _on(release.get("disable")) or _on(release.get("skip_upload")):
            return []
        forge = next((name for name in ("gitlab", "gitea") if release.get(name)), "github")
        what = self._files()
        config = self._root.key("archives") or self._root.key("builds")
        return [
            self._call.publish(
                None,
                f"{forge}-release",
                None,
                what,
                builds="yes",
                config=f"{config.path}:{config.line}" if config else "",
                draft="yes" if release.get("draft").boolean else "",
            )
        ]

    # --- images ----------------------------------------------------------------------------------

    def _images(self) -> list[Act]:
        found: list[Act] = []
        if "ko" not in self._skips:
            found += self._kos()
        if "docker" in self._skips:
            return found
        for node in self._each("dockers_v2"):
            found += self._second(node)
        for node in self._each("dockers"):
            flags = [item.text for item in node.get("build_flag_templates").each()]
            makes = (
                "yes"
                if node.get("use").text == "buildx" and any(re.match(r"--provenance=(?!false)", flag) for flag in flags)
                else "no"
            )
            names = node.get("image_templates").each()
            found += self._pushed("dockers", node, [item.text for item in names], "no" if makes == "no" else "unknown")
        for node in self._each("docker_manifests"):
            found += self._pushed("docker_manifests", node, [node.get("name_template").text], "no", index="yes")
        return _by_name(found)

    def _second(self, node: Node) -> list[Act]:
        """`dockers_v2` pushes with buildx, which attests by default."""
        flags = [item.text for item in node.get("flags").each()]
        stated = next((flag.partition("=")[2] for flag in reversed(flags) if flag.startswith("--provenance")), "true")
        makes = "no" if false_word(stated) else "yes"
        sbom = "" if node.get("sbom") and false_word(node.get("sbom").text) else "yes"
        images = [item.text for item in node.get("images").each()]
        return self._pushed("dockers_v2", node, images, makes, root="buildkit" if makes == "yes" else None, sbom=sbom)

    def _kos(self) -> list[Act]:
        found: list[Act] = []
        for node in self._each("kos"):
            repositories = [
                item.text for item in (*node.get("repositories").each(), *node.get("repository").each()) if item.text
            ]
            repositories = repositories or [self._env.get("KO_DOCKER_REPO") or "$KO_DOCKER_REPO"]
            sbom = "" if node.get("sbom").text == "none" else "yes"
            found += self._pushed("kos", node, repositories, "no", sbom=sbom)
        return found

    def _pushed(
        self, section: str, node: Node, references: list[str], makes: str, root: str | None = None, **facts: str
    ) -> list[Act]:
        places = {
            item.text: item for key in ("images", "image_templates", "repositories") for item in node.get(key).each()
        }
        found: list[Act] = []
        for reference in references:
            filled = self._filled(reference)
            if not filled or local_registry(filled):
                continue
            found.append(
                self._call.act(
                    ActKind.PUBLISH,
                    type="container-image",
                    channel=channel_of_image(filled),
                    name=image_name(filled),
                    what=(filled,),
                    at=self._at(section, places.get(reference, node)),
                    provenance=makes,
                    root=root,
                    facts={**self._facts(), **facts},
                )
            )
        return found

    # --- signatures and SBOMs --------------------------------------------------------------------

    def _signs(self) -> list[Act]:
        if "sign" in self._skips:
            return []
        found: list[Act] = []
        for section, kind in (("signs", None), ("binary_signs", "binary"), ("docker_signs", "container-image")):
            nodes = (node for node in self._each(section) if node.get("artifacts").text != "none")
            found += [self._sign(section, node, kind) for node in nodes]
        return found

    def _sign(self, section: str, node: Node, kind: str | None) -> Act:
        program = node.get("cmd").text or ("cosign" if section == "docker_signs" else "gpg")
        words = [item.text for item in node.get("args").each()]
        keyed = "cosign" not in program or any(word.startswith(("--key", "-key")) for word in words)
        keyed = keyed or (section == "docker_signs" and not words)
        return self._call.act(
            ActKind.SIGN,
            tool=program.rsplit("/", 1)[-1],
            type=kind,
            at=self._at(section, node),
            signing="key" if keyed else "keyless",
            artifacts=node.get("artifacts").text,
            via=str(self._call.at),
        )

    def _sboms(self) -> list[Act]:
        if "sbom" in self._skips:
            return []
        return [
            self._call.act(
                ActKind.SBOM, tool=node.get("cmd").text or "syft", at=self._at("sboms", node), via=str(self._call.at)
            )
            for node in self._each("sboms")
        ]

    # --- stores, buckets, others -----------------------------------------------------------------

    def _stores(self) -> list[Act]:
        found: list[Act] = []
        for section, (kind, channel, skip) in _STORES.items():
            if skip in self._skips:
                continue
            for node in self._each(section):
                name = node.get("name").text or None
                found.append(self._call.publish(kind, channel, name, at=self._at(section), facts=self._facts()))
                break
        if "snapcraft" not in self._skips and any(_on(node.get("publish")) for node in self._each("snapcrafts")):
            found.append(self._call.publish("os-package", "snapcraft", at=self._at("snapcrafts"), facts=self._facts()))
        return found

    def _uploads(self) -> list[Act]:
        found: list[Act] = []
        for node in self._each("blobs"):
            bucket = self._filled(node.get("bucket").text)
            channel = bucket if bucket and not unresolved(bucket) else "object-storage"
            found.append(
                self._call.publish(
                    None, channel, None, self._files(), at=self._at("blobs", node), bucket="yes", facts=self._facts()
                )
            )
        for section in ("uploads", "artifactories"):
            for node in self._each(section):
                target = self._filled(node.get("target").text)
                host = urlsplit(target).hostname if "://" in target and "{{" not in target.split("/")[2] else None
                found.append(
                    self._call.publish(None, host, None, self._files(), at=self._at(section, node), facts=self._facts())
                )
        return found

    def _custom(self) -> list[Act]:
        """`publishers`: commands of the project's own, one for each artifact."""
        from slsacheck.evidence.publications.scripts._run import acts_of_script

        found: list[Act] = []
        for node in self._each("publishers"):
            command = node.get("cmd")
            inner = self._call.context.deeper(f"{node.path}#{command.line}") if command.is_scalar else None
            if inner is not None:
                text = self._filled(command.text)
                found += acts_of_script(text, Place(path=node.path, line=command.text_line), inner.with_env(self._env))
        return found


def _on(node: Node) -> bool:
    """Whether a switch is on for certain; a template may be either."""
    return node.is_scalar and node.text.strip().lower() in ("true", "1", "yes")


def _suffix(kind: str) -> str:
    return {"archlinux": "pkg.tar.zst", "termux.deb": "deb"}.get(kind, kind)


def _by_name(acts: list[Act]) -> list[Act]:
    """One act for each image, section and way of pushing: images per platform differ only in their tag."""
    found: dict[tuple[object, ...], Act] = {}
    for act in acts:
        found.setdefault((act.name, act.fact("index"), act.provenance), act)
    return list(found.values())
