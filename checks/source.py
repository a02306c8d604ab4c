"""The Source track (v1.2 and the draft), and the source rows of v0.1, of a revision.

A checkout proves little here (SLSA v1.2, source-requirements): git names revisions by digest, which is enough for
`revision-ids`. The origin is what the user's own `.git/config` says, so what rests on a known forge is DECLARED. All
else is UNKNOWN, with the evidence that would decide.
"""

from __future__ import annotations

from collections.abc import Iterable

from slsacheck.api import check, declared, ok, unknown
from slsacheck.model import GitFacts, Place, Revision, Verdict

FORGES = {
    "github.com": "GitHub",
    "gitlab.com": "GitLab",
    "bitbucket.org": "Bitbucket",
    "codeberg.org": "Codeberg",
    "dev.azure.com": "Azure DevOps",
    "gitea.com": "Gitea",
}
"""Forges that give a repository one address, show differences of text and know accounts and roles (their own
documentation, 2026-11). Others may do so too: a declaration in `--config` says it."""

VSA = "a source VSA of this revision from an issuer that is trusted"
SETTINGS = "the forge's rules for branches and tags (a declaration in --config until the forge's API is asked)"
REVIEWS = "the forge's review records (a declaration in --config until the forge's API is asked)"


def _origin(repository: GitFacts) -> tuple[Place, ...]:
    return (Place(path=".git/config", excerpt=repository.origin),)


def _elsewhere(repository: GitFacts) -> list[str]:
    return [f"the settings of {repository.origin}"] if repository.origin else []


def _by_forge(revision: Revision, repository: GitFacts, atom: str, what: str) -> Verdict:
    """DECLARED where `.git/config` names a known forge, which `what` is said of, else UNKNOWN."""
    forge = FORGES.get(repository.host or "")
    if forge is None:
        known = f"{repository.host} is not a forge that is known here" if repository.host else "no origin is configured"
        missing = [VSA, "the documentation of the source control system (a declaration in --config)"]
        return unknown(known, at=revision.at, atom=atom, missing=missing)
    reason = (
        f"the origin is said to be on {forge}, which {what}; .git/config can be edited by whoever made the checkout"
    )
    return declared(reason, at=_origin(repository), atom=atom)


@check("source.revision-ids")
def revision_is_named_by_its_content(revision: Revision, repository: GitFacts) -> Verdict:
    """The revision has an id that always means the same content."""
    if revision.commit is None:
        return unknown("there is no commit", missing=["a checkout with a commit"])
    kind = "SHA-256" if repository.object_format == "sha256" else "SHA-1"
    return ok(f"git names the revision by the {kind} digest of its content, which was compared", at=revision.at)


@check("source.repository-ids")
def repository_has_one_address(revision: Revision, repository: GitFacts) -> Verdict:
    """The repository has one stable address."""
    return _by_forge(revision, repository, "source.repository-ids", "gives every repository a stable address")


@check("source.human-readable-diff.plain-text", "source.human-readable-diff.other-content")
def changes_are_shown_to_people(revision: Revision, repository: GitFacts) -> Iterable[Verdict]:
    """People can see what changed between two revisions."""
    row = "source.human-readable-diff"
    reason = "how changes that are not text are shown was not assessed"
    return [
        _by_forge(revision, repository, f"{row}.plain-text", "shows changes of text line by line"),
        unknown(reason, at=revision.at, atom=f"{row}.other-content", missing=["the forge's documentation"]),
    ]


IDENTITY = {
    "source.identity-management.authenticated-actors": "knows its actors by their accounts",
    "source.identity-management.roles": "lets the organisation give roles",
    "source.identity-management.documented": "documents how it identifies actors",
    "source.identity-management.attributed": "attributes what happens to accounts",
}


@check(*IDENTITY)
def actors_are_identified(revision: Revision, repository: GitFacts) -> Iterable[Verdict]:
    """The source control system knows who acts."""
    return [_by_forge(revision, repository, atom, what) for atom, what in IDENTITY.items()]


ATTESTED = {
    "source.source-summary.issued": "states the Source level of this revision",
    "source.source-summary.accessible": "can be had by whoever can read the revision",
    "source.source-summary.from-provenance": "rests on source provenance",
    "source.source-provenance.issued": "says how this revision came to be where it is",
    "source.source-provenance.contemporaneous": "was made when the branch was updated",
    "source.source-provenance.accessible": "can be had by whoever can read the revision",
    "source.source-provenance.documented": "is in a documented format",
    "source.continuity": "shows since when each control holds without a break",
}


@check(*ATTESTED)
def source_attestations_are_issued(revision: Revision, repository: GitFacts) -> Iterable[Verdict]:
    """The source control system attests the level and the history of this revision."""
    if repository.notes:
        reason = "there are git notes, and nobody verified whether they hold an attestation that {}"
    else:
        reason = "no attestation that {} is at hand; a clone does not fetch git notes"
    missing = [f"{VSA} (`git fetch origin 'refs/notes/*:refs/notes/*'` gets those kept in notes)"]
    return [
        unknown(reason.format(what), at=revision.at, atom=atom, missing=missing, external=_elsewhere(repository))
        for atom, what in ATTESTED.items()
    ]


FORGE = {
    "source.access-and-history.access-control": ("who may change branches, tags and settings", SETTINGS),
    "source.access-and-history.change-history": ("whether history can be rewritten", SETTINGS),
    "source.access-and-history.tags-immutable": ("whether tags can be moved or deleted", SETTINGS),
    "source.technical-controls.continuous-evidence": ("since when each control holds", VSA),
    "source.technical-controls.documented": ("what each control of the organisation means", "its documentation"),
    "source.history.ref-log": ("when and by whom branches were changed", "the forge's log of changes of references"),
    "source.history.descendant-only": ("whether force pushes are refused", SETTINGS),
    "source.protected-refs.custom-controls": ("which controls protect which branch or tag", SETTINGS),
    "source.protected-refs.recorded": ("whether attestations record the controls in force", VSA),
    "source.protected-refs.organisation-properties": ("whether a VSA may carry the organisation's properties", VSA),
    "source.protected-refs.extra-attestations": ("whether further attestations are handed out", VSA),
    "source.protected-refs.reserved-prefix": ("whether the prefix ORG_SOURCE_ is kept for the organisation", VSA),
    "source.two-party-review.two-trusted-persons": ("who agreed to a change", REVIEWS),
    "source.two-party-review.final-revision": ("whether what was reviewed is what went in", REVIEWS),
    "source.two-party-review.context-specific": ("for which branch an approval was given", REVIEWS),
    "source.two-party-review.informed": ("whether the reviewer saw what changed", REVIEWS),
    "source.two-party-review.trusted-robot-exception": ("which robots are excepted from review", REVIEWS),
}


@check(*FORGE)
def forge_enforces_controls(revision: Revision, repository: GitFacts) -> Iterable[Verdict]:
    """The source control system enforces the organisation's controls."""
    elsewhere = _elsewhere(repository)
    return [
        unknown(f"git does not record {what}", at=revision.at, atom=atom, missing=[missing], external=elsewhere)
        for atom, (what, missing) in FORGE.items()
    ]


ORGANISATION = {
    "source.choose-scs": "which source control system was chosen and what it is able to give",
    "source.safe-expunging-process.legal-or-privacy-only": "when something may be expunged",
    "source.safe-expunging-process.documented": "how expunging is done",
    "source.safe-expunging-process.logged": "whether expunging is logged",
    "source.safe-expunging-process.second-person": "whether a second person must agree to expunging",
}


@check(*ORGANISATION)
def organisation_says_how_it_keeps_source(revision: Revision) -> Iterable[Verdict]:
    """The organisation chose its source control system and has a process for expunging."""
    missing = [VSA, "the organisation's word (a declaration in --config)"]
    return [
        unknown(f"only the organisation can say {what}", at=revision.at, atom=atom, missing=missing)
        for atom, what in ORGANISATION.items()
    ]


CONTROLLED = ("v01.source.version-controlled.required", "v01.source.version-controlled.recommended")


@check(*CONTROLLED)
def revision_is_version_controlled(revision: Revision, repository: GitFacts) -> Iterable[Verdict]:
    """The revision stands in a version control system that records every change."""
    if revision.commit is None:
        missing = ["a checkout with a commit"]
        return [unknown("there is no commit", atom=atom, missing=missing) for atom in CONTROLLED]
    if repository.without_author:
        reason = f"{repository.without_author} of the last {repository.looked_at} commits name no author or committer"
        missing = ["the forge's record of who made them"]
        return [unknown(reason, at=revision.at, atom=atom, missing=missing) for atom in CONTROLLED]
    cut = " (history is cut off in this clone)" if repository.shallow else ""
    reason = f"git records author, time, parents and message of the last {repository.looked_at} commits{cut}"
    return [ok(reason, at=revision.at, atom=atom) for atom in CONTROLLED]


V01 = {
    "v01.source.verified-history.first-parent": ("who really made a change", "the forge's record of pushes"),
    "v01.source.verified-history.two-step-verification": ("who uses two-step verification", "the forge's settings"),
    "v01.source.retained-indefinitely.immutable-history": ("whether history can be deleted", SETTINGS),
    "v01.source.retained-indefinitely.limited-retention": ("how long the forge keeps it", "the forge's policy"),
    "v01.source.retained-indefinitely.indefinite-retention": ("how long the forge keeps it", "the forge's policy"),
    "v01.source.two-person-reviewed.different-persons": ("who agreed to a change", REVIEWS),
    "v01.source.two-person-reviewed.informed-review": ("what the reviewer saw", REVIEWS),
    "v01.source.two-person-reviewed.context-specific-approvals": ("for which branch an approval was given", REVIEWS),
}


@check(*V01)
def history_is_verified_retained_and_reviewed(revision: Revision, repository: GitFacts) -> Iterable[Verdict]:
    """Changes are made by verified people, reviewed by two, and kept."""
    hint = ""
    if repository.signed:
        hint = (
            f" ({repository.signed} of the last {repository.looked_at} commits carry a signature, which is only a hint)"
        )
    return [
        unknown(
            f"git does not record {what}{hint if atom.startswith('v01.source.verified-history') else ''}",
            at=revision.at,
            atom=atom,
            missing=[missing],
            external=_elsewhere(repository),
        )
        for atom, (what, missing) in V01.items()
    ]
