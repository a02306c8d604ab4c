"""Asking git: an allow-list of plumbing commands under a shadow git directory."""

import os
import threading
import time
import weakref
from typing import Protocol

from slsacheck.errors import Absent, InputError, Unavailable
from slsacheck.evidence.git.gitdir import MAX_POINTER, locate, read_small
from slsacheck.evidence.git.shadow import Shadow, find_git
from slsacheck.evidence.git.spawn import Child, SilentError, run
from slsacheck.evidence.hashing import small
from slsacheck.record import record

__all__ = ["Git", "GitObject", "Plumbing"]

PLUMBING = frozenset({"check-attr", "diff-index", "for-each-ref", "ls-files", "ls-tree", "rev-list", "rev-parse"})
"""The commands that may run. None of them runs hooks, filters, text conversions, editors or pagers by itself."""
MAX_OUTPUT = 128 << 20
"""Bytes of one answer: the list of 500,000 files, the largest public repositories, has some 60 MB."""
SECONDS = 10.0
"""Time for one command; a list of 100,000 files on a cold disk takes about 5 s. After one that took longer the others
are not tried: what made it wait (a FIFO in the git directory) makes them wait too."""
MAX_OBJECT = 4 << 20
"""Bytes of one object that is read, unless the caller says otherwise; as for files."""

_FSCK = "`git fsck` says more"

Settings = ("remote.origin.url", "extensions.objectformat", "extensions.partialclone", "core.bare")


@record
class GitObject:
    """An object as the store holds it: its name (hex), its type (commit, tree, blob, tag) and its bytes."""

    name: str
    type: str
    data: bytes


class Plumbing(Protocol):
    """What the collectors of git facts ask: a live repository, or the answers of one that were recorded."""

    top: str
    bare: bool

    def ask(self, *args: str, ok: tuple[int, ...] = (0,)) -> bytes:
        """Standard output of a plumbing command. Raises Unavailable where it fails with a status not in `ok`."""

    def status(self, *args: str) -> int:
        """The exit status of a plumbing command that answers with it. Raises Unavailable where it cannot run."""

    def object(self, name: str, limit: int = MAX_OBJECT) -> GitObject:
        """The object of that name or revision. Raises Absent where there is none, InputError over the limit."""

    def head(self) -> str:
        """The text of HEAD: `ref: refs/heads/main` or a commit."""

    def setting(self, key: str) -> str | None:
        """One of a few harmless keys of the repository's configuration; see `Settings`."""

    def has(self, name: str) -> bool:
        """Whether the git directory has a file of that name, such as `shallow`."""


class Git:
    """The repository at exactly `path`, read without running anything of it.

    Raises Absent where there is no repository, InputError where it is broken or not to be followed, Unavailable
    where git is not installed.
    """

    def __init__(self, path: str) -> None:
        self._located = locate(path)
        self.top = self._located.top
        self.bare = self._located.bare
        self._git = find_git()
        self._shadow = Shadow(self._located)
        self._lock = threading.Lock()
        self._silent = False
        self._batch: list[Child] = []
        self._finalizer = weakref.finalize(self, _release, self._shadow, self._batch)

    def close(self) -> None:
        """Ends what runs and takes the shadow away; done at the end of the program too."""
        self._finalizer()

    def ask(self, *args: str, ok: tuple[int, ...] = (0,)) -> bytes:
        """Standard output of a plumbing command; see `Plumbing.ask`."""
        code, out, err = self._run(args)
        if code not in ok:
            raise Unavailable(f"git {args[0]} failed: {_sentence(err, code)}", advice=_FSCK)
        return out

    def status(self, *args: str) -> int:
        """The exit status of a plumbing command; see `Plumbing.status`."""
        return self._run(args)[0]

    def object(self, name: str, limit: int = MAX_OBJECT) -> GitObject:
        """The object of that name; see `Plumbing.object`. One process answers for all of them."""
        if not name or "\n" in name or "\0" in name:
            raise Absent(f"there is no object {name!r}")
        with self._lock:
            self._refuse_if_silent()
            try:
                return self._object(name, limit)
            except BaseException as error:
                self._silent = self._silent or isinstance(error, SilentError)
                if not isinstance(error, Absent):
                    self._stop_batch()  # what is left of an answer must not be taken for the next one
                raise

    def head(self) -> str:
        """The text of HEAD; see `Plumbing.head`."""
        data = read_small(os.path.join(self._located.directory, "HEAD"), MAX_POINTER) or b""
        return data.decode("utf-8", "replace").strip()

    def setting(self, key: str) -> str | None:
        """A configuration value; see `Plumbing.setting`."""
        return self._located.setting(key) if key in Settings else None

    def has(self, name: str) -> bool:
        """Whether the git directory has that file; see `Plumbing.has`."""
        return os.path.isfile(os.path.join(self._located.common, name))

    def _command(self, *args: str) -> list[str]:
        return [self._git, "-C", self.top, "--no-pager", *args]

    def _run(self, args: tuple[str, ...]) -> tuple[int, bytes, bytes]:
        if args[0] not in PLUMBING:
            raise Unavailable(f"git {args[0]} is not among the commands that slsacheck runs")
        self._refuse_if_silent()
        try:
            return run(self._command(*args), self._shadow.env, limit=MAX_OUTPUT, seconds=SECONDS)
        except SilentError:
            self._silent = True
            raise

    def _refuse_if_silent(self) -> None:
        if self._silent:
            raise Unavailable("git did not answer in time before, so it was not asked again", advice=_FSCK)

    def _object(self, name: str, limit: int) -> GitObject:
        if not self._batch:
            self._batch.append(Child(self._command("cat-file", "--batch"), self._shadow.env, writable=True))
        child = self._batch[0]
        deadline = time.monotonic() + SECONDS
        try:
            os.write(child.stdin, name.encode("utf-8", "surrogateescape") + b"\n")
        except BrokenPipeError as error:
            raise Unavailable("git cat-file ended early; the object store cannot be read") from error
        header, rest = _line(child, deadline)
        words = header.decode("utf-8", "replace").rsplit(" ", 2)
        if len(words) != 3 or not words[2].isdigit():  # noqa: PLR2004 - `<name> SP <type> SP <size>`
            raise Absent(f"there is no object {name}")
        size = int(words[2])
        if size > limit:
            raise InputError(f"has {size} bytes, more than the {limit} that are read", where=name)
        found = GitObject(words[0], words[1], _exactly(child, rest, size + 1, deadline)[:-1])
        if found.name != object_name(found.type, found.data, len(found.name)):
            raise InputError("does not have the digest that it is named by", where=found.name, advice=_FSCK)
        return found

    def _stop_batch(self) -> None:
        while self._batch:
            self._batch.pop().kill()


def object_name(kind: str, data: bytes, length: int) -> str:
    """The name that git gives to an object: the digest of its type, size and bytes (gitformat-pack aside).

    git does not compare it when it reads from a pack, so a forged store could show any commit under any name.
    """
    algorithm = small("sha256" if length == 64 else "sha1")  # noqa: PLR2004 - hex digits of SHA-256
    digest = algorithm(f"{kind} {len(data)}\0".encode(), usedforsecurity=False)
    digest.update(data)
    return str(digest.hexdigest())


def _line(child: Child, deadline: float) -> tuple[bytes, bytes]:
    data = b""
    while b"\n" not in data:
        more = child.read(1 << 16, deadline)
        if not more:
            raise Unavailable("git cat-file ended early; the object store cannot be read", advice=_FSCK)
        data += more
    line, _, rest = data.partition(b"\n")
    return line, rest


def _exactly(child: Child, begun: bytes, size: int, deadline: float) -> bytes:
    parts, have = [begun], len(begun)
    while have < size:
        more = child.read(size - have, deadline)
        if not more:
            raise Unavailable("git cat-file ended early; the object store cannot be read", advice=_FSCK)
        parts.append(more)
        have += len(more)
    return b"".join(parts)


def _release(shadow: Shadow, batch: list[Child]) -> None:
    while batch:
        batch.pop().kill()
    shadow.close()


def _sentence(err: bytes, code: int) -> str:
    lines = err.decode("utf-8", "replace").strip().splitlines()
    return lines[0].removeprefix("fatal: ")[:300] if lines else f"exit status {code}"
