"""The CI systems that slsacheck knows. A new one is a module with `read(paths, sources)` and an entry here."""

from __future__ import annotations

from slsacheck.evidence.pipelines.system import System

__all__ = ["SYSTEMS"]

UNDERSTOOD = (
    System(
        "github-actions",
        "github_actions",
        folders=(".github/workflows/",),
        unread="reusable workflows and actions of others, but those known by name; matrices made at run time",
    ),
    System(
        "gitlab-ci",
        "gitlab",
        files=(".gitlab-ci.yml", ".gitlab-ci.yaml"),
        unread="includes and components of other projects; which jobs `rules:` choose; child pipelines of a run",
    ),
    System(
        "azure-pipelines",
        "azure",
        words=("azure-pipeline",),
        manifests=True,
        certain=False,
        unread="templates of other repositories; parameters of templates; what is set up in the web interface",
    ),
    System(
        "bitbucket-pipelines",
        "bitbucket",
        files=("bitbucket-pipelines.yml", "bitbucket-pipelines.yaml"),
        unread="what is inside a pipe; shared pipelines of other repositories (`import:`)",
    ),
    System(
        "buildkite",
        "buildkite",
        folders=(".buildkite/",),
        words=(".pipeline.y",),
        deep=True,
        certain=False,
        unread="steps that a step uploads at run time; plug-ins; agent hooks",
    ),
    System(
        "circleci",
        "circleci",
        folders=(".circleci/",),
        unread="what is inside an orb; configuration made by `setup:`",
    ),
    System(
        "cirrus-ci",
        "cirrus",
        files=(".cirrus.yml", ".cirrus.yaml", ".cirrus.star"),
        unread="what `.cirrus.star` makes, but for files that it reads by name; imported modules",
    ),
    System(
        "drone",
        "drone",
        files=(".drone.yml", ".drone.yaml", ".drone.star", ".drone.jsonnet"),
        unread="what `.drone.star` and `.drone.jsonnet` make: judged by the plug-ins and commands that they name",
    ),
    System(
        "google-cloud-build",
        "cloud_build",
        words=("cloudbuild", "cloud-build", "gcb/"),
        manifests=True,
        certain=False,
        unread="triggers and substitutions that are set in the cloud project",
    ),
    System(
        "jenkins",
        "jenkins",
        words=("jenkinsfile",),
        certain=False,
        unread="shared libraries; Groovy beside stages and shell steps; jobs set up in the web interface; stashes",
    ),
    System(
        "tekton",
        "tekton",
        folders=(".tekton/",),
        deep=True,
        manifests=True,
        certain=False,
        unread="tasks of catalogues and bundles, but the image that they are told to push; the cluster and Chains",
    ),
    System(
        "travis",
        "travis",
        files=(".travis.yml", ".travis.yaml"),
        yields=True,
        unread="imported configuration; rows that a matrix expands to",
    ),
    System(
        "woodpecker",
        "woodpecker",
        files=(".woodpecker.yml", ".woodpecker.yaml"),
        folders=(".woodpecker/",),
        deep=True,
        unread="what is inside a plug-in; configuration made by an extension of the server",
    ),
    System(
        "argo-workflows",
        "argo_workflows",
        manifests=True,
        certain=False,
        unread="templates of other manifests (`templateRef`); what starts a workflow; programs that write manifests",
    ),
    System(
        "kpack",
        "kpack",
        manifests=True,
        certain=False,
        unread="builders, buildpacks and the controller, which may attest and sign; whose source the image is made of",
    ),
)
RECOGNISED = (
    System(
        "dagger",
        words=("dagger.json",),
        used_by="dagger",
        unread="a module is a program: `dagger call` with a function that publishes is named, its steps are not read",
    ),
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
