"""Attestations of files that another run has made: provenance of a run that only fetched them."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from slsacheck.evidence.publications.acts import ActKind
from slsacheck.evidence.publications.covers import Cover
from slsacheck.evidence.publications.flows import pattern

if TYPE_CHECKING:
    from slsacheck.evidence.publications.covers import Attest

__all__ = ["OTHER_RUN", "from_elsewhere"]

OTHERS = ("other-run", "release", "elsewhere")
"""Where files come from that the run itself has not made."""
OTHER_RUN = "the provenance names a run that did not build the files: they come from another run"
MAYBE = "files come from another run, perhaps those that are attested"


def from_elsewhere(attest: Attest) -> Cover | None:
    """How far a run's attestation of what seems its own reaches where it fetched files that others made."""
    act, run = attest.deed.act, attest.run
    if act.fact("subject") != "files" or any(deed.act.type for deed in run.of(ActKind.BUILD)):
        return None
    before = [deed.act for deed in run.of(ActKind.FETCH) if deed.order < attest.deed.order]
    places = [place for one in before if one.fact("run") in OTHERS for place in one.what]
    if any(_lies_in(place, name) for place in places for name in act.what):
        return Cover("no", OTHER_RUN)
    return Cover("unknown", MAYBE) if any(place in ("", ".", "*") for place in places) else None


def _lies_in(place: str, name: str) -> bool:
    """Whether a name is that of a file which was fetched to a folder, or under a glob; nothing is said of the root."""
    one, other = (pattern(text).removeprefix("./").rstrip("/") for text in (place, name))
    if one in ("", ".", "*"):
        return False
    return other == one or other.startswith(f"{one}/") or fnmatchcase(other.replace("*", "x"), one)
