"""Folders of the machine that a container is given (`docker run -v FOLDER:PLACE`): what changes there changes here."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from slsacheck.evidence.publications.code import LOOKS
from slsacheck.evidence.publications.scripts._call import HERE, TEMPORARY, joined_path
from slsacheck.patterns import regex
from slsacheck.record import replace

if TYPE_CHECKING:
    from slsacheck.evidence.publications.scripts._call import Call, Options

__all__ = ["ROOT", "entered"]

WORKING = regex(r"^(?:\$\{?PWD\}?|\$\(pwd\)|`pwd`|\$\(CURDIR\))")
"""Spellings of the working directory, which need not be the root."""
ROOT = "$GITHUB_WORKSPACE"
"""The root of the target, as readers of paths know it."""
VOLUME = regex(r"^(.+?):([/$][^:]*)(?::([\w,]+))?$")


class Mount(NamedTuple):
    """A folder of the target, as a path that is told from its root, and what it is called in the container."""

    folder: str
    place: str
    writable: bool


def entered(call: Call, options: Options) -> Call:
    """The call of a command inside a container, with its paths in the words of the machine.

    `shares` are the folders that it may write to; none of them is known where an image only looks at files.
    """
    found = [mount for mount in (*_volumes(options, call), *_binds(options, call)) if mount is not None]
    words = tuple(_outside(word, found) for word in call.argv)
    looks = bool(options.words) and LOOKS.search(options.words[0].rpartition("/")[2]) is not None
    written = tuple(mount.folder for mount in found if mount.writable)
    return replace(
        call,
        context=call.context.within(_directory(options, found, call.context.directory)),
        argv=words,
        shares=() if looks else tuple(_bare(folder) for folder in written),
    )


def _bare(folder: str) -> str:
    return folder.removeprefix(ROOT).strip("/")


def _volumes(options: Options, call: Call) -> list[Mount | None]:
    found = (VOLUME.match(value) for value in options.values("-v", "--volume"))
    return [
        _mount(match[1], match[2], call, writable="ro" not in (match[3] or "").split(",")) for match in found if match
    ]


def _binds(options: Options, call: Call) -> list[Mount | None]:
    found: list[Mount | None] = []
    for value in options.values("--mount"):
        given = dict(part.partition("=")[::2] for part in value.split(","))
        source = given.get("source") or given.get("src") or ""
        place = given.get("target") or given.get("destination") or given.get("dst") or ""
        if source and place and given.get("type", "volume") == "bind":
            found.append(_mount(source, place, call, writable=not {"readonly", "ro"} & given.keys()))
    return found


def _mount(source: str, place: str, call: Call, *, writable: bool) -> Mount | None:
    """A mount of the target's folders, or of one in a variable; None for volumes and for folders elsewhere."""
    source = source.replace('"', "").replace("'", "")
    here = HERE.match(source)
    if here is None and source.startswith("$") and not TEMPORARY.match(source) and "sock" not in source.lower():
        return Mount(source.rstrip("/"), place.rstrip("/") or "/", writable)
    if here is None and not source.startswith("."):
        return None
    base = call.context.directory if here is None or WORKING.match(source) else ""
    folder = joined_path(base, source[here.end() :] if here is not None else source)
    return Mount(f"{ROOT}/{folder}".rstrip("/"), place.rstrip("/") or "/", writable)


def _outside(word: str, mounts: list[Mount]) -> str:
    """A word (a path, an option with one, a script) with the places of a container as folders of the machine."""
    for mount in sorted(mounts, key=lambda one: -len(one.place)):
        if mount.place != "/" and mount.place in word:
            word = re.sub(rf"(?<![\w./}}-]){re.escape(mount.place)}(?![\w.-])", lambda _: mount.folder, word)  # noqa: B023
    return word


def _directory(options: Options, mounts: list[Mount], before: str) -> str:
    """The working directory from the root; the first folder that is mounted where only the image's own tells it."""
    stated = options.value("-w", "--workdir")
    if stated is None:
        return _bare(mounts[0].folder) if mounts else before
    told = _outside(stated, mounts)
    return _bare(told) if told.startswith(ROOT) or HERE.match(told) else told.strip("/")
