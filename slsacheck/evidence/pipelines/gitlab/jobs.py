"""The jobs of a GitLab configuration."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from slsacheck.evidence.pipelines import pins
from slsacheck.evidence.pipelines.gitlab.includes import included
from slsacheck.evidence.pipelines.source import flatten, image, images, inputs, merge, text
from slsacheck.evidence.yaml import MISSING
from slsacheck.model.pipeline import Input, Job, Reference, Runner, RunnerKind, Step

if TYPE_CHECKING:
    from collections.abc import Iterable

    from slsacheck.evidence.pipelines.gitlab.layers import Config, Layers
    from slsacheck.evidence.yaml import Node

__all__ = ["MAX_JOBS", "job", "jobs"]

MAX_JOBS = 1_000
"""Jobs of one pipeline; GitLab.com allows 500 to 2,000, the largest real file seen has 200."""
GLOBAL = frozenset(
    {"default", "include", "stages", "variables", "workflow", "image", "services", "before_script", "after_script"}
    | {"cache", "spec", "types"}
)
MODELLED = frozenset(
    {"script", "before_script", "after_script", "image", "services", "variables", "extends", "rules", "only", "except"}
    | {"needs", "tags", "stage", "secrets", "artifacts", "environment", "parallel", "inherit"}
)
HOSTED_TAG = "saas-"
"""Tags of the runners that GitLab.com hosts: `saas-linux-small-amd64`, `saas-macos-medium-m1`, …"""


def jobs(config: Config) -> tuple[Job, ...]:
    """Every job; hidden ones (their name begins with a dot) are templates and no jobs."""
    found = (name for name in config.names() if name not in GLOBAL and not name.startswith("."))
    return tuple(job(config, name) for name in islice(found, MAX_JOBS) if config.top(name).all())


def job(config: Config, name: str) -> Job:
    """One job, with what it extends and inherits."""
    layers = config.job(name)
    trigger = layers.get("trigger")
    rules = _rules(config, layers)
    environment = layers.get("environment")
    return Job(
        id=name,
        at=config.key(name).at,
        name=name,
        runner=_runner(config, layers, name) if layers.get("script") or layers.get("run") else None,
        image=image(_inherited(config, layers, "image")),
        services=images(_inherited(config, layers, "services")),
        uses=_triggered(trigger),
        needs=tuple(item.text or item.get("job").text for item in layers.get("needs").each() if not _outside(item)),
        secrets=merge(*(inputs(node) for node in layers.all("secrets"))),
        environment=environment.get("name").text or environment.text,
        condition=" || ".join(rule.removeprefix("if: ") for rule in rules if rule.startswith("if: ")),
        env=merge(*(_variables(node) for node in layers.all("variables"))),
        matrix=_matrix(layers.get("parallel", "matrix")),
        includes=tuple(
            tuple((key, text(value)) for key, value in row.items()) for row in layers.get("parallel", "matrix").elements
        ),
        steps=_steps(config, layers),
        artifacts=merge(*(flatten(node, "artifacts") for node in layers.all("artifacts"))),
        options=_options(config, layers),
        rules=rules,
        stage=layers.get("stage").text or "test",
        live=not rules or any("when: never" not in rule for rule in rules),
    )


def _inherited(config: Config, layers: Layers, key: str) -> Node:
    """The job's own value, else that of `default:`, else the global one, unless `inherit: default: false`."""
    own = layers.get(key)
    inherit = layers.get("inherit", "default")
    if own or inherit.boolean is False or (inherit.is_sequence and key not in inherit.strings()):
        return own
    return config.top("default").get(key) or config.top(key).get()


def _steps(config: Config, layers: Layers) -> tuple[Step, ...]:
    found: list[Step] = []
    for key in ("before_script", "script", "after_script"):
        node = layers.get(key) if key == "script" else _inherited(config, layers, key)
        lines = config.scripts(node)
        found.extend(Step(item.at, name=key, script=item.text, script_line=item.text_line) for item in lines)
    found.extend(_run(item) for item in layers.get("run").elements)
    return tuple(found)


def _run(node: Node) -> Step:
    """A step of `run:` (CI/CD steps): a script, or a step from elsewhere."""
    script, uses = node.get("script"), node.get("step")
    reference = pins.action(uses.text, uses.at, kind="step") if uses.text else None
    return Step(
        at=node.at,
        name=node.get("name").text,
        uses=reference,
        script=script.text if script else None,
        script_line=script.text_line if script else None,
        inputs=inputs(node.get("inputs")),
        env=inputs(node.get("env")),
    )


def _variables(node: Node) -> Iterable[Input]:
    for name, value in node.items():
        held = value.get("value") if value.is_mapping else value
        yield Input(name, held.text, (held or value).at, held.text_line or None)


def _runner(config: Config, layers: Layers, name: str) -> Runner:
    """Which runner takes a job is a matter of its tags and of the GitLab instance; only GitLab.com's own are known."""
    node = _inherited(config, layers, "tags")
    tags = node.strings()
    at = node.at if node else config.key(name).at
    if not tags:
        return Runner("untagged", RunnerKind.UNKNOWN, at)
    hosted = all(tag.startswith(HOSTED_TAG) for tag in tags)
    kind = RunnerKind.HOSTED if hosted else RunnerKind.UNKNOWN
    return Runner(", ".join(tags), kind, at, labels=tags, resolved=not any("$" in tag for tag in tags))


def _rules(config: Config, layers: Layers) -> tuple[str, ...]:
    """`rules:` one sentence each, in order; `only:` and `except:` likewise."""
    found: list[str] = []
    stack = list(reversed(layers.get("rules").each()))
    for _ in range(MAX_RULES):
        if not stack:
            break
        item = stack.pop()
        if item.tag == "!reference":
            stack.extend(reversed(config.reference(item).each()))
        elif item.is_sequence:
            stack.extend(reversed(item.elements))
        else:
            found.append("; ".join(f"{key}: {text(value)}" for key, value in item.items()))
    for key in ("only", "except"):
        node = layers.get(key)
        parts = [f"{name}: {text(value)}" for name, value in node.items()] or node.strings()
        found.extend(f"{key}: {part}" for part in parts)
    return tuple(found)


MAX_RULES = 200
"""Rules of one job, references expanded."""


def _matrix(node: Node) -> tuple[tuple[str, tuple[str, ...]], ...]:
    axes: dict[str, dict[str, None]] = {}
    for row in node.elements:
        for name, value in row.items():
            axes.setdefault(name, {}).update(dict.fromkeys(value.strings()))
    return tuple((name, tuple(found)) for name, found in axes.items())


def _triggered(node: Node) -> Reference | None:
    """A pipeline that the job starts: a child of this repository's files, or another project's."""
    if not node:
        return None
    project = node.get("project") or (node if node.is_scalar else MISSING)
    if project.text:
        ref = node.get("branch").text
        return Reference(project.text, "downstream-pipeline", project.text, ref, pins.pin(ref), project.at)
    return next(included(node.get("include")), None)


def _options(config: Config, layers: Layers) -> tuple[Input, ...]:
    """What the common model has no word for: release, pages, id_tokens, cache, trigger, when and others."""
    found = [flatten(_inherited(config, layers, key), key) for key in ("id_tokens", "cache")]
    found.append(tuple(_missing(config, layers)))
    found.append(tuple(_files(layers.get("needs"))))
    names = (name for name in layers.names() if name not in MODELLED and name not in {"id_tokens", "cache"})
    found.extend(flatten(layers.get(name), name) for name in names)
    return merge(*found)


def _outside(need: Node) -> bool:
    """Whether a `needs:` entry names a job of another pipeline or project."""
    return bool(need.get("project") or need.get("pipeline"))


def _files(needs: Node) -> Iterable[Input]:
    """The jobs whose artifacts a job gets by its `needs:`, one a line; an option without a value for none."""
    if not needs:
        return
    taken = [item for item in needs.each() if item.get("artifacts").boolean is not False]
    for name, outside in (("needs", False), ("needs.elsewhere", True)):
        found = [item.text or item.get("job").text for item in taken if _outside(item) is outside]
        if found or not outside:
            yield Input(name, "\n".join(found), needs.at, needs.text_line or None)


def _missing(config: Config, layers: Layers) -> Iterable[Input]:
    """What the job extends and no file of the repository defines; it comes from an include that lies elsewhere."""
    known = config.names()
    for node in layers.all("extends"):
        for item in node.scalars():
            if item.text not in known:
                yield Input(f"extends.missing.{item.text}", item.text, item.at, item.text_line)
