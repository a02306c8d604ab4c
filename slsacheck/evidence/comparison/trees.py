"""The file systems of two images whose layers are cut otherwise: what is there once all layers lie on each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.errors import InputError
from slsacheck.evidence.comparison.entries import Seen, alone, compare_seen
from slsacheck.evidence.comparison.packages import Noting
from slsacheck.evidence.oci.layers import open_layer
from slsacheck.evidence.oci.whiteouts import Hidden

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from slsacheck.evidence.oci.layers import Slice
    from slsacheck.evidence.oci.source import Source
    from slsacheck.evidence.packagedb.gathering import Gathering

    Side = tuple[Source, Sequence[Slice], Gathering]

__all__ = ["MAX_FILES", "compare_trees"]

MAX_FILES = 250_000
"""Files of an image that are held in memory, some 700 bytes each; large images have 100,000."""


def compare_trees(first: Side, second: Side, add: Callable[..., None]) -> None:
    """Adds what differs by `add(what, path, before=, after=)`. Raises InputError or Unavailable."""
    ours, theirs = _tree(*first), _tree(*second)
    for path in dict.fromkeys((*ours, *theirs)):
        one, two = ours.get(path), theirs.get(path)
        if one is not None and two is not None:
            compare_seen(one, two, add)
        elif one is not None:
            alone("removed", one.entry, add)
        elif two is not None:
            alone("added", two.entry, add)


def _tree(source: Source, layers: Sequence[Slice], packages: Gathering) -> dict[str, Seen]:
    """The files by path, read from the highest layer down: whatever a higher one has or hides is not seen below."""
    found: dict[str, Seen] = {}
    hidden = Hidden()
    for part in reversed(layers):
        own: dict[str, Seen] = {}
        with open_layer(source, part) as layer:
            series = Noting(layer, packages)
            for entry in series:
                digest = series.sha256() if entry.kind == "file" else ""
                own[entry.path] = Seen(entry, digest, 0)
                if len(found) + len(own) > MAX_FILES:
                    raise InputError(f"has more than {MAX_FILES:,} files", where=source.name)
        for path, seen in own.items():
            if path not in found and not hidden.holds(path) and not seen.entry.is_whiteout:
                found[path] = seen
        for seen in own.values():
            hidden.add(seen.entry)
    return found
