"""Bounds of the readers: circles, anchors, matrices, links, sizes; each ends soon and says what was left out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from slsacheck.evidence.files import WorkTree
from slsacheck.evidence.pipelines import read_all
from slsacheck.evidence.publications import trace
from slsacheck.evidence.tree import Problems
from tests.clock import soon
from tests.evidence.publications.tracing import publications_of

CIRCLES = {
    "gitlab includes": {
        ".gitlab-ci.yml": "include: [/a.yml, /b.yml]\njob: {script: x}\n",
        "a.yml": "include: /b.yml\n",
        "b.yml": "include: [/a.yml, /.gitlab-ci.yml]\n",
    },
    "gitlab child pipelines": {
        ".gitlab-ci.yml": "c: {trigger: {include: child.yml}}\n",
        "child.yml": "d: {trigger: {include: child.yml}}\ne: {trigger: {include: .gitlab-ci.yml}}\n",
    },
    "gitlab extends": {".gitlab-ci.yml": ".a: {extends: .b}\n.b: {extends: .a}\nj: {extends: .a, script: x}\n"},
    "azure templates": {
        "azure-pipelines.yml": "jobs: [{template: a.yml}]\n",
        "a.yml": "jobs: [{template: b.yml}, {template: b.yml}]\n",
        "b.yml": "jobs: [{template: a.yml}, {template: a.yml}]\n",
    },
    "circleci commands": {
        ".circleci/config.yml": "commands: {a: {steps: [b, b]}, b: {steps: [a, a]}}\njobs: {build: {machine: true, steps: [a]}}\n"
    },
    "github workflows": {
        ".github/workflows/a.yml": "on: {push: , workflow_call: }\njobs: {x: {uses: ./.github/workflows/b.yml}, y: {uses: ./.github/workflows/b.yml}}\n",
        ".github/workflows/b.yml": "on: {workflow_call: }\njobs: {x: {uses: ./.github/workflows/a.yml}, y: {uses: ./.github/workflows/a.yml}}\n",
    },
    "tekton pipelines": {
        ".tekton/a.yaml": "apiVersion: tekton.dev/v1\nkind: Pipeline\nmetadata: {name: p}\nspec: {pipelineRef: {name: p}, tasks: [{name: t, taskRef: {name: t}}]}\n"
        "---\napiVersion: tekton.dev/v1\nkind: Task\nmetadata: {name: t}\nspec: {taskRef: {name: t}}\n"
    },
    "argo templates": {
        "argo/a.yaml": "apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nspec: {templates: [{name: a, steps: [[{name: x, template: a}]], container: {image: y, args: ['{{inputs.parameters.p}}']}}]}\n"
    },
    "cirrus programs": {".cirrus.star": 'def main():\n    return main() + fs.read(".cirrus.star") + fs.read("a.yml")\n', "a.yml": "x_task: {script: y}\n"},
    "drone programs": {".drone.star": "def main(ctx):\n    return main(ctx)\n" * 20_000},
    "jsonnet": {".drone.jsonnet": "local f(x) = f(x);\n" * 20_000 + "f(1)"},
}  # fmt: skip


@pytest.mark.parametrize("name", CIRCLES)
def test_circles_end(name: str, tmp_path: Path) -> None:
    for path, text in CIRCLES[name].items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    tree, problems = WorkTree(str(tmp_path)), Problems()
    with soon(30):
        pipelines = read_all(tree, problems)
        trace(tree, pipelines, problems)
    assert pipelines


def test_anchors_that_multiply_are_said_to_be_too_many(read: Any) -> None:
    rows = "".join(f"x{number}: &x{number} [{', '.join([f'*x{number - 1}'] * 9)}]\n" for number in range(1, 12))
    text = f"x0: &x0 [make]\n{rows}job: {{script: *x11}}\n"
    with soon(30):
        found = read({".gitlab-ci.yml": text, ".github/workflows/a.yml": "on: push\njobs: {a: {runs-on: x}}\n"})
    assert [problem.where for problem in found.problems] == [".gitlab-ci.yml"]
    assert found[".github/workflows/a.yml"].jobs


def test_a_matrix_of_two_thousand_jobs(tmp_path: Path) -> None:
    values = ", ".join(f"v{number}" for number in range(2_000))
    text = (
        f"on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    strategy: {{matrix: {{name: [{values}]}}}}\n"
        "    steps:\n      - run: docker push ghcr.io/x/${{ matrix.name }}:1\n"
    )
    (tmp_path / ".github/workflows").mkdir(parents=True)
    (tmp_path / ".github/workflows/a.yml").write_text(text, encoding="utf-8")
    with soon(30):
        found = publications_of(tmp_path)
    assert 1 <= len(found) <= 2_000


@pytest.mark.parametrize("target", ["/etc/passwd", "../../outside.yml", "a.yml", "b.yml"])
def test_a_workflow_that_is_a_link_leads_nowhere_outside(target: str, tmp_path: Path) -> None:
    (tmp_path / "outside.yml").write_text("on: push\njobs: {secret: {runs-on: x}}\n", encoding="utf-8")
    folder = tmp_path / "repository" / ".github" / "workflows"
    folder.mkdir(parents=True)
    (folder / "b.yml").write_text("on: push\njobs: {own: {runs-on: x}}\n", encoding="utf-8")
    (folder / "a.yml").symlink_to(
        target if target.startswith("/") else f"../../{target}" if "out" in target else target
    )
    problems = Problems()
    pipelines = read_all(WorkTree(str(tmp_path / "repository")), problems)
    assert "secret" not in {job.id for pipeline in pipelines for job in pipeline.jobs}
    assert any(pipeline.path.endswith("b.yml") for pipeline in pipelines)


def test_a_jenkinsfile_of_a_megabyte(read: Any) -> None:
    stage = "stage('build') { steps { sh 'make all' } }\n"
    text = "pipeline { agent any\nstages {\n" + stage * (1_000_000 // len(stage)) + "}}\n"
    with soon(30):
        found = read({"Jenkinsfile": text})
    assert found.pipelines[0].jobs
    assert any("too long" in problem for problem in found.pipelines[0].problems)


def test_many_calls_of_one_template_are_bounded(tmp_path: Path) -> None:
    calls = "".join(f"          - {{name: c{number}, template: t}}\n" for number in range(20_000))
    text = (
        "apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nspec:\n  templates:\n    - name: t\n      container: {image: x, args: [make]}\n"
        f"    - name: all\n      dag:\n        tasks:\n{calls}"
    )
    (tmp_path / "argo").mkdir()
    (tmp_path / "argo/a.yaml").write_text(text, encoding="utf-8")
    tree, problems = WorkTree(str(tmp_path)), Problems()
    with soon(30):
        pipelines = read_all(tree, problems)
        trace(tree, pipelines, problems)
    assert len(pipelines[0].jobs) <= 2_000
    assert any("left out" in problem for problem in pipelines[0].problems)
