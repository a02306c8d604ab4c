"""The CI systems that slsacheck knows. A new one is a module with `read(paths, sources)` and an entry here."""

from __future__ import annotations

from slsacheck.evidence.pipelines.system import System

__all__ = ["SYSTEMS"]

UNDERSTOOD = (
    System("github-actions", "github_actions", folders=(".github/workflows/",)),
    System("gitlab-ci", "gitlab", files=(".gitlab-ci.yml", ".gitlab-ci.yaml")),
    System("azure-pipelines", "azure", words=("azure-pipeline",), manifests=True, certain=False),
    System("bitbucket-pipelines", "bitbucket", files=("bitbucket-pipelines.yml", "bitbucket-pipelines.yaml")),
    System("buildkite", "buildkite", folders=(".buildkite/",), words=(".pipeline.y",), deep=True, certain=False),
    System("circleci", "circleci", folders=(".circleci/",)),
    System("cirrus-ci", "cirrus", files=(".cirrus.yml", ".cirrus.yaml", ".cirrus.star")),
    System("drone", "drone", files=(".drone.yml", ".drone.yaml", ".drone.star", ".drone.jsonnet")),
    System(
        "google-cloud-build", "cloud_build", words=("cloudbuild", "cloud-build", "gcb/"), manifests=True, certain=False
    ),
    System("jenkins", "jenkins", words=("jenkinsfile",), certain=False),
    System("tekton", "tekton", folders=(".tekton/",), deep=True, manifests=True, certain=False),
    System("travis", "travis", files=(".travis.yml", ".travis.yaml"), yields=True),
    System(
        "woodpecker", "woodpecker", files=(".woodpecker.yml", ".woodpecker.yaml"), folders=(".woodpecker/",), deep=True
    ),
    System("argo-workflows", "argo_workflows", manifests=True, certain=False),
    System("kpack", "kpack", manifests=True, certain=False),
)
RECOGNISED = (
    System("dagger", words=("dagger.json",), used_by="dagger"),
    System("appveyor", files=("appveyor.yml", ".appveyor.yml"), yields=True),
    System("semaphore", folders=(".semaphore/",)),
    System("codefresh", files=("codefresh.yml",), folders=(".codefresh/",)),
    System("sourcehut", files=(".build.yml",), folders=(".builds/",)),
    System("aws-codebuild", files=("buildspec.yml", "buildspec.yaml"), folders=(".codebuild/",)),
    System("harness", folders=(".harness/",), deep=True),
    System("teamcity", files=(".teamcity/settings.kts",)),
    System("zuul", files=(".zuul.yaml", "zuul.yaml"), folders=(".zuul.d/", "zuul.d/")),
    System("bazel-ci", folders=(".bazelci/",)),
    System("hashicorp-crt", files=(".release/ci.hcl",)),
    System("expeditor", files=(".expeditor/config.yml",)),
    System("craft", files=(".craft.yml", ".craft.yaml")),
    System("evergreen", files=(".evergreen.yml", "evergreen.yml", ".evergreen/config.yml")),
    System("screwdriver", files=("screwdriver.yaml",)),
    System("codemagic", files=("codemagic.yaml",)),
    System("bitrise", files=("bitrise.yml",)),
    System("packit", files=(".packit.yaml", ".packit.yml", "packit.yaml")),
    System("forgejo-actions", folders=(".forgejo/workflows/", ".gitea/workflows/")),
)
SYSTEMS = (*UNDERSTOOD, *RECOGNISED)
