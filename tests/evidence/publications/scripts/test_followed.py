"""What scripts call in the same repository: other scripts, Makefile targets, npm scripts, tasks, recipes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from slsacheck.evidence.publications.acts import Act
from slsacheck.evidence.publications.scripts import acts_of_command, acts_of_script
from slsacheck.model import Place

from .conftest import FIRST, WORKFLOW, brief, make_context

Read = Callable[..., list[Act]]
PUSHED = "publish container-image ghcr.io ghcr.io/o/app -"
PUSH = "docker push ghcr.io/o/app"


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("./scripts/release.sh", "scripts/release.sh"),
        ("scripts/release.sh v1", "scripts/release.sh"),
        ("bash scripts/release.sh", "scripts/release.sh"),
        ("sh -eux scripts/release.sh", "scripts/release.sh"),
        ("bash -o pipefail scripts/release.sh", "scripts/release.sh"),
        (". scripts/release.sh", "scripts/release.sh"),
        ("source ./scripts/release.sh", "scripts/release.sh"),
        ("cd scripts && ./release.sh", "scripts/release.sh"),
        ("pushd scripts; ./release.sh; popd", "scripts/release.sh"),
        ('"$GITHUB_WORKSPACE/scripts/release.sh"', "scripts/release.sh"),
        ("${{ github.workspace }}/scripts/release.sh", "scripts/release.sh"),
        ("script/publish", "script/publish"),
        ("sudo -E ./scripts/release.sh", "scripts/release.sh"),
        ("(cd scripts; ./release.sh)", "scripts/release.sh"),
        ("find . -name '*.x' -exec ./scripts/release.sh {} \\;", None),
    ],
)
def test_scripts_of_the_repository_are_followed(read: Read, text: str, path: str | None) -> None:
    found = read(text, {path or "other": f"#!/usr/bin/env bash\nset -e\n\n{PUSH}\n"})
    if path is None:
        assert found == []
        return
    (act,) = found
    assert brief(act) == PUSHED
    assert str(act.at) == f"{path}:4"
    assert act.fact("via") == f"{WORKFLOW}:{FIRST}"


def test_arguments_of_a_script_are_known_in_it(read: Read) -> None:
    (act,) = read("./push.sh ghcr.io/o/app", {"push.sh": 'docker push "$1:latest"\n'})
    assert act.name == "ghcr.io/o/app"


def test_a_script_that_lies_beside_the_other_is_found(read: Read) -> None:
    files = {"ci/a.sh": '#!/bin/sh\n"$(dirname "$0")/b.sh"\n', "ci/b.sh": PUSH}
    (act,) = read("ci/a.sh", files)
    assert str(act.at) == "ci/b.sh:1"
    assert act.fact("via") == f"{WORKFLOW}:{FIRST}"


def test_a_directory_holds_only_in_its_subshell(read: Read) -> None:
    files = {"a/x.sh": "docker push ghcr.io/o/a", "x.sh": "docker push ghcr.io/o/root"}
    assert [act.name for act in read("(cd a && ./x.sh)\n./x.sh", files)] == ["ghcr.io/o/a", "ghcr.io/o/root"]


def test_functions_of_a_library_count_where_they_are_called(read: Read) -> None:
    files = {"lib.sh": "push_it() {\n  docker push ghcr.io/o/app\n}\nother() { npm publish; }\n"}
    assert [brief(act) for act in read(". ./lib.sh\npush_it", files)] == [PUSHED]


def test_a_circle_of_scripts_ends(read: Read) -> None:
    files = {"a.sh": "./b.sh\ndocker push ghcr.io/o/app\n", "b.sh": "./a.sh\n"}
    assert [brief(act) for act in read("./a.sh", files)] == [PUSHED]


def test_a_chain_that_is_too_deep_is_named() -> None:
    context = make_context({f"{n}.sh": f"./{n + 1}.sh" for n in range(20)})
    assert acts_of_script("./0.sh", Place(path=WORKFLOW, line=1), context) == ()
    assert [problem.where for problem in context.problems.items()] == ["6.sh"]


def test_a_fan_of_scripts_ends() -> None:
    context = make_context({f"{n}.sh": f"./{n + 1}.sh\n" * 40 for n in range(6)})
    assert acts_of_script("./0.sh", Place(path=WORKFLOW, line=1), context) == ()
    assert any("more than" in problem.reason for problem in context.problems.items())


def test_another_language_is_named_where_its_name_says_that_it_publishes() -> None:
    context = make_context({"tools/publish.py": "import os", "tools/format.py": "import os"})
    assert (
        acts_of_script("python tools/publish.py\npython tools/format.py", Place(path=WORKFLOW, line=1), context) == ()
    )
    assert [problem.where for problem in context.problems.items()] == ["tools/publish.py"]


@pytest.mark.parametrize("text", ["node publish.js --pack-destination=out", "python publish.py --dry-run"])
def test_a_program_that_only_tries_is_not_named(text: str) -> None:
    context = make_context({"publish.js": "exec('npm publish')", "publish.py": "import os"})
    assert acts_of_script(text, Place(path=WORKFLOW, line=1), context) == ()
    assert not context.problems.items()


@pytest.mark.parametrize("text", ["command -v goreleaser", "command -pv goreleaser || exit 1", "command -V goreleaser"])
def test_a_program_that_is_looked_up_is_not_started(read: Read, text: str) -> None:
    assert read(text, {".goreleaser.yml": "release: {draft: true}\n"}) == []
    assert read("command goreleaser", {".goreleaser.yml": "release: {draft: true}\n"})


def test_an_action_can_ask_for_one_command() -> None:
    at = Place(path=WORKFLOW, line=7)
    (act,) = acts_of_command(("docker", "push", "ghcr.io/o/my app"), at, make_context())
    assert (act.name, act.at) == ("ghcr.io/o/my app", at)


MAKEFILE = """\
IMAGE ?= ghcr.io/o/app
TAG := $(shell git describe)
include mk/tools.mk
.PHONY: all push
all: build
build:
\tgo build -o bin/app
push: build login ## push it
\t@docker push \\
\t  $(IMAGE):$(TAG)
login:
\t-docker login
push-%:
\tdocker push ghcr.io/o/$*
ko: export KO_DOCKER_REPO = ghcr.io/o
ko:
\t$(KO) build --bare .
release: ; $(MAKE) push
ifdef CI
ci: push
endif
MORE ?= false
both:
\tdocker buildx build --push -t ghcr.io/o/app $(if $(filter true,$(MORE)),-t quay.io/o/app) .
CARGO ?= cargo $(if $(CI),--locked,)
crate: found
\t$(CARGO) publish
found:
\t@command -v twine >/dev/null || echo missing
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("make push", ["build binary - - - Makefile:7", f"{PUSHED} Makefile:9"]),
        (
            "make push IMAGE=quay.io/o/x",
            ["build binary - - - Makefile:7", "publish container-image quay.io quay.io/o/x - Makefile:9"],
        ),
        (
            "IMAGE=quay.io/o/y make login push",
            ["build binary - - - Makefile:7", "publish container-image quay.io quay.io/o/y - Makefile:9"],
        ),
        ("make", ["publish python-package pypi - no mk/tools.mk:2"]),
        ("make all", ["build binary - - - Makefile:7"]),
        ("make push-one", ["publish container-image ghcr.io ghcr.io/o/one - Makefile:14"]),
        ("make ko", ["publish container-image ghcr.io ghcr.io/o no Makefile:17"]),
        ("make release", ["build binary - - - Makefile:7", f"{PUSHED} Makefile:9"]),
        ("make ci", ["build binary - - - Makefile:7", f"{PUSHED} Makefile:9"]),
        ("make tool", ["publish python-package pypi - no mk/tools.mk:2"]),
        ("make nothing", []),
        ("make both", ["publish container-image ghcr.io ghcr.io/o/app yes Makefile:24"]),
        (
            "make both MORE=true",
            [
                "publish container-image ghcr.io ghcr.io/o/app yes Makefile:24",
                "publish container-image quay.io quay.io/o/app yes Makefile:24",
            ],
        ),
        ("make crate", ["publish crate crates.io - no Makefile:27"]),
        ("cd sub && make -C .. push-two", ["publish container-image ghcr.io ghcr.io/o/two - Makefile:14"]),
        ("make -f mk/tools.mk tool", ["publish python-package pypi - no mk/tools.mk:2"]),
    ],
)
def test_make_targets_are_followed(read: Read, text: str, expected: list[str]) -> None:
    found = read(text, {"Makefile": MAKEFILE, "mk/tools.mk": "tool:\n\ttwine upload dist/*\nKO = bin/ko\n"})
    assert [f"{brief(act)} {act.at}" for act in found] == expected


def test_a_call_that_is_not_worked_out_names_no_targets(read: Read) -> None:
    """The words inside `$(foreach …)` are values; a target of the same name is another one."""
    text = (
        "BINS = app tool\nREFS = $(foreach bin,$(BINS),out/$(bin).yaml)\n"
        "$(REFS): out/%.yaml: FORCE\n\tdocker push ghcr.io/o/$*\n"
        "release: tool\n\tgo build -o bin/app\nimages: $(REFS)\n"
    )
    assert [brief(act) for act in read("make release", {"Makefile": text})] == ["build binary - - -"]


TASKFILE = """\
version: '3'
vars:
  REGISTRY: ghcr.io
includes:
  docs: ./docs
tasks:
  publish:
    deps: [build]
    cmds:
      - docker push {{.REGISTRY}}/o/{{.NAME | default "x"}}
      - task: twice
        vars: {WHAT: two}
      - |
        set -e
        npm publish {{if .DRY_RUN}}--dry-run{{end}}
  build: go build -o app
  twice:
    cmds: ["docker push ghcr.io/o/{{.WHAT}}"]
"""


def test_tasks_are_followed(read: Read) -> None:
    files = {"Taskfile.yml": TASKFILE, "docs/Taskfile.yml": "tasks: {up: {cmds: ['twine upload x']}}"}
    assert [f"{act.kind} {act.name} {act.at.line}" for act in read("task publish", files)] == [
        "build None 16",
        'publish ghcr.io/o/{{.NAME | default "x"}} 10',
        "publish ghcr.io/o/two 18",
        "publish None 15",
    ]
    (act,) = read("task docs:up", files)
    assert str(act.at) == "docs/Taskfile.yml:1"


def test_a_dry_run_that_the_caller_asks_for_publishes_nothing(read: Read) -> None:
    found = read("task publish DRY_RUN=1", {"Taskfile.yml": TASKFILE})
    assert "npm-package" not in [act.type for act in found]


def test_recipes_are_followed(read: Read) -> None:
    justfile = 'image := "ghcr.io/o/app"\n\nbuild:\n    go build -o app\n\npush tag="x": build\n    # note\n    docker push {{image}}:{{tag}}\n'
    found = read("just push v1", {"justfile": justfile})
    assert [(act.kind.value, act.at.line, act.what) for act in found] == [
        ("build", 4, ("app",)),
        ("publish", 8, ("ghcr.io/o/app:v1",)),
    ]


PACKAGE = """{
  "name": "pkg",
  "workspaces": ["packages/*"],
  "scripts": {
    "prerelease": "npm run build",
    "release": "npm run build && npm publish",
    "build": "docker push ghcr.io/o/app"
  },
  "publishConfig": {
    "provenance": true
  }
}"""


@pytest.mark.parametrize(
    "text",
    ["npm run release", "pnpm release", "yarn release", "yarn run release", "pnpm run release", "bun run release"],
)
def test_npm_scripts_are_followed(read: Read, text: str) -> None:
    found = read(text, {"package.json": PACKAGE})
    assert [(act.name, act.at.line, act.fact("via")) for act in found] == [
        ("ghcr.io/o/app", 7, f"{WORKFLOW}:{FIRST}"),
        ("ghcr.io/o/app", 7, f"{WORKFLOW}:{FIRST}"),
        ("pkg", 6, f"{WORKFLOW}:{FIRST}"),
    ]
    assert (found[-1].provenance, found[-1].fact("provenance-at")) == ("yes", "package.json:10")


@pytest.mark.parametrize(
    ("text", "files", "env", "permissions", "expected"),
    [
        ("npm publish", {}, {}, {}, "no"),
        ("npm publish", {".npmrc": "a=b\nprovenance=true\n"}, {}, {}, "yes"),
        ("npm publish", {".yarnrc.yml": "npmPublishProvenance: true\n"}, {}, {}, "yes"),
        (
            "npm publish",
            {"package.json": '{"name":"a","publishConfig":{"provenance":false}}'},
            {},
            {"id-token": "write"},
            "no",
        ),
        ("npm publish", {}, {"NPM_CONFIG_PROVENANCE": "true"}, {}, "yes"),
        ("npm publish", {}, {"NPM_CONFIG_PROVENANCE": "false"}, {}, "no"),
        ("npm publish", {}, {"NPM_CONFIG_PROVENANCE": "${{ inputs.p }}"}, {}, "unknown"),
        ("npm publish", {}, {}, {"id-token": "write"}, "unknown"),
        ("npm publish", {}, {"NODE_AUTH_TOKEN": "x"}, {"id-token": "write"}, "no"),
        ("npm publish --provenance", {}, {"NODE_AUTH_TOKEN": "x"}, {}, "yes"),
        ("npm publish ${{ inputs.flags }}", {}, {}, {}, "no"),
    ],
)
def test_where_npm_provenance_may_be_said(
    read: Read, text: str, files: dict[str, str], env: dict[str, str], permissions: dict[str, str], expected: str
) -> None:
    (act,) = read(text, files, env=env, permissions=permissions)
    assert act.provenance == expected
    assert (act.root == "npm-provenance") is (expected != "no")
    assert bool(act.external) is (expected == "unknown" and not env)


@pytest.mark.parametrize(
    "text",
    [
        "npm config set provenance true\nnpm publish",
        "npm config set provenance=true && npm publish",
        "echo 'provenance=true' >> .npmrc\nnpm publish",
        "cat > ~/.npmrc <<EOF\nx=y\nprovenance=true\nEOF\nnpm publish",
        "export NPM_CONFIG_PROVENANCE=true\nnpm publish",
    ],
)
def test_settings_of_npm_that_the_script_writes(read: Read, text: str) -> None:
    assert [act.provenance for act in read(text)] == ["yes"]


def test_packages_of_a_workspace_are_told_apart(read: Read) -> None:
    files = {
        "package.json": '{"name": "root", "private": true}',
        "packages/a/package.json": '{"name": "a"}',
        "packages/b/package.json": '{"name": "b", "private": true}',
        "packages/c/package.json": '{"name": "c"}',
        "packages/c/test/package.json": '{"name": "fixture"}',
    }
    for text in (
        "npx changeset publish",
        "pnpm -r publish",
        "npx lerna publish",
        "yarn workspaces foreach npm publish",
    ):
        assert [act.name for act in read(text, files)] == ["a", "c"], text


def test_release_tools_read_their_configuration(read: Read) -> None:
    config = '{"plugins": ["@semantic-release/npm", ["@semantic-release/github", {"assets": ["dist/*.zip"]}],\n["@semantic-release/exec", {"publishCmd": "docker push ghcr.io/o/app"}]]}'
    found = read("npx semantic-release", {".releaserc": config, "package.json": '{"name": "p"}'})
    assert [brief(act) for act in found] == ["publish npm-package npm p no", "publish - github-release - no", PUSHED]
    private = {"package.json": '{"name": "p", "private": true, "release": {"plugins": ["@semantic-release/npm"]}}'}
    assert read("npx semantic-release", private) == []
    assert read("npx release-it", {"package.json": '{"name": "p", "release-it": {"npm": {"publish": false}}}'}) == []


def test_a_package_manifest_that_is_broken_is_named() -> None:
    context = make_context({"package.json": "{"})
    (act,) = acts_of_script("npm publish", Place(path=WORKFLOW, line=1), context)
    assert act.name is None
    assert [problem.where for problem in context.problems.items()] == ["package.json"]


def test_bazel_rules_are_read(read: Read) -> None:
    build = 'oci_push(\n    name = "push",\n    image = ":image",\n    repository = "ghcr.io/o/app",\n)\nx(name = "publish_npm")\n'
    (act,) = read("bazel run --config=release //app:push -- --tag x", {"app/BUILD.bazel": build})
    assert (act.name, str(act.at)) == ("ghcr.io/o/app", "app/BUILD.bazel:1")
    (act,) = read("bazelisk run //app:publish_npm", {"app/BUILD": build})
    assert brief(act) == "publish npm-package npm - no"
    assert read("bazel run //app:format", {"app/BUILD": build}) == []


def test_images_of_cloud_build_that_a_script_submits(read: Read) -> None:
    (act,) = read("gcloud builds submit --config cb.yaml .", {"cb.yaml": "steps: []\nimages:\n- gcr.io/p/app:x\n"})
    assert (act.name, act.provenance, act.at.line, bool(act.external)) == ("gcr.io/p/app", "unknown", 3, True)


def test_deployment_of_a_pom(read: Read) -> None:
    pom = "<project><distributionManagement><repository><url>https://maven.pkg.github.com/o/r</url></repository></distributionManagement></project>"
    (act,) = read("mvn deploy", {"pom.xml": pom})
    assert act.channel == "maven.pkg.github.com"


def test_jreleaser_reads_its_configuration(read: Read) -> None:
    config = "signing:\n  active: ALWAYS\ndeploy:\n  maven: {}\npackagers:\n  brew:\n    active: RELEASE\nfiles:\n  globs:\n    - pattern: out/*.zip\n"
    found = read("jreleaser full-release", {"jreleaser.yml": config})
    assert [brief(act) for act in found] == [
        "publish maven-artifact maven-central - no",
        "publish - github-release - no",
        "sign - - - -",
        "publish metadata homebrew - no",
    ]
    assert found[1].what == ("out/*.zip",)


@pytest.mark.parametrize("shell", ["python", "python3.12", "/usr/bin/node", "perl -e"])
def test_programs_in_other_languages_have_no_commands(shell: str) -> None:
    text = "x = 1\ndocker push ghcr.io/o/app\n"
    assert acts_of_script(text, Place(path=WORKFLOW, line=1), make_context(), shell) == ()


def test_powershell_is_read_line_by_line() -> None:
    text = "$v = 'x'\ndotnet nuget push `\n  x.nupkg `\n  -s https://api.nuget.org/v3/index.json\n"
    (act,) = acts_of_script(text, Place(path=WORKFLOW, line=4), make_context(), "pwsh")
    assert (brief(act), act.at.line) == ("publish nuget-package nuget - no", 5)


def test_a_command_that_only_a_run_can_tell_is_left_alone() -> None:
    context = make_context()
    assert acts_of_script('eval "$COMMAND docker"\neval "$PUSH"; ./x.sh', Place(path=WORKFLOW, line=1), context) == ()
