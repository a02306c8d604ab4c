"""Snappy's block format, in which GitHub keeps bundles (github.com/google/snappy, format_description.txt)."""

from __future__ import annotations

__all__ = ["uncompressed"]

_LITERAL, _NEAR, _FAR = 0, 1, 2
_SHORT = 60
"""Literals whose length less one stands in the tag; above it one to four bytes hold the length."""


def uncompressed(data: bytes, limit: int) -> bytes:
    """The bytes that were compressed, at most `limit`; raises ValueError where it is no such block, or more."""
    size, at = _length(data)
    if size > limit:
        raise ValueError("too large")
    found = bytearray()
    while at < len(data):
        tag = data[at]
        at += 1
        if tag & 3 == _LITERAL:
            length, at = _literal(data, tag >> 2, at)
            found += _taken(data, at, length)
        else:
            length, offset, more = _copy(data, tag, at)
            _repeat(found, offset, length)
            length = more
        at += length
        if len(found) > size:
            raise ValueError("more than it says")
    if len(found) != size:
        raise ValueError("less than it says")
    return bytes(found)


def _length(data: bytes) -> tuple[int, int]:
    """The length of the whole, a little-endian number of seven bits a byte, and where it ends."""
    size = 0
    for at, byte in enumerate(data[:5]):
        size |= (byte & 0x7F) << (7 * at)
        if byte < 0x80:  # noqa: PLR2004 - the last byte has no high bit
            return size, at + 1
    raise ValueError("no length")


def _taken(data: bytes, at: int, length: int) -> bytes:
    part = data[at : at + length]
    if len(part) != length:
        raise ValueError("cut short")
    return part


def _literal(data: bytes, upper: int, at: int) -> tuple[int, int]:
    """The length of a literal and where it begins."""
    if upper < _SHORT:
        return upper + 1, at
    count = upper - _SHORT + 1
    return int.from_bytes(_taken(data, at, count), "little") + 1, at + count


def _copy(data: bytes, tag: int, at: int) -> tuple[int, int, int]:
    """Length and distance of a repetition, and how many bytes say so."""
    kind = tag & 3
    if kind == _NEAR:
        return 4 + (tag >> 2 & 7), (tag >> 5) << 8 | _taken(data, at, 1)[0], 1
    count = 2 if kind == _FAR else 4
    return (tag >> 2) + 1, int.from_bytes(_taken(data, at, count), "little"), count


def _repeat(found: bytearray, offset: int, length: int) -> None:
    """Repeat what stands `offset` bytes back; it may reach into what it writes."""
    if not 0 < offset <= len(found):
        raise ValueError("repeats what is not there")
    start = len(found) - offset
    if offset >= length:
        found += found[start : start + length]
        return
    unit = bytes(found[start:])
    found += (unit * (length // offset + 1))[:length]
