"""What jobs hand to each other without an action or a script: artifacts by stage, workspaces, pipeline artifacts.

Rules: "Job artifacts" of GitLab's, "Using workspaces" of CircleCI's, "Use artifacts in pipelines" of Atlassian's,
"Publish and download pipeline artifacts" of Microsoft's and "Build artifacts" of Buildkite's documentation.
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from slsacheck.evidence.publications.acts import Act, ActKind
from slsacheck.evidence.publications.flows import pattern
from slsacheck.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from slsacheck.evidence.publications.runs import Run
    from slsacheck.model import Job, Step

__all__ = ["handed", "kept"]

MOVES = (ActKind.PUBLISH, ActKind.ATTEST, ActKind.SIGN, ActKind.ALTER)
"""What a job does with files that may have come from other jobs."""
MAX_GIVERS = 100
"""Jobs whose artifacts one job gets without naming them; the most seen in a real configuration are 4."""
REPORT = regex(r"coverage|report|junit|test|lint|\blogs?\b|\.(log|xml|html)$", re.IGNORECASE)
"""Artifacts for people to look at."""
WORKSPACE = regex(r"\$\((?:Pipeline\.Workspace|Agent\.BuildDirectory)\)[/\\]+([\w .-]+)[/\\]")
ROOTS = ("$CI_PROJECT_DIR/", "${CI_PROJECT_DIR}/", "$BITBUCKET_CLONE_DIR/", "./")


def handed(run: Run, own: Iterable[Act]) -> Iterable[Act]:
    """The files that a run gets from other jobs and leaves to them, by the rules of its CI system.

    `own` are the acts of the job's settings, which are not among its deeds yet.
    """
    reader = READERS.get(run.pipeline.system)
    if reader is None:
        return ()
    acts = [*(deed.act for deed in run.of(*MOVES)), *(act for act in own if act.kind in MOVES)]
    return reader(run, [name for act in acts for name in act.what or ("*",)])


def _act(kind: ActKind, tool: str, run: Run, name: str, what: Iterable[str], /, **detail: str) -> Act:
    found = tuple(what)
    return Act(kind, tool, run.job.at, name=name, what=found, detail=tuple(detail.items()))


def _gitlab(run: Run, moved: Sequence[str]) -> Iterator[Act]:
    """`artifacts: paths`, which every job of a later stage gets unless `needs` or `dependencies` say otherwise."""
    left = kept(run.job)
    if left:
        yield _act(ActKind.PASS_ON, "gitlab artifacts", run, f"job:{run.job.id}", left)
    chosen = run.job.option("dependencies") or run.job.option("needs")
    elsewhere = run.job.option("needs.elsewhere")
    for name in elsewhere.value.split("\n") if elsewhere is not None else ():
        yield _act(ActKind.FETCH, "gitlab needs", run, f"job:{name}", (".",), run="other-run")
    names = None if chosen is None else frozenset(chosen.value.split("\n"))
    yield from _from_earlier(run, "gitlab artifacts", moved, kept, names)


def kept(job: Job) -> tuple[str, ...]:
    """The paths that a GitLab job keeps as artifacts; reports are no files for other jobs."""
    found = (item.value for item in job.artifacts if item.name.startswith("artifacts.paths"))
    return tuple(line for value in found for line in value.split("\n"))


def _bitbucket(run: Run, moved: Sequence[str]) -> Iterator[Act]:
    """`artifacts:` of a step, which all steps below it get."""
    left = _left(run.job)
    if left:
        yield _act(ActKind.PASS_ON, "bitbucket artifacts", run, f"job:{run.job.id}", left)
    yield from _from_earlier(run, "bitbucket artifacts", moved, _left)


def _left(job: Job) -> tuple[str, ...]:
    return tuple(line for item in job.artifacts for line in item.value.split("\n"))


def _from_earlier(
    run: Run,
    tool: str,
    moved: Sequence[str],
    left: Callable[[Job], tuple[str, ...]],
    names: frozenset[str] | None = None,
) -> Iterator[Act]:
    """What earlier jobs (those of these names) leave to later ones, where this one does something with such files."""
    passed = (*moved, *left(run.job)) if moved else left(run.job)
    ended = [job for job in run.pipeline.jobs if f"{run.prefix}{job.id}" in run.before]
    asked = [job for job in ended if names is None or job.id in names]
    givers = [job for job in asked if any(_meet(one, other) for one in left(job) for other in passed)]
    if len(givers) > MAX_GIVERS:
        run.unread.append(f"artifacts of more than {MAX_GIVERS} jobs")
    for job in givers[-MAX_GIVERS:]:
        yield _act(ActKind.FETCH, tool, run, f"job:{job.id}", (".",))


def _meet(kept: str, used: str) -> bool:
    """Whether two globs may name a file in common: part by part, a folder holds all that is below it.

    No report of a test is among files whose names only a run can tell.
    """
    one, other = (_parts(text) for text in (kept, used))
    if other[0] == "*" and REPORT.search(kept):
        return False
    alike = (mine == "**" or other == "**" or _alike(mine, other) for mine, other in zip(one, other, strict=False))
    bare = len(other) == 1 and _alike(one[-1], other[0])  # the name of a file, wherever it lies
    return bare or "**" in (one[0], other[0]) or all(alike)


def _alike(one: str, other: str) -> bool:
    return fnmatchcase(one, other) or fnmatchcase(other, one)


def _parts(path: str) -> list[str]:
    for root in ROOTS:
        path = path.strip().removeprefix(root)
    return pattern(path.strip("\"'")).strip("/").split("/") if path.strip(". /") else ["*"]


def _circleci(run: Run, _moved: Sequence[str]) -> Iterator[Act]:
    """`persist_to_workspace` and `attach_workspace`: one workspace for each workflow."""
    name = f"workspace:{run.job.stage}"
    for step in run.job.steps:
        if step.name == "persist_to_workspace":
            yield _act(ActKind.PASS_ON, step.name, run, name, _below(_given(step, "root"), _given(step, "paths")))
        elif step.name == "attach_workspace":
            yield _act(ActKind.FETCH, step.name, run, name, (_given(step, "at") or ".",))


def _given(step: Step, name: str) -> str:
    found = step.input(name)
    return found.value if found is not None else ""


def _below(root: str, paths: str) -> Iterator[str]:
    folder = root.strip().removeprefix("./").strip("/.")
    return (f"{folder}/{path}".strip("/") if folder else path for path in paths.split("\n"))


def _azure(run: Run, moved: Sequence[str]) -> Iterator[Act]:
    """`publish:` and `download:` (as words or tasks); a deployment job gets every artifact of the run."""
    for step in run.job.steps:
        reader = AZURE.get(_azure_word(step))
        if reader is not None:
            yield from reader(run, step)
    named = {item.name.rpartition(".")[2]: item.value for item in run.job.artifacts}
    if named.get("targetPath"):
        yield _act(ActKind.PASS_ON, "pipelineArtifact", run, named.get("artifactName", "drop"), (named["targetPath"],))
    words = {_azure_word(step) for step in run.job.steps}
    if run.job.environment and not words & {"download", "downloadpipelineartifact", "downloadbuildartifacts"}:
        for name in _deployed(moved):
            yield _act(ActKind.FETCH, "deployment", run, name, (".",))


def _deployed(moved: Sequence[str]) -> Iterable[str]:
    """The artifacts that a deployment job uses: each is a folder of the workspace; all where it cannot be told."""
    found = [WORKSPACE.match(name) for name in moved]
    return dict.fromkeys(match[1] for match in found if match) if all(found) and moved else ("*",)


def _azure_word(step: Step) -> str:
    if step.uses is None:
        return ""
    return step.uses.name.rpartition(".")[2].lower() if step.uses.kind == "task" else step.uses.kind


def _published(run: Run, step: Step) -> Iterator[Act]:
    short = step.uses is not None and step.uses.kind == "publish"
    path = step.uses.raw if short and step.uses is not None else ""
    what = path or _given(step, "targetPath") or _given(step, "path") or _given(step, "PathtoPublish") or "."
    name = _given(step, "artifact") or _given(step, "artifactName") or ("*" if not short else "drop")
    yield _act(ActKind.PASS_ON, "publish", run, name, (what,))


def _downloaded(run: Run, step: Step) -> Iterator[Act]:
    source = step.uses.raw if step.uses is not None and step.uses.kind == "download" else ""
    if source == "none":
        return
    kind = (_given(step, "source") or _given(step, "buildType") or source or "current").lower()
    name = _given(step, "artifact") or _given(step, "artifactName") or "*"
    where = _given(step, "path") or _given(step, "targetPath") or _given(step, "downloadPath") or "."
    other = {} if kind == "current" else {"run": "other-run"}
    yield _act(ActKind.FETCH, "download", run, name, (where,), **other)


AZURE: dict[str, Callable[[Run, Step], Iterator[Act]]] = {
    "publish": _published,
    "publishpipelineartifact": _published,
    "publishbuildartifacts": _published,
    "download": _downloaded,
    "downloadpipelineartifact": _downloaded,
    "downloadbuildartifacts": _downloaded,
    "downloadbuild": _downloaded,
}


def _buildkite(run: Run, _moved: Sequence[str]) -> Iterator[Act]:
    """`artifact_paths:` of a step; they are fetched by a command of the agent."""
    left = tuple(glob.strip() for item in run.job.artifacts for glob in item.value.replace(";", "\n").split("\n"))
    for glob in filter(None, left):
        yield _act(ActKind.PASS_ON, "artifact_paths", run, f"buildkite:{glob.removeprefix('./')}", (glob,))


READERS: dict[str, Callable[[Run, Sequence[str]], Iterator[Act]]] = {
    "gitlab-ci": _gitlab,
    "bitbucket-pipelines": _bitbucket,
    "buildkite": _buildkite,
    "circleci": _circleci,
    "azure-pipelines": _azure,
}
