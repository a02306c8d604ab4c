"""Layers made by hand: archives of given files, compressed or not, in images of a `Store`."""

from __future__ import annotations

import gzip
import io
import tarfile
from typing import Any

from tests.evidence.oci.shop import CONFIG, LAYER, MANIFEST, Store, digest_of

Member = tuple[str, bytes | None]
"""A name with contents; None for a folder."""


def info(name: str, size: int = 0, kind: bytes = tarfile.REGTYPE, **more: Any) -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.size = size
    made.type = kind
    for key, value in more.items():
        setattr(made, key, value)
    return made


def archive(*members: Member | tarfile.TarInfo, form: int = tarfile.PAX_FORMAT) -> bytes:
    """An archive of these members."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=form) as made:
        for member in members:
            if isinstance(member, tarfile.TarInfo):
                made.addfile(member)
            elif member[1] is None:
                made.addfile(info(member[0], kind=tarfile.DIRTYPE))
            else:
                made.addfile(info(member[0], len(member[1])), io.BytesIO(member[1]))
    return stream.getvalue()


def layered(store: Store, *layers: bytes, tag: str | None = None, squash: bool = True, **config: Any) -> dict[str, Any]:
    """Stores an image of these archives; its descriptor. `config` goes into its configuration."""
    blobs = [gzip.compress(layer, 1, mtime=0) if squash else layer for layer in layers]
    known: dict[str, Any] = {"os": "linux", "architecture": "amd64", "created": "1970-01-01T00:00:00Z"}
    known["rootfs"] = {"type": "layers", "diff_ids": [digest_of(layer) for layer in layers]}
    settings = store.blob(json_bytes(known | config))
    kind = LAYER if squash else LAYER.removesuffix("+gzip")
    return store.put(
        {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": store.descriptor(settings, CONFIG),
            "layers": [store.descriptor(store.blob(blob), kind) for blob in blobs],
        },
        tag,
    )


def json_bytes(value: Any) -> bytes:
    import json

    return json.dumps(value).encode()
