"""What several formats share: the order of things, the words for them, and which links may be followed."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from slsacheck.model import Artifact, Outcome, Publication, Revision

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from slsacheck.model import AssessedSubject, Assessment, Place, Remedy, Result, Signer, Subject, TrackLevels
    from slsacheck.model.reporting import ReportOptions

__all__ = [
    "NEEDS_REMEDY",
    "OPEN",
    "OUTCOME_WORDS",
    "SEVERITIES",
    "by_subject",
    "count_words",
    "floor_and_best",
    "folded",
    "level_text",
    "not_looked_at",
    "ordered_results",
    "ordered_subjects",
    "plural",
    "remedy_of",
    "safe_url",
    "scalar",
    "signer_document",
    "subject_label",
    "summary_counts",
    "track_title",
    "type_words",
    "ungated",
]

OPEN = frozenset({Outcome.FAIL, Outcome.ERROR, Outcome.UNKNOWN})
"""The outcomes that a reader must see even where there is room for nothing else."""
NEEDS_REMEDY = frozenset({Outcome.FAIL, Outcome.UNKNOWN, Outcome.ERROR, Outcome.DECLARED})
"""The outcomes about which a reader can do something."""

OUTCOME_WORDS: Mapping[Outcome, str] = {
    Outcome.PASS: "passed",
    Outcome.CONFIGURED: "configured",
    Outcome.DECLARED: "declared",
    Outcome.FAIL: "failed",
    Outcome.ERROR: "in error",
    Outcome.UNKNOWN: "unknown",
    Outcome.NOT_APPLICABLE: "not applicable",
}
"""Every outcome in the words of a summary, in the order of a summary."""

SEVERITIES = ("high", "medium", "low", "info")

_TRACKS = {
    "build": "Build",
    "source": "Source",
    "slsa": "SLSA",
    "buildenv": "Build environment",
    "dependency": "Dependency",
}
_TYPES = {
    "ci-component": "CI component",
    "npm-package": "npm package",
    "nuget-package": "NuGet package",
    "os-package": "OS package",
}
_KINDS = {"revision": 0, "publication": 1, "artifact": 2, "platform": 3}
_WORST = (
    Outcome.FAIL,
    Outcome.ERROR,
    Outcome.UNKNOWN,
    Outcome.DECLARED,
    Outcome.CONFIGURED,
    Outcome.PASS,
    Outcome.NOT_APPLICABLE,
)
_UNGATED_TYPES = frozenset({"checksums", "metadata"})
_LINKED_HOSTS = frozenset(
    {
        "slsa.dev",
        "github.com",
        "gitlab.com",
        "codeberg.org",
        "pypi.org",
        "www.npmjs.com",
        "registry.npmjs.org",
        "crates.io",
        "rubygems.org",
        "hub.docker.com",
        "search.sigstore.dev",
        "rekor.sigstore.dev",
    }
)
"""Hosts whose pages a place may link to: public forges, registries and the log. Others are shown as text."""
_HTTPS = re.compile(r"https://([a-z0-9.-]{1,253})((?:/[A-Za-z0-9._~/?#=&%@:+,-]{0,2000})?)")


def scalar(text: str) -> str:
    """The text with lone surrogates, which no encoding can write, replaced by U+FFFD."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def plural(count: int, noun: str) -> str:
    """A count and its noun: `1 publication`, `2 publications`, `3 artifacts`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def signer_document(signer: Signer | None) -> dict[str, str | None] | None:
    """A signer for programs; null where there is none."""
    return None if signer is None else {"identity": signer.identity, "issuer": signer.issuer}


def track_title(track: str) -> str:
    """The name of a track as the specification writes it."""
    return _TRACKS.get(track, track)


def type_words(subject: Subject) -> str:
    """The type of a subject in words: `container image`, `CI component`, `source revision`."""
    match subject:
        case Publication() | Artifact():
            return _TYPES.get(subject.type, subject.type.replace("-", " "))
        case Revision():
            return "source revision"
        case _:
            return "build platform"


def subject_label(subject: Subject) -> str:
    """A short name of a subject that tells it from others: its name, and the channel where that is not in the name."""
    if isinstance(subject, Publication) and subject.channel and subject.channel not in subject.name:
        return f"{subject.name} ({subject.channel})"
    if isinstance(subject, Revision):
        return (subject.commit or subject.name)[:12]
    return subject.name


def level_text(value: int | None) -> str:
    """A level in a table; `?` where what decides it lies elsewhere."""
    return "?" if value is None else str(value)


def ungated(subject: Subject) -> bool:
    """Whether gates and floors leave the subject out: checksums and metadata are about other publications."""
    return isinstance(subject, Publication | Artifact) and subject.type in _UNGATED_TYPES


def by_subject(results: Iterable[Result]) -> dict[str, list[Result]]:
    """The results of each subject id, in their order."""
    found: dict[str, list[Result]] = {}
    for result in results:
        found.setdefault(result.subject, []).append(result)
    return found


def ordered_subjects(assessment: Assessment) -> list[AssessedSubject]:
    """The subjects: target by target, revisions first, publications as traced (releases first), others by id."""
    targets = {target.id: number for number, target in enumerate(assessment.targets)}

    def key(place: tuple[int, AssessedSubject]) -> tuple[int, int, int, str]:
        number, item = place
        subject = item.subject
        traced = number if subject.kind == "publication" else 0
        return (targets.get(subject.target or "", 0), _KINDS[subject.kind], traced, subject.id)

    return [item for _, item in sorted(enumerate(assessment.subjects), key=key)]


def ordered_results(assessment: Assessment) -> list[Result]:
    """The results by subject, then in catalogue order, then by check."""
    subjects = {item.subject.id: number for number, item in enumerate(ordered_subjects(assessment))}
    rows = {row.id: number for number, row in enumerate(assessment.requirements)}
    last = len(rows)

    def key(result: Result) -> tuple[int, int, int, str, str, str]:
        number = subjects.get(result.subject, len(subjects))
        return (number, rows.get(result.requirement, last), result.level, result.atom, result.check, result.id)

    return sorted(assessment.results, key=key)


def folded(results: Iterable[Result]) -> Outcome:
    """The worst outcome among results, UNKNOWN for none; NOT_APPLICABLE only where nothing else was said.

    For a reader's eye where the assessment holds no folded outcome; levels never rest on it.
    """
    outcomes = {result.outcome for result in results}
    return next((outcome for outcome in _WORST if outcome in outcomes), Outcome.UNKNOWN)


def remedy_of(result: Result, subject: Subject | None, options: ReportOptions) -> Remedy | None:
    """What to do about a result, for its platform or else that of its publication; None where nothing is to be done."""
    if result.outcome not in NEEDS_REMEDY:
        return None
    platform = result.platform or (subject.platform if isinstance(subject, Publication) else None)
    return options.remedy(result.atom, platform or "any")


def safe_url(url: str | None) -> str | None:
    """The address if a reader may follow it: https, a host known here, and nothing odd in it; else None."""
    match = _HTTPS.fullmatch(url or "")
    return match[0] if match and match[1] in _LINKED_HOSTS else None


def count_words(counts: Mapping[Outcome, int], among: Iterable[Outcome] = Outcome) -> str:
    """`22 configured, 3 failed, 12 unknown`; without what is zero, and of the outcomes `among` only."""
    wanted = [outcome for outcome in OUTCOME_WORDS if outcome in frozenset(among) and counts.get(outcome)]
    return ", ".join(f"{counts[outcome]} {OUTCOME_WORDS[outcome]}" for outcome in wanted)


def summary_counts(assessment: Assessment) -> tuple[str, Counter[Outcome]]:
    """What was assessed in words, `4 publications, 1 artifact`, and how often each outcome stands in the results."""
    kinds = Counter(item.subject.kind for item in assessment.subjects)
    names = [plural(kinds[kind], kind) for kind in _KINDS if kinds[kind]]
    return ", ".join(names) or "nothing", Counter(result.outcome for result in assessment.results)


def not_looked_at(assessment: Assessment) -> list[tuple[str, str]]:
    """What was not looked at, and why: evidence that was out of reach, and configuration that is not understood."""
    found = [("the network", "the run was offline")] if assessment.offline else []
    found += [
        (record.name, record.reason or "could not be looked at")
        for record in assessment.evidence
        if record.state == "unavailable"
    ]
    for target in assessment.targets:
        if not target.assessed:
            found.append((target.name, "the target was not assessed"))
        named = (*target.facts.ci_systems, *target.facts.build_tools)
        found += [
            (_where(item.name, item.at), item.note or "recognised, but not understood")
            for item in named
            if not item.understood
        ]
    return list(dict.fromkeys(found))


def _where(name: str, at: tuple[Place, ...]) -> str:
    return f"{name} ({at[0]})" if at else name


def floor_and_best(rows: Iterable[tuple[Subject, TrackLevels]]) -> tuple[dict[str, int | None], dict[str, int | None]]:
    """The lowest and the highest proved, configured and possible level over subjects that can have one.

    A lowest level is None where one is undecided and no known one is 0; a highest is None where none is known.
    Empty mappings where nothing has a level.
    """
    counted = [levels for subject, levels in rows if levels.defined and levels.applies and not ungated(subject)]
    floor: dict[str, int | None] = {}
    best: dict[str, int | None] = {}
    for name in ("proved", "configured", "possible") if counted else ():
        values = [getattr(levels, name) for levels in counted]
        known = [value for value in values if value is not None]
        lowest = min(known, default=None)
        floor[name] = None if lowest and len(known) < len(values) else lowest
        best[name] = max(known, default=None)
    return floor, best
