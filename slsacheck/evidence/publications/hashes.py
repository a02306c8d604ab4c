"""What is behind the hashes that a generator is given: which files, in which jobs, or no files at all."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, NamedTuple

from slsacheck.errors import SlsacheckError
from slsacheck.evidence.publications.acts import ActKind
from slsacheck.evidence.publications.alterations import changes
from slsacheck.evidence.publications.expressions import living
from slsacheck.evidence.publications.flows import needs_in, pattern, steps_in
from slsacheck.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterable

    from slsacheck.evidence.publications.acts import Act
    from slsacheck.evidence.publications.deeds import Deed, Run
    from slsacheck.evidence.publications.flows import Flows
    from slsacheck.evidence.tree import Tree
    from slsacheck.model import Step

__all__ = ["Hashed", "hashed", "legs", "listed"]

READABLE = regex(
    r"sha\d*sum|shasum|openssl dgst|Get-FileHash|certutil|checksums?|sha256|\.digest\b|artifacts|hashFiles",
    re.IGNORECASE,
)
"""Words of a script that makes or hands on the hashes of what a job made."""
READ = regex(r"(?:\bbase64(?:\s+-{1,2}\S+)*|\bcat|<)\s+(?:-w\s*0\s+|--wrap=?\s*0\s+)?[\"']?([\w./${}*-]*[\w}*])")
"""A file that a script reads to hand its text on."""
SOME = regex(r"(?:sum|shasum)\b[^\n|]*\|\s*(?:head|tail|[ef]?grep|sed\s+-n)\b")
"""Hashes of which some are left out behind a pipe."""
SUMS = regex(r"sum|hash|sha|digest|subject", re.IGNORECASE)
SAYS = frozenset(("echo", "printf", "curl", "wget", "date", "git"))
"""Programs whose output is not the hashes of files here."""


RELEASERS = frozenset(("goreleaser", "dist", "cargo-dist", "goreleaser/goreleaser-action", "jreleaser"))
"""Tools that write a file of checksums by themselves."""
BUILD_FILE = regex(
    r"(?:^|/)(?:GNUm|M|m)akefile[^/]*$|\.(?:mk|sh|bash|ps1|py|js|mjs|ts|rb|toml|gradle|kts|cmake|bzl|just|go)$|"
    r"(?:^|/)(?:\.?just|[Tt]ask|[Rr]ake|Build|Earth)file[^/]*$|(?:^|/)action\.ya?ml$|goreleaser|package\.json$"
)
MAX_FILES = 300
"""Files in which the name of a file of checksums is looked for; whoever writes one is among the first few."""


class Hashed(NamedTuple):
    """What is behind hashes that a generator is given.

    `runs` are the runs that have the files, `globs` the hashed globs where a script tells them, `points` where in
    these runs the files have the hashed bytes, `read` whether it can be seen how the hashes were made, `text` whether
    they are seen to be made of something else than files, `lost` whether some of a matrix overwrite those of others,
    `named` whether a script hashes files that it names, beside what a tool hashes.
    """

    runs: list[Run]
    globs: tuple[str, ...]
    points: list[tuple[Run, int]]
    read: bool
    text: bool = False
    lost: bool = False
    named: bool = False


class _Summed(NamedTuple):
    """What the steps behind an expression hash: globs, whether that can be seen, whether it is a text only."""

    globs: list[str]
    known: bool
    text: bool = False


def hashed(flows: Flows, run: Run, expression: str) -> Hashed:
    """What is behind an expression with hashes."""
    runs: list[Run] = []
    globs: list[str] = []
    points: list[tuple[Run, int]] = []
    told = read = True
    text = False
    asked: dict[str, tuple[Run, set[str]]] = {}
    stack = [(run, living(expression, run.values))]
    for _ in range(32):
        if not stack:
            break
        here, wanted = stack.pop()
        for job, output in needs_in(wanted):
            for one, value in flows.outputs(here, job, output):
                inner = flows.told(one, living(value, one.values))
                passed = bool(needs_in(inner)) or _handed_on(one, inner)
                found = _summed(flows, one, inner)
                runs.append(one)
                asked.setdefault(one.id, (one, set()))[1].add(f"{output} {inner}")
                told = told and (bool(found.globs) or passed)
                read = read and (found.known or passed)
                text = text or found.text
                globs += found.globs
                marks = [_mark(one, step) for step, _ in steps_in(inner)]
                points.append((one, max(marks, default=len(one.deeds))))
                stack += [(one, inner), *((one, line) for line in _step_text(one, inner) if "needs." in line)]
    lost = any(len(outputs) < legs(one) and not _by_leg(one, outputs) for one, outputs in asked.values())
    return Hashed(runs, tuple(dict.fromkeys(globs)) if told else (), points, read, text, lost, bool(globs))


def _mark(run: Run, step: str) -> int:
    """Where files have the bytes that a step hashes: at its script, else when it has ended."""
    scripts = [deed for deed in run.of(ActKind.SCRIPT) if deed.act.fact("step") == step]
    hashing = [deed.order + 1 for deed in scripts if any(_sums(act) for act in changes(deed))]
    return max(hashing, default=run.marks.get(step, len(run.deeds)))


def legs(run: Run) -> int:
    """How many jobs a matrix makes of one, as far as the file tells."""
    count = 1
    for _, values in run.job.matrix:
        count *= max(1, len(values))
    return count


def _by_leg(run: Run, outputs: Iterable[str]) -> bool:
    """Whether the steps behind outputs run for one job of the matrix only."""
    wanted = {step for text in outputs for step, _ in steps_in(text)}
    return any("matrix." in step.condition for step in run.all_steps if step.id in wanted)


def _step_text(run: Run, expression: str) -> list[str]:
    wanted = {step for step, _ in steps_in(expression)}
    return [
        text
        for step in run.all_steps
        if step.id in wanted
        for text in (step.script or "", *(item.value for item in step.env))
    ]


def _handed_on(run: Run, expression: str) -> bool:
    """Whether the steps behind an expression make no hashes, and put those of other jobs together."""
    wanted = {step for step, _ in steps_in(expression)}
    scripts = [deed for deed in run.of(ActKind.SCRIPT) if deed.act.fact("step") in wanted]
    hashing = any(act.kind is ActKind.HASH for deed in scripts for act in changes(deed))
    return not hashing and any("needs." in text for text in _step_text(run, expression))


def _summed(flows: Flows, run: Run, expression: str) -> _Summed:
    """The globs that the steps behind an expression hash, and whether it can be seen how the hashes were made."""
    wanted = {step for step, _ in steps_in(expression)}
    texts = _step_text(run, expression)
    for name in (name for step in run.all_steps if step.id in wanted for name in _listed_for(step)):
        told = _written_by(name, run.of(ActKind.SCRIPT))
        return told or _Summed([], known=_made(name, [run]))
    if not texts or any(SOME.search(text) for text in texts):
        used = any(step.uses is not None and step.id in wanted for step in run.all_steps)
        return _Summed([], known=used and not texts)
    scripts = [deed for deed in run.of(ActKind.SCRIPT) if deed.act.fact("step") in wanted]
    sums = [act for deed in scripts for act in changes(deed) if act.kind is ActKind.HASH]
    if any(act.what for act in sums):
        return _Summed([path for act in sums for path in act.what], known=True)
    told = _from_files(flows, run, [found for text in texts for found in READ.findall(text)])
    if told is None and sums and not any("needs." in text for text in texts):
        told = _Summed([], known=True, text=True)
    return told or _Summed([], known=bool(sums) or any(READABLE.search(text) for text in texts))


def _from_files(flows: Flows, run: Run, names: list[str]) -> _Summed | None:
    """What the files are written from whose text a script hands on; None where that is not seen."""
    givers = flows.givers(run)[0]
    scripts = [deed for one in (run, *givers) for deed in one.of(ActKind.SCRIPT)]
    told = next(filter(None, (_written_by(name, scripts) for name in names)), None)
    if told is not None:
        return told
    if any(deed.scene is not None and deed.scene.tree.exists(name) for name in names for deed in scripts[:1]):
        return _Summed([], known=False)  # committed, and written by nothing that is seen
    return _Summed([], known=True) if givers and any(SUMS.search(name) for name in names) else None


def _listed_for(step: Step) -> Iterable[str]:
    """The file of hashes that a step of the generator's own hands to it (`create-base64-subjects-from-file`)."""
    if step.uses is None or not f"{step.uses.name}/{step.uses.path}".endswith("/create-base64-subjects-from-file"):
        return ()
    return (item.value for item in step.inputs if item.name == "path")


def _written_by(name: str, scripts: Iterable[Deed]) -> _Summed | None:
    """What a file of hashes is written from; None where no script is seen to write it."""
    last = name.rstrip("/").rpartition("/")[2]
    said = handed = False
    for deed in scripts:
        acts = [act for act in changes(deed) if not act.fact("may")]
        writers = [act for act in acts if act.kind is ActKind.ALTER and any(_named(path, last) for path in act.what)]
        if not writers:
            continue
        beside = [path for act in acts if _sums(act) for path in act.what]
        if beside:
            return _Summed(beside, known=True)
        sums_nothing = {act.tool for act in acts if act.kind is ActKind.HASH}
        if not any(act.kind is ActKind.HASH for act in acts) and _says_variable(deed.script, last):
            handed = True
        else:
            said = said or all(act.tool in SAYS or act.tool in sums_nothing for act in writers)
    if said:
        return _Summed([], known=True, text=True)
    return _Summed([], known=True) if handed else None


def _says_variable(script: str, last: str) -> bool:
    """Whether a script writes a variable to a file, and fills it with hashes that it took from somewhere."""
    told = re.search(rf"(?:echo|printf)([^\n|;]*)>[^\n|;]*{re.escape(last)}", script)
    names = re.findall(r"\$\{?(\w+)", told[1]) if told is not None else []
    filled = (match[0] for name in names for match in re.finditer(rf"^\s*{name}=.*$", script, re.MULTILINE))
    return any(READABLE.search(line) for line in filled)


def listed(flows: Flows, run: Run, files: tuple[str, ...]) -> Hashed:
    """What files of checksums list; `read` says whether something is seen that writes them."""
    runs = [run, *(one for one in flows.producers(run) if one is not run)]
    scripts = [deed for one in runs for deed in one.of(ActKind.SCRIPT)]
    globs: list[str] = []
    told, read, text = bool(files), True, False
    for name in files:
        found = _written_by(name, scripts)
        told = told and found is not None and bool(found.globs)
        text = text or (found is not None and found.text)
        globs += found.globs if found is not None else []
        read = read and (found is not None or _made(name, runs))
    return Hashed(runs, tuple(dict.fromkeys(globs)) if told else (), [], read, text)


def _made(name: str, runs: list[Run]) -> bool:
    """Whether a release tool or something of the repository that speaks of the file may write it."""
    last = name.rstrip("/").rpartition("/")[2]
    if "$" in last or "*" in last or any(act.tool in RELEASERS for run in runs for act in run.acts):
        return True
    scenes = [deed.scene for run in runs for deed in run.of(ActKind.SCRIPT) if deed.scene is not None]
    if any(last in deed.script for run in runs for deed in run.of(ActKind.SCRIPT)):
        return True
    return any(_speaks(scene.tree, last) for scene in scenes[:1])


def _speaks(tree: Tree, name: str) -> bool:
    """Whether a file with which the repository builds names a file."""
    paths = [path for path in tree.paths() if BUILD_FILE.search(path)][:MAX_FILES]
    for path in paths:
        try:
            if name in tree.text(path):
                return True
        except SlsacheckError:
            continue
    return False


def _named(path: str, last: str) -> bool:
    """Whether a path may be that of a file, either of them with parts that only a run can tell."""
    one, other = pattern(path.rpartition("/")[2]), pattern(last)
    return one == other or (other.strip("*") != "" and (fnmatchcase(one, other) or fnmatchcase(other, one)))


def _sums(act: Act) -> bool:
    return act.kind is ActKind.HASH and bool(act.what)
