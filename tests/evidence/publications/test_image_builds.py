"""How published images are made: which builder, which Dockerfile, which stage; small workflows written for each."""

from __future__ import annotations

import tomllib
from pathlib import Path
from textwrap import dedent, indent

import pytest

from slsacheck import catalog
from slsacheck.evidence.publications.imagebuilds import TOOLS, records
from slsacheck.model import Publication
from tests.evidence.publications.tracing import publications_of

ROOT = Path(__file__).resolve().parents[3]
PUSH = {"push": "true", "tags": "ghcr.io/acme/widget:1"}


def images(folder: Path, files: dict[str, str]) -> list[Publication]:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text))
    found = publications_of(folder, "acme/widget")
    return [one for one in found if one.type == "container-image"]


def workflow(steps: str, matrix: str = "") -> str:
    strategy = f"    strategy: {{matrix: {matrix}}}\n" if matrix else ""
    return (
        f"on: {{push: {{tags: ['v*']}}}}\njobs:\n  image:\n    runs-on: ubuntu-24.04\n{strategy}    steps:\n"
        + indent(dedent(steps).strip("\n") + "\n", "      ")
    )


def run(*lines: str) -> str:
    return "- run: |\n" + indent("\n".join(lines), "    ")


def action(name: str, **inputs: str) -> str:
    return f"- uses: {name}@v6\n  with:\n" + "\n".join(
        f"    {key.replace('_', '-')}: '{value}'" for key, value in inputs.items()
    )


FILES = {
    "Dockerfile": "FROM a\n",
    "app/Dockerfile": "FROM a\n",
    "app/web.Dockerfile": "FROM a\n",
    "pod/Containerfile": "FROM a\n",
}

MADE: list[tuple[str, str, list[tuple[str, str | None, str]]]] = [
    ("default", action("docker/build-push-action", **PUSH), [("buildkit", "Dockerfile", "")]),
    (
        "context and target",
        action("docker/build-push-action", **PUSH, context="app", target="prod"),
        [("buildkit", "app/Dockerfile", "prod")],
    ),
    (
        "file beside a git context",
        action("docker/build-push-action", **PUSH, context="{{defaultContext}}:app", file="web.Dockerfile"),
        [("buildkit", "app/web.Dockerfile", "")],
    ),
    (
        "file from the root",
        action("docker/build-push-action", **PUSH, context="app", file="app/web.Dockerfile"),
        [("buildkit", "app/web.Dockerfile", "")],
    ),
    (
        "somebody else's repository",
        action("docker/build-push-action", **PUSH, context="https://github.com/acme/other.git"),
        [("buildkit", None, "")],
    ),
    (
        "only a run can tell",
        action("docker/build-push-action", **PUSH, file="${{ inputs.file }}"),
        [("buildkit", None, "")],
    ),
    (
        "buildx",
        run("docker buildx build --push -t ghcr.io/acme/widget --target=prod -f app/web.Dockerfile app"),
        [("buildkit", "app/web.Dockerfile", "prod")],
    ),
    (
        "build, then push",
        run("docker build -t ghcr.io/acme/widget:1 app", "docker push ghcr.io/acme/widget:1"),
        [("docker", "app/Dockerfile", "")],
    ),
    (
        "in a folder",
        run("cd app", "docker build -t ghcr.io/acme/widget .", "docker push ghcr.io/acme/widget"),
        [("docker", "app/Dockerfile", "")],
    ),
    (
        "options in a variable",
        run("docker build $ARGS -t ghcr.io/acme/widget app", "docker push ghcr.io/acme/widget"),
        [("docker", "app/Dockerfile", "")],
    ),
    (
        "podman",
        run("podman build -t ghcr.io/acme/widget pod", "podman push ghcr.io/acme/widget"),
        [("buildah", "pod/Containerfile", "")],
    ),
    (
        "buildah",
        run("buildah bud -f app/Dockerfile -t ghcr.io/acme/widget .", "buildah push ghcr.io/acme/widget"),
        [("buildah", "app/Dockerfile", "")],
    ),
    (
        "kaniko",
        run(
            "/kaniko/executor --context $GITHUB_WORKSPACE/app --dockerfile Dockerfile --destination ghcr.io/acme/widget"
        ),
        [("kaniko", "Dockerfile", "")],
    ),
    (
        "buildctl",
        run(
            "buildctl build --frontend dockerfile.v0 --local context=. --local dockerfile=app --opt target=prod "
            "--output type=image,name=ghcr.io/acme/widget,push=true"
        ),
        [("buildkit", "app/Dockerfile", "prod")],
    ),
    ("ko", run("KO_DOCKER_REPO=ghcr.io/acme/widget ko build --bare ."), [("ko", None, "")]),
    ("pack", run("pack build ghcr.io/acme/widget --builder acme/builder --publish"), [("buildpacks", None, "")]),
    ("apko", run("apko publish apko.yaml ghcr.io/acme/widget:1"), [("apko", None, "")]),
    ("copied only", run("skopeo copy docker://quay.io/acme/base docker://ghcr.io/acme/widget"), []),
]


@pytest.mark.parametrize(("steps", "wanted"), [(case[1], case[2]) for case in MADE], ids=[case[0] for case in MADE])
def test_the_builder_and_what_it_reads(tmp_path: Path, steps: str, wanted: list[tuple[str, str | None, str]]) -> None:
    (one,) = images(tmp_path, {**FILES, ".github/workflows/release.yml": workflow(steps)})
    assert [(build.builder, build.dockerfile, build.stage) for build in one.image_builds] == wanted
    assert all(build.says and build.at.path for build in one.image_builds)


def test_a_matrix_reads_a_dockerfile_for_each_value(tmp_path: Path) -> None:
    steps = action("docker/build-push-action", **PUSH, file="app/${{ matrix.file }}")
    (one,) = images(
        tmp_path, {**FILES, ".github/workflows/r.yml": workflow(steps, "{file: [Dockerfile, web.Dockerfile]}")}
    )
    assert [build.dockerfile for build in one.image_builds] == ["app/Dockerfile", "app/web.Dockerfile"]


@pytest.mark.parametrize(
    ("inputs", "mode"),
    [
        ({}, ""),
        ({"provenance": "mode=max"}, "max"),
        ({"attests": "type=provenance,mode=min"}, "min"),
        ({"provenance": "false"}, "off"),
    ],
)
def test_how_much_provenance_tells(tmp_path: Path, inputs: dict[str, str], mode: str) -> None:
    steps = action("docker/build-push-action", **PUSH, **inputs)
    (one,) = images(tmp_path, {**FILES, ".github/workflows/r.yml": workflow(steps)})
    assert [build.mode for build in one.image_builds] == [mode]


GITLAB_KANIKO = """\
publish:
  image: {name: gcr.io/kaniko-project/executor:debug, entrypoint: [""]}
  script:
    - /kaniko/executor --context "$CI_PROJECT_DIR/app" --dockerfile "${CI_PROJECT_DIR}/app/web.Dockerfile"
      --destination "$CI_REGISTRY_IMAGE:1"
"""
DRONE = """\
kind: pipeline
name: image
steps:
  - name: publish
    image: plugins/docker
    settings: {repo: acme/widget, dockerfile: app/web.Dockerfile, context: app}
"""
AZURE = """\
steps:
  - task: Docker@2
    inputs: {command: buildAndPush, repository: acme/widget, containerRegistry: hub}
"""
CLOUD_BUILD = """\
steps:
  - name: gcr.io/cloud-builders/docker
    args: [build, -t, gcr.io/acme/widget, -f, app/web.Dockerfile, .]
images: [gcr.io/acme/widget]
"""


@pytest.mark.parametrize(
    ("path", "text", "builder", "file"),
    [
        (".gitlab-ci.yml", GITLAB_KANIKO, "kaniko", "app/web.Dockerfile"),
        (".drone.yml", DRONE, "docker", "app/web.Dockerfile"),
        ("azure-pipelines.yml", AZURE, "docker", "Dockerfile"),
        ("cloudbuild.yaml", CLOUD_BUILD, "docker", "app/web.Dockerfile"),
    ],
)
def test_other_ci_systems(tmp_path: Path, path: str, text: str, builder: str, file: str) -> None:
    (one,) = images(tmp_path, {**FILES, path: text})
    assert [(build.builder, build.dockerfile) for build in one.image_builds] == [(builder, file)]


def test_an_image_of_kpack_is_decided_in_its_cluster() -> None:
    folder = ROOT / "tests" / "projects" / "ci-kpack-image"
    (one,) = publications_of(folder)
    assert (one.name, one.channel, one.provenance.made) == ("registry.example/tool", "registry.example", "unknown")
    assert one.external == ("the kpack controller of the cluster", "ClusterBuilder default")
    assert [build.builder for build in one.image_builds] == ["buildpacks"]


def test_arguments_and_contexts_that_are_known(tmp_path: Path) -> None:
    steps = run(
        "docker buildx build --push -t ghcr.io/acme/widget --build-arg BASE=alpine:3 --build-arg V=$V "
        "--build-context src=. ."
    )
    (one,) = images(tmp_path, {**FILES, ".github/workflows/r.yml": workflow(steps)})
    (build,) = one.image_builds
    assert (build.arguments, build.contexts) == ((("BASE", "alpine:3"),), ("src",))


BAKE_HCL = """\
variable "FILE" {
  default = "web.Dockerfile"
}
target "base" {
  context = "app"
  target = "prod"
}
target "widget" {
  inherits = ["base"]
  dockerfile = "${FILE}"
  args = {
    BASE = "alpine:3"
    VERSION = FILE
  }
  contexts = { src = "../src", "golang" = "docker-image://golang@sha256:1" }
  tags = ["ghcr.io/acme/widget:1"]
}
"""
COMPOSE = """\
services:
  widget:
    image: ghcr.io/acme/widget
    build:
      context: app
      dockerfile: web.Dockerfile
      target: prod
      args: {BASE: "alpine:3"}
      additional_contexts: [src=../src, golang=docker-image://golang]
"""
GORELEASER = """\
dockers:
  - image_templates: ["ghcr.io/acme/widget:{{ .Version }}"]
    dockerfile: app/web.Dockerfile
    use: buildx
    build_flag_templates: ["--target=prod"]
"""


@pytest.mark.parametrize(
    ("files", "step", "builder"),
    [
        ({"docker-bake.hcl": BAKE_HCL}, run("docker buildx bake --push widget"), "buildkit"),
        ({"compose.yaml": COMPOSE}, run("docker compose build --push"), "buildkit"),
        ({"compose.yaml": COMPOSE}, run("docker compose build", "docker compose push"), "docker"),
        ({".goreleaser.yaml": GORELEASER}, action("goreleaser/goreleaser-action", args="release"), "buildkit"),
    ],
    ids=["bake", "compose build --push", "compose push", "goreleaser"],
)
def test_files_that_name_the_dockerfile(tmp_path: Path, files: dict[str, str], step: str, builder: str) -> None:
    (one,) = images(tmp_path, {**FILES, **files, ".github/workflows/r.yml": workflow(step)})
    assert [(build.builder, build.dockerfile, build.stage) for build in one.image_builds] == [
        (builder, "app/web.Dockerfile", "prod")
    ]
    if ".goreleaser.yaml" not in files:
        assert [(build.arguments, build.contexts) for build in one.image_builds] == [
            ((("BASE", "alpine:3"),), ("src", "golang"))
        ]


def test_every_builder_has_a_row_and_the_json_is_what_the_table_says() -> None:
    table = tomllib.loads((ROOT / "rules" / "image_builders.toml").read_text())["image_builder"]
    known = catalog.image_builders()
    assert [row["id"] for row in table] == list(known)
    assert set(TOOLS.values()) <= set(known)
    for row in table:
        one = known[row["id"]]
        assert (one.title, one.provenance, one.cannot) == (row["title"], row["provenance"], row["cannot"])
        assert records(row["id"])[1] == row["cannot"]


def test_an_unknown_builder_says_nothing() -> None:
    assert records("abacus") == ()
