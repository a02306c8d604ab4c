"""The Source track and the source rows of v0.1: what a checkout proves, and all that it does not."""

from collections.abc import Iterable
from dataclasses import replace
from importlib import import_module

import pytest

from slsacheck.api import Check, declared_in
from slsacheck.catalog import load
from slsacheck.model import GitFacts, Outcome, Place, Revision, Verdict

source = import_module("slsacheck.checks.source")  # by the name that it has in the checkout and in the wheel

COMMIT = "1" * 40
AT = (Place(digest=f"gitCommit:{COMMIT}"),)
REVISION = Revision("revision:x", "x", COMMIT, AT)
FACTS = GitFacts(present=True, commit=COMMIT, looked_at=3, commits=3, at=AT)
ON_FORGE = replace(FACTS, origin="https://github.com/o/r", host="github.com")


def verdicts(revision: Revision, facts: GitFacts) -> dict[str, Verdict]:
    found: dict[str, Verdict] = {}
    for check in checks():
        given = {"revision": revision, "repository": facts}
        answer = check.function(**{need: given[need] for need in check.needs})
        for verdict in [answer] if isinstance(answer, Verdict) else answer:
            found[verdict.atom or check.atoms[0]] = verdict
    return found


def checks() -> list[Check]:
    return [item for item in declared_in(source) if isinstance(item, Check)]


def outcomes(found: dict[str, Verdict], outcome: Outcome) -> set[str]:
    return {atom for atom, verdict in found.items() if verdict.outcome is outcome}


def decidable_atoms() -> Iterable[str]:
    for row in load().requirements:
        if row.id.startswith(("source.", "v01.source.")):
            yield from (atom.id for atom in row.atoms if atom.decidable != "undecidable")


def test_every_atom_is_answered_and_every_answer_is_an_atom() -> None:
    found = verdicts(REVISION, FACTS)
    assert set(found) == set(decidable_atoms())
    assert set(found) == {atom for check in checks() for atom in check.atoms}


def test_only_revision_ids_and_version_control_are_proved_by_a_checkout() -> None:
    for facts in (FACTS, ON_FORGE):
        assert outcomes(verdicts(REVISION, facts), Outcome.PASS) == {
            "source.revision-ids",
            "v01.source.version-controlled.required",
            "v01.source.version-controlled.recommended",
        }


def test_a_known_forge_in_the_configuration_is_a_declaration_and_no_more() -> None:
    assert outcomes(verdicts(REVISION, FACTS), Outcome.DECLARED) == set()
    assert outcomes(verdicts(REVISION, ON_FORGE), Outcome.DECLARED) == {
        "source.repository-ids",
        "source.human-readable-diff.plain-text",
        *source.IDENTITY,
    }
    unknown_host = replace(ON_FORGE, host="git.example.org")
    verdict = verdicts(REVISION, unknown_host)["source.repository-ids"]
    assert verdict.outcome is Outcome.UNKNOWN
    assert "git.example.org is not a forge that is known here" in verdict.reason


def test_unknown_says_what_would_decide() -> None:
    for facts in (FACTS, ON_FORGE, replace(ON_FORGE, notes=True)):
        for atom, verdict in verdicts(REVISION, facts).items():
            if verdict.outcome is Outcome.UNKNOWN:
                assert verdict.missing, atom


def test_notes_are_not_believed() -> None:
    verdict = verdicts(REVISION, replace(FACTS, notes=True))["source.source-summary.issued"]
    assert verdict.outcome is Outcome.UNKNOWN
    assert "nobody verified" in verdict.reason


@pytest.mark.parametrize("facts", [replace(FACTS, without_author=1), replace(FACTS, commit=None)])
def test_history_without_authors_or_commits_is_not_version_control(facts: GitFacts) -> None:
    revision = REVISION if facts.commit else replace(REVISION, commit=None)
    assert verdicts(revision, facts)["v01.source.version-controlled.required"].outcome is Outcome.UNKNOWN


def test_without_a_commit_nothing_passes() -> None:
    found = verdicts(replace(REVISION, commit=None, at=()), GitFacts(present=True))
    assert outcomes(found, Outcome.PASS) == set()


def test_signatures_are_a_hint() -> None:
    verdict = verdicts(REVISION, replace(FACTS, signed=2))["v01.source.verified-history.first-parent"]
    assert verdict.outcome is Outcome.UNKNOWN
    assert "2 of the last 3 commits carry a signature, which is only a hint" in verdict.reason
