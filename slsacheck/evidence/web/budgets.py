"""How long somebody is waited for: in one try, for all requests about one image, or for one large thing."""

from __future__ import annotations

import threading
from typing import Protocol

from slsacheck.evidence.web import limits

__all__ = ["Budget", "Patience", "PerTry", "Steady"]


class Budget(Protocol):
    """For how long somebody is waited for."""

    def left(self, received: int) -> float:
        """Seconds that the next try or pause may take, when so many bytes came until now."""

    def spend(self, seconds: float) -> None:
        """Takes note of seconds that were waited."""


class PerTry:
    """So many seconds for each try, whatever was before."""

    def __init__(self, seconds: float = limits.REQUEST_SECONDS) -> None:
        self._seconds = seconds

    def left(self, received: int) -> float:
        """The same for every try."""
        del received
        return self._seconds

    def spend(self, seconds: float) -> None:
        """Takes no note."""


class Patience:
    """Seconds for many requests together: waiting counts, prompt answers and a line full of bytes do not.

    What is waited for at the same time counts as one after the other.
    """

    def __init__(self) -> None:
        self._waited = 0.0
        self._elapsed = 0.0
        self._lock = threading.Lock()

    def left(self, received: int) -> float:
        """What is left of it; bytes earn some."""
        earned = min(received / limits.SLOWEST, limits.MAX_EARNED)
        return min(limits.PATIENCE - self._waited, limits.MAX_PROMPT - self._elapsed) + earned

    def spend(self, seconds: float) -> None:
        """Takes them off, but for what a prompt answer may take."""
        with self._lock:
            self._elapsed += seconds
            self._waited += max(0.0, seconds - limits.PROMPT)


class Steady:
    """Seconds for one large thing: as long as its bytes come faster than at SLOWEST."""

    def __init__(self) -> None:
        self._waited = 0.0

    def left(self, received: int) -> float:
        """What is left of it; all bytes earn some."""
        return limits.PATIENCE + received / limits.SLOWEST - self._waited

    def spend(self, seconds: float) -> None:
        """Takes them off."""
        self._waited += seconds
