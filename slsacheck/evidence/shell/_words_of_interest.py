"""Which scripts are worth reading at all."""

from __future__ import annotations

import re

__all__ = ["worth_parsing"]

_WORD = re.compile(r"[A-Za-z][A-Za-z0-9]+")
_PROGRAMS = frozenset(
    ["docker", "podman", "buildah", "nerdctl", "skopeo", "crane", "regctl", "oras", "ko", "kaniko", "executor", "buildctl", "buildx", "bake", "pack", "jib", "apko", "melange", "depot", "img", "krane", "gcrane", "imgpkg", "werf", "skaffold", "earthly", "dagger", "bazel", "bazelisk", "nix", "cachix", "mvn", "mvnw", "gradle", "gradlew", "sbt", "lein", "jreleaser", "mill", "goreleaser", "gh", "hub", "glab", "ghr", "curl", "wget", "twine", "poetry", "flit", "uv", "uvx", "hatch", "maturin", "pdm", "setup", "python", "python3", "pipx", "tox", "nox", "rye", "npm", "pnpm", "yarn", "npx", "bun", "lerna", "changeset", "changesets", "semantic", "np", "release", "nx", "auto", "rush", "vsce", "ovsx", "cargo", "dist", "cross", "gem", "rake", "bundle", "bundler", "dotnet", "nuget", "choco", "paket", "helm", "cr", "chart", "aws", "gsutil", "gcloud", "az", "rclone", "scp", "rsync", "sftp", "s3cmd", "mc", "b2", "lftp", "snapcraft", "flatpak", "reprepro", "aptly", "createrepo", "dput", "package", "packagecloud", "cloudsmith", "fury", "jf", "jfrog", "deb", "rpm", "cosign", "notation", "attestation", "slsactl", "slsa", "syft", "trivy", "cyclonedx", "gpg", "gpg2", "minisign", "signify", "signtool", "codesign", "notarytool", "sha256sum", "sha512sum", "shasum", "checksum", "in", "toto", "witness", "git", "brew", "pod", "mix", "hex", "dart", "flutter", "stack", "cabal", "hackage", "conan", "luarocks", "vcpkg", "opam", "terraform", "pulumi", "wix", "winget", "codesign", "attest", "sign", "provenance", "sbom", "nfpm", "fpm", "checksums", "make", "gmake", "task", "just", "mage", "invoke", "composer", "ant", "bash", "sh", "zsh", "source", "ansible", "perl", "ruby", "node", "deno", "yarnpkg", "lein", "publish", "publishing", "deploy", "upload", "push", "release", "releases"]
)


def worth_parsing(text: str) -> bool:
    """Whether a script names anything that could build for release, publish, sign, attest, or call another script."""
    if "./" in text or ".sh" in text:
        return True
    return not _PROGRAMS.isdisjoint(_WORD.findall(text))
