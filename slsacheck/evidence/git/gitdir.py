"""Finding the git directory of a target, and reading the little of its configuration that is needed.

git itself never reads the target's configuration (see `shadow`). It is parsed here as data, and only the keys
named in `Located.config`'s users count.
"""

import os
import stat

from slsacheck.errors import Absent, InputError
from slsacheck.record import record

__all__ = ["Located", "locate", "parse_config", "read_small"]

MAX_CONFIG = 1 << 20
"""Bytes of a git configuration file; real ones have a few KB, a checkout with 1,000 branches some 100 KB."""
MAX_POINTER = 8192
"""Bytes of HEAD, of a `.git` file and of what points back: one path or reference each (PATH_MAX is 4096)."""

_CLONE = "clone the repository again"

Config = tuple[tuple[str, str], ...]


@record
class Located:
    """Where a repository's parts are: the work tree (or the bare repository itself), and its git directories.

    `common` is where objects and references are; it differs from `directory` in a linked work tree. `config` holds
    (key, value) pairs, keys as `git config --list` spells them, in file order.
    """

    top: str
    directory: str
    common: str
    bare: bool
    config: Config = ()

    def setting(self, key: str) -> str | None:
        """The last value of a configuration key, None where it is not set."""
        return next((value for name, value in reversed(self.config) if name == key), None)


def locate(path: str) -> Located:
    """The repository at exactly that path: a work tree with `.git`, or a bare repository (or git directory) itself.

    Parents are not searched. Raises Absent where there is no repository, InputError where there is a broken one or
    one whose `.git` points to a place that does not point back: a target must not borrow another repository's facts.
    """
    top = os.path.realpath(path)
    dot_git = os.path.join(top, ".git")
    try:
        mode = os.lstat(dot_git).st_mode
    except OSError:
        mode = 0
    if stat.S_ISDIR(mode):
        return _located(top, dot_git, bare=False)
    if stat.S_ISLNK(mode):
        inside = os.path.realpath(dot_git)
        if not inside.startswith(top + os.sep) or not os.path.isdir(inside):
            raise InputError("is a link that leaves the target; it was not followed", where=".git")
        return _located(top, inside, bare=False)
    if stat.S_ISREG(mode):
        return _located(top, _follow(top, dot_git), bare=False)
    if _looks_like_git_directory(top):
        return _located(top, top, bare=True)
    raise Absent(f"{path} is not a git repository")


def read_small(path: str, limit: int) -> bytes | None:
    """The bytes of a small regular file of a git directory; None where there is none. Links are followed by git too.

    Raises InputError where it is not a regular file, is larger than `limit` or cannot be read.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=_short(path)) from error
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise InputError("is not a regular file", where=_short(path))
        with open(descriptor, "rb", closefd=False) as stream:
            data = stream.read(limit + 1)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=_short(path)) from error
    finally:
        os.close(descriptor)
    if len(data) > limit:
        raise InputError(f"is larger than {limit} bytes", where=_short(path))
    return data


def _short(path: str) -> str:
    """The part of a path from `.git` on, for messages."""
    parts = path.split(os.sep)
    return "/".join(parts[parts.index(".git") :]) if ".git" in parts else parts[-1]


def _looks_like_git_directory(path: str) -> bool:
    """What git itself asks for (`is_git_directory` in setup.c): HEAD, objects and a place for references."""
    has = [os.path.lexists(os.path.join(path, name)) for name in ("HEAD", "objects", "refs")]
    return all(has) and os.path.isdir(os.path.join(path, "objects"))


def _located(top: str, directory: str, *, bare: bool) -> Located:
    if not _looks_like_git_directory(directory) and not os.path.exists(os.path.join(directory, "commondir")):
        raise InputError("lacks HEAD, objects or refs, so it is not a git directory", where=".git", advice=_CLONE)
    common = _common(directory)
    data = read_small(os.path.join(common, "config"), MAX_CONFIG) or b""
    return Located(top, directory, common, bare, parse_config(data.decode("utf-8", "replace")))


def _common(directory: str) -> str:
    """The directory with objects and references: what a linked work tree's `commondir` names (gitrepository-layout)."""
    pointer = _pointer(os.path.join(directory, "commondir"))
    return directory if pointer is None else os.path.realpath(os.path.join(directory, pointer))


def _follow(top: str, dot_git: str) -> str:
    """The git directory that a `.git` file names, if it lies in the target or points back to this work tree."""
    text = _pointer(dot_git) or ""
    if not text.startswith("gitdir: "):
        raise InputError("is a file that does not say `gitdir: PATH`", where=".git", advice=_CLONE)
    directory = os.path.realpath(os.path.join(top, text.removeprefix("gitdir: ")))
    if not os.path.isdir(directory):
        raise InputError("names a git directory that does not exist", where=".git", advice="`git worktree repair`")
    inside = directory.startswith(top + os.sep)
    if inside and _common(directory).startswith(top + os.sep):
        return directory
    if _worktree_points_back(dot_git, directory) or _submodule_points_back(top, directory):
        return directory
    raise InputError(
        "names a git directory elsewhere that does not point back to this work tree; it was not followed",
        where=".git",
        advice="assess the repository itself, or a fresh clone of it",
    )


def _worktree_points_back(dot_git: str, directory: str) -> bool:
    """Whether `gitdir` of a linked work tree's directory names this `.git` file (git-worktree, DETAILS)."""
    back = _pointer(os.path.join(directory, "gitdir"))
    return back is not None and os.path.realpath(os.path.join(directory, back)) == dot_git


def _submodule_points_back(top: str, directory: str) -> bool:
    """Whether `core.worktree` of a submodule's git directory names this work tree (gitsubmodules, FORMS)."""
    data = read_small(os.path.join(directory, "config"), MAX_CONFIG) or b""
    values = [value for key, value in parse_config(data.decode("utf-8", "replace")) if key == "core.worktree"]
    return bool(values) and os.path.realpath(os.path.join(directory, values[-1])) == top


def _pointer(path: str) -> str | None:
    data = read_small(path, MAX_POINTER)
    return None if data is None else os.fsdecode(data).rstrip("\n")


_ESCAPES = {"n": "\n", "t": "\t", "b": "\b", '"': '"', "\\": "\\"}


def parse_config(text: str) -> Config:
    """The (key, value) pairs of a git configuration file (git-config, SYNTAX). Includes are not followed.

    Section and variable names are lower case, subsections as written. A variable without `=` has the value `true`.
    A line that does not follow the syntax is left out.
    """
    pairs: list[tuple[str, str]] = []
    section = ""
    lines = iter(text.lstrip("\ufeff").replace("\r\n", "\n").split("\n"))
    for line in lines:
        rest = line.strip(" \t")
        if rest.startswith("["):
            section, rest = _section(rest)
        if not rest or rest[0] in "#;" or not section:
            continue
        name, equals, value = rest.partition("=")
        while equals and _continues(value):
            value = value[:-1] + next(lines, "")
        key = name.split("#")[0].split(";")[0].strip(" \t").lower()
        if key and key.replace("-", "").isalnum():
            pairs.append((f"{section}.{key}", _value(value) if equals else "true"))
    return tuple(pairs)


def _section(line: str) -> tuple[str, str]:
    """The section that a header line names, and what follows the header on the line."""
    position = 1
    name = ""
    while position < len(line) and line[position] not in ' \t"]':
        name += line[position]
        position += 1
    subsection = None
    rest = line[position:].lstrip(" \t")
    if rest.startswith('"'):
        subsection, rest = _quoted(rest[1:])
    if not rest.startswith("]"):
        return "", ""
    full = name.lower() if subsection is None else f"{name.lower()}.{subsection}"
    return full, rest[1:].lstrip(" \t")


def _quoted(text: str) -> tuple[str, str]:
    """A subsection name up to its closing quote (a backslash takes the next character as it is), and the rest."""
    out: list[str] = []
    characters = iter(enumerate(text))
    for position, character in characters:
        if character == '"':
            return "".join(out), text[position + 1 :]
        if character == "\\":
            _, character = next(characters, (0, ""))  # noqa: PLW2901 - an escape takes two characters
        out.append(character)
    return "".join(out), ""


def _continues(value: str) -> bool:
    """Whether a value goes on in the next line: it ends in an unescaped backslash outside a comment."""
    quoted = escaped = False
    for character in value:
        if escaped:
            escaped = False
        elif character == "\\":
            escaped = True
        elif character == '"':
            quoted = not quoted
        elif character in "#;" and not quoted:
            return False
    return escaped


def _value(text: str) -> str:
    """A value with its quotes, escapes and comment taken away; blanks at both ends go unless quoted."""
    out: list[str] = []
    keep = 0
    quoted = False
    characters = iter(text)
    for character in characters:
        if character in " \t" and not (quoted or out):
            continue
        if character == '"':
            quoted = not quoted
            keep = len(out)  # blanks before a quotation mark stay
            continue
        if character in "#;" and not quoted:
            break
        if character == "\\":
            character = _ESCAPES.get(next(characters, ""), "")  # noqa: PLW2901 - an escape takes two characters
            out.append(character)
            keep = len(out)
            continue
        out.append(character)
        if quoted or character not in " \t":
            keep = len(out)
    return "".join(out[:keep])
