"""Two sides to compare: images in layouts and files, made by hand."""

from __future__ import annotations

import gzip
import io
import tarfile
from pathlib import Path
from typing import Any

from slsacheck.evidence.comparison.files import compare_files
from slsacheck.evidence.comparison.findings import Comparison
from slsacheck.evidence.comparison.images import compare_images
from slsacheck.evidence.oci import open_image
from tests.evidence.oci.shop import Store
from tests.evidence.oci.tars import archive, info, layered

Attributes = dict[str, Any]


def tar(*members: tuple[str, bytes, Attributes], form: int = tarfile.PAX_FORMAT) -> bytes:
    """An archive of files with attributes of `tarfile.TarInfo`."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=form) as made:
        for name, data, more in members:
            made.addfile(info(name, len(data), **more), io.BytesIO(data))
    return stream.getvalue()


def layout(folder: Path, *layers: bytes, level: int = 1, **config: Any) -> Path:
    """A layout with one image of these layers, compressed at a level."""
    store = Store()
    entry = layered(store, *layers, **config)
    if level != 1:
        entry = squashed_anew(store, entry, layers, level)
    return store.write(folder, entry)


def squashed_anew(store: Store, entry: dict[str, Any], layers: tuple[bytes, ...], level: int) -> dict[str, Any]:
    """The same image with layers compressed at another level."""
    import json

    document = json.loads(store.blobs[entry["digest"]])
    blobs = [store.blob(gzip.compress(layer, level, mtime=0)) for layer in layers]
    kind = document["layers"][0]["mediaType"]
    return store.put(document | {"layers": [store.descriptor(blob, kind) for blob in blobs]})


def images(first: Path, second: Path, platform: str | None = None) -> Comparison:
    return compare_images(open_image(str(first)), open_image(str(second)), platform)


def one_layer(tmp_path: Path, first: bytes, second: bytes) -> Comparison:
    """Compares two images that have one layer each."""
    return images(layout(tmp_path / "a", first), layout(tmp_path / "b", second))


def files(tmp_path: Path, first: bytes, second: bytes) -> Comparison:
    """Compares two files of these bytes."""
    for name, data in (("a", first), ("b", second)):
        (tmp_path / name).write_bytes(data)
    return compare_files(str(tmp_path / "a"), str(tmp_path / "b"))


def kinds(found: Comparison) -> dict[str, int]:
    return dict(found.kinds)


__all__ = ["archive", "files", "images", "info", "kinds", "layered", "layout", "one_layer", "squashed_anew", "tar"]
