"""The sections of a GoReleaser configuration, each as acts with the line on which it stands."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from slsacheck.evidence.publications.acts import Act, ActKind
from slsacheck.evidence.publications.images import channel_of_image, image_name
from slsacheck.evidence.publications.scripts._call import false_word, unresolved
from slsacheck.evidence.publications.scripts._goreleaserbase import Settings, switched_on
from slsacheck.evidence.publications.scripts.containers import local_registry
from slsacheck.model import Place

if TYPE_CHECKING:
    from slsacheck.evidence.yaml import Node

__all__ = ["Config"]

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


class Config(Settings):
    """What each section of a configuration makes, signs and publishes."""

    def acts(self) -> list[Act]:
        """Everything that the call makes, signs and publishes, in GoReleaser's order."""
        found = [self.call.act(ActKind.BUILD, type="archive", what=self.files())]
        found += self._sboms()
        found += self._signs()
        if not self.dry:
            found += self._hooks()
            found += self._images()
            found += self._release()
            found += self._stores()
            found += self._uploads()
            found += self._custom()
        return found

    def _hooks(self) -> list[Act]:
        """`before.hooks`: commands that run ahead of everything else, and may push images of their own."""
        hooks = () if "before" in self.skips else self.root.get("before", "hooks").each()
        found = [act for node in hooks for act in self._command(node.get("cmd") or node)]
        return [act for act in found if act.kind in (ActKind.PUBLISH, ActKind.SIGN)]

    def _release(self) -> list[Act]:
        release = self.root.get("release")
        if switched_on(release.get("disable")) or switched_on(release.get("skip_upload")):
            return []
        forge = next((name for name in ("gitlab", "gitea") if release.get(name)), "github")
        what = self.files()
        config = self.root.key("archives") or self.root.key("builds")
        return [
            self.call.publish(
                "binary" if self.only_binaries() else None,
                f"{forge}-release",
                None,
                what,
                builds="yes",
                config=f"{config.path}:{config.line}" if config else "",
                draft="yes" if release.get("draft").boolean else "",
            )
        ]

    def _images(self) -> list[Act]:
        found: list[Act] = []
        if "ko" not in self.skips:
            found += self._kos()
        if "docker" in self.skips:
            return found
        for node in self.each("dockers_v2"):
            found += self._second(node)
        for node in self.each("dockers"):
            flags = [item.text for item in node.get("build_flag_templates").each()]
            makes = (
                "yes"
                if node.get("use").text == "buildx" and any(re.match(r"--provenance=(?!false)", flag) for flag in flags)
                else "no"
            )
            names = node.get("image_templates").each()
            told = "no" if makes == "no" else "unknown"
            made = "buildkit" if node.get("use").text == "buildx" else "docker"
            found += self._pushed("dockers", node, [item.text for item in names], told, **self._recipe(node, made))
        for node in self.each("docker_manifests"):
            found += self._pushed("docker_manifests", node, [node.get("name_template").text], "no", index="yes")
        return _by_name(found)

    def _second(self, node: Node) -> list[Act]:
        """`dockers_v2` pushes with buildx, which attests by default."""
        flags = [item.text for item in node.get("flags").each()]
        stated = next((flag.partition("=")[2] for flag in reversed(flags) if flag.startswith("--provenance")), "true")
        makes = "no" if false_word(stated) else "yes"
        sbom = "" if node.get("sbom") and false_word(node.get("sbom").text) else "yes"
        images = [item.text for item in node.get("images").each()]
        facts = {"sbom": sbom, **self._recipe(node, "buildkit")}
        return self._pushed("dockers_v2", node, images, makes, root="buildkit" if makes == "yes" else None, **facts)

    def _recipe(self, node: Node, builder: str) -> dict[str, str]:
        """Which Dockerfile an entry builds from, as facts; without a name it is the one of the project's root."""
        from slsacheck.evidence.publications.recipes import recipe

        file = self.filled(node.get("dockerfile").text) or "Dockerfile"
        flags = [item.text.partition("=") for item in node.get("build_flag_templates").each()]
        stage = next((value for name, _, value in flags if name == "--target"), "")
        arguments = [value for name, _, value in flags if name == "--build-arg"]
        context = self.call.context
        read = recipe(context.tree, context.directory, files=[file], stage=stage, arguments=arguments)
        return {"made-by": builder, **read}

    def _kos(self) -> list[Act]:
        found: list[Act] = []
        for node in self.each("kos"):
            stated = [
                item.text for item in (*node.get("repositories").each(), *node.get("repository").each()) if item.text
            ]
            given = self.env.get("KO_DOCKER_REPO")  # replaces what the configuration says
            repositories = [given] if given else stated or ["$KO_DOCKER_REPO"]
            sbom = "" if node.get("sbom").text == "none" else "yes"
            found += self._pushed("kos", node, repositories, "no", sbom=sbom, made_by="ko")
        return found

    def _pushed(
        self, section: str, node: Node, references: list[str], makes: str, root: str | None = None, **facts: str
    ) -> list[Act]:
        places = {
            item.text: item for key in ("images", "image_templates", "repositories") for item in node.get(key).each()
        }
        found: list[Act] = []
        for reference in references:
            filled = self.filled(reference)
            if not filled or local_registry(filled):
                continue
            found.append(
                self.call.act(
                    ActKind.PUBLISH,
                    type="container-image",
                    channel=channel_of_image(filled),
                    name=image_name(filled),
                    what=(filled,),
                    at=self.place(section, places.get(reference, node)),
                    provenance=makes,
                    root=root,
                    facts={**self.facts(), **facts},
                )
            )
        return found

    def _signs(self) -> list[Act]:
        if "sign" in self.skips:
            return []
        found: list[Act] = []
        for section, kind in (("signs", None), ("binary_signs", "binary"), ("docker_signs", "container-image")):
            nodes = (node for node in self.each(section) if node.get("artifacts").text != "none")
            found += [self._sign(section, node, kind) for node in nodes]
        return found

    def _sign(self, section: str, node: Node, kind: str | None) -> Act:
        program = node.get("cmd").text or ("cosign" if section == "docker_signs" else "gpg")
        words = [item.text for item in node.get("args").each()]
        keyed = "cosign" not in program or any(word.startswith(("--key", "-key")) for word in words)
        keyed = keyed or (section == "docker_signs" and not words)
        return self.call.act(
            ActKind.SIGN,
            tool=program.rsplit("/", 1)[-1],
            type=kind,
            at=self.place(section, node),
            signing="key" if keyed else "keyless",
            artifacts=node.get("artifacts").text,
            via=str(self.call.at),
        )

    def _sboms(self) -> list[Act]:
        if "sbom" in self.skips:
            return []
        return [
            self.call.act(
                ActKind.SBOM, tool=node.get("cmd").text or "syft", at=self.place("sboms", node), via=str(self.call.at)
            )
            for node in self.each("sboms")
        ]

    def _stores(self) -> list[Act]:
        found: list[Act] = []
        for section, (kind, channel, skip) in _STORES.items():
            if skip in self.skips:
                continue
            for node in self.each(section):
                name = node.get("name").text or None
                found.append(self.call.publish(kind, channel, name, at=self.place(section), facts=self.facts()))
                break
        if "snapcraft" not in self.skips and any(switched_on(node.get("publish")) for node in self.each("snapcrafts")):
            found.append(self.call.publish("os-package", "snapcraft", at=self.place("snapcrafts"), facts=self.facts()))
        return found

    def _uploads(self) -> list[Act]:
        found: list[Act] = []
        for node in self.each("blobs"):
            bucket = self.filled(node.get("bucket").text)
            channel = bucket if bucket and not unresolved(bucket) else "object-storage"
            found.append(
                self.call.publish(
                    None, channel, None, self.files(), at=self.place("blobs", node), bucket="yes", facts=self.facts()
                )
            )
        for section in ("uploads", "artifactories"):
            for node in self.each(section):
                target = self.filled(node.get("target").text)
                host = urlsplit(target).hostname if "://" in target and "{{" not in target.split("/")[2] else None
                found.append(
                    self.call.publish(None, host, None, self.files(), at=self.place(section, node), facts=self.facts())
                )
        return found

    def _custom(self) -> list[Act]:
        """`publishers`: commands of the project's own, one for each artifact."""
        return [act for node in self.each("publishers") for act in self._command(node.get("cmd"))]

    def _command(self, command: Node) -> tuple[Act, ...]:
        """The acts of a command of the configuration."""
        from slsacheck.evidence.publications.scripts._run import acts_of_script

        inner = self.call.context.deeper(f"{command.path}#{command.line}") if command.is_scalar else None
        if inner is None:
            return ()
        place = Place(path=command.path, line=command.text_line)
        return acts_of_script(self.filled(command.text), place, inner.with_env(self.env))


def _by_name(acts: list[Act]) -> list[Act]:
    """One act for each image, section and way of pushing: images per platform differ only in their tag."""
    found: dict[tuple[object, ...], Act] = {}
    for act in acts:
        found.setdefault((act.name, act.fact("index"), act.provenance), act)
    return list(found.values())
