"""What files are, to judge by their names: the output contract's types."""

from __future__ import annotations

import re
from collections import Counter

from slsacheck.patterns import regex

__all__ = ["MAIN_TYPES", "SIDE_TYPES", "is_side", "kind_of_files", "label_of", "split_sides"]

TEXTS = regex(r"\.(ya?ml|json|txt|md|html?)$")
SUFFIXES = (
    (regex(r"\.(whl)\b|\bwheel|\bsdist"), "python-package"),
    (regex(r"\.(deb|rpm|apk|snap|flatpak|pkg\.tar\.\w+)\b"), "os-package"),
    (
        regex(r"\.(msi|msix|dmg|pkg|appimage|run)\b|installer|setup[^/]*\.exe|-install\.(sh|ps1)\b", re.IGNORECASE),
        "installer",
    ),
    (regex(r"(sha\d*sums?|checksums?|\.sha\d+|\.md5|sums?\.txt|digests?\.txt)", re.IGNORECASE), "checksums"),
    (
        regex(
            r"(sbom|spdx|cyclonedx|\.cdx\.|\.sig\b|\.asc\b|\.pem\b|\.crt\b|\.bundle\b|\.sigstore|intoto|\.att\b|provenance)",
            re.IGNORECASE,
        ),
        "metadata",
    ),
    (regex(r"\.(json|txt|xml|csv|log|html?)\.(gz|xz|zst|bz2)\b"), "metadata"),
    (regex(r"\.(tar(\.\w+)?|tgz|tbz2?|txz|zip|7z|gz|xz|zst|bz2)\b"), "archive"),
    (regex(r"\.(jar|war|aar|pom)\b"), "maven-artifact"),
    (regex(r"\.(nupkg|snupkg)\b"), "nuget-package"),
    (regex(r"\.gem\b"), "ruby-gem"),
    (regex(r"\.crate\b"), "crate"),
    (TEXTS, "metadata"),
    (regex(r"\.exe\b|\bbin[/\\]|binar(y|ies)", re.IGNORECASE), "binary"),
)
SIDE_TYPES = ("checksums", "metadata")
"""Types of what lies beside the files that are published for their own sake."""
SIDES = tuple(pattern for pattern, kind in SUFFIXES if kind in SIDE_TYPES and pattern is not TEXTS)
MAIN_TYPES = frozenset(
    (
        "container-image",
        "binary",
        "archive",
        "installer",
        "os-package",
        "python-package",
        "npm-package",
        "ruby-gem",
        "crate",
        "maven-artifact",
        "nuget-package",
        "helm-chart",
        "ci-component",
        "committed-file",
    )
)
LABELS = {
    "archive": "archives",
    "binary": "binaries",
    "installer": "installers",
    "os-package": "packages",
    "python-package": "Python packages",
    "maven-artifact": "Java archives",
    "checksums": "checksums",
    "metadata": "metadata",
    "nuget-package": "NuGet packages",
    "ruby-gem": "gems",
    "npm-package": "npm package",
    "crate": "crates",
    "helm-chart": "charts",
    "container-image": "image",
}


BARE = regex(r"[\w-]{3,}[^./*]*$")
"""A name without an ending: that of a program."""


STEM = regex(r"(?:[\w-]{3,}|/)\*$")
"""A glob of everything in a folder, or whose name begins alike: programs and what lies beside them."""


def _kind(name: str) -> str | None:
    return next((kind for pattern, kind in SUFFIXES if pattern.search(name)), None)


def _bare(name: str) -> bool:
    """Whether a name can only be that of a program: no ending, no folder, not all unknown."""
    last = re.sub(r"\$\{\{.*?\}\}|\{\{.*?\}\}|\$\{[^}]*\}|\$\w+", "", name).rpartition("/")[2]
    return "/" in name and BARE.search(last) is not None and "." not in last


def kind_of_files(names: tuple[str, ...], built: tuple[str, ...] = ()) -> str:
    """The type of a set of files: what was built if a name tells it, that of most names, what was built, or archive."""
    found = Counter(kind for name in names if (kind := _kind(name)))
    if found and found.keys() <= set(SIDE_TYPES):
        others = [name for name in names if _kind(name) is None]
        if any(_bare(name) for name in others):
            return "binary"
        if any(STEM.search(name) for name in others):
            found.clear()
    for side in SIDE_TYPES:
        if len(found) > 1:
            found.pop(side, None)
    files = [kind for kind in built if kind in MAIN_TYPES and kind != "container-image"]
    if found:
        return next((kind for kind in files if kind in found), None) or _most_common(found)
    return _most_common(Counter(files)) if files else "archive"


def _most_common(found: Counter[str]) -> str:
    """The first of the most frequent, as `Counter.most_common(1)` has it, which imports heapq (0.5 ms) for it."""
    return max(found, key=found.__getitem__)


def split_sides(names: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names of what is published for its own sake, and those of checksums, signatures and the like."""
    side = tuple(name for name in names if _kind(name) in SIDE_TYPES)
    return tuple(name for name in names if name not in side), side


def is_side(name: str) -> bool:
    """Whether a name is that of checksums, a signature, an inventory or provenance, and of nothing else."""
    return any(pattern.search(name) for pattern in SIDES)


def label_of(kind: str) -> str:
    """What a set of such files is called where it has no name of its own."""
    return LABELS.get(kind, "release files")
