"""The words of a command line as things to compare: images or files."""

from __future__ import annotations

import os.path
from typing import TYPE_CHECKING

from slsacheck.errors import Absent, SlsacheckError, UsageError
from slsacheck.evidence.hashing import digests_of
from slsacheck.evidence.oci import is_layout, open_image, places_of

if TYPE_CHECKING:
    from slsacheck.evidence.oci import Access
    from slsacheck.evidence.oci.manifest import Manifest
    from slsacheck.evidence.oci.source import Source

__all__ = ["digests_at", "image_of", "is_image", "opened"]


def is_image(text: str) -> bool:
    """Whether a word names an image, and not a file. Raises UsageError where it names neither."""
    if os.path.isdir(text):  # noqa: PTH112 - as everywhere in the evidence
        if is_layout(text):
            return True
        advice = "name an archive of it, or an OCI layout"
        raise UsageError(f"{text} is a folder and no OCI layout", advice=advice)
    if os.path.isfile(text):  # noqa: PTH113 - as above
        return _is_archive(text)
    from slsacheck.evidence.oci.names import reference_of

    if any(is_layout(path) or os.path.isfile(path) for path, _, _ in places_of(text)):  # noqa: PTH113 - as above
        return True
    try:
        reference_of(text)
    except SlsacheckError as error:
        advice = "a file, an OCI layout, an archive of an image, or HOST/NAME:TAG"
        raise UsageError(f"there is no {text!r} to compare", advice=advice) from error
    return True


def _is_archive(path: str) -> bool:
    """Whether a file is an archive of an image; an archive of files may hold a manifest.json of its own."""
    from slsacheck.evidence.oci.layout import open_archive
    from slsacheck.evidence.oci.tar import TarFiles

    try:
        files = TarFiles(path, path)
        if files.has("manifest.json") and not files.has("oci-layout"):
            open_archive(path, path)
        return files.has("oci-layout") or files.has("manifest.json")
    except SlsacheckError:
        return False


def opened(text: str, access: Access) -> Source:
    """The image that a word names. Raises Absent, InputError or Unavailable."""
    return open_image(text, access)


def digests_at(text: str, access: Access) -> dict[str, str]:
    """The digests by which provenance may name a file, or an image. Raises Absent, InputError or Unavailable."""
    if not is_image(text):
        return dict(digests_of(text))
    algorithm, _, value = image_of(opened(text, access), text).digest.partition(":")
    return {algorithm: value}


def image_of(source: Source, text: str) -> Manifest:
    """The image of a source, whose digest provenance may name. Raises Absent, InputError or Unavailable."""
    image = source.image()
    if image.config is not None and image.config.digest == image.digest:
        raise Absent(
            "has no manifest (`docker save`), and provenance names the manifest's digest",
            where=text,
            advice="copy the image into an OCI layout: skopeo copy docker-archive:FILE oci:DIR:TAG",
        )
    return image
