"""The second host: `pytest --slsacheck` runs the checks as test items, and offers fixtures for a team's own tests.

This module loads in every pytest run of an environment, so it imports nothing of the engine until it is used.
"""

from __future__ import annotations

__all__: list[str] = []
