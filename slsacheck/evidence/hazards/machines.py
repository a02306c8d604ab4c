"""The machine of a release, and builds that change their own source."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slsacheck.model import Finding, RunnerKind
from slsacheck.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from slsacheck.evidence.hazards.scene import Scene

__all__ = ["changed_sources", "docker_sockets", "own_runners", "signing_keys"]

_SOCKET = regex(r"/var/run/docker\.sock|\bdocker:[\w.-]*dind\b|--privileged\b")
_COMMITS = regex(r"\bgit\s+(?:-\S+\s+)*(?:commit|tag\s+-f|push\s+(?:-f|--force))\b")
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
    """Release jobs that can steer the machine's own container engine."""
    for _, job in scene.jobs():
        if not scene.released(job):
            continue
        reason = "the build can reach the container engine of the machine that it runs on"
        remedy = "build images without the engine's socket (rootless BuildKit, Buildah, Kaniko, ko)"
        if any(_SOCKET.search(volume) for volume in job.volumes) or any(
            _SOCKET.search(item.raw) for item in job.services
        ):
            yield Finding("docker-socket", "low", reason, (job.at,), remedy)


def changed_sources(scene: Scene) -> Iterator[Finding]:
    """Releases that commit or move tags before they build: provenance then names another revision."""
    for _, job in scene.jobs():
        if not scene.released(job):
            continue
        for script in scene.scripts(job):
            match = _COMMITS.search(script.text)
            if match:
                line = script.line + script.text.count("\n", 0, match.start())
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
