"""GitHub Actions: workflows, matrices, reusable workflows, the repository's own actions."""

from __future__ import annotations

from typing import Any

import pytest

from slsacheck.evidence.pipelines import action, composite, local_path
from slsacheck.model import Pin, RunnerKind

RELEASE = ".github/workflows/release.yml"


@pytest.fixture(scope="module")
def found(project: Any) -> Any:
    return project("ci-github-actions-reusable-release")


def test_triggers_keep_their_filters_and_inputs(found: Any) -> None:
    push, dispatch = found[RELEASE].triggers
    assert (push.event, push.tags, push.branches, push.at.line) == ("push", ("v*",), (), 3)
    assert (dispatch.event, dispatch.inputs) == ("workflow_dispatch", ("channel",))
    assert [(item.name, item.value) for item in dispatch.defaults] == [("channel", "stable")]


def test_empty_permissions_take_everything_away(found: Any) -> None:
    pipeline = found[RELEASE]
    assert pipeline.permissions.declared
    assert pipeline.permissions.access("contents") == "none"
    assert pipeline.job("build").permissions.access("contents") == "read"
    assert pipeline.job("build").permissions.access("packages") == "none"
    assert pipeline.job("provenance").permissions.access("packages") == "write"
    assert pipeline.job("never").permissions.access("packages") is None


def test_a_matrix_becomes_axes_and_decides_the_runner(found: Any) -> None:
    job = found[RELEASE].job("build")
    assert dict(job.matrix) == {"os": ("ubuntu-24.04", "macos-15", "windows-2025"), "suffix": (".exe",)}
    assert job.includes == ((("os", "windows-2025"), ("suffix", ".exe")),)
    assert job.runner.kind is RunnerKind.HOSTED
    assert job.runner.labels == ("ubuntu-24.04", "macos-15", "windows-2025")
    assert job.runner.resolved


def test_steps_have_places_and_script_lines(found: Any) -> None:
    checkout, setup, build = found[RELEASE].job("build").steps
    assert (checkout.uses.name, checkout.uses.pin, checkout.uses.comment) == ("actions/checkout", Pin.SHA, "v4.2.2")
    assert checkout.uses.at.line == 31
    assert setup.uses.pin is Pin.LOCAL
    assert setup.input("Go-Version").value == "${{ env.GO_VERSION }}"
    assert (build.id, build.shell, build.directory) == ("hash", "bash", "cmd")
    assert build.script == "make build\nsha256sum dist/* > sums\n"
    assert build.script_line == 38


def test_a_called_workflow_of_the_repository_gets_its_callers_inputs(found: Any) -> None:
    call = found[RELEASE].job("image")
    assert local_path(call.uses) == ".github/workflows/_image.yml"
    assert call.inherits_secrets
    assert call.needs == ("build",)
    called = found[".github/workflows/_image.yml"]
    assert called.reusable
    assert called.external == ()
    assert called.jobs[0].runner.labels == ("ubuntu-24.04-arm", "ubuntu-latest")
    assert called.jobs[0].runner.kind is RunnerKind.HOSTED
    assert [(item.name, item.value) for item in called.outputs] == [("digest", "${{ jobs.push.outputs.digest }}")]
    tags = called.jobs[0].steps[0].input("tags")
    assert (tags.value.splitlines()[0], tags.text_line) == ("ghcr.io/example/tool:latest", 21)


def test_a_workflow_of_somebody_else_is_external(found: Any) -> None:
    job = found[RELEASE].job("provenance")
    assert job.uses.kind == "reusable-workflow"
    assert (job.uses.name, job.uses.ref) == ("slsa-framework/slsa-github-generator", "v2.1.0")
    assert job.uses.path == ".github/workflows/generator_generic_slsa3.yml"
    assert local_path(job.uses) is None
    assert found[RELEASE].external == (job.uses.raw,)
    assert [item.name for item in job.secrets] == ["token"]


def test_a_job_that_is_switched_off(found: Any) -> None:
    job = found[RELEASE].job("never")
    assert not job.live
    assert job.runner.kind is RunnerKind.SELF_HOSTED
    assert job.environment == "production"
    assert (job.image.name, job.image.pin) == ("registry.example/builder", Pin.SHA)
    assert job.services[0].ref == "17"
    assert (job.steps[0].script, job.steps[0].script_line) == ("echo one two", 70)
    assert found[RELEASE].live


def test_composite_actions_of_the_repository(found: Any) -> None:
    own = action(found.tree, "./.github/actions/setup")
    assert own is not None
    assert (own.using, own.inputs, own.path) == ("composite", ("go-version",), ".github/actions/setup/action.yml")
    assert own.defaults[0].value == "stable"
    steps = composite(found.tree, "$/.github/actions/setup/")
    assert [bool(step.uses) for step in steps] == [True, False]
    assert steps[1].script_line == 11
    assert composite(found.tree, "./nothing") == ()
    assert action(found.tree, "./") is None


def test_what_can_be_read_of_a_broken_file_is_kept(project: Any) -> None:
    found = project("ci-github-actions-broken-file")
    broken = found[".github/workflows/broken.yml"]
    assert broken.jobs[0].steps[0].script == "make build"
    assert "line 8" in broken.problems[0]
    assert [problem.where for problem in found.problems] == [".github/workflows/broken.yml"]
    assert found[".github/workflows/fine.yml"].problems == ()


@pytest.mark.parametrize("on", ["push", "[push, pull_request]", "{push: , pull_request: {branches: [main]}}"])
def test_all_forms_of_on(read: Any, on: str) -> None:
    found = read({".github/workflows/a.yml": f"on: {on}\njobs: {{a: {{runs-on: x, steps: []}}}}\n"})
    assert found.pipelines[0].triggers[0].event == "push"


def test_repeated_keys_are_told_and_the_last_wins(read: Any) -> None:
    found = read({".github/workflows/a.yml": "name: one\non: push\njobs:\n  a: {runs-on: x}\nname: two\n"})
    assert found.pipelines[0].name == "two"
    assert "the key 'name' comes again" in found.pipelines[0].problems[0]


def test_files_that_are_no_workflows_say_so(read: Any) -> None:
    found = read(
        {".github/workflows/a.yml": "", ".github/workflows/b.yaml": "[1]", ".github/workflows/c.yml": "on: push"}
    )
    assert [bool(pipeline.problems) for pipeline in found.pipelines] == [True, True, True]
    assert not any(pipeline.live for pipeline in found.pipelines)


def test_only_the_folder_itself_holds_workflows(read: Any) -> None:
    text = "on: push\njobs: {a: {runs-on: x}}"
    found = read({".github/workflows/.dot.yml": text, ".github/workflows/sub/a.yml": text, ".github/a.yml": text})
    assert [pipeline.path for pipeline in found.pipelines] == [".github/workflows/.dot.yml"]


def test_anchors_share_steps(read: Any) -> None:
    text = (
        "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps: &steps\n      - run: make\n"
        "  b:\n    runs-on: ubuntu-latest\n    steps: *steps\n"
    )
    found = read({".github/workflows/a.yml": text})
    assert [job.steps[0].at.line for job in found.pipelines[0].jobs] == [6, 6]


def test_own_workflows_by_full_name_are_known(read: Any) -> None:
    text = "on: push\njobs:\n  a:\n    uses: Owner/Repo/.github/workflows/b.yml@main\n"
    found = read({".github/workflows/a.yml": text}, origin="owner/repo")
    reference = found.pipelines[0].jobs[0].uses
    assert reference.own
    assert reference.pin is Pin.BRANCH_OR_OTHER
    assert local_path(reference) == ".github/workflows/b.yml"
    assert found.pipelines[0].external == ()
    assert read({".github/workflows/a.yml": text}).pipelines[0].external
