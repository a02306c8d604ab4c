"""SBOMs inside Java archives and wheels, which are ZIP files; nothing else of them is read."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from slsacheck.evidence.sbom.bills import bill_of, unread
from slsacheck.evidence.sbom.limits import MAX_READ
from slsacheck.evidence.sbom.places import producer_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from slsacheck.evidence.sbom.bills import Bill

__all__ = ["bills_inside"]

MAX_DIRECTORY = 8 << 20
"""Bytes of an archive's directory: 80,000 classes."""
MAX_INSIDE = 20
"""SBOMs in one archive."""
_END, _END_64 = b"PK\x05\x06", b"PK\x06\x06"


def bills_inside(data: bytes, path: str, layer: int | None) -> Iterator[Bill]:
    """The SBOMs in an archive, under names such as `app.jar!/META-INF/sbom/application.cdx.json`."""
    import zipfile
    import zlib

    if not _is_modest(data):
        return
    found_by = "image-layer" if layer is not None else "beside"
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            inside = [one for one in archive.infolist() if producer_of(one.filename) in ("java", "python")]
            for one in inside[:MAX_INSIDE]:
                place = f"{path}!/{one.filename}"
                if one.file_size > MAX_READ or one.flag_bits & 1:
                    reason = f"is larger than {MAX_READ >> 20} MiB, or encrypted: it is not read"
                    yield unread(place, found_by, one.file_size, reason, layer=layer)
                    continue
                with archive.open(one) as stream:
                    content = stream.read(MAX_READ + 1)[:MAX_READ]
                yield bill_of(content, place, found_by, place, producer=producer_of(one.filename) or "", layer=layer)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError, ValueError):
        return  # a damaged archive has no SBOM that anybody could read


def _is_modest(data: bytes) -> bool:
    """Whether it is an archive whose directory is of a size that may be read."""
    at = data.rfind(_END, max(0, len(data) - (1 << 16) - 22))
    if at < 0 or _END_64 in data[max(0, at - 200) : at]:
        return False
    return int.from_bytes(data[at + 12 : at + 16], "little") <= MAX_DIRECTORY
