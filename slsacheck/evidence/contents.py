"""What every tree does with the bytes of a file."""

import os
import threading
import time

from slsacheck.errors import InputError
from slsacheck.evidence.hashing import small
from slsacheck.model import EvidenceRecord

__all__ = ["ByteCache", "decode_text", "now", "shown", "stays_inside", "too_large"]

MAX_CACHE = 64 << 20
"""Bytes of files kept in memory; several collectors read the same files, and 2,000 workflows have some 20 MB."""


class ByteCache:
    """Contents by path, up to `MAX_CACHE` bytes; what does not fit is read again when it is needed again."""

    def __init__(self) -> None:
        self._items: dict[str, bytes] = {}
        self._size = 0
        self._lock = threading.Lock()

    def get(self, path: str) -> bytes | None:
        """The bytes kept under that path."""
        return self._items.get(path)

    def items(self) -> tuple[tuple[str, bytes], ...]:
        """All that is kept, by path."""
        with self._lock:
            return tuple(sorted(self._items.items()))

    def records(self, what: str = "file") -> tuple[EvidenceRecord, ...]:
        """What was read, by digest: an evidence record for each file."""
        moment, digest = now(), small("sha256")
        return tuple(
            EvidenceRecord(f"{what} {path}", f"sha256:{digest(data).hexdigest()}", moment)
            for path, data in self.items()
        )

    def put(self, path: str, data: bytes) -> None:
        """Keeps the bytes if they fit."""
        with self._lock:
            if path not in self._items and self._size + len(data) <= MAX_CACHE:
                self._items[path] = data
                self._size += len(data)


def now() -> str:
    """The time at which evidence is collected, ISO 8601 in UTC; SOURCE_DATE_EPOCH is honoured."""
    fixed = os.environ.get("SOURCE_DATE_EPOCH", "")
    seconds = int(fixed) if fixed.isascii() and fixed.isdigit() and len(fixed) <= 11 else time.time()  # noqa: PLR2004 - until the year 5138
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def shown(name: bytes) -> str:
    """A file name as text that can be printed anywhere: bytes that are not UTF-8 become backslash, x, two digits."""
    return name.decode("utf-8", "backslashreplace")


def stays_inside(name: bytes) -> bool:
    """Whether a relative name can only lead to a place below where it begins, and not into a `.git` there.

    git refuses other names when it adds files, but reads them from an index or a tree that somebody forged.
    """
    parts = name.split(b"/")
    return all(part not in (b"", b".", b"..") and part.lower() != b".git" for part in parts)


def decode_text(data: bytes, where: str) -> str:
    """File contents as text, without byte order mark; undecodable bytes are replaced. NUL bytes are an InputError."""
    if b"\0" in data:
        raise InputError("has NUL bytes, so it is not the text file that it should be", where=where)
    return data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")


def too_large(where: str, size: int, limit: int) -> InputError:
    """The error for contents over a limit."""
    return InputError(f"has {size} bytes, more than the {limit} that are read", where=where)
