"""Where images and archives keep SBOMs, and who puts them there."""

from __future__ import annotations

from slsacheck.evidence.packagedb.limits import MAX_PLACE
from slsacheck.patterns import regex

__all__ = ["covered_by", "is_archive", "producer_of"]

_WORDS = ("bom", "spdx", "cdx", "cyclonedx", "syft")
"""What every path of an SBOM has in it."""
_LIKELY = regex(r"(?:.*[./_-])?(?:sbom|bom|spdx|cdx|cyclonedx|syft)(?:\.[a-z0-9]+)?\.(?:json|xml|spdx)|.*\.spdx")
"""Names that people and tools give to SBOMs, wherever they are."""
_PRODUCERS = (
    (regex(r"layers/sbom/(?:launch|build|cache)/.*\.json"), "buildpacks"),
    (regex(r"(?:var|usr)/lib/(?:apk/)?db/sbom/[^/]+\.spdx\.json"), "apk"),
    (regex(r"opt/bitnami/(?:.*/)?\.spdx-[^/]+\.(?:spdx|json)"), "bitnami"),
    (regex(r".*\.dist-info/sboms/.+"), "python"),
    (regex(r"(?:.*/)?META-INF/sbom/.+\.(?:json|xml)"), "java"),
    (regex(r"usr/(?:local/)?share/(?:doc/)?sboms?/.+"), "image"),
)
"""Who writes SBOMs to which places: the lifecycle of Buildpacks, melange, Bitnami's containers, PEP 770, Java tools."""
_BUILDPACK = regex(r"layers/sbom/launch/([^/]+)(?:/([^/]+))?/sbom\.[a-z]+\.json")
_BITNAMI = regex(r"(opt/bitnami/(?:[^/]+/)*)\.spdx-[^/]+")
_ARCHIVE = (".jar", ".war", ".ear")
_LEGACY = "sbom.legacy.json"
"""The lists of before there were SBOMs, which buildpacks may leave beside them; they are in no format."""


def producer_of(path: str) -> str | None:
    """Who keeps SBOMs at such a path; empty for a path that only looks like one, None where it does not."""
    name = path.rpartition("/")[2]
    if name == _LEGACY or len(path) > MAX_PLACE or not any(word in path.lower() for word in _WORDS):
        return None
    for pattern, producer in _PRODUCERS:
        if pattern.fullmatch(path):
            return producer
    return "" if _LIKELY.fullmatch(name.lower()) else None


def is_archive(path: str) -> bool:
    """Whether it is a Java archive by its name, which may have an SBOM inside."""
    return path.endswith(_ARCHIVE)


def covered_by(path: str) -> str | None:
    """The folder of which the SBOM at a path speaks, by the convention of whoever put it there."""
    match = _BUILDPACK.fullmatch(path)
    if match:
        return f"layers/{match[1]}/{match[2]}/" if match[2] else f"layers/{match[1]}/"
    match = _BITNAMI.fullmatch(path)
    return match[1] if match else None
