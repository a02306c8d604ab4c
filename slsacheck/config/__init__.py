"""Configuration: `slsacheck.toml`, or `[tool.slsacheck]` in `pyproject.toml`.

What raises trust (expectations, trust roots, waivers, declarations, acceptance) counts only from the file that
`--config` names. A file that merely lies in the target may lower trust: `require`, `strict`, `distrust`.
"""

from slsacheck.config.deciding import checked_names, declared_results, in_force
from slsacheck.config.loading import LOWERING, NAMES, discover, load
from slsacheck.config.settings import Config, Declaration, Distrust, Expected, merge, overlaid

__all__ = [
    "LOWERING",
    "NAMES",
    "Config",
    "Declaration",
    "Distrust",
    "Expected",
    "checked_names",
    "declared_results",
    "discover",
    "in_force",
    "load",
    "merge",
    "overlaid",
]
