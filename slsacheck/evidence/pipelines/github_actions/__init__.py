"""GitHub Actions: workflows, reusable workflows and the repository's own actions."""

from slsacheck.evidence.pipelines.github_actions.actions import Action, action, composite
from slsacheck.evidence.pipelines.github_actions.counts import composite_paths, references
from slsacheck.evidence.pipelines.github_actions.workflow import NAME, claims, read
from slsacheck.evidence.pipelines.system import System

__all__ = ["SYSTEM", "Action", "action", "composite", "composite_paths", "references"]

SYSTEM = System(name=NAME, claims=claims, read=read)
