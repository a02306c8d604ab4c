"""Time in tests: what no test may depend on is how busy the machine is."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["CLOCK", "HANGS", "Clock", "soon"]

HANGS = 300.0
"""Seconds after which a process or a browser hangs: a hundred times what any needs, and waited for in vain alone."""
TURN = 0.02
"""Seconds between two turns of a fault that lasts."""
TURNS = 6_000
"""Turns of a fault that nobody leaves: two minutes at the least, for it to be noticed instead of waited for."""


@contextmanager
def soon(seconds: float = 10) -> Iterator[None]:
    """What stands in it costs less than so many seconds of processor time, that of programs that it ran included.

    The bound is ten times what is measured with coverage, or more: it tells work that grows without end from work that
    does not, on any machine, whatever else runs there.
    """
    before = _spent()
    yield
    assert _spent() - before < seconds


def _spent() -> float:
    """Seconds of processor time of this process and of those that it ran to their end."""
    return sum(os.times()[:4])


class Clock:
    """The clock of whoever waits for an answer: it stands still, unless a fault lets time pass.

    So an answer that comes is in time, however long this machine takes for it, and one that does not come is left.
    """

    def __init__(self) -> None:
        self.now = 0.0
        self._left = threading.Event()
        self._outlasted = False

    def time(self) -> float:
        """Seconds since 1970: dates are as they are."""
        return time.time()

    def monotonic(self) -> float:
        """Seconds, in place of `time.monotonic`."""
        return self.now

    def lasts(self) -> Iterator[None]:
        """The turns of a fault of a server: a second passes with each, until whoever is `leaving` has left."""
        left = self._left
        for _ in range(TURNS):
            yield
            self.now += 1
            if left.wait(TURN):
                return
        self._outlasted = True

    @contextmanager
    def leaving(self) -> Iterator[None]:
        """What stands in it ends before any fault that lasts does."""
        self._left, self._outlasted = threading.Event(), False
        try:
            yield
        finally:
            self._left.set()
        assert not self._outlasted, "the fault ended before anybody left"


CLOCK = Clock()
