"""Two places asked at once: two slow registries take as long as one."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["both"]

One = TypeVar("One")
Answer = TypeVar("Answer")


def both(ask: Callable[[One], Answer], first: One, second: One) -> tuple[Answer, Answer]:
    """What two places answer. Raises what the first raises, else what the second does."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(2) as pool:
        answers = [pool.submit(ask, one) for one in (first, second)]
        return answers[0].result(), answers[1].result()
