"""The other CI systems, each with a sample project."""

from __future__ import annotations

from typing import Any

from slsacheck.model import Pin, RunnerKind


def scripts(job: Any) -> list[tuple[str | None, int | None]]:
    return [(step.script, step.script_line) for step in job.steps if step.script is not None]


def test_circleci(project: Any) -> None:
    pipeline = project("ci-circleci-orbs-and-commands")[".circleci/config.yml"]
    assert [job.id for job in pipeline.jobs] == ["build", "test-mac", "fleet", "docker/publish", "build", "unused"]
    build, mac, fleet, orb, nightly, unused = pipeline.jobs
    assert scripts(build) == [("make deps", 20), ("make build\n", 32)]
    assert build.steps[-1].uses.raw == "circleci/docker@2.8.2:push"
    assert (build.image.name, build.services[0].name) == ("cimg/go", "postgres")
    assert build.condition == "filters.tags.only: /^v.*/"
    assert [item.value for item in build.secrets] == ["release-secrets"]
    assert (mac.runner.label, mac.runner.kind, mac.needs) == ("m4pro.medium", RunnerKind.HOSTED, ("build",))
    assert scripts(mac) == [("make test", 42)]
    assert fleet.runner.kind is RunnerKind.SELF_HOSTED
    assert orb.uses.path == "publish"
    assert nightly.stage == "nightly"
    assert not unused.live
    assert pipeline.external == ("circleci/docker@2.8.2", "example/tools@dev:first")
    assert [item.pin for item in pipeline.includes] == [Pin.TAG, Pin.BRANCH_OR_OTHER]
    assert pipeline.trigger("schedule").filters == (("cron", ("0 0 * * *",)),)


def test_azure_pipelines(project: Any) -> None:
    found = project("ci-azure-templates-and-pools")
    assert [pipeline.path for pipeline in found.pipelines] == ["azure-pipelines.yml"]
    pipeline = found.pipelines[0]
    linux, push = pipeline.jobs
    assert scripts(linux) == [("dotnet build\n", 6), ("dotnet test\n", 12), ("make nightly", 28)]
    assert str(linux.steps[0].at) == "eng/steps.yml:5"
    assert linux.steps[2].condition.startswith("${{ if")
    assert (linux.runner.label, linux.runner.kind) == ("ubuntu-24.04", RunnerKind.HOSTED)
    assert (push.runner.label, push.runner.kind) == ("own-pool", RunnerKind.UNKNOWN)
    assert push.steps[0].uses.raw == "NuGetCommand@2"
    assert push.steps[0].input("command").value == "push"
    assert (push.environment, push.needs, push.stage) == ("production", ("build",), "publish")
    assert pipeline.external == ("sign.yml@shared", "Platform/Templates@refs/tags/v1")
    assert pipeline.trigger("push").tags == ("v*",)
    assert pipeline.trigger("pull_request") is None
    assert [item.value for item in pipeline.env] == ["release-secrets", "Release"]


def test_templates_of_azure_pipelines_are_no_pipelines(read: Any) -> None:
    found = read(
        {
            "azure-pipelines/main.yml": "trigger: [main]\njobs:\n- job: a\n  steps:\n  - template: templates/steps.yml\n",
            "azure-pipelines/templates/steps.yml": "steps:\n- template: inner.yml\n",
            "azure-pipelines/templates/inner.yml": "steps:\n- script: make\n",
            "azure-pipelines/alone.yml": "steps:\n- script: make release\n",
        }
    )
    assert [pipeline.path for pipeline in found.pipelines] == ["azure-pipelines/alone.yml", "azure-pipelines/main.yml"]
    assert scripts(found["azure-pipelines/main.yml"].jobs[0]) == [("make", 2)]


def test_jenkins_declarative(project: Any) -> None:
    pipeline = project("ci-jenkins-declarative-and-library")["Jenkinsfile"]
    assert [job.id for job in pipeline.jobs] == ["main", "Build", "Publish"]
    _, build, publish = pipeline.jobs
    assert build.image.name == "golang"
    assert build.runner.label == "linux && docker"
    assert scripts(build) == [("          make build\n          make check\n        ", 14)]
    assert scripts(publish) == [("npm publish --tag ${env.TAG_NAME}", 23), ("echo done", 24)]
    assert publish.secrets[0].value == "npm"
    assert publish.steps[1].shell == "bat"
    assert pipeline.external == ("shared library example-shared@v3",)
    assert {trigger.event for trigger in pipeline.triggers} == {"push", "cron"}


def test_jenkins_scripted_and_steps_of_libraries(project: Any) -> None:
    pipeline = project("ci-jenkins-scripted")["ci/release.jenkinsfile"]
    assert pipeline.external == ("the step buildPlugin() of a shared library or plug-in",)
    release = pipeline.job("Release")
    assert scripts(release) == [("make release", 5)]
    assert release.runner.label == "linux"


def test_google_cloud_build(project: Any) -> None:
    found = project("ci-google-cloud-build")
    job = found["cloudbuild.yaml"].jobs[0]
    assert scripts(job) == [
        ("docker build \\\n-t 'gcr.io/$PROJECT_ID/tool:$_TAG' .", 6),
        ("go test ./...\n", 13),
    ]
    assert job.steps[1].image.name == "golang"
    assert job.option("images").value == "gcr.io/$PROJECT_ID/tool"
    assert job.option("options.requestedVerifyOption").value == "VERIFIED"
    assert job.runner.kind is RunnerKind.HOSTED
    nightly = found["ci/cloudbuild/nightly.json"].jobs[0]
    assert scripts(nightly) == [("make nightly", 1)]
    assert nightly.runner.kind is RunnerKind.UNKNOWN


def test_tekton(project: Any) -> None:
    found = project("ci-tekton-pipelines-as-code")
    run = found[".tekton/release.yaml"]
    assert [job.id for job in run.jobs] == ["clone", "build", "report"]
    assert (run.triggers[0].event, run.triggers[0].branches) == ("push", ("refs/tags/*",))
    clone, build, report = run.jobs
    assert clone.uses.raw == "hub:git-clone@0.9"
    assert build.needs == ("clone",)
    assert [item.name for item in build.outputs] == ["IMAGE_URL", "IMAGE_DIGEST"]
    assert scripts(build) == [("'--destination=$(params.image)'", 39), ("test -s digest", 43)]
    assert build.steps[1].image.pin is Pin.SHA
    assert scripts(report)[0][1] == 24
    assert run.external == ("the cluster and whether Tekton Chains watches it", "hub:git-clone@0.9")
    assert not run.reusable
    assert found["tekton/pipeline.yaml"].reusable


def test_drone(project: Any) -> None:
    pipeline = project("ci-drone-plugins")[".drone.yml"]
    default, metal = pipeline.jobs
    assert scripts(default) == [("go build ./...", 8), ("go test ./...", 9)]
    publish = default.steps[2]
    assert publish.uses.name == "plugins/docker"
    assert publish.input("password").value == "from_secret:registry"
    assert publish.condition == "when.event: push, tag"
    assert metal.runner.kind is RunnerKind.SELF_HOSTED
    assert [trigger.event for trigger in pipeline.triggers] == ["push", "tag"]


def test_woodpecker(project: Any) -> None:
    found = project("ci-woodpecker-folder")
    release = found[".woodpecker/release.yaml"]
    job = release.jobs[0]
    assert (job.id, job.needs, dict(job.matrix)) == ("release", ("test",), {"ARCH": ("amd64", "arm64")})
    assert scripts(job) == [("go build", 14)]
    assert job.steps[1].name == "publish"
    assert [trigger.event for trigger in release.triggers] == ["tag", "push"]
    assert found[".woodpecker/test.yaml"].jobs[0].volumes == ("/var/run/docker.sock:/var/run/docker.sock",)


def test_buildkite(project: Any) -> None:
    pipeline = project("ci-buildkite-plugins")[".buildkite/pipeline.yml"]
    build, push, deploy = pipeline.jobs
    assert (build.id, scripts(build)) == ("build", [("make build", 8)])
    assert (build.steps[1].uses.name, build.steps[1].uses.ref) == ("docker", "v5.12.0")
    assert (build.runner.label, build.runner.kind) == ("release", RunnerKind.UNKNOWN)
    assert (push.needs, push.condition) == (("build",), "build.tag != null")
    assert deploy.uses.kind == "downstream-pipeline"
    assert pipeline.external == ("deploy",)


def test_bitbucket(project: Any) -> None:
    pipeline = project("ci-bitbucket-pipes")["bitbucket-pipelines.yml"]
    assert [job.id for job in pipeline.jobs] == ["default/Build", "tags:v*/Build", "tags:v*/Publish"]
    build, _, publish = pipeline.jobs
    assert scripts(build) == [("npm ci", 10), ("npm run build", 11)]
    assert [item.name for item in build.services] == ["docker", "redis"]
    assert (publish.stage, publish.environment) == ("Release", "production")
    assert publish.runner.kind is RunnerKind.SELF_HOSTED
    assert (publish.steps[0].uses.name, publish.steps[0].uses.pin) == ("atlassian/aws-s3-deploy", Pin.TAG)
    assert publish.steps[0].input("S3_BUCKET").value == "example"
    assert pipeline.triggers[1].tags == ("v*",)


def test_cirrus_tasks_may_share_a_key(project: Any) -> None:
    pipeline = project("ci-cirrus-repeated-tasks")[".cirrus.yml"]
    assert [job.id for job in pipeline.jobs] == ["linux", "freebsd", "release"]
    linux, freebsd, release = pipeline.jobs
    assert scripts(linux) == [("go build", 8), ("go test", 9)]
    assert freebsd.condition == "$CIRRUS_TAG != ''"
    assert release.runner.kind is RunnerKind.SELF_HOSTED
    assert pipeline.problems == ()


def test_travis(project: Any) -> None:
    pipeline = project("ci-travis-alone")[".travis.yml"]
    build, release = pipeline.jobs
    assert scripts(build) == [("go version", 7), ("make test", 9)]
    assert (release.stage, release.condition) == ("deploy", "tag IS present")
    assert release.steps[1].uses.raw == "releases"
    assert release.steps[1].condition == "tags=true"


def test_argo_workflows(project: Any) -> None:
    pipeline = project("ci-argo-workflow")["workflows/build.yaml"]
    compile_, publish = pipeline.jobs
    assert scripts(compile_) == [("go build ./...", 21)]
    assert scripts(publish) == [("./publish.sh\n", 27)]
    assert publish.needs == ("compile",)
    assert pipeline.external == ("template shared",)


def test_kpack(project: Any) -> None:
    pipeline = project("ci-kpack-image")["kpack/image.yaml"]
    job = pipeline.jobs[0]
    assert job.option("tag").value == "registry.example/tool"
    assert [(item.name, item.value) for item in job.env] == [("BP_GO_TARGETS", "./cmd/tool")]
    assert pipeline.triggers[0].branches == ("main",)
    assert "ClusterBuilder default" in pipeline.external
