"""The engine: plan, bench and results."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import pytest

from slsacheck import api, catalog
from slsacheck.api import Check, Source, check, configured, declared, evidence, fail, not_applicable, ok, unknown
from slsacheck.engine import Bench, plan, problem_of, run, subjects
from slsacheck.errors import Absent, InputError, PlanError, Unavailable
from slsacheck.model import Artifact, Outcome, Place, Publication, Result, Revision, Verdict

CATALOGUE = catalog.load()
AT = (Place("a.yml", 1),)
REVISION = Revision("revision:abc", "widget@abc", "abc", AT)


def spec_of(function: Callable[..., Any]) -> Any:
    return getattr(function, api.MARK)


def results_of(*functions: Callable[..., Any], plugin: str = "slsacheck", **more: Any) -> tuple[Result, ...]:
    """The results of checks on one revision, with the sources among `functions`."""
    specs = [spec_of(function) for function in functions]
    sources = {item.name: item for item in specs if isinstance(item, Source)}
    for name, values in {"revisions": (REVISION,), "publications": (), "artifacts": (), "platforms": ()}.items():
        sources[name] = Source(name, (), None, lambda values=values: values)
    checks = [replace(item, plugin=plugin) for item in specs if isinstance(item, Check)]
    the_plan = plan(checks, sources, CATALOGUE, "v1.2")
    bench = Bench(sources, {"catalogue": CATALOGUE}, offline=True)
    found = subjects(bench)
    assert not bench.problems()
    return run(the_plan, bench, found, CATALOGUE, **more)


ENDINGS: list[tuple[Callable[[], Verdict], Outcome]] = [
    (lambda: ok("seen", at=AT), Outcome.PASS),
    (lambda: declared("said", at=AT), Outcome.DECLARED),
    (lambda: configured("would", at=AT), Outcome.CONFIGURED),
    (lambda: fail("refuted"), Outcome.FAIL),
    (lambda: unknown("open"), Outcome.UNKNOWN),
    (lambda: ok("nothing", at=[]), Outcome.ERROR),
    (lambda: configured("nothing", at=()), Outcome.ERROR),
    (lambda: not_applicable("not allowed here"), Outcome.ERROR),
    (lambda: (_ for _ in ()).throw(Absent("looked everywhere")), Outcome.FAIL),
    (lambda: (_ for _ in ()).throw(Unavailable("could not look")), Outcome.UNKNOWN),
    (lambda: (_ for _ in ()).throw(InputError("broken input")), Outcome.UNKNOWN),
    (lambda: (_ for _ in ()).throw(ZeroDivisionError("bug")), Outcome.ERROR),
    (lambda: 1, Outcome.ERROR),  # type: ignore[return-value, list-item]
]


@pytest.mark.parametrize(("ending", "outcome"), ENDINGS)
def test_every_ending_of_a_check_is_one_outcome(ending: Callable[[], Verdict], outcome: Outcome) -> None:
    @check("source.revision-ids")
    def something(revision: Revision) -> Verdict:
        """Something."""
        assert revision is REVISION
        return ending()

    (result,) = results_of(something)
    assert result.outcome is outcome
    assert result.reason


def test_a_source_runs_once_and_its_exception_is_kept() -> None:
    calls = []

    @evidence
    def costly() -> int:
        calls.append(1)
        raise Unavailable("the forge does not answer")

    @check("source.revision-ids")
    def first(revision: Revision, costly: int) -> Verdict:
        """First."""
        raise AssertionError(revision, costly)

    @check("source.repository-ids")
    def second(revision: Revision, costly: int) -> Verdict:
        """Second."""
        raise AssertionError(revision, costly)

    found = results_of(costly, first, second, jobs=4)
    assert [result.outcome for result in found] == [Outcome.UNKNOWN, Outcome.UNKNOWN]
    assert calls == [1]


def test_threads_share_one_bench() -> None:
    calls: list[int] = []
    begun = threading.Barrier(8)

    def slow() -> int:
        calls.append(1)
        return 7

    def ask() -> None:
        begun.wait()
        answers.append(bench.get("slow"))

    bench = Bench({"slow": Source("slow", (), None, slow)}, {})
    answers: list[int] = []
    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [7] * 8
    assert calls == [1]


def test_offline_makes_network_sources_unavailable_in_one_place() -> None:
    source = Source("rules", (), None, lambda: pytest.fail("ran"), network=True)
    with pytest.raises(Unavailable, match="needs the network"):
        Bench({"rules": source}, {}, offline=True).get("rules")


def test_sources_by_subject_are_memoised_for_each() -> None:
    calls: list[str] = []

    def size(revision: Revision) -> int:
        calls.append(revision.id)
        return len(revision.id)

    bench = Bench({"size": Source("size", ("revision",), "revision", size)}, {})
    other = replace(REVISION, id="revision:other")
    for subject in (REVISION, other, REVISION):
        assert bench.get("size", subject) == len(subject.id)
    assert calls == [REVISION.id, other.id]


@pytest.mark.parametrize(
    ("needs", "atoms", "message"),
    [
        (("revision", "repositry"), ("source.revision-ids",), "did you mean 'repository'"),
        (("revision",), ("source.no-such",), "no catalogue holds"),
        (("artifact",), ("source.revision-ids",), "speaks of revision"),
    ],
)
def test_a_plan_that_cannot_run_is_refused_before_anything_runs(
    needs: tuple[str, ...], atoms: tuple[str, ...], message: str
) -> None:
    subject = needs[0]
    wrong = Check("wrong", atoms, "Wrong.", needs, subject, lambda **_values: pytest.fail("ran"))
    with pytest.raises(PlanError, match=message):
        plan([wrong], {"repository": Source("repository", (), None, object)}, CATALOGUE, "v1.2")


def test_sources_that_need_each_other_are_refused() -> None:
    sources = {"a": Source("a", ("b",), None, object), "b": Source("b", ("a",), None, object)}
    with pytest.raises(PlanError, match="a -> b -> a"):
        plan([], sources, CATALOGUE, "v1.2")


def test_two_subjects_in_one_check_are_refused() -> None:
    with pytest.raises(PlanError, match="two subjects"):

        @check("source.revision-ids")
        def both(revision: Revision, artifact: Artifact) -> Verdict:
            """Both."""
            raise AssertionError(revision, artifact)


@pytest.mark.parametrize(("trusted", "counts"), [((), False), (("acme",), True)])
def test_third_party_checks_decide_built_in_atoms_downward_only(trusted: tuple[str, ...], counts: bool) -> None:
    @check("source.repository-ids")
    def kindly(revision: Revision) -> Verdict:
        """Kindly."""
        return ok("believe me", at=revision.at)

    @check("source.revision-ids")
    def strictly(revision: Revision) -> Verdict:
        """Strictly."""
        return fail("no", at=revision.at)

    up, down = results_of(kindly, strictly, plugin="acme", trusted=trusted)
    assert up.counts is counts
    assert down.counts is True


def test_an_experimental_check_is_shown_and_never_counts() -> None:
    @check("source.repository-ids", experimental=True)
    def trial(revision: Revision) -> Verdict:
        """Trial."""
        return ok("seen", at=revision.at)

    (result,) = results_of(trial)
    assert (result.outcome, result.counts) == (Outcome.PASS, False)


def test_result_ids_are_stable_and_differ_by_atom() -> None:
    @check("source.history.ref-log", "source.history.descendant-only")
    def history(revision: Revision) -> Iterable[Verdict]:
        """History."""
        return [unknown("?", at=revision.at, atom=f"source.history.{part}") for part in ("ref-log", "descendant-only")]

    first, second = results_of(history), results_of(history)
    assert [result.id for result in first] == [result.id for result in second]
    assert len({result.id for result in first}) == len(first) == 2


def test_stop_ends_after_the_first_failure() -> None:
    @check("source.repository-ids")
    def bad(revision: Revision) -> Verdict:
        """Bad."""
        return fail("no", at=revision.at)

    @check("source.revision-ids")
    def never(revision: Revision) -> Verdict:
        """Never."""
        raise AssertionError(revision)

    assert [result.check for result in results_of(bad, never, stop=True)] == ["bad"]


def test_a_bug_keeps_its_traceback_apart() -> None:
    try:
        raise KeyError("oops")  # noqa: TRY301
    except KeyError as error:
        problem = problem_of(error, "evidence x")
    assert "Traceback" in problem.detail
    assert "Traceback" not in problem.reason
    assert problem.fatal
    assert not problem_of(InputError("too large", where="big.yml"), "x").fatal


def test_a_subject_source_that_breaks_leaves_the_other_kinds() -> None:
    def broken() -> tuple[Publication, ...]:
        raise InputError("2 GB of YAML", where="release.yml")

    sources = {name: Source(name, (), None, tuple) for name in ("artifacts", "platforms")}
    sources["publications"] = Source("publications", (), None, broken)
    sources["revisions"] = Source("revisions", (), None, lambda: (REVISION,))
    sources["platforms"] = Source("platforms", ("publications",), None, tuple)
    bench = Bench(sources, {})
    assert subjects(bench) == (REVISION,)
    assert [problem.where for problem in bench.problems()] == ["release.yml"]
