"""Which job made what another one publishes: artifacts by stage, workspaces, pipeline artifacts."""

from pathlib import Path

import pytest

from slsacheck.evidence.files import WorkTree
from slsacheck.evidence.pipelines import read_all
from slsacheck.evidence.publications import trace
from slsacheck.evidence.publications.order import order_of
from slsacheck.evidence.tree import Problems
from slsacheck.model import Pipeline
from tests.clock import soon
from tests.evidence.publications.tracing import publications_of

PROJECTS = Path(__file__).parents[2] / "projects"


def pipelines_of(folder: Path) -> tuple[Pipeline, ...]:
    return read_all(WorkTree(str(folder)), Problems())


MADE_BY: dict[str, set[tuple[str, tuple[str, ...]]]] = {
    "ci-buildkite-release-scripts": {("archive", ("build",)), ("container-image", (":docker: alpine",))},
    "flow-azure-pipeline-artifacts": {("nuget-package", ("pack",)), ("archive", ("zip",))},
    "flow-bitbucket-artifacts": {("python-package", ("tags:v*/Build",))},
    "flow-circleci-workspace": {("archive", ("build",))},
    "flow-gitlab-artifacts-by-stage": {("python-package", ("wheel",)), ("archive", ("archive",))},
    "flow-gitlab-needs-say-which-artifacts": {("archive", ("one",)), ("os-package", ("second",))},
}


@pytest.mark.parametrize("name", MADE_BY)
def test_what_is_published_is_known_to_come_from_which_job(name: str) -> None:
    found = {(one.type, tuple(job.id for job in one.build_jobs)) for one in publications_of(PROJECTS / name)}
    assert found == MADE_BY[name]


def test_only_what_a_job_gets_is_covered_by_the_provenance_of_another() -> None:
    found = {
        one.type: one.provenance.made for one in publications_of(PROJECTS / "flow-gitlab-needs-say-which-artifacts")
    }
    assert found == {"archive": "yes", "os-package": "no"}


def test_a_stage_without_a_word_follows_the_one_above_it() -> None:
    (pipeline,) = pipelines_of(PROJECTS / "flow-azure-pipeline-artifacts")
    before = order_of(pipeline)
    ended = {job.id: {name for name in before(job) if not name.startswith("\0")} for job in pipeline.jobs}
    assert ended == {"pack": set(), "zip": set(), "nuget": {"pack", "zip"}, "github": {"pack", "zip"}}


def test_a_name_in_two_workflows_is_two_jobs() -> None:
    (pipeline,) = pipelines_of(PROJECTS / "flow-circleci-workspace")
    before = order_of(pipeline)
    assert [(job.stage, job.id, sorted(before(job))) for job in pipeline.jobs] == [
        ("ship", "build", []),
        ("ship", "docs", []),
        ("ship", "release", ["build"]),
        ("nightly", "build", []),
    ]


def test_a_job_of_another_pipeline_is_none_of_this_one(tmp_path: Path) -> None:
    text = (
        "build:\n  stage: build\n  script: make out/a.zip\n  artifacts: {paths: [out]}\n"
        "ship:\n  stage: deploy\n  needs:\n    - {project: group/other, job: build, ref: main, artifacts: true}\n"
        "  script: glab release upload v1 out/a.zip\n"
    )
    (tmp_path / ".gitlab-ci.yml").write_text(text, encoding="utf-8")
    (archive,) = publications_of(tmp_path)
    assert [job.id for job in archive.build_jobs] == ["ship"]
    (pipeline,) = pipelines_of(tmp_path)
    assert pipeline.jobs[1].needs == ()
    assert pipeline.jobs[1].option("needs.elsewhere") is not None


def test_hundreds_of_jobs_in_stages_are_ordered_soon(tmp_path: Path) -> None:
    stages = [f"s{number}" for number in range(20)]
    jobs = "".join(
        f"j{number}:\n  stage: s{number % 20}\n  script: twine upload dist/*\n  artifacts: {{paths: [dist]}}\n"
        for number in range(400)
    )
    (tmp_path / ".gitlab-ci.yml").write_text(f"stages: [{', '.join(stages)}]\n{jobs}", encoding="utf-8")
    pipelines = pipelines_of(tmp_path)
    with soon(100):
        found = trace(WorkTree(str(tmp_path)), pipelines, Problems())
    assert len(found) == 400


def test_stages_that_wait_for_each_other_end(tmp_path: Path) -> None:
    text = (
        "stages:\n- stage: a\n  dependsOn: b\n  jobs: [{job: x, dependsOn: y}, {job: y, dependsOn: x}]\n"
        "- stage: b\n  dependsOn: a\n  jobs: [{job: z}]\n"
    )
    (tmp_path / "azure-pipelines.yml").write_text(text, encoding="utf-8")
    (pipeline,) = pipelines_of(tmp_path)
    before = order_of(pipeline)
    assert {"x", "y", "z"} <= before(pipeline.jobs[0])


def test_an_index_for_trying_out_is_no_channel(tmp_path: Path) -> None:
    text = (
        "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n"
        "      - run: twine upload --repository testpypi dist/*\n"
        "      - uses: pypa/gh-action-pypi-publish@release/v1\n        with: {repository-url: https://test.pypi.org/legacy/}\n"
    )
    (tmp_path / ".github/workflows").mkdir(parents=True)
    (tmp_path / ".github/workflows/a.yml").write_text(text, encoding="utf-8")
    assert publications_of(tmp_path) == ()


def test_images_that_cloud_build_makes_in_a_folder_are_named(tmp_path: Path) -> None:
    make = "IMAGE = gcr.io/example/$(NAME)\nNAME ?= app\npush:\n\tdocker push $(IMAGE):1\n"
    build = (
        "steps:\n- {name: gcr.io/x/gcloud, entrypoint: make, args: ['-C', images/app, push]}\n"
        "- {name: gcr.io/x/gcloud, entrypoint: make, dir: images/app, args: [push, NAME=second]}\n"
        "- {name: gcr.io/x/gcloud, entrypoint: bash, args: ['-c', 'make -C images/app push NAME=third']}\n"
    )
    (tmp_path / "images/app").mkdir(parents=True)
    (tmp_path / "images/app/Makefile").write_text(make, encoding="utf-8")
    (tmp_path / "cloudbuild.yaml").write_text(build, encoding="utf-8")
    assert {one.name for one in publications_of(tmp_path)} == {
        f"gcr.io/example/{name}" for name in ("app", "second", "third")
    }
