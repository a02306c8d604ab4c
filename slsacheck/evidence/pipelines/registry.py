"""The CI systems that slsacheck knows; a new one is a module with a `SYSTEM` and a line here."""

from __future__ import annotations

from slsacheck.evidence.pipelines import github_actions, gitlab
from slsacheck.evidence.pipelines.recognised import RECOGNISED

__all__ = ["SYSTEMS"]

SYSTEMS = (
    github_actions.SYSTEM,
    gitlab.SYSTEM,
    *RECOGNISED,
)
