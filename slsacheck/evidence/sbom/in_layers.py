"""One pass over the layers of an image: its SBOMs, its package databases, and what each layer holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.errors import InputError, SlsacheckError
from slsacheck.evidence.attestations.jsondoc import Document, as_map, as_text, dig, parse_json
from slsacheck.evidence.attestations.steps import RefusedError
from slsacheck.evidence.oci.layers import layers_of, open_layer
from slsacheck.evidence.oci.whiteouts import Hidden
from slsacheck.evidence.packagedb.databases import Databases
from slsacheck.evidence.packagedb.gathering import Gathering
from slsacheck.evidence.packagedb.limits import MAX_PLACE
from slsacheck.evidence.packagedb.places import database_of
from slsacheck.evidence.sbom import limits
from slsacheck.evidence.sbom.bills import Bill, bill_of, unread
from slsacheck.evidence.sbom.places import is_archive, producer_of
from slsacheck.record import record, replace

if TYPE_CHECKING:
    from collections.abc import Iterable

    from slsacheck.evidence.oci.layers import Entry, Layer, Slice
    from slsacheck.evidence.oci.manifest import Manifest
    from slsacheck.evidence.oci.source import Source

__all__ = ["UNASKED", "LayerSeen", "Survey", "named_layers", "survey"]

UNASKED = "was not asked for"
"""Why a layer was not looked at that nobody wanted."""
_LIFECYCLE = "io.buildpacks.lifecycle.metadata"


@record
class LayerSeen:
    """A layer: what it holds, or in `problem` why it was not looked at. `size` is as it is stored."""

    number: int
    digest: str
    diff_id: str | None
    created_by: str
    size: int | None = None
    unpacked: int = 0
    files: int = 0
    problem: str = ""

    @property
    def looked_at(self) -> bool:
        """Whether it was read to its end."""
        return not self.problem


@record
class Survey:
    """What the layers of an image hold. `paths` are the files of each layer (None where they are too many).

    `left_out` counts the documents beyond MAX_DOCUMENTS.
    """

    layers: tuple[LayerSeen, ...]
    bills: tuple[Bill, ...]
    databases: Databases
    paths: tuple[tuple[str, ...] | None, ...]
    left_out: int = 0

    @property
    def complete(self) -> bool:
        """Whether every layer was read."""
        return all(layer.looked_at for layer in self.layers)


class _Pass:
    """What one layer holds; it counts only once the layer was read to its end and had the right digests."""

    def __init__(self, part: Slice, layer: Layer, kept: int, paths: tuple[int, int]) -> None:
        self.part = part
        self.layer = layer
        self.kept = kept
        self.counted, self.characters = paths
        self.bills: list[Bill] = []
        self.left_out = 0
        self.databases = Gathering()
        self.paths: list[str] = []
        self.files = 0
        self.hidden = Hidden()

    def read(self) -> None:
        """Raises InputError or Unavailable."""
        for entry in self.layer:
            if entry.is_whiteout:
                self._whiteout(entry)
            elif entry.kind == "file":
                self._file(entry)

    def _whiteout(self, entry: Entry) -> None:
        if len(entry.path) > MAX_PLACE:
            return  # no document is kept at so long a path
        self.hidden.add_whiteout(entry)
        if len(self.hidden) > limits.MAX_WHITEOUTS:
            raise InputError(f"removes more than {limits.MAX_WHITEOUTS:,} files", where=self.layer.where)

    def _file(self, entry: Entry) -> None:
        self.files += 1
        self.characters += len(entry.path)
        if self.files + self.counted <= limits.MAX_PATHS and self.characters <= limits.MAX_PATH_BYTES:
            self.paths.append(entry.path)
        database = database_of(entry.path)
        if database is not None:
            self.databases.take(database, entry, self.layer.read)
        elif is_archive(entry.path) and entry.size <= limits.MAX_ARCHIVE:
            from slsacheck.evidence.sbom.archives import bills_inside

            self._keep(bills_inside(self.layer.read(limits.MAX_ARCHIVE), entry.path, self.part.number))
        elif (producer := producer_of(entry.path)) is not None and entry.size:
            self._document(entry, producer)

    def _document(self, entry: Entry, producer: str) -> None:
        number = self.part.number
        if entry.size > limits.MAX_RAW or self.kept + entry.size > limits.MAX_KEPT:
            reason = f"is larger than {limits.MAX_RAW >> 20} MiB, or all of them than {limits.MAX_KEPT >> 20}"
            self.bills.append(unread(entry.path, "image-layer", entry.size, f"{reason}: it is not read", layer=number))
            return
        data = self.layer.read(limits.MAX_RAW)
        bill = bill_of(data, entry.path, "image-layer", entry.path, producer=producer, layer=number)
        if bill.form or (producer and not _says_nothing(data)):
            self._keep([bill])

    def _keep(self, bills: Iterable[Bill]) -> None:
        for bill in bills:
            self.kept += bill.size
            if len(self.bills) < limits.MAX_DOCUMENTS:
                self.bills.append(bill)
            else:
                self.left_out += 1


def _says_nothing(data: bytes) -> bool:
    return data.strip() in (b"", b"null", b"{}", b"[]")


def survey(source: Source, manifest: Manifest, config: Document, which: str = "all") -> Survey:
    """Reads the layers of an image: `all`, only those that the image itself names as SBOM (`sbom`), or `none`.

    Raises InputError where manifest and configuration disagree; a layer that cannot be read is in the answer.
    """
    named = named_layers(config)
    databases = Databases()
    layers, bills, paths = [], list[Bill](), list[tuple[str, ...] | None]()
    kept, counted, left_out = 0, (0, 0), 0
    for part in layers_of(source, manifest, config):
        seen = _seen(part)
        if which == "none" or (which == "sbom" and part.diff_id not in named):
            layers.append(replace(seen, problem=UNASKED))
            paths.append(None)
            continue
        found = _through(source, part, kept, counted)
        if isinstance(found, str):
            layers.append(replace(seen, problem=found))
            paths.append(None)
            continue
        kept, counted = found.kept, (found.counted + found.files, found.characters)
        fitting = found.bills[: limits.MAX_DOCUMENTS - len(bills)]
        left_out += found.left_out + len(found.bills) - len(fitting)
        bills = [*_covered(bills, found), *fitting]
        found.databases.put_into(databases, part.number)
        layers.append(replace(seen, unpacked=found.layer.unpacked_size, files=found.files))
        paths.append(tuple(found.paths) if len(found.paths) == found.files else None)
    return Survey(tuple(layers), tuple(bills), databases, tuple(paths), left_out)


def _through(source: Source, part: Slice, kept: int, counted: tuple[int, int]) -> _Pass | str:
    """What a layer holds, or why it could not be looked at."""
    try:
        with open_layer(source, part) as layer:
            found = _Pass(part, layer, kept, counted)
            found.read()
    except SlsacheckError as problem:
        return f"{problem.message}" + (f" ({problem.advice})" if problem.advice else "")
    return found


def _seen(part: Slice) -> LayerSeen:
    return LayerSeen(part.number, part.descriptor.digest, part.diff_id, part.created_by, part.descriptor.size)


def _covered(bills: list[Bill], found: _Pass) -> list[Bill]:
    """The documents of the layers below, with those marked that this layer takes away or replaces."""
    if not found.hidden and not found.bills:
        return bills
    here = {bill.place for bill in found.bills}
    number = found.part.number
    return [
        replace(bill, removed_in=number)
        if bill.removed_in is None and (bill.place in here or found.hidden.holds(bill.place))
        else bill
        for bill in bills
    ]


def named_layers(config: Document) -> set[str]:
    """The layers that Buildpacks name as those with SBOMs."""
    label = as_text(as_map(dig(config, "config", "Labels")).get(_LIFECYCLE))
    try:
        document = parse_json(label.encode("utf-8", "replace"), _LIFECYCLE) if label else None
    except RefusedError:
        return set()
    return {as_text(dig(document, key, "sha")) for key in ("sbom", "bom")} - {""}
