"""Bounds on what is read of an image. Each is far above what genuine images have and far below what hurts."""

from __future__ import annotations

__all__ = [
    "MAX_ATTACHED",
    "MAX_CONFIG",
    "MAX_DEPTH",
    "MAX_DOCUMENT",
    "MAX_ENTRIES",
    "MAX_LAYER",
    "MAX_LAYER_SECONDS",
    "MAX_MANIFEST",
    "MAX_MANIFESTS",
    "MAX_PAGES",
    "MAX_PATH",
    "MAX_PLATFORMS",
    "MAX_RATIO",
    "MAX_TAR_ENTRIES",
    "MAX_TAR_HEADER",
    "MAX_UNPACKED",
    "MAX_WINDOW",
    "RATIO_FROM",
]

MAX_MANIFEST = 4 << 20
"""Bytes of a manifest or index: what registries take (distribution specification, pushing manifests)."""
MAX_CONFIG = 16 << 20
"""Bytes of an image's configuration; labels of Buildpacks make some of 200 KB."""
MAX_DOCUMENT = 24 << 20
"""Bytes of an attestation or SBOM that hangs on an image; the largest genuine ones stay below 16 MiB."""
MAX_MANIFESTS = 2_000
"""Descriptors of one index; an image has some 10 platforms, a layout of a whole product some hundred images."""
MAX_PLATFORMS = 64
"""Platform images of one index that are assessed."""
MAX_ATTACHED = 256
"""Manifests with attachments of one image; a signature by each of a hundred parties is still read."""
MAX_DEPTH = 3
"""Indexes inside indexes: the specification allows any, tools write one."""
MAX_PAGES = 16
"""Pages of one list of referrers; registries give 50 to 1,000 entries a page."""
MAX_TAR_ENTRIES = 50_000
"""Entries of an archive that are looked through; one of an image has a few hundred."""

MAX_LAYER = 32 << 30
"""Bytes of a layer as it is stored; the largest, with models for machine learning, have some 15 GB."""
MAX_UNPACKED = 64 << 30
"""Bytes of a layer once it is uncompressed."""
MAX_RATIO = 400
"""Uncompressed bytes for each stored one: layers have 2 to 10, and files of zeros make hardly one of 100."""
RATIO_FROM = 128 << 20
"""Uncompressed bytes up to which no ratio is asked: so much does no harm."""
MAX_WINDOW = 64 << 20
"""Bytes that zstd may look back: its format recommends 8 MiB to all, and the level before its last takes 64."""
MAX_ENTRIES = 500_000
"""Entries of a layer; a whole TeX distribution has 250,000 files."""
MAX_LAYER_SECONDS = 1_200
"""Seconds for one layer: 32 GiB on a slow disk."""
MAX_PATH = 4_096
"""Bytes of a name in a layer: Linux opens no longer one."""
MAX_TAR_HEADER = 1 << 20
"""Bytes of one pax header or long name."""
