"""Compressed files side by side, once what is in them was read: program, level, and the header of gzip."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.evidence.attestations.steps import shown
from slsacheck.evidence.comparison.opened import section
from slsacheck.evidence.oci.streams import CHUNK

if TYPE_CHECKING:
    from collections.abc import Callable

    from slsacheck.evidence.comparison.opened import Opened, Part
    from slsacheck.evidence.oci.streams import Section

__all__ = ["compare_squashed", "compare_streams"]

MAX_HEADER = 64 << 10
"""Bytes of the header of gzip that are looked at: it may hold a name and a comment of any length."""
_FIXED = 10
_EXTRA, _NAME, _COMMENT, _CHECK = 4, 8, 16, 2


def compare_streams(left: Opened, right: Opened, add: Callable[..., None]) -> None:
    """Adds where the uncompressed bytes of two files first differ; both are read to the end."""
    done, place = 0, None
    while True:
        one, two = left.stream.read(CHUNK), right.stream.read(CHUNK)
        if place is None and one != two:
            short = min(len(one), len(two))
            place = done + next((at for at in range(short) if one[at] != two[at]), short)
        done += max(len(one), len(two))
        if not one and not two:
            break
    left.stream.finish()
    right.stream.finish()
    if place is not None:
        before, after = (f"{side.stream.done} bytes, {side.digest}" for side in (left, right))
        add("content", f"(from byte {place} on)", before=before, after=after)


def compare_squashed(left: Opened, right: Opened, add: Callable[..., None]) -> None:
    """Adds how two files were compressed otherwise; both were read to the end."""
    if left.compression != right.compression:
        add("compression", before=left.compression, after=right.compression)
        return
    start = 0, 0
    if left.compression == "gzip":
        (one, ours), (two, theirs) = _gzip_header(left.part), _gzip_header(right.part)
        start = ours, theirs
        if one != two:
            add("gzip-header", before=one, after=two)
    if left.digest == right.digest and _rest(left.part, start[0]) != _rest(right.part, start[1]):
        before, after = (f"{side.compression}, {side.stored} bytes" for side in (left, right))
        add("compression", before=before, after=after)


def _gzip_header(part: Part) -> tuple[str, int]:
    """What the header says (RFC 1952), and its length; of the first member, where there are several."""
    stream = section(part)
    head = _whole(stream, MAX_HEADER)
    stream.close()
    flags, end = head[3], _FIXED
    if flags & _EXTRA:
        end += 2 + int.from_bytes(head[end : end + 2], "little")
    texts = []
    for flag in (_NAME, _COMMENT):
        if flags & flag:
            text = head[end:].partition(b"\0")[0]
            texts.append(text.decode("latin-1"))
            end += len(text) + 1
    end += 2 * bool(flags & _CHECK)
    time = int.from_bytes(head[4:8], "little")
    said = f"time {time}, flags {flags}, level {head[8]}, system {head[9]}, {head[_FIXED:end].hex()[:80]}"
    return shown(f"{said} {' '.join(texts)}".rstrip(" ,")), min(end, len(head))


def _whole(stream: Section, size: int) -> bytes:
    found = b""
    while len(found) < size and (data := stream.read(size - len(found))):
        found += data
    return found


def _rest(part: Part, start: int) -> str:
    """The digest of the stored bytes from a place on."""
    import hashlib

    found, stream = hashlib.sha256(), section(part)
    left = start
    while left and (data := stream.read(min(left, CHUNK))):
        left -= len(data)
    while data := stream.read(CHUNK):
        found.update(data)
    stream.close()
    return found.hexdigest()
