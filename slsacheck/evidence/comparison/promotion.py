"""An image before and after it was copied: what arrived of that which hangs on it, and what did not.

A copy keeps what was promised of an image where its digest stays: signatures and attestations speak of digests. What
hangs on the image is a thing of its own in the registry, which most tools leave behind.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.errors import SlsacheckError
from slsacheck.evidence.comparison.both import both
from slsacheck.evidence.comparison.configs import compare_annotations
from slsacheck.evidence.comparison.hanging import Hanging, Place, look_at, look_for
from slsacheck.record import record

if TYPE_CHECKING:
    from slsacheck.evidence.oci.judged import Judge
    from slsacheck.evidence.oci.manifest import Manifest
    from slsacheck.evidence.oci.source import Source

__all__ = ["Fate", "Promotion", "promotion"]

_CAUSES = {
    "referrers": "referrers",
    "fallback-tag": "referrers",
    "cosign-tag": "cosign-tag",
    "index-manifest": "index",
}
"""By which way of being attached something is lost: each is kept by other commands."""

_SAID = {
    "pass": "it verifies",
    "fail": "it does not verify",
    "unknown": "nobody knows",
    "not-signed": "it is not signed",
}


@record
class Fate:
    """What became of one attachment: `state` is kept, lost, broken or unknown, with the reason where it is not kept.

    `cause` says what would have kept it: referrers, cosign-tag, index (all platforms), or digest (the image itself).
    `source` and `destination` are how it was found at either place, and whether it verified there.
    """

    state: str
    source: Hanging
    destination: Hanging | None = None
    reason: str = ""
    cause: str = ""


@record
class Promotion:
    """The answer: what became of the image, of each attachment, of each platform and of the annotations.

    `change` is none, platform-picked, platforms-dropped, recompressed, index-rewritten, converted or other. `unseen`
    are (where, reason) of what could not be looked at; `annotations` the names of those that were lost or changed.
    `tags` are those at both ends (None where there is none): pointers, and no part of what was promised.
    """

    source: str
    destination: str
    digests: tuple[str, str]
    change: str
    platforms: tuple[tuple[str, bool], ...]
    fates: tuple[Fate, ...]
    annotations: tuple[str, ...]
    extra: tuple[Hanging, ...]
    unseen: tuple[tuple[str, str], ...]
    tags: tuple[str | None, str | None] = (None, None)

    def digests_of(self, state: str) -> tuple[str, ...]:
        """The digests of the attachments of which this became."""
        found = (one.source.attachment.digest for one in self.fates if one.state == state)
        return tuple(dict.fromkeys(found))

    @property
    def kept_all(self) -> bool:
        """Whether the image is the same, and all that hangs on it was seen, arrived and is sound."""
        kept = all(one.state == "kept" for one in self.fates)
        return self.change == "none" and not self.annotations and not self.unseen and kept


def promotion(first: Source, second: Source, judge: Judge) -> Promotion:
    """What a copy of the first image to the second place kept. Raises SlsacheckError where one cannot be read."""
    source, destination = both(lambda one: look_at(one, judge), first, second)
    strays = _strays(source, destination, judge)
    fates = tuple(_fate(one, _arrived(one, destination, strays), destination, strays) for one in source.hanging)
    known = {(one.attachment.digest, one.about) for one in source.hanging}
    return Promotion(
        source=source.source.name,
        destination=destination.source.name,
        digests=(source.digest, destination.digest),
        change=_change(source, destination),
        platforms=_platforms(source, destination),
        fates=fates,
        annotations=_annotations(source.manifest, destination.manifest),
        extra=tuple(one for one in destination.hanging if (one.attachment.digest, one.about) not in known),
        unseen=(*source.unseen, *destination.unseen),
        tags=(source.tag, destination.tag),
    )


def _strays(source: Place, destination: Place, judge: Judge) -> tuple[Hanging, ...]:
    """What was copied for digests of the source that the destination's image does not have."""
    found: list[Hanging] = []
    for digest in dict.fromkeys(one.about for one in source.hanging):
        if digest not in destination.family and digest not in {one.about for one in destination.hanging}:
            try:
                found += look_for(destination, digest, judge)
            except SlsacheckError:
                continue
    return tuple(found)


def _arrived(before: Hanging, destination: Place, strays: tuple[Hanging, ...]) -> Hanging | None:
    """The same thing at the destination; what could not be read is known by its manifest alone."""
    there = {(one.attachment.digest, one.about): one for one in (*destination.hanging, *strays)}
    unread = there.get((before.attachment.manifest or "", before.about))
    return there.get((before.attachment.digest, before.about)) or unread


def _fate(before: Hanging, after: Hanging | None, destination: Place, strays: tuple[Hanging, ...]) -> Fate:
    way = _CAUSES.get(before.attachment.found_by, "referrers")
    if after is None:
        if before.about not in destination.family and _is_root(before, destination):
            reason = f"the image at the destination has no {before.about}, of which it speaks"
            return Fate("lost", before, None, reason, "digest" if way != "index" else "index")
        if destination.unseen:
            where, reason = destination.unseen[0]
            return Fate("unknown", before, None, f"it was not found, and {where} {reason}", way)
        return Fate("lost", before, None, _absence(before), way)
    if after.unseen or before.unseen:
        end = "destination" if after.unseen else "source"
        return Fate(
            "unknown", before, after, f"it could not be read at the {end}: {(after.wrong or before.wrong)}", way
        )
    if after in strays:
        reason = f"it arrived, but the image at the destination is not {before.about}, of which it speaks"
        return Fate("broken", before, after, reason, "digest")
    if wrong := _wrong(before, after):
        return Fate("broken", before, after, wrong, way)
    refuted = after.attachment.verified == "fail"
    return Fate(
        "kept", before, after, f"it does not verify, here as there: {after.attachment.reason}" if refuted else ""
    )


def _is_root(before: Hanging, destination: Place) -> bool:
    """Whether something speaks of an image, and not of another attachment that may have arrived."""
    return before.about not in {one.attachment.manifest for one in destination.hanging}


def _absence(before: Hanging) -> str:
    tag = f"sha256-{before.about.partition(':')[2]}"
    return {
        "cosign-tag": f"the tag {tag}.* of cosign is not there, or is another",
        "index-manifest": "the index does not name it any more",
        "fallback-tag": f"it is in neither the list of referrers nor under the tag {tag}",
    }.get(before.attachment.found_by, "it is not among the referrers")


def _wrong(before: Hanging, after: Hanging) -> str:
    """Why something that arrived does not count; what was so before the copy says so."""
    if after.wrong:
        return f"as at the source: {after.wrong}" if before.wrong else after.wrong
    verified = before.attachment.verified, after.attachment.verified
    if verified[0] != verified[1] and (verified[0] == "pass" or verified[1] == "fail"):
        return f"at the source {_SAID[verified[0]]}, and here {_SAID[verified[1]]}: {after.attachment.reason}"
    return ""


def _change(source: Place, destination: Place) -> str:
    one, two = source.manifest, destination.manifest
    if one.digest == two.digest:
        return "none"
    if one.is_index and not two.is_index:
        picked = two.digest in {child.digest for _, child in source.platforms}
        return "platform-picked" if picked else "other"
    if one.is_index and two.is_index:
        before = {child.digest for _, child in source.platforms}
        after = {child.digest for _, child in destination.platforms}
        if before == after:
            return "index-rewritten"
        return "platforms-dropped" if after < before else "other"
    if one.config is not None and two.config is not None and one.config.digest == two.config.digest:
        same = [layer.digest for layer in one.layers] == [layer.digest for layer in two.layers]
        return "converted" if same else "recompressed"
    return "other"


def _platforms(source: Place, destination: Place) -> tuple[tuple[str, bool], ...]:
    """The platforms of the source's index, and whether the very same image is at the destination."""
    return tuple((name, child.digest in destination.family) for name, child in source.platforms)


def _annotations(one: Manifest, two: Manifest) -> tuple[str, ...]:
    """The names of the annotations of the image and its parts that the destination lacks or has otherwise."""
    lost: list[str] = []

    def add(_what: str, path: str, *, before: str | None = None, after: str | None = None) -> None:
        if before is not None and before != after:
            lost.append(path)

    if one.is_index != two.is_index:
        return tuple(f"index.annotations.{name}" for name, _ in one.annotations) if one.is_index else ()
    compare_annotations(dict(one.annotations), dict(two.annotations), add)
    theirs = {part.digest: part for part in (*two.children, *two.layers)}
    for part in (*one.children, *one.layers):
        if part.digest in theirs:
            compare_annotations(dict(part.annotations), dict(theirs[part.digest].annotations), add, part.digest)
    return tuple(dict.fromkeys(lost))
