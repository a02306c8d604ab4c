"""The attestations of one artifact: every one that was found for it, verified alone."""

from typing import TYPE_CHECKING

from slsacheck.errors import SlsacheckError
from slsacheck.model import Case, Expectations, Target, Verification
from slsacheck.record import record, replace

if TYPE_CHECKING:
    from slsacheck.evidence.attestations.trustdata import TrustData
    from slsacheck.evidence.targets import OpenedTarget

__all__ = ["Rules", "verifications"]


@record
class Rules:
    """By what attestations are judged: expectations, trust data, keys."""

    expectations: Expectations
    trust: "TrustData"
    trusted_root: str | None
    public_key: str | None
    fixed: tuple[tuple[str, str], ...]


def verifications(
    path: str, digests: tuple[tuple[str, str], ...], target: Target, rules: Rules, opened: "OpenedTarget"
) -> tuple[tuple[Verification, ...], list[str]]:
    """Every attestation for the artifact, verified, and where was looked.

    Files that the user gave or that carry the artifact's name count whatever they say. Files for a whole folder, and
    those given for several artifacts, count where they speak of this one.
    """
    near = opened.shelf.nearby(path)
    given = target.attestations
    alone = len(target.artifacts) == 1
    sure = [*near.own, *(given if alone else ())]
    maybe = [*(() if alone else given), *near.wide]
    found: list[Verification] = []
    for name in dict.fromkeys(sure):
        found.extend(_verified(name, digests, rules, opened))
    for name in dict.fromkeys(maybe):
        if name not in sure:
            found.extend(one for one in _verified(name, digests, rules, opened) if _speaks_of_it(one, digests))
    return tuple(found), list(dict.fromkeys([*given, *near.looked]))


def _speaks_of_it(verification: Verification, digests: tuple[tuple[str, str], ...]) -> bool:
    """Whether the attestation could be read and names the artifact as a subject; it decides only what is shown."""
    from slsacheck.evidence.attestations import subjects_match

    return subjects_match(verification.statement.subjects, dict(digests))


def _verified(
    path: str, digests: tuple[tuple[str, str], ...], rules: Rules, opened: "OpenedTarget"
) -> tuple[Verification, ...]:
    from slsacheck.evidence.attestations import verify_each

    local = opened.shelf.local(path)
    case = Case(
        command="verify-artifact",
        digests=(digests,),
        provenance=(local,),
        rekor_entry=_log_entries(path, opened),
        public_key=rules.public_key,
        trusted_root=rules.trusted_root,
        expectations=rules.expectations,
    )
    found = (_with_summary(one, case, rules) for one in verify_each(case, rules.trust))
    return tuple(_renamed(one, local, path) for one in found)


def _log_entries(path: str, opened: "OpenedTarget") -> str | None:
    """The log's answer about bare envelopes in a file, where a log was asked and has one."""
    from slsacheck.evidence.shelf import LOG_ENTRIES

    try:
        return opened.shelf.local(path + LOG_ENTRIES)
    except SlsacheckError:
        return None


def _renamed(verification: Verification, local: str, name: str) -> Verification:
    """The same with an attestation's own name wherever the path is said at which its bytes lie here."""
    steps = tuple(replace(step, detail=step.detail.replace(local, name)) for step in verification.steps)
    return replace(verification, message=verification.message.replace(local, name), steps=steps, path=name)


def _with_summary(verification: Verification, case: Case, rules: Rules) -> Verification:
    """A verification summary is judged as one (SLSA, verification_summary): by its own steps."""
    if "verification_summary" not in (verification.statement.predicate_type or ""):
        return verification
    from slsacheck.evidence.attestations import verify_each

    answers = [
        one
        for one in verify_each(replace(case, command="verify-vsa"), rules.trust)
        if one.digest == verification.digest and one.statement.predicate_type == verification.statement.predicate_type
    ]
    return answers[0] if answers else verification
