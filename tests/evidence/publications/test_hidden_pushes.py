"""Publications that only a program of the repository's own makes, or whose place is known in a run alone."""

from pathlib import Path

import pytest

from slsacheck.evidence.publications.images import channel_of_image
from tests.clock import soon
from tests.evidence.publications.tracing import publications_of


def published(folder: Path, *lines: str) -> list[tuple[str, str | None, str]]:
    text = "release:\n  image: alpine\n  script:\n" + "".join(f"    - '{line}'\n" for line in lines)
    (folder / ".gitlab-ci.yml").write_text(text, encoding="utf-8")
    return [(one.type, one.channel, one.read) for one in publications_of(folder)]


def test_a_program_of_the_repository_that_pushes_images_is_seen(tmp_path: Path) -> None:
    found = published(
        tmp_path,
        "(cd tools/pusher && go build)",
        '(cd tools/pusher && ./pusher images.json "registry.hub.docker.com/acme/widget" $tags)',
        '(cd tools/pusher && ./pusher images.json "${CI_REGISTRY_IMAGE}" $tags)',
    )
    assert found == [
        ("container-image", "docker.io", "partial"),
        ("container-image", "registry.gitlab.com", "partial"),
    ]


@pytest.mark.parametrize("line", ["./pusher --dry-run ghcr.io/a/b", "./push-notes.sh release", "git push origin main"])
def test_other_pushes_are_no_publications(tmp_path: Path, line: str) -> None:
    assert published(tmp_path, line) == []


def test_rsync_over_ssh_to_a_place_that_a_variable_holds(tmp_path: Path) -> None:
    copied = 'rsync -tv --recursive -e "ssh -i $KEY" {} "$DESTINATION"'
    assert [channel for _, channel, _ in published(tmp_path, copied.format("build/*.tar.gz"))] == [None]
    assert published(tmp_path, copied.format("build/html/")) == []
    assert published(tmp_path, 'rsync -a build/*.tar.gz "$DESTINATION"') == []


def test_a_secret_s_name_is_no_registry() -> None:
    assert channel_of_image("${{ secrets.ORG }}/${{ secrets.NAME }}", ("docker.io",)) == "docker.io"
    assert channel_of_image("${{ env.ECR_REGISTRY }}/app") == "amazonaws.com"


def test_a_script_that_reads_what_was_released_publishes_nothing(tmp_path: Path) -> None:
    (tmp_path / "detect.ts").write_text("import { detect } from '@acme/release-scripts'\n", encoding="utf-8")
    (tmp_path / "ci.ts").write_text("import { publish } from '@acme/release-scripts'\n", encoding="utf-8")
    (tmp_path / ".github/workflows").mkdir(parents=True)
    (tmp_path / ".github/workflows/r.yml").write_text(
        "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n"
        "      - run: node detect.ts --publish\n      - run: node ci.ts publish\n",
        encoding="utf-8",
    )
    found = publications_of(tmp_path)
    assert [(one.type, one.at[0].line) for one in found] == [("npm-package", 7)]


def in_actions(folder: Path, step: str) -> list[tuple[str, str | None]]:
    path = folder / ".github/workflows/release.yml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        f"on: {{push: {{tags: ['v*']}}}}\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - {step}\n",
        encoding="utf-8",
    )
    return [(one.type, one.channel) for one in publications_of(folder)]


def test_an_action_around_goreleaser_publishes_what_its_configuration_says(tmp_path: Path) -> None:
    (tmp_path / ".goreleaser.yml").write_text("version: 2\nbuilds: [{main: .}]\n", encoding="utf-8")
    assert in_actions(tmp_path, "uses: acme/actions/goreleaser@v1") == [("archive", "github-release")]
    assert in_actions(tmp_path, "{uses: acme/actions/goreleaser@v1, with: {release: false}}") == []


def test_electron_forge_publishes_where_its_publishers_say(tmp_path: Path) -> None:
    (tmp_path / "forge.config.ts").write_text("name: '@electron-forge/publisher-github'\n", encoding="utf-8")
    assert in_actions(tmp_path, "run: npx electron-forge publish --from-dry-run") == [("installer", "github-release")]
    assert in_actions(tmp_path, "run: npx electron-forge publish --dry-run") == []


def test_manifests_are_pushed_as_artifacts(tmp_path: Path) -> None:
    line = "run: flux push artifact oci://ghcr.io/acme/manifests:v1 --path=. --source=x --revision=y"
    assert in_actions(tmp_path, line) == [("other", "ghcr.io")]


def test_the_environment_says_where_goreleaser_s_ko_pushes(tmp_path: Path) -> None:
    (tmp_path / ".goreleaser.yml").write_text(
        "version: 2\nkos: [{repositories: [github.com/acme/widget], bare: true}]\n", encoding="utf-8"
    )
    step = "{uses: goreleaser/goreleaser-action@v6, with: {args: release}, env: {KO_DOCKER_REPO: ghcr.io/acme/widget}}"
    assert ("container-image", "ghcr.io") in in_actions(tmp_path, step)


RELEASE = """\
on: {{push: {{tags: [v*]}}}}
permissions: {{contents: write}}
jobs:
  release:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: {run}
"""
CATCH_ALL = {"Makefile": ".PHONY: *\n.DEFAULT:\n%:\n\t@go run -C .make . $@\n", ".make/main.go": "package main\n"}
GORELEASER = {
    ".goreleaser.yaml": "version: 2\nbuilds: [{}]\ndockers:\n  - image_templates: ['ghcr.io/example/app:{{.Tag}}']\n"
}


def released(tmp_path: Path, run: str, files: dict[str, str]) -> set[tuple[str, str | None]]:
    for name, text in {".github/workflows/r.yml": RELEASE.format(run=run), **files}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    found = publications_of(tmp_path)
    assert all(one.read == "partial" and one.external for one in found)
    return {(one.type, one.channel) for one in found}


def test_a_release_program_that_cannot_be_followed_has_goreleasers_configuration(tmp_path: Path) -> None:
    expected = {("archive", "github-release"), ("container-image", "ghcr.io")}
    assert released(tmp_path, "make ci-release", {**CATCH_ALL, **GORELEASER}) == expected


def test_a_dry_run_of_such_a_program_publishes_nothing(tmp_path: Path) -> None:
    assert released(tmp_path, "make release-snapshot", {**CATCH_ALL, **GORELEASER}) == set()


def test_without_the_configuration_nothing_is_guessed(tmp_path: Path) -> None:
    assert released(tmp_path, "make ci-release", CATCH_ALL) == set()


def test_a_target_that_was_read_is_not_guessed(tmp_path: Path) -> None:
    files = {"Makefile": "ci-release:\n\techo nothing\n", **GORELEASER}
    assert released(tmp_path, "make ci-release", files) == set()


@pytest.mark.parametrize(
    "line", ["a." * 100_000, "a./" * 60_000, "x/" * 130_000, "python3 " + "tools/" * 40_000 + "publish.py"]
)
def test_long_lines_take_no_time(tmp_path: Path, line: str) -> None:
    with soon():
        assert published(tmp_path, line) == []


def test_a_release_target_of_an_included_makefile_is_no_program_out_of_sight(tmp_path: Path) -> None:
    (tmp_path / ".goreleaser.yml").write_text("archives: [{formats: [zip]}]\n", encoding="utf-8")
    (tmp_path / "Makefile").write_text("include mk/*.mk\n%:\n\t@go run ./ci $@\n", encoding="utf-8")
    (tmp_path / "mk").mkdir()
    (tmp_path / "mk/notes.mk").write_text("announce-release:\n\t./say hello\n", encoding="utf-8")
    (tmp_path / ".github/workflows").mkdir(parents=True)

    def found(target: str) -> list[str]:
        (tmp_path / ".github/workflows/r.yml").write_text(
            "on: push\npermissions: {contents: write}\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n"
            f"      - run: make {target}\n",
            encoding="utf-8",
        )
        return [one.type for one in publications_of(tmp_path)]

    assert found("announce-release") == []
    assert found("full-release") == ["archive"]


@pytest.mark.parametrize("bucket", ["dl-widget-land", "dl.widget.land", "dl-gadget"])
def test_a_bucket_called_as_a_host_that_scripts_name(tmp_path: Path, bucket: str) -> None:
    filled = f"aws s3 sync dist s3://{bucket}/v1 --exclude * --include *.zip"
    (one,) = published(tmp_path, "curl -f https://dl.widget.land/latest.txt", filled)
    assert one == ("archive", "dl-gadget" if bucket == "dl-gadget" else "dl.widget.land", "full")


def test_what_goes_to_a_registry_of_the_test_is_no_publication(tmp_path: Path) -> None:
    assert published(tmp_path, "npm publish --registry http://localhost:4873/") == []


@pytest.mark.parametrize(
    ("call", "found"),
    [
        ("release/build.py", []),
        ("release/build.py --publish", ["pypi"]),
        ("release/upload.py", ["pypi"]),
        ("publish/main.py", ["pypi"]),
    ],
)
def test_a_program_is_called_to_publish_by_its_own_name_and_words(tmp_path: Path, call: str, found: list[str]) -> None:
    path = tmp_path / call.split(maxsplit=1)[0]
    path.parent.mkdir()
    path.write_text("run('twine upload dist/*')\n", encoding="utf-8")
    assert [channel for _, channel, _ in published(tmp_path, f"python {call}")] == found


CLOUD_BUILD = """\
steps:
- name: golang
  entrypoint: go
  env: [KO_DOCKER_REPO=gcr.io/o/app]
  args: [run, mage.go, buildStaging]
"""


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (CLOUD_BUILD, ["gcr.io/o/app"]),
        (CLOUD_BUILD.replace("buildStaging", "testStaging"), []),
        (CLOUD_BUILD.replace("gcr.io/o/app", "ko.local"), []),
    ],
)
def test_a_program_that_is_not_read_is_told_where_its_images_go(tmp_path: Path, text: str, names: list[str]) -> None:
    (tmp_path / "cloudbuild.yaml").write_text(text, encoding="utf-8")
    found = publications_of(tmp_path)
    assert [(one.name, one.read, one.provenance.made) for one in found] == [(name, "partial", "no") for name in names]


HANDED = """\
on: {push: {tags: ['v*']}}
env: {CARGO_REGISTRY_TOKEN: '${{ secrets.CRATES }}'}
jobs:
  publish:
    runs-on: ubuntu-24.04
    steps:
      - uses: acme/%s@v1
        env: {NODE_AUTH_TOKEN: '${{ secrets.NPM }}', NUGET_PUBLISH_KEY: '${{ secrets.NUGET }}', GEM_HOST_API_KEY: ''}
"""


@pytest.mark.parametrize(("action", "channels"), [("package-publisher", ["npm", "nuget"]), ("setup-tools", [])])
def test_an_action_that_publishes_is_judged_by_the_tokens_that_its_step_hands_over(
    tmp_path: Path, action: str, channels: list[str]
) -> None:
    (tmp_path / ".github/workflows").mkdir(parents=True)
    (tmp_path / ".github/workflows/w.yml").write_text(HANDED % action, encoding="utf-8")
    found = publications_of(tmp_path)
    assert [(one.channel, one.read, one.provenance.made) for one in found] == [
        (name, "partial", "no") for name in channels
    ]
