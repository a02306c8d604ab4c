"""GoReleaser: sections of its configuration, and what a call leaves out."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from slsacheck.evidence.publications.acts import Act, ActKind

from .conftest import FIRST, WORKFLOW, brief

Read = Callable[..., list[Act]]

CONFIG = """\
version: 2
project_name: app
env:
  - REGISTRY=ghcr.io
builds:
  - binary: app
archives:
  - formats: [tar.gz]
    name_template: "{{ .ProjectName }}_{{ .Os }}"
    format_overrides:
      - goos: windows
        formats: [zip]
nfpms:
  - formats: [deb, rpm]
checksum:
  name_template: checksums.txt
sboms:
  - artifacts: archive
signs:
  - cmd: cosign
    args: [sign-blob, "--bundle=${signature}", "${artifact}"]
    artifacts: checksum
docker_signs:
  - cmd: cosign
    args: [sign, --key=env://K, "${artifact}"]
dockers:
  - image_templates: ["{{ .Env.REGISTRY }}/o/app:{{ .Version }}-amd64"]
  - image_templates: ["{{ .Env.REGISTRY }}/o/app:{{ .Version }}-arm64"]
    skip_push: true
docker_manifests:
  - name_template: "ghcr.io/o/app:{{ .Version }}"
    image_templates: [x]
kos:
  - repositories: [quay.io/o/ko]
brews:
  - name: app
    repository: {owner: o, name: tap}
scoops:
  - skip_upload: true
snapcrafts:
  - publish: true
blobs:
  - provider: s3
    bucket: my-bucket
publishers:
  - cmd: twine upload {{ .ArtifactPath }}
release:
  draft: true
"""


def test_everything_that_a_configuration_publishes(read: Read) -> None:
    found = read("goreleaser release --clean", {".goreleaser.yaml": CONFIG})
    assert [(brief(act), act.at.line) for act in found] == [
        ("build archive - - -", FIRST),
        ("sbom - - - -", 18),
        ("sign - - - -", 20),
        ("sign container-image - - -", 24),
        ("publish container-image quay.io quay.io/o/ko no", 34),
        ("publish container-image ghcr.io ghcr.io/o/app no", 27),
        ("publish container-image ghcr.io ghcr.io/o/app no", 31),
        ("publish - github-release - no", FIRST),
        ("publish metadata homebrew app no", 35),
        ("publish os-package snapcraft - no", 40),
        ("publish - my-bucket - no", 43),
        ("publish python-package pypi - no", 46),
    ]
    assert [act.signing for act in found if act.kind is ActKind.SIGN] == ["keyless", "key"]
    release = next(act for act in found if act.channel == "github-release")
    assert release.what == (
        "dist/app_{{ .Os }}.tar.gz",
        "dist/app_{{ .Os }}.zip",
        "dist/*.deb",
        "dist/*.rpm",
        "dist/checksums.txt",
    )
    assert (release.fact("draft"), release.fact("config")) == ("yes", ".goreleaser.yaml:7")
    assert {act.fact("via") for act in found if act.at.path != WORKFLOW} >= {f"{WORKFLOW}:{FIRST}"}


@pytest.mark.parametrize(
    ("arguments", "missing"),
    [
        ("release --snapshot", {"publish"}),
        ("release --skip=publish", {"publish"}),
        ("release --skip=publish,sign", {"publish", "sign"}),
        ("release --skip-publish --skip-sbom", {"publish", "sbom"}),
        ("build", {"publish", "sign", "sbom"}),
    ],
)
def test_what_a_call_leaves_out(read: Read, arguments: str, missing: set[str]) -> None:
    found = {act.kind.value for act in read(f"goreleaser {arguments}", {".goreleaser.yml": CONFIG})}
    assert found == {"build", "publish", "sign", "sbom"} - missing


def test_single_stores_are_left_out(read: Read) -> None:
    found = read("goreleaser release --skip=homebrew --skip=docker,ko", {".goreleaser.yml": CONFIG})
    assert not {"homebrew", "ghcr.io", "quay.io"} & {act.channel for act in found}


@pytest.mark.parametrize("place", [".goreleaser.yml", "goreleaser.yaml", ".config/goreleaser.yaml"])
def test_where_the_configuration_may_lie(read: Read, place: str) -> None:
    found = read("goreleaser", {place: "builds: [{}]\nrelease: {disable: true}\nkos: [{repository: ghcr.io/o/a}]"})
    assert [act.name for act in found if act.kind is ActKind.PUBLISH] == ["ghcr.io/o/a"]


def test_a_named_configuration_is_taken(read: Read) -> None:
    files = {"x/a.yml": "release: {disable: true}\narchives: []\n", ".goreleaser.yml": CONFIG}
    assert [act for act in read("goreleaser release -f x/a.yml", files) if act.kind is ActKind.PUBLISH] == []


def test_another_tool_s_file_of_that_name_is_no_configuration(read: Read) -> None:
    melange = "package:\n  name: x\n  version: 1\npipeline:\n  - runs: |\n      x\n"
    found = read("goreleaser release", {"goreleaser.yaml": melange})
    assert [act.channel for act in found if act.kind is ActKind.PUBLISH] == ["github-release"]


def test_images_that_buildx_pushes_are_attested_by_default(read: Read) -> None:
    config = "dockers_v2:\n  - images: [ghcr.io/o/a, o/a]\n    flags: []\n  - images: [o/b]\n    flags: ['--provenance=false']\n"
    found = [act for act in read("goreleaser release", {".goreleaser.yml": config}) if act.type == "container-image"]
    assert [(act.name, act.provenance, act.root, act.at.line) for act in found] == [
        ("ghcr.io/o/a", "yes", "buildkit", 2),
        ("o/a", "yes", "buildkit", 2),
        ("o/b", "no", None, 4),
    ]


def test_a_broken_configuration_is_read_as_far_as_the_defaults_go(read: Read) -> None:
    found = read("goreleaser release", {".goreleaser.yml": "a: [b"})
    assert [act.channel for act in found if act.kind is ActKind.PUBLISH] == ["github-release"]


def test_other_forges(read: Read) -> None:
    found = read("goreleaser release", {".goreleaser.yml": "archives: []\nrelease:\n  gitlab: {owner: o}\n"})
    assert [act.channel for act in found if act.kind is ActKind.PUBLISH] == ["gitlab-release"]


HOOKS = """\
before:
  hooks:
    - go mod tidy
    - /bin/bash -c 'if [ -z "$CI" ]; then make images; fi'
    - cmd: make signed
"""
MAKEFILE = """\
images:
\tko build --bare ./cmd/app
signed:
\tcosign sign ghcr.io/o/app:1
"""


def test_hooks_push_images_before_everything_else(read: Read) -> None:
    files = {".goreleaser.yaml": HOOKS, "Makefile": MAKEFILE}
    told = [brief(act) for act in read("goreleaser release", files, env={"KO_DOCKER_REPO": "ghcr.io/o/app"})]
    pushed, signed = "publish container-image ghcr.io ghcr.io/o/app no", "sign container-image - ghcr.io/o/app -"
    assert told.index(pushed) < told.index(signed) < told.index("publish - github-release - no")
    under_ci = read("goreleaser release", files, env={"KO_DOCKER_REPO": "ghcr.io/o/app", "CI": "true"})
    assert pushed not in [brief(act) for act in under_ci]


def test_hooks_of_a_snapshot_are_not_asked(read: Read) -> None:
    files = {".goreleaser.yaml": HOOKS, "Makefile": MAKEFILE}
    assert not [act for act in read("goreleaser release --snapshot", files) if act.kind is ActKind.PUBLISH]


@pytest.mark.parametrize(
    ("archives", "kind"),
    [
        ("archives: [{format: binary}, {formats: [binary]}]", "binary"),
        ("archives: [{format: binary}, {}]", None),
        ("archives: [{format: binary, format_overrides: [{goos: windows, format: zip}]}]", None),
        ("", None),
    ],
)
def test_programs_beside_packages_are_what_a_release_is_about(read: Read, archives: str, kind: str | None) -> None:
    found = read("goreleaser release", {".goreleaser.yml": f"{archives}\nnfpms: [{{formats: [deb]}}]\n"})
    assert [act.type for act in found if act.channel == "github-release"] == [kind]
