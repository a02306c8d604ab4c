"""The files of a revision, read from git's object store: for bare repositories and for `REV:`."""

from slsacheck.errors import Absent, InputError
from slsacheck.evidence.contents import ByteCache, decode_text, shown, stays_inside, too_large
from slsacheck.evidence.git.repository import Plumbing
from slsacheck.evidence.tree import MAX_FILE, Problems
from slsacheck.model import EvidenceRecord

__all__ = ["GitTree"]

MAX_HOPS = 8
"""Links to links that are followed; Linux follows 40, real trees one."""


class GitTree:
    """The files of a revision. Links inside the tree are followed, submodules are not files.

    Raises Absent where there is no such revision.
    """

    def __init__(self, git: Plumbing, revision: str = "HEAD") -> None:
        self.problems = Problems()
        self._git = git
        self.commit = git.object(revision + "^{commit}").name
        self._cache = ByteCache()
        self._entries: dict[str, tuple[str, str]] | None = None
        self._links: dict[str, str] = {}

    def paths(self) -> tuple[str, ...]:
        """All paths, sorted; see `Tree.paths`."""
        return tuple(sorted(self._table()))

    def exists(self, path: str) -> bool:
        """Whether that path is one of `paths()`."""
        return path in self._table()

    def read(self, path: str, limit: int = MAX_FILE) -> bytes:
        """The bytes of a file; see `Tree.read`."""
        if not self.exists(path):
            raise Absent("there is no such file", where=path)
        data = self._cache.get(path)
        if data is None:
            _, name = self._table()[self._links.get(path, path)]
            try:
                data = self._git.object(name, limit).data
            except InputError as error:
                raise InputError(error.message, where=path, advice=error.advice) from error
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

    def _table(self) -> dict[str, tuple[str, str]]:
        if self._entries is None:
            self._entries = self._list()
        return self._entries

    def _list(self) -> dict[str, tuple[str, str]]:
        table: dict[str, tuple[str, str]] = {}
        links: dict[str, str] = {}
        for record in self._git.ask("ls-tree", "-r", "-z", "--full-tree", self.commit).split(b"\0"):
            details, _, raw = record.partition(b"\t")
            words = details.decode("ascii", "replace").split(" ")
            path = shown(raw)
            if raw and not stays_inside(raw):
                self.problems.add(path, "is a name that git would not add; it was not followed")
                continue
            if words[0] in ("100644", "100755", "100664"):
                table[path] = (words[0], words[2])
            elif words[0] == "120000":
                links[path] = words[2]
        for path in links:
            target = self._follow(path, links, table)
            if target is None:
                self.problems.add(path, "is a link that is broken or leaves the target; it was not followed")
            else:
                self._links[path] = target
        for path, target in self._links.items():
            table[path] = table[target]
        return table

    def _follow(self, path: str, links: dict[str, str], table: dict[str, tuple[str, str]]) -> str | None:
        """The file that a link leads to, None where it leads to none in this tree."""
        for _ in range(MAX_HOPS):
            if path not in links:
                return path if path in table else None
            try:
                value = self._git.object(links[path], 4096).data
            except (Absent, InputError):
                return None
            step = _join(path, shown(value))
            if step is None:
                return None
            path = step
        return None


def _join(path: str, target: str) -> str | None:
    """Where a relative link target leads, None above the top or for an absolute one."""
    if target.startswith("/"):
        return None
    parts = path.split("/")[:-1]
    for word in target.split("/"):
        if word == "..":
            if not parts:
                return None
            parts.pop()
        elif word not in ("", "."):
            parts.append(word)
    return "/".join(parts)
