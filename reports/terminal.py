"""The report for a terminal: the answer first, then the reason, then the proof."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.api import reporter
from slsacheck.model import Artifact, Outcome

from ._common import OPEN, count_words, not_looked_at, plural, summary_counts
from ._findings import every_result, findings, hazards
from ._ink import Ink
from ._tables import level_table

if TYPE_CHECKING:
    from slsacheck.model import AssessedSubject, AssessedTarget, Assessment, Waiver
    from slsacheck.model.reporting import ReportOptions

__all__ = ["render"]

MOST_REASONS = 10
"""Reasons of the gate, errors and waivers that are shown without -v; more are counted."""
BY_HAND = "; what somebody releases by hand does not show here"
MARGIN = 8
"""Columns of the closing line that its text leaves for the signs beside it."""


@reporter("terminal", suffix=".txt", help="for people at a terminal; the default")
def render(assessment: Assessment, options: ReportOptions) -> str:
    """The report in `options.width` columns; with -q the tables only, with -v every result."""
    ink = Ink(options)
    _header(ink, assessment)
    if assessment.audit is not None:
        from ._release import release

        release(ink, assessment.audit)
    for target in assessment.targets:
        _target(ink, assessment, target)
    if options.verbosity >= 0:
        _without_artifacts(ink, assessment)
        findings(ink, assessment)
        for target in assessment.targets:
            hazards(ink, target.facts.hazards, target.facts.hints)
    if options.verbosity > 0:
        every_result(ink, assessment)
    _seen(ink, assessment)
    _gate(ink, assessment)
    _ledger(ink, assessment)
    _closing(ink, assessment)
    return ink.text()


def _header(ink: Ink, assessment: Assessment) -> None:
    first = assessment.target
    what = _named(first) if len(assessment.targets) == 1 else plural(len(assessment.targets), "target")
    ink.say(
        f"slsacheck {assessment.tool_version} · SLSA {assessment.spec} · {what} · "
        f"{'offline' if assessment.offline else 'online'}"
    )


def _named(target: AssessedTarget) -> str:
    if not target.revision:
        return target.name
    state = {True: "with uncommitted changes", False: "clean", None: ""}[target.dirty]
    more = ", ".join(part for part in (target.tag or "", state) if part)
    return f"{target.name} @ {target.revision[:7]}" + (f" ({more})" if more else "")


def _target(ink: Ink, assessment: Assessment, target: AssessedTarget) -> None:
    subjects = [one for one in assessment.subjects if (one.subject.target or assessment.target.id) == target.id]
    if len(assessment.targets) > 1:
        ink.head(_named(target))
    if not target.assessed:
        ink.say("not assessed", 2, "warn")
    for kind, title in _titles(target, subjects):
        chosen = [one for one in subjects if one.subject.kind == kind]
        for track in dict.fromkeys(levels.track for one in chosen for levels in one.levels):
            level_table(ink, title, track, chosen)
    if (
        target.assessed
        and target.kind == "repository"
        and not any(one.subject.kind == "publication" for one in subjects)
    ):
        outside = BY_HAND
        if target.facts.publishing == "outside":
            outside = f"; not understood: {'; '.join(target.facts.external)}"
        if len(assessment.targets) == 1:
            ink.add()
        ink.say(f"No publication was seen: nothing in the build configuration publishes anything{outside}", 2)


def _titles(target: AssessedTarget, subjects: list[AssessedSubject]) -> list[tuple[str, str]]:
    counts = {
        kind: sum(one.subject.kind == kind for one in subjects) for kind in ("publication", "artifact", "platform")
    }
    return [
        ("publication", f"{target.name} publishes {plural(counts['publication'], 'thing')}"),
        ("artifact", plural(counts["artifact"], "artifact")),
        ("revision", "Source revision"),
        ("platform", plural(counts["platform"], "build platform")),
    ]


def _without_artifacts(ink: Ink, assessment: Assessment) -> None:
    """How to get from configured to proved, where only configuration was looked at."""
    kinds = {one.subject.kind for one in assessment.subjects for levels in one.levels if levels.applies}
    if "publication" not in kinds or "artifact" in kinds:
        return
    import shlex

    ink.add()
    ink.say("Nothing is proved without what was published and its attestations; give them to")
    where = shlex.quote(assessment.target.path or assessment.target.name)
    ink.add("  " + ink.paint(f"{ink.options.command} audit {where} --artifact FILE --attestation FILE", "bold"))


def _seen(ink: Ink, assessment: Assessment) -> None:
    """Facts about artifacts that were seen: PGP signatures, on which no level rests, and what was built again."""
    facts = [
        (name, f"{one.subject.name}: {name}: {text}")
        for one in assessment.subjects
        if isinstance(one.subject, Artifact)
        for name, text in one.subject.facts
    ]
    for word, title in (("PGP", "PGP signatures, which are seen and not verified:"), ("built again", "Built again:")):
        told = [text for name, text in facts if word in name]
        if told:
            ink.add()
            ink.say(title)
            _some(ink, told)


def _gate(ink: Ink, assessment: Assessment) -> None:
    gate = assessment.gate
    if not gate.required:
        return
    met = ("met", "good") if gate.met else ("NOT met", "bad")
    ink.add()
    over = f" over {plural(len(gate.subjects), 'subject')}" if gate.subjects else ""
    ink.add(ink.paint(f"Gate {', '.join(gate.required)}{over}: ", "bold") + ink.paint(*met))
    _some(ink, list(gate.reasons))


def _some(ink: Ink, texts: list[str], style: str = "") -> None:
    shown = texts if ink.options.verbosity > 0 else texts[:MOST_REASONS]
    for text in shown:
        ink.say(text, 2, style)
    if len(texts) > len(shown):
        ink.say(f"and {len(texts) - len(shown)} more; -v shows them", 2, "dim")


def _ledger(ink: Ink, assessment: Assessment) -> None:
    """Errors, waivers and what was not looked at: always there, in one line each where there are none."""
    none: list[str] = []
    errors = [
        f"{problem.where}: {problem.reason}" + (f" → {problem.advice}" if problem.advice else "")
        for problem in assessment.errors
    ]
    skipped = [f"{what} ({reason})" for what, reason in not_looked_at(assessment)]
    for title, texts, style in (
        ("Errors", errors, "broken"),
        ("Waivers", [_waiver(waiver) for waiver in assessment.waivers], "warn"),
        ("Not looked at", skipped, "ask"),
    ):
        if not texts:
            none.append(f"{title.lower()}: {'nothing' if title == 'Not looked at' else 'none'}")
        elif ink.options.verbosity < 0 or (texts is skipped and len(texts) == 1):
            none.append(f"{title.lower()}: {texts[0] if len(texts) == 1 else len(texts)}")
        else:
            ink.head(title)
            _some(ink, texts, style if title == "Errors" else "")
    if none:
        ink.add()
        line = " · ".join(none)
        ink.say(line[:1].upper() + line[1:], style="dim")


def _waiver(waiver: Waiver) -> str:
    state = "expired" if waiver.expired else "until"
    return f"{waiver.atom} of {waiver.subject}, {state} {waiver.expires}: {waiver.reason}"


def _closing(ink: Ink, assessment: Assessment) -> None:
    what, counts = summary_counts(assessment)
    found = sum(len(target.facts.hazards) for target in assessment.targets)
    also = [plural(found, "hazard")] if found else []
    style = "good"
    if not assessment.gate.met or counts[Outcome.ERROR] or assessment.errors:
        style = "bad"
    elif counts[Outcome.FAIL] or found:
        style = "warn"
    checks = plural(len(assessment.results), "check")
    whole = ", ".join([count_words(counts) or "no results", *also])
    text = f"{what}, {checks}: {whole} in {assessment.seconds:.2f}s"
    ink.add()
    if len(text) + MARGIN > ink.options.width:
        rest = count_words(counts, frozenset(Outcome) - OPEN)
        for line in _lines(ink, f"{what}, {checks}", rest):
            ink.say(line, style="dim")
        worst = ", ".join([count_words(counts, OPEN) or "nothing failed", *also])
        text = f"{worst} in {assessment.seconds:.2f}s"
    ink.bar(text, style)


def _lines(ink: Ink, what: str, rest: str) -> list[str]:
    """What was looked at and what is settled: in one line, or in two that are not broken in the middle."""
    line = f"{what}: {rest}" if rest else what
    return [line] if len(line) <= ink.options.width or not rest else [what, rest]
