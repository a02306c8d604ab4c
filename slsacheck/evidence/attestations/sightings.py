"""When a signature was seen, by logs and timestamp authorities: every entry and timestamp that is there must hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.evidence.attestations.binding import bind_entry
from slsacheck.evidence.attestations.rekor import entry_body, verify_inclusion
from slsacheck.evidence.attestations.steps import RefusedError
from slsacheck.evidence.attestations.trustdata import TrustDomain
from slsacheck.evidence.attestations.tsa import verify_timestamp

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from slsacheck.evidence.attestations.envelope import Attestation, Signature
    from slsacheck.evidence.attestations.steps import Trail
    from slsacheck.evidence.attestations.trustdata import TrustData

__all__ = ["check_logs", "log_domain", "log_moments", "seen", "stamped_moments"]


def log_moments(attestation: Attestation, verifier: bytes, domain: TrustDomain, trail: Trail) -> list[datetime]:
    """When logs took the signature up; `verifier` is the certificate or key in DER. Raises RefusedError."""
    found = []
    for entry in attestation.entries:
        body = entry_body(entry)
        inclusion = verify_inclusion(entry, domain, proof_required=attestation.proof_required)
        bind_entry(body, attestation, verifier)
        trail.passed("log-inclusion", inclusion.how)
        if inclusion.moment is not None:
            found.append(inclusion.moment)
    return found


def stamped_moments(
    attestation: Attestation, signature: Signature, domain: TrustDomain, trail: Trail
) -> list[datetime]:
    """When timestamp authorities saw the signature. Raises RefusedError."""
    found = []
    for token in attestation.timestamps:
        moment = verify_timestamp(token, signature.raw, domain)
        trail.passed("timestamp", f"signed timestamp of {moment:%Y-%m-%dT%H:%M:%SZ}")
        found.append(moment)
    return found


def seen(
    attestation: Attestation,
    signature: Signature,
    verifier: bytes,
    domain: TrustDomain,
    trail: Trail,
    *,
    without: str = "a signature by a known key needs no log entry",
) -> tuple[datetime, ...]:
    """Every time at which somebody trusted saw the signature; where no log is asked for, `without` says why."""
    if not attestation.entries and not attestation.timestamps:
        trail.skipped("log-inclusion", without)
        return ()
    moments = log_moments(attestation, verifier, domain, trail)
    stamped = stamped_moments(attestation, signature, domain, trail)
    check_logs(attestation, domain, stamped)
    return (*moments, *stamped)


def check_logs(attestation: Attestation, domain: TrustDomain, stamped: Sequence[datetime]) -> None:
    """A log that states no time itself counted when timestamps say that the signature was made (Rekor v2)."""
    for entry in attestation.entries:
        log = domain.log(entry.log_id) if entry.promise is None else None
        if log is not None and not all(log.window.holds(moment) for moment in stamped):
            raise RefusedError(
                "log-invalid", "the log's key did not count when the signature was made", step="log-inclusion"
            )


def log_domain(attestation: Attestation, trust: TrustData) -> TrustDomain:
    """The instance whose log the entries are of; the first one where there is none."""
    ids = {entry.log_id for entry in attestation.entries}
    for domain in trust.domains:
        if any(log.id in ids for log in domain.logs):
            return domain
    return trust.domains[0] if trust.domains else TrustDomain("none")
