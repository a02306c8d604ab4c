"""The machine of a release, and builds that change their own source."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slsacheck.model import Finding, RunnerKind
from slsacheck.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from slsacheck.evidence.hazards.scene import Scene
    from slsacheck.model import Job, Place

__all__ = [
    "builders_with_rights",
    "changed_sources",
    "docker_sockets",
    "own_runners",
    "privileged_containers",
    "signing_keys",
]

_SOCKET = regex(r"/var/run/docker\.sock|/run/podman/podman\.sock|containerd\.sock")
_IN_DOCKER = regex(r"\bdocker(?:\.io/library/docker)?:[\w.-]*dind\b|\bdind\b")
_INSECURE = regex(r"\bsecurity\.insecure\b")
_GRANTS = frozenset({"allow", "buildkitd-flags", "driver-opts", "set"})
_ENGINES = frozenset({"docker", "buildctl", "buildkitd", "nerdctl", "depot"})
_KEY = regex(r"secrets\.([\w]*(?:COSIGN|SIGNING|GPG|SIGSTORE)\w*(?:KEY|PRIVATE)\w*)", re.IGNORECASE)


def own_runners(scene: Scene) -> Iterator[Finding]:
    """Releases built on machines that the project runs itself."""
    for _, job in scene.jobs():
        if job.runner is not None and job.runner.kind is RunnerKind.SELF_HOSTED and scene.released(job):
            reason = f"the release is built on {job.runner.label}; is that machine thrown away after the job?"
            remedy = "use a hosted runner, or run the own one as a single-use (ephemeral) machine and declare it"
            names = ("zizmor: self-hosted-runner", "poutine: pr_runs_on_self_hosted")
            yield Finding("self-hosted-runner", "low", reason, (job.runner.at,), remedy, names)


def docker_sockets(scene: Scene) -> Iterator[Finding]:
    """Release jobs that can steer the machine's own container engine, or start one of their own with all rights."""
    for _, job in scene.jobs():
        if not scene.released(job):
            continue
        if any(_SOCKET.search(volume) for volume in job.volumes):
            reason = "the build can reach the container engine of the machine that it runs on"
            remedy = "build images without the engine's socket (rootless BuildKit, Buildah, Kaniko, ko)"
            yield Finding("docker-socket", "low", reason, (job.at,), remedy)
        for service in job.services:
            if _IN_DOCKER.search(service.raw):
                reason = (
                    "the build starts a container engine of its own, for which its runner must give containers all "
                    "rights; only the runner's settings tell what such a job can reach"
                )
                remedy = "build images without an engine (rootless BuildKit, Buildah, Kaniko, ko)"
                yield Finding("docker-socket", "low", reason, (service.at,), remedy)


def privileged_containers(scene: Scene) -> Iterator[Finding]:
    """Containers of a release build with all rights on their machine: what builds in them can leave them."""
    for _, job in scene.jobs():
        if not (scene.released(job) and job.privileged):
            continue
        hosted = job.runner is not None and job.runner.hosted
        kept = job.runner is not None and job.runner.kind is RunnerKind.SELF_HOSTED
        what = "a machine that is thrown away after the job" if hosted else "a machine that other builds may share"
        reason = f"the release is built in a container with all rights on {what}"
        remedy = "take `privileged` out; build images rootless (BuildKit, Buildah, Kaniko, ko)"
        yield Finding("weakened-isolation", "medium" if kept else "low", reason, job.privileged, remedy)


def builders_with_rights(scene: Scene) -> Iterator[Finding]:
    """Image builders that let the steps of a Dockerfile leave their sandbox."""
    for _, job in scene.jobs():
        if scene.released(job):
            for at in (*_granted(job), *_asked(scene, job)):
                reason = "the builder lets steps of a Dockerfile run with all rights, so they can change other builds"
                remedy = "take security.insecure out, and build in user space (rootless)"
                yield Finding("weakened-isolation", "low", reason, (at,), remedy)


def _granted(job: Job) -> Iterator[Place]:
    for step in job.steps:
        for item in step.inputs if step.uses is not None else ():
            if item.name.lower() in _GRANTS and _INSECURE.search(item.value):
                yield item.at


def _asked(scene: Scene, job: Job) -> Iterator[Place]:
    for script in scene.scripts(job):
        for command in scene.commands(script) if _INSECURE.search(script.text) else ():
            if command.program in _ENGINES and any(_INSECURE.search(word) for word in command.argv):
                yield script.at(command.line)


def changed_sources(scene: Scene) -> Iterator[Finding]:
    """Releases that commit, merge, patch or move to another revision: provenance then names the one before."""
    from slsacheck.evidence.publications.revisions import OTHER_SOURCE

    for _, job in scene.jobs():
        if not scene.released(job):
            continue
        for script in scene.scripts(job):
            lines = enumerate(script.text.split("\n"), script.line)
            line = next((number for number, text in lines if OTHER_SOURCE.match(text)), None)
            if line is not None:
                reason = "the release changes its own source, so provenance names the revision before the change"
                remedy = "commit and tag first, and let the tag start the release"
                yield Finding("mutable-source", "low", reason, (script.at(line),), remedy)


def signing_keys(scene: Scene) -> Iterator[Finding]:
    """Private signing keys in reach of the steps that build."""
    for _, job in scene.jobs():
        if not scene.released(job):
            continue
        for step in job.steps:
            for item in (*step.env, *step.inputs):
                match = _KEY.search(item.value)
                if match:
                    reason = (
                        f"the long-lived key {match.group(1)} lies in the environment that runs the build's own steps"
                    )
                    remedy = "sign keyless (Sigstore), or in a job of its own that runs nothing of the build"
                    yield Finding("broken-authenticity", "low", reason, (item.at,), remedy)
