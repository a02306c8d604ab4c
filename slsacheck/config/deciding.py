"""What a configuration does to an assessment: the trust roots in force, names that must exist, declared results."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.config.settings import matches
from slsacheck.errors import ConfigError
from slsacheck.model import Outcome, Place, Problem, Result
from slsacheck.record import replace

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from slsacheck.config.settings import Config, Declaration
    from slsacheck.model import Atom, Catalogue, Requirement, Subject, TrustRoot

__all__ = ["checked_names", "declared_results", "in_force"]


NEVER_DECLARED = ("verify.expectations", "build.consistent-process")
"""Nobody's word stands for what the provenance of an artifact was expected to say."""


def checked_names(config: Config, catalogue: Catalogue) -> tuple[Problem, ...]:
    """Raises ConfigError for a waiver or declaration of an unknown atom.

    Unknown trust roots in `distrust` are told, no more: a file that was merely found may be older than the catalogue.
    """
    atoms = [name for row in catalogue.requirements for name in (row.id, *(atom.id for atom in row.atoms))]
    where = config.origin[0] if config.origin else ""
    for kind, name in (
        *(("waiver", waiver.atom) for waiver in config.waivers),
        *(("declaration", declaration.atom) for declaration in config.declarations),
    ):
        if not catalogue.expand(name):
            message = f"{kind} names {name!r}, which no requirement and no atom has"
            raise ConfigError(message, where=where, advice=_near(name, atoms))
    roots = [root.id for root in (*catalogue.trust_roots, *config.trust_roots)]
    return tuple(
        Problem(where or "distrust", f"distrust names {entry.id!r}, which no trust root has", _near(entry.id, roots))
        for entry in config.distrust
        if entry.id not in roots
    )


def _near(name: str, known: Collection[str]) -> str:
    from slsacheck.config.near import suggestion

    return suggestion(name, known, "`slsacheck rules` and `slsacheck trust show` list the names")


def in_force(config: Config, catalogue: Catalogue) -> Catalogue:
    """The catalogue with the configured trust roots, each capped at the level that `distrust` leaves it.

    A trust root at level 0 is kept: without its entry a verified signer would count as level 1.
    """
    if not config.trust_roots and not config.distrust:
        return catalogue
    merged = catalogue.with_trust_roots(config.trust_roots)
    caps = {entry.id: entry.level for entry in config.distrust}
    return merged.with_trust_roots(_capped(root, caps[root.id]) for root in merged.trust_roots if root.id in caps)


def _capped(root: TrustRoot, level: int) -> TrustRoot:
    covers = root.covers if level else frozenset[str]()
    return replace(root, level=min(root.level, level), slsa_level=min(root.slsa_level, level), covers=covers)


def declared_results(
    config: Config, subjects: Iterable[Subject], catalogue: Catalogue, spec: str, tracks: Collection[str]
) -> tuple[Result, ...]:
    """A DECLARED result for each atom that somebody declared of a subject, citing the line that says so."""
    found = []
    for subject in subjects:
        for declaration in config.declarations:
            if not matches(declaration.subject, subject.id):
                continue
            for name in catalogue.expand(declaration.atom):
                row, atom = catalogue.requirement(name), catalogue.atom(name)
                assert row is not None
                assert atom is not None
                if subject.kind == "artifact" and name.startswith(NEVER_DECLARED):
                    continue
                if spec in row.versions and row.track_of(spec) in tracks and subject.kind in row.subjects:
                    found.append(_result(declaration, row, atom, subject, spec))
    return tuple(found)


def _result(declaration: Declaration, row: Requirement, atom: Atom, subject: Subject, spec: str) -> Result:
    import hashlib

    key = f"declaration\0{atom.id}\0{subject.id}\0"
    place = Place(path=declaration.path, line=declaration.line)
    return Result(
        id=hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()[:20],
        check="declaration",
        requirement=row.id,
        atom=atom.id,
        level=atom.level,
        subject=subject.id,
        outcome=Outcome.DECLARED,
        reason=f"{declaration.by} declared on {declaration.date}: {declaration.reason}",
        at=(place,),
        platform=getattr(subject, "platform", None),
        spec_url=row.spec_url(spec),
        track=row.track_of(spec),
        must=atom.must,
        target=subject.target,
    )
