"""From targets to an assessment: the one path that the command line, pytest and a program share."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, Any

from slsacheck import __version__
from slsacheck.engine import Bench, plan, problem_of, run, subjects
from slsacheck.errors import SlsacheckError, UsageError
from slsacheck.evidence.quoting import Quoter
from slsacheck.gate import assessed, demand_of, judge
from slsacheck.model import (
    Artifact,
    AssessedTarget,
    Assessment,
    AuditItem,
    EvidenceRecord,
    Facts,
    Problem,
    Result,
    Subject,
    Target,
    Waiver,
)
from slsacheck.record import field, record, replace

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from slsacheck.api import Check
    from slsacheck.engine import Plan
    from slsacheck.model import Requirement
    from slsacheck.plugins import Registry

__all__ = ["Request", "TargetRun", "assess", "bench_of", "generated_at", "run_target"]


@record(slots=False)
class Request:
    """What is asked of one run.

    `open` turns a target into what its evidence is read through (`slsacheck.evidence.targets.open_target`);
    `config` is handed to the sources as evidence of that name; `waivers`, `require` and `accept` come from flags
    and `--config`. `jobs` threads run the checks of one target; `at_once` targets are assessed at the same time, for
    targets that are mostly waited for.
    """

    targets: Sequence[Target]
    open: Callable[[Target], Any]
    spec: str = "v1.2"
    tracks: tuple[str, ...] = ()
    config: Any = None
    offline: bool = False
    online: bool = False
    jobs: int = 1
    at_once: int = 1
    stop: bool = False
    require: tuple[str, ...] = ()
    accept: tuple[str, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    problems: tuple[Problem, ...] = ()
    chosen: Callable[[Check, tuple[Requirement, ...]], bool] = field(default_factory=lambda: lambda _check, _rows: True)


@record(slots=False)
class TargetRun:
    """What one target gave: itself, its subjects and results, what was read and what went wrong."""

    target: AssessedTarget
    subjects: tuple[Subject, ...]
    results: tuple[Result, ...]
    evidence: tuple[EvidenceRecord, ...]
    problems: tuple[Problem, ...]
    expected: Mapping[str, int]
    audit: tuple[AuditItem, ...] | None = None


def generated_at() -> str:
    """The time of a report, ISO 8601 in UTC; SOURCE_DATE_EPOCH is honoured."""
    from slsacheck.evidence.contents import now

    return now()


def assess(
    request: Request, registry: Registry, progress: Callable[[tuple[Result, ...]], None] = lambda _results: None
) -> Assessment:
    """Assesses all targets. Raises UsageError or PlanError where the request itself does not fit."""
    started = time.monotonic()
    catalogue = registry.catalogue
    demands = [demand_of(text, catalogue, request.spec) for text in request.require]
    the_plan = plan(registry.checks, registry.sources, catalogue, request.spec, request.tracks, request.chosen)
    runs = _runs(request, registry, the_plan, progress)
    if len(runs) > 1:
        runs = [_labelled(one) for one in runs]
    found = [subject for one in runs for subject in one.subjects]
    results = [result for one in runs for result in one.results]
    expected = {name: count for one in runs for name, count in one.expected.items()}
    told = (found, results, catalogue, request.spec, the_plan.tracks)
    levels = assessed(*told, expected=expected)
    waived = assessed(*told, waivers=request.waivers, expected=expected) if request.waivers else levels
    return Assessment(
        spec=request.spec,
        tool_version=__version__,
        catalogue_version=catalogue.version,
        generated_at=generated_at(),
        offline=request.offline or not (request.online or any(_was_asked(subject) for subject in found)),
        targets=tuple(one.target for one in runs),
        subjects=levels,
        results=tuple(results),
        requirements=tuple(row for track in the_plan.tracks for row in catalogue.of(request.spec, track)),
        gate=judge(demands, waived, request.accept, [one.target.id for one in runs] if len(runs) > 1 else ()),
        waivers=tuple(_used(waiver, found) for waiver in request.waivers),
        evidence=tuple(record for one in runs for record in one.evidence),
        errors=(*request.problems, *(problem for one in runs for problem in one.problems)),
        checks=len(results),
        seconds=time.monotonic() - started,
        tracks=the_plan.tracks,
        audit=_joined([one.audit for one in runs]),
    )


def _runs(
    request: Request, registry: Registry, the_plan: Plan, progress: Callable[[tuple[Result, ...]], None]
) -> list[TargetRun]:
    """What each target gave, in their order."""

    def run_one(target: Target) -> TargetRun:
        return run_target(target, request, registry, the_plan, progress)

    if request.at_once == 1 or len(request.targets) == 1:
        return [run_one(target) for target in request.targets]
    from slsacheck.evidence.abreast import abreast

    return list(abreast(run_one, request.targets, request.at_once))


def _joined(audits: Sequence[tuple[AuditItem, ...] | None]) -> tuple[AuditItem, ...] | None:
    """The items of all targets that were audited; None where none was."""
    found = [one for one in audits if one is not None]
    return tuple(item for items in found for item in items) if found else None


def run_target(
    target: Target,
    request: Request,
    registry: Registry,
    the_plan: Plan,
    progress: Callable[[tuple[Result, ...]], None] = lambda _results: None,
) -> TargetRun:
    """Runs the plan on one target; whatever breaks in it is told and the other targets go on."""
    try:
        bench = bench_of(target, request, registry)
    except UsageError:
        raise
    except SlsacheckError as error:
        kept = AssessedTarget(target.name, target.kind, target.name, path=target.path, assessed=False)
        return TargetRun(kept, (), (), (), (problem_of(error, target.name),), {})
    found = subjects(bench)
    results = run(
        the_plan,
        bench,
        found,
        registry.catalogue,
        trusted=registry.trusted,
        jobs=request.jobs,
        stop=request.stop,
        progress=progress,
    )
    results += _declared(request, found, registry, the_plan)
    quoter = Quoter(bench.get("tree"))
    results = tuple(replace(result, at=quoter.places(result.at)) if result.at else result for result in results)
    told = _target(target, bench, quoter, found)
    expected: dict[str, int] = getattr(bench.get("opened"), "expected_artifacts", dict)()
    problems = bench.problems()
    items = _audited(target, found, expected, problems)
    return TargetRun(told, found, results, bench.records(), problems, expected, items)


def _audited(
    target: Target, found: tuple[Subject, ...], expected: dict[str, int], problems: tuple[Problem, ...]
) -> tuple[AuditItem, ...] | None:
    if not target.artifacts:
        return None
    from slsacheck.audit import audit_of

    return audit_of(target, found, expected, problems)


def bench_of(target: Target, request: Request, registry: Registry) -> Bench:
    """The bench of a target. Raises UsageError, InputError or Unavailable where the target cannot be opened."""
    given = {
        "target": target,
        "catalogue": registry.catalogue,
        "offline": request.offline,
        "config": request.config,
        "hooks": registry.hooks,
        "opened": request.open(target),
    }
    return Bench(registry.sources, given, offline=request.offline or not request.online)


def _declared(request: Request, found: tuple[Subject, ...], registry: Registry, the_plan: Plan) -> tuple[Result, ...]:
    """What the configuration declares of these subjects: DECLARED results, which nobody verified."""
    if not getattr(request.config, "declarations", ()):
        return ()
    from slsacheck.config import declared_results

    return declared_results(request.config, found, registry.catalogue, the_plan.spec, the_plan.tracks)


def _target(target: Target, bench: Bench, quoter: Quoter, found: Sequence[Subject]) -> AssessedTarget:
    """The target with its facts; where they cannot be had they stay empty, and the bench tells why.

    What is wrong with its artifacts apart from levels stands among the hazards.
    """
    facts, revision = Facts(), None
    if target.kind == "repository":
        facts = _facts(bench, quoter)
        with contextlib.suppress(Exception):
            revision = next(iter(bench.get("revisions")), None)
    of_artifacts = [finding for one in found if isinstance(one, Artifact) for finding in one.findings]
    if of_artifacts:
        facts = replace(facts, hazards=(*facts.hazards, *dict.fromkeys(of_artifacts)))
    return AssessedTarget(
        id=target.name,
        kind=target.kind,
        name=target.name,
        revision=revision.commit if revision else None,
        dirty=revision.dirty if revision else None,
        tag=revision.tag if revision else None,
        path=target.path,
        facts=facts,
    )


def _facts(bench: Bench, quoter: Quoter) -> Facts:
    """Each fact that could be had; one that breaks leaves the others."""
    found: dict[str, Any] = {}
    for name in Facts.__match_args__:
        with contextlib.suppress(Exception):
            found[name] = bench.get(name)
    for name in ("hazards", "hints"):
        found[name] = tuple(replace(item, at=quoter.places(item.at)) for item in found.get(name, ()))
    return Facts(**found)


def _labelled(one: TargetRun) -> TargetRun:
    """The same run with its target's id at every subject, result, evidence and error (DESIGN section 9)."""
    name = one.target.id
    return replace(
        one,
        subjects=tuple(replace(subject, id=f"{subject.id}#{name}", target=name) for subject in one.subjects),
        results=tuple(replace(result, subject=f"{result.subject}#{name}", target=name) for result in one.results),
        evidence=tuple(replace(record, target=name) for record in one.evidence),
        problems=tuple(replace(problem, target=name) for problem in one.problems),
        expected={f"{key}#{name}": count for key, count in one.expected.items()},
        audit=None
        if one.audit is None
        else tuple(
            replace(item, target=name, subject=f"{item.subject}#{name}" if item.subject else None) for item in one.audit
        ),
    )


def _was_asked(subject: Subject) -> bool:
    """Whether a registry was asked for an image, because the user named it; one that was not had has no digest."""
    if not isinstance(subject, Artifact) or subject.channel is None:
        return False
    return subject.image is not None or not subject.digests


def _used(waiver: Waiver, found: Sequence[Subject]) -> Waiver:
    used = not waiver.expired and any(subject.id == waiver.subject for subject in found)
    return replace(waiver, used=used)
