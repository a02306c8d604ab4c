"""What CI systems do beside their steps: GitLab's artifacts and releases, Cloud Build's `images:`, Tekton's results."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.evidence.publications.acts import Act, ActKind
from slsacheck.evidence.publications.images import channel_of_image, image_name
from slsacheck.record import replace

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from slsacheck.evidence.publications.runs import Run
    from slsacheck.model import Input, Place, Step

__all__ = ["acts_of_job", "joined"]

CLOUD_BUILD = ("the project's Artifact Registry: whether Cloud Build stores provenance there",)
TRUE = frozenset({"true", "1", "yes"})


def joined(steps: Sequence[Step]) -> Iterator[Step]:
    """The steps, with commands of one list put together as the one script that they are; lines keep their numbers."""
    held: Step | None = None
    for step in steps:
        if held is not None and _continues(held, step):
            assert held.script is not None and held.script_line is not None and step.script_line is not None  # noqa: PT018
            gap = step.script_line - held.script_line - held.script.count("\n")
            held = replace(held, script=held.script + "\n" * max(1, gap) + (step.script or ""))
            continue
        if held is not None:
            yield held
        held = step
    if held is not None:
        yield held


def _continues(held: Step, step: Step) -> bool:
    if held.script is None or step.script is None or held.uses is not None or step.uses is not None:
        return False
    if held.at.path != step.at.path or held.script_line is None or step.script_line is None:
        return False
    alike = held.name == step.name and held.env == step.env and held.condition == step.condition
    return alike and step.script_line > held.script_line and not held.id and not step.id


def acts_of_job(run: Run) -> Iterable[Act]:
    """The acts that a job's own settings bring about, after those of its steps."""
    readers = {
        "gitlab-ci": _gitlab,
        "google-cloud-build": _cloud_build,
        "tekton": _tekton,
        "kpack": _kpack,
    }
    reader = readers.get(run.pipeline.system)
    own = tuple(reader(run)) if reader is not None else ()
    if run.pipeline.system == "github-actions":
        return own
    from slsacheck.evidence.publications.handover import handed

    return (*handed(run, own), *own)


def _tekton(run: Run) -> Iterator[Act]:
    from slsacheck.evidence.publications.clusterjobs import acts_of_tekton

    return acts_of_tekton(run)


def _act(kind: ActKind, tool: str, at: Place, **rest: object) -> Act:
    return replace(Act(kind, tool, at), **rest)


def _gitlab(run: Run) -> Iterator[Act]:
    from slsacheck.evidence.publications.handover import kept

    job = run.job
    what = kept(job)
    if what:
        yield from _gitlab_provenance(run, what)
    if any(item.name.startswith("release.assets.links") for item in job.options):
        at = next(item.at for item in job.options if item.name.startswith("release."))
        links = tuple(
            item.value
            for item in job.options
            if item.name.startswith("release.assets.links") and item.name.endswith("name")
        )
        yield _act(ActKind.PUBLISH, "gitlab release", at, channel="gitlab-release", what=links)


def _gitlab_provenance(run: Run, what: tuple[str, ...]) -> Iterator[Act]:
    chosen = {item.name: item for item in (*run.pipeline.env, *run.job.env)}  # the job's own word is the last
    for item in chosen.values():
        if item.value.strip().lower() not in TRUE:
            continue
        root = {
            "ATTEST_BUILD_ARTIFACTS": "gitlab/attest-build-artifacts",
            "RUNNER_GENERATE_ARTIFACTS_METADATA": "gitlab/runner-metadata",
        }.get(item.name)
        if root is not None:
            detail = (("subject", "files"),)
            yield _act(ActKind.ATTEST, "gitlab runner", item.at, what=what, root=root, provenance="yes", detail=detail)


def _cloud_build(run: Run) -> Iterator[Act]:
    for item in run.job.artifacts:
        if item.name.startswith("images") or item.name == "artifacts.oci.registry_path":
            for line in item.value.split("\n"):
                name = image_name(line)
                yield _act(
                    ActKind.PUBLISH,
                    "google cloud build",
                    item.at,
                    type="container-image",
                    channel=channel_of_image(name),
                    name=name,
                    provenance="unknown",
                    root="google-cloud-build/images",
                    external=CLOUD_BUILD,
                    detail=(("builds", "yes"),),
                )
        if item.name == "artifacts.objects.location":
            yield from _objects(run, item)
        kind = {
            "pythonPackages": "python-package",
            "npmPackages": "npm-package",
            "mavenArtifacts": "maven-artifact",
        }.get(item.name.split(".")[1] if item.name.startswith("artifacts.") else "")
        if kind and item.name.endswith("repository"):
            yield _act(
                ActKind.PUBLISH,
                "google cloud build",
                item.at,
                type=kind,
                channel="pkg.dev",
                provenance="unknown",
                root="google-cloud-build/images",
                external=CLOUD_BUILD,
                detail=(("builds", "yes"),),
            )


def _objects(run: Run, location: Input) -> Iterator[Act]:
    """Files that Cloud Build puts into a bucket at the end; it makes no provenance for them."""
    from slsacheck.evidence.publications.scripts._call import unresolved
    from slsacheck.evidence.publications.scripts.storage import SITE

    paths = (item.value for item in run.job.artifacts if item.name.startswith("artifacts.objects.paths"))
    what = tuple(name for path in paths for name in path.split("\n") if not SITE.search(name))
    bucket = location.value.removeprefix("gs://").split("/")[0]
    channel = "object-storage" if unresolved(bucket) else bucket
    if what:
        detail = (("bucket", "yes"),)
        at = location.at
        yield _act(
            ActKind.PUBLISH, "google cloud build", at, channel=channel, what=what, provenance="no", detail=detail
        )


def _kpack(run: Run) -> Iterator[Act]:
    """The image of a kpack manifest: built by buildpacks in a cluster, whose controller may attest and sign it."""
    keyed = any(item.name.startswith("cosign") for item in run.job.options)
    detail = (("builds", "yes"), ("made-by", "buildpacks"), ("sbom", "yes"))
    for item in run.job.options:
        if item.name != "tag" and not item.name.startswith("additionalTags"):
            continue
        for line in item.value.split("\n"):
            yield _act(
                ActKind.PUBLISH,
                "kpack",
                item.at,
                type="container-image",
                channel=channel_of_image(line),
                name=image_name(line),
                provenance="unknown",
                signing="key" if keyed else None,
                external=run.pipeline.external,
                detail=detail,
            )
