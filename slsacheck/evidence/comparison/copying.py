"""The commands that would have kept what a copy of an image lost.

What each tool keeps was tried with crane 0.22, oras 1.2, cosign 3.1 and skopeo 1.9 between registries with and without
the list of referrers (docs/containers.md): oras copies referrers (`-r`) and no tags of cosign, crane and skopeo copy
what they are given by name, and none of them follows both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.record import record

if TYPE_CHECKING:
    from slsacheck.evidence.comparison.promotion import Fate, Promotion

__all__ = ["End", "Remedy", "end_of", "remedies"]

_ORDER = ("crane", "skopeo", "oras", "cosign")
"""cosign last: its `copy` is deprecated, and leaves tags behind that older registries take for lists of referrers."""
MAX_TAGS = 20
"""Tags of cosign for each of which a command is written."""


@record
class End:
    """One end of a copy: a registry's repository or a layout (folder or tar), and the tag or digest there."""

    place: str
    local: bool
    tag: str | None = None
    digest: str | None = None

    def named(self, tag: str | None) -> str:
        """The place with another tag."""
        return f"{self.place}:{tag}" if tag else self.place

    @property
    def exact(self) -> str:
        """The place with the digest, which does not move."""
        return f"{self.place}@{self.digest}"


@record
class Remedy:
    """What keeps one kind of loss: why it was lost, and (tool, command) of each tool that keeps it."""

    cause: str
    why: str
    commands: tuple[tuple[str, str], ...]


def end_of(text: str, digest: str) -> End:
    """The end that a user named, with the digest of the image there."""
    import os.path

    from slsacheck.evidence.oci import is_layout, places_of
    from slsacheck.evidence.oci.names import reference_of

    for path, tag, _ in places_of(text):
        if is_layout(path) or os.path.isfile(path):  # noqa: PTH113 - as everywhere in the evidence
            return End(path, True, tag, digest)
    reference = reference_of(text)
    return End(reference.name, False, reference.tag, digest)


def remedies(found: Promotion, first: str, second: str, *, plain_http: bool = False) -> tuple[Remedy, ...]:
    """What would have kept what is not kept, one for each cause."""
    source, destination = end_of(first, found.digests[0]), end_of(second, found.digests[1])
    bad = [fate for fate in found.fates if fate.state != "kept"]
    tools = _Tools(source, destination, plain_http=plain_http)
    made = []
    if found.change != "none":
        made.append(Remedy("digest", _WHY["digest"], tools.image()))
    elif any(_is_referrer(fate) for fate in bad):
        made.append(Remedy("referrers", _WHY["referrers"], tools.referrers(bad)))
    tags = tuple(dict.fromkeys(_tag(fate) for fate in bad if fate.source.attachment.found_by == "cosign-tag"))
    if tags:
        made.append(Remedy("cosign-tag", _WHY["cosign-tag"], tools.tags(tags[:MAX_TAGS])))
    return tuple(made)


_WHY = {
    "digest": "the image has another digest than before, so nothing that was signed is about it: copy it whole, with "
    "every platform, and convert or compress nothing on the way (`oras cp -r` brings its referrers too)",
    "referrers": "referrers are manifests of their own; of these tools only oras copies them along",
    "cosign-tag": "cosign's older signatures and attestations are under tags of their own, which nothing follows",
}


def _is_referrer(fate: Fate) -> bool:
    return fate.source.attachment.found_by in ("referrers", "fallback-tag")


def _tag(fate: Fate) -> str:
    """The tag under which cosign keeps something of that kind."""
    attachment = fate.source.attachment
    ending = "sig" if attachment.kind == "signature" else "att"
    if attachment.kind == "sbom" and attachment.format != "cosign-legacy":
        ending = "sbom"
    return f"{fate.source.about.replace(':', '-')}.{ending}"


class _Tools:
    """The commands for one source and one destination, to be pasted into a shell."""

    def __init__(self, source: End, destination: End, *, plain_http: bool) -> None:
        self._source = source
        self._destination = destination
        self._plain = plain_http
        self._local = source.local or destination.local

    def image(self) -> tuple[tuple[str, str], ...]:
        """The image with all its platforms, and its digest kept."""
        source, target = self._source, self._target(self._destination.tag)
        return (
            ("oras", self._oras("cp -r", source.exact, target)),
            *((("crane", self._crane(source.exact, target)),) if not self._local else ()),
            ("skopeo", self._skopeo("--all --preserve-digests", source.exact, target)),
        )

    def referrers(self, bad: list[Fate]) -> tuple[tuple[str, str], ...]:
        """What refers to the image, wherever its registry keeps the list."""
        source, target = self._source, self._target(self._destination.tag)
        made = [("oras", self._oras("cp -r", source.exact, target))]
        if not self._local:
            by_tag = [fate.source.about for fate in bad if fate.source.attachment.found_by == "fallback-tag"]
            for about in dict.fromkeys(by_tag[:MAX_TAGS]):
                tag = about.replace(":", "-")
                made.append(("crane", self._crane(source.named(tag), self._target(tag))))
        return tuple(made)

    def tags(self, tags: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
        """Tags of cosign, each by its name."""
        source, made = self._source, list[tuple[str, str]]()
        for tag in tags:
            if self._local:
                made.append(("oras", self._oras("cp", source.named(tag), self._target(tag))))
            else:
                made.append(("crane", self._crane(source.named(tag), self._target(tag))))
                made.append(("skopeo", self._skopeo("--preserve-digests", source.named(tag), self._target(tag))))
        if not self._local:
            flags = "--allow-http-registry " if self._plain else ""
            whole = f"{_quoted(source.exact)} {_quoted(self._target(self._destination.tag))}"
            made.append(("cosign", f"cosign copy {flags}{whole}"))
        return tuple(sorted(made, key=lambda pair: _ORDER.index(pair[0])))

    def _target(self, tag: str | None) -> str:
        return self._destination.named(tag or self._source.tag)

    def _oras(self, verb: str, source: str, target: str) -> str:
        flags = [
            "--from-oci-layout" if self._source.local else "--from-plain-http" if self._plain else "",
            "--to-oci-layout" if self._destination.local else "--to-plain-http" if self._plain else "",
        ]
        return " ".join(("oras", verb, *filter(None, flags), _quoted(source), _quoted(target)))

    def _crane(self, source: str, target: str) -> str:
        return f"crane copy {'--insecure ' if self._plain else ''}{_quoted(source)} {_quoted(target)}"

    def _skopeo(self, flags: str, source: str, target: str) -> str:
        ends = []
        for end, text, side in ((self._source, source, "src"), (self._destination, target, "dest")):
            if self._plain and not end.local:
                flags += f" --{side}-tls-verify=false"
            ends.append(_quoted(f"{'oci:' if end.local else 'docker://'}{self._by_tag(end, text)}"))
        return f"skopeo copy {flags} {' '.join(ends)}"

    def _by_tag(self, end: End, text: str) -> str:
        """A layout is named by its tag: skopeo knows no digests there."""
        return end.named(end.tag) if end.local and text == end.exact else text


def _quoted(text: str) -> str:
    import shlex

    return shlex.quote(text)
