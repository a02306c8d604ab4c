"""Commands of scripts and what they publish, build, sign and attest."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from slsacheck.evidence.publications.acts import Act, ActKind
from slsacheck.evidence.publications.scripts._registry import PROGRAMS, reader_of

from .conftest import brief

Read = Callable[..., list[Act]]

IMAGES = [
    ("docker push ghcr.io/o/app:1.0", ["publish container-image ghcr.io ghcr.io/o/app -"]),
    ("docker push o/app", ["publish container-image docker.io o/app -"]),
    ("docker push docker.io/o/app:x", ["publish container-image docker.io docker.io/o/app -"]),
    ("docker push index.docker.io/o/app", ["publish container-image docker.io index.docker.io/o/app -"]),
    ("docker push quay.io:443/o/app@sha256:aa", ["publish container-image quay.io:443 quay.io:443/o/app -"]),
    ("docker image push quay.io/o/app", ["publish container-image quay.io quay.io/o/app -"]),
    ("docker --config /tmp/x push quay.io/o/app", ["publish container-image quay.io quay.io/o/app -"]),
    ("docker push --all-tags quay.io/o/app", ["publish container-image quay.io quay.io/o/app -"]),
    ("docker push localhost:5000/o/app:1", []),
    ("docker push kind-registry:5000/app", []),
    ("docker push registry:5000/app", []),
    ("docker push ttl.sh/app:1h", []),
    ("docker pull ghcr.io/o/app", []),
    ("docker build -t ghcr.io/o/app .", ["build container-image - ghcr.io/o/app -"]),
    ("docker build --push -t ghcr.io/o/app .", ["publish container-image ghcr.io ghcr.io/o/app yes"]),
    ("docker buildx build --push -t ghcr.io/o/app:1 .", ["publish container-image ghcr.io ghcr.io/o/app yes"]),
    ("docker buildx build --push=false -t ghcr.io/o/app:1 .", ["build container-image - ghcr.io/o/app -"]),
    ("docker buildx build --load -t ghcr.io/o/app:1 .", ["build container-image - ghcr.io/o/app -"]),
    (
        "docker buildx build --push --provenance=false -t ghcr.io/o/app .",
        ["publish container-image ghcr.io ghcr.io/o/app no"],
    ),
    (
        "docker buildx build --push --provenance false --tag=ghcr.io/o/app .",
        ["publish container-image ghcr.io ghcr.io/o/app yes"],
    ),
    (
        "docker buildx build --push --provenance=mode=max -t ghcr.io/o/app .",
        ["publish container-image ghcr.io ghcr.io/o/app yes"],
    ),
    (
        "docker buildx build --push --provenance=$P -t ghcr.io/o/app .",
        ["publish container-image ghcr.io ghcr.io/o/app unknown"],
    ),
    (
        "docker buildx build --push --attest type=provenance,mode=max -t ghcr.io/o/app .",
        ["publish container-image ghcr.io ghcr.io/o/app yes"],
    ),
    (
        "docker buildx build --push --attest type=provenance,disabled=true -t ghcr.io/o/app .",
        ["publish container-image ghcr.io ghcr.io/o/app no"],
    ),
    (
        "BUILDX_NO_DEFAULT_ATTESTATIONS=1 docker buildx build --push -t ghcr.io/o/app .",
        ["publish container-image ghcr.io ghcr.io/o/app no"],
    ),
    (
        "docker buildx build -o type=image,name=ghcr.io/o/app,push=true .",
        ["publish container-image ghcr.io ghcr.io/o/app yes"],
    ),
    (
        "docker buildx build --output=type=registry -t ghcr.io/o/app -t o/app .",
        ["publish container-image ghcr.io ghcr.io/o/app yes", "publish container-image docker.io o/app yes"],
    ),
    (
        "docker buildx imagetools create -t ghcr.io/o/app:1 ghcr.io/o/app:amd64 ghcr.io/o/app:arm64",
        ["publish container-image ghcr.io ghcr.io/o/app -"],
    ),
    ("docker buildx imagetools create --dry-run -t ghcr.io/o/app:1 x", []),
    ("docker buildx imagetools inspect ghcr.io/o/app", []),
    ("docker manifest push ghcr.io/o/app:1", ["publish container-image ghcr.io ghcr.io/o/app -"]),
    ("docker manifest create ghcr.io/o/app:1 a b", []),
    ("podman push app quay.io/o/app:1", ["publish container-image quay.io quay.io/o/app -"]),
    ("podman push quay.io/o/app:1", ["publish container-image quay.io quay.io/o/app -"]),
    ("podman push app dir:/tmp/app", []),
    ("buildah push app docker://quay.io/o/app", ["publish container-image quay.io quay.io/o/app -"]),
    (
        "buildah manifest push --all app docker://quay.io/o/app:1",
        ["publish container-image quay.io quay.io/o/app -"],
    ),
    ("buildah bud -t app .", ["build container-image - app -"]),
    (
        "skopeo copy docker://a.io/x:1 docker://quay.io/o/app:1",
        ["publish container-image quay.io quay.io/o/app -"],
    ),
    ("skopeo copy docker://a.io/x:1 oci:dir", []),
    ("skopeo inspect docker://a.io/x", []),
    ("crane push image.tar ghcr.io/o/app:1", ["publish container-image ghcr.io ghcr.io/o/app -"]),
    ("crane copy a.io/x:1 ghcr.io/o/app:1", ["publish container-image ghcr.io ghcr.io/o/app -"]),
    ("crane tag ghcr.io/o/app:1 latest", ["publish container-image ghcr.io ghcr.io/o/app -"]),
    ("crane append -b base -t ghcr.io/o/app:1 -f l.tar", ["publish container-image ghcr.io ghcr.io/o/app -"]),
    ("crane digest ghcr.io/o/app", []),
    ("oras push ghcr.io/o/thing:1 file.txt", ["publish other ghcr.io ghcr.io/o/thing no"]),
    ("oras cp a.io/x:1 ghcr.io/o/thing:1", ["publish other ghcr.io ghcr.io/o/thing no"]),
    ("oras pull ghcr.io/o/thing:1", []),
    (
        "KO_DOCKER_REPO=ghcr.io/o ko build --bare ./cmd/app",
        ["publish container-image ghcr.io ghcr.io/o no"],
    ),
    (
        "export KO_DOCKER_REPO=ghcr.io/o\nko build ./cmd/app",
        ["publish container-image ghcr.io ghcr.io/o/app no"],
    ),
    ("ko publish -B ./cmd/app", ["publish container-image - $KO_DOCKER_REPO no"]),
    ("KO_DOCKER_REPO=ko.local ko build ./cmd/app", ["build container-image - - -"]),
    ("ko build --push=false ./cmd/app", ["build container-image - - -"]),
    ("ko version", []),
    ("pack build ghcr.io/o/app --publish", ["publish container-image ghcr.io ghcr.io/o/app no"]),
    ("pack build app", ["build container-image - app -"]),
    (
        "/kaniko/executor --context . --destination ghcr.io/o/app:1",
        ["publish container-image ghcr.io ghcr.io/o/app no"],
    ),
    ("/kaniko/executor --no-push --destination ghcr.io/o/app:1", []),
    ("apko publish apko.yaml ghcr.io/o/app:1", ["publish container-image ghcr.io ghcr.io/o/app no"]),
    (
        "docker run --rm -v $PWD:/w gcr.io/kaniko-project/executor:v1 --destination=ghcr.io/o/app",
        ["publish container-image ghcr.io ghcr.io/o/app no"],
    ),
]

PACKAGES = [
    ("twine upload dist/*", ["publish python-package pypi - no"]),
    ("python -m twine upload dist/*", ["publish python-package pypi - no"]),
    ("python3.11 -m twine upload dist/*", ["publish python-package pypi - no"]),
    ("twine upload -r testpypi dist/*", ["publish python-package testpypi - no"]),
    ("twine upload --repository-url https://test.pypi.org/legacy/ d/*", ["publish python-package testpypi - no"]),
    ("twine upload --repository-url https://upload.pypi.org/legacy/ d/*", ["publish python-package pypi - no"]),
    ("twine upload --repository-url https://my.host/simple d/*", ["publish python-package my.host - no"]),
    ("TWINE_REPOSITORY=testpypi twine upload dist/*", ["publish python-package testpypi - no"]),
    ("twine check dist/*", []),
    ("poetry publish --build", ["publish python-package pypi - no"]),
    ("poetry publish --dry-run", []),
    ("poetry build", ["build python-package - - -"]),
    ("flit publish", ["publish python-package pypi - no"]),
    ("uv publish", ["publish python-package pypi - no"]),
    ("uv publish --publish-url https://test.pypi.org/legacy/", ["publish python-package testpypi - no"]),
    ("uv build", ["build python-package - - -"]),
    ("uvx twine upload dist/*", ["publish python-package pypi - no"]),
    ("uv tool run twine upload dist/*", ["publish python-package pypi - no"]),
    ("pipx run twine upload dist/*", ["publish python-package pypi - no"]),
    ("hatch publish", ["publish python-package pypi - no"]),
    ("maturin publish", ["publish python-package pypi - no"]),
    ("maturin upload target/wheels/*", ["publish python-package pypi - no"]),
    ("pdm publish", ["publish python-package pypi - no"]),
    ("python -m build --sdist", ["build python-package - - -"]),
    ("python setup.py sdist bdist_wheel", ["build python-package - - -"]),
    ("npm publish", ["publish npm-package npm - no"]),
    ("npm publish --provenance", ["publish npm-package npm - yes"]),
    ("npm publish --provenance=false", ["publish npm-package npm - no"]),
    ("npm publish --no-provenance", ["publish npm-package npm - no"]),
    ("npm publish --dry-run", []),
    ("NPM_CONFIG_PROVENANCE=true npm publish", ["publish npm-package npm - yes"]),
    ("npm publish --registry=https://npm.pkg.github.com", ["publish npm-package npm.pkg.github.com - no"]),
    ("pnpm publish --no-git-checks", ["publish npm-package npm - no"]),
    ("yarn npm publish", ["publish npm-package npm - no"]),
    ("yarn publish", ["publish npm-package npm - no"]),
    ("npm ci && npm test", []),
    ("npx lerna publish from-package", ["publish npm-package npm - no"]),
    ("npx changeset publish", ["publish npm-package npm - no"]),
    ("npx semantic-release", ["publish npm-package npm - no"]),
    ("npx semantic-release --dry-run", []),
    ("npx -y semantic-release@21", ["publish npm-package npm - no"]),
    ("npx release-it", ["publish npm-package npm - no"]),
    ("npx release-it --no-npm", []),
    ("npx np --no-publish", []),
    ("npx nx release publish", ["publish npm-package npm - no"]),
    ("npx vsce publish", ["publish other marketplace.visualstudio.com - no"]),
    ("npx ovsx publish a.vsix", ["publish other open-vsx.org - no"]),
    ("cargo publish", ["publish crate crates.io - no"]),
    ("cargo publish -p one --token $T", ["publish crate crates.io one no"]),
    (
        "for c in one two; do cargo publish -p $c; done",
        ["publish crate crates.io one no", "publish crate crates.io two no"],
    ),
    ("cargo +stable publish --dry-run", []),
    ("cargo publish --registry=other", ["publish crate other - no"]),
    ("cargo release --execute patch", ["publish crate crates.io - no"]),
    ("cargo release patch", []),
    ("cargo build --release --locked", ["build binary - - -"]),
    ("cargo build", []),
    ("gem build x.gemspec", ["build ruby-gem - - -"]),
    ("gem push x-1.gem", ["publish ruby-gem rubygems - no"]),
    ("gem push --host https://rubygems.pkg.github.com/o x.gem", ["publish ruby-gem rubygems.pkg.github.com - no"]),
    ("bundle exec rake release", ["publish ruby-gem rubygems - no"]),
    ("bundle exec rake test", []),
    ("dotnet nuget push x.nupkg -s https://api.nuget.org/v3/index.json -k $K", ["publish nuget-package nuget - no"]),
    (
        "dotnet nuget push x.nupkg -s https://nuget.pkg.github.com/o/index.json",
        ["publish nuget-package nuget.pkg.github.com - no"],
    ),
    ("nuget push x.nupkg -Source https://api.nuget.org/v3/index.json", ["publish nuget-package nuget - no"]),
    ("dotnet pack -o out", ["build nuget-package - - -"]),
    ("choco push x.nupkg --source https://push.chocolatey.org/", ["publish nuget-package chocolatey - no"]),
    ("mvn -B deploy", ["publish maven-artifact maven-central - no"]),
    ("./mvnw --batch-mode deploy -DskipTests", ["publish maven-artifact maven-central - no"]),
    (
        "mvn deploy -DaltDeploymentRepository=x::https://maven.pkg.github.com/o/r",
        ["publish maven-artifact maven.pkg.github.com - no"],
    ),
    ("mvn deploy -Dmaven.deploy.skip=true", []),
    ("mvn verify", ["build maven-artifact - - -"]),
    ("mvn compile jib:build -Dimage=ghcr.io/o/app", ["publish container-image ghcr.io ghcr.io/o/app no"]),
    ("mvn spring-boot:build-image", ["build container-image - - -"]),
    ("gradle publish", ["publish maven-artifact maven-central - no"]),
    (
        "./gradlew publishToSonatype closeAndReleaseSonatypeStagingRepository",
        ["publish maven-artifact maven-central - no"],
    ),
    ("./gradlew publishToMavenLocal", []),
    (
        "./gradlew publishAllPublicationsToGitHubPackagesRepository",
        ["publish maven-artifact maven.pkg.github.com - no"],
    ),
    ("./gradlew publishPlugins", ["publish maven-artifact plugins.gradle.org - no"]),
    ("./gradlew jib -Djib.to.image=ghcr.io/o/app", ["publish container-image ghcr.io ghcr.io/o/app no"]),
    ("./gradlew bootBuildImage --imageName=o/app", ["build container-image - o/app -"]),
    ("./gradlew bootBuildImage --imageName=o/app --publishImage", ["publish container-image docker.io o/app no"]),
    ("./gradlew test", []),
    ("sbt ci-release", ["publish maven-artifact maven-central - no"]),
    ("helm package chart", ["build helm-chart - - -"]),
    ("helm push c-1.tgz oci://ghcr.io/o/charts", ["publish helm-chart ghcr.io ghcr.io/o/charts no"]),
    ("cr upload -o o -r r", ["publish helm-chart github-release - no"]),
]

FILES = [
    ("gh release create v1 dist/*", ["publish - github-release - no"]),
    ("gh release create v1", []),
    ("gh release upload v1 a.zip b.zip --clobber", ["publish - github-release - no"]),
    ("gh release edit v1 --draft=false", []),
    ("gh release view v1", []),
    ("ls dist/* | xargs gh release create v1 --notes x", ["publish - github-release - no"]),
    ("gh attestation verify a.zip -o o", []),
    ("hub release create -a a.zip v1", ["publish - github-release - no"]),
    ("ghr v1 dist/", ["publish - github-release - no"]),
    ("glab release create v1 a.zip", ["publish - gitlab-release - no"]),
    ("release-cli create --tag-name v1", []),
    (
        "curl -T a.tgz https://gitlab.com/api/v4/projects/1/packages/generic/x/1/a.tgz",
        ["publish - gitlab.com - no"],
    ),
    (
        "curl --header x --upload-file a.tgz $CI_API_V4_URL/projects/1/packages/generic/x/1/a.tgz",
        ["publish - gitlab-packages - no"],
    ),
    (
        "curl -X POST --data-binary @a.zip https://uploads.github.com/repos/o/r/releases/1/assets",
        ["publish - github-release - no"],
    ),
    ("curl -F package=@a.deb https://push.fury.io/t/o/", ["publish os-package fury.io - no"]),
    ("curl -sSL https://example.com/x.tgz -o x.tgz", []),
    ("curl -X POST -d '{\"a\":1}' https://hooks.example.com/", []),
    ("aws s3 cp dist/a.zip s3://bucket/a.zip", ["publish - bucket bucket/a.zip no"]),
    ("aws s3 sync dist s3://bucket/x --acl public-read", ["publish - bucket bucket/x no"]),
    ("aws s3 cp s3://bucket/a a", []),
    ("aws s3 cp --dryrun a s3://bucket/a", []),
    ("aws s3 sync site s3://docs", []),
    ("gsutil -m cp dist/* gs://bucket/x", ["publish - bucket bucket/x no"]),
    ("gcloud storage cp a.zip gs://bucket", ["publish - bucket bucket no"]),
    ("az storage blob upload --account-name acc -c con -f a.zip", ["publish - acc.blob.core.windows.net con no"]),
    ("rclone copy dist remote:bucket/x", ["publish - bucket bucket/x no"]),
    ("scp a.zip user@dl.example.com:/srv/", ["publish - dl.example.com - no"]),
    ("rsync -a dist/ user@dl.example.com:/srv/", ["publish - dl.example.com - no"]),
    ("rsync -a public/ user@www.example.com:/srv/", []),
    ("cp a b", []),
    ("snapcraft upload x.snap --release=stable", ["publish os-package snapcraft - no"]),
    ("package_cloud push o/r/ubuntu/focal x.deb", ["publish os-package packagecloud - no"]),
    ("cloudsmith push deb o/r x.deb", ["publish os-package cloudsmith - no"]),
    ("dput ppa:o/p x.changes", ["publish os-package launchpad ppa:o/p no"]),
    ("brew bump-formula-pr --url=u foo", ["publish metadata homebrew foo no"]),
    ("brew install foo", []),
    ("hab pkg upload x.hart", ["publish os-package bldr.habitat.sh - no"]),
    ("mix hex.publish --yes", ["publish other hex.pm - no"]),
    ("dart pub publish --dry-run", []),
    ("gcloud builds submit --tag gcr.io/p/app", ["publish container-image gcr.io gcr.io/p/app unknown"]),
    ("az acr build -r reg -t app:1 .", ["publish container-image reg.azurecr.io reg.azurecr.io/app no"]),
]

SIGNATURES = [
    ("cosign sign --yes ghcr.io/o/app@sha256:aa", ["sign container-image - ghcr.io/o/app -"]),
    ("cosign sign-blob --yes --bundle b a.zip", ["sign - - - -"]),
    (
        "cosign attest --type slsaprovenance --predicate p ghcr.io/o/app",
        ["attest container-image - ghcr.io/o/app yes"],
    ),
    (
        "cosign attest --type https://slsa.dev/provenance/v1 --predicate p ghcr.io/o/app",
        ["attest container-image - ghcr.io/o/app yes"],
    ),
    ("cosign attest --type spdxjson --predicate s ghcr.io/o/app", ["sbom container-image - ghcr.io/o/app -"]),
    ("cosign attest --type vuln --predicate s ghcr.io/o/app", ["sign container-image - ghcr.io/o/app -"]),
    ("cosign attest-blob --type slsaprovenance1 --predicate p a.zip", ["attest - - - yes"]),
    ("cosign verify ghcr.io/o/app", []),
    ("notation sign ghcr.io/o/app@sha256:aa", ["sign container-image - ghcr.io/o/app -"]),
    ("gpg --batch --detach-sign --armor a.zip", ["sign - - - -"]),
    ("gpg -ab a.zip", ["sign - - - -"]),
    ("gpg --import key.asc", []),
    ("minisign -Sm a.zip", ["sign - - - -"]),
    ("minisign -Vm a.zip", []),
    ("codesign --sign X app", ["sign - - - -"]),
    ("codesign --verify app", []),
    ("xcrun notarytool submit a.zip", ["sign - - - -"]),
    ("signtool sign /a x.exe", ["sign - - - -"]),
    ("python -m sigstore sign dist/*", ["sign - - - -"]),
    ("in-toto-run -n build -- make", ["sign - - - -"]),
    ("witness run --step build -a github -- go build -o app .", ["attest - - - yes", "build binary - - -"]),
    ("syft dir:. -o spdx-json", ["sbom - - dir:. -"]),
    ("syft version", []),
    ("trivy image --format cyclonedx ghcr.io/o/app", ["sbom container-image - ghcr.io/o/app -"]),
    ("trivy image ghcr.io/o/app", []),
    ("cyclonedx-py environment", ["sbom - - - -"]),
    ("sha256sum dist/* > checksums.txt", ["build checksums - - -"]),
    ("sha256sum -c checksums.txt", []),
    ("sha256sum dist/*", []),
    ("rm -f dist/app.intoto.jsonl", ["delete - - - -"]),
    ("rm -rf build", []),
    ("go build -o dist/app ./cmd/app", ["build binary - - -"]),
    ("go build ./...", []),
    ("goreleaser build --snapshot", ["build binary - - -"]),
    ("dist build --artifacts=local", ["build archive - - -"]),
]

WRAPPED = [
    "sudo -E docker push ghcr.io/o/app",
    "sudo env X=1 docker push ghcr.io/o/app",
    "env A=b C=d docker push ghcr.io/o/app",
    "timeout 10m docker push ghcr.io/o/app",
    "retry -t 3 docker push ghcr.io/o/app",
    "nohup nice -n 5 docker push ghcr.io/o/app",
    "time docker push ghcr.io/o/app",
    "exec docker push ghcr.io/o/app",
    "$DOCKER push ghcr.io/o/app",
    "${CONTAINER_ENGINE} push ghcr.io/o/app",
    '"${DOCKER_BIN}" push ghcr.io/o/app',
    "/usr/bin/docker push ghcr.io/o/app",
    "docker.exe push ghcr.io/o/app",
    "bash -c 'docker push ghcr.io/o/app'",
    'sh -ec "docker push ghcr.io/o/app"',
    'eval "docker push ghcr.io/o/app"',
    "nix develop -c docker push ghcr.io/o/app",
    'nix-shell --run "docker push ghcr.io/o/app"',
    "bash <<EOF\ndocker push ghcr.io/o/app\nEOF",
    "echo ghcr.io/o/app | tee x && docker push ghcr.io/o/app",
    "if ! docker push ghcr.io/o/app; then exit 1; fi",
    "while true; do docker push ghcr.io/o/app && break; done",
    "( cd x; docker push ghcr.io/o/app )",
    "{ docker push ghcr.io/o/app; }",
    "push() { docker push ghcr.io/o/app; }\npush",
    'push() { docker push "$1"; }\npush ghcr.io/o/app',
    "out=$(docker push ghcr.io/o/app)",
    "case $X in y) docker push ghcr.io/o/app ;; esac",
    'IMAGE=ghcr.io/o/app\ndocker push "$IMAGE:$TAG"',
    'IMAGE="ghcr.io/${OWNER:-o}/app"\ndocker push ${IMAGE}:1',
    'args=(push)\nargs+=("ghcr.io/o/app")\ndocker "${args[@]}"',
    ': "${REGISTRY:=ghcr.io}"\ndocker push $REGISTRY/o/app',
    "docker \\\n  push \\\n  ghcr.io/o/app",
    '[ -n "$X" ] && docker push ghcr.io/o/app',
    "export REGISTRY=ghcr.io && docker push $REGISTRY/o/app",
]


@pytest.mark.parametrize(("text", "expected"), IMAGES + PACKAGES + FILES + SIGNATURES)
def test_a_command_is_understood(read: Read, text: str, expected: list[str]) -> None:
    assert [brief(act) for act in read(text)] == expected


@pytest.mark.parametrize("text", WRAPPED)
def test_a_command_is_found_behind_what_starts_it(read: Read, text: str) -> None:
    assert [brief(act) for act in read(text)] == ["publish container-image ghcr.io ghcr.io/o/app -"]


@pytest.mark.parametrize(
    "text",
    [
        "cat <<EOF\ndocker push ghcr.io/o/app\nEOF",
        "echo docker push ghcr.io/o/app",
        "# docker push ghcr.io/o/app",
        "echo 'to publish: npm publish'",
        'if [ "false" = "true" ]; then docker push ghcr.io/o/app; fi',
        "if false; then docker push ghcr.io/o/app; fi",
        "[[ a == b ]] && docker push ghcr.io/o/app",
        "if true; then :; else docker push ghcr.io/o/app; fi",
        "printf '%s' 'twine upload'",
        "git commit -m 'npm publish'",
    ],
)
def test_words_that_are_no_commands_publish_nothing(read: Read, text: str) -> None:
    assert [act for act in read(text) if act.kind is ActKind.PUBLISH] == []


def test_places_are_the_lines_of_the_commands(read: Read) -> None:
    found = read("set -e\n\ndocker push ghcr.io/o/a\n# x\ncat <<EOF > y\na\nb\nEOF\ndocker push \\\n  ghcr.io/o/b\n")
    assert [(act.name, act.at.line) for act in found] == [("ghcr.io/o/a", 12), ("ghcr.io/o/b", 18)]


def test_a_pushing_option_on_a_line_of_its_own_is_the_place(read: Read) -> None:
    (act,) = read("docker buildx build \\\n  -t ghcr.io/o/app \\\n  --provenance=true \\\n  --push .")
    assert (act.at.line, act.fact("provenance-line"), act.fact("uses-line")) == (13, "12", "10")


def test_an_option_that_is_there_only_sometimes_leaves_provenance_unknown(read: Read) -> None:
    (act,) = read('a=(--push -t ghcr.io/o/app)\nif x; then a+=(--provenance=true); fi\ndocker buildx build "${a[@]}" .')
    assert (act.provenance, act.root) == ("unknown", "buildkit")


def test_values_of_a_loop_are_told_apart(read: Read) -> None:
    found = read("for i in one two; do docker push ghcr.io/o/$i:latest; done")
    assert [act.name for act in found] == ["ghcr.io/o/one", "ghcr.io/o/two"]


def test_what_is_not_known_stays_literal(read: Read) -> None:
    (act,) = read('docker push "$REGISTRY/${{ github.repository }}:$TAG"')
    assert (act.channel, act.name) == (None, "$REGISTRY/${{ github.repository }}")


def test_environment_of_the_step_is_known(read: Read) -> None:
    (act,) = read("docker push $REGISTRY/o/app", env={"REGISTRY": "quay.io"})
    assert (act.channel, act.name) == ("quay.io", "quay.io/o/app")


def test_conditions_come_with_the_act(read: Read) -> None:
    (act,) = read('if [[ "$REF" == refs/tags/* ]]; then\n  [ -n "$X" ] && docker push ghcr.io/o/app\nfi')
    assert act.condition == '[[ "$REF" == refs/tags/* ]] and [ -n "$X" ]'


def test_keyless_and_keyed_signatures_are_told_apart(read: Read) -> None:
    found = read("cosign sign -y ghcr.io/o/a\ncosign sign --key k ghcr.io/o/a\ngpg -ab a")
    assert [act.signing for act in found] == ["keyless", "key", "key"]


def test_every_program_that_is_listed_has_a_reader() -> None:
    assert [name for name in PROGRAMS if reader_of(name) is None] == []
