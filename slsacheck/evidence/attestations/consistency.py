"""What a provenance says against the certificate of its signer.

Where the job that builds also signs, the predicate is the tenant's word. Fulcio's claims are not: they come from the CI
system's token. A field that differs refutes; a field that the certificate does not confirm is not believed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.evidence.attestations.jsondoc import as_map, as_text
from slsacheck.evidence.attestations.provenance import repository_of
from slsacheck.evidence.attestations.refs import normal_repository, split_ref

if TYPE_CHECKING:
    from slsacheck.evidence.attestations.certificates import Identity
    from slsacheck.evidence.attestations.provenance import Provenance

__all__ = ["contradictions"]

_RUN = "/actions/runs/"


def _run(identity: Identity) -> tuple[str, str]:
    """Number and attempt of the GitHub run that the certificate names."""
    tail = (identity.claim("run_uri") or "").partition(_RUN)[2]
    number, _, attempt = tail.partition("/attempts/")
    return number, attempt


def _expected_invocation(identity: Identity, invocation: str) -> str:
    """The run as the provenance would name it: as URL, or in the older form `NUMBER-ATTEMPT`."""
    uri = identity.claim("run_uri") or ""
    if "://" in invocation:
        return uri
    number, attempt = _run(identity)
    return f"{number}-{attempt}" if number else uri


def _environment(provenance: Provenance, identity: Identity) -> dict[str, tuple[str, str | None]]:
    """Values that the platform is said to have set, with what the certificate says of each."""
    said = provenance.environment
    number, attempt = _run(identity)
    nested = as_map(said.get("github"))
    source = (identity.source_uri or "").partition("://")[2].partition("/")[2]
    trigger = identity.claim("trigger")
    config = identity.claim("build_config_uri") or identity.name
    known: dict[str, str | None] = {
        "GITHUB_EVENT_NAME": trigger,
        "GITHUB_REF": identity.claim("source_ref"),
        "GITHUB_REPOSITORY": source,
        "GITHUB_REPOSITORY_ID": identity.claim("source_id"),
        "GITHUB_REPOSITORY_OWNER_ID": identity.claim("source_owner_id"),
        "GITHUB_RUN_ID": number or None,
        "GITHUB_RUN_ATTEMPT": attempt or None,
        "GITHUB_SHA": identity.claim("source_digest"),
        "GITHUB_WORKFLOW_REF": config.partition("://")[2].partition("/")[2],
        "GITHUB_WORKFLOW_SHA": identity.claim("build_config_digest") or identity.claim("source_digest"),
    }
    fields = {name: (as_text(said[name]), value) for name, value in known.items() if name in said}
    inner = {
        "event_name": trigger,
        "repository_id": identity.claim("source_id"),
        "repository_owner_id": identity.claim("source_owner_id"),
        "runner_environment": identity.claim("runner_environment"),
    }
    return fields | {
        f"github.{name}": (as_text(nested[name]), value) for name, value in inner.items() if name in nested
    }


def _own_words(provenance: Provenance, identity: Identity) -> dict[str, tuple[str, str | None]]:
    source = identity.source_uri
    config = identity.claim("build_config_uri")
    fields: dict[str, tuple[str, str | None]] = {
        "source repository": (repository_of(provenance), normal_repository(source) if source else None),
        "source ref": (provenance.ref, identity.claim("source_ref")),
        "source revision": (provenance.digest, identity.claim("source_digest")),
    }
    if provenance.material:
        repository, ref = split_ref(provenance.material)
        fields["first dependency"] = (normal_repository(repository), fields["source repository"][1])
        if ref:
            fields["first dependency's ref"] = (ref, identity.claim("source_ref"))
    if provenance.entry_point and config and source:
        path = config.rpartition("@")[0].removeprefix(f"{source}/").removeprefix("/")
        fields["workflow"] = (provenance.entry_point, path)
    if provenance.invocation_id and "github" in identity.issuer:
        fields["invocation"] = (provenance.invocation_id, _expected_invocation(identity, provenance.invocation_id))
    return fields


def contradictions(provenance: Provenance, identity: Identity) -> tuple[list[str], list[str]]:
    """(what differs, what the certificate does not confirm), each a field with both values for a message."""
    differs, open_ends = [], []
    for name, (said, certified) in (_own_words(provenance, identity) | _environment(provenance, identity)).items():
        if not certified:
            if said:
                open_ends.append(name)
        elif said != certified:
            differs.append(f"{name} is {said or 'missing'}, the certificate says {certified}")
    return differs, open_ends
