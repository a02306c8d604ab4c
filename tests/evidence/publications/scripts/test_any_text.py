"""Whatever a script holds: nothing is raised, places lie inside their file, and it ends in time."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slsacheck.evidence import shell
from slsacheck.evidence.publications.acts import ActKind
from slsacheck.evidence.publications.scripts import acts_of_script
from slsacheck.evidence.publications.scripts._registry import PROGRAMS
from slsacheck.evidence.shell import worth_parsing
from slsacheck.model import Place
from tests.clock import soon

from .conftest import WORKFLOW, make_context

WORDS = st.sampled_from(
    [
        "run",
        "exec",
        "push",
        "publish",
        "build",
        "release",
        "upload",
        "create",
        "copy",
        "sign",
        "attest",
        "deploy",
        "--",
        "-",
        "--push",
        "-t",
        "--tag=",
        "-f",
        "x",
        "./x",
        "$X",
        "${X:-y}",
        "${{",
        "x",
        "}}",
        "ghcr.io/o/a:1",
        "@",
        ":",
        "/",
        "=",
        "--provenance",
        "--type",
        "slsaprovenance",
        "dist/*",
        "(",
        ")",
        "{",
        "|",
        "&&",
        ";",
        "\n",
        '"',
        "'",
        "<<",
        "EOF",
        "$(",
        ")",
        "-m",
        "-c",
        "bash",
        "npx",
        "s3",
        "cp",
        "s3://b",
        "nuget",
        "buildx",
        "bake",
        "imagetools",
        "storage",
        "blob",
        "rt",
        "pkg",
        "hex.publish",
        "--key",
        "--registry=",
        "http://[",
        "https://h/",
    ]
)
LINES = st.tuples(st.sampled_from(sorted(PROGRAMS)), st.lists(WORDS, max_size=10)).map(
    lambda pair: " ".join([pair[0], *pair[1]])
)
SCRIPTS = st.lists(LINES, max_size=6).map("\n".join)
FILES = {
    "Makefile": "push:\n\tdocker push x\n%: ; $(MAKE) $@x\n",
    "package.json": '{"name": "p", "scripts": {"build": "npm run build", "release": "npm publish"}}',
    "x": "./x\nnpm publish\n",
    "Taskfile.yml": "tasks: {build: {cmds: [{task: build}, npm publish]}}",
    "justfile": "build: build\n  npm publish\n",
    ".goreleaser.yml": "archives: 5\ndockers: {a: b}\nsigns: [x]\nrelease: []\n",
    "docker-bake.json": '{"target": [], "group": 5, "variable": {"a": []}}',
    "compose.yaml": "services: [a]\n",
    "pyproject.toml": "tool = 5\n",
    "Cargo.toml": "package = 5\n",
    ".releaserc": "[[[",
    "BUILD": "f(name = 'push', *x, **y)\n",
}


@settings(max_examples=400)
@given(SCRIPTS | st.text(max_size=200))
def test_nothing_is_raised_and_places_lie_inside(text: str) -> None:
    last = 9 + text.count("\n") + 1
    for act in acts_of_script(text, Place(path=WORKFLOW, line=10), make_context(FILES)):
        assert act.at.line is not None
        assert act.at.path in {WORKFLOW, *FILES}
        if act.at.path == WORKFLOW:
            assert 10 <= act.at.line <= last
        assert act.kind is not ActKind.PUBLISH or act.type or act.channel or act.what or act.name


@settings(max_examples=150)
@given(
    st.sampled_from(sorted(FILES)),
    st.text(max_size=200) | st.binary(max_size=100).map(lambda data: data.decode("latin-1")),
)
def test_files_of_any_text_raise_nothing(name: str, text: str) -> None:
    script = """make push
npm run build
npm publish
./x
task build
just build
goreleaser release
docker buildx bake --push
docker compose push
twine upload -r other x
cargo publish
npx semantic-release
bazel run //:push"""
    found = acts_of_script(script, Place(path=WORKFLOW, line=1), make_context({**FILES, name: text}))
    assert {act.at.path for act in found} <= {WORKFLOW, *FILES}


@pytest.mark.parametrize(
    ("script", "files"),
    [
        ("docker push x\n" * 80_000, {}),
        ("docker push x\n" * 18_000, {}),
        ("make a", {"Makefile": "".join(f"a{'a' * n}: a{'a' * (n + 1)}\n\tdocker push x\n" for n in range(500))}),
        ("make a", {"Makefile": "A=$(A)$(A)\nB=$(A)$(B)\na:\n\tdocker push $(A)$(B)\n"}),
        ("make a", {"Makefile": "a:" + " b" * 50_000 + "\n\tdocker push x\n"}),
        ("make a", {"Makefile": "a" * 200_000 + "\n" + " " * 200_000 + ":\n"}),
        (
            "make a",
            {"Makefile": "".join(f"V{n} = $(V{n + 1})$(V{n + 1})\n" for n in range(60)) + "a: ; docker push $(V0)\n"},
        ),
        ("just a", {"justfile": "a " + " b" * 50_000 + "\n" + "x" * 100_000}),
        ("task a", {"Taskfile.yml": "tasks: {a: {cmds: [" + "{task: a}," * 5_000 + "]}}"}),
        ("task a", {"Taskfile.yml": "tasks: {a: {cmds: ['" + "{{if .X}}" * 5_000 + "']}}"}),
        ("npm publish", {"package.json": "[" * 100_000}),
        ("npm run a", {"package.json": '{"scripts": {"a": "' + "npm run a && " * 5_000 + 'x"}}'}),
        ("bazel run //:push", {"BUILD": "(" * 50_000}),
        ("bazel run //:push", {"BUILD": "push(name = 'push', x = " + "-" * 50_000 + "1)"}),
        ("mvn deploy", {"pom.xml": "<distributionManagement>" + "<repository>" * 100_000}),
        ("earthly --push +x", {"Earthfile": "SAVE IMAGE --push " * 20_000}),
        ("goreleaser", {".goreleaser.yml": "archives:\n  - name_template: '" + "{{- x " * 20_000 + "'\n"}),
        ("./a.sh " + "x" * 100_000, {"a.sh": "docker push $1"}),
    ],
    ids=range(18),
)
def test_hostile_files_take_no_time(script: str, files: dict[str, str]) -> None:
    with soon(20):
        acts_of_script(script, Place(path=WORKFLOW, line=1), make_context(files))


NOT_WORDS = {"find", "eval", ".", "rm", "php", "tsx", "dash", "ash", "ksh", "pip", "pyproject-build"}
"""Programs whose arguments, or whose name in another form, say that a script is worth reading."""


@pytest.mark.parametrize("program", sorted(set(PROGRAMS) - NOT_WORDS))
def test_no_program_is_passed_over(program: str) -> None:
    assert worth_parsing(f"{program} x")


def test_a_script_over_the_limit_is_named() -> None:
    context = make_context()
    assert acts_of_script("docker push x\n" * 80_000, Place(path=WORKFLOW, line=3), context) == ()
    (problem,) = context.problems.items()
    assert problem.where == f"{WORKFLOW}:3"
    assert problem.advice


def test_the_same_script_two_hundred_times_is_read_once() -> None:
    text = 'set -euo pipefail\nnpm ci\nIMAGE=ghcr.io/o/app\ndocker build -t $IMAGE:$TAG .\ndocker push "$IMAGE:$TAG"\n'
    context = make_context()
    shell._read.cache_clear()
    with soon():
        for _ in range(200):
            acts_of_script(text, Place(path=WORKFLOW, line=1), context)
    assert shell._read.cache_info().misses == 1
