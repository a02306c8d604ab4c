"""The headers of a tar archive (POSIX.1-2017 pax, ustar, GNU): 512 bytes each, and what extends them."""

from __future__ import annotations

from functools import lru_cache

__all__ = ["BLOCK", "is_sound", "name_of", "number", "pax_records", "text_of"]

BLOCK = 512
"""Bytes of a block: headers and contents fill whole ones."""
_SIGN = 0x80
_SHORT = 100
"""Bytes of a field of a header; what extends one may have a million."""


def is_sound(header: bytes) -> bool:
    """Whether the checksum of a header is right; old tools add up signed bytes."""
    try:
        stated = int(header[148:156].split(b"\0")[0].strip() or b"0", 8)
    except ValueError:
        return False
    counted = header[:148] + header[156:BLOCK]
    found = sum(counted) + 8 * 32
    return stated == found or (stated < found and stated == found - 256 * sum(byte >= _SIGN for byte in counted))


@lru_cache(1024)  # owners, modes and times: the same for thousands of entries
def number(field: bytes) -> int:
    """A number in octal digits, or in base 256 where its first bit is set. Raises ValueError."""
    if field[0] & _SIGN:
        negative = field[0] & 0x40
        found = int.from_bytes(bytes([field[0] & 0x7F]) + field[1:], "big")
        return found - (1 << (8 * len(field) - 1)) if negative else found
    return int(field.split(b"\0")[0].strip() or b"0", 8)


def text_of(field: bytes) -> str:
    """A text that ends at a zero byte; bytes that are no UTF-8 are shown escaped."""
    return _short_text(field) if len(field) <= _SHORT else _text(field)


def _text(field: bytes) -> str:
    return field.split(b"\0")[0].decode("utf-8", "backslashreplace")


_short_text = lru_cache(256)(_text)  # names of owners are the same for thousands of entries, and most are no links


def name_of(header: bytes) -> str:
    """The name in a header itself, which ustar splits."""
    prefix = header[345:500].split(b"\0")[0] if header[257:263] == b"ustar\0" else b""
    name = header[:100].split(b"\0")[0]
    return (prefix + b"/" + name if prefix else name).decode("utf-8", "backslashreplace")


def pax_records(data: bytes) -> dict[str, str]:
    """The records of a pax header. Raises ValueError where it is none."""
    found = {}
    while data:
        length, _, _ = data.partition(b" ")
        if not length.isdigit() or len(length) > 8 or not len(length) < int(length) <= len(data):  # noqa: PLR2004 - 1 MiB
            raise ValueError("no record of a pax header")
        record, data = data[len(length) + 1 : int(length)], data[int(length) :]
        key, equals, value = record.partition(b"=")
        if not equals or not value.endswith(b"\n"):
            raise ValueError("no record of a pax header")
        found[key.decode("utf-8", "backslashreplace")] = value[:-1].decode("utf-8", "backslashreplace")
    return found
