"""The layers of two images side by side, read in step; where they are cut otherwise, the file systems."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from slsacheck.errors import Absent
from slsacheck.evidence.attestations.steps import shown
from slsacheck.evidence.comparison.configs import compare_annotations
from slsacheck.evidence.comparison.entries import compare_entries
from slsacheck.evidence.comparison.findings import MAX_SHOWN
from slsacheck.evidence.comparison.packages import Noting, changed_packages, databases_in, owner_of
from slsacheck.evidence.comparison.trees import compare_trees
from slsacheck.evidence.oci.layers import layers_of, open_layer
from slsacheck.evidence.oci.streams import CHUNK, Checked
from slsacheck.evidence.packagedb.gathering import Gathering

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from slsacheck.evidence.comparison.findings import Tally
    from slsacheck.evidence.oci.layers import Layer, Slice
    from slsacheck.evidence.oci.manifest import Manifest
    from slsacheck.evidence.oci.names import Descriptor
    from slsacheck.evidence.oci.source import Source

    Side = tuple[Source, Manifest]

__all__ = ["check_layers", "compare_layers"]


def check_layers(source: Source, layers: Iterable[Descriptor], tally: Tally) -> None:
    """Reads layers that lie on this machine and that nothing else reads: nobody has checked their bytes.

    Raises InputError.
    """
    for layer in layers if source.channel is None else ():
        where = f"{source.name}@{layer.digest}"
        try:
            stream = source.stream(layer)
        except Absent:
            tally.note(f"{where} is not there; it is compared by its digest alone")
            continue
        blob = Checked(stream, layer, where)
        try:
            while blob.read(CHUNK):
                pass
        finally:
            blob.close()


def compare_layers(left: Side, right: Side, tally: Tally) -> None:
    """Adds what differs in the layers of two images. Raises InputError, Unavailable where one cannot be read."""
    trees = _has_trees(left[1]) and _has_trees(right[1])
    pairs = zip(left[1].layers, right[1].layers, strict=False)
    same = [one for one, two in pairs if one.digest == two.digest]
    for source, manifest in (left, right):
        check_layers(source, same if trees else manifest.layers, tally)
    if not trees:
        _compare_blobs(left[1], right[1], tally)
        return
    ours, theirs = layers_of(*left), layers_of(*right)
    spread = len(ours) != len(theirs)
    packages = Gathering(first=spread), Gathering(first=spread)
    if spread:
        tally.add("layers", before=f"{len(ours)} layers", after=f"{len(theirs)} layers")
        _compare_spread(left[0], right[0], (ours, theirs), packages, tally)
    else:
        for one, two in zip(ours, theirs, strict=True):
            _compare_pair((left[0], one), (right[0], two), packages, tally)
    if tally.verdict == "different":
        _tell_packages(packages, (left[0].name, right[0].name), tally)


def _tell_packages(packages: tuple[Gathering, Gathering], names: tuple[str, str], tally: Tally) -> None:
    """Says to which packages files belong, and which are installed otherwise; and which databases could not be read."""
    first, second = (databases_in(those) for those in packages)
    tally.belong(partial(owner_of, owners=first.owned | second.owned))
    for name, databases in zip(names, (first, second), strict=True):
        if databases.unread:
            unread = ", ".join(shown(path) for path in databases.unread)
            tally.note(f"{name}: package databases that were not read, or not wholly: {unread}")
    for name, before, after in changed_packages(first, second):
        if len(tally.packages) >= MAX_SHOWN:
            tally.note(f"more than {MAX_SHOWN:,} packages are installed in other versions")
            break
        tally.packages[name] = (before, after)


def _has_trees(manifest: Manifest) -> bool:
    """Whether the layers are archives of files; other artifacts (charts, SBOMs) may hold anything."""
    return all("tar" in layer.media_type or not layer.media_type for layer in manifest.layers)


def _compare_blobs(one: Manifest, two: Manifest, tally: Tally) -> None:
    if len(one.layers) != len(two.layers):
        tally.add("layers", before=f"{len(one.layers)} layers", after=f"{len(two.layers)} layers")
    for number, (ours, theirs) in enumerate(zip(one.layers, two.layers, strict=False)):
        if ours.digest != theirs.digest:
            tally.add("content", layer=number, before=ours.digest, after=theirs.digest)
        if ours.media_type != theirs.media_type:
            tally.add("media-type", layer=number, before=ours.media_type, after=theirs.media_type)
        _compare_described(number, ours, theirs, tally)


def _compare_described(number: int, ours: Descriptor, theirs: Descriptor, tally: Tally) -> None:
    add = partial(tally.add, layer=number)
    compare_annotations(dict(ours.annotations), dict(theirs.annotations), add, "layer.annotations")


def _compare_pair(
    left: tuple[Source, Slice], right: tuple[Source, Slice], packages: tuple[Gathering, Gathering], tally: Tally
) -> None:
    number = left[1].number
    ours, theirs = left[1].descriptor, right[1].descriptor
    _compare_described(number, ours, theirs, tally)
    if _family(ours.media_type) != _family(theirs.media_type):
        tally.add("media-type", layer=number, before=ours.media_type, after=theirs.media_type)
    if ours.digest == theirs.digest and left[1].diff_id != right[1].diff_id:  # one of them lies: nothing runs it
        place = f"config.rootfs.diff_ids.{number}"
        tally.add("config", place, layer=number, before=left[1].diff_id, after=right[1].diff_id)
    if ours.digest != theirs.digest:
        with open_layer(*left) as one, open_layer(*right) as two:
            _compare_open(one, two, packages, partial(tally.add, layer=number))


def _compare_open(left: Layer, right: Layer, packages: tuple[Gathering, Gathering], add: Callable[..., None]) -> None:
    """Compares two layers whose stored bytes differ, and reads both to the end, which checks their digests."""
    found: list[str] = []

    def counted(what: str, path: str | None = None, **more: Any) -> None:
        found.append(what)
        add(what, path, **more)

    if left.part.diff_id is not None and left.part.diff_id == right.part.diff_id:
        for layer in (left, right):
            for _ in layer:
                pass
    else:
        compare_entries(Noting(left, packages[0]), Noting(right, packages[1]), counted)
    before, after = (f"{one.compression}, {one.part.descriptor.size} bytes" for one in (left, right))
    if left.diff_id == right.diff_id or left.compression != right.compression:
        counted("compression", before=before, after=after)
    if not found:
        add("archive-format", before=left.diff_id, after=right.diff_id)


def _family(media_type: str) -> str:
    """A layer's media type without its compression, which is compared by what it is in fact."""
    for ending in ("+gzip", "+zstd", ".gzip", ".zstd"):
        media_type = media_type.removesuffix(ending)
    return media_type


def _compare_spread(
    first: Source,
    second: Source,
    layers: tuple[tuple[Slice, ...], tuple[Slice, ...]],
    packages: tuple[Gathering, Gathering],
    tally: Tally,
) -> None:
    """Compares the file systems of two images whose layers are cut otherwise."""
    ours, theirs = layers
    common = 0
    for one, two in zip(ours, theirs, strict=False):
        if one.descriptor.digest != two.descriptor.digest:
            break
        common += 1
    tally.note(f"the layers are cut otherwise: from layer {common} on the whole file systems are compared")
    compare_trees((first, ours[common:], packages[0]), (second, theirs[common:], packages[1]), tally.add)
