"""Hostile and huge configuration: one clear answer, soon, and the rest goes on."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slsacheck.evidence.pipelines import build_tools, ci_systems, references
from tests.clock import soon

PATHS = (
    ".github/workflows/a.yml",
    ".gitlab-ci.yml",
    "azure-pipelines.yml",
    "bitbucket-pipelines.yml",
    ".buildkite/pipeline.yml",
    ".circleci/config.yml",
    ".cirrus.yml",
    ".drone.yml",
    "cloudbuild.yaml",
    "Jenkinsfile",
    ".tekton/a.yaml",
    ".travis.yml",
    ".woodpecker.yml",
    "workflows/argo.yaml",
    "kpack/image.yaml",
)
BAD = {
    "brackets": "[" * 30_000,
    "braces": "{a: " * 30_000,
    "nul": b"on: push\0",
    "huge": b"a: b\n" * 1_000_000,
    "not UTF-8": b"\xff\xfe\x00a",
    "bomb": "a: &a [x,x]\n" + "".join(f"k{n}: &a [*a,*a,*a,*a]\n" for n in range(40)),
    "tab": "jobs:\n\tbuild: x",
    "list": "- a\n- b",
    "word": "word",
    "empty": "",
    "numbers": "on: 1\njobs: 2\nstages: 3\nsteps: 4\nworkflows: 5\npipelines: 6\nkind: 7\n",
}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("name", BAD)
def test_bad_files_end_in_a_problem_or_nothing(read: Any, path: str, name: str) -> None:
    with soon():
        found = read({path: BAD[name], "Makefile": ""})
    for problem in found.problems:
        assert problem.where == path
        assert problem.reason
    assert [item.name for item in build_tools(found.tree, found.pipelines)] == ["make"]
    assert len(ci_systems(found.tree, found.pipelines)) <= 1


def test_one_bad_file_does_not_hide_the_others(read: Any) -> None:
    good = "on: push\njobs: {a: {runs-on: ubuntu-latest, steps: [{run: make}]}}"
    found = read({".github/workflows/a.yml": "[" * 200, ".github/workflows/b.yml": good})
    assert found.pipelines[1].jobs[0].steps[0].script == "make"
    assert len(found.problems) == 1


def test_a_thousand_workflows_take_linear_time(read: Any) -> None:
    step = "      - uses: actions/checkout@v5\n      - run: make build\n"
    text = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n" + step * 5
    with soon(30):
        found = read({f".github/workflows/{number}.yml": text for number in range(1_000)})
        assert references(found.tree, found.pipelines).by_tag == 5_000


def test_each_file_is_read_once(read: Any) -> None:
    found = read(dict.fromkeys(PATHS, "a: 1\n"))
    assert len(found.tree.reads) == len(set(found.tree.reads))


def test_large_matrices_are_never_multiplied(read: Any) -> None:
    values = ", ".join(str(number) for number in range(2_000))
    axes = "".join(f"        axis{number}: [{values}]\n" for number in range(20))
    text = "on: push\njobs:\n  a:\n    runs-on: ${{ matrix.axis1 }}${{ matrix.axis2 }}\n    strategy:\n      matrix:\n"
    with soon():
        job = read({".github/workflows/a.yml": text + axes}).pipelines[0].jobs[0]
    assert len(job.matrix) == 20
    assert not job.runner.resolved


def test_many_jobs(read: Any) -> None:
    jobs = "".join(
        f"  j{number}: {{runs-on: ubuntu-latest, needs: j{max(0, number - 1)}}}\n" for number in range(2_000)
    )
    found = read({".github/workflows/a.yml": "on: push\njobs:\n" + jobs})
    assert len(found.pipelines[0].jobs) == 2_000


def test_extends_and_commands_that_multiply_are_bounded(read: Any) -> None:
    gitlab = "".join(f".t{n}:\n  extends: [.t{n + 1}, .t{n + 1}]\n  script: [x]\n" for n in range(60))
    circle = "".join(f"  c{n}: {{steps: [c{n + 1}, c{n + 1}]}}\n" for n in range(40))
    files = {
        ".gitlab-ci.yml": gitlab + ".t60: {script: [y]}\njob: {extends: .t0}\n",
        ".circleci/config.yml": f"commands:\n{circle}  c40: {{steps: [{{run: x}}]}}\n"
        "jobs: {build: {machine: true, steps: [c0]}}\n",
    }
    with soon():
        found = read(files)
    assert len(found.pipelines) == 2


def test_templates_that_include_themselves_end(read: Any) -> None:
    found = read({"azure-pipelines.yml": "steps:\n  - script: x\n  - template: azure-pipelines.yml\n"})
    assert 1 <= len(found.pipelines[0].jobs[0].steps) < 100


def test_long_jenkinsfiles_take_linear_time(read: Any) -> None:
    for text in (
        "sh '''" * 20_000,
        '"\\' * 100_000,
        "/*" * 100_000,
        "stage('a') {" * 20_000,
        "sh(" * 50_000,
        "$/" * 90_000,
    ):
        with soon(20):
            read({"Jenkinsfile": text})


WORDS = st.sampled_from(
    [
        "on",
        "jobs",
        "steps",
        "run",
        "uses",
        "runs-on",
        "with",
        "strategy",
        "matrix",
        "include",
        "stages",
        "script",
        "image",
        "extends",
        "trigger",
        "workflows",
        "kind",
        "apiVersion",
        "spec",
        "tasks",
        "tekton.dev/v1",
        "argoproj.io/v1",
        "kpack.io/v1",
        "Pipeline",
        "PipelineRun",
        "Image",
        "pipelines",
        "step",
        "pipe",
        "task",
        "template",
        "pool",
        "vmImage",
        "commands",
        "orbs",
        "executor",
        "parallel",
        "default",
        "!reference",
        "${{x}}",
        "*a",
        "name",
        "node",
        "sh",
    ]
)
TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | WORDS | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=5),
    max_leaves=25,
)


@settings(max_examples=150)
@given(tree=TREES, path=st.sampled_from(PATHS))
def test_any_structure_is_read(read: Any, tree: object, path: str) -> None:
    import yaml

    text = yaml.safe_dump(tree, allow_unicode=True)
    found = read({path: text})
    ci_systems(found.tree, found.pipelines)
    references(found.tree, found.pipelines)
    lines = text.count("\n") + 1
    for pipeline in found.pipelines:
        for job in pipeline.jobs:
            for place in [job.at, *(step.at for step in job.steps)]:
                assert place.path == path
                assert place.line is not None
                assert 1 <= place.line <= lines


@settings(max_examples=150)
@given(text=st.text(max_size=300), path=st.sampled_from(PATHS))
def test_any_text_is_read(read: Any, text: str, path: str) -> None:
    found = read({path: text.encode("utf-8", "replace")})
    for problem in found.problems:
        assert problem.where == path


GROOVY = st.lists(
    st.sampled_from(
        [
            "sh ",
            "'a'",
            '"b"',
            "'''c\n'''",
            "stage('x') ",
            "{",
            "}",
            "(",
            ")",
            "node ",
            "pipeline ",
            "agent any",
            "\n",
            "//c\n",
            ":",
        ]
    ),
    max_size=40,
).map("".join)


@settings(max_examples=150)
@given(text=GROOVY)
def test_any_jenkinsfile_is_read(read: Any, text: str) -> None:
    for pipeline in read({"Jenkinsfile": text}).pipelines:
        for job in pipeline.jobs:
            for step in job.steps:
                assert step.script_line is not None
                assert 1 <= step.script_line <= text.count("\n") + 1


def many(count: int, line: str) -> str:
    return "".join(line.format(n=number, m=number + 1) for number in range(count))


TEKTON = (
    "---\napiVersion: tekton.dev/v1\nkind: PipelineRun\nmetadata: {{name: r{n}}}\nspec: {{pipelineRef: {{name: p}}}}\n"
)
PIPELINE = "---\napiVersion: tekton.dev/v1\nkind: Pipeline\nmetadata: {name: p}\nspec:\n  tasks:\n"
REPEATING = {
    "references": {
        ".gitlab-ci.yml": many(30, ".a{n}: {{script: [!reference [.a{m}, script], !reference [.a{m}, script]]}}\n")
        + ".a30: {script: [x]}\n"
        + many(900, "j{n}: {{script: [!reference [.a0, script]]}}\n")
    },
    "commands": {
        ".circleci/config.yml": "commands:\n"
        + many(9, "  c{n}: {{steps: [c{m}, c{m}]}}\n")
        + "  c9: {steps: [{run: x}]}\njobs: {j: {machine: true, steps: [c0]}}\nworkflows: {w: {jobs: ["
        + "j," * 5_000
        + "]}}\n"
    },
    "templates": {
        "azure-pipelines.yml": "jobs:\n" + "- {job: a, steps: [{template: t.yml}]}\n" * 900,
        "t.yml": "steps:\n" + "- script: x\n- template: t.yml\n" * 100,
    },
    "runs": {".tekton/a.yaml": many(500, TEKTON) + PIPELINE + many(500, "  - {{name: t{n}, taskRef: {{name: k}}}}\n")},
}


@pytest.mark.parametrize("name", REPEATING)
def test_what_repeats_itself_is_read_to_a_limit_and_said_so(read: Any, name: str) -> None:
    with soon(40):
        found = read(REPEATING[name])
    assert any("left out" in problem for pipeline in found.pipelines for problem in pipeline.problems)
