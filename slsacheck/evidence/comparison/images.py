"""Two images side by side: index, manifest, configuration, layers.

Equal digests end the question. What is equal by its digest is not read; of the rest every byte is, and is believed
once it has the digest that it should have.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.errors import Absent
from slsacheck.evidence.attestations.jsondoc import as_text
from slsacheck.evidence.comparison.both import both
from slsacheck.evidence.comparison.configs import compare_annotations, compare_configs, compare_fields, only_layers
from slsacheck.evidence.comparison.findings import Comparison, Tally
from slsacheck.evidence.comparison.layers import check_layers, compare_layers
from slsacheck.evidence.comparison.remembering import Remembering
from slsacheck.evidence.oci.images import platforms_of
from slsacheck.evidence.oci.layers import config_of
from slsacheck.evidence.oci.manifest import json_document
from slsacheck.evidence.oci.names import platform_name
from slsacheck.record import record, replace

if TYPE_CHECKING:
    from slsacheck.evidence.attestations.jsondoc import Document
    from slsacheck.evidence.oci.manifest import Manifest
    from slsacheck.evidence.oci.names import Descriptor
    from slsacheck.evidence.oci.source import Source

__all__ = ["compare_images"]

_CONFIGS = ("application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json")
"""Media types of the configurations of container images."""


@record
class _Side:
    """An image as it was named: an index, or the image of one platform."""

    source: Source
    whole: Manifest

    @property
    def is_here(self) -> bool:
        """Whether it lies on this machine, where nobody has checked its bytes."""
        return self.source.channel is None

    @property
    def images(self) -> dict[str, Descriptor]:
        """The images of an index by platform, with a number behind a platform that comes twice."""
        found: dict[str, Descriptor] = {}
        for child in platforms_of(self.source, self.whole):
            name = _usual(child.platform or _platform(self.source, self.source.manifest(child)))
            count = sum(1 for known in found if known.partition(" ")[0] == name)
            found[f"{name} ({count + 1})" if count else name] = child
        return found

    def image(self, platform: str | None) -> tuple[str, Manifest]:
        """The image of a platform (None: the only one), and that platform. Raises Absent."""
        if not self.whole.is_index:
            own = _usual(_platform(self.source, self.whole))
            if platform is None or own == _usual(platform):
                return own, self.whole
            raise Absent(f"is for {own}, not for {platform}", where=self.source.name)
        images = self.images
        name = _usual(platform) if platform else next(iter(images))
        if name not in images or (platform is None and len(images) > 1):
            raise Absent(
                f"has no image for {name}", where=self.source.name, advice=f"it has images for {', '.join(images)}"
            )
        return name, self.source.manifest(images[name])


def compare_images(first: Source, second: Source, platform: str | None = None) -> Comparison:
    """The answer for two images; of indexes each platform, or the one that is named.

    Raises Absent, InputError or Unavailable where one of them cannot be read.
    """
    left, right = both(lambda source: _Side(Remembering(source), source.image()), first, second)
    tally = Tally()
    if platform is None and left.whole.is_index and right.whole.is_index:
        platforms = _compare_indexes(left, right, tally)
    else:
        platforms = (_compare_one(left, right, platform, tally),)
    found = tally.comparison(first.name, second.name, "image", (left.whole.digest, right.whole.digest))
    return replace(found, platforms=platforms)


def _compare_indexes(left: _Side, right: _Side, tally: Tally) -> tuple[tuple[str, str], ...]:
    """Compares each platform that both have; the pairs of platform and verdict."""
    ours, theirs = left.images, right.images
    pairs = []
    for name in dict.fromkeys((*ours, *theirs)):
        own = Tally(name)
        if name in ours and name in theirs:
            if ours[name].digest != theirs[name].digest or left.is_here or right.is_here:
                manifests = left.source.manifest(ours[name]), right.source.manifest(theirs[name])
                _compare_platform((left.source, manifests[0]), (right.source, manifests[1]), own)
        else:
            before, after = (one[name].digest if name in one else None for one in (ours, theirs))
            own.add("platform", before=before, after=after)
        tally.absorb(own)
        pairs.append((name, own.verdict))
    if [name for name in ours if name in theirs] != [name for name in theirs if name in ours]:
        tally.add("platform-order", before=", ".join(ours), after=", ".join(theirs))
    _compare_rest(left, right, tally)
    return tuple(pairs)


def _compare_rest(left: _Side, right: _Side, tally: Tally) -> None:
    """What indexes hold beside images: annotations, and attestations of the images."""
    one, two = left.whole, right.whole
    if one.digest == two.digest:
        return
    before = set(tally.kinds)
    if one.media_type != two.media_type:
        tally.add("media-type", before=one.media_type, after=two.media_type)
    compare_annotations(dict(one.annotations), dict(two.annotations), tally.add, "index.annotations")
    compare_fields(_document(left.source, one), _document(right.source, two), tally.add)
    named = [_attestations(left), _attestations(right)]
    if named[0] != named[1]:
        count = [f"{len(digests)} attestation manifests" for digests in named]
        tally.add("attestations", before=count[0], after=count[1])
    if set(tally.kinds) == before and not before:
        tally.add("encoding", before=one.digest, after=two.digest)


def _attestations(side: _Side) -> set[str]:
    """What an index names beside its images."""
    images = {child.digest for child in platforms_of(side.source, side.whole)}
    return {child.digest for child in side.whole.children} - images


def _document(source: Source, manifest: Manifest) -> Document:
    return json_document(manifest.data, f"{source.name}@{manifest.digest}") if manifest.data else {}


def _compare_one(left: _Side, right: _Side, platform: str | None, tally: Tally) -> tuple[str, str]:
    """Compares one image with one image, of which one or both may stand in an index."""
    if platform is None and left.whole.is_index != right.whole.is_index:
        single = right if left.whole.is_index else left
        platform = _platform(single.source, single.whole)
        index = left if left.whole.is_index else right
        tally.note(f"{index.source.name} is an index: its {platform} is compared, the rest is not looked at")
    (name, one), (_, two) = left.image(platform), right.image(platform)
    _compare_platform((left.source, one), (right.source, two), tally)
    return name, tally.verdict


def _compare_platform(left: tuple[Source, Manifest], right: tuple[Source, Manifest], tally: Tally) -> None:
    one, two = left[1], right[1]
    if one.digest == two.digest:
        for source, manifest in (left, right):
            check_layers(source, manifest.layers, tally)
        return
    if _is_saved(one) != _is_saved(two):
        tally.add("manifest", before=one.media_type, after=two.media_type)
    elif one.media_type != two.media_type:
        tally.add("media-type", before=one.media_type, after=two.media_type)
    compare_annotations(dict(one.annotations), dict(two.annotations), tally.add)
    if one.data and two.data:
        compare_fields(_document(left[0], one), _document(right[0], two), tally.add)
    _compare_configurations(left, right, tally)
    compare_layers(left, right, tally)
    if not tally.kinds:
        tally.add("encoding", before=one.digest, after=two.digest)


def _compare_configurations(left: tuple[Source, Manifest], right: tuple[Source, Manifest], tally: Tally) -> None:
    one, two = left[1].config, right[1].config
    if one is None or two is None or one.digest == two.digest:
        return
    if not (_is_settings(one) and _is_settings(two)):
        tally.add("config", "config", before=one.digest, after=two.digest)
        return
    ours, theirs = config_of(*left), config_of(*right)
    before = sum(tally.kinds.values())
    compare_configs(ours, theirs, tally.add)
    if sum(tally.kinds.values()) == before and not only_layers(ours, theirs):
        tally.add("encoding", "config", before=one.digest, after=two.digest)
    if one.media_type != two.media_type:
        tally.add("media-type", "config", before=one.media_type, after=two.media_type)


def _is_settings(config: Descriptor) -> bool:
    """Whether it is the configuration of a container image; that of another artifact may be anything."""
    return config.media_type in ("", *_CONFIGS)


def _is_saved(manifest: Manifest) -> bool:
    """Whether there is a configuration alone, as `docker save` wrote it: then equal digests say nothing of the rest."""
    return manifest.config is not None and manifest.config.digest == manifest.digest


def _platform(source: Source, manifest: Manifest) -> str:
    if manifest.config is None or not _is_settings(manifest.config):
        return "unknown"
    config = config_of(source, manifest)
    said = (as_text(config.get(name)) for name in ("os", "architecture", "variant"))
    return platform_name(*said) or "unknown"


def _usual(name: str) -> str:
    """A platform by its usual name: arm64 has one variant, which some tools write and some do not."""
    return name.removesuffix("/v8") if name.endswith("arm64/v8") else name
