"""Every SBOM of what a user named: an image with its platforms and layers, or a file with what lies beside it."""

from __future__ import annotations

import os.path
from typing import TYPE_CHECKING

from slsacheck.errors import Absent, InputError, SlsacheckError
from slsacheck.evidence.attestations.jsondoc import as_text
from slsacheck.evidence.attestations.steps import shown
from slsacheck.evidence.oci.attached import gather
from slsacheck.evidence.oci.images import platforms_of
from slsacheck.evidence.oci.manifest import config_of
from slsacheck.evidence.oci.names import chosen_platform, platform_name
from slsacheck.evidence.sbom.attached import bills_attached
from slsacheck.evidence.sbom.bills import Bill, bill_of
from slsacheck.evidence.sbom.documents import KNOWN
from slsacheck.evidence.sbom.in_layers import survey
from slsacheck.evidence.sbom.inventory import Inventory, Whole
from slsacheck.evidence.sbom.limits import MAX_ARCHIVE, MAX_DOCUMENTS, MAX_RAW
from slsacheck.record import replace

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from slsacheck.evidence.oci.attached import Gathered
    from slsacheck.evidence.oci.judged import Judge
    from slsacheck.evidence.oci.manifest import Manifest
    from slsacheck.evidence.oci.source import Source

__all__ = ["of_file", "of_image", "with_files"]

_BESIDE = (".spdx.json", ".cdx.json", ".syft.json", ".sbom.json", ".bom.json", ".spdx", ".cdx.xml", ".sbom")
_IN_FOLDER = ("bom.json", "sbom.json", "bom.xml", "sbom.spdx.json", "sbom.cdx.json")
_ZIPPED = (".jar", ".war", ".ear", ".whl")


def of_image(source: Source, judge: Judge, layers: str = "all", platform: str | None = None) -> Whole:
    """The SBOMs of an image, of each platform of an index (or the one named), and of the index itself.

    `layers` says which are read: `all`, `sbom` (those that the image names as such), `none`. Raises SlsacheckError
    where the image itself cannot be read.
    """
    manifest = source.image()
    gathered = gather(source, manifest.digest, spare=True)
    problems = list(gathered.problems)
    if not manifest.is_index:
        only = _inventory(source, manifest, None, gathered, judge, layers, problems)
        if platform is not None and not f"{only.platform}/".startswith(f"{platform}/"):
            raise InputError(f"is an image for {shown(only.platform)}, not for {shown(platform)}", where=source.name)
        alone = manifest.config is not None and manifest.config.digest == manifest.digest
        return Whole(
            source.name,
            manifest.digest,
            (only,),
            tuple(problems),
            in_registry=source.channel is not None,
            by_configuration=alone,
        )
    bills = tuple(bills_attached(source, gathered.pieces, judge, (manifest.digest,)))
    every = platforms_of(source, manifest)
    names, children = (manifest.digest,), tuple(one.digest for one in every)
    inventories = [
        Inventory(manifest.digest, names, bills, kind="index", looked_at=gathered.looked_at, children=children)
    ]
    for descriptor in every if platform is None else (chosen_platform(every, platform, source.name),):
        try:
            child = source.manifest(descriptor)
            hanging = gather(source, child.digest, manifest, spare=True)
            problems += hanging.problems
            found = _inventory(source, child, manifest, hanging, judge, layers, problems)
            inventories.append(replace(found, platform=found.platform or descriptor.platform))
        except SlsacheckError as problem:
            problems.append((problem.where or source.name, problem.message))
    parts = tuple(inventories)
    return Whole(source.name, manifest.digest, parts, tuple(problems), in_registry=source.channel is not None)


def _inventory(
    source: Source,
    manifest: Manifest,
    index: Manifest | None,
    gathered: Gathered,
    judge: Judge,
    layers: str,
    problems: list[tuple[str, str]],
) -> Inventory:
    digests = (manifest.digest, *((index.digest,) if index else ()))
    bills = list(bills_attached(source, gathered.pieces, judge, digests))
    names = (*digests, *((manifest.config.digest,) if manifest.config else ()))
    seen, platform, created = None, None, ""
    try:
        config = config_of(source, manifest)
        platform = platform_name(*(as_text(config.get(key)) for key in ("os", "architecture", "variant")))
        created = as_text(config.get("created"))
        seen = survey(source, manifest, config, layers)
        if seen.left_out:
            problems.append((source.name, f"has {seen.left_out} SBOMs more than the {MAX_DOCUMENTS:,} that are read"))
    except SlsacheckError as problem:
        problems.append((problem.where or source.name, problem.message))
    return Inventory(
        manifest.digest,
        names,
        (*bills, *(seen.bills if seen else ())),
        platform,
        survey=seen,
        looked_at=gathered.looked_at,
        created=created,
    )


def of_file(path: str, digest: str, documents: Sequence[str] = ()) -> Whole:
    """The SBOMs beside a file, those given for it, and for Java archives and wheels those inside it."""
    from slsacheck.evidence.files import read_regular
    from slsacheck.evidence.sbom.archives import bills_inside

    common = [os.path.join(os.path.dirname(path), name) for name in _IN_FOLDER]  # noqa: PTH118, PTH120 - as everywhere in the evidence
    bills, looked, problems = _files([*_beside(path), *common], documents)
    if path.endswith(_ZIPPED):
        looked.append(f"{path}!/")
        try:
            bills += bills_inside(read_regular(path, path, MAX_ARCHIVE), path, None)
        except SlsacheckError as problem:
            problems.append((path, problem.message))
    inventory = Inventory(digest, (digest,), tuple(bills), kind="file", looked_at=tuple(looked))
    return Whole(path, digest, (inventory,), tuple(problems))


def with_files(whole: Whole, path: str | None, documents: Sequence[str] = ()) -> Whole:
    """With the SBOMs that lie beside an image on this machine (`path`), and those given for it."""
    bills, looked, problems = _files(list(_beside(path)) if path is not None else [], documents)
    if not whole.inventories or not (bills or looked or problems):
        return whole
    first, *others = whole.inventories
    first = replace(first, bills=(*first.bills, *bills), looked_at=(*first.looked_at, *looked))
    return replace(whole, inventories=(first, *others), problems=(*whole.problems, *problems))


def _files(places: list[str], documents: Sequence[str]) -> tuple[list[Bill], list[str], list[tuple[str, str]]]:
    """The SBOMs at places, if they are there, and those given; where was looked; and what could not be read.

    Raises InputError where one that was given is missing or no SBOM.
    """
    from slsacheck.evidence.files import read_regular

    bills, problems = [], []
    for place in places:
        try:
            found = bill_of(read_regular(place, place, MAX_RAW), place, "beside", place)
        except Absent:
            continue
        except SlsacheckError as problem:
            problems.append((place, problem.message))
            continue
        bills += [found] if found.form else []
    for place in documents:
        if place not in {bill.place for bill in bills}:
            bills.append(_given(place))
    return bills, places, problems


def _given(place: str) -> Bill:
    from slsacheck.evidence.files import read_regular

    try:
        found = bill_of(read_regular(place, place, MAX_RAW), place, "beside", place)
    except Absent as missing:
        raise InputError("there is no such file", where=place) from missing
    if not found.form:
        raise InputError(found.problem, where=place, advice=KNOWN)
    return found


def _beside(path: str) -> Iterator[str]:
    """Where people put the SBOM of a file: under its name with an ending."""
    stem = path
    for ending in (".tar.gz", ".tgz", ".tar", ".zip", ".whl", ".jar", ".gz", ".exe"):
        stem = stem.removesuffix(ending)
    for begin in dict.fromkeys((path, stem)):
        yield from (begin + ending for ending in _BESIDE)
