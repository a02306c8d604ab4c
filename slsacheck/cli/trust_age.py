"""How old the trust data is by which a verification was decided."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from slsacheck.evidence.attestations.trustorigin import Origin
    from slsacheck.model.attestation import Verification

__all__ = ["age_document", "age_text", "origin_document", "today"]

OLD_DAYS = 180
"""Days after which the text says how to get newer trust data: Sigstore's logs and authorities change once a year."""


def today() -> date:
    """The day of this run; SOURCE_DATE_EPOCH is honoured."""
    from datetime import date

    from slsacheck.evidence.contents import now

    return date.fromisoformat(now()[:10])


def origin_document(origin: Origin) -> dict[str, object]:
    """Where a file of trust data comes from, for programs."""
    return {
        "name": origin.name,
        "what": origin.what,
        "from": origin.origin,
        "taken": origin.taken,
        "age_days": origin.age(today()),
        "path": origin.path,
        "versions": origin.versions,
    }


def age_document(
    answer: Verification, *, own_root: str | None, own_key: str | None, told: dict[str, dict[str, object]] | None = None
) -> dict[str, object]:
    """The trust data of a verification, for programs; of a root or key that the user gave no age is known.

    `told` keeps for the answers of one run what was found out about each instance's trust data.
    """
    given = own_root if own_root is not None else own_key
    if given is not None and answer.trust_domain not in ("npm", "google-cloud-build"):
        return {"name": "given", "path": given, "taken": None, "age_days": None}
    name = answer.trust_domain if answer.trust_domain is not None else "public-good"
    told = {} if told is None else told
    if name not in told:
        told[name] = _told(name)
    return told[name]


def _told(name: str) -> dict[str, object]:
    from slsacheck.evidence.attestations.trustorigin import origin_of

    origin = origin_of(name)
    return {"name": "unknown", "taken": None, "age_days": None} if origin is None else origin_document(origin)


def _newer(name: str) -> str:
    """What brings newer trust data of that name."""
    from slsacheck.evidence.attestations.jsondoc import as_map
    from slsacheck.evidence.attestations.trustorigin import origin_of, tuf_repositories

    origin = origin_of(name)
    served = {file for one in tuf_repositories() for file in as_map(one.get("targets")).values()}
    return "`slsacheck trust update`" if origin is not None and origin.file in served else "a newer slsacheck"


def age_text(answer: Verification, *, own_root: str | None, own_key: str | None) -> str:
    """The same as one line for people."""
    found = age_document(answer, own_root=own_root, own_key=own_key)
    if found["taken"] is None:
        return f"Trust data: {found.get('path', 'unknown')}, as it was given; its age is not known"
    age = found["age_days"]
    old = isinstance(age, int) and age > OLD_DAYS
    newer = f"; {_newer(str(found['name']))} brings newer" if old else ""
    return f"Trust data: {found['name']} of {found['taken']}, {age} days old{newer}"
