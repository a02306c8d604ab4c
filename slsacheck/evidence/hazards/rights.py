"""Tokens and secrets: who holds more than the release needs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slsacheck.model import Finding
from slsacheck.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from slsacheck.evidence.hazards.scene import Scene
    from slsacheck.model import Job, Permissions, Pipeline

__all__ = ["exposed_secrets", "inherited_secrets", "long_lived_tokens", "wide_tokens"]

_DANGEROUS = frozenset({"contents", "packages", "id-token", "actions", "attestations", "deployments", "*"})
_IN_SCRIPT = regex(r"\$\{\{[^}]*\bsecrets\s*(?:\.\s*(?!GITHUB_TOKEN\b)[\w-]+|\[)[^}]*\}\}", re.IGNORECASE)
_ALL = regex(r"toJSON\(\s*secrets\s*\)|secrets\[\s*(?:format\(|inputs|matrix|env|github)", re.IGNORECASE)
_LONG_LIVED = regex(
    r"secrets\.([\w]*(?:NPM|PYPI|TWINE|CARGO|CRATES|GEM|RUBYGEMS|NUGET|OSSRH|SONATYPE|MAVEN|DOCKER|QUAY|HOMEBREW|TAP|SNAPCRAFT)"
    r"[\w]*(?:TOKEN|PASSWORD|PASS|KEY|AUTH|PAT|LOGIN)\w*)",
    re.IGNORECASE,
)
_WIDE = (
    "zizmor: excessive-permissions",
    "Scorecard: Token-Permissions",
    "poutine: default_permissions_on_risky_events",
)


def wide_tokens(scene: Scene) -> Iterator[Finding]:
    """Write rights given to every job of a workflow where one of them needs them, and all rights given to one."""
    for pipeline in scene.pipelines:
        held = _writes(pipeline.permissions)
        live = [job for job in pipeline.jobs if job.live]
        users = [job for job in live if not job.permissions.declared]
        if pipeline.system != "github-actions" or not held or not users:
            continue
        at = pipeline.permissions.at or pipeline.at
        many = len(users) > 1 and any(scene.matters(job) for job in live)
        severity = "medium" if many and ("*" in held or len(_DANGEROUS & set(held)) > 1) else "low"
        scopes = ", ".join(sorted(held)).replace("*", "everything")
        reason = f"every job of this workflow gets a token that may write {scopes}"
        remedy = "set `permissions: {}` at the top of the workflow and give each job what it needs"
        yield Finding("excessive-permissions", severity, reason, (at,), remedy, _WIDE)
    for pipeline, job in scene.jobs():
        if pipeline.system != "github-actions" or "*" not in _writes(job.permissions):
            continue
        severity = "medium" if scene.matters(job) or scene.calls_release(job) else "low"
        reason = f"the token of the job {job.id} may write everything"
        remedy = "give the job the rights that it needs, one by one, under `permissions:`"
        at = job.permissions.at or job.at
        yield Finding("excessive-permissions", severity, reason, (at,), remedy, _WIDE)


def _writes(permissions: Permissions) -> list[str]:
    return [scope for scope, access in permissions.scopes if access == "write"]


def inherited_secrets(scene: Scene) -> Iterator[Finding]:
    """`secrets: inherit`: every secret goes to the called workflow."""
    for _, job in scene.jobs():
        if not job.inherits_secrets or job.uses is None:
            continue
        outside = job.uses.pin.value not in ("local", "same_repository")
        severity = "low" if not outside else "low" if job.uses.pin.value == "by_sha" else "medium"
        reason = f"all secrets are handed to {job.uses.raw}"
        remedy = "name the secrets that it needs under `secrets:`"
        at = next((item.at for item in job.secrets), job.uses.at)
        yield Finding("inherited-secrets", severity, reason, (at, job.uses.at), remedy, ("zizmor: secrets-inherit",))


def exposed_secrets(scene: Scene) -> Iterator[Finding]:
    """Secrets in the text of a script, in a URL, or by a computed name."""
    for _, job in scene.jobs():
        for script in scene.scripts(job):
            for match in _IN_SCRIPT.finditer(script.text):
                line = script.line + script.text.count("\n", 0, match.start())
                reason = (
                    f"{match.group(0)} is pasted into the text of a script, where it can be logged or break the quoting"
                )
                remedy = "hand it over by the environment: `env: TOKEN: ${{ secrets.… }}`"
                yield Finding(
                    "secret-exposure", "medium", reason, (script.at(line),), remedy, ("zizmor: secrets-outside-env",)
                )
        yield from _all_secrets(job)


def _all_secrets(job: Job) -> Iterator[Finding]:
    for step in job.steps:
        for item in (*step.env, *step.inputs):
            if _ALL.search(item.value):
                reason = f"`{item.name}` gets every secret, or one whose name is computed"
                remedy = "name the one secret that is needed"
                yield Finding(
                    "secret-exposure", "medium", reason, (item.at,), remedy, ("zizmor: overprovisioned-secrets",)
                )


def long_lived_tokens(scene: Scene) -> Iterator[Finding]:
    """Passwords and tokens for publishing that do not expire by themselves."""
    for pipeline, job in scene.jobs():
        if not scene.released(job) or pipeline.system != "github-actions":
            continue
        yield from _tokens(pipeline, job)


def _tokens(_pipeline: Pipeline, job: Job) -> Iterator[Finding]:
    seen: set[str] = set()
    for step in job.steps:
        for item in (*step.env, *step.inputs):
            match = _LONG_LIVED.search(item.value)
            if match and match.group(1) not in seen:
                seen.add(match.group(1))
                reason = f"{match.group(1)} publishes for as long as nobody revokes it"
                remedy = "use trusted publishing (a short-lived token by OpenID Connect) where the registry offers it"
                yield Finding(
                    "long-lived-publish-token", "low", reason, (item.at,), remedy, ("zizmor: use-trusted-publishing",)
                )
