"""What a verification did, step by step, and how it ends early."""

from __future__ import annotations

from slsacheck.evidence.attestations.limits import MAX_TEXT
from slsacheck.model.attestation import Step

__all__ = ["RefusedError", "Trail", "shown"]


def shown(value: object) -> str:
    """A foreign value as it may stand in a message: one line, no control characters, bounded.

    Bidirectional overrides and other format characters are escaped as well.
    """
    text = value if isinstance(value, str) else repr(value)
    safe = text[: MAX_TEXT + 1]
    if not safe.isprintable():
        safe = "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in safe)
    return safe[:MAX_TEXT] + "…" if len(safe) > MAX_TEXT else safe


class RefusedError(Exception):
    """The attestation cannot pass: `verdict` is fail or unknown, `reason_class` one of the output contract's."""

    def __init__(self, reason_class: str, message: str, *, verdict: str = "fail", step: str = "") -> None:
        super().__init__(message)
        self.reason_class = reason_class
        self.message = message
        self.verdict = verdict
        self.step = step


class Trail:
    """The steps of one verification in the order in which they were done, and the problems met on the way."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.problems: list[RefusedError] = []

    def passed(self, name: str, detail: str) -> None:
        """Record a step that was done and held."""
        self.steps.append(Step(name, "pass", detail))

    def skipped(self, name: str, detail: str) -> None:
        """Record a step that does not apply to this form."""
        self.steps.append(Step(name, "not-applicable", detail))

    def failed(self, problem: RefusedError) -> None:
        """Record a step that was done and did not hold, or could not be done (a problem of verdict unknown)."""
        outcome = "fail" if problem.verdict == "fail" else "not-possible"
        self.steps.append(Step(problem.step or problem.reason_class, outcome, problem.message))
        self.problems.append(problem)

    def refute(self, step: str, reason_class: str, message: str) -> None:
        """Record a failed step."""
        self.failed(RefusedError(reason_class, message, step=step))

    def impossible(self, step: str, reason_class: str, message: str) -> None:
        """Record a step that could not be done with what is at hand."""
        self.failed(RefusedError(reason_class, message, verdict="unknown", step=step))

    @property
    def worst(self) -> RefusedError | None:
        """The problem that decides the verdict: the first failure, else the first thing that could not be done."""
        failures = [problem for problem in self.problems if problem.verdict == "fail"]
        return next(iter(failures or self.problems), None)

    @property
    def progress(self) -> int:
        """How many steps held; of several refused attestations the one that came furthest is reported."""
        return sum(step.outcome == "pass" for step in self.steps)
