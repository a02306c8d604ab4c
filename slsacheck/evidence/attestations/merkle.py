"""RFC 6962 Merkle trees: the root that a leaf and its audit path lead to."""

from __future__ import annotations

from hashlib import sha256 as _sha256

__all__ = ["leaf_hash", "root_from_path"]


def leaf_hash(body: bytes) -> bytes:
    """The hash of a leaf."""
    return _sha256(b"\x00" + body).digest()


def root_from_path(leaf: bytes, index: int, size: int, path: tuple[bytes, ...]) -> bytes | None:
    """The root of a tree of `size` leaves in which the leaf hash stands at `index` (RFC 9162, 2.1.3.2).

    None when index, size and the length of the path do not fit together. Up to the level at which the paths of this and
    the last leaf meet, a bit of the index says on which side the sibling stands; above it stands on the left.
    """
    if not 0 <= index < size or not {len(leaf)}.issuperset(map(len, path)):
        return None
    meeting = (index ^ (size - 1)).bit_length()
    if len(path) != meeting + (index >> meeting).bit_count():
        return None
    current, sides = leaf, index | -1 << meeting
    for sibling in path:
        current = _sha256(b"\x01" + (sibling + current if sides & 1 else current + sibling)).digest()
        sides >>= 1
    return current
