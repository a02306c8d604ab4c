"""All of it: results, levels, gate, waivers, evidence, errors."""

from __future__ import annotations

from slsacheck.model.catalogue import Dispute, Requirement
from slsacheck.model.outcomes import Outcome
from slsacheck.model.places import Place
from slsacheck.model.repository import Facts
from slsacheck.model.subjects import Subject
from slsacheck.record import record

__all__ = [
    "AssessedSubject",
    "AssessedTarget",
    "Assessment",
    "AuditItem",
    "Coverage",
    "EvidenceRecord",
    "Gate",
    "Problem",
    "Result",
    "TrackLevels",
    "Waiver",
]


@record
class Result:
    """What one check said of one atom of one subject; `id` is stable across runs and moves of a line."""

    id: str
    check: str
    requirement: str
    atom: str
    level: int
    subject: str
    outcome: Outcome
    reason: str
    at: tuple[Place, ...] = ()
    external: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    attestation: str | None = None
    trust_root: str | None = None
    platform: str | None = None
    spec_url: str = ""
    track: str = ""
    must: bool = True
    target: str | None = None
    detail: str = ""
    counts: bool = True
    """False for what a third-party check may not decide upward; shown, never part of a level."""


@record
class TrackLevels:
    """The levels of one subject on one track (DESIGN section 1).

    `configured` is None where external evidence decides the blocking requirement; for a revision always None.
    `authentic` is False where level 1 rests on unsigned or log-less provenance. `outcomes` holds the folded outcome
    of each requirement, `why` a sentence on what keeps the next level away.
    """

    track: str
    defined: bool
    applies: bool
    proved: int
    configured: int | None
    declared: int
    possible: int
    authentic: bool | None = None
    blocked_by: tuple[str, ...] = ()
    missing_evidence: tuple[str, ...] = ()
    trust_root: str | None = None
    trust_root_date: str | None = None
    disputes: tuple[Dispute, ...] = ()
    outcomes: tuple[tuple[str, Outcome], ...] = ()
    areas: tuple[tuple[str, TrackLevels], ...] = ()
    why: str = ""
    top: int = 0


@record
class Coverage:
    """How many of a publication's artifacts were given; `expected` is None unless a manifest lists the set."""

    given: int = 0
    expected: int | None = None


@record
class AssessedSubject:
    """A subject with its levels, one entry a track."""

    subject: Subject
    levels: tuple[TrackLevels, ...]
    coverage: Coverage = Coverage()

    def track(self, name: str) -> TrackLevels | None:
        """The levels on that track, None where the version has no such track for this subject."""
        return next((levels for levels in self.levels if levels.track == name), None)


@record
class Waiver:
    """A waived atom of a subject, with reason and expiry (ISO date); `used` where it changed the gate's reading."""

    atom: str
    subject: str
    reason: str
    expires: str
    expired: bool = False
    used: bool = False


@record
class EvidenceRecord:
    """An evidence that was collected: its name, digest (`sha256:…`) and time; `state` ok, absent or unavailable."""

    name: str
    digest: str
    collected_at: str
    state: str = "ok"
    reason: str = ""
    target: str | None = None


@record
class Problem:
    """Something that could not be read or a check that broke; `where` names the file, URL or check."""

    where: str
    reason: str
    advice: str = ""
    detail: str = ""
    target: str | None = None
    fatal: bool = False


@record
class AuditItem:
    """Something that is missing or does not agree in a pre-release audit, and what to do or which flag to give.

    `kind` is evidence-unread, publication-unseen, artifact-missing, artifact-unread, artifact-unplaced,
    provenance-missing, provenance-unverified, provenance-of-another, expectations-missing, version-differs,
    revision-differs, sbom-differs, rebuild-differs, sbom-missing, signature-missing, revision-unknown, revision-dirty
    or revision-untagged. What is not `blocking` is worth knowing, and no reason to wait.
    """

    kind: str
    subject: str | None
    reason: str
    remedy: str
    blocking: bool = True
    target: str | None = None


@record
class Gate:
    """The gate: what was required, which subjects it covers, whether it is met and if not why."""

    met: bool
    required: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()


@record
class AssessedTarget:
    """One target of an assessment: its facts, and what is known of its revision."""

    id: str
    kind: str
    name: str
    revision: str | None = None
    dirty: bool | None = None
    tag: str | None = None
    path: str | None = None
    facts: Facts = Facts()
    assessed: bool = True


@record
class Assessment:
    """All that one run says; reporters render it and nothing else. `audit` is None where it was no audit."""

    spec: str
    tool_version: str
    catalogue_version: str
    generated_at: str
    offline: bool
    targets: tuple[AssessedTarget, ...]
    subjects: tuple[AssessedSubject, ...]
    results: tuple[Result, ...]
    requirements: tuple[Requirement, ...]
    gate: Gate
    waivers: tuple[Waiver, ...] = ()
    evidence: tuple[EvidenceRecord, ...] = ()
    errors: tuple[Problem, ...] = ()
    checks: int = 0
    seconds: float = 0.0
    tracks: tuple[str, ...] = ()
    audit: tuple[AuditItem, ...] | None = None

    @property
    def target(self) -> AssessedTarget:
        """The first target."""
        return self.targets[0]

    def results_of(self, subject: str) -> tuple[Result, ...]:
        """The results on a subject, in catalogue order."""
        return tuple(result for result in self.results if result.subject == subject)
