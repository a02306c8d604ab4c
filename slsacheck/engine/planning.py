"""The plan: which checks run, and that everything they need exists, before anything runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.api import SUBJECT_KINDS
from slsacheck.errors import PlanError
from slsacheck.record import record

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from slsacheck.api import Check, Source
    from slsacheck.model import Catalogue, Requirement

__all__ = ["GIVEN", "SUBJECT_SOURCES", "Plan", "Planned", "plan"]

GIVEN = ("target", "catalogue", "offline", "config", "opened", "problems", "hooks")
"""Evidence that the engine itself provides."""

SUBJECT_SOURCES = {
    "revision": "revisions",
    "publication": "publications",
    "artifact": "artifacts",
    "platform": "platforms",
}
"""The source that makes the subjects of each kind."""


@record
class Planned:
    """A check with those of its atoms that the chosen specification asks."""

    check: Check
    atoms: tuple[str, ...]


@record
class Plan:
    """What will run: the checks in order, the evidence sources by name, and the specification in force."""

    spec: str
    tracks: tuple[str, ...]
    checks: tuple[Planned, ...]
    sources: Mapping[str, Source]


def plan(
    checks: Iterable[Check],
    sources: Mapping[str, Source],
    catalogue: Catalogue,
    spec: str,
    tracks: Collection[str] = (),
    chosen: Callable[[Check, tuple[Requirement, ...]], bool] = lambda _check, _rows: True,
) -> Plan:
    """Chooses the checks that the specification asks for and proves that the plan can run.

    Raises PlanError: an unknown atom, a parameter that is no evidence, a cycle among the sources.
    """
    wanted = tuple(rule.track for rule in catalogue.tracks_of(spec) if not tracks or rule.track in tracks)
    _no_cycles(sources)
    planned = []
    for check in checks:
        rows = _rows(check, catalogue)
        _known(check.name, check.needs, sources)
        atoms = tuple(
            atom
            for atom, row in zip(check.atoms, rows, strict=True)
            if spec in row.versions and row.track_of(spec) in wanted
        )
        if atoms and chosen(check, rows):
            planned.append(Planned(check, atoms))
    return Plan(spec, wanted, tuple(planned), sources)


def _rows(check: Check, catalogue: Catalogue) -> tuple[Requirement, ...]:
    rows = []
    for atom in check.atoms:
        row = catalogue.requirement(atom)
        if row is None or catalogue.atom(atom) is None:
            raise PlanError(f"check {check.name} decides {atom}, which no catalogue holds")
        if check.subject is not None and check.subject not in row.subjects:
            raise PlanError(
                f"check {check.name} judges a {check.subject}, but {row.id} speaks of {', '.join(row.subjects)}"
            )
        rows.append(row)
    return tuple(rows)


def _known(who: str, needs: Iterable[str], sources: Mapping[str, Source]) -> None:
    for need in needs:
        if need not in sources and need not in GIVEN and need not in SUBJECT_KINDS:
            import difflib

            near = difflib.get_close_matches(need, [*sources, *SUBJECT_KINDS], n=1)
            raise PlanError(
                f"{who} needs evidence {need!r}, which nothing provides",
                advice=f"did you mean {near[0]!r}?" if near else "",
            )


def _no_cycles(sources: Mapping[str, Source]) -> None:
    state: dict[str, int] = {}

    def visit(name: str, path: tuple[str, ...]) -> None:
        if state.get(name) == 2 or name not in sources:  # noqa: PLR2004 - 2: visited
            return
        if state.get(name) == 1:
            raise PlanError(f"evidence needs itself: {' -> '.join([*path, name])}")
        state[name] = 1
        _known(f"evidence {name}", sources[name].needs, sources)
        for need in sources[name].needs:
            visit(need, (*path, name))
        state[name] = 2

    for name in sources:
        visit(name, ())
