"""Bounds on what is read of an image. Each is far above what genuine images have and far below what hurts."""

from __future__ import annotations

__all__ = [
    "MAX_ATTACHED",
    "MAX_CONFIG",
    "MAX_DEPTH",
    "MAX_DOCUMENT",
    "MAX_MANIFEST",
    "MAX_MANIFESTS",
    "MAX_PAGES",
    "MAX_PLATFORMS",
    "MAX_TAR_ENTRIES",
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
