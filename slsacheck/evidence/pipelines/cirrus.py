"""Cirrus CI: `.cirrus.yml`, in which a key such as `task` may come again and `test_script` is a script named `test`.

Rules: "Writing tasks" of Cirrus CI's documentation. `.cirrus.star` is a program that makes the configuration.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from slsacheck.evidence.pipelines.programs import program
from slsacheck.evidence.pipelines.source import flatten, image, inputs, scripts, text
from slsacheck.model.pipeline import Job, Pipeline, Reference, Runner, RunnerKind, Step, Trigger
from slsacheck.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from slsacheck.evidence.pipelines.source import Source, Sources
    from slsacheck.evidence.yaml import Node

__all__ = ["read"]

NAME = "cirrus-ci"
READS = regex(r"\bfs\.read\(\s*[\"']([\w./-]{1,200}\.ya?ml)[\"']\s*\)")
MAX_READ = 20
"""Files that one program takes tasks from; the most seen are 4."""
OWN = (
    "persistent_worker",
    "gce_instance",
    "ec2_instance",
    "azure_container_instance",
    "gke_container",
    "eks_container",
)
"""Machines that the project brings along; everything else runs on Cirrus CI's."""
TASK = regex(r"^(?:(?P<name>\w+)_)?(?P<kind>task|docker_builder|pipe)$")
"""Keys of tasks; a `docker_builder` has a machine with Docker, a `pipe` has steps with an image each."""
MACHINES = ("container", "docker_builder", "macos_instance", "freebsd_instance", "windows_container", "arm_container")


def read(paths: Sequence[str], sources: Sources) -> tuple[Pipeline, ...]:
    """The pipelines of these files."""
    programs = [path for path in paths if path.endswith(".star")]
    named = [path for path in paths if path not in programs] or list(_read_by(programs, sources))
    found = [_pipeline(source, sources) for path in named if (source := sources.yaml(path))]
    if any(pipeline.path in paths for pipeline in found):
        return tuple(found)
    return (*found, *(item for path in programs if (item := program(NAME, path, sources))))


def _read_by(programs: Sequence[str], sources: Sources) -> Iterator[str]:
    """The files whose text a program takes as tasks (`fs.read("ci/wheels.yml")`)."""
    for path in programs:
        for match in islice(READS.finditer(sources.text(path) or ""), MAX_READ):
            if sources.tree.exists(match[1].removeprefix("./")):
                yield match[1].removeprefix("./")


def _pipeline(source: Source, sources: Sources) -> Pipeline:
    document = source.document
    jobs = tuple(_job(key, node, document) for key, node in document.entries if TASK.match(key.text))
    return Pipeline(
        system=NAME,
        path=source.path,
        at=source.at,
        triggers=(Trigger("push", document.at),),
        env=inputs(document.get("env")),
        jobs=jobs,
        live=any(job.live for job in jobs) or sources.tree.exists(".cirrus.star"),
        external=(".cirrus.star makes further tasks at run time",) if sources.tree.exists(".cirrus.star") else (),
        problems=tuple(said for said in source.problems if "comes again" not in said),
    )


def _job(key: Node, node: Node, document: Node) -> Job:
    steps: list[Step] = []
    for part in (node, *node.get("steps").elements):
        for name, value in part.items():
            if name.endswith("script"):
                steps.extend(scripts(value, name.removesuffix("script").rstrip("_")))
    form = TASK.match(key.text)
    kind = form["kind"] if form is not None else "task"
    name = node.get("name").text or (form["name"] if form is not None else "") or "main"
    return Job(
        id=node.get("alias").text or name,
        at=key.at,
        name=name,
        runner=_runner(node, document) if kind == "task" else Runner(kind, RunnerKind.HOSTED, key.at),
        image=_image(node) or _image(document),
        needs=node.get("depends_on").strings(),
        condition=text(node.get("only_if") or node.get("skip")),
        env=inputs(node.get("env")),
        matrix=tuple((axis, value.strings()) for row in node.get("matrix").each() for axis, value in row.items()),
        steps=tuple(steps),
        artifacts=tuple(item for name, value in node.items() if "artifacts" in name for item in flatten(value, name)),
        options=flatten(node.get("use_compute_credits"), "use_compute_credits"),
        live=node.get("skip").boolean is not True and node.get("only_if").boolean is not False,
    )


def _image(node: Node) -> Reference | None:
    return image(node.get("container")) or image(node.get("arm_container")) if node.is_mapping else None


def _runner(node: Node, document: Node) -> Runner:
    for place in (node, document):
        for kind in (*OWN, *MACHINES):
            machine = place.get(kind)
            if machine:
                own = kind in OWN
                return Runner(kind, RunnerKind.SELF_HOSTED if own else RunnerKind.HOSTED, machine.at)
    return Runner("default", RunnerKind.UNKNOWN, node.at, resolved=False)
