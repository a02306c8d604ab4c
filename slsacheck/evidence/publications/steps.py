"""Reads the steps of a job into its deeds: scripts, actions, and the repository's own actions followed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol

from slsacheck.evidence.pipelines import local_path
from slsacheck.evidence.publications.acts import Act, ActKind
from slsacheck.evidence.publications.builders import chooses_builder, outdated, sets_up
from slsacheck.evidence.publications.context import Budget, Context
from slsacheck.evidence.publications.deeds import Deed
from slsacheck.evidence.publications.expressions import substitute, truth
from slsacheck.evidence.publications.hints import acts_of_hints, built_by_ko, guessed, pushed, released
from slsacheck.evidence.publications.values import (
    Values,
    add_defaults,
    add_values,
    compact,
    echoed,
    literal,
    never,
)
from slsacheck.evidence.tree import Problems
from slsacheck.patterns import regex
from slsacheck.record import replace

if TYPE_CHECKING:
    from collections.abc import Iterable

    from slsacheck.evidence.pipelines import Action
    from slsacheck.evidence.publications.actions.call import Call
    from slsacheck.evidence.publications.deeds import Run
    from slsacheck.evidence.tree import Tree
    from slsacheck.model import Place, Reference, Step

__all__ = ["MAX_CALLS", "Reader", "own_path"]

MAX_CALLS = 6
"""How deep reusable workflows and own actions are followed; GitHub allows ten, the deepest chain seen has 3."""
REMOVED = regex(
    r"^\s*(?:rm|del|Remove-Item)\s+([^\n;&|]*(?:provenance|sigstore|intoto|attestation)[^\n;&|]*)", re.MULTILINE
)
TELLING = ("docker/metadata-action", "redhat-actions/buildah-build", "redhat-actions/s2i-build")
"""Actions whose outputs are known from what they are given."""
UNREAD = regex(r"called to publish|language that is not read")
SETS_CI = frozenset(
    ("github-actions", "gitlab-ci", "circleci", "travis", "buildkite", "drone", "woodpecker", "cirrus-ci")
)
"""Systems that set `CI=true` for every script."""
SECRET = regex(r"\$\{\{[^}]*\bsecrets\.", re.IGNORECASE)


class Walking(Protocol):
    """What a reader asks of whoever walks over all jobs."""

    tree: Tree
    problems: Problems
    origin: str | None
    scripts: dict[tuple[object, ...], tuple[list[Act], list[str]]]
    read: dict[str, object]

    def action(self, path: str) -> Action | None:
        """An action of the repository, read once."""

    def has_folder(self, path: str) -> bool:
        """Whether a folder of the target holds files."""


class Reader:
    """Reads the steps of one run into its deeds."""

    def __init__(self, walker: Walking, run: Run) -> None:
        self.walker = walker
        self.run = run

    def context(self, values: Values) -> Context:
        """What the steps of the job may look at, with what is known at its beginning."""
        run = self.run
        env = {name.removeprefix("env."): known[0] for name, known in values.items() if name.startswith("env.")}
        named = {"CI": "true"} if run.pipeline.system in SETS_CI else {}
        named |= {
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
            budget=Budget(self.walker.read),
        )

    def foreign(self, uses: Reference) -> None:
        """Reads a job that is another repository's reusable workflow."""
        from slsacheck.evidence.publications.actions import acts_of_call
        from slsacheck.evidence.publications.actions.call import Call

        acts = acts_of_call(Call(uses, self.run.job.inputs, uses.at, self.context(self.run.values)))
        self.run.foreign = uses
        self.add(acts, (), ())

    def steps(
        self, steps: Iterable[Step], context: Context, via: tuple[Place, ...], conditions: tuple[str, ...], depth: int
    ) -> Values:
        """Reads steps in order; what one of them tells is known to those behind it, and given back at the end."""
        for step in steps:
            values = dict(context.values)
            add_values(values, "env", step.env)
            if never(step.condition, values):
                continue
            known = {item.name: compact(values[f"env.{item.name.lower()}"][0]) for item in step.env}
            secret = context.secrets | {item.name for item in step.env if SECRET.search(item.value)}
            here = replace(context, values=values, env={**context.env, **known}, secrets=secret)
            if step.directory:
                here = here.within(self.folder(_joined(context.directory, substitute(step.directory, values))))
            asked = step.condition and truth(step.condition, values) is not True
            under = (*conditions, step.condition) if asked else conditions
            outputs = self._step(step, here, via, under, depth)
            if step.id:
                self.run.marks[step.id] = len(self.run.deeds)
            if outputs:
                exported = {name[4:].upper(): text[0] for name, text in outputs.items() if name.startswith("env.")}
                context = replace(context, values={**context.values, **outputs}, env={**context.env, **exported})
        return dict(context.values)

    def folder(self, path: str) -> str:
        """A working directory as a folder of the target: where the repository was checked out is its root."""
        for place in self.run.checkouts:
            if path == place or path.startswith(f"{place}/"):
                return path[len(place) :].strip("/")
        known = self.walker.has_folder(path)
        return path if known or self.run.pipeline.system != "google-cloud-build" else ""

    def _step(
        self, step: Step, context: Context, via: tuple[Place, ...], conditions: tuple[str, ...], depth: int
    ) -> Values:
        if step.script is not None:
            self._script(step, context, via, conditions)
            if step.uses is None or step.uses.kind != "deploy-provider":
                return echoed(step, dict(context.values))
        if step.uses is None:
            return {}
        path = own_path(step.uses)
        if path is not None:
            return self._own_action(path, step, context, via, (conditions, depth))
        return self._use(step, step.uses, context, via, conditions)

    def _read(self, text: str, at: Place, context: Context, shell: str) -> list[Act]:
        """The acts of a script, read once where jobs share it (`extends`, anchors, reusable workflows)."""
        several = frozenset(item for item in context.values.items() if len(item[1]) > 1)
        env, scopes = frozenset(context.env.items()), context.permissions.scopes
        key = (text, at, shell, context.directory, env, several, context.secrets, scopes)
        known = self.walker.scripts.get(key)
        if known is None:
            from slsacheck.evidence.publications.actions.scripted import read_script

            problems = Problems()
            acts = read_script(text, at, replace(context, problems=problems), shell)
            unread = [item.where for item in problems.items() if UNREAD.search(item.reason)]
            if not any(act.kind is ActKind.PUBLISH for act in acts):
                acts += (*acts_of_hints(text, at, context), *pushed(text, at), *released(text, at, context))
                acts += built_by_ko(text, at, context)
                acts += [act for path in unread for act in guessed(path, at, context)]
            for item in problems.items():
                self.walker.problems.add(item.where, item.reason, item.advice)
            known = self.walker.scripts[key] = (acts, unread)
        self.run.unread += [path for path in known[1] if path not in self.run.unread]
        return list(known[0])

    def _script(self, step: Step, context: Context, via: tuple[Place, ...], conditions: tuple[str, ...]) -> None:
        assert step.script is not None
        line = step.script_line or step.at.line
        at = replace(step.at, line=line)
        text = literal(step.script, context.values)
        acts = self._read(text, at, context, step.shell)
        if not any(act.kind is ActKind.DELETE for act in acts):
            acts += [Act(ActKind.DELETE, "rm", at, what=(match[1],)) for match in REMOVED.finditer(text)]
        runs = _of_step(Act(ActKind.SCRIPT, step.shell, at), step.id)
        self.run.deeds.append(Deed(runs, len(self.run.deeds), via, conditions, text, context))
        self.run.buildx = self.run.buildx or chooses_builder(text, acts, self.walker.tree)
        lead = via if all(act.at.path == at.path for act in acts) else (*via, at)
        self.add([_of_step(act, step.id) for act in acts], lead, conditions, text)

    def _use(
        self, step: Step, uses: Reference, context: Context, via: tuple[Place, ...], conditions: tuple[str, ...]
    ) -> Values:
        from slsacheck.evidence.publications.actions.call import Call

        at = step.at if uses.kind == "image" else uses.at  # an image may stand behind an anchor far above
        call = Call(uses, step.inputs, at, context, step.id)
        name = call.name
        if sets_up(name) and outdated(call.text("version"), call.text("driver-opts")):
            self.run.driver = "old"
        elif sets_up(name) and "docker" in call.choices("driver"):
            self.run.driver = "docker"
        elif sets_up(name):
            self.run.buildx = True
        if name == "actions/checkout" and call.has("path") and not call.has("repository"):
            self.run.checkouts = (*self.run.checkouts, call.text("path").removeprefix("./").strip("/"))
        if name == "docker/login-action":
            registry = call.text("registry", default="docker.io")
            self.run.logins = (*self.run.logins, registry)
        self._run_by(call, step, via, conditions)
        if name in TELLING:
            from slsacheck.evidence.publications.actions.telling import told

            return told(call)
        return {}

    def _run_by(self, call: Call, step: Step, via: tuple[Place, ...], conditions: tuple[str, ...]) -> None:
        """Reads what an action does, or the scripts that it is given to run."""
        from slsacheck.evidence.publications.actions import acts_of_call
        from slsacheck.evidence.publications.actions.scripted import scripts_in

        scripts = scripts_in(call)
        for text, place, inside in scripts:
            started = replace(step, at=place, script=text, script_line=place.line, shell="")
            self._script(started, inside, via, conditions)
        if not scripts:
            self.add([_of_step(act, step.id) for act in acts_of_call(call)], via, conditions)

    def _own_action(
        self,
        path: str,
        step: Step,
        context: Context,
        via: tuple[Place, ...],
        under: tuple[tuple[str, ...], int],
    ) -> Values:
        """Reads the steps of an own action; gives back its outputs as far as the files tell them."""
        from slsacheck.evidence.publications.ownactions import aliases, known_outputs, renamed

        conditions, depth = under
        found = self.walker.action(path)
        context.budget.left -= 1
        if found is None or depth >= MAX_CALLS or context.budget.left <= 0:
            self.run.unread.append(path)
            return {}
        values = {name: known for name, known in context.values.items() if not name.startswith(("inputs.", "steps."))}
        given: Values = {}
        add_values(given, "inputs", step.inputs, context.values)
        add_defaults(given, found.defaults)
        for name in found.inputs:
            given.setdefault(f"inputs.{name.lower()}", ("",))
        if not found.steps:
            from slsacheck.evidence.publications.code import given_to

            self.add(given_to(path, step.inputs, step.at), via, conditions)
            if found.using == "docker":
                from slsacheck.evidence.publications.containeractions import steps_of

                found = replace(found, steps=steps_of(found, step, self.walker.tree, self.walker.problems))
        inside = replace(context, values={**values, **given})
        found = renamed(found, step.id or f"line-{step.at.line}")
        self.run.inner += found.steps
        told = self.steps(found.steps, inside, (*via, step.at), conditions, depth + 1)
        self.run.aliases |= aliases(step.id, found, told)
        return known_outputs(step.id, found, told)

    def add(self, acts: Iterable[Act], via: tuple[Place, ...], conditions: tuple[str, ...], script: str = "") -> None:
        """Notes acts in the order in which they happen."""
        for act in acts:
            self.run.deeds.append(Deed(act, len(self.run.deeds), via, conditions, script))


def own_path(reference: Reference | None) -> str | None:
    """The path of a workflow or an action of this repository that a reference names."""
    return local_path(reference) if reference is not None else None


def _joined(base: str, more: str) -> str:
    text = more.removeprefix("./").strip("/")
    return text if not base or "${{" in text else f"{base}/{text}".strip("/")


def _of_step(act: Act, step: str) -> Act:
    return replace(act, detail=(*act.detail, ("step", step))) if step and act.fact("step") is None else act
