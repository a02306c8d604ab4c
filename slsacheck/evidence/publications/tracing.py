"""The tracer itself: pipelines in, publications out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.evidence.pipelines import PROGRAM
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


def publishing(publications: tuple[Publication, ...], pipelines: tuple[Pipeline, ...] = ()) -> str:
    """`found`, `none-seen`, or `outside` where what publishes everything lies elsewhere or is a program, not read."""
    if not publications:
        return "outside" if _programs(pipelines) else "none-seen"
    hidden = all(publication.read == "partial" and publication.external for publication in publications)
    return "outside" if hidden else "found"


def external(publications: tuple[Publication, ...], pipelines: tuple[Pipeline, ...] = ()) -> tuple[str, ...]:
    """What decides a level of these publications and is not in the repository, or is a program that is not run."""
    named = (text for publication in publications for text in publication.external)
    return tuple(dict.fromkeys((*named, *_programs(pipelines))))


def _programs(pipelines: tuple[Pipeline, ...]) -> tuple[str, ...]:
    """What is said of configuration that is a program."""
    return tuple(text for one in pipelines if one.option(PROGRAM) for text in one.external)
