"""Which scripts are worth reading at all."""

from __future__ import annotations

from slsacheck.patterns import regex

__all__ = ["worth_parsing"]

_WORD = regex(r"[A-Za-z][A-Za-z0-9]+")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_PROGRAMS = _words(
    "anaconda ansible ant apko aptly attest attestation attestations auto aws az azcopy azuresigntool b2 b2sum "
    "bake bash bazel bazelisk beachball bom brew buildah buildctl buildkite buildx bun bundle bundler cabal cachix "
    "cargo cdxgen changeset changesets chart checksum checksums choco cibuildwheel cloudsmith codesign composer "
    "conan conda copr cosign cr crane createrepo cross ctr curl cyclonedx dagger dart deb debrelease debsigs "
    "debuild deno deploy depot dist docker dotnet dpkg dput earth earthly electron executor flatpak flit flutter flux "
    "fpm fury gcloud gcrane gem gh ghr glab gmake go goreleaser gpg gpg2 gradle gradlew gsutil hab hackage hatch "
    "helm hex hub img imgpkg intoto invoke jarsigner jf jfrog jib jreleaser jsr just kaniko ko komac krane "
    "lein lerna lftp luarocks mage make maturin mc md5sum melange mill minisign mix mvn mvnw nerdctl nfpm nix "
    "node notarytool notation nox np npm npx nuget nx opam openssl oras osc osslsigncode ovsx pack package "
    "packagecloud packer paket pdm perl pipx pixi pnpm pod podman poetry powershell provenance publish publishing "
    "push pwsh python python3 rake rattler rclone regctl release releases reprepro rpm rpmbuild rpmsign rsync "
    "ruby rush rye s2i s3cmd sbom sbomnix sbt scp semantic sftp sh sha1sum sha256sum sha384sum sha512sum "
    "shasum sign signify signtool sigstore skaffold skopeo slsa slsactl snapcraft source stack syft task tea "
    "tejolote tern timoni tkn toto tox trivy twine upload uv uvx vcpkg vsce werf winget wingetcreate witness wix xcrun "
    "yarn yarnpkg zsh"
)


def worth_parsing(text: str) -> bool:
    """Whether a script names anything that could build for release, publish, sign, attest, or call another script."""
    if "./" in text or ".sh" in text:
        return True
    return not _PROGRAMS.isdisjoint(_WORD.findall(text))
