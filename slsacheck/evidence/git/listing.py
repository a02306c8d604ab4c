"""What git says of a work tree: its files, and how they differ from the index, in one command."""

import os
import stat

from slsacheck.evidence.git.repository import Plumbing
from slsacheck.record import record

__all__ = ["Listing", "list_work_tree", "parse_listing"]

COMMAND = ("ls-files", "-z", "-v", "--stage", "--cached", "--others", "--modified", "--deleted", "--exclude-standard")


@record
class Listing:
    """The files of a work tree, by names as git has them (bytes, relative).

    `links` are symbolic links among them, `submodules` the places of other repositories, `changed` what differs from
    the index (content, kind or deletion), `untracked` how many files are not tracked and not ignored, `hidden` how
    many entries git was told not to compare (`assume-unchanged`), `sparse` how many are not checked out.
    """

    files: tuple[bytes, ...]
    links: tuple[bytes, ...] = ()
    submodules: tuple[bytes, ...] = ()
    changed: tuple[bytes, ...] = ()
    untracked: int = 0
    hidden: int = 0
    sparse: int = 0


def list_work_tree(git: Plumbing) -> Listing:
    """Asks git for the listing. Content is compared without filters: the shadow configuration defines none."""
    return parse_listing(git.ask(*COMMAND), git.top)


def parse_listing(answer: bytes, top: str) -> Listing:
    """Reads the answer of `COMMAND`; kinds that the answer leaves open are looked up below `top`.

    Each record is `TAG SP [MODE SP NAME SP STAGE TAB] PATH NUL` (git-ls-files, OUTPUT): `?` untracked, `R` deleted,
    `C` changed, `S` not checked out, `M` unmerged, `H` else; lower case where git was told not to compare.
    """
    kinds: dict[bytes, bytes] = {}
    changed: dict[bytes, None] = {}
    gone: set[bytes] = set()
    untracked = hidden = sparse = 0
    for entry in answer.split(b"\0"):
        tag, rest = entry[:1], entry[2:]
        if tag == b"?":
            untracked += 1
            kinds[rest] = b""
        elif tag:
            details, _, path = rest.partition(b"\t")
            if tag == b"R":
                gone.add(path)
            if tag in b"RCM":
                changed[path] = None
            hidden += tag.islower()
            sparse += tag in b"Ss"
            kinds[path] = b"" if tag in b"CM" else b"sparse" if tag in b"Ss" else kinds.get(path, details[:6])
    return _sorted_out(kinds, gone, top, tuple(changed), untracked, hidden, sparse)


def _sorted_out(
    kinds: dict[bytes, bytes],
    gone: set[bytes],
    top: str,
    changed: tuple[bytes, ...],
    untracked: int,
    hidden: int,
    sparse: int,
) -> Listing:
    files: list[bytes] = []
    links: list[bytes] = []
    submodules: list[bytes] = []
    for path, mode in kinds.items():
        kind = _kind(path, mode, top)
        if kind == "submodule":
            submodules.append(path)
        elif path not in gone and kind == "file":
            files.append(path)
        elif path not in gone and kind == "link":
            links.append(path)
    return Listing(tuple(files), tuple(links), tuple(submodules), changed, untracked, hidden, sparse)


def _kind(path: bytes, mode: bytes, top: str) -> str:
    """What a path is: by its mode in the index where git says that it is unchanged, else by looking."""
    known = {b"100644": "file", b"100755": "file", b"120000": "link", b"160000": "submodule", b"sparse": "sparse"}
    if mode in known:
        return known[mode]
    try:
        found = os.lstat(os.path.join(os.fsencode(top), path)).st_mode
    except (OSError, ValueError):
        return "gone"
    if stat.S_ISREG(found):
        return "file"
    return "link" if stat.S_ISLNK(found) else "other"
