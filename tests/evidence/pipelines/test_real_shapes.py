"""Projects in the shape of real ones, system by system: what is read, what is published, what is said not to be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from slsacheck.evidence.files import WorkTree
from slsacheck.evidence.pipelines import ci_systems, read_all
from slsacheck.evidence.publications import external, publishing, trace
from slsacheck.evidence.tree import Problems
from tests.evidence.publications.tracing import publications_of

PROJECTS = Path(__file__).parents[2] / "projects"
Published = set[tuple[str, str | None, str, str, str]]
KPACK = "registry.example/team/tool"
SHAPES: dict[str, Published] = {
    "ci-argo-docker-beside-a-daemon": {("container-image", "quay.io", "quay.io/example/app", "no", "full")},
    "ci-argo-kaniko-template": {("container-image", "ghcr.io", "ghcr.io/example/tool", "no", "full")},
    "ci-buildkite-release-scripts": {
        ("archive", "github-release", "archives", "no", "full"),
        ("container-image", "docker.io", "docker.io/example/agent", "no", "full"),
    },
    "ci-cirrus-docker-builder": {
        ("container-image", "ghcr.io", "ghcr.io/example/tool", "yes", "full"),
        ("container-image", "docker.io", "example/other", "no", "full"),
        ("python-package", "pypi", "Python packages", "no", "full"),
    },
    "ci-cirrus-starlark-reads-yaml": {("python-package", "pypi", "Python packages", "no", "full")},
    "ci-cirrus-starlark-tasks": set(),
    "ci-dagger-module-alone": set(),
    "ci-dagger-module-in-a-workflow": {("container-image", "ghcr.io", "ghcr.io/example/app", "unknown", "partial")},
    "ci-drone-jsonnet": {("container-image", "docker.io", "example/server", "no", "partial")},
    "ci-drone-starlark": {
        ("container-image", "docker.io", "example/app", "no", "partial"),
        ("python-package", "pypi", "Python packages", "no", "partial"),
    },
    "ci-github-actions-parallel-steps": {("container-image", "ghcr.io", "ghcr.io/example/app", "no", "full")},
    "ci-google-cloud-build-logs": set(),
    "ci-google-cloud-build-shell": {
        ("container-image", "gcr.io", "gcr.io/$PROJECT_ID/app", "no", "full"),
        ("container-image", "us-docker.pkg.dev", "us-docker.pkg.dev/example/apps/other", "unknown", "full"),
    },
    "ci-google-cloud-build-objects": {("binary", "example-downloads", "binaries", "no", "full")},
    "ci-google-cloud-build-make": {("container-image", "gcr.io", "gcr.io/example-staging/app", "no", "full")},
    "ci-konflux-inline-pipeline": {("container-image", "quay.io", "quay.io/example-tenant/app", "unknown", "full")},
    "ci-konflux-inline-pipeline-with-attachments": {
        ("container-image", "quay.io", "quay.io/example-tenant/app", "unknown", "full")
    },
    "ci-konflux-shared-pipeline": {
        ("container-image", "quay.io", "quay.io/example-tenant/controller", "unknown", "full")
    },
    "ci-kpack-older-group": {("container-image", "registry.example", KPACK, "unknown", "full")},
    "ci-tekton-catalogue-tasks": {
        ("archive", "github-release", "archives", "no", "full"),
        ("maven-artifact", "maven-central", "Java archives", "no", "full"),
    },
    "ci-tekton-trigger-task": set(),
    "ci-woodpecker-one-file": {("container-image", "codeberg.org", "codeberg.org/example/tool", "no", "full")},
    "ci-tekton-trigger-template": {("container-image", "quay.io", "quay.io/example/app", "no", "full")},
}


def published(name: str) -> Published:
    found = publications_of(PROJECTS / name)
    return {(one.type, one.channel, one.name or "", one.provenance.made, one.read) for one in found}


@pytest.mark.parametrize("name", SHAPES)
def test_what_is_published_is_found(name: str) -> None:
    assert published(name) == SHAPES[name]


PROGRAMS = {
    "ci-cirrus-starlark-reads-yaml": ("cirrus-ci", True),
    "ci-cirrus-starlark-tasks": ("cirrus-ci", False),
    "ci-dagger-module-alone": ("dagger", False),
    "ci-dagger-module-in-a-workflow": ("dagger", False),
    "ci-drone-jsonnet": ("drone", False),
    "ci-drone-starlark": ("drone", False),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_is_said_not_to_be_understood(name: str, project: Any) -> None:
    found = project(name)
    system, understood = PROGRAMS[name]
    (named,) = [item for item in ci_systems(found.tree, found.pipelines) if item.name == system]
    assert (named.understood, "not understood" in named.note) == (understood, True)
    own = [pipeline for pipeline in found.pipelines if pipeline.option("program")]
    assert all("not understood" in "".join(pipeline.problems) and pipeline.external for pipeline in own)


@pytest.mark.parametrize("name", ["ci-cirrus-starlark-tasks", "ci-drone-starlark"])
def test_a_program_is_no_reason_to_say_that_nothing_is_published(name: str) -> None:
    tree, problems = WorkTree(str(PROJECTS / name)), Problems()
    pipelines = read_all(tree, problems)
    found = trace(tree, pipelines, problems)
    assert publishing(found, pipelines) == "outside"
    assert any("makes the pipelines when it runs" in text for text in external(found, pipelines))


def test_a_template_is_a_job_for_each_call_with_what_it_is_given(project: Any) -> None:
    pipeline = project("ci-argo-docker-beside-a-daemon")[".argo/ci.yaml"]
    assert [(job.id, job.name, job.needs) for job in pipeline.jobs] == [
        ("source", "checkout", ()),
        ("unit", "unit", ("source",)),
        ("image", "image", ("source",)),
        ("report", "report", ()),
    ]
    assert [service.name for service in pipeline.jobs[2].services] == ["docker"]


def test_a_trigger_template_makes_runs_for_the_events_of_its_listener(project: Any) -> None:
    run = project("ci-tekton-trigger-template")["tekton/triggers.yaml"]
    assert [trigger.event for trigger in run.triggers] == ["push"]
    assert {item.name: item.value for item in run.env}["tt.image"] == "quay.io/example/app"
    task = project("ci-tekton-trigger-task")["tekton/trigger-template.yaml"]
    assert (task.jobs[0].uses.name, task.triggers[0].event) == ("gate", "webhook")
    assert "task gate of the cluster" in task.external


def test_an_expression_of_pipelines_as_code_tells_the_event(project: Any) -> None:
    run = project("ci-konflux-inline-pipeline")[".tekton/app-push.yaml"]
    assert [trigger.event for trigger in run.triggers] == ["push"]


def test_programs_name_files_only_inside_the_target(read: Any) -> None:
    text = 'load("cirrus", "fs")\ndef main():\n    return fs.read("../x.yml") + fs.read("/etc/x.yml") + fs.read("gone.yml")\n'
    found = read({".cirrus.star": text, "x.yml": "a_task: {script: x}"})
    assert [pipeline.path for pipeline in found.pipelines] == [".cirrus.star"]
    assert all(path in found.tree.files for path in found.tree.reads)


def test_parameters_that_name_each_other_end(tmp_path: Path) -> None:
    text = (
        "apiVersion: tekton.dev/v1\nkind: PipelineRun\nmetadata: {name: r}\nspec:\n  params:\n"
        "    - {name: a, value: $(params.b)$(params.b)}\n    - {name: b, value: $(params.a)$(params.a)}\n"
        "  pipelineSpec:\n    tasks:\n      - name: t\n        taskSpec: {steps: [{image: x, script: docker push $(params.a)}]}\n"
    )
    (tmp_path / ".tekton").mkdir()
    (tmp_path / ".tekton/r.yaml").write_text(text, encoding="utf-8")
    assert len(publications_of(tmp_path)) <= 1


def test_steps_in_parallel_are_steps_of_the_job(project: Any) -> None:
    (job,) = project("ci-github-actions-parallel-steps")[".github/workflows/release.yml"].jobs
    assert [step.uses.name if step.uses else step.script for step in job.steps] == [
        "actions/checkout",
        "docker/login-action",
        "make base",
        "docker/build-push-action",
    ]
