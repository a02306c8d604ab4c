"""Whether attested files lie where the published ones do: names alone do not tell, folders and copies do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.evidence.publications.acts import ActKind
from slsacheck.evidence.publications.alterations import changes
from slsacheck.evidence.publications.flows import pattern
from slsacheck.evidence.publications.names import Names, overlap

if TYPE_CHECKING:
    from collections.abc import Iterable

    from slsacheck.evidence.publications.deeds import Deed, Run

__all__ = ["apart", "from_root"]


def from_root(deed: Deed) -> bool:
    """Whether the files of a deed are paths from the root: an action's input, not words of a script or a tool."""
    return deed.act.fact("folder") is not None or (not deed.script and "/" in deed.act.tool)


def apart(run: Run, attested: tuple[str, ...], publisher: Run, published: Deed) -> bool:
    """Whether a run attests (or hashes) files in a folder that nothing leads from to what is published.

    `attested` are paths from the root.
    """
    told = [name for name in attested if pattern(name).strip("./") not in ("", "*", "**", "**/*")]
    names = Names((), exact=run is not publisher or from_root(published), loose=bool(run.checkouts))
    there = _there(run, publisher, published)
    if not told or not there or len(told) < len(attested):
        return False
    if _meet(told, there, names):
        return False
    for deed in run.of(ActKind.SCRIPT):
        for act in changes(deed):
            sources = [path for path in (act.fact("from") or "").split("\n") if path]
            if act.kind is ActKind.ALTER and _moved(sources, act.what, told, there, names):
                return False
    return True


def _moved(sources: list[str], targets: tuple[str, ...], told: list[str], there: list[str], names: Names) -> bool:
    """Whether a copy brings attested files to where the others are, or the other way round."""
    to = _meet(sources, told, names) and _meet(targets, there, names)
    back = _meet(sources, there, names) and _meet(targets, told, names)
    return to or back or any(path.startswith("$") for path in (*sources, *targets))


def _there(run: Run, publisher: Run, published: Deed) -> list[str]:
    """The files that a run publishes, or hands on, or has from earlier jobs."""
    if run is publisher:
        folder = published.act.fact("folder")
        found = [_below(folder, path) for path in published.act.what] if folder else list(published.act.what)
    else:
        found = [path for deed in run.of(ActKind.PASS_ON) for path in deed.act.what]
        for deed in run.of(ActKind.FETCH):
            found += [f"{path.rstrip('/')}/**" for path in deed.act.what]
    return [] if any(pattern(path).strip("./") in ("", "*", "**") for path in found) else found


def _below(folder: str, path: str) -> str:
    """A path of a script as one from the root, where the script's working directory is known."""
    rooted = path.startswith(("/", "$", "~")) or "(" in path
    return path if folder == "." or rooted else f"{folder}/{path.removeprefix('./')}"


def _meet(some: Iterable[str], others: Iterable[str], names: Names) -> bool:
    known = list(others)
    return any(overlap(one, other, names) for one in some for other in known)
