"""What the requests to registries of one run have in common: connections, logins, and how many there are at once."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from slsacheck.evidence.oci.auth import Login

if TYPE_CHECKING:
    from collections.abc import Mapping

    import requests

    from slsacheck.evidence.web import Reach

__all__ = ["Registries"]

AT_ONCE = 6
"""Requests under way at once: as many as containers/image copies layers (crane 4, oras 5, Docker 3)."""


class Registries:
    """Shared by every source of a run. `at_once` bounds the requests under way, and so the images looked at."""

    def __init__(self, at_once: int | None = None) -> None:
        self.at_once = at_once or AT_ONCE
        self.turns = threading.BoundedSemaphore(self.at_once)
        self.sessions: dict[Reach, requests.Session] = {}
        self._logins: dict[tuple[str, str], Login] = {}
        self._lock = threading.Lock()

    def login(self, host: str, repository: str, environment: Mapping[str, str] | None) -> Login:
        """The login for a repository of a host, one for all who ask for it."""
        with self._lock:
            key = (host, repository)
            if key not in self._logins:
                self._logins[key] = Login(host, repository, environment)
            return self._logins[key]
