"""Consistency proofs against a second implementation, and against forgeries."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from slsacheck.evidence.online.consistency import continues
from tests.evidence.attestations.private_sigstore import leaf, tree_root
from tests.evidence.online.service import consistency

LEAVES = [leaf(b"%d" % number) for number in range(70)]


@given(st.integers(1, 70), st.integers(1, 70), st.integers(0, 70))
def test_a_log_that_grew_is_consistent_with_itself_alone(one: int, other: int, cut: int) -> None:
    first, last = sorted((one, other))
    old, new = tree_root(LEAVES[:first]), tree_root(LEAVES[:last])
    hashes = tuple(consistency(first, LEAVES[:last]))
    assert continues(first, old, last, new, hashes)
    rewritten = tree_root([leaf(b"evil"), *LEAVES[1:last]])
    assert not continues(first, old, last, rewritten, hashes)
    assert not continues(first, tree_root([leaf(b"evil"), *LEAVES[1:first]]), last, new, hashes)
    assert not continues(first, old, last, new, (*hashes, leaf(b"more")))
    if hashes:
        assert not continues(first, old, last, new, hashes[:-1])
        assert not continues(
            first, old, last, new, (*hashes[: cut % len(hashes)], leaf(b"x"), *hashes[cut % len(hashes) + 1 :])
        )
    assert not continues(last + 1, old, last, new, hashes)
    assert not continues(0, old, last, new, hashes)
