"""The tracer itself: pipelines in, publications out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.evidence.publications.acts import ActKind
from slsacheck.evidence.publications.elsewhere import elsewhere
from slsacheck.evidence.publications.from_git import used_from_git
from slsacheck.evidence.publications.runs import runs_of

if TYPE_CHECKING:
    from slsacheck.evidence.publications.runs import Run
    from slsacheck.evidence.tree import Problems, Tree
    from slsacheck.model import Pipeline, Publication

__all__ = ["external", "publishing", "trace"]


def trace(
    tree: Tree, pipelines: tuple[Pipeline, ...], problems: Problems, origin: str | None = None
) -> tuple[Publication, ...]:
    """Every publication that the configuration shows, by workflow, with the claims of provenance for each.

    `origin` is the repository's own `owner/name` where it is known. What cannot be read is said in `problems`.
    """
    runs = runs_of(tree, pipelines, problems, origin)
    found = [*_assembled(runs), *elsewhere(tree, pipelines, runs)]
    return (*found, *used_from_git(tree, found, problems))


def _assembled(runs: tuple[Run, ...]) -> tuple[Publication, ...]:
    """The publications of the runs; what decides of coverage is only loaded where one of them publishes."""
    if not any(run.of(ActKind.PUBLISH) for run in runs):
        return ()
    from slsacheck.evidence.publications.assembly import assemble
    from slsacheck.evidence.publications.flows import Flows

    return assemble(Flows(runs))


def publishing(publications: tuple[Publication, ...]) -> str:
    """`found`, `none-seen`, or `outside` where everything that is published is published by something elsewhere."""
    if not publications:
        return "none-seen"
    hidden = all(publication.read == "partial" and publication.external for publication in publications)
    return "outside" if hidden else "found"


def external(publications: tuple[Publication, ...]) -> tuple[str, ...]:
    """What decides a level of these publications and is not in the repository."""
    return tuple(dict.fromkeys(text for publication in publications for text in publication.external))
