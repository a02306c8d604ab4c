"""CircleCI: `.circleci/config.yml`; every job of every workflow, its local commands written out.

Rules: "Configuration reference" of CircleCI's documentation. Orbs lie elsewhere and are named.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from slsacheck.evidence.pipelines import pins
from slsacheck.evidence.pipelines.source import (
    Budget,
    conditions,
    flatten,
    image,
    images,
    inputs,
    text,
    too_many,
    values,
)
from slsacheck.evidence.yaml import MISSING, Node
from slsacheck.model.pipeline import Input, Job, Pin, Pipeline, Reference, Runner, RunnerKind, Step, Trigger

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from slsacheck.evidence.pipelines.source import Source, Sources

__all__ = ["read"]

NAME = "circleci"
MAX_LEVELS = 10
"""Commands inside commands."""
MAX_JOBS = 2_000
"""Jobs over all workflows of a file."""


def read(paths: Sequence[str], sources: Sources) -> tuple[Pipeline, ...]:
    """The pipelines of these files."""
    found = [_pipeline(source) for path in paths if (source := sources.yaml(path)) and _is_config(source)]
    return tuple(found)


def _is_config(source: Source) -> bool:
    return source.path == ".circleci/config.yml" or bool(
        source.document.get("jobs") or source.document.get("workflows")
    )


def _pipeline(source: Source) -> Pipeline:
    config = _Config(source.document)
    jobs = tuple(islice(config.jobs(), MAX_JOBS))
    setup = source.document.get("setup").boolean is True
    used = tuple(config.orbs.values())
    return Pipeline(
        system=NAME,
        path=source.path,
        at=source.at,
        triggers=tuple(_triggers(source.document)),
        jobs=jobs,
        live=any(job.live for job in jobs) or setup,
        external=(*(orb.raw for orb in used), *(("a configuration made at run time (setup: true)",) if setup else ())),
        problems=(*source.problems, *config.budget.problems(source.path), *too_many(source.path, len(jobs), MAX_JOBS)),
        includes=used,
        options=flatten(source.document.get("parameters"), "parameters"),
    )


def _triggers(document: Node) -> Iterator[Trigger]:
    yield Trigger("push", document.at)
    for workflow in document.get("workflows").values():
        for item in workflow.get("triggers").elements:
            cron = item.get("schedule", "cron")
            if cron:
                yield Trigger("schedule", cron.at, filters=(("cron", cron.strings()),))


class _Config:
    """What the parts of one file need of each other."""

    def __init__(self, document: Node) -> None:
        self.document = document
        self.orbs = {name: _orb(node) for name, node in document.get("orbs").items() if node.is_scalar}
        self.commands = document.get("commands")
        self.executors = document.get("executors")
        self.budget = Budget()

    def jobs(self) -> Iterator[Job]:
        """The jobs as workflows ask for them, then those that no workflow asks for."""
        asked = set()
        for workflow, node in self.document.get("workflows").items():
            for entry in node.get("jobs").elements:
                name, settings = next(entry.items(), ("", MISSING)) if entry.is_mapping else (entry.text, MISSING)
                asked.add(name)
                yield self.job(name, workflow, settings or entry)
        for name, node in self.document.get("jobs").items():
            if name not in asked:
                alone = not asked and name == "build"
                yield self.job(name, "", node, asked=alone)

    def job(self, name: str, workflow: str, settings: Node, *, asked: bool = True) -> Job:
        """One job of a workflow."""
        node = self.document.get("jobs", name)
        settings = settings if settings is not node else MISSING
        executor = self.executor(node.get("executor"), settings)
        place = node or self.document.get("workflows", workflow)
        docker = node.get("docker") or executor.get("docker")
        contexts = settings.get("context").scalars()
        branches = flatten(settings.get("filters"), "filters")
        return Job(
            id=settings.get("name").text or name,
            at=(self.document.get("jobs").key(name) or settings or place).at,
            name=name,
            runner=_runner(node, executor, docker) if node else None,
            image=image(docker.elements[0]) if docker.elements else None,
            services=images(docker)[1:],
            uses=self.orb_use(name, settings) if not node else None,
            inputs=inputs(settings),
            needs=settings.get("requires").strings(),
            secrets=tuple(Input("context", item.text, item.at) for item in contexts),
            condition=conditions(settings.get("filters"), "filters"),
            env=(*values(executor.get("environment")), *values(node.get("environment"))),
            matrix=tuple((key, value.strings()) for key, value in settings.get("matrix", "parameters").items()),
            steps=tuple(self.steps(node.get("steps"), (settings, node.get("parameters")))),
            options=branches,
            stage=workflow,
            live=asked and settings.get("type").text != "approval",
        )

    def executor(self, node: Node, settings: Node) -> Node:
        """The executor that a job names, by a parameter or a mapping too."""
        name = node.get("name").text or node.text
        if "<<" in name:
            name = _parameter(name)
            found = (settings.get(name) or settings.get("matrix", "parameters", name)).strings()
            known = [self.executors.get(item) for item in found]
            return min(known, key=bool, default=MISSING)
        return self.executors.get(name)

    def orb_use(self, name: str, at: Node) -> Reference | None:
        """The orb behind `node/install`; None where there is none of that name."""
        alias, slash, member = name.partition("/")
        orb = self.orbs.get(alias)
        if not slash or orb is None:
            return None
        return Reference(f"{orb.raw}:{member}", "orb", orb.name, orb.ref, orb.pin, at.at, path=member)

    def inner(self, name: str, body: Node, given: tuple[Node, Node]) -> Node:
        """The list of steps that an entry stands for; MISSING where it is a step itself."""
        if name == "steps":
            settings, declared = given
            wanted = _parameter(body.text)
            return settings.get(wanted) or declared.get(wanted, "default")
        return body.get("steps") if name in {"when", "unless"} else self.commands.get(name, "steps")

    def steps(self, node: Node, given: tuple[Node, Node]) -> Iterator[Step]:
        """The steps of a list; local commands are replaced by theirs, `when:` and `unless:` by what they hold.

        `given` are the settings of the workflow's entry and the declared parameters: steps may be a parameter.
        """
        stack = [(item, 0) for item in reversed(node.elements)]
        while stack and self.budget.spend():
            item, level = stack.pop()
            name, body = next(item.items(), ("", MISSING)) if item.is_mapping else (item.text, MISSING)
            inner = self.inner(name, body, given)
            if inner and level < MAX_LEVELS:
                stack.extend((child, level + 1) for child in reversed(inner.elements))
            elif name == "run":
                yield _run(item, body)
            elif name:
                yield Step(item.at, name=name, uses=self.orb_use(name, item), inputs=inputs(body))


def _parameter(text: str) -> str:
    """The name in `<< parameters.name >>`."""
    return text.strip("<> ").removeprefix("parameters.")


def _orb(node: Node) -> Reference:
    name, _, ref = node.text.partition("@")
    pin = Pin.BRANCH_OR_OTHER if ref.startswith(("dev:", "volatile")) or not ref else pins.pin(ref)
    return Reference(node.text, "orb", name, ref, pin, node.at)


def _run(item: Node, body: Node) -> Step:
    command = body.get("command") if body.is_mapping else body
    return Step(
        at=item.at,
        name=body.get("name").text,
        script=command.text,
        script_line=command.text_line,
        shell=body.get("shell").text,
        env=values(body.get("environment")),
        condition=text(body.get("when")),
        directory=body.get("working_directory").text,
    )


def _machine(node: Node, executor: Node) -> Node:
    return node.get("machine") or executor.get("machine")


def _runner(node: Node, executor: Node, docker: Node) -> Runner:
    """CircleCI's own machines, unless the resource class is `namespace/name`: a machine of the organisation's own."""
    resource = node.get("resource_class") or executor.get("resource_class")
    machine = _machine(node, executor)
    kinds = [name for name in ("docker", "machine", "macos", "windows") if node.get(name) or executor.get(name)]
    at = (resource or docker or machine or executor or node).at
    label = resource.text or (kinds[0] if kinds else "unknown")
    if "/" in resource.text:
        return Runner(label, RunnerKind.SELF_HOSTED, at)
    hosted = bool(kinds) and "<<" not in label
    return Runner(label, RunnerKind.HOSTED if hosted else RunnerKind.UNKNOWN, at, resolved=hosted)
