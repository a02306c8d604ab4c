"""Several calls at once, where what takes time is waiting for others; their answers come in order."""

from __future__ import annotations

import threading
from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

__all__ = ["Started", "abreast"]

One = TypeVar("One")
Answer = TypeVar("Answer")


class Started(Generic[Answer]):
    """A call in a thread of its own, which nobody has to wait for: it ends with the program at the latest."""

    def __init__(self, call: Callable[[], Answer]) -> None:
        self._call = call
        self._answers: list[Answer] = []
        self._fault: BaseException | None = None
        self.thread = threading.Thread(target=self._run, name="slsacheck", daemon=True)
        self.thread.start()

    def _run(self) -> None:
        try:
            self._answers.append(self._call())
        except BaseException as fault:  # noqa: BLE001 - it is raised again by the thread that waits
            self._fault = fault

    def answer(self) -> Answer:
        """What the call returned, once it has. Raises what it raised."""
        self.thread.join()
        if self._fault is not None:
            raise self._fault
        return self._answers[0]


def abreast(ask: Callable[[One], Answer], items: Iterable[One], at_once: int) -> Iterator[Answer]:
    """What `ask` answers about each, in the order of the items; at most `at_once` are under way or wait to be taken.

    The first is asked alone: it imports what all need, and logs in where all have to.
    """
    left = iter(items)
    if at_once <= 1:
        yield from map(ask, left)
        return
    for first in left:
        yield ask(first)
        break
    ahead: deque[Started[Answer]] = deque()
    for one in left:
        ahead.append(Started(partial(ask, one)))
        if len(ahead) == at_once:
            yield ahead.popleft().answer()
    while ahead:
        yield ahead.popleft().answer()
