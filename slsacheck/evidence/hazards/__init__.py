"""Hazards on the way to a release, and hints: findings apart from levels, which they never move."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.evidence.hazards import inputs, machines, rights, untrusted
from slsacheck.evidence.hazards.hints import hints_of
from slsacheck.evidence.hazards.scene import Scene

if TYPE_CHECKING:
    from slsacheck.evidence.dockerfiles import Published
    from slsacheck.evidence.tree import Tree
    from slsacheck.model import Finding, Pipeline, Place, Publication

__all__ = ["RULES", "hazards", "hints"]

RULES = (
    untrusted.privileged_checkouts,
    untrusted.template_injections,
    untrusted.untrusted_publishing,
    untrusted.artifacts_of_other_runs,
    rights.wide_tokens,
    rights.inherited_secrets,
    rights.exposed_secrets,
    rights.long_lived_tokens,
    inputs.mutable_references,
    inputs.mutable_workflows,
    inputs.caches,
    inputs.downloads,
    inputs.tools_of_any_version,
    machines.own_runners,
    machines.docker_sockets,
    machines.privileged_containers,
    machines.builders_with_rights,
    machines.changed_sources,
    machines.signing_keys,
)
"""Every rule: a function of the scene that yields findings."""

_ORDER = {"high": 0, "medium": 1, "low": 2, "info": 3}


def hazards(
    tree: Tree,
    pipelines: tuple[Pipeline, ...],
    publications: tuple[Publication, ...],
    dockerfiles: tuple[Published, ...] = (),
) -> tuple[Finding, ...]:
    """What breaks authenticity or isolation, only where it touches something published or a secret; worst first."""
    scene = Scene(tree, pipelines, publications)
    found = [one for rule in RULES for one in rule(scene)]
    if dockerfiles:
        from slsacheck.evidence.hazards.dockerfiles import dockerfile_hazards

        found += dockerfile_hazards(dockerfiles)
    found.sort(key=lambda one: (_ORDER[one.severity], one.rule))
    worst: dict[tuple[str, tuple[Place, ...]], Finding] = {}
    for one in found:  # several jobs can share a step: it is told once, as badly as it stands anywhere
        worst.setdefault((one.rule, one.at), one)
    return tuple(worst.values())


def hints(
    tree: Tree,
    pipelines: tuple[Pipeline, ...],
    publications: tuple[Publication, ...],
    dockerfiles: tuple[Published, ...] = (),
) -> tuple[Finding, ...]:
    """Advice that is worth having and decides nothing."""
    found = tuple(hints_of(Scene(tree, pipelines, publications)))
    if not dockerfiles:
        return found
    from slsacheck.evidence.hazards.dockerfile_hints import dockerfile_hints

    return (*found, *dockerfile_hints(dockerfiles, tree))
