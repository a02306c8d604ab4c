"""The CI systems that slsacheck knows; a new one is a module with a `SYSTEM` and a line here."""

from __future__ import annotations

from slsacheck.evidence.pipelines import (
    argo_workflows,
    azure,
    bitbucket,
    buildkite,
    circleci,
    cirrus,
    cloud_build,
    drone,
    github_actions,
    gitlab,
    jenkins,
    kpack,
    tekton,
    travis,
    woodpecker,
)
from slsacheck.evidence.pipelines.recognised import RECOGNISED

__all__ = ["SYSTEMS"]

SYSTEMS = (
    github_actions.SYSTEM,
    gitlab.SYSTEM,
    azure.SYSTEM,
    bitbucket.SYSTEM,
    buildkite.SYSTEM,
    circleci.SYSTEM,
    cirrus.SYSTEM,
    cloud_build.SYSTEM,
    drone.SYSTEM,
    jenkins.SYSTEM,
    tekton.SYSTEM,
    travis.SYSTEM,
    woodpecker.SYSTEM,
    argo_workflows.SYSTEM,
    kpack.SYSTEM,
    *RECOGNISED,
)
