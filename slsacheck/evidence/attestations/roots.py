"""Trust roots in force: which of them a verified signer and builder.id meet."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from slsacheck.record import record

if TYPE_CHECKING:
    from collections.abc import Callable

    from slsacheck.evidence.attestations.authenticate import Authenticity
    from slsacheck.evidence.attestations.certificates import Identity
    from slsacheck.evidence.attestations.provenance import Provenance
    from slsacheck.evidence.attestations.trustdata import TrustData
    from slsacheck.model.catalogue import TrustRoot

__all__ = ["builder_matches", "is_own_workflow", "known_signer", "match_root", "roots_in_force", "tenant_signed"]

_MAX_NAME = 2048
"""Characters of a builder's or signer's name that a trust root can mean: addresses are shorter."""

Pairs = tuple[tuple[str, str], ...]


def roots_in_force(trust: TrustData) -> tuple[TrustRoot, ...]:
    """The user's own roots and the shipped ones."""
    return trust.extra_roots + (_shipped() if trust.roots is None else trust.roots)


@cache
def _shipped() -> tuple[TrustRoot, ...]:
    from slsacheck.catalog import load

    return load().trust_roots


@lru_cache(maxsize=512)
def _pattern(text: str) -> re.Pattern[str] | None:
    """The compiled pattern; None where a user's pattern is broken, which then fits nothing."""
    try:
        return re.compile(text, re.ASCII)
    except re.error:
        return None


def _fits(pattern: str, value: str | None) -> bool:
    if value is None or len(value) > _MAX_NAME:
        return False
    return _name_fits(pattern, value)


@lru_cache(maxsize=4096)
def _name_fits(pattern: str, value: str) -> bool:
    """Whether the pattern fits; remembered, because the names of builders and signers come again and again."""
    compiled = _pattern(pattern)
    return compiled is not None and compiled.fullmatch(value) is not None


@lru_cache(maxsize=1024)
def _grouped(pairs: Pairs) -> dict[str, tuple[str, ...]]:
    """The values under each name."""
    found: dict[str, tuple[str, ...]] = {}
    for name, value in pairs:
        found[name] = (*found.get(name, ()), value)
    return found


def _any_fits(patterns: tuple[str, ...], value: str | None) -> bool:
    return any(_fits(pattern, value) for pattern in patterns)


def _roots_of(builder_id: str, trust: TrustData) -> list[TrustRoot]:
    """The roots that are about that builder."""
    if len(builder_id) > _MAX_NAME:
        return []
    return [root for root in roots_in_force(trust) if _name_fits(root.builder_id, builder_id)]


def _signer_fits(root: TrustRoot, who: Authenticity) -> bool:
    asked = _grouped(root.signer)
    kind = asked.get("kind")
    if kind == ("fulcio",):
        identity = who.identity
        return (
            identity is not None
            and not who.family  # a certificate of Sigstore, and of nobody else's authority
            and _any_fits(asked.get("identity", ()), identity.name)
            and _any_fits(asked.get("issuer", ()), identity.issuer)
        )
    if kind == ("named-key",):
        return who.key is not None and (who.family,) == asked.get("family") != ("key",)
    if kind == ("public-key",):
        return who.key is not None and who.key in asked.get("fingerprint", ())
    return False


def is_own_workflow(identity: Identity) -> bool:
    """Whether the signing workflow lies in the source repository that the certificate names."""
    source = identity.source_uri
    return source is not None and identity.name.startswith(f"{source}/")


def builder_matches(expected: str, builder_id: str) -> bool:
    """Whether a builder.id is the expected one: same name, and the same version where the expectation has one.

    `@v1.2.3` and `@refs/tags/v1.2.3` are the same version.
    """
    name, _, version = expected.partition("@")
    have_name, _, have_version = builder_id.partition("@")
    return (
        bool(name) and name == have_name and (version in ("", have_version) or f"refs/tags/{version}" == have_version)
    )


@record
class _Asked:
    """What the conditions of a root are asked about; `contradictions` as for `match_root`."""

    who: Authenticity
    provenance: Provenance
    expected_builder: str | None
    contradictions: Callable[[], object]


def _builder_condition(asked: _Asked, value: str) -> bool:
    builder, expected = asked.provenance.builder_id, asked.expected_builder
    if value == "signer":
        return asked.who.identity is not None and builder == asked.who.identity.name
    return value == "expected" and bool(expected) and builder_matches(expected or "", builder)


def _log_condition(asked: _Asked, _value: str) -> bool:
    return asked.who.logged or (asked.who.domain == "github" and asked.who.moment is not None)


def _runner_condition(asked: _Asked, value: str) -> bool:
    identity = asked.who.identity
    return identity is not None and _runner_holds(value, identity.claim("runner_environment"))


_CONDITIONS: dict[str, Callable[[_Asked, str], bool]] = {
    "builder": _builder_condition,
    "build_type": lambda asked, value: _fits(value, asked.provenance.build_type),
    "predicate_type": lambda asked, value: _fits(value, asked.provenance.predicate_type),
    "source": lambda asked, _: asked.who.identity is not None and is_own_workflow(asked.who.identity),
    "runner": _runner_condition,
    "claims": lambda asked, _: not asked.contradictions(),
    "log": _log_condition,
    "instance": lambda asked, value: asked.who.domain == value,
}
"""The conditions that this version knows; one that it does not know never holds."""


def _runner_holds(value: str, said: str | None) -> bool:
    return said != "self-hosted" if value == "not-self-hosted" else said == value


def match_root(
    who: Authenticity,
    provenance: Provenance,
    trust: TrustData,
    expected_builder: str | None,
    contradictions: Callable[[], object],
) -> TrustRoot | None:
    """The trust root with the highest level whose signer, builder.id and conditions all fit; None when none does.

    `contradictions` answers with what the provenance says against the certificate (empty when nothing); a condition
    that this version does not know never holds.
    """
    asked = _Asked(who, provenance, expected_builder, contradictions)
    found = [
        root
        for root in _roots_of(provenance.builder_id, trust)  # the cheaper question first
        if _signer_fits(root, who) and _conditions_hold(root, asked)
    ]
    return max(found, key=lambda root: (not root.documented, root.level), default=None)


def _conditions_hold(root: TrustRoot, asked: _Asked) -> bool:
    """Whether of each condition one of its values holds."""
    for name, values in _grouped(root.conditions).items():
        condition = _CONDITIONS.get(name)
        if condition is None or not any(condition(asked, value) for value in values):
            return False
    return True


def tenant_signed(who: Authenticity, provenance: Provenance, trust: TrustData) -> bool:
    """Whether tenants' own jobs could have signed: then a predicate field counts only where the certificate agrees.

    True for every certificate but those of the signers that a root trusts without asking for the certificate's word.
    """
    if who.identity is None or who.family:
        return False
    return not any(
        _signer_fits(root, who) and ("claims", "certificate") not in root.conditions and root.level > 0
        for root in _roots_of(provenance.builder_id, trust)
    )


def known_signer(identity: Identity, trust: TrustData) -> bool:
    """Whether a root names this very signer rather than whole platforms on which everybody's workflows sign."""
    from slsacheck.evidence.attestations.authenticate import Authenticity

    who = Authenticity(identity)
    return any(
        _signer_fits(root, who) and ("claims", "certificate") not in root.conditions and root.level > 0
        for root in roots_in_force(trust)
    )
