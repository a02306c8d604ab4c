"""Jobs that run in a cluster (Tekton, Argo Workflows): parameters put in, tasks found, images that tasks push."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.evidence.publications.acts import Act, ActKind
from slsacheck.evidence.publications.images import channel_of_image, image_name
from slsacheck.model import Input, Step
from slsacheck.patterns import regex
from slsacheck.record import replace

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator, Mapping

    from slsacheck.evidence.publications.runs import Run
    from slsacheck.evidence.tree import Tree
    from slsacheck.model import Job, Pipeline, Reference

__all__ = ["acts_of_tekton", "cluster_job"]

CHAINS = ("the cluster: whether Tekton Chains watches it, and with which key",)
RESULTS = regex(r"\bIMAGES\b|\bIMAGE_URL\b|[\w-]*_IMAGE_URL\b|ARTIFACT_OUTPUTS|\b[\w-]*ARTIFACT_URI\b")
PARAMETER = regex(r"\$\((tt\.)?(?:params|inputs\.params)[.\[]\"?'?([\w.-]+?)[\"']?\]?\)")
TEMPLATED = regex(r"\{\{\s*(workflow|inputs)\.parameters\.([\w-]+)\s*\}\}")
PUSHES = regex(r"^(?:buildah|kaniko|buildpacks|buildkit|docker-build|image-build|jib|ko|podman|s2i)\b")
"""Catalogue tasks that build an image and push it under the name that they are given."""
IMAGES = ("IMAGE", "image", "output-image", "APP_IMAGE", "app-image")
PROGRAMS = {"goreleaser": ("goreleaser release", "flags"), "gradle": ("gradle", "TASKS"), "maven": ("mvn", "GOALS")}
"""Catalogue tasks that run a program on the sources, and the parameter with its arguments."""
MAX_FILLED = 300_000
"""Characters of a script with its parameters; more than what is read of one."""
MAX_ROUNDS = 4
"""Parameters inside parameters inside parameters; the deepest seen is 3."""


def cluster_job(tree: Tree, pipeline: Pipeline, job: Job) -> Job:
    """The job with the task of the same repository that it names, its parameters put in, and programs named."""
    if pipeline.system == "argo-workflows":
        known = {f"workflow.{item.name}": item.value for item in pipeline.env}
        known |= {f"inputs.{item.name}": _filled(known, item.value) for item in job.inputs}
        return _with_steps(job, known)
    known = {item.name: item.value for item in pipeline.env if item.value}
    known |= {item.name: _filled(known, item.value) for item in job.inputs}
    if job.uses is not None and not job.steps and job.uses.path and tree.exists(job.uses.path):
        job = _with_task(tree, job, job.uses.path, known)
    elif job.uses is not None and not job.steps and (named := _named(job.uses)) in PROGRAMS:
        program, parameter = PROGRAMS[named]
        words = (program, *(item.value for item in job.inputs if item.name == parameter))
        at = job.uses.at
        job = replace(job, steps=(Step(at, script=" ".join(" ".join(words).split()), script_line=at.line),))
    return _with_steps(replace(job, inputs=_items(known, job.inputs)), known)


def _with_steps(job: Job, known: Mapping[str, str]) -> Job:
    steps = tuple(
        replace(
            step,
            script=None if step.script is None else _filled(known, _entered(step)),
            env=_items(known, step.env),
        )
        for step in job.steps
    )
    return replace(job, steps=steps)


def _items(known: Mapping[str, str], items: tuple[Input, ...]) -> tuple[Input, ...]:
    return tuple(replace(item, value=_filled(known, item.value)) for item in items)


def _entered(step: Step) -> str:
    """A container's arguments behind the program that its image is known to start."""
    text = step.script or ""
    if step.image is None or not text.lstrip("'\"").startswith("-"):
        return text
    from slsacheck.evidence.publications.scripts._wrappers import IMAGE_TOOLS

    tool = IMAGE_TOOLS.get(step.image.name.rpartition("/")[2])
    return f"{tool} {text}" if tool else text


def _filled(known: Mapping[str, str], text: str) -> str:
    """The text with the parameters put in that are known; the others stay as they are written."""
    if "$(" not in text and "{{" not in text:
        return text

    def value(match: re.Match[str]) -> str:
        return known.get(f"{match[1] or ''}{match[2]}") or match[0]

    def templated(match: re.Match[str]) -> str:
        return known.get(f"{match[1]}.{match[2]}") or match[0]

    for _ in range(MAX_ROUNDS):
        after = TEMPLATED.sub(templated, PARAMETER.sub(value, text))
        if after == text or len(after) > MAX_FILLED:
            break
        text = after
    return text


def _with_task(tree: Tree, job: Job, path: str, known: dict[str, str]) -> Job:
    from slsacheck.errors import SlsacheckError
    from slsacheck.evidence.pipelines.manifests import container_step
    from slsacheck.evidence.pipelines.source import flatten
    from slsacheck.evidence.yaml import read

    try:
        documents = read(tree.text(path), path).documents
    except SlsacheckError:
        return job
    spec = next((document.get("spec") for document in documents if document.get("kind").text == "Task"), None)
    if spec is None:
        return job
    for item in spec.get("params").elements:
        known.setdefault(item.get("name").text, item.get("default").text)
    template = tuple(
        Input(item.get("name").text, item.get("value").text, item.at)
        for item in spec.get("stepTemplate", "env").elements
    )
    steps = [container_step(item) for item in spec.get("steps").elements]
    return replace(
        job,
        steps=tuple(replace(step, env=(*template, *step.env)) for step in steps),
        options=tuple(flatten(spec.get("results"), "results")),
    )


def acts_of_tekton(run: Run) -> Iterator[Act]:
    """Images of catalogue tasks; and type hints: results that name images give Tekton Chains something to attest."""
    yield from _pushed(run)
    hints = [item for item in (*run.job.options, *run.job.outputs) if RESULTS.search(f"{item.name} {item.value}")]
    if hints and any(deed.act.type == "container-image" for deed in run.of(ActKind.PUBLISH)):
        yield Act(
            ActKind.ATTEST,
            "tekton chains",
            hints[0].at,
            root="tekton-chains",
            provenance="unknown",
            external=CHAINS,
            detail=(("subject", "all"),),
        )


def _named(uses: Reference) -> str:
    """What a task that lies elsewhere is called: in the cluster, in a bundle, on a hub or by its file."""
    return (uses.path or uses.name).rpartition("/")[2].removesuffix(".yaml")


def _pushed(run: Run) -> Iterator[Act]:
    """What a task that lies elsewhere pushes, to judge by its name and by the image that it is told to make."""
    uses = run.job.uses
    if uses is None or run.job.steps:
        return
    given = next((item for item in run.job.inputs if item.name in IMAGES and item.value), None)
    if given is None or not PUSHES.match(_named(uses)):
        return
    name = image_name(given.value)
    yield Act(
        ActKind.PUBLISH,
        uses.path or uses.name,
        given.at,
        type="container-image",
        channel=channel_of_image(name),
        name=name,
        provenance="unknown",
        root="tekton-chains",
        external=(uses.raw, *CHAINS),
        detail=(("builds", "yes"),),
    )
