"""The files of a target on this machine, as a `Tree`: a directory or a single file."""

import os
import stat
import threading

from slsacheck.errors import Absent, InputError, SlsacheckError
from slsacheck.evidence.contents import ByteCache, decode_text, shown, stays_inside, too_large
from slsacheck.evidence.git.listing import Listing, list_work_tree
from slsacheck.evidence.git.repository import Plumbing
from slsacheck.evidence.tree import MAX_FILE, Problems
from slsacheck.evidence.walk import contained, walk
from slsacheck.model import EvidenceRecord

__all__ = ["EmptyTree", "SingleFile", "WorkTree", "read_regular"]


def read_regular(path: bytes | str, where: str, limit: int) -> bytes:
    """The bytes of a regular file; never blocks on a FIFO, never follows a link, never reads more than `limit`.

    Raises Absent where there is none, InputError where it is something else, too large or unreadable.
    """
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
    try:
        descriptor = os.open(path, flags)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise Absent("there is no such file", where=where) from error
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=where) from error
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise InputError("is not a regular file", where=where)
        if status.st_size > limit:
            raise too_large(where, status.st_size, limit)
        with open(descriptor, "rb", buffering=0, closefd=False) as stream:
            data = _read_up_to(stream.fileno(), limit + 1)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=where) from error
    finally:
        os.close(descriptor)
    if len(data) > limit:
        raise too_large(where, len(data), limit)
    return data


def _read_up_to(descriptor: int, size: int) -> bytes:
    parts: list[bytes] = []
    while size > 0:
        data = os.read(descriptor, min(size, 1 << 20))
        if not data:
            break
        parts.append(data)
        size -= len(data)
    return b"".join(parts)


class EmptyTree:
    """No files: the tree of a target that has none, such as an image reference."""

    def __init__(self) -> None:
        self.problems = Problems()

    def paths(self) -> tuple[str, ...]:
        """Nothing."""
        return ()

    def exists(self, path: str) -> bool:
        """False."""
        del path
        return False

    def read(self, path: str, limit: int = MAX_FILE) -> bytes:
        """Raises Absent."""
        del limit
        raise Absent("there is no such file", where=path)

    def text(self, path: str, limit: int = MAX_FILE) -> str:
        """Raises Absent."""
        return decode_text(self.read(path, limit), path)


class SingleFile(EmptyTree):
    """One file, under its own name."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self._path = os.path.realpath(path)
        self._name = shown(os.fsencode(os.path.basename(path)))

    def paths(self) -> tuple[str, ...]:
        """The file's name."""
        return (self._name,)

    def exists(self, path: str) -> bool:
        """Whether `path` is the file's name."""
        return path == self._name

    def read(self, path: str, limit: int = MAX_FILE) -> bytes:
        """The bytes of the file; see `Tree.read`."""
        if path != self._name:
            raise Absent("there is no such file", where=path)
        return read_regular(self._path, path, limit)


class WorkTree:
    """The files of a directory: those that git tracks or would track where it is a git work tree, else all of them.

    What cannot be listed (links that leave the target, odd names, too many files) is in `problems`. With `listing`
    given nothing else is asked; `git` is the repository at that directory, None where there is none.
    """

    def __init__(self, path: str, git: Plumbing | None = None) -> None:
        self.root = os.path.realpath(path)
        self.problems = Problems()
        self.listing: Listing | None = None
        self._root = os.fsencode(self.root)
        self._names: dict[str, bytes] = {}
        self._paths: tuple[str, ...] | None = None
        self._git = git
        self._cache = ByteCache()
        self._lock = threading.Lock()
        self._parents: dict[bytes, bool] = {}

    def paths(self) -> tuple[str, ...]:
        """All paths, sorted; see `Tree.paths`."""
        with self._lock:
            if self._paths is None:
                self._list()
            assert self._paths is not None
            return self._paths

    def exists(self, path: str) -> bool:
        """Whether that path is one of `paths()`."""
        self.paths()
        return path in self._names

    def read(self, path: str, limit: int = MAX_FILE) -> bytes:
        """The bytes of a file; see `Tree.read`. A link inside the target is followed."""
        if not self.exists(path):
            raise Absent("there is no such file", where=path)
        data = self._cache.get(path)
        if data is None:
            data = self._read(path, limit)
            self._cache.put(path, data)
        if len(data) > limit:
            raise too_large(path, len(data), limit)
        return data

    def text(self, path: str, limit: int = MAX_FILE) -> str:
        """The same as text; see `Tree.text`."""
        return decode_text(self.read(path, limit), path)

    def evidence_records(self) -> tuple[EvidenceRecord, ...]:
        """The files that were read, by digest."""
        return self._cache.records()

    def _read(self, path: str, limit: int) -> bytes:
        real = os.path.join(self._root, self._names[path])
        parent = os.path.dirname(real)
        inside = self._parents.get(parent)
        if inside is None:
            inside = self._parents[parent] = os.path.realpath(parent) == parent
        if not inside or os.path.islink(real):
            followed = contained(self._root, real)
            if followed is None:
                raise InputError("is a link that leaves the target; it was not followed", where=path)
            real = followed
        return read_regular(real, path, limit)

    def _list(self) -> None:
        names = self._tracked()
        if names is None:
            names = walk(self._root, self.problems)
        table: dict[str, bytes] = {}
        for name in names:
            path = shown(name)
            if not stays_inside(name):
                self.problems.add(path, "is a name that git would not add; it was not followed")
                continue
            if path in table:
                self.problems.add(path, "two files have this name once it is made printable; the first is read")
                continue
            table[path] = name
        self._names = table
        self._paths = tuple(sorted(table))

    def _tracked(self) -> list[bytes] | None:
        """The names that git gives; None where there is no work tree or git cannot say."""
        if self._git is None or self._git.bare:
            return None
        try:
            self.listing = list_work_tree(self._git)
        except SlsacheckError as error:
            reason = f"{error.message}; every file of the directory was looked at instead"
            self.problems.add(".git", reason, error.advice)
            return None
        names = list(self.listing.files)
        for name in self.listing.links:
            followed = contained(self._root, os.path.join(self._root, name))
            if followed is None:
                self.problems.add(shown(name), "is a link that is broken or leaves the target; it was not followed")
            elif os.path.isfile(followed):
                names.append(name)
        if self.listing.sparse:
            self.problems.add(
                ".git",
                f"{self.listing.sparse} tracked files are not checked out (sparse checkout) and were not read",
                "`git sparse-checkout disable`",
            )
        return names
