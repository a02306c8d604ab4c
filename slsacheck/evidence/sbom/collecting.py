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
from slsacheck.evidence.sbom.bills import bill_of
from slsacheck.evidence.sbom.in_layers import survey
from slsacheck.evidence.sbom.inventory import Inventory, Whole
from slsacheck.evidence.sbom.limits import MAX_ARCHIVE, MAX_DOCUMENTS, MAX_RAW
from slsacheck.record import replace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from slsacheck.evidence.oci.attached import Gathered
    from slsacheck.evidence.oci.judged import Judge
    from slsacheck.evidence.oci.manifest import Manifest
    from slsacheck.evidence.oci.source import Source

__all__ = ["of_file", "of_image"]

_BESIDE = (".spdx.json", ".cdx.json", ".syft.json", ".sbom.json", ".bom.json", ".spdx", ".cdx.xml", ".sbom")
_IN_FOLDER = ("bom.json", "sbom.json", "bom.xml", "sbom.spdx.json", "sbom.cdx.json")
_ZIPPED = (".jar", ".war", ".ear", ".whl")


def of_image(source: Source, judge: Judge, layers: str = "all", platform: str | None = None) -> Whole:
    """The SBOMs of an image, of each platform of an index (or the one named), and of the index itself.

    `layers` says which are read: `all`, `sbom` (those that the image names as such), `none`. Raises SlsacheckError
    where the image itself cannot be read.
    """
    manifest = source.image()
    gathered = gather(source, manifest.digest)
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
            hanging = gather(source, child.digest, manifest)
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


def of_file(path: str, digest: str) -> Whole:
    """The SBOMs beside a file and, for Java archives and wheels, inside it."""
    from slsacheck.evidence.files import read_regular
    from slsacheck.evidence.sbom.archives import bills_inside

    bills, problems, looked = [], [], []
    for place in _beside(path):
        looked.append(place)
        try:
            found = bill_of(read_regular(place, place, MAX_RAW), place, "beside", place)
        except Absent:
            continue
        except SlsacheckError as problem:
            problems.append((place, problem.message))
            continue
        bills += [found] if found.form else []
    if path.endswith(_ZIPPED):
        looked.append(f"{path}!/")
        try:
            bills += bills_inside(read_regular(path, path, MAX_ARCHIVE), path, None)
        except SlsacheckError as problem:
            problems.append((path, problem.message))
    inventory = Inventory(digest, (digest,), tuple(bills), kind="file", looked_at=tuple(looked))
    return Whole(path, digest, (inventory,), tuple(problems))


def _beside(path: str) -> Iterator[str]:
    """Where people put the SBOM of a file: under its name with an ending, or under a common name in its folder."""
    stem = path
    for ending in (".tar.gz", ".tgz", ".tar", ".zip", ".whl", ".jar", ".gz", ".exe"):
        stem = stem.removesuffix(ending)
    for begin in dict.fromkeys((path, stem)):
        yield from (begin + ending for ending in _BESIDE)
    folder = os.path.dirname(path)  # noqa: PTH120 - as everywhere in the evidence
    yield from (os.path.join(folder, name) for name in _IN_FOLDER)  # noqa: PTH118 - see above
