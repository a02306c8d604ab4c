"""Calls at once: in order, bounded, with their errors where they belong."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slsacheck.evidence.abreast import Started, abreast


class Crowd:
    """Counts who is inside at once; the second to `meet` come in only together."""

    def __init__(self, meet: int) -> None:
        self.most = self.inside = 0
        self._lock = threading.Lock()
        self._meet = threading.Barrier(meet)

    def __call__(self, number: int) -> int:
        with self._lock:
            self.inside += 1
            self.most = max(self.most, self.inside)
        if number:
            self._meet.wait(timeout=60)
        with self._lock:
            self.inside -= 1
        return number * number


def test_several_are_under_way_and_no_more_than_was_said() -> None:
    crowd = Crowd(meet=4)
    assert list(abreast(crowd, range(13), 4)) == [number * number for number in range(13)]
    assert crowd.most == 4


def test_the_first_is_asked_alone() -> None:
    here = threading.current_thread()
    assert list(abreast(lambda _: threading.current_thread() is here, "abc", 3)) == [True, False, False]


@given(st.lists(st.integers()), st.integers(min_value=1, max_value=7))
def test_answers_come_in_order(items: list[int], at_once: int) -> None:
    assert list(abreast(str, items, at_once)) == [str(item) for item in items]


def test_an_error_comes_where_its_answer_would() -> None:
    def ask(number: int) -> float:
        return 1 / (2 - number)

    answers = abreast(ask, range(5), 2)
    assert [next(answers), next(answers)] == [0.5, 1.0]
    with pytest.raises(ZeroDivisionError):
        next(answers)


def test_a_call_that_is_left_behind_holds_nobody_up() -> None:
    gate = threading.Event()
    started = Started(gate.wait)
    assert started.thread.daemon
    assert started.thread.is_alive()
    gate.set()
    assert started.answer()
