"""Look-ups in logs, forges and registries, only where the user asked for them (`--online`).

What comes back is a stranger's word until the verifier that works offline has judged it; nothing here decides that an
attestation is good. `services` says who may be asked, `verify_online` looks up what a case lacks and verifies it,
`OnlineShelf` adds what is found for an artifact to what lies beside it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from slsacheck.evidence.attestations.trustdata import TrustData
    from slsacheck.evidence.online.cases import Answered
    from slsacheck.evidence.online.client import Client
    from slsacheck.evidence.online.services import Services
    from slsacheck.model.attestation import Case

__all__ = ["open_client", "verify_online"]


def open_client(services: Services) -> Client:
    """A client that speaks to these services and to nobody else."""
    from slsacheck.evidence.online.client import Client

    return Client(services)


def verify_online(case: Case, services: Services, trust: TrustData | None = None) -> Answered:
    """The verdict on a case, with what it lacks looked up first; what was asked and answered comes along."""
    from slsacheck.evidence.online.cases import verify_online as run

    return run(case, services, trust)
