"""Which module reads which program; a module is imported when its program is met."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from slsacheck.evidence.publications.acts import Act
    from slsacheck.evidence.publications.scripts._call import Call

    Reader = Callable[[Call], Iterable[Act]]

__all__ = ["PROGRAMS", "reader_of"]

_MODULES = {
    "containers": "docker podman nerdctl buildah img depot docker-compose",
    "registries": "skopeo crane gcrane regctl oras imgpkg ctr flux timoni tkn",
    "builders": "ko executor kaniko pack apko melange buildctl buildctl-daemonless.sh s2i skaffold",
    "_earthly": "earthly earth",
    "_werf": "werf",
    "java": "mvn mvnw gradle gradlew sbt jreleaser mill lein",
    "node": "npm pnpm yarn bun",
    "nodetools": "lerna changeset changesets semantic-release release-it np nx vsce ovsx rush auto beachball "
    "electron-builder electron-forge jsr deno",
    "wheels": "twine poetry flit uv hatch maturin pdm pyproject-build rye python cibuildwheel "
    "semantic_release pip conda anaconda pixi rattler-build",
    "crates": "cargo cross dist cargo-dist release-plz wasm-pack",
    "packages": "gem rake dotnet nuget choco composer mix pod dart flutter conan cabal stack luarocks opam paket",
    "charts": "helm cr chart-releaser",
    "releases": "gh hub glab release-cli ghr curl github-release tea",
    "storage": "aws gsutil gcloud az rclone scp rsync s3cmd mc b2 azcopy",
    "distributions": "snapcraft flatpak reprepro aptly createrepo createrepo_c dput debrelease "
    "package_cloud packagecloud cloudsmith fury jf jfrog brew wingetcreate komac copr-cli "
    "osc nfpm fpm rpmbuild dpkg-buildpackage debuild hab deb-s3",
    "signatures": "cosign tejolote notation gpg gpg2 minisign signify codesign signtool osslsigncode notarytool "
    "xcrun sigstore pypi-attestations azuresigntool jarsigner debsigs dpkg-sig rpmsign rpm "
    "openssl witness in-toto-run in-toto-record",
    "inventories": "syft trivy cyclonedx-py cyclonedx-npm cyclonedx-gomod cdxgen bom spdx-sbom-generator "
    "sbom-tool tern sha256sum sha512sum sha1sum shasum md5sum sha384sum b2sum cyclonedx-bom "
    "sbomnix",
    "goreleaser": "goreleaser",
    "_bazel": "bazel bazelisk",
    "others": "buildkite-agent rm go nix nix-build cachix",
    "indirect": "make gmake task go-task just bash sh zsh dash ash ksh source . eval mage nix-shell pwsh "
    "powershell node tsx ts-node ruby perl php ant find tox nox invoke",
    "imagemakers": "packer dagger",
}
PROGRAMS: dict[str, str] = {name: module for module, names in _MODULES.items() for name in names.split()}
"""Program to module."""


def reader_of(program: str) -> Reader | None:
    """The reader of a program; None where nobody reads it."""
    module = PROGRAMS.get(program)
    if module is None:
        return None
    found = import_module(f"slsacheck.evidence.publications.scripts.{module}")
    readers: dict[str, Reader] = found.READERS
    return readers.get(program)
