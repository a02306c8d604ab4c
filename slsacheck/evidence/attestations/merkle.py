"""RFC 6962 Merkle trees: the root that a leaf and its audit path lead to."""

from __future__ import annotations

import hashlib

__all__ = ["leaf_hash", "root_from_path"]


def leaf_hash(body: bytes) -> bytes:
    """The hash of a leaf."""
    return hashlib.sha256(b"\x00" + body).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_from_path(leaf: bytes, index: int, size: int, path: tuple[bytes, ...]) -> bytes | None:
    """The root of a tree of `size` leaves in which the leaf hash stands at `index` (RFC 9162, 2.1.3.2).

    None when index, size and the length of the path do not fit together.
    """
    if not 0 <= index < size or any(len(one) != len(leaf) for one in path):
        return None
    position, last, current = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return None
        if position & 1 or position == last:
            current = _node(sibling, current)
            while not position & 1 and position:
                position >>= 1
                last >>= 1
        else:
            current = _node(current, sibling)
        position >>= 1
        last >>= 1
    return current if last == 0 else None
