from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from slsacheck.evidence.attestations.merkle import leaf_hash, root_from_path
from tests.evidence.attestations.private_sigstore import leaf, tree_path, tree_root


@given(size=st.integers(1, 70), data=st.data())
def test_every_leaf_leads_to_the_root_by_its_own_path_only(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    leaves = [leaf(b"%d" % number) for number in range(size)]
    path = tuple(tree_path(index, leaves))
    root = tree_root(leaves)
    assert root_from_path(leaf_hash(b"%d" % index), index, size, path) == root
    assert root_from_path(leaf_hash(b"other"), index, size, path) != root
    assert root_from_path(leaf_hash(b"%d" % index), index, size, (*path, root)) != root
    if path:
        assert root_from_path(leaf_hash(b"%d" % index), index, size, path[:-1]) != root
    if size > 1:
        assert root_from_path(leaf_hash(b"%d" % index), (index + 1) % size, size, path) != root


def test_an_index_outside_the_tree_has_no_root() -> None:
    assert root_from_path(leaf_hash(b""), 1, 1, ()) is None
    assert root_from_path(leaf_hash(b""), -1, 1, ()) is None
    assert root_from_path(leaf_hash(b""), 0, 0, ()) is None
    assert root_from_path(leaf_hash(b""), 0, 2, (b"short",)) is None
