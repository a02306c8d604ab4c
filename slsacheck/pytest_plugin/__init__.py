"""The second host: `pytest --slsacheck` runs the checks as test items, and offers fixtures for a team's own tests.

This module loads in every pytest run of an environment, so it imports nothing of the engine until it is used. It is
for the repository that a team tests anyway: pytest runs that repository's conftest.py. Foreign targets are for the
command `slsacheck`, which runs nothing of them.

How an outcome is shown. PASS and CONFIGURED pass, FAIL fails, ERROR is an error with its traceback, NOT_APPLICABLE is
skipped. UNKNOWN is skipped with its reason: that nobody looked refutes nothing, and a suite that is red for what no
checkout can show would soon be ignored; the skip is seen in every summary and in JUnit. DECLARED and what is merely
recommended are skipped for the same reason: they must not look proved. `--slsacheck-strict` makes all three failures,
for a gate; a level is gated by `slsacheck --require`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from slsacheck.engine import Bench, Planned
    from slsacheck.model import Assessment, Result, Subject
    from slsacheck.pytest_plugin._host import Host

__all__ = [
    "CheckItem",
    "Checks",
    "Unmet",
    "pytest_addoption",
    "pytest_configure",
    "pytest_make_collect_report",
    "pytest_report_header",
    "slsa_assessment",
    "slsa_evidence",
]

_STRENGTH = ("FAIL", "ERROR", "UNKNOWN", "DECLARED", "CONFIGURED", "PASS", "NOT_APPLICABLE")
"""From the outcome that decides an item first to the one that decides it last."""


class Unmet(Exception):  # noqa: N818 - the requirement is unmet; nothing went wrong
    """A requirement that is not met; pytest shows its places and its remedy instead of a traceback."""

    def __init__(self, results: tuple[Result, ...]) -> None:
        super().__init__("; ".join(f"{result.outcome} {result.atom}: {result.reason}" for result in results))
        self.results = results


class Broken(Exception):  # noqa: N818 - its results say which check broke
    """A check that ended in ERROR; pytest shows the traceback that the engine kept."""

    def __init__(self, results: tuple[Result, ...]) -> None:
        super().__init__("; ".join(f"{result.check}: {result.reason}" for result in results))
        self.results = results


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the options, all of them beginning with --slsacheck."""
    group = parser.getgroup("slsacheck", "SLSA requirements as tests")
    group.addoption("--slsacheck", action="store_true", help="run the checks of slsacheck as test items")
    group.addoption(
        "--slsacheck-target",
        action="append",
        default=[],
        metavar="TARGET",
        help="what is assessed (default: the root folder); repeatable",
    )
    group.addoption("--slsacheck-spec", choices=("v0.1", "v1.0", "v1.1", "v1.2", "draft"), help="default v1.2")
    group.addoption("--slsacheck-config", metavar="FILE|REV:PATH", help="the configuration that may raise trust")
    group.addoption("--slsacheck-strict", action="store_true", help="UNKNOWN, DECLARED and recommendations fail")
    group.addoption("--slsacheck-online", action="store_true", help="ask logs, forges and registries too")


def pytest_configure(config: pytest.Config) -> None:
    """Registers the marks by which -m chooses checks, only where checks run."""
    if not config.getoption("slsacheck"):
        return
    for mark in _shared(config).marks():
        config.addinivalue_line("markers", f"{mark}: checks of slsacheck, see `slsacheck checks`")


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Says what is assessed."""
    if not config.getoption("slsacheck"):
        return []
    host = _shared(config)
    names = ", ".join(_printable(target.name) for target in host.request.targets)
    return [f"slsacheck: SLSA {host.request.spec}, {names}"]


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Iterator[None]:
    """Puts the checks behind the tests of a session: items added later would be called `collected 0 items`."""
    report: pytest.CollectReport = yield  # type: ignore[assignment]
    if isinstance(collector, pytest.Session) and collector.config.getoption("slsacheck"):
        report.result = [*(report.result or []), Checks.from_parent(collector, name="slsacheck", nodeid="slsacheck")]
    return report  # type: ignore[return-value]


@pytest.fixture(scope="session")
def slsa_assessment(pytestconfig: pytest.Config) -> Assessment:
    """The whole assessment of the target, for a team's own compliance tests."""
    return _shared(pytestconfig).assessment()


@pytest.fixture(scope="session")
def slsa_evidence(pytestconfig: pytest.Config) -> Callable[..., Any]:
    """A function of an evidence's name (and subject, where the source takes one) that gives its value.

    It raises slsacheck.errors.Absent where the evidence was looked for and is not there, Unavailable where nobody
    could look.
    """
    host = _shared(pytestconfig)
    bench = host.bench(host.request.targets[0])

    def evidence(name: str, subject: Subject | None = None) -> Any:
        if name not in host.registry.sources:
            raise pytest.UsageError(f"there is no evidence {name!r}: {', '.join(sorted(host.registry.sources))}")
        return bench.get(name, subject)

    return evidence


class Checks(pytest.Collector):
    """Everything that one run of pytest asks of slsacheck: an item for each check and subject."""

    def collect(self) -> Iterator[pytest.Item]:
        """The items in the order of the targets, subjects and checks: the same in every worker of xdist."""
        from slsacheck.engine import items, subjects

        host = _shared(self.config)
        for target in host.request.targets:
            bench = host.bench(target)
            prefix = f"{target.name}: " if len(host.request.targets) > 1 else ""
            for planned, subject in items(host.plan, subjects(bench)):
                name = f"{planned.check.name}[{_printable(prefix + subject.id)}]"
                yield CheckItem.from_parent(self, name=name, planned=planned, subject=subject, bench=bench)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException]) -> Any:  # type: ignore[override]
        """What cannot be assessed, in a sentence; collectors take no style (pytest's own class says so too)."""
        from slsacheck.errors import SlsacheckError

        return str(excinfo.value) if isinstance(excinfo.value, SlsacheckError) else super().repr_failure(excinfo)


class CheckItem(pytest.Item):
    """One check of one subject."""

    def __init__(self, *, planned: Planned, subject: Subject, bench: Bench, **settings: Any) -> None:
        super().__init__(**settings)
        from slsacheck.select import keywords_of, marks_of, networked

        host = _shared(self.config)
        self.planned, self.subject, self.bench = planned, subject, bench
        rows = tuple(row for atom in planned.atoms if (row := host.registry.catalogue.requirement(atom)) is not None)
        self.extra_keyword_matches.update(keywords_of(planned.check, rows))
        network = networked(host.registry.sources.values())
        for mark in sorted(marks_of(planned.check, rows, host.request.spec, network)):
            self.add_marker(mark)

    def runtest(self) -> None:
        """Runs the check; raises Unmet, Broken or skips as the outcome says."""
        from slsacheck.engine import run_item

        host = _shared(self.config)
        results = run_item(
            host.plan, self.bench, self.planned, self.subject, host.registry.catalogue, host.registry.trusted
        )
        strict = bool(self.config.getoption("slsacheck_strict"))
        decisive, word = _decisive(results)
        for result in decisive:
            for name in ("requirement", "atom", "outcome"):
                self.user_properties.append((name, str(getattr(result, name))))
        if word == "ERROR":
            raise Broken(decisive)
        binding = all(result.must and result.counts for result in decisive)
        if word == "FAIL" and (binding or strict):
            raise Unmet(decisive)
        if word in ("UNKNOWN", "DECLARED") and binding and strict:
            raise Unmet(decisive)
        if word not in ("PASS", "CONFIGURED"):
            pytest.skip(
                "; ".join(_printable(f"{result.outcome}: {result.reason}") for result in decisive) or "nothing to say"
            )

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """What a reader needs: where, why and what to do; for a broken check its traceback."""
        if isinstance(excinfo.value, Broken):
            return "\n".join(_printable(result.detail or result.reason) for result in excinfo.value.results)
        if isinstance(excinfo.value, Unmet):
            return "\n".join(line for result in excinfo.value.results for line in _told(result))
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[str, None, str]:
        """The check's title, for the heading of a failure."""
        return "slsacheck", None, f"{self.planned.check.title} [{_printable(self.subject.id)}]"


def _decisive(results: tuple[Result, ...]) -> tuple[tuple[Result, ...], str]:
    """The results that decide an item, and their outcome.

    Within one attestation the worst result decides; of several attestations the best one counts (DESIGN section 1).
    """
    named = [result.attestation for result in results if result.attestation]
    groups: list[str | None] = [*dict.fromkeys(named)] if named else [None]
    best: tuple[tuple[Result, ...], str] = ((), "")
    for group in groups:
        own = [result for result in results if result.attestation in (None, group)]
        word = min((str(result.outcome) for result in own), key=_STRENGTH.index, default="NOT_APPLICABLE")
        if not best[1] or _STRENGTH.index(word) > _STRENGTH.index(best[1]):
            best = tuple(result for result in own if str(result.outcome) == word), word
    return best


def _told(result: Result) -> Iterator[str]:
    from slsacheck.catalog import remedy_for

    yield _printable(f"{result.outcome} {result.atom}, level {result.level}: {result.reason}")
    for place in result.at:
        excerpt = f"   {place.excerpt}" if place.excerpt else ""
        yield _printable(f"  {place}{excerpt}")
    for missing in result.missing:
        yield _printable(f"  would decide it: {missing}")
    remedy = remedy_for(result.atom, result.platform)
    if remedy is not None:
        yield f"  -> {remedy.summary} ({remedy.effort})"
        yield from (f"     {line}" for line in remedy.text.splitlines())
    yield f"  slsacheck explain {result.atom}"


def _printable(text: str) -> str:
    """A text of the target as a node id or terminal can hold it: what is not printable becomes an escape."""
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)


_HOST = pytest.StashKey[Any]()


def _shared(config: pytest.Config) -> Host:
    """What this run shares. Raises pytest's UsageError where the options do not fit."""
    if _HOST not in config.stash:
        from slsacheck.errors import SlsacheckError
        from slsacheck.pytest_plugin._host import Host

        try:
            config.stash[_HOST] = Host(config)
        except SlsacheckError as error:
            raise pytest.UsageError(f"slsacheck: {error}") from error
    host: Host = config.stash[_HOST]
    return host
