"""Files of strangers, read with bounds: regular files only, never blocking, never past the cap."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from contextlib import contextmanager
from typing import TYPE_CHECKING

from slsacheck.evidence.attestations.limits import MAX_ARTIFACT_BYTES, MAX_ATTESTATION_BYTES
from slsacheck.evidence.attestations.steps import RefusedError, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["artifact_digests", "file_size", "read_bounded"]

_CHUNK = 1024 * 1024


@contextmanager
def _opened(path: str) -> Iterator[tuple[int, int]]:
    """The file, open for reading, and its size; anything but a regular file is refused."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise _unread(f"{shown(path)} is not a regular file; give the path of a file")
        yield handle, status.st_size
    finally:
        os.close(handle)


def _unreadable(path: str, error: OSError | ValueError) -> RefusedError:
    code = error.errno if isinstance(error, OSError) else None
    if code in (errno.ENOENT, errno.ENOTDIR):
        return _unread(f"{shown(path)} does not exist; check the path")
    reason = error.strerror if isinstance(error, OSError) and error.strerror else "the path is not valid"
    return _unread(f"{shown(path)} cannot be read: {reason}; check the path and who may read it")


def _unread(message: str) -> RefusedError:
    """A file that nobody looked into: nothing is refuted."""
    return RefusedError("malformed", message, verdict="unknown", step="read")


def read_bounded(path: str, limit: int = MAX_ATTESTATION_BYTES) -> bytes:
    """The bytes of a regular file.

    Raises RefusedError: `limit-exceeded` when it is larger than `limit` bytes, `malformed` when it cannot be read.
    """
    with _opened(path) as (handle, size):
        if size > limit:
            raise _too_large(path, limit)
        parts, room = [], limit + 1
        try:
            while room and (part := os.read(handle, min(size + 1, room))):  # it may grow, and reads may be short
                parts.append(part)
                room -= len(part)
        except OSError as error:
            raise _unreadable(path, error) from error
    if not room:
        raise _too_large(path, limit)
    return b"".join(parts)


def _too_large(path: str, limit: int) -> RefusedError:
    return RefusedError(
        "limit-exceeded",
        f"{shown(path)} is larger than the {limit:,} bytes that are read; is it the right file?",
        verdict="unknown",
        step="read",
    )


def file_size(path: str) -> int:
    """The size of a regular file in bytes; raises RefusedError."""
    with _opened(path) as (_, size):
        return size


def artifact_digests(path: str) -> dict[str, str]:
    """sha256 and sha512 of a file, read once."""
    sums = {"sha256": hashlib.sha256(), "sha512": hashlib.sha512()}
    done = 0
    with _opened(path) as (handle, _):
        while chunk := os.read(handle, _CHUNK):
            done += len(chunk)
            if done > MAX_ARTIFACT_BYTES:
                raise _too_large(path, MAX_ARTIFACT_BYTES)
            for one in sums.values():
                one.update(chunk)
    return {name: one.hexdigest() for name, one in sums.items()}
