"""Travis CI: `.travis.yml`; one job for the phases, one for each row of `jobs.include`, deployments as steps.

Rules: "Job Lifecycle" and "Deployment (v2)" of Travis CI's documentation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.evidence.pipelines.source import inputs, scripts, values
from slsacheck.model.pipeline import Job, Pin, Pipeline, Reference, Runner, RunnerKind, Step, Trigger

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from slsacheck.evidence.pipelines.source import Source, Sources
    from slsacheck.evidence.yaml import Node

__all__ = ["read"]

NAME = "travis"
PHASES = ("before_install", "install", "before_script", "script", "after_success", "after_script")


def read(paths: Sequence[str], sources: Sources) -> tuple[Pipeline, ...]:
    """The pipelines of these files."""
    return tuple(_pipeline(source) for path in paths if (source := sources.yaml(path)) and source.document.is_mapping)


def _pipeline(source: Source) -> Pipeline:
    document = source.document
    rows = (document.get("jobs") or document.get("matrix")).get("include").elements
    jobs = [
        _job(f"{row.get('name').text or row.get('stage').text or 'job'}-{n}", row, document)
        for n, row in enumerate(rows)
    ]
    if any(document.get(phase) for phase in (*PHASES, "language", "deploy")):
        jobs.insert(0, _job("build", document, document))
    imports = document.get("import").each()
    return Pipeline(
        system=NAME,
        path=source.path,
        at=source.at,
        triggers=(Trigger("push", document.at, branches=document.get("branches", "only").strings()),),
        env=values(document.get("env", "global") or document.get("env")),
        jobs=tuple(jobs),
        live=bool(jobs),
        external=tuple(item.get("source").text or item.text for item in imports),
        problems=source.problems,
    )


def _job(name: str, node: Node, document: Node) -> Job:
    system = node.get("os") or document.get("os")
    steps = [step for phase in PHASES for step in scripts(node.get(phase), phase)]
    return Job(
        id=name,
        at=node.at,
        name=node.get("name").text,
        runner=Runner(", ".join(system.strings()) or "linux", RunnerKind.HOSTED, (system or node).at),
        condition=node.get("if").text,
        env=values(node.get("env")) if node is not document else (),
        steps=(*steps, *_deployments(node.get("deploy"))),
        stage=node.get("stage").text,
    )


def _deployments(node: Node) -> Iterator[Step]:
    for item in node.each():
        provider = item.get("provider")
        target = Reference(
            provider.text, "deploy-provider", provider.text, "", Pin.BRANCH_OR_OTHER, (provider or item).at
        )
        script = item.get("script")
        yield Step(
            at=item.at,
            name="deploy",
            uses=target,
            script=script.text if script else None,
            script_line=script.text_line if script else None,
            inputs=inputs(item),
            condition="; ".join(f"{key}={value.text}" for key, value in item.get("on").items()),
        )
