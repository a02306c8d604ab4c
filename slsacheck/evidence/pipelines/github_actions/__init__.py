"""GitHub Actions: workflows, reusable workflows and the repository's own actions."""

from slsacheck.evidence.pipelines.github_actions.actions import Action, action, composite
from slsacheck.evidence.pipelines.github_actions.counts import composite_paths, references
from slsacheck.evidence.pipelines.github_actions.workflow import read

__all__ = ["Action", "action", "composite", "composite_paths", "read", "references"]
