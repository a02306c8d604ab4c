"""Why a tool that makes provenance by itself cannot do so where it runs: rights, runners, packages, systems."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.evidence.publications.covers import REFUSES
from slsacheck.evidence.publications.happening import lacks
from slsacheck.model import RunnerKind
from slsacheck.patterns import regex

if TYPE_CHECKING:
    from slsacheck.evidence.publications.acts import Act
    from slsacheck.evidence.publications.deeds import Run

__all__ = ["refusal"]

NPM_SYSTEMS = ("github-actions", "gitlab-ci")
"""Where npm knows how to make provenance."""
SIGNS_WITH = "id_tokens.SIGSTORE_ID_TOKEN"
OLD = regex(r"^v?(?:[1-9]|1[0-7])(?:\.|$)")
"""Versions of Node.js that come with npm before 9.5."""
NEWER = regex(r"\bnpm@|\b(?:pnpm|yarn|lerna|corepack)\b")
"""What brings another program that publishes."""
OTHERS = (RunnerKind.SELF_HOSTED, RunnerKind.THIRD_PARTY)
"""Machines that GitHub's identity tokens call `self-hosted`."""


def refusal(run: Run, act: Act) -> tuple[str, str] | None:
    """How far the tool's own provenance reaches where something stands against it, and what that is."""
    if act.fact("broken"):
        return "no", REFUSES[act.fact("broken") == "retired"]
    if run.top.system == "github-actions" and (missing := lacks(run, act.root or "")):
        return "no", f"the job has no `{missing}` permission, so no provenance can be signed"
    return _npm(run, act) if act.root == "npm-provenance" and act.provenance == "yes" else None


def _npm(run: Run, act: Act) -> tuple[str, str] | None:
    if act.fact("private"):
        return "no", "package.json says `private`, and npm publishes no such package"
    system, runner = run.top.system, run.job.runner
    if system not in NPM_SYSTEMS:
        return "unknown", "npm makes provenance in GitHub Actions and GitLab CI only"
    if system == "gitlab-ci" and not any(item.name.startswith(SIGNS_WITH) for item in run.job.options):
        return "no", "the job has no `SIGSTORE_ID_TOKEN` among its `id_tokens:`, without which npm cannot sign"
    if system == "github-actions" and runner is not None and runner.kind in OTHERS:
        return "no", f"npm refuses provenance from runners that GitHub does not host ({runner.label})"
    if system == "github-actions" and _old(run):
        return "no", "the npm of Node.js 16 and before does not know provenance"
    return None


def _old(run: Run) -> bool:
    """Whether the job sets up a Node.js whose npm is too old, and no newer npm."""
    versions = [
        item.value.strip()
        for step in run.job.steps
        if step.uses is not None and step.uses.name.lower() == "actions/setup-node"
        for item in step.inputs
        if item.name.lower() == "node-version"
    ]
    newer = any(step.script is not None and NEWER.search(step.script) for step in run.job.steps)
    return bool(versions) and not newer and all(OLD.match(version) for version in versions)
