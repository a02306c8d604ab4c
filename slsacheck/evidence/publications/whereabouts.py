"""Whether attested files lie where the published ones do: names alone do not tell, folders and copies do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.evidence.publications.acts import ActKind
from slsacheck.evidence.publications.alterations import changes
from slsacheck.evidence.publications.flows import pattern
from slsacheck.evidence.publications.names import Names, overlap
from slsacheck.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterable

    from slsacheck.evidence.publications.deeds import Deed, Run

__all__ = ["apart", "from_root"]

MOVES = regex(r"(?:^|[\s;&(])(?:cd|pushd|Set-Location)\s")
"""Commands of a script after which its paths are not told from the root."""


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
            if act.kind is not ActKind.ALTER:
                continue
            if _moved(sources, act.what, told, there, names):
                return False
            if not act.fact("unpacks") and any(path.startswith("$") for path in (*sources, *act.what)):
                return False  # what a run alone can tell may be moved
    return True


def _moved(sources: list[str], targets: tuple[str, ...], told: list[str], there: list[str], names: Names) -> bool:
    """Whether a copy brings attested files to where the others are, or the other way round."""
    to = _meet(sources, told, names) and _meet(targets, there, names)
    back = _meet(sources, there, names) and _meet(targets, told, names)
    return to or back


def _there(run: Run, publisher: Run, published: Deed) -> list[str]:
    """The files that a run publishes, or hands on, or has from earlier jobs."""
    if run is publisher:
        folder = published.act.fact("folder")
        found = [_below(folder, path) for path in published.act.what] if folder else list(published.act.what)
    else:
        found = [path for deed in run.of(ActKind.PASS_ON) for path in deed.act.what]
        fetched = [deed.act for deed in run.of(ActKind.FETCH)]
        shared = [(act, inside) for act in fetched if (inside := _in_artifact(act.name or "*", publisher, published))]
        for act, paths in shared or [(act, ["**"]) for act in fetched]:
            found += [f"{place.rstrip('/')}/{path}" for place in act.what for path in paths]
    return [] if any(pattern(path).strip("./") in ("", "*", "**") for path in found) else found


def _in_artifact(name: str, publisher: Run, published: Deed) -> list[str]:
    """What the published files are called in an artifact that the publishing run fetches too; none where it is open."""
    fetched = [deed.act for deed in publisher.of(ActKind.FETCH) if deed.act.name == name and "*" not in name]
    moves = MOVES.search(published.script) is not None and published.act.fact("folder") is None
    if len(fetched) != 1 or len(fetched[0].what) != 1 or moves:
        return []
    place = _plain(fetched[0].what[0])
    folder = published.act.fact("folder") or ""
    paths = [_plain(_below(folder or ".", path)) for path in published.act.what]
    below = [
        path.removeprefix(f"{place}/" if place else "") for path in paths if not place or path.startswith(f"{place}/")
    ]
    told = [path for path in below if not path.startswith(("/", "$", "~")) and "**" not in path]
    return told if len(told) == len(paths) else []


def _plain(path: str) -> str:
    text = path.strip().removeprefix("./").strip("/")
    return "" if text == "." else text


def _below(folder: str, path: str) -> str:
    """A path of a script as one from the root, where the script's working directory is known."""
    rooted = path.startswith(("/", "$", "~")) or "(" in path
    return path if folder == "." or rooted else f"{folder}/{path.removeprefix('./')}"


def _meet(some: Iterable[str], others: Iterable[str], names: Names) -> bool:
    known = list(others)
    return any(overlap(one, other, names) for one in some for other in known)
