"""Tekton: Pipelines, PipelineRuns, Tasks and TaskRuns; Pipelines-as-Code reads those of `.tekton/`.

Rules: "Pipelines" and "Tasks" of Tekton's documentation, annotations of Pipelines-as-Code. Where it runs, and whether
Chains watches it, is a matter of the cluster.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.evidence.pipelines import pins
from slsacheck.evidence.pipelines.manifests import Manifest, container_step, manifests, privileged
from slsacheck.evidence.pipelines.source import Budget, conditions, flatten, merge, values
from slsacheck.evidence.yaml import MISSING
from slsacheck.model.pipeline import Job, Pin, Pipeline, Reference, Runner, RunnerKind, Step, Trigger
from slsacheck.patterns import regex
from slsacheck.record import record, replace

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from slsacheck.evidence.pipelines.source import Sources
    from slsacheck.evidence.yaml import Node
    from slsacheck.model.places import Place

__all__ = ["read"]

NAME = "tekton"
FOLDER = ".tekton/"
RUNS = frozenset({"PipelineRun", "TaskRun"})
KINDS = RUNS | {"Pipeline"}
ANNOTATION = "pipelinesascode.tekton.dev/"
CEL_EVENT = regex(r"\bevent(?:_type)?\s*==\s*[\"'](\w+)[\"']")
"""The events that an expression of Pipelines-as-Code asks for."""
RESULTS = ("results", "params", "workspaces")


def read(paths: Sequence[str], sources: Sources) -> tuple[Pipeline, ...]:
    """The pipelines of these files."""
    found = list(manifests(paths, sources, "tekton.dev/"))
    triggers = list(manifests(paths, sources, "triggers.tekton.dev/"))
    events = _events(triggers)
    tasks = {item.name: item for item in found if item.kind in {"Task", "ClusterTask"}}
    pipelines = {item.name: item for item in found if item.kind == "Pipeline"}
    local = _Local(tasks, pipelines, sources, Budget())
    wanted = [item for item in found if item.kind in KINDS or item.source.path.startswith(FOLDER)]
    made = (_made(item, local, events) for item in triggers if item.kind == "TriggerTemplate")
    return (*(_pipeline(item, local) for item in wanted), *(one for each in made for one in each))


def _events(triggers: Sequence[Manifest]) -> dict[str, tuple[str, ...]]:
    """The events for which listeners use a template, by its name."""
    found: dict[str, tuple[str, ...]] = {}
    for item in triggers:
        spec = item.node.get("spec")
        for trigger in spec.get("triggers").elements or (spec,):
            name = trigger.get("template", "ref").text or trigger.get("template", "name").text
            said = [
                event
                for one in trigger.get("interceptors").elements
                for given in (*one.get("params").elements, one.get("github"), one.get("gitlab"))
                for event in (given.get("eventTypes") or given.get("value")).strings()
                if given.get("name").text in {"", "eventTypes"}
            ]
            if name:
                found[name] = (*found.get(name, ()), *said)
    return found


def _made(item: Manifest, local: _Local, events: dict[str, tuple[str, ...]]) -> Iterator[Pipeline]:
    """The runs that a TriggerTemplate makes for events which the cluster receives."""
    given = tuple(replace(one, name=f"tt.{one.name}") for one in values(item.node.get("spec", "params")))
    for node in item.node.get("spec", "resourcetemplates").elements:
        inner = Manifest(item.source, node, node.get("kind").text, item.name)
        if inner.kind in RUNS and local.budget.spend():
            found = _pipeline(inner, local)
            said = dict.fromkeys(events.get(item.name) or ("webhook",))
            triggers = tuple(Trigger(event, item.node.at) for event in said)
            yield replace(found, env=(*given, *found.env), triggers=triggers)


@record
class _Local:
    """What the repository itself defines, by name, and its files for references to the repository by its URL."""

    tasks: dict[str, Manifest]
    pipelines: dict[str, Manifest]
    sources: Sources
    budget: Budget

    def task(self, node: Node, uses: Reference | None) -> Node:
        """The `spec` of a task of this repository that a `taskRef` names; MISSING where it lies elsewhere."""
        known = self.tasks.get(node.get("name").text)
        if known:
            return known.node.get("spec")
        own = self.sources.origin and uses and uses.name.removesuffix(".git").endswith(self.sources.origin)
        if own and uses and self.sources.tree.exists(uses.path):
            source = self.sources.yaml(uses.path)
            for document in source.documents if source else ():
                if document.get("kind").text == "Task":
                    return document.get("spec")
        return MISSING


def _pipeline(item: Manifest, local: _Local) -> Pipeline:
    external: list[str] = ["the cluster and whether Tekton Chains watches it"]
    jobs = tuple(_jobs(item, local, external))
    return Pipeline(
        system=NAME,
        path=item.source.path,
        at=item.node.at,
        name=item.name,
        triggers=tuple(_triggers(item)),
        env=merge(values(_body(item, local).get("params")), values(item.node.get("spec", "params"))),
        jobs=jobs,
        reusable=item.kind not in RUNS,
        external=tuple(dict.fromkeys(external)),
        problems=(*item.source.problems, *local.budget.problems(item.source.path)),
        options=(
            *(flat for key in RESULTS for flat in flatten(item.node.get("spec", key), key)),
            *flatten(item.node.get("spec", "pipelineRef", "name"), "pipelineRef"),
        ),
    )


def _body(item: Manifest, local: _Local) -> Node:
    """What declares the parameters: the pipeline in the manifest itself, or that of the repository which it names."""
    spec = item.node.get("spec")
    known = local.pipelines.get(spec.get("pipelineRef", "name").text)
    return spec.get("pipelineSpec") or (known.node.get("spec") if known else MISSING)


def _triggers(item: Manifest) -> Iterator[Trigger]:
    notes = item.node.get("metadata", "annotations")
    branches = _words(notes.get(f"{ANNOTATION}on-target-branch"))
    condition = notes.get(f"{ANNOTATION}on-cel-expression").text
    filters = (("cel", (condition,)),) if condition else ()
    told = tuple(dict.fromkeys(CEL_EVENT.findall(condition)))
    for event in _words(notes.get(f"{ANNOTATION}on-event")) or told or (("cel",) if condition else ()):
        yield Trigger(event, notes.at, branches=branches, filters=filters)


def _words(node: Node) -> tuple[str, ...]:
    return tuple(word.strip() for word in node.text.strip("[] ").split(",") if word.strip())


def _jobs(item: Manifest, local: _Local, external: list[str]) -> Iterator[Job]:
    spec = item.node.get("spec")
    if item.kind in {"Task", "ClusterTask", "TaskRun"}:
        inner = spec.get("taskSpec") or (spec if spec.get("steps") else MISSING)
        yield _job(spec, item.name, local, external, inner)
        return
    named = spec.get("pipelineRef", "name").text
    if named in local.pipelines:
        spec = local.pipelines[named].node.get("spec")
    elif spec.get("pipelineRef"):
        external.append(_named(spec.get("pipelineRef"), "pipeline").raw)
    inner = spec.get("pipelineSpec") or spec
    for node in (*inner.get("tasks").elements, *inner.get("finally").elements):
        if not local.budget.spend():
            return
        yield _job(node, node.get("name").text, local, external, node.get("taskSpec"))


def _job(node: Node, name: str, local: _Local, external: list[str], task: Node) -> Job:
    reference = node.get("taskRef")
    uses = _named(reference, "task") if reference else None
    spec = task or local.task(reference, uses)
    if uses and not spec:
        external.append(uses.raw)
    return Job(
        id=name,
        at=node.at,
        name=name,
        runner=Runner("cluster", RunnerKind.UNKNOWN, node.at),
        services=tuple(step.image for item in spec.get("sidecars").elements if (step := container_step(item)).image),
        uses=uses,
        inputs=values(node.get("params")),
        needs=node.get("runAfter").strings(),
        condition=conditions(node.get("when"), "when"),
        steps=tuple(_step(item, external) for item in spec.get("steps").elements if local.budget.spend()),
        options=tuple(flat for key in RESULTS for flat in flatten(spec.get(key), key)),
        outputs=values(spec.get("results")),
        privileged=privileged(*spec.get("steps").elements, *spec.get("sidecars").elements),
    )


def _step(node: Node, external: list[str]) -> Step:
    if node.get("ref"):
        uses = _named(node.get("ref"), "step-action")
        external.append(uses.raw)
        return Step(node.at, name=node.get("name").text, uses=uses, inputs=values(node.get("params")))
    return container_step(node)


def _named(node: Node, kind: str) -> Reference:
    """A `taskRef` or `pipelineRef`: by name in the cluster, or through a resolver (git, bundles, hub, http)."""
    resolver = node.get("resolver").text
    given = {item.name.lower(): item.value for item in values(node.get("params"))}
    at: Place = node.at
    bundle = node.get("bundle").text or given.get("bundle", "")
    if bundle:
        found = pins.image(bundle, at)
        return Reference(bundle, f"{kind}-bundle", found.name, found.ref, found.pin, at, path=given.get("name", ""))
    if resolver:
        target = (
            given.get("url") or "/".join(filter(None, (given.get("org"), given.get("repo")))) or given.get("name", "")
        )
        ref = given.get("revision") or given.get("version", "")
        raw = f"{resolver}:{target}" + (f"@{ref}" if ref else "")
        return Reference(raw, f"{kind}-{resolver}", target, ref, pins.pin(ref), at, path=given.get("pathinrepo", ""))
    name = node.get("name").text
    return Reference(f"{kind} {name} of the cluster", kind, name, "", Pin.BRANCH_OR_OTHER, at)
