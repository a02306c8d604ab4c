"""What the SBOMs of an image cover: which layers, which installed packages, and which files nothing explains."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.evidence.packagedb.places import plain_path
from slsacheck.evidence.sbom.places import covered_by
from slsacheck.evidence.sbom.purls import same_as, without_epoch
from slsacheck.record import record

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from slsacheck.evidence.packagedb.texts import Package
    from slsacheck.evidence.sbom.bills import Bill
    from slsacheck.evidence.sbom.in_layers import LayerSeen, Survey
    from slsacheck.evidence.sbom.inventory import Inventory

__all__ = ["Agreement", "LayerCover", "agreement", "layers_covered"]

MAX_NAMED = 20
"""Packages that are named where documents and databases differ."""
DEEPEST = 8
"""Folders in folders down to which one that a document speaks of is looked for."""
MAX_FOLDERS = 5
"""Folders that are named where files are left unexplained."""


@record
class LayerCover:
    """A layer: packages that came with it, components that documents place in it, files, and those left unexplained.

    `unexplained` is None where nobody counted; `folders` are where most of them are.
    """

    layer: LayerSeen
    packages: tuple[str, ...] = ()
    components: int = 0
    documents: int = 0
    unexplained: int | None = None
    folders: tuple[str, ...] = ()


@record
class Agreement:
    """Documents against the image's package databases: how many packages, how many of them are named.

    `missing` are installed and in no document, `extra` the other way round, `other_version` in both with another one.
    """

    databases: tuple[str, ...]
    installed: int
    named: int
    missing: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    other_version: tuple[str, ...] = ()
    not_read: tuple[str, ...] = ()


def agreement(inventory: Inventory) -> Agreement | None:
    """The comparison; None where the layers were not looked at."""
    if inventory.survey is None or not any(layer.looked_at for layer in inventory.survey.layers):
        return None
    databases = inventory.survey.databases
    installed = {_name(one): one for one in databases.packages}
    stated: dict[tuple[str, str], set[str]] = {}
    for bill in current(inventory.bills):
        for one in bill.sbom.components if bill.sbom else ():
            identity = same_as(one.purl) if one.purl else None
            if identity is not None:
                stated.setdefault(identity[:2], set()).add(identity[2])
    both = installed.keys() & stated.keys()
    other = sorted(key for key in both if without_epoch(installed[key].version) not in stated[key])
    missing, extra = sorted(installed.keys() - stated.keys()), sorted(stated.keys() - installed.keys())
    return Agreement(
        databases=databases.places,
        installed=len(installed),
        named=len(both) - len(other),
        missing=tuple(f"{installed[key].name} {installed[key].version}" for key in missing),
        extra=tuple(f"{name} {', '.join(sorted(stated[kind, name]))}" for kind, name in extra),
        other_version=tuple(
            f"{name} {installed[kind, name].version}, in the SBOM {', '.join(sorted(stated[kind, name]))}"
            for kind, name in other
        ),
        not_read=tuple(databases.unread),
    )


def _name(package: Package) -> tuple[str, str]:
    return package.kind, package.name.lower()


def current(bills: Iterable[Bill]) -> list[Bill]:
    """Those that are in the image as it runs."""
    return [bill for bill in bills if bill.removed_in is None]


def layers_covered(inventory: Inventory) -> tuple[LayerCover, ...]:
    """Layer by layer; empty where there was no image."""
    found = inventory.survey
    if found is None:
        return ()
    bills = current(inventory.bills)
    explained, folders = _explained(found, bills)
    arrived = _arrived(found)
    covers = []
    for layer, paths in zip(found.layers, found.paths, strict=True):
        left = [path for path in paths or () if not _is_explained(path, explained, folders)]
        covers.append(
            LayerCover(
                layer,
                packages=arrived.get(layer.number, ()),
                components=_placed(layer, bills),
                documents=sum(bill.layer == layer.number for bill in bills),
                unexplained=None if paths is None else len(left),
                folders=_most(left),
            )
        )
    return tuple(covers)


def _arrived(found: Survey) -> dict[int, tuple[str, ...]]:
    """The installed packages by the layer with which they came."""
    names: dict[int, list[str]] = {}
    for one in found.databases.packages:
        names.setdefault(one.layer, []).append(f"{one.name} {one.version}")
    return {layer: tuple(sorted(those)) for layer, those in names.items()}


def _explained(found: Survey, bills: Sequence[Bill]) -> tuple[set[str], set[str]]:
    """Files that a package or a document names, and the folders of which a document speaks."""
    paths = set(found.databases.owned)
    folders = {one.removesuffix("/") for one in _OWN}
    for bill in bills:
        if bill.layer is not None:
            paths.add(plain_path(bill.place.partition("!/")[0]))
            folders.update({folder.removesuffix("/")} if (folder := covered_by(bill.place)) else ())
        if bill.sbom is not None:
            paths.update(plain_path(path) for path, _ in bill.sbom.files)
            paths.update(plain_path(path) for one in bill.sbom.components for path in one.paths)
    return paths, folders


def _is_explained(path: str, paths: set[str], folders: set[str]) -> bool:
    if plain_path(path) in paths:
        return True
    parts = path.split("/", DEEPEST)[:-1]
    return any("/".join(parts[: depth + 1]) in folders for depth in range(len(parts)))


_OWN = ("var/lib/dpkg/", "lib/apk/db/", "usr/lib/apk/db/", "var/lib/rpm/", "var/lib/apt/", "var/cache/")
"""What package managers keep for themselves."""


def _placed(layer: LayerSeen, bills: Sequence[Bill]) -> int:
    """Components that documents say were seen in a layer."""
    names = {layer.diff_id, layer.digest}
    found = {
        one.purl.partition("?")[0] or (one.name, one.version)
        for bill in bills
        if bill.sbom is not None
        for one in bill.sbom.components
        if not names.isdisjoint(one.layers)
    }
    return len(found)


def _most(paths: Sequence[str]) -> tuple[str, ...]:
    counts: dict[str, int] = {}
    for path in paths:
        folder = "/".join(path.split("/", 3)[:-1]) or "/"
        counts[folder] = counts.get(folder, 0) + 1
    first = sorted(counts, key=lambda folder: (-counts[folder], folder))[:MAX_FOLDERS]
    return tuple(f"{folder} ({counts[folder]})" for folder in first)
