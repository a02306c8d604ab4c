"""Listing a directory that is no git work tree, with bounds."""

import os
import stat

from slsacheck.evidence.contents import shown
from slsacheck.evidence.tree import Problems

__all__ = ["contained", "walk"]

MAX_FILES = 200_000
"""Files listed in a directory without git; a home directory given by mistake must not keep the user waiting."""
MAX_DEPTH = 64
"""Directory levels; the deepest real trees (nested node_modules) have about 30."""


def contained(root: bytes, path: bytes) -> bytes | None:
    """Where a path leads, links resolved; None where that is outside `root`, inside its `.git`, broken or a loop."""
    try:
        real = os.path.realpath(path, strict=True)
    except (OSError, ValueError):
        return None
    if not real.startswith(root.rstrip(b"/") + b"/"):
        return None
    return None if b".git" in real[len(root) :].split(b"/") else real


def walk(root: bytes, problems: Problems) -> list[bytes]:
    """Relative names of the regular files below `root` (and of links to such files inside it), `.git` left out.

    Links to directories are not followed. Unreadable directories and bounds that were reached are in `problems`.
    """
    names: list[bytes] = []
    waiting: list[tuple[bytes, int]] = [(b"", 0)]
    while waiting:
        directory, depth = waiting.pop()
        for name, mode in _entries(root, directory, problems):
            path = os.path.join(directory, name)
            if name == b".git":
                continue
            if stat.S_ISDIR(mode):
                if depth >= MAX_DEPTH:
                    problems.add(shown(path), f"lies deeper than {MAX_DEPTH} directories and was not looked at")
                    continue
                waiting.append((path, depth + 1))
            elif stat.S_ISREG(mode) or (stat.S_ISLNK(mode) and _leads_to_file(root, path, problems)):
                names.append(path)
        if len(names) > MAX_FILES:
            problems.add(".", f"has more than {MAX_FILES} files; the rest was not read", "give a smaller directory")
            return names[:MAX_FILES]
    return names


def _entries(root: bytes, directory: bytes, problems: Problems) -> list[tuple[bytes, int]]:
    """(name, mode) of a directory's entries, links not followed, sorted."""
    found: list[tuple[bytes, int]] = []
    try:
        with os.scandir(os.path.join(root, directory)) as entries:
            for entry in entries:
                found.append((entry.name, entry.stat(follow_symlinks=False).st_mode))
                if len(found) > MAX_FILES:
                    break
    except OSError as error:
        problems.add(shown(directory) or ".", f"cannot be listed: {error.strerror}")
    return sorted(found)


def _leads_to_file(root: bytes, path: bytes, problems: Problems) -> bool:
    real = contained(root, os.path.join(root, path))
    if real is None:
        problems.add(shown(path), "is a link that is broken or leaves the target; it was not followed")
    return real is not None and os.path.isfile(real)
