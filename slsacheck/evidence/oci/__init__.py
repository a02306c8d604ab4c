"""Container images: what is in a layout, an archive or a registry, and what hangs on it.

`open_image(text)` opens what a user named. Nothing is asked of a registry before the first question.
"""

from __future__ import annotations

import os.path
import re
from typing import TYPE_CHECKING

from slsacheck.errors import Absent, Unavailable
from slsacheck.record import record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slsacheck.evidence.oci.registries import Registries
    from slsacheck.evidence.oci.registry import RegistrySource
    from slsacheck.evidence.oci.saved import Images
    from slsacheck.evidence.oci.source import Source

__all__ = ["Access", "is_archive", "is_layout", "open_image", "places_of"]

_AT_DIGEST = r"(.+)@(sha(?:256|512):[0-9a-f]{64,128})"
_TAG = r"[A-Za-z0-9][\w./:-]{0,254}"
"""A tag, or the whole name of an image, which some tools write in its place."""
MAX_COLONS = 8
"""Places where a path may end and a tag begin."""


@record
class Access:
    """How images may be reached: not at all over a network (`offline`), or by plain HTTP.

    `online`: registries that images name may be asked too. `repository` is where signatures and attestations are kept,
    if that is another one (COSIGN_REPOSITORY); `platform` chooses one image of an index (`os/architecture[/variant]`).
    `images` notes what is read, or gives what was noted; `registries` is what the requests of a run share.
    """

    offline: bool = False
    plain_http: bool = False
    environment: Mapping[str, str] | None = None
    online: bool = False
    repository: str | None = None
    platform: str | None = None
    images: Images | None = None
    registries: Registries | None = None


def is_layout(path: str) -> bool:
    """Whether a folder is an OCI layout, which says so in a file."""
    return os.path.isfile(os.path.join(path, "oci-layout"))  # noqa: PTH113, PTH118 - pathlib costs start-up time


def is_archive(path: str) -> bool:
    """Whether a file is an archive of an image: a layout, or what `docker save` writes."""
    from slsacheck.errors import SlsacheckError
    from slsacheck.evidence.oci.layout import open_archive

    try:
        open_archive(path, path)
    except Absent:
        return False
    except SlsacheckError:
        return True  # it is one, and broken: whoever opens it says how
    return True


def open_image(text: str, access: Access = Access()) -> Source:  # noqa: B008 - it cannot be changed
    """The image that a user named: LAYOUT, LAYOUT:tag, LAYOUT@digest, an archive, or a reference with its registry.

    Raises Absent, InputError, or Unavailable where it lies in a registry that may not be asked.
    """
    if access.images is not None:
        return access.images.opened(text, lambda: _opened(text, access))
    return _opened(text, access)


def _opened(text: str, access: Access) -> Source:
    source = _here(text) or _registry(text, access)
    if access.repository is None:
        return source
    from slsacheck.evidence.oci.elsewhere import ElsewhereSource

    try:
        elsewhere = _registry(f"{access.repository}@sha256:{'0' * 64}", access, access.repository)
    except Unavailable as problem:
        return ElsewhereSource(source, problem)
    return ElsewhereSource(source, elsewhere)


def _here(text: str) -> Source | None:
    """The layout or archive on this machine; None where the text names none."""
    from slsacheck.evidence.oci.layout import FolderFiles, LayoutSource, open_archive

    for path, tag, digest in places_of(text):
        name = os.path.basename(os.path.realpath(path)) + text[len(path) :]  # noqa: PTH119 - as above
        if is_layout(path):
            return LayoutSource(FolderFiles(path, name), tag, digest)
        if os.path.isfile(path):  # noqa: PTH113 - as above
            return open_archive(path, name, tag, digest)
    return None


def _registry(text: str, access: Access, name: str = "") -> RegistrySource:
    from slsacheck.evidence.oci.names import reference_of

    reference = reference_of(text)
    if access.offline:
        advice = "leave --offline out, or copy the image with its attestations into an OCI layout (`oras copy -r`)"
        raise Unavailable("is in a registry, which is not asked with --offline", where=name or text, advice=advice)
    from slsacheck.evidence.oci.registry import RegistrySource

    source = RegistrySource(
        reference, plain_http=access.plain_http, environment=access.environment, shared=access.registries
    )
    source.name = name or source.name
    return source


def places_of(text: str) -> list[tuple[str, str | None, str | None]]:
    """The ways to read a word as (path, tag, digest): whole, or with a tag or whole name and a digest behind it."""
    match = re.fullmatch(_AT_DIGEST, text)
    rest, digest = (match[1], match[2]) if match else (text, None)
    found: list[tuple[str, str | None, str | None]] = [(text, None, None), *([(rest, None, digest)] if match else [])]
    colons = [place for place, char in enumerate(rest) if char == ":" and place][:MAX_COLONS]
    named = [(rest[:colon], rest[colon + 1 :], digest) for colon in colons]
    return [*found, *(one for one in named if re.fullmatch(_TAG, one[1]))]
