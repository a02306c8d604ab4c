"""Which scripts are worth reading at all."""

from __future__ import annotations

from slsacheck.patterns import regex

__all__ = ["worth_parsing"]

_WORD = regex(r"[A-Za-z][A-Za-z0-9]+")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_PROGRAMS = _words(
    "ansible ant apko aptly attest attestation auto aws az b2 bake bash bazel bazelisk brew buildah buildctl "
    "buildx bun bundle bundler cabal cachix cargo changeset changesets chart checksum checksums choco "
    "cloudsmith codesign composer conan cosign cr crane createrepo cross curl cyclonedx dagger dart deb deno "
    "deploy depot dist docker dotnet dput earthly executor flatpak flit flutter fpm fury gcloud gcrane gem gh "
    "ghr git glab gmake goreleaser gpg gpg2 gradle gradlew gsutil hackage hatch helm hex hub img imgpkg in "
    "invoke jf jfrog jib jreleaser just kaniko ko krane lein lerna lftp luarocks mage make maturin mc melange "
    "mill minisign mix mvn mvnw nerdctl nfpm nix node notarytool notation nox np npm npx nuget nx opam oras "
    "ovsx pack package packagecloud paket pdm perl pipx pnpm pod podman poetry provenance publish publishing "
    "pulumi push python python3 rake rclone regctl release releases reprepro rpm rsync ruby rush rye s3cmd "
    "sbom sbt scp semantic setup sftp sh sha256sum sha512sum shasum sign signify signtool skaffold skopeo slsa "
    "slsactl snapcraft source stack syft task terraform toto tox trivy twine upload uv uvx vcpkg vsce werf "
    "wget winget witness wix yarn yarnpkg zsh "
)


def worth_parsing(text: str) -> bool:
    """Whether a script names anything that could build for release, publish, sign, attest, or call another script."""
    if "./" in text or ".sh" in text:
        return True
    return not _PROGRAMS.isdisjoint(_WORD.findall(text))
