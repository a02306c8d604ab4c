"""What the author of a check, an evidence source or a reporter imports.

    @check("build.isolated.ephemeral")
    def release_runners_are_ephemeral(publication: Publication) -> Verdict:
        \"\"\"The job that builds what is published runs on a runner that is thrown away after it.\"\"\"

Parameters name the evidence. The parameters `revision`, `publication`, `artifact` and `platform` are subjects: the
function runs once for each of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar, overload

from slsacheck.errors import Absent, PlanError, Unavailable
from slsacheck.model import Outcome, Place, Verdict
from slsacheck.record import field, record

__all__ = [
    "SUBJECT_KINDS",
    "Absent",
    "Check",
    "Reporter",
    "Source",
    "Unavailable",
    "check",
    "configured",
    "declared",
    "evidence",
    "fail",
    "field",
    "not_applicable",
    "ok",
    "record",
    "reporter",
    "unknown",
]

SUBJECT_KINDS = ("revision", "publication", "artifact", "platform")
MARK = "__slsacheck__"

Function = TypeVar("Function", bound=Callable[..., Any])


@record
class Check:
    """A check as the engine knows it: its name, the atoms that it decides, its title and the evidence it needs."""

    name: str
    atoms: tuple[str, ...]
    title: str
    needs: tuple[str, ...]
    subject: str | None
    function: Callable[..., Verdict | Iterable[Verdict]]
    experimental: bool = False
    plugin: str = "slsacheck"


@record
class Source:
    """An evidence source as the engine knows it; `network` sources are Unavailable under `--offline`."""

    name: str
    needs: tuple[str, ...]
    subject: str | None
    function: Callable[..., Any]
    network: bool = False
    plugin: str = "slsacheck"


@record
class Reporter:
    """A report format: `render(assessment, options)` gives the text; `suffix` is the usual end of a file's name."""

    name: str
    suffix: str
    help: str
    function: Callable[..., str]
    plugin: str = "slsacheck"


def parameters_of(function: Callable[..., Any]) -> tuple[str, ...]:
    """The names of a function's parameters, without importing inspect's signature machinery."""
    code = function.__code__
    return tuple(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount])


def _subject_of(name: str, needs: tuple[str, ...]) -> str | None:
    kinds = [need for need in needs if need in SUBJECT_KINDS]
    if len(kinds) > 1:
        raise PlanError(
            f"{name} asks for two subjects: {', '.join(kinds)}", advice="a check judges one subject at a time"
        )
    return kinds[0] if kinds else None


def check(*atoms: str, experimental: bool = False) -> Callable[[Function], Function]:
    """Declares a check that decides these atoms; its docstring's first line is the title of the report.

    With several atoms the function returns an iterable of verdicts, each with its `atom`. An experimental check is
    shown but never decides a level.
    """

    def mark(function: Function) -> Function:
        name = function.__name__
        if not atoms or not (function.__doc__ or "").strip():
            raise PlanError(f"check {name} needs at least one atom and a docstring")
        needs = parameters_of(function)
        title = (function.__doc__ or "").strip().splitlines()[0]
        setattr(function, MARK, Check(name, atoms, title, needs, _subject_of(name, needs), function, experimental))
        return function

    return mark


@overload
def evidence(function: Function, /) -> Function: ...
@overload
def evidence(*, name: str | None = None, network: bool = False) -> Callable[[Function], Function]: ...
def evidence(function: Function | None = None, /, *, name: str | None = None, network: bool = False) -> Any:
    """Declares an evidence source, known by its function's name; a later plug-in may override it by the same name."""

    def mark(function: Function) -> Function:
        own, needs = name or function.__name__, parameters_of(function)
        setattr(function, MARK, Source(own, needs, _subject_of(own, needs), function, network))
        return function

    return mark(function) if function is not None else mark


def reporter(name: str, *, suffix: str, help: str) -> Callable[[Function], Function]:  # noqa: A002 - argparse's word
    """Declares a report format: a function of (assessment, options) that returns the whole text."""

    def mark(function: Function) -> Function:
        setattr(function, MARK, Reporter(name, suffix, help, function))
        return function

    return mark


def declared_in(module: object) -> list[Check | Source | Reporter]:
    """The checks, sources and reporters that a module or object declares, in order of definition."""
    found = [getattr(value, MARK, None) for value in vars(module).values() if callable(value)]
    return [item for item in found if isinstance(item, Check | Source | Reporter)]


def _verdict(outcome: Outcome, reason: str, at: Iterable[Place], **more: Any) -> Verdict:
    for key in ("external", "missing"):
        more[key] = tuple(more.get(key) or ())
    return Verdict(outcome, reason, tuple(at), **more)


def _cited(outcome: Outcome, reason: str, at: Iterable[Place], **more: Any) -> Verdict:
    """A verdict that must rest on something: one without a place is a mistake of the check, so it raises."""
    places = tuple(at)
    if not places:
        raise ValueError(f"{outcome} without a place: it must cite what it rests on ({reason})")
    return _verdict(outcome, reason, places, **more)


def ok(reason: str, *, at: Iterable[Place], **more: Any) -> Verdict:
    """Verified evidence proves it. Raises ValueError where `at` is empty: a check over nothing cannot pass."""
    return _cited(Outcome.PASS, reason, at, **more)


def configured(reason: str, *, at: Iterable[Place], **more: Any) -> Verdict:
    """The build configuration would do it. Raises ValueError where `at` is empty."""
    return _cited(Outcome.CONFIGURED, reason, at, **more)


def declared(reason: str, *, at: Iterable[Place], **more: Any) -> Verdict:
    """Somebody says so and nobody verified it. Raises ValueError where `at` is empty."""
    return _cited(Outcome.DECLARED, reason, at, **more)


def fail(reason: str, *, at: Iterable[Place] = (), **more: Any) -> Verdict:
    """The evidence at hand refutes it."""
    return _verdict(Outcome.FAIL, reason, at, **more)


def unknown(reason: str, *, at: Iterable[Place] = (), **more: Any) -> Verdict:
    """Nothing at hand decides it: `external` names what lies elsewhere, `missing` which evidence to give and how."""
    return _verdict(Outcome.UNKNOWN, reason, at, **more)


def not_applicable(reason: str, *, at: Iterable[Place] = (), **more: Any) -> Verdict:
    """It is not asked here; only where the catalogue allows that."""
    return _verdict(Outcome.NOT_APPLICABLE, reason, at, **more)
