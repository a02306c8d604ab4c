"""What a layer takes away from those below it."""

from __future__ import annotations

import pytest

from slsacheck.evidence.oci.tarstream import Entry, Kind
from slsacheck.evidence.oci.whiteouts import Hidden


@pytest.mark.parametrize(
    ("path", "kind", "gone", "stays"),
    [
        ("a/.wh.b", "file", ["a/b", "a/b/c/d"], ["a", "a/bc", "a/c", "b"]),
        ("a/.wh..wh..opq", "file", ["a/b", "a/b/c"], ["a", "ab", "b/a"]),
        (".wh..wh..opq", "file", ["a", "a/b"], []),
        ("a/b", "symlink", ["a/b/c", "a/b/c/d"], ["a/b", "a/bc"]),
        ("a/b", "directory", [], ["a/b", "a/b/c"]),
    ],
)
def test_what_an_entry_takes_away(path: str, kind: Kind, gone: list[str], stays: list[str]) -> None:
    hidden = Hidden()
    entry = Entry(path, kind, 0o644, 0, 0, 0)
    hidden.add(entry)
    assert [hidden.holds(one) for one in (*gone, *stays)] == [True] * len(gone) + [False] * len(stays)
    whiteouts = Hidden()
    whiteouts.add_whiteout(entry)
    assert len(whiteouts) == entry.is_whiteout


@pytest.mark.parametrize("path", [".wh.", ".wh..wh.plnk"])
def test_a_whiteout_without_a_name_takes_nothing_away(path: str) -> None:
    hidden = Hidden()
    hidden.add(Entry(path, "file", 0o644, 0, 0, 0))
    assert len(hidden) == 0
    assert not hidden.holds("a/b")
