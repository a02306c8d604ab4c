"""Two series of entries side by side: each is read once, in step, and only what waits for its like is remembered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from slsacheck.errors import InputError
from slsacheck.evidence.attestations.steps import shown
from slsacheck.record import record, replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from slsacheck.evidence.oci.tarstream import Entry

__all__ = ["Hashing", "Seen", "alone", "compare_entries", "compare_seen"]

_ARCHIVES = (".jar", ".war", ".ear", ".zip", ".whl", ".egg", ".gz", ".tgz", ".xz", ".tar", ".deb", ".a", ".apk", ".gem")
"""Names of archives into which a comparison looks, one level deep."""
MAX_INNER = 48 << 20
"""Bytes of an archive inside another that is looked into; jars with all that they need have some 50 MB."""
MAX_LOOKED = 40
"""Archives of one series that are looked into: the first tell what happened."""
MAX_HELD = 64 << 20
"""Bytes of such archives that wait for their like."""
MAX_WAITING = 150_000
"""Entries of one side that are remembered, some 900 bytes each: those in the same order never are."""
_STRICT: tuple[tuple[str, Callable[[Entry], object]], ...] = (
    ("type", lambda one: one.kind),
    ("mode", lambda one: f"{one.mode:04o}"),
    ("owner", lambda one: f"{one.uid}:{one.gid}"),
    ("link", lambda one: one.link),
    ("device", lambda one: f"{one.device[0]}:{one.device[1]}"),
    ("xattr", lambda one: one.xattrs),
)
"""What makes two entries different."""


class Hashing(Protocol):
    """Entries in order; after each the digest of its contents can be had."""

    where: str
    """What they are called in messages."""

    def __iter__(self) -> Iterator[Entry]:
        """The entries."""

    def sha256(self) -> str:
        """The digest of the file of the last entry, in hexadecimal digits."""

    def read(self, limit: int) -> bytes:
        """The file of the last entry itself, which has at most so many bytes."""


@record
class Seen:
    """An entry with its digest and its place among the others; `data` where it may be an archive."""

    entry: Entry
    digest: str
    place: int
    data: bytes | None = None


class _Side:
    """One series: the entries that wait for their like on the other side, by path and how often the path came."""

    def __init__(self, series: Hashing) -> None:
        self._series = series
        self._entries = iter(series)
        self._count = 0
        self._held = 0
        self._times: dict[str, int] = {}
        self.waiting: dict[tuple[str, int], Seen] = {}
        self.last = -1

    def next(self) -> tuple[tuple[str, int], Seen] | None:
        """The next entry; None at the end."""
        entry = next(self._entries, None)
        if entry is None:
            return None
        data, digest = None, ""
        if _is_archive(entry):
            data = self._series.read(entry.size)
            digest = _digest(data)
        elif entry.kind == "file":
            digest = self._series.sha256()
        time = self._times[entry.path] = self._times.get(entry.path, 0) + 1
        self._count += 1
        return (entry.path, time), Seen(entry, digest, self._count, data)

    def wait(self, key: tuple[str, int], seen: Seen) -> None:
        """Remembers an entry until the other side has its like. Raises InputError where too many wait."""
        if len(self.waiting) >= MAX_WAITING:
            raise InputError(
                f"has {MAX_WAITING:,} entries more than, or in another order than, what it is compared with",
                where=self._series.where,
                advice="these are hardly two builds of the same thing; compare parts of them",
            )
        if self._held + len(seen.data or b"") > MAX_HELD:
            seen = replace(seen, data=None)
        self._held += len(seen.data or b"")
        self.waiting[key] = seen

    def take(self, key: tuple[str, int]) -> Seen | None:
        """The entry of that path that waits, which then waits no more."""
        seen = self.waiting.pop(key, None)
        self._held -= len(seen.data or b"") if seen else 0
        return seen


def _is_archive(entry: Entry) -> bool:
    return entry.kind == "file" and entry.path.endswith(_ARCHIVES) and entry.size <= MAX_INNER


def _digest(data: bytes) -> str:
    import hashlib

    return hashlib.sha256(data).hexdigest()


def compare_entries(first: Hashing, second: Hashing, add: Callable[..., None]) -> None:
    """Adds every difference between two series by `add(what, path, before=, after=)`.

    Raises InputError or Unavailable where one of them cannot be read to its end.
    """
    left, right = _Side(first), _Side(second)
    ordered, more, looked = True, [True, True], 0
    while any(more):
        for number, (side, other) in enumerate(((left, right), (right, left))):
            found = side.next() if more[number] else None
            if found is None:
                more[number] = False
                continue
            key, seen = found
            like = other.take(key)
            if like is None:
                side.wait(key, seen)
                continue
            before, after = (seen, like) if side is left else (like, seen)
            ordered = ordered and before.place > left.last and after.place > right.last
            left.last, right.last = before.place, after.place
            differ = before.data is not None and before.digest != after.digest
            compare_seen(before, after, add, look=differ and looked < MAX_LOOKED)
            looked += differ
    if not ordered:
        add("order")
    for what, side in (("removed", left), ("added", right)):
        for seen in side.waiting.values():
            alone(what, seen.entry, add)


def alone(what: str, entry: Entry, add: Callable[..., None]) -> None:
    """Adds an entry that one side alone has: `what` is removed or added."""
    value = {"removed": "before", "added": "after"}[what]
    if entry.is_whiteout:
        add("whiteout", shown(entry.path or "."), **{value: "removes what is below"})
    else:
        add(
            what, shown(entry.path or "."), **{value: f"{entry.kind}, {entry.size} bytes" if entry.size else entry.kind}
        )


def compare_seen(before: Seen, after: Seen, add: Callable[..., None], *, look: bool = False) -> None:
    """Adds what differs between two entries of the same path; `look` where archives are looked into."""
    if before.digest == after.digest and before.entry == after.entry:
        return
    one, two, path = before.entry, after.entry, shown(before.entry.path or ".")
    for what, value in _STRICT:
        if value(one) != value(two):
            add(what, path, before=shown(_text(value(one))), after=shown(_text(value(two))))
    if before.digest != after.digest and one.kind == two.kind:
        add(
            "content",
            path,
            before=_content(before),
            after=_content(after),
            inside=_inside(before, after) if look else (),
        )
    if one.mtime_ns != two.mtime_ns:
        add("mtime", path, before=_moment(one.mtime_ns), after=_moment(two.mtime_ns))
    if (one.uname, one.gname) != (two.uname, two.gname):
        add("owner-name", path, before=_names(one), after=_names(two))
    if one.name != two.name:
        add("archive-format", path, before=shown(one.name), after=shown(two.name))


def _inside(before: Seen, after: Seen) -> tuple[tuple[str, int], ...]:
    """What differs inside two archives, by kind; nothing where they are none, or cannot be read."""
    if before.data is None or after.data is None:
        return ()
    from slsacheck.evidence.comparison.files import kinds_inside

    return kinds_inside(before.data, after.data)


def _content(seen: Seen) -> str:
    return f"{seen.entry.size} bytes, sha256:{seen.digest}"


def _names(entry: Entry) -> str:
    return shown(f"{entry.uname}:{entry.gname}")


def _text(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(f"{name}={text!r}" for name, text in value)
    return str(value)


def _moment(nanoseconds: int) -> str:
    """A time as ISO 8601; seconds since 1970 where no calendar has it."""
    from datetime import UTC, datetime

    seconds, rest = divmod(nanoseconds, 10**9)
    try:
        text = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    except (ValueError, OverflowError, OSError):
        return f"{seconds} s"
    return f"{text}.{rest:09d}Z" if rest else f"{text}Z"
