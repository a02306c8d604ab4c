"""Builds of another source than the revision that starts the run, which is the one that provenance names.

SLSA v0.1 asks that the provenance identifies the source that was built; the Build track of v1.x asks for the inputs of
the build that the platform knows, so a level of it does not rest on this.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.evidence.publications.acts import ActKind
from slsacheck.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from slsacheck.evidence.publications.deeds import Run

__all__ = ["OTHER_SOURCE", "other_source"]

OTHER_SOURCE = regex(
    r"^(?!\s*#).*?(?:\b(?:curl|wget)\b.*\|\s*(?:git\s+apply|patch)\b|\bgit\s+(?:-c\s+\S+\s+)*(?:pull\b|merge\s+(?!--abort)\S|rebase\b|cherry-pick\b|am\b|commit\b|tag\s+-f|"
    r"push\s+(?:-f|--force)|submodule\s+update\b.*--remote|"
    r"reset\s+--hard\s+(?!HEAD\b|[\"']?\$\{?\{?\s*(?:GITHUB_|github\.|CI_))\S|"
    r"(?:checkout|switch)\s+(?!-[bBc]\b|--\s|--orphan|\.|HEAD\b|[\"']?\$\{?\{?\s*(?:GITHUB_|github\.|CI_))\S+\s*(?:$|[;&|])))",
)
"""Commands after which the working tree is not that of the revision that was checked out."""
OWN = regex(r"^\$\{\{\s*github\.(?:ref|sha|ref_name|head_ref|event\.[\w.]+)\s*\}\}$")
LEAVES = (ActKind.ATTEST, ActKind.PUBLISH, ActKind.PASS_ON)
PLACES = ("v01.provenance.identifies-source-code",)


def other_source(makers: Sequence[Run]) -> dict[str, str]:
    """The demands that stay open where a build takes another source, with the first reason."""
    reason = next((text for run in makers for text in _reasons(run)), "")
    return dict.fromkeys(PLACES, reason) if reason else {}


def _reasons(run: Run) -> Iterator[str]:
    for step in run.all_steps:
        if step.uses is None or step.uses.name.lower() != "actions/checkout" or step.input("path") is not None:
            continue
        other, ref = step.input("repository"), step.input("ref")
        if other is not None and "github.repository" not in other.value:
            yield f"job {run.id} builds the repository {other.value}, and the provenance names the one of the workflow"
        elif ref is not None and ref.value.strip() and not OWN.match(ref.value.strip()):
            yield f"job {run.id} builds `{ref.value.strip()}`, and the provenance names the revision of the run"
    ended = min((deed.order for deed in run.of(*LEAVES)), default=len(run.deeds))
    for deed in run.of(ActKind.SCRIPT):
        lines = deed.script.split("\n") if deed.order < ended and "git clone" not in deed.script else ()
        if any(OTHER_SOURCE.match(line) for line in lines):
            yield f"job {run.id} changes its source before it builds, and the provenance names the revision before that"
