"""Which paths may hold build configuration at all."""

from __future__ import annotations

import re

from slsacheck.patterns import regex

__all__ = ["candidate", "foreign", "pipeline_like"]

CANDIDATE = regex(r"\.(?:ya?ml|json|jsonnet|star|hcl|kts|groovy|jenkinsfile)$|jenkinsfile[^/]*$", re.IGNORECASE)
FOREIGN = regex(
    r"(?:^|/)(?:vendor|node_modules|third[_-]?party|testdata|fixtures?|__fixtures__|__snapshots__|__tests__|tests?"
    r"|examples?|samples?|docs?|website|site-packages|e2e)/",
    re.IGNORECASE,
)
FOLDER = regex(
    r"(?:^|/)\.?(?:pipelines?|azure-pipelines?|azuredevops|azure|vsts(?:-ci)?|eng|ci|cd|builds?|devops|releases?|tekton|argo"
    r"|workflows?|kpack|deploy|cloudbuild|gcb|konflux|hack|jobs|infra)(?=/)",
    re.IGNORECASE,
)
FILE = regex(r"pipeline|release|publish|cloudbuild|(?:^|[-_.])(?:build|ci)(?:[-_.]|$)", re.IGNORECASE)


def candidate(path: str) -> bool:
    """Whether a path may be build configuration by its ending, and is not other people's code, a test or a sample."""
    return CANDIDATE.search(path) is not None and FOREIGN.search(path) is None


def foreign(path: str) -> bool:
    """Whether a path lies in a folder of vendored code, tests, samples or documentation."""
    return FOREIGN.search(path) is not None


def pipeline_like(path: str) -> bool:
    """Whether a YAML file with a name of its own may be a pipeline; its text then decides."""
    if not path.endswith((".yml", ".yaml")) or path.startswith(".github/"):
        return False
    folder, _, name = path.rpartition("/")
    return FOLDER.search(f"{folder}/") is not None or FILE.search(name) is not None
