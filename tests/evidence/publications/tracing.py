"""What a folder publishes, read as a scan reads it."""

from __future__ import annotations

from pathlib import Path

from slsacheck.evidence.files import WorkTree
from slsacheck.evidence.pipelines import read_all
from slsacheck.evidence.publications import trace
from slsacheck.evidence.tree import Problems
from slsacheck.model import Publication


def publications_of(folder: Path, origin: str | None = None) -> tuple[Publication, ...]:
    """The publications of the folder's pipelines; `origin` is the repository's own name."""
    tree, problems = WorkTree(str(folder)), Problems()
    return trace(tree, read_all(tree, problems, origin), problems, origin)
