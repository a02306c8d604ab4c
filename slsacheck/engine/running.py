"""Running checks: one place where a check's ending, whatever it is, becomes results."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from slsacheck.engine.bench import problem_of
from slsacheck.engine.planning import SUBJECT_SOURCES
from slsacheck.errors import Absent, InputError, SlsacheckError, Unavailable
from slsacheck.evidence.hashing import small
from slsacheck.model import Outcome, Result, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from slsacheck.api import Check
    from slsacheck.engine.bench import Bench
    from slsacheck.engine.planning import Plan, Planned
    from slsacheck.model import Catalogue, Subject

__all__ = ["items", "run", "run_item", "subjects"]

_RAISING = frozenset({Outcome.PASS, Outcome.CONFIGURED, Outcome.DECLARED, Outcome.NOT_APPLICABLE})


def subjects(bench: Bench) -> tuple[Subject, ...]:
    """All subjects of a target. A kind that cannot be made is left out; the bench tells why among its problems."""
    found: list[Subject] = []
    for source in SUBJECT_SOURCES.values():
        with contextlib.suppress(Exception):
            found += bench.get(source)
    return tuple(found)


def items(plan: Plan, found: Iterable[Subject]) -> Iterator[tuple[Planned, Subject]]:
    """Every (check, subject) pair of a plan, in the order of the subjects."""
    for subject in found:
        for planned in plan.checks:
            if planned.check.subject == subject.kind:
                yield planned, subject


def run(
    plan: Plan,
    bench: Bench,
    found: tuple[Subject, ...],
    catalogue: Catalogue,
    *,
    trusted: Collection[str] = (),
    jobs: int = 1,
    stop: bool = False,
    progress: Callable[[tuple[Result, ...]], None] = lambda _results: None,
) -> tuple[Result, ...]:
    """All results of a plan. With `stop` nothing runs after the first FAIL or ERROR; `jobs` threads share the bench."""
    pairs = list(items(plan, found))
    results: list[Result] = []

    def one(pair: tuple[Planned, Subject]) -> tuple[Result, ...]:
        return run_item(plan, bench, *pair, catalogue, trusted)

    for own in _mapped(one, pairs, 1 if stop else jobs):
        results += own
        progress(own)
        if stop and any(result.outcome in (Outcome.FAIL, Outcome.ERROR) for result in own):
            break
    return tuple(results)


def _mapped(
    one: Callable[[tuple[Planned, Subject]], tuple[Result, ...]], pairs: list[tuple[Planned, Subject]], jobs: int
) -> Iterator[tuple[Result, ...]]:
    if jobs <= 1:
        yield from map(one, pairs)
        return
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(jobs) as pool:
        yield from pool.map(one, pairs)


def run_item(
    plan: Plan, bench: Bench, planned: Planned, subject: Subject, catalogue: Catalogue, trusted: Collection[str] = ()
) -> tuple[Result, ...]:
    """The results of one check on one subject."""
    detail = ""
    try:
        answer = planned.check.function(**bench.arguments(planned.check.needs, subject, planned.check.name))
        verdicts = _spread(planned, answer)
    except Absent as error:
        verdicts = _all(planned, Outcome.FAIL, str(error))
    except Unavailable as error:
        verdicts = _all(planned, Outcome.UNKNOWN, str(error), (error.advice,) if error.advice else ())
    except InputError as error:
        verdicts = _all(planned, Outcome.UNKNOWN, str(error))
    except Exception as error:  # noqa: BLE001 - a bug of a check is an ERROR of its atoms, and the rest goes on
        problem = problem_of(error, planned.check.name)
        detail = problem.detail or str(error)
        reason = str(error) if isinstance(error, SlsacheckError) else f"{planned.check.name} broke: {problem.reason}"
        verdicts = _all(planned, Outcome.ERROR, reason)
    return tuple(_result(plan, planned.check, verdict, subject, catalogue, trusted, detail) for verdict in verdicts)


def _all(planned: Planned, outcome: Outcome, reason: str, missing: tuple[str, ...] = ()) -> list[Verdict]:
    return [Verdict(outcome, reason, atom=atom, missing=missing) for atom in planned.atoms]


def _spread(planned: Planned, answer: Verdict | Iterable[Verdict]) -> list[Verdict]:
    """The verdicts of an answer, each with an atom that the check declared; those of another version are left out."""
    verdicts = [answer] if isinstance(answer, Verdict) else list(answer)
    spread: list[Verdict] = []
    for verdict in verdicts:
        if not isinstance(verdict, Verdict):
            raise TypeError(f"{planned.check.name} answered {verdict!r}, which is no verdict")
        if verdict.atom is None and len(planned.check.atoms) > 1:
            raise ValueError(f"{planned.check.name} decides several atoms, so each verdict needs its atom")
        atom = verdict.atom or planned.check.atoms[0]
        if atom not in planned.check.atoms:
            raise ValueError(f"{planned.check.name} answered on {atom}, which it does not declare")
        if atom in planned.atoms:
            spread.append(verdict)
    return spread


def _result(
    plan: Plan,
    check: Check,
    verdict: Verdict,
    subject: Subject,
    catalogue: Catalogue,
    trusted: Collection[str],
    detail: str,
) -> Result:
    atom_id = verdict.atom or check.atoms[0]
    row, atom = catalogue.requirement(atom_id), catalogue.atom(atom_id)
    assert row is not None
    assert atom is not None
    outcome, reason = verdict.outcome, verdict.reason
    if outcome is Outcome.NOT_APPLICABLE and not atom.not_applicable:
        outcome, reason = (
            Outcome.ERROR,
            f"{check.name} says not applicable, which the catalogue does not allow: {reason}",
        )
    own = check.plugin == "slsacheck" or check.plugin in trusted or row.id.startswith(f"{check.plugin}.")
    return Result(
        id=_stable_id(check.name, atom_id, subject.id, verdict.attestation),
        check=check.name,
        requirement=row.id,
        atom=atom_id,
        level=atom.level,
        subject=subject.id,
        outcome=outcome,
        reason=reason,
        at=verdict.at,
        external=verdict.external,
        missing=verdict.missing,
        attestation=verdict.attestation,
        trust_root=verdict.trust_root,
        platform=verdict.platform or getattr(subject, "platform", None),
        spec_url=row.spec_url(plan.spec),
        track=row.track_of(plan.spec),
        must=atom.must,
        target=subject.target,
        detail=detail,
        counts=not check.experimental and (own or outcome not in _RAISING),
    )


def _stable_id(check: str, atom: str, subject: str, attestation: str | None) -> str:
    """The hash of check, atom, subject id and attestation digest (DESIGN section 9)."""
    text = "\0".join([check, atom, subject, attestation or ""])
    return str(small("sha256")(text.encode("utf-8", "surrogateescape")).hexdigest()[:20])
