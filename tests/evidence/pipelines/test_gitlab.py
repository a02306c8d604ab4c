"""GitLab CI: includes, extends, references, child pipelines."""

from __future__ import annotations

from typing import Any

import pytest

from slsacheck.model import Pin, RunnerKind


@pytest.fixture(scope="module")
def found(project: Any) -> Any:
    return project("ci-gitlab-includes-and-extends")


def test_jobs_come_from_the_file_and_its_local_includes(found: Any) -> None:
    pipeline = found[".gitlab-ci.yml"]
    assert [job.id for job in pipeline.jobs] == ["lint", "build", "sign", "child", "downstream", "off"]
    assert pipeline.job("lint").at.path == "ci/jobs/lint.yml"


def test_extends_merges_mappings_and_replaces_the_rest(found: Any) -> None:
    job = found[".gitlab-ci.yml"].job("build")
    assert {item.name: item.value for item in job.env} == {"TARGET": "release", "CACHE": "yes"}
    assert (job.artifacts[0].name, job.artifacts[0].value) == ("artifacts.paths", "dist")
    assert job.stage == "build"


def test_scripts_follow_references_and_keep_their_lines(found: Any) -> None:
    job = found[".gitlab-ci.yml"].job("build")
    assert [(step.name, step.script, str(step.at), step.script_line) for step in job.steps] == [
        ("before_script", "apk add make", "ci/base.yml:3", 3),
        ("script", "make build", "ci/base.yml:5", 5),
        ("script", "make dist\nmake check\n", ".gitlab-ci.yml:28", 29),
    ]


def test_parallel_matrix(found: Any) -> None:
    assert dict(found[".gitlab-ci.yml"].job("build").matrix) == {"ARCH": ("amd64", "arm64"), "LIBC": ("musl",)}


def test_defaults_images_and_runners(found: Any) -> None:
    pipeline = found[".gitlab-ci.yml"]
    build, sign = pipeline.job("build"), pipeline.job("sign")
    assert (build.image.name, build.image.ref) == ("registry.example/builder", "1")
    assert (build.runner.label, build.runner.kind) == ("saas-linux-small-amd64", RunnerKind.HOSTED)
    assert sign.image.pin is Pin.SHA
    assert (sign.runner.label, sign.runner.kind) == ("own", RunnerKind.UNKNOWN)
    assert pipeline.job("downstream").runner is None


def test_what_the_model_has_no_word_for_is_an_option(found: Any) -> None:
    sign = found[".gitlab-ci.yml"].job("sign")
    assert sign.option("release.tag_name").value == "$CI_COMMIT_TAG"
    assert sign.option("id_tokens.SIGSTORE_ID_TOKEN.aud").value == "sigstore"
    assert sign.option("extends.missing..elsewhere").at.line == 36
    assert (sign.needs, sign.environment) == (("build",), "production")


def test_includes_from_elsewhere_are_named(found: Any) -> None:
    pipeline = found[".gitlab-ci.yml"]
    assert pipeline.external == (
        "group/templates/build.yml@v1.2.0",
        "group/templates/scan.yml@v1.2.0",
        "gitlab.example/components/release@1.0.0",
        "https://gitlab.example/raw/pipeline.yml",
        "Jobs/SAST.gitlab-ci.yml",
        "group/deploy",
    )
    component = next(item for item in pipeline.includes if item.kind == "include-component")
    assert (component.name, component.ref, component.pin) == ("gitlab.example/components/release", "1.0.0", Pin.TAG)
    assert pipeline.option("include.inputs.stage").value == "deploy"


def test_child_pipelines_are_read_too(found: Any) -> None:
    child = found["ci/child.yml"]
    assert child.reusable
    assert child.triggers[0].event == "parent_pipeline"
    assert child.jobs[0].steps[0].script == "./deploy.sh"


def test_rules(found: Any) -> None:
    pipeline = found[".gitlab-ci.yml"]
    assert not pipeline.job("off").live
    assert pipeline.job("lint").rules == ("only: merge_requests", "only: tags")
    assert pipeline.triggers[0].filters == (("rules", ("$CI_COMMIT_TAG",)),)
    assert next(item.value for item in pipeline.env if item.name == "RUNNER_GENERATE_ARTIFACTS_METADATA") == "true"


@pytest.mark.parametrize(
    "text",
    [
        "include: .gitlab-ci.yml\na: {script: x}",
        "a: {extends: a, script: x}",
        "a: {extends: b, script: x}\nb: {extends: a, script: y}",
        "a: {script: [!reference [a, script], x]}",
        "a: {rules: [!reference [a, rules]], script: x}",
        "a: {script: !reference [b, script]}\nb: {script: !reference [a, script]}",
    ],
)
def test_what_goes_round_in_circles_ends(read: Any, text: str) -> None:
    found = read({".gitlab-ci.yml": text})
    assert found.pipelines[0].jobs[0].id == "a"


def test_inherit_switches_defaults_off(read: Any) -> None:
    found = read({".gitlab-ci.yml": "default: {image: x}\na: {inherit: {default: false}, script: y}\nb: {script: y}"})
    one, two = found.pipelines[0].jobs
    assert one.image is None
    assert two.image is not None


def test_a_header_document_with_inputs_is_no_job(read: Any) -> None:
    found = read({".gitlab-ci.yml": "spec:\n  inputs: {a: {default: b}}\n---\njob: {script: 'echo $[[ inputs.a ]]'}\n"})
    assert [job.id for job in found.pipelines[0].jobs] == ["job"]
