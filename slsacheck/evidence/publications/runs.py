"""Jobs as they run: reusable workflows and the repository's own actions followed, with the values handed over."""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING

from slsacheck.evidence.pipelines import action, local_path
from slsacheck.evidence.publications.acts import Act, ActKind
from slsacheck.evidence.publications.context import Context
from slsacheck.evidence.publications.expressions import alternatives, substitute, truth
from slsacheck.evidence.publications.hints import acts_of_hints, guessed
from slsacheck.evidence.publications.systems import acts_of_job, joined, tekton_job
from slsacheck.evidence.tree import Problems
from slsacheck.patterns import regex
from slsacheck.record import field, record, replace

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from slsacheck.evidence.pipelines import Action
    from slsacheck.evidence.tree import Tree
    from slsacheck.model import Input, Job, Pipeline, Place, Reference, Step

__all__ = ["MAX_RUNS", "Deed", "Run", "runs_of"]

MAX_RUNS = 2_000
"""Job paths of one target that are followed; callers times callees, the largest real repository seen has 300."""
MAX_CALLS = 6
"""How deep reusable workflows and own actions are followed; GitHub allows ten, the deepest chain seen has 3."""
EXPRESSION = regex(r"\$\{\{.*?\}\}", re.DOTALL)
REMOVED = regex(
    r"^\s*(?:rm|del|Remove-Item)\s+([^\n;&|]*(?:provenance|sigstore|intoto|attestation)[^\n;&|]*)", re.MULTILINE
)
UNREAD = regex(r"called to publish|language that is not read")
SECRET = regex(r"\$\{\{[^}]*\bsecrets\.", re.IGNORECASE)

ECHO = regex(r"""echo\s+["']?([\w-]+)=([^"'\n]*?)["']?\s*>>\s*["']?\$\{?(GITHUB_OUTPUT|GITHUB_ENV)\b""")

Values = dict[str, tuple[str, ...]]


@record
class Deed:
    """An act where it happens: its order in the job, what led to it, its conditions and the script it stands in."""

    act: Act
    order: int
    via: tuple[Place, ...] = ()
    conditions: tuple[str, ...] = ()
    script: str = ""


@record(frozen=False)
class Run:
    """A job on one path: `workflow` is the file that was started, `id` the jobs that lead to it, joined by `/`.

    `group` is what artifacts are shared in (one start of one workflow); `foreign` the reusable workflow of another
    repository that the job is; `prefix` the ids of the callers, so that `needs` is looked up beside the job; `before`
    the ids of the jobs that ended before it.
    """

    pipeline: Pipeline
    job: Job
    workflow: str
    id: str
    top: Pipeline
    values: Values = field(default_factory=dict)
    deeds: list[Deed] = field(default_factory=list)
    foreign: Reference | None = None
    prefix: str = ""
    logins: tuple[str, ...] = ()
    unread: list[str] = field(default_factory=list)
    buildx: bool = False
    before: frozenset[str] = frozenset()
    checkouts: tuple[str, ...] = ()

    @property
    def acts(self) -> Iterator[Act]:
        """The acts, in order."""
        return (deed.act for deed in self.deeds)

    def of(self, *kinds: ActKind) -> list[Deed]:
        """The deeds of these kinds, in order."""
        return [deed for deed in self.deeds if deed.act.kind in kinds]


def runs_of(tree: Tree, pipelines: tuple[Pipeline, ...], problems: Problems, origin: str | None) -> tuple[Run, ...]:
    """Every job of every live pipeline, once for each way that leads to it."""
    walker = _Walker(tree, pipelines, problems, origin)
    return tuple(walker.all())


class _Walker:
    def __init__(self, tree: Tree, pipelines: tuple[Pipeline, ...], problems: Problems, origin: str | None) -> None:
        self.tree = tree
        self.pipelines = pipelines
        self.by_path = {pipeline.path: pipeline for pipeline in pipelines}
        self.problems = problems
        self.origin = origin
        self.found: list[Run] = []
        self.actions: dict[str, Action | None] = {}
        self.scripts: dict[tuple[object, ...], tuple[list[Act], list[str]]] = {}
        self.called = {path for pipeline in pipelines for job in pipeline.jobs if (path := _local(job.uses))}
        self.tasks = {
            job.uses.name for one in pipelines for job in one.jobs if job.uses is not None and job.uses.kind == "task"
        }

    def action(self, path: str) -> Action | None:
        """An action of the repository, read once."""
        if path not in self.actions:
            self.actions[path] = action(self.tree, path, self.origin)
        return self.actions[path]

    def has_folder(self, path: str) -> bool:
        """Whether a folder of the target holds files."""
        paths = self.tree.paths()
        index = bisect_left(paths, f"{path}/")
        return index < len(paths) and paths[index].startswith(f"{path}/")

    def all(self) -> list[Run]:
        for pipeline in self.pipelines:
            if not pipeline.live:
                continue
            if not self._used_by_others(pipeline):
                self.pipeline(pipeline, pipeline, {}, "", frozenset())
        return self.found

    def _used_by_others(self, pipeline: Pipeline) -> bool:
        """Whether it runs only as part of others of this repository, where it is followed anyway."""
        only_called = pipeline.reusable and all(event.event == "workflow_call" for event in pipeline.triggers)
        task = pipeline.system == "tekton" and not pipeline.triggers and pipeline.name in self.tasks
        return (only_called and pipeline.path in self.called) or task

    def pipeline(self, top: Pipeline, pipeline: Pipeline, given: Values, prefix: str, before: frozenset[str]) -> None:
        values = _base_values(top, pipeline, given)
        values |= _outputs(pipeline, values)
        for job in pipeline.jobs:
            if len(self.found) >= MAX_RUNS:
                self.problems.add(pipeline.path, f"not followed: more than {MAX_RUNS} job paths")
                return
            if job.live and not _never(job.condition, values):
                earlier = before | {f"{prefix}{name}" for name in _needed(pipeline, job)}
                self.job(top, pipeline, job, values, prefix, earlier)

    def job(
        self, top: Pipeline, pipeline: Pipeline, job: Job, outer: Values, prefix: str, before: frozenset[str]
    ) -> None:
        if pipeline.system == "tekton":
            job = tekton_job(self.tree, pipeline, job)
        values = {**outer, **_matrix(job)}
        _add(values, "env", job.env)
        run = Run(pipeline, job, top.path, f"{prefix}{job.id}", top, values, prefix=prefix, before=before)
        path = _local(job.uses)
        called = self.by_path.get(path) if path else None
        if called is not None and prefix.count("/") < MAX_CALLS:
            given: Values = {}
            _add(given, "inputs", job.inputs, values)
            for trigger in called.triggers:
                if trigger.event == "workflow_call":
                    _defaults(given, trigger.defaults)
                    for name in trigger.inputs:
                        given.setdefault(f"inputs.{name.lower()}", ("",))
            self.pipeline(top, called, given, f"{prefix}{job.id}/", before)
            return
        self.found.append(run)
        reader = _Reader(self, run)
        if job.uses is not None and not job.steps:
            reader.foreign(job.uses)
        else:
            steps = job.steps if pipeline.system == "github-actions" else tuple(joined(job.steps))
            reader.steps(steps, reader.context(values), (), (), 0)
        reader.add(acts_of_job(run), (), ())


class _Reader:
    """Reads the steps of one run into its deeds."""

    def __init__(self, walker: _Walker, run: Run) -> None:
        self.walker = walker
        self.run = run

    def context(self, values: Values) -> Context:
        run = self.run
        env = {name.removeprefix("env."): known[0] for name, known in values.items() if name.startswith("env.")}
        named = {
            item.name: env[item.name.lower()] for item in (*run.pipeline.env, *run.job.env) if item.name.lower() in env
        }
        secret = frozenset(item.name for item in (*run.pipeline.env, *run.job.env) if SECRET.search(item.value))
        return Context(
            tree=self.walker.tree,
            pipeline=run.pipeline,
            job=run.job,
            problems=self.walker.problems,
            env=named,
            values=values,
            origin=self.walker.origin,
            secrets=secret,
        )

    def foreign(self, uses: Reference) -> None:
        from slsacheck.evidence.publications.actions import acts_of_call
        from slsacheck.evidence.publications.actions.call import Call

        acts = acts_of_call(Call(uses, self.run.job.inputs, uses.at, self.context(self.run.values)))
        self.run.foreign = uses
        self.add(acts, (), ())

    def steps(
        self, steps: Iterable[Step], context: Context, via: tuple[Place, ...], conditions: tuple[str, ...], depth: int
    ) -> None:
        for step in steps:
            values = dict(context.values)
            _add(values, "env", step.env)
            if _never(step.condition, values):
                continue
            known = {item.name: _compact(values[f"env.{item.name.lower()}"][0]) for item in step.env}
            secret = context.secrets | {item.name for item in step.env if SECRET.search(item.value)}
            here = replace(context, values=values, env={**context.env, **known}, secrets=secret)
            if step.directory:
                here = here.within(self.folder(_joined(context.directory, substitute(step.directory, values))))
            under = (*conditions, step.condition) if step.condition else conditions
            outputs = self.step(step, here, via, under, depth)
            if outputs:
                context = replace(context, values={**context.values, **outputs})

    def folder(self, path: str) -> str:
        """A working directory as a folder of the target: where the repository was checked out is its root."""
        for place in self.run.checkouts:
            if path == place or path.startswith(f"{place}/"):
                return path[len(place) :].strip("/")
        known = self.walker.has_folder(path)
        return path if known or self.run.pipeline.system != "google-cloud-build" else ""

    def step(
        self, step: Step, context: Context, via: tuple[Place, ...], conditions: tuple[str, ...], depth: int
    ) -> Values:
        if step.script is not None:
            self.script(step, context, via, conditions)
            if step.uses is None or step.uses.kind != "deploy-provider":
                return _echoed(step, dict(context.values))
        if step.uses is None:
            return {}
        path = _local(step.uses)
        if path is not None:
            self.own_action(path, step, context, via, conditions, depth)
            return {}
        return self.use(step, step.uses, context, via, conditions)

    def read(self, text: str, at: Place, context: Context, shell: str) -> list[Act]:
        """The acts of a script, read once where jobs share it (`extends`, anchors, reusable workflows)."""
        job, pipeline = context.job, context.pipeline
        chosen = job.permissions if job.permissions.declared else pipeline.permissions
        key = (text, at, shell, context.directory, frozenset(context.env.items()), context.secrets, chosen.scopes)
        known = self.walker.scripts.get(key)
        if known is None:
            from slsacheck.evidence.publications.actions.scripted import read_script

            problems = Problems()
            acts = read_script(text, at, replace(context, problems=problems), shell)
            unread = [item.where for item in problems.items() if UNREAD.search(item.reason)]
            if not any(act.kind is ActKind.PUBLISH for act in acts):
                acts += acts_of_hints(text, at, context)
                acts += [act for path in unread for act in guessed(path, at, context)]
            for item in problems.items():
                self.walker.problems.add(item.where, item.reason, item.advice)
            known = self.walker.scripts[key] = (acts, unread)
        self.run.unread += [path for path in known[1] if path not in self.run.unread]
        return list(known[0])

    def script(self, step: Step, context: Context, via: tuple[Place, ...], conditions: tuple[str, ...]) -> None:
        assert step.script is not None
        line = step.script_line or step.at.line
        at = replace(step.at, line=line)
        text = _literal(step.script, context.values)
        acts = self.read(text, at, context, step.shell)
        if not any(act.kind is ActKind.DELETE for act in acts):
            acts += [Act(ActKind.DELETE, "rm", at, what=(match[1],)) for match in REMOVED.finditer(text)]
        lead = via if all(act.at.path == at.path for act in acts) else (*via, at)
        self.add([_of_step(act, step.id) for act in acts], lead, conditions, text)

    def use(
        self, step: Step, uses: Reference, context: Context, via: tuple[Place, ...], conditions: tuple[str, ...]
    ) -> Values:
        from slsacheck.evidence.publications.actions import acts_of_call
        from slsacheck.evidence.publications.actions.call import Call

        at = step.at if uses.kind == "image" else uses.at  # an image may stand behind an anchor far above
        call = Call(uses, step.inputs, at, context, step.id)
        name = call.name
        if name == "docker/setup-buildx-action":
            self.run.buildx = True
        if name == "actions/checkout" and call.has("path") and not call.has("repository"):
            self.run.checkouts = (*self.run.checkouts, call.text("path").removeprefix("./").strip("/"))
        if name == "docker/login-action":
            registry = call.text("registry", default="docker.io")
            self.run.logins = (*self.run.logins, registry)
        self.add(acts_of_call(call), via, conditions)
        if name == "docker/metadata-action":
            from slsacheck.evidence.publications.actions.containers import outputs_of_metadata

            found = outputs_of_metadata(call)
            ids = [step.id] if step.id else []
            values = {
                f"steps.{one}.outputs.{key}".lower(): known for one in ids for key, known in found.items() if known
            }
            if found.get("tags"):
                values["metadata.images"] = found["tags"]
            return values
        return {}

    def own_action(
        self,
        path: str,
        step: Step,
        context: Context,
        via: tuple[Place, ...],
        conditions: tuple[str, ...],
        depth: int,
    ) -> None:
        found = self.walker.action(path)
        if found is None or depth >= MAX_CALLS:
            self.run.unread.append(path)
            return
        values = {name: known for name, known in context.values.items() if not name.startswith(("inputs.", "steps."))}
        given: Values = {}
        _add(given, "inputs", step.inputs, context.values)
        _defaults(given, found.defaults)
        for name in found.inputs:
            given.setdefault(f"inputs.{name.lower()}", ("",))
        inside = replace(context, values={**values, **given})
        self.steps(found.steps, inside, (*via, step.at), conditions, depth + 1)

    def add(self, acts: Iterable[Act], via: tuple[Place, ...], conditions: tuple[str, ...], script: str = "") -> None:
        for act in acts:
            self.run.deeds.append(Deed(act, len(self.run.deeds), via, conditions, script))


def _needed(pipeline: Pipeline, job: Job) -> set[str]:
    """The ids of all jobs that a job waits for, directly or not."""
    table = {one.id: one.needs for one in pipeline.jobs}
    found: set[str] = set()
    stack = list(job.needs)
    while stack:
        name = stack.pop()
        if name not in found:
            found.add(name)
            stack += table.get(name, ())
    return found


def _local(reference: Reference | None) -> str | None:
    return local_path(reference) if reference is not None else None


def _compact(value: str) -> str:
    """A value whose expressions hold no blanks, so that a shell variable with it stays one word."""
    return EXPRESSION.sub(lambda match: re.sub(r"\s+", "", match[0]), value) if "${{" in value else value


def _joined(base: str, more: str) -> str:
    text = more.removeprefix("./").strip("/")
    return text if not base or "${{" in text else f"{base}/{text}".strip("/")


def _literal(script: str, values: Mapping[str, tuple[str, ...]]) -> str:
    """The script with known expressions put in, line by line, so that lines keep their numbers."""
    if "${{" not in script:
        return script
    single = {name: known for name, known in values.items() if len(known) == 1 and "\n" not in known[0]}
    return "\n".join(alternatives(line, single)[0] if "${{" in line else line for line in script.split("\n"))


def _of_step(act: Act, step: str) -> Act:
    return replace(act, detail=(*act.detail, ("step", step))) if step and act.fact("step") is None else act


def _base_values(top: Pipeline, pipeline: Pipeline, given: Values) -> Values:
    values = {**given, "system": (top.system,)}
    events = tuple(dict.fromkeys(trigger.event for trigger in top.triggers))
    if events and "workflow_call" not in events and top.system == "github-actions":
        values["github.event_name"] = events
    _add(values, "env", pipeline.env)
    return values


def _outputs(pipeline: Pipeline, values: Values) -> Values:
    """Outputs of jobs whose value the file tells: literals, `env`, and what a script echoes into GITHUB_OUTPUT."""
    found: Values = {}
    for job in pipeline.jobs:
        if not job.outputs:
            continue
        known = dict(values)
        _add(known, "env", job.env)
        for step in job.steps:
            known |= _echoed(step, known)
        for item in job.outputs:
            text = alternatives(item.value, known)
            if not any("${{" in one for one in text):
                found[f"needs.{job.id}.outputs.{item.name}".lower()] = text
    return found


def _echoed(step: Step, values: Values) -> Values:
    """What a script writes to GITHUB_OUTPUT and GITHUB_ENV in one line each, shell variables left as they are."""
    found: dict[str, list[str]] = {}
    if step.script is None or "GITHUB_" not in step.script:
        return {}
    for match in ECHO.finditer(step.script):
        name = f"env.{match[1]}" if match[3] == "GITHUB_ENV" else f"steps.{step.id}.outputs.{match[1]}"
        if match[3] == "GITHUB_ENV" or step.id:
            found.setdefault(name.lower(), []).append(substitute(match[2].strip(), values))
    return {name: tuple(dict.fromkeys(known)) for name, known in found.items() if not _opaque(known)}


def _opaque(values: list[str]) -> bool:
    """Whether one of the values that a script writes is all made up of what only a run can tell."""
    return any(value.startswith(("$", "`")) or not value for value in values)


def _add(
    values: Values, group: str, items: Iterable[Input], known: Mapping[str, tuple[str, ...]] | None = None
) -> None:
    for item in items:
        values[f"{group}.{item.name.lower()}"] = alternatives(item.value, known if known is not None else values)


def _defaults(values: Values, items: Iterable[Input]) -> None:
    for item in items:
        values.setdefault(f"inputs.{item.name.lower()}", (item.value,))


def _matrix(job: Job) -> Values:
    return {f"matrix.{axis.lower()}": found for axis, found in job.matrix if axis != "*" and found}


def _never(condition: str, values: Values) -> bool:
    """Whether a condition of GitHub's holds for none of the events that start the workflow."""
    if not condition or values.get("system") != ("github-actions",):
        return False
    events = values.get("github.event_name", ())
    if len(events) <= 1:
        return truth(condition, values) is False
    return all(truth(condition, {**values, "github.event_name": (event,)}) is False for event in events)
