"""Configuration that looks as if it made provenance, and each time the genuine twin: how far the best claim reaches."""

from pathlib import Path

import pytest

from slsacheck.evidence.files import WorkTree
from slsacheck.evidence.pipelines import read_all
from slsacheck.evidence.publications import trace
from slsacheck.evidence.tree import Problems
from slsacheck.model import Publication

PROJECTS = Path(__file__).parents[2] / "projects"


def traced(name: str, origin: str | None = None) -> tuple[Publication, ...]:
    tree, problems = WorkTree(str(PROJECTS / name)), Problems()
    return trace(tree, read_all(tree, problems, origin), problems, origin)


def best(publication: Publication) -> tuple[str, str]:
    """Where it goes, and how far the best claim covers it."""
    claims = publication.claims
    return publication.channel or "", f"{claims[0].covers}: {claims[0].reason}" if claims else "none"


NAMED = "yes: it names what is published"
CASES: dict[str, list[tuple[str, str]]] = {
    "overclaim-01-hashes-of-a-text": [
        ("github-release", "no: the hashes that are attested are not those of files"),
    ],
    "overclaim-01-hashes-of-other-files": [("github-release", "unknown: the attested files lie in another folder")],
    "overclaim-01-hashes-of-the-published-files": [("github-release", NAMED)],
    "overclaim-02-built-again-after-the-hashes": [
        ("github-release", "partial: files are built again after they were attested: make"),
    ],
    "overclaim-02-published-as-hashed": [("github-release", NAMED)],
    "overclaim-03-changed-by-a-target-after-attesting": [
        ("github-release", "partial: files are changed after they were attested: sed at Makefile:4"),
    ],
    "overclaim-03-edited-after-attesting": [
        ("github-release", "partial: files are changed after they were attested: sed"),
    ],
    "overclaim-04-checksums-of-the-published-files": [("github-release", NAMED)],
    "overclaim-04-nothing-writes-the-checksums": [
        ("github-release", "unknown: nothing is seen to write the file of checksums"),
    ],
    "overclaim-06-attested-in-another-folder": [
        ("github-release", "unknown: the attested files lie in another folder"),
    ],
    "overclaim-06-copied-from-the-attested-folder": [("github-release", NAMED)],
}


@pytest.mark.parametrize("name", sorted(CASES))
def test_the_best_claim_reaches_no_further_than_it_should(name: str) -> None:
    found = sorted(best(one) for one in traced(name))
    assert [channel for channel, _ in found] == [channel for channel, _ in sorted(CASES[name])]
    for (_, told), (_, wanted) in zip(found, sorted(CASES[name]), strict=True):
        assert told.startswith(wanted)


def test_every_such_project_is_tested() -> None:
    assert {path.name for path in PROJECTS.glob("overclaim-*")} == set(CASES)
