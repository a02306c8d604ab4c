"""Bytes that come in pieces: a file, a part of an archive, a registry's blob; checked and uncompressed on the way."""

from __future__ import annotations

import os
import stat
import time
from typing import TYPE_CHECKING, BinaryIO, Protocol, cast

from slsacheck.errors import Absent, InputError, SlsacheckError, Unavailable
from slsacheck.evidence.oci.limits import (
    MAX_LAYER,
    MAX_LAYER_SECONDS,
    MAX_RATIO,
    MAX_UNPACKED,
    MAX_WINDOW,
    RATIO_FROM,
)

if TYPE_CHECKING:
    from slsacheck.evidence.oci.names import Descriptor

__all__ = ["Checked", "Section", "Stream", "Unpacked", "open_regular"]

CHUNK = 256 << 10
"""Bytes of one piece: large enough for hashing at full speed."""
_DAMAGED = "the image is damaged or was tampered with; get it again"
_MAGICS = ((b"\x1f\x8b", "gzip"), (b"\x28\xb5\x2f\xfd", "zstd"), (b"BZh", "bzip2"), (b"\xfd7zXZ\x00", "xz"))
_SKIPPABLE = b"\x2a\x4d\x18"
"""Ends the magic of a zstd frame that holds no data (zstd:chunked begins with none, but may)."""


class Stream(Protocol):
    """Bytes in order, each once."""

    def read(self, size: int, /) -> bytes:
        """At most that many bytes; none at the end. Raises Unavailable or InputError."""

    def close(self) -> None:
        """Lets go of what is behind it."""


class Section:
    """A part of an open file, or the rest of it."""

    def __init__(self, file: BinaryIO, where: str, size: int | None = None) -> None:
        self._file = file
        self._where = where
        self._left = size

    def read(self, size: int, /) -> bytes:
        """At most that many bytes. Raises InputError."""
        try:
            data = self._file.read(size if self._left is None else min(size, self._left))
        except OSError as error:
            raise InputError(f"cannot be read: {error.strerror}", where=self._where) from error
        if self._left is not None:
            self._left -= len(data)
        return data

    def close(self) -> None:
        """Closes the file."""
        self._file.close()


def open_regular(path: str, where: str) -> BinaryIO:
    """A regular file, opened to be read; links are not followed. Raises Absent or InputError."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise Absent("there is no such file", where=where) from error
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=where) from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise InputError("is not a regular file", where=where)
    return os.fdopen(descriptor, "rb", buffering=0)


class Checked:
    """The bytes of a blob, whose size and digest are checked when they have ended."""

    def __init__(self, stream: Stream, descriptor: Descriptor, where: str) -> None:
        import hashlib

        algorithm, _, self._value = descriptor.digest.partition(":")
        self._hash = hashlib.new(algorithm)
        self._stream = stream
        self._size = descriptor.size
        self._where = where
        self.done = 0
        self.ended = False

    def read(self, size: int = -1, /) -> bytes:
        """At most that many bytes. Raises InputError where there are more of them, or others, than were named."""
        data = self._stream.read(CHUNK if size < 0 else size)
        self.done += len(data)
        self._hash.update(data)
        limit = MAX_LAYER if self._size is None else min(self._size, MAX_LAYER)
        if self.done > limit:
            named = self._size is not None and self._size <= MAX_LAYER
            reason = f"has more than the {limit} bytes that its descriptor says" if named else too_large(MAX_LAYER)
            raise InputError(reason, where=self._where, advice=_DAMAGED if named else "")
        if not data and size and not self.ended:
            self._end()
        return data

    def _end(self) -> None:
        self.ended = True
        if self._size is not None and self.done != self._size:
            raise InputError(
                f"has {self.done} bytes, its descriptor says {self._size}", where=self._where, advice=_DAMAGED
            )
        if self._hash.hexdigest() != self._value:
            raise InputError("what is stored under this digest has another", where=self._where, advice=_DAMAGED)

    def close(self) -> None:
        """Closes what is read."""
        self._stream.close()


def too_large(limit: int) -> str:
    """What is said of a layer that is larger than anybody reads."""
    return f"is larger than {limit >> 30} GiB"


class _Joined:
    """A stream of which the beginning was read already."""

    def __init__(self, head: bytes, rest: Checked) -> None:
        self._head = head
        self._rest = rest

    def read(self, size: int = -1, /) -> bytes:
        """The beginning, then the rest."""
        if self._head and size:
            size = CHUNK if size < 0 else size
            data, self._head = self._head[:size], self._head[size:]
            return data
        return self._rest.read(size)

    def close(self) -> None:
        """Closes what is read."""
        self._rest.close()


class Unpacked:
    """The bytes of a blob once it is uncompressed, whatever it says of itself; hashed and bounded on the way.

    `compression` is what it is in fact: `none`, `gzip` or `zstd`.
    """

    def __init__(self, blob: Checked, where: str) -> None:
        import hashlib

        self._blob = blob
        self._where = where
        self._hash = hashlib.sha256()
        self._buffer = memoryview(b"")
        self._end = time.monotonic() + MAX_LAYER_SECONDS
        self.done = 0
        head = _head(blob)
        self.compression = _compression(head)
        joined = _Joined(head, blob)
        self._source = joined if self.compression == "none" else self._opened(joined)

    @property
    def diff_id(self) -> str:
        """The digest of all uncompressed bytes so far."""
        return f"sha256:{self._hash.hexdigest()}"

    def read(self, size: int) -> bytes:
        """That many bytes; fewer only at the end. Raises InputError or Unavailable."""
        if size <= len(self._buffer):
            data, self._buffer = self._buffer[:size], self._buffer[size:]
            return bytes(data)
        parts = []
        while size and (len(self._buffer) or self._fill()):
            part = self._buffer[:size]
            self._buffer = self._buffer[len(part) :]
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def skip(self, size: int) -> int:
        """Reads over that many bytes, and says how many there were. Raises InputError or Unavailable."""
        left = size
        while left and (len(self._buffer) or self._fill()):
            step = min(left, len(self._buffer))
            self._buffer = self._buffer[step:]
            left -= step
        return size - left

    def finish(self) -> None:
        """Reads what is left, so that the digests are those of all of it. Raises InputError."""
        self._buffer = memoryview(b"")
        while self._fill():
            pass
        self._buffer = memoryview(b"")
        while self._blob.read(CHUNK):
            pass

    def _fill(self) -> bool:
        data = self._more()
        self.done += len(data)
        self._hash.update(data)
        self._buffer = memoryview(data)
        if time.monotonic() > self._end:
            raise Unavailable(f"takes more than {MAX_LAYER_SECONDS} seconds to read", where=self._where)
        if self.done > MAX_UNPACKED:
            raise InputError(f"unpacks to more than {MAX_UNPACKED >> 30} GiB", where=self._where)
        if self.done > RATIO_FROM and self.done > self._blob.done * MAX_RATIO:
            raise InputError(
                f"unpacks to more than {MAX_RATIO} times its size: it was made to exhaust its reader",
                where=self._where,
                advice="look at the image with care, or leave it out",
            )
        return bool(data)

    def _more(self) -> bytes:
        import zlib

        try:
            return self._source.read(CHUNK)
        except SlsacheckError:
            raise
        except (OSError, EOFError, zlib.error) as error:
            raise self._broken(error) from error
        except Exception as error:
            if type(error).__name__ == "ZstdError":
                raise self._broken(error) from error
            raise

    def _broken(self, error: Exception) -> InputError:
        cut = isinstance(error, EOFError)
        reason = "ends too early" if cut else f"cannot be uncompressed: it is damaged {self.compression}"
        return InputError(reason, where=self._where, advice=_DAMAGED)

    def _opened(self, joined: Stream) -> Stream:
        if self.compression == "gzip":
            import gzip

            return gzip.GzipFile(fileobj=cast("BinaryIO", joined), mode="rb")
        if self.compression != "zstd":
            raise InputError(f"is compressed with {self.compression}, which no image may be", where=self._where)
        try:
            import zstandard
        except ImportError:
            raise Unavailable(
                "is compressed with zstd, which is not read without the package zstandard",
                where=self._where,
                advice='python -m pip install "slsacheck[zstd]"',
            ) from None
        reader = zstandard.ZstdDecompressor(max_window_size=MAX_WINDOW)
        return reader.stream_reader(cast("BinaryIO", joined), read_size=CHUNK, read_across_frames=True)


def _head(blob: Checked) -> bytes:
    """The first bytes, or all if there are fewer."""
    head = b""
    while len(head) < 8 and (data := blob.read(CHUNK)):  # noqa: PLR2004 - the longest magic number
        head += data
    return head


def _compression(head: bytes) -> str:
    """By the bytes, as container engines do it: media types are wrong more often than these."""
    if head[1:4] == _SKIPPABLE and head[0] >> 4 == 5:  # noqa: PLR2004 - 0x50 to 0x5F
        return "zstd"
    return next((name for magic, name in _MAGICS if head.startswith(magic)), "none")
