"""Files that a job fetches from the network and gives out as they are: its provenance says nothing of their build."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, NamedTuple

from slsacheck.evidence.publications.acts import Act, ActKind
from slsacheck.evidence.publications.alterations import changes
from slsacheck.evidence.publications.flows import pattern
from slsacheck.evidence.publications.kinds import is_side
from slsacheck.evidence.publications.names import DOCUMENTS, Names, overlap
from slsacheck.evidence.publications.otherruns import OTHERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from slsacheck.evidence.publications.deeds import Run

__all__ = ["downloaded"]

MAX_FETCHED = 200
"""Files that one job fetches, as far as they are looked at; the most seen are 12."""


class _Fetched(NamedTuple):
    """A path that holds what was fetched: a file, or a folder in which a build may lay others."""

    path: str
    act: Act

    @property
    def folder(self) -> bool:
        return self.path.endswith("*")


def downloaded(run: Run, until: int, attested: Sequence[str], published: Sequence[str]) -> Act | None:
    """What fetches a file which a run attests (before the deed `until`) or hands on, and which is published."""
    names = Names((), exact=True, loose=bool(run.checkouts))
    told = [name for name in attested if pattern(name).strip("./*")]
    lasts = [pattern(name).rstrip("/").rpartition("/")[2] for name in published]
    found = _fetched(_acts(run, until))
    built = any(one.folder for one in found) and _builds(run, until)
    for one in found:
        last = one.path.rpartition("/")[2]
        given = not lasts or any(fnmatchcase(last.replace("*", "x"), name) or fnmatchcase(name, last) for name in lasts)
        if given and not (one.folder and built) and any(overlap(one.path, name, names) for name in told):
            return one.act
    return None


def _acts(run: Run, until: int) -> Iterator[Act]:
    """What happens to files before a deed, in order."""
    for deed in run.deeds[:until]:
        if deed.act.kind is ActKind.SCRIPT:
            yield from changes(deed)
        elif not deed.script:
            yield deed.act


def _fetched(acts: Iterable[Act]) -> list[_Fetched]:
    """The paths that hold what was fetched, after all was moved about, unpacked or written over."""
    held: dict[str, Act] = {}
    for act in acts:
        sources = [path for path in (act.fact("from") or "").split("\n") if path]
        first = next((known for path, known in held.items() if any(_within(path, one) for one in sources)), None)
        if act.fact("cached"):
            held |= dict.fromkeys((f"{path.rstrip('/')}/*" for path in act.what if _counts(path)), act)
        elif act.fact("fetched") or (act.kind is ActKind.FETCH and act.fact("run") in OTHERS):
            held |= dict.fromkeys((path for path in act.what if _counts(path)), act)
        elif first is not None:
            held |= dict.fromkeys((path for path in act.what if _counts(path)), first)
        elif act.kind in (ActKind.ALTER, ActKind.BUILD) and not act.fact("may"):
            held = {path: known for path, known in held.items() if path not in act.what}
        if len(held) > MAX_FETCHED:
            break
    return [_Fetched(path, act) for path, act in held.items()]


def _counts(path: str) -> bool:
    """Whether a path is that of a file in the checkout which is published for its own sake."""
    return not path.startswith(("/", "~", "$")) and not is_side(path) and DOCUMENTS.search(path) is None


def _within(path: str, source: str) -> bool:
    """Whether what a copy takes is what was fetched, or lies in a folder that was."""
    one, other = pattern(path), pattern(source)
    return fnmatchcase(other.replace("*", "x"), one) or fnmatchcase(one.replace("*", "x"), other) or one == other


def _builds(run: Run, until: int) -> bool:
    """Whether a run builds something before a deed."""
    return any((act.kind is ActKind.BUILD and act.type) or act.fact("builds") for act in _acts(run, until))
