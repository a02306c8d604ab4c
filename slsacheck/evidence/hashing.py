"""The digests of an artifact, read once, whatever its size."""

import os
import stat
from functools import cache
from importlib import import_module
from typing import Any

from slsacheck.errors import Absent, InputError

__all__ = ["digests_of", "small"]

MAX_BYTES = 64 << 30
"""Bytes of an artifact; the largest installers and disk images have some 20 GB."""
_CHUNK = 1 << 20


@cache
def small(algorithm: str) -> Any:
    """The hash of that name, as hashlib has it, for small texts: Python's own, because to load OpenSSL takes 3 ms."""
    for module in (f"_{algorithm}", "_sha2"):  # `_sha2` since Python 3.12
        try:
            return getattr(import_module(module), algorithm)
        except (ImportError, AttributeError):
            continue
    import hashlib

    return getattr(hashlib, algorithm)


def digests_of(path: str) -> tuple[tuple[str, str], ...]:
    """(algorithm, hexadecimal digest) of a file by SHA-256 and SHA-512; links are followed, as the user named it.

    Raises Absent where there is none, InputError where it is no regular file, too large or unreadable.
    """
    import hashlib

    sums = (hashlib.sha256(), hashlib.sha512())
    done = 0
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise Absent("there is no such file", where=path) from error
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=path) from error
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise InputError("is not a regular file", where=path, advice="an artifact is a file")
        while chunk := os.read(descriptor, _CHUNK):
            done += len(chunk)
            if done > MAX_BYTES:
                raise InputError(f"is larger than {MAX_BYTES >> 30} GiB", where=path)
            for one in sums:
                one.update(chunk)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=path) from error
    finally:
        os.close(descriptor)
    return (("sha256", sums[0].hexdigest()), ("sha512", sums[1].hexdigest()))
