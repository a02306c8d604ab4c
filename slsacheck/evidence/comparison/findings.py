"""Differences, counted by kind: those that change what is run or installed, and those of metadata alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.record import record, replace

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["MAX_SHOWN", "MEANING", "METADATA", "Comparison", "Difference", "Tally"]

MAX_SHOWN = 1_000
"""Differences that are kept, of metadata and of the others each; all are counted."""

METADATA = {
    "mtime": "times of change",
    "order": "the order of the entries",
    "compression": "how it is compressed: level, program or kind",
    "gzip-header": "the time, name or system in the header of gzip",
    "archive-format": "how the archive is written: form of names, padding, version, comments",
    "owner-name": "names of users and groups whose numbers are the same",
    "created": "the date of creation in configuration, labels or annotations",
    "history": "the history in the configuration",
    "media-type": "names of formats that say the same (Docker's and OCI's)",
    "platform-order": "the order of the platforms in the index",
    "attestations": "attestations inside the index, which speak of one build each",
    "encoding": "how equal JSON is written",
    "manifest": "one side has no manifest (`docker save`)",
}
"""Kinds of difference after which the contents are still the same; nothing else is among them."""

_OF_FILES = frozenset(
    (
        "content",
        "added",
        "removed",
        "type",
        "mode",
        "owner",
        "link",
        "device",
        "xattr",
        "whiteout",
        "mtime",
        "owner-name",
    )
)
"""Kinds of difference of one file, which may belong to a package."""

MEANING = METADATA | {
    "content": "the bytes of a file",
    "added": "only in the second",
    "removed": "only in the first",
    "type": "file, folder, link or device",
    "mode": "permissions, setuid and setgid included",
    "owner": "numbers of user and group",
    "link": "the target of a link",
    "device": "the numbers of a device",
    "xattr": "extended attributes, capabilities included",
    "whiteout": "what is removed from the layers below",
    "config": "what the configuration says of running the image",
    "annotation": "annotations of manifest, index or layers",
    "fields": "other fields of manifest or index: os.version, os.features, urls, subject",
    "layers": "the number of layers, or how files are spread over them",
    "platform": "a platform that only one has",
}
"""What each kind means, in words for people."""


@record
class Difference:
    """One difference. `layer` counts from 0 at the bottom; `before` and `after` are the two sides, where they say more.

    `path` is a file, `config.…` in the configuration, or `annotations.…`; `package` the one to which the file belongs.
    `inside` is what differs in a file that is an archive, counted by kind: it explains, and decides nothing.
    """

    what: str
    layer: int | None = None
    path: str | None = None
    platform: str | None = None
    before: str | None = None
    after: str | None = None
    package: str | None = None
    inside: tuple[tuple[str, int], ...] = ()

    @property
    def is_metadata(self) -> bool:
        """Whether the contents are the same all the same."""
        return self.what in METADATA


@record
class Comparison:
    """The answer: `verdict` is identical, reproducible or different; `kinds` counts every difference by its kind.

    `differences` has those that are not of metadata first, `left_out` is how many were counted and not kept. `notes`
    say what was compared and what was not. `packages` are (name, version before, version after) of what the images'
    package databases say that is installed otherwise.
    """

    verdict: str
    first: str
    second: str
    form: str
    digests: tuple[str, str]
    differences: tuple[Difference, ...] = ()
    kinds: tuple[tuple[str, int], ...] = ()
    left_out: int = 0
    notes: tuple[str, ...] = ()
    platforms: tuple[tuple[str, str], ...] = ()
    packages: tuple[tuple[str, str | None, str | None], ...] = ()


class Tally:
    """Where a comparison says what differs."""

    def __init__(self, platform: str | None = None) -> None:
        self.kinds: dict[str, int] = {}
        self.notes: list[str] = []
        self.packages: dict[str, tuple[str | None, str | None]] = {}
        self._platform = platform
        self._kept: tuple[list[Difference], list[Difference]] = ([], [])

    def add(
        self,
        what: str,
        path: str | None = None,
        *,
        layer: int | None = None,
        before: str | None = None,
        after: str | None = None,
        inside: tuple[tuple[str, int], ...] = (),
    ) -> None:
        """Counts a difference, and keeps it while there is room."""
        self.kinds[what] = self.kinds.get(what, 0) + 1
        kept = self._kept[what in METADATA]
        if len(kept) < MAX_SHOWN:
            kept.append(Difference(what, layer, path, self._platform, before, after, inside=inside))

    def absorb(self, other: Tally) -> None:
        """Takes over all that another one counted and kept."""
        for what, count in other.kinds.items():
            self.kinds[what] = self.kinds.get(what, 0) + count
        for mine, theirs in zip(self._kept, other._kept, strict=True):
            mine.extend(theirs[: MAX_SHOWN - len(mine)])
        for text in other.notes:
            self.note(text)
        self.packages.update(other.packages)

    def belong(self, owner: Callable[[str], str | None]) -> None:
        """Names the package of each file that was kept, as `owner` says it."""
        for kept in self._kept:
            kept[:] = [
                replace(one, package=owner(one.path)) if one.path and one.what in _OF_FILES else one for one in kept
            ]

    def note(self, text: str) -> None:
        """Says once what was compared, or not."""
        if text not in self.notes:
            self.notes.append(text)

    @property
    def verdict(self) -> str:
        """What follows from the differences so far."""
        if not self.kinds:
            return "identical"
        return "reproducible" if self.kinds.keys() <= METADATA.keys() else "different"

    def differences(self) -> tuple[Difference, ...]:
        """Those that were kept, the meaningful ones first."""
        return (*self._kept[False], *self._kept[True])

    def counted(self) -> tuple[tuple[str, int], ...]:
        """Each kind with its number, as `MEANING` orders them: what matters first."""
        ranked: Mapping[str, int] = {kind: place for place, kind in enumerate(MEANING)}
        return tuple(
            sorted(self.kinds.items(), key=lambda pair: (pair[0] in METADATA, ranked.get(pair[0], len(ranked))))
        )

    def comparison(self, first: str, second: str, form: str, digests: tuple[str, str]) -> Comparison:
        """The answer for two sides of that name, form (image, tar, zip, …) and digest."""
        kept = self.differences()
        return Comparison(
            self.verdict,
            first,
            second,
            form,
            digests,
            kept,
            self.counted(),
            sum(self.kinds.values()) - len(kept),
            tuple(self.notes),
            packages=tuple((name, *versions) for name, versions in self.packages.items()),
        )
