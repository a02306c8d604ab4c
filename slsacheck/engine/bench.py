"""The bench: evidence of one target, collected once, memoised and shared between threads."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from slsacheck.errors import Absent, InputError, SlsacheckError, Unavailable
from slsacheck.evidence.tree import Problems
from slsacheck.model import EvidenceRecord, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slsacheck.api import Source
    from slsacheck.model import Subject

__all__ = ["Bench"]


class _Slot:
    """One evidence: computed once under its own lock, value or exception kept."""

    __slots__ = ("done", "error", "lock", "value")

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.done = False
        self.value: Any = None
        self.error: Exception | None = None


class Bench:
    """Hands out evidence by name, and by subject where the source takes one.

    `given` holds what the engine itself provides (target, catalogue, …). Every exception of a source is kept and
    raised again to each who asks, so a source never runs twice.
    """

    def __init__(self, sources: Mapping[str, Source], given: Mapping[str, Any], *, offline: bool = True) -> None:
        self._sources = sources
        self._given = dict(given)
        self._offline = offline
        self._slots: dict[tuple[str, str], _Slot] = {}
        self._lock = threading.Lock()
        self._problems: list[tuple[str, Problems]] = []

    def get(self, name: str, subject: Subject | None = None) -> Any:
        """The evidence of that name.

        Raises Absent (looked everywhere), Unavailable (could not look), InputError (broken input) or whatever a
        faulty source raised.
        """
        if name in self._given:
            return self._given[name]
        source = self._sources[name]
        slot = self._slot(name, subject.id if source.subject and subject is not None else "")
        with slot.lock:
            if not slot.done:
                self._fill(slot, source, subject)
        if slot.error is not None:
            raise slot.error
        return slot.value

    def _slot(self, name: str, key: str) -> _Slot:
        with self._lock:
            return self._slots.setdefault((name, key), _Slot())

    def _fill(self, slot: _Slot, source: Source, subject: Subject | None) -> None:
        slot.done = True
        try:
            slot.value = self._collected(source, subject)
        except Exception as error:  # noqa: BLE001 - kept, and raised again to each check that asks
            slot.error = error

    def _collected(self, source: Source, subject: Subject | None) -> Any:
        if source.network and self._offline:
            raise Unavailable(f"{source.name} needs the network", advice="run again with --online")
        return source.function(**self.arguments(source.needs, subject, source.name))

    def arguments(self, needs: tuple[str, ...], subject: Subject | None, who: str = "") -> dict[str, Any]:
        """The values for a function's parameters; `problems` is a sink of its own for each source."""
        found: dict[str, Any] = {}
        for need in needs:
            if subject is not None and need == subject.kind:
                found[need] = subject
            elif need == "problems":
                found[need] = self._sink(who)
            else:
                found[need] = self.get(need, subject)
        return found

    def _sink(self, who: str) -> Problems:
        sink = Problems()
        with self._lock:
            self._problems.append((who, sink))
        return sink

    def problems(self) -> tuple[Problem, ...]:
        """What collectors could not read, and sources that ended in an error, each once.

        An error that went through several sources is told of the innermost one, where it began.
        """
        found = {problem: None for _, sink in self._problems for problem in sink.items()}
        broken = {id(slot.error): (name, slot.error) for (name, _), slot in self._slots.items() if slot.error}
        for name, error in broken.values():
            if not isinstance(error, Absent | Unavailable):
                found[problem_of(error, f"evidence {name}")] = None
        return tuple(found)

    def records(self) -> tuple[EvidenceRecord, ...]:
        """The raw evidence that was read (files, git, artifacts, attestations), and what was not available."""
        found: list[EvidenceRecord] = []
        for value in self._given.values():
            if hasattr(value, "evidence_records"):
                found.extend(value.evidence_records())
        for (name, _), slot in sorted(self._slots.items()):
            if isinstance(slot.error, Absent | Unavailable):
                state = "absent" if isinstance(slot.error, Absent) else "unavailable"
                found.append(EvidenceRecord(name, "", "", state, str(slot.error)))
            elif hasattr(slot.value, "evidence_records"):
                found.extend(slot.value.evidence_records())
        return tuple(found)


def problem_of(error: Exception, where: str) -> Problem:
    """An exception as a reader should see it; the traceback is kept apart as detail."""
    if isinstance(error, SlsacheckError):
        return Problem(error.where or where, error.message, error.advice)
    import traceback

    detail = "".join(traceback.format_exception(error))
    reason = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    advice = "this is a fault of slsacheck or of a plug-in: please report it with --tb=long"
    return Problem(where, reason, advice, detail, fatal=not isinstance(error, InputError))
