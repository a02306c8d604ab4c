"""kpack: Image manifests, each of which builds a container image by buildpacks whenever its source changes.

Rules: "Images" of kpack's documentation. Builder and cluster lie elsewhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.evidence.pipelines.manifests import Manifest, manifests
from slsacheck.evidence.pipelines.source import flatten, values
from slsacheck.model.pipeline import Job, Pipeline, Runner, RunnerKind, Trigger

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slsacheck.evidence.pipelines.source import Sources

__all__ = ["read"]

NAME = "kpack"
GROUPS = ("kpack.io/", "build.pivotal.io/")
"""API groups; the second is that of the first versions."""


def read(paths: Sequence[str], sources: Sources) -> tuple[Pipeline, ...]:
    """The pipelines of these files."""
    found = (item for group in GROUPS for item in manifests(paths, sources, group))
    return tuple(_pipeline(item) for item in found if item.kind == "Image")


def _pipeline(item: Manifest) -> Pipeline:
    spec = item.node.get("spec")
    revision = spec.get("source", "git", "revision")
    builder = spec.get("builder")
    job = Job(
        id=item.name,
        at=item.node.at,
        name=item.name,
        runner=Runner("cluster", RunnerKind.UNKNOWN, item.node.at),
        env=values(spec.get("build", "env")),
        options=tuple(
            flat
            for key in ("tag", "additionalTags", "source", "builder", "cosign")
            for flat in flatten(spec.get(key), key)
        ),
        artifacts=flatten(spec.get("tag"), "tag"),
    )
    return Pipeline(
        system=NAME,
        path=item.source.path,
        at=item.node.at,
        name=item.name,
        triggers=(Trigger("push", (revision or item.node).at, branches=revision.strings()),),
        jobs=(job,),
        external=(
            "the kpack controller of the cluster",
            f"{builder.get('kind').text or 'builder'} {builder.get('name').text}",
        ),
        problems=item.source.problems,
    )
