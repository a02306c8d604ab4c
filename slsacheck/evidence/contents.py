"""What every tree does with the bytes of a file."""

import threading

from slsacheck.errors import InputError

__all__ = ["ByteCache", "decode_text", "shown", "too_large"]

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

    def put(self, path: str, data: bytes) -> None:
        """Keeps the bytes if they fit."""
        with self._lock:
            if path not in self._items and self._size + len(data) <= MAX_CACHE:
                self._items[path] = data
                self._size += len(data)


def shown(name: bytes) -> str:
    """A file name as text that can be printed anywhere: bytes that are not UTF-8 become backslash, x, two digits."""
    return name.decode("utf-8", "backslashreplace")


def decode_text(data: bytes, where: str) -> str:
    """File contents as text, without byte order mark; undecodable bytes are replaced. NUL bytes are an InputError."""
    if b"\0" in data:
        raise InputError("has NUL bytes, so it is not the text file that it should be", where=where)
    return data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")


def too_large(where: str, size: int, limit: int) -> InputError:
    """The error for contents over a limit."""
    return InputError(f"has {size} bytes, more than the {limit} that are read", where=where)
