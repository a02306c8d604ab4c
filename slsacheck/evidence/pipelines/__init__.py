"""Build configuration: one module per CI system, one common model."""

from slsacheck.evidence.pipelines.github_actions import Action, action, composite, references
from slsacheck.evidence.pipelines.pins import local_path
from slsacheck.evidence.pipelines.reading import ci_systems, read_all
from slsacheck.evidence.pipelines.system import PROGRAM
from slsacheck.evidence.pipelines.tools import build_tools

__all__ = [
    "PROGRAM",
    "Action",
    "action",
    "build_tools",
    "ci_systems",
    "composite",
    "local_path",
    "read_all",
    "references",
]
