"""What a script's variables are known to hold at a point of its text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.evidence.shell._model import MAX_EXPANSION
from slsacheck.record import record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["SEVERAL", "Variables"]

SEVERAL = "\0several"
"""Holds, among the known variables, the values of those that have more than one (a matrix), one of which is known."""

_MAX_VALUES = 32
"""Values of one variable, or words of one array, that are told apart; the longest list of images seen has 20."""


@record(frozen=False)
class _Entry:
    """`values` are all that were assigned; `open` says that there may be others."""

    values: list[str]
    certain: bool
    open: bool = False


_POSITIONS = tuple("123456789")
Saved = tuple[dict[str, _Entry], list[tuple[str, bool]] | None, list[str] | None]


class Variables:
    """Assignments as far as the text alone tells: one after the other, branches adding to what stood before."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._entries = {name: _Entry([value], certain=True) for name, value in env.items()}
        self._arrays: dict[str, list[tuple[str, bool]]] = {}
        if "@" in env:
            self._arrays["@"] = [(word, False) for word in env["@"].split("\x1f") if word]
        self._several = frozenset(env.get(SEVERAL, "").split("\x1f")) - {""}
        words = env["@"].split("\x1f")[: int(count)] if (count := env.get("#")) and "@" in env else None
        self.given = self._sure(words)
        """All the words that the script or the function is given, where they are certain."""

    def _sure(self, words: list[str] | None) -> list[str] | None:
        """The words, but where one of them is a value that only some of the runs have."""
        return words if words is not None and self._several.isdisjoint(words) else None

    def assign(self, name: str, value: str | None, *, conditional: bool) -> None:
        """Notes `name=value`; None is a value that the text doesn't tell."""
        self._arrays.pop(name, None) if not conditional else None
        entry = self._entries.get(name)
        if not conditional or entry is None:
            known = value is not None and len(value) <= MAX_EXPANSION
            self._entries[name] = _Entry([value or ""] if known else [], certain=not conditional, open=not known)
            return
        entry.certain = False
        if value is None or len(entry.values) >= _MAX_VALUES or len(value) > MAX_EXPANSION:
            entry.open = True
        elif value not in entry.values:
            entry.values.append(value)

    def append(self, name: str, value: str, *, conditional: bool) -> None:
        """Notes `name+=value`."""
        before = self.value(name)
        self.assign(name, None if before is None else before + value, conditional=conditional)

    def fill(self, name: str, words: Sequence[tuple[str, bool]], *, add: bool, conditional: bool) -> None:
        """Notes `name=(…)` or, with `add`, `name+=(…)`; the words come with whether they are uncertain."""
        held = self._arrays.get(name, []) if add or conditional else []
        self._arrays[name] = [*held, *((word, doubt or conditional) for word, doubt in words)][:_MAX_VALUES]

    def one_of(self, name: str, values: Sequence[str]) -> None:
        """Notes that `name` takes these values one after the other (a loop)."""
        self._entries[name] = _Entry(list(dict.fromkeys(values))[:_MAX_VALUES], certain=True, open=not values)

    def value(self, name: str) -> str | None:
        """The one value that `name` has; None where there is none, there are several, or the text doesn't tell."""
        entry = self._entries.get(name)
        return entry.values[0] if entry is not None and len(entry.values) == 1 and not entry.open else None

    def values(self, name: str) -> tuple[str, ...]:
        """All the values that the text gives to `name`."""
        entry = self._entries.get(name)
        return tuple(entry.values) if entry is not None else ()

    def certain(self, name: str) -> bool:
        """Whether the value holds whatever way the script takes."""
        entry = self._entries.get(name)
        return entry is not None and entry.certain

    def words(self, name: str) -> tuple[tuple[str, bool], ...] | None:
        """The words of an array, each with whether it is uncertain; None where `name` is no array."""
        held = self._arrays.get(name)
        return tuple(held) if held is not None else None

    def hand_over(self, arguments: Sequence[tuple[str, bool]] | None) -> Saved:
        """Sets `$1` and the following for the body of a function, None where its arguments aren't known."""
        held = {name: self._entries[name] for name in _POSITIONS if name in self._entries}
        saved = (held, self._arrays.get("@"), self.given)
        doubtful = arguments is None or any(doubt for _, doubt in arguments)
        self.given = None if doubtful else self._sure([word for word, _ in arguments or ()])
        for name in _POSITIONS:
            self._entries.pop(name, None)
        self._arrays.pop("@", None)
        if arguments is not None:
            self._arrays["@"] = list(arguments)[:_MAX_VALUES]
            for name, (word, doubt) in zip(_POSITIONS, arguments, strict=False):
                self._entries[name] = _Entry([word], certain=not doubt)
        return saved

    def take_back(self, saved: Saved) -> None:
        """Ends what `hand_over` began."""
        for name in _POSITIONS:
            self._entries.pop(name, None)
        self._entries.update(saved[0])
        self._arrays.pop("@", None)
        if saved[1] is not None:
            self._arrays["@"] = saved[1]
        self.given = saved[2]

    def shift(self, count: str, *, conditional: bool) -> None:
        """`shift COUNT`; where only a run can tell whether it is done, the words are no longer certain."""
        held = self._arrays.get("@")
        if conditional or held is None or self.given is None or not count.isdigit():
            self.given = None
            return
        self.hand_over(held[int(count) :])
