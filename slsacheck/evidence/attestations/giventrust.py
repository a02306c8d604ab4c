"""What a user gives beside the attestation to say whom to believe: a trusted root, roots of signers, a policy."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, TypeVar

from slsacheck.evidence.attestations.notarypolicy import is_pem, load_roots, policy_of
from slsacheck.evidence.attestations.steps import RefusedError
from slsacheck.evidence.attestations.trustdata import TrustData, load_domains
from slsacheck.record import replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from slsacheck.model.attestation import Case

__all__ = ["of_the_user", "trusted_by"]

T = TypeVar("T")


def of_the_user(read: Callable[[Case, TrustData], T]) -> Callable[[Case, TrustData], T]:
    """For what reads what the user gave beside the attestation: where it cannot be read nothing is refuted."""

    @wraps(read)
    def reading(case: Case, trust: TrustData) -> T:
        try:
            return read(case, trust)
        except RefusedError as problem:
            if problem.reason_class == "malformed":
                problem.verdict = "unknown"
            raise

    return reading


@of_the_user
def trusted_by(case: Case, trust: TrustData) -> TrustData:
    """The trust data with what the user gave instead: a Sigstore trusted root, or X.509 roots of signers."""
    if case.timestamp_root is not None:
        trust = replace(trust, x509_timestamp_roots=load_roots(case.timestamp_root))
    if case.trusted_root is not None and is_pem(case.trusted_root):
        trust = replace(trust, domains=(), x509_roots=load_roots(case.trusted_root))
    elif case.trusted_root is not None:
        trust = replace(trust, domains=load_domains(case.trusted_root))
    trust = _with_authorities(case, trust)
    if case.trust_policy is not None:
        scope = case.image_ref.partition("@")[0].rpartition(":")[0] if case.image_ref else None
        identities, stores = policy_of(case.trust_policy, scope)
        trust = replace(trust, x509_identities=identities, x509_stores=stores)
    return trust


def _with_authorities(case: Case, trust: TrustData) -> TrustData:
    """With the authorities in the words of cosign: roots and intermediates, or one chain whose last is the root."""
    if case.ca_roots is None and case.ca_intermediates is None and case.certificate_chain is None:
        return trust
    roots, between = trust.x509_roots, trust.x509_intermediates
    if case.ca_intermediates is not None:
        between = load_roots(case.ca_intermediates)
    if case.ca_roots is not None:
        roots += load_roots(case.ca_roots)
    if case.certificate_chain is not None:
        *below, top = load_roots(case.certificate_chain)
        roots, between = (*roots, top), (*between, *below)
    if between and not roots:
        raise RefusedError("malformed", "--ca-intermediates lead nowhere without --ca-roots", step="trust")
    return replace(trust, x509_roots=roots, x509_intermediates=between)
