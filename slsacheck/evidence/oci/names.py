"""The words of the OCI image specification: digests, media types, descriptors, references."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slsacheck.errors import InputError
from slsacheck.evidence.attestations.jsondoc import Document, as_map, as_text
from slsacheck.evidence.attestations.steps import shown
from slsacheck.patterns import regex
from slsacheck.record import record

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "INDEXES",
    "MANIFESTS",
    "SCHEMA_1",
    "Descriptor",
    "NoReferenceError",
    "Reference",
    "check_digest",
    "chosen_platform",
    "descriptor_of",
    "is_platform",
    "reference_of",
    "same_bytes",
]

_DIGEST = regex(r"sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}", re.ASCII)
_TAG = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}"
_NAME = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*"
_HOST = r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?"
_REFERENCE = regex(rf"({_HOST})/({_NAME})(?::({_TAG}))?(?:@([a-z0-9]+:[0-9a-f]+))?", re.ASCII)
MAX_NAME = 255
"""Characters of a repository's name (distribution specification)."""

INDEXES = frozenset(
    {"application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json"}
)
MANIFESTS = frozenset(
    {
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.v2+json",
        "application/vnd.oci.artifact.manifest.v1+json",
    }
)
SCHEMA_1 = (
    "application/vnd.docker.distribution.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v1+prettyjws",
)


class NoReferenceError(InputError):
    """What was named is no image reference: nothing is known of an image."""


@record
class Descriptor:
    """What a document says of another: its digest, size and media type (None where it does not say them)."""

    digest: str
    size: int | None = None
    media_type: str = ""
    artifact_type: str = ""
    annotations: tuple[tuple[str, str], ...] = ()
    platform: str | None = None

    def annotation(self, name: str) -> str:
        """The annotation of that name, empty where there is none."""
        return dict(self.annotations).get(name, "")

    @property
    def hexadecimal(self) -> str:
        """The digest without its algorithm."""
        return self.digest.partition(":")[2]


def check_digest(digest: str, where: str) -> str:
    """The digest itself. Raises InputError unless it is a sha256 or sha512 in its one form."""
    if not _DIGEST.fullmatch(digest):
        raise InputError(f"names {shown(digest)!r}, which is no sha256 or sha512 digest", where=where)
    return digest


def same_bytes(digest: str, data: bytes) -> bool:
    """Whether these bytes have that digest (checked by `check_digest` before)."""
    import hashlib

    algorithm, _, value = digest.partition(":")
    return hashlib.new(algorithm, data).hexdigest() == value


def descriptor_of(value: object, where: str) -> Descriptor:
    """A descriptor of a manifest or index. Raises InputError where digest or size are none."""
    document = as_map(value)
    size = document.get("size")
    if not isinstance(size, int) or isinstance(size, bool) or size < 0:
        raise InputError("has a descriptor without a size", where=where, advice="push the image again")
    return Descriptor(
        digest=check_digest(as_text(document.get("digest")), where),
        size=size,
        media_type=as_text(document.get("mediaType")),
        artifact_type=as_text(document.get("artifactType")),
        annotations=texts(document.get("annotations")),
        platform=_platform(as_map(document.get("platform"))),
    )


def texts(value: object) -> tuple[tuple[str, str], ...]:
    """The entries of an object whose values are texts."""
    entries: Mapping[str, object] = as_map(value)
    return tuple((name, text) for name, text in entries.items() if isinstance(text, str))


def _platform(document: Document) -> str | None:
    parts = [as_text(document.get(name)) for name in ("os", "architecture", "variant")]
    return platform_name(*parts)


def platform_name(system: str, architecture: str, variant: str = "") -> str | None:
    """`os/architecture[/variant]`; None where it is not said."""
    if not system or not architecture:
        return None
    return "/".join(part for part in (system, architecture, variant) if part)


def chosen_platform(found: tuple[Descriptor, ...], platform: str, where: str) -> Descriptor:
    """The one of that platform (`os/architecture[/variant]`); a variant that is not asked for does not count.

    Raises InputError, which names those that there are.
    """
    for one in found:
        if one.platform is not None and is_platform(one.platform, platform):
            return one
    known = ", ".join(sorted({shown(one.platform) for one in found if one.platform})) or "none that is named"
    raise InputError(f"has no image for {shown(platform)}", where=where, advice=f"it has {known}")


def is_platform(known: str, asked: str) -> bool:
    """Whether that is the platform that was asked for; a variant that is not asked for does not count."""
    return known == asked or known.startswith(f"{asked}/")


@record
class Reference:
    """An image in a registry: host (with port), repository, and the tag or digest that was named."""

    host: str
    repository: str
    tag: str | None = None
    digest: str | None = None

    @property
    def name(self) -> str:
        """Host and repository, without tag and digest."""
        return f"{self.host}/{self.repository}"

    def __str__(self) -> str:
        return self.name + (f":{self.tag}" if self.tag else "") + (f"@{self.digest}" if self.digest else "")


def reference_of(text: str) -> Reference:
    """A reference that names its registry, as in `ghcr.io/owner/name:tag`; without tag and digest it is `latest`.

    Raises NoReferenceError: a name without a host is refused, so that no registry is asked that nobody named.
    """
    match = _REFERENCE.fullmatch(text)
    host = match[1] if match else ""
    named = "." in host or ":" in host or host == "localhost"
    if match is None or not named or len(match[2]) > MAX_NAME:
        if text.startswith((".", "/", "~")):
            raise NoReferenceError("there is no such file or folder", where=shown(text), advice="check the path")
        advice = "name the registry too, as in docker.io/library/NAME:TAG or HOST:PORT/NAME@sha256:…"
        raise NoReferenceError("is not an image reference", where=shown(text), advice=advice)
    digest = check_digest(match[4], shown(text)) if match[4] else None
    tag = match[3] or (None if digest else "latest")
    return Reference(host.lower(), match[2], tag, digest)
