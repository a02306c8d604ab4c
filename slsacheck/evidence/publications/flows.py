"""How files and digests flow between jobs: who made what a job has, through artifacts and outputs."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from slsacheck.evidence.publications.acts import ActKind
from slsacheck.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterable

    from slsacheck.evidence.publications.runs import Deed, Run
    from slsacheck.model import Input

__all__ = ["Flows", "globs_cover", "last_part", "needs_in", "pattern", "steps_in"]

EXPRESSION = regex(r"\$\{\{.*?\}\}|\$\{[^}]*\}|\$\([^)]*\)|\$\w+|<<.*?>>|\{\{.*?\}\}", re.DOTALL)
NEEDS = regex(r"\bneeds\.([\w-]+)\.outputs\.([\w-]+)")
JOBS = regex(r"\bjobs\.([\w-]+)\.outputs\.([\w-]+)")
STEPS = regex(r"\bsteps\.([\w-]+)\.outputs\.([\w-]+)")
MAX_CALLERS = 8
"""Actions inside actions through which an output is followed; the deepest seen is 2."""
FOLDERS = (
    "artifacts",
    "assets",
    "bin",
    "binaries",
    "build",
    "dist",
    "distributions",
    "out",
    "output",
    "packages",
    "release",
    "releases",
    "upload",
    "wheelhouse",
)
"""What folders of finished files are called."""


def pattern(text: str) -> str:
    """A glob for a text that holds expressions: what is not known can be anything."""
    return re.sub(r"\*+", "*", EXPRESSION.sub("*", text))


def _alike(one: str, other: str) -> bool:
    first, second = pattern(one), pattern(other)
    return fnmatchcase(first.replace("*", "x"), second) or fnmatchcase(second.replace("*", "x"), first) or one == other


def _prefixes(run: Run) -> list[str]:
    """The ids of the callers of a run, the nearest first, each with a stroke behind it; empty for none."""
    parts = run.prefix.split("/")[:-1]
    return ["/".join(parts[:count]) + "/" if count else "" for count in range(len(parts), -1, -1)]


def _value(outputs: Iterable[Input], name: str) -> str:
    return next((item.value for item in outputs if item.name.lower() == name.lower()), "")


def _is_plain(name: str) -> bool:
    """Whether a name stands for itself alone."""
    return not any(mark in name for mark in "*?[$<{")


def needs_in(text: str) -> tuple[tuple[str, str], ...]:
    """The (job, output) pairs that an expression takes from earlier jobs."""
    return tuple((match[1], match[2]) for match in NEEDS.finditer(text))


def steps_in(text: str) -> tuple[tuple[str, str], ...]:
    """The (step, output) pairs that an expression takes from steps of its own job."""
    return tuple((match[1], match[2]) for match in STEPS.finditer(text))


def globs_cover(attested: tuple[str, ...], published: str) -> bool:
    """Whether what a glob names is among what is attested; folders are not compared, files are moved about."""
    wanted = last_part(published)
    literal = pattern(published.strip()).rpartition("/")[2]
    parts = [_attested_part(one) for one in attested]
    return literal in parts or any(fnmatchcase(wanted, part) for part in parts)


def last_part(path: str) -> str:
    """The last part of a path as a glob; `*` for a folder, and for what only a run can tell."""
    text = pattern(path.strip().rstrip("/"))
    last = text.rpartition("/")[2]
    folder = not last or path.strip().endswith(("/", "/.")) or not ("." in last or "*" in last)
    return "*" if folder else last


def _attested_part(path: str) -> str:
    """The last part of what is attested; without an ending it is a program, unless it is called as folders are."""
    last = pattern(path.strip()).rpartition("/")[2]
    return "*" if last in ("", ".", *FOLDERS) else last


class Flows:
    """The flow of files among the runs of a target."""

    def __init__(self, runs: tuple[Run, ...]) -> None:
        self.runs = runs
        self.groups: dict[str, list[Run]] = {}
        for run in runs:
            self.groups.setdefault(run.workflow, []).append(run)
        self._givers: dict[int, tuple[list[Run], bool]] = {}
        self._reach: dict[int, dict[int, Run]] = {}
        self._plain: dict[str, list[Run]] = {}
        self._globs: list[Run] = []
        self._index(runs)

    def _index(self, runs: tuple[Run, ...]) -> None:
        """Notes who passes on what: under a plain name, or under one that may stand for others."""
        for run in runs:
            names = {deed.act.name or "*" for deed in run.of(ActKind.PASS_ON)}
            for name in names:
                if _is_plain(name):
                    self._plain.setdefault(name, []).append(run)
            if not all(map(_is_plain, names)):
                self._globs.append(run)

    def named(self, run: Run, job: str) -> list[Run]:
        """The runs that a `needs` of a run names: the job itself, or the jobs of the workflow that it calls.

        What a caller hands over speaks of the caller's jobs, so a name that is none here is looked up there.
        """
        return self._nearest(run, job)[1]

    def _nearest(self, run: Run, job: str) -> tuple[str, list[Run]]:
        """The id of a job that a `needs` of a run names, as the nearest caller knows it, and its runs."""
        group = self.groups.get(run.workflow, ())
        for prefix in _prefixes(run):
            wanted = f"{prefix}{job}"
            found = [other for other in group if other.id == wanted or other.id.startswith(f"{wanted}/")]
            if found:
                return wanted, found
        return "", []

    def outputs(self, run: Run, job: str, name: str) -> list[tuple[Run, str]]:
        """What an output of an earlier job is: the run that sets it, with its expression.

        An output of a called workflow is followed to the job inside that it is taken from.
        """
        wanted, made = self._nearest(run, job)
        for one in [one for one in made if one.prefix == f"{wanted}/"][:1]:
            declared = _value(one.pipeline.outputs, name)
            found = [pair for inner, output in JOBS.findall(declared) for pair in self.outputs(one, inner, output)]
            if found:
                return found
        return [(one, _value(one.job.outputs, name)) for one in made]

    @staticmethod
    def told(run: Run, text: str) -> str:
        """The text with what the outputs of the repository's own actions are inside these behind it."""
        for _ in range(MAX_CALLERS):
            more = [run.aliases[pair] for pair in steps_in(text) if pair in run.aliases]
            after = " ".join([text, *(one for one in dict.fromkeys(more) if one not in text)])
            if after == text:
                break
            text = after
        return text

    def givers(self, run: Run) -> tuple[list[Run], bool]:
        """The runs whose files a run fetches, directly; and whether some come from another start of a workflow."""
        known = self._givers.get(id(run))
        if known is None:
            found: list[Run] = []
            foreign = False
            for deed in run.of(ActKind.FETCH):
                if (where := deed.act.fact("run")) in ("release", "elsewhere"):
                    released, later = self._released(run) if where == "release" else ([], False)
                    found += released
                    foreign = foreign or later
                    continue
                other = where == "other-run"
                foreign = foreign or other
                found += self._fetched(run, deed, other)
            known = self._givers[id(run)] = (list({id(one): one for one in found}.values()), foreign)
        return known

    def _released(self, run: Run) -> tuple[list[Run], bool]:
        """The runs that put the files of a release there which a run fetches, and whether that was another start."""
        publishers = [
            one
            for one in self.runs
            if one is not run and any(deed.act.channel == "github-release" for deed in one.of(ActKind.PUBLISH))
        ]
        here = [one for one in publishers if one.workflow == run.workflow]
        same = [one for one in here if not run.before or self._earlier(one, run)]
        return (same, False) if same else ([one for one in publishers if one not in here], True)

    def _fetched(self, run: Run, deed: Deed, other: bool) -> list[Run]:
        name = deed.act.name or "*"
        by_job = [one for job, _ in needs_in(name) for one in self.named(run, job)]
        if by_job:
            direct = [one for one in by_job if one.of(ActKind.PASS_ON)]
            return direct or by_job
        group = [*self._plain.get(name, ()), *self._globs] if _is_plain(name) else self.runs
        found = [
            one
            for one in group
            if one is not run
            and (other or one.workflow == run.workflow)
            and (other or not run.before or self._earlier(one, run))
            and (not other or one.workflow != run.workflow)
            and any(_alike(passed.act.name or "*", name) for passed in one.of(ActKind.PASS_ON))
        ]
        return [one for one in found if not any(self._replaces(later, one) for later in found)]

    def _replaces(self, later: Run, one: Run) -> bool:
        """Whether a later run puts files of its own in the place of all that another one handed on."""
        over = {deed.act.name for deed in later.of(ActKind.PASS_ON) if deed.act.fact("overwrites")}
        handed = {deed.act.name for deed in one.of(ActKind.PASS_ON)}
        return bool(handed) and handed <= over and later is not one and self._earlier(one, later)

    @staticmethod
    def _earlier(one: Run, run: Run) -> bool:
        """Whether a run, or the job that called its workflow, ended before another began."""
        parts = one.id.split("/")
        return any("/".join(parts[:count]) in run.before for count in range(1, len(parts) + 1))

    def producers(self, run: Run) -> list[Run]:
        """The runs that made the files that a run has: itself where it fetches none."""
        return [
            one
            for one in self._reached(run).values()
            if not self.givers(one)[0]
            or any(deed.act.type not in (None, "checksums") for deed in one.of(ActKind.BUILD))
        ]

    def upstream(self, run: Run) -> set[int]:
        """The ids of a run and of everything that it has files from."""
        return set(self._reached(run))

    def _reached(self, run: Run) -> dict[int, Run]:
        """A run and everything that it has files from, directly or not, by their id."""
        known = self._reach.get(id(run))
        if known is None:
            known = self._reach[id(run)] = {}
            stack = [run]
            while stack:
                one = stack.pop()
                if id(one) not in known:
                    known[id(one)] = one
                    stack += reversed(self.givers(one)[0])
        return known
