"""The one HTTP client: for registries and for the services of `--online` alike.

Whoever is asked is a stranger: slow, large, endless and misleading answers end in an error, no secret goes to another
host than its own, and no name leads into the user's network unless the user named it. `limits` holds the bounds.
"""

from __future__ import annotations

from slsacheck.evidence.web.budgets import Budget, Patience, PerTry, Steady
from slsacheck.evidence.web.client import Asked, AstrayError, Lost, Reach, Reply, Web

__all__ = ["Asked", "AstrayError", "Budget", "Lost", "Patience", "PerTry", "Reach", "Reply", "Steady", "Web"]
