"""What a publication's configuration promises, read through the trust roots: shared by the checks of publications."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.api import configured, fail, unknown

if TYPE_CHECKING:
    from slsacheck.model import Catalogue, Claim, Publication, TrustRoot, Verdict

SHOW_ARTIFACT = "the published artifact with its provenance, given to `slsacheck audit`"


def best_claim(publication: Publication, catalogue: Catalogue) -> Claim | None:
    """The claim that promises most: complete before partial, then by the level of its trust root, then signed."""

    def rank(claim: Claim) -> tuple[bool, int, bool]:
        root = root_of(claim, catalogue)
        return claim.covers == "yes", root.level if root else 0, claim.signed

    return max(publication.claims, key=rank, default=None)


def root_of(claim: Claim, catalogue: Catalogue) -> TrustRoot | None:
    """The trust root that speaks for a claim."""
    return catalogue.trust_root(claim.root) if claim.root else None


def provenance(publication: Publication, catalogue: Catalogue, atom: str) -> Verdict:
    """Whether the configuration makes provenance for the whole of what is published."""
    claim = best_claim(publication, catalogue)
    if claim is None:
        return _no_claim(publication, atom)
    decided_here = claim.root is not None or not claim.external
    if claim.covers == "yes" and decided_here:
        return configured(f"{claim.mechanism} makes provenance for it", at=claim.at, atom=atom, trust_root=claim.root)
    if claim.covers == "unknown" or not decided_here:
        reason = claim.reason or f"whether the provenance of {claim.mechanism} covers it could not be read"
        return unknown(reason, at=claim.at, atom=atom, external=claim.external, missing=[SHOW_ARTIFACT])
    reason = claim.reason or f"the provenance of {claim.mechanism} covers only a part of what is published"
    return fail(reason, at=claim.at or publication.at, atom=atom)


def _no_claim(publication: Publication, atom: str) -> Verdict:
    if publication.external:
        reason = f"what decides lies elsewhere: {publication.external[0]}"
        return unknown(reason, at=publication.at, atom=atom, external=publication.external, missing=[SHOW_ARTIFACT])
    if publication.read != "full":
        reason = "a part of the way to this publication could not be read, and no provenance was seen"
        return unknown(reason, at=publication.at, atom=atom, missing=[SHOW_ARTIFACT])
    return fail(f"no step makes provenance for {publication.name}", at=publication.at, atom=atom)


def by_root(publication: Publication, catalogue: Catalogue, atom: str) -> Verdict:
    """What the trust root behind the best claim says of a demand on the platform."""
    claim = best_claim(publication, catalogue)
    if claim is None:
        return _without_claim(publication, atom)
    for name, reason in claim.refuted:
        if name in (atom, atom.rpartition(".")[0]):
            return fail(reason, at=claim.at, atom=atom, trust_root=claim.root)
    for name, reason in claim.unknown:
        if name in (atom, atom.rpartition(".")[0]):
            return unknown(reason, at=claim.at, atom=atom, external=claim.external, missing=[SHOW_ARTIFACT])
    root = root_of(claim, catalogue)
    return _without_root(publication, claim, atom) if root is None else _rooted(claim, root, catalogue, atom)


def _rooted(claim: Claim, root: TrustRoot, catalogue: Catalogue, atom: str) -> Verdict:
    known = catalogue.atom(atom)
    assert known is not None
    level = root.slsa_level if atom.startswith("v01.") else root.level
    if atom in root.refutes:
        return fail(f"{root.title}: {root.basis}", at=claim.at, atom=atom, trust_root=root.id)
    if atom in root.covers and known.level <= level:
        reason = f"{root.title} is trusted up to level {level}"
        return configured(reason, at=claim.at, atom=atom, trust_root=root.id)
    reason = f"{root.title} is trusted up to level {level}, which does not include this"
    return unknown(reason, at=claim.at, atom=atom, trust_root=root.id, missing=[SHOW_ARTIFACT])


def _without_claim(publication: Publication, atom: str) -> Verdict:
    reason = "no provenance was seen, so nothing shows how it is built"
    return unknown(reason, at=publication.at, atom=atom, external=publication.external, missing=[SHOW_ARTIFACT])


def _without_root(publication: Publication, claim: Claim, atom: str) -> Verdict:
    if atom == "build.choose-platform" and claim.covers == "yes":
        reason = f"{claim.mechanism} makes provenance; no trust root speaks for it, so level 1 at most"
        return configured(reason, at=claim.at, atom=atom)
    if not claim.signed and atom.endswith("authentic.integrity") and publication.read == "full" and not claim.external:
        return fail(f"the provenance of {claim.mechanism} is not signed", at=claim.at, atom=atom)
    reason = f"no trust root speaks for provenance that {claim.mechanism} makes"
    if claim.covers != "yes" or claim.external:
        reason = claim.reason or reason
    return unknown(reason, at=claim.at, atom=atom, external=claim.external, missing=[SHOW_ARTIFACT])
