"""Bounds on what is read of SBOMs: far above what genuine ones have, far below what hurts."""

from __future__ import annotations

__all__ = [
    "MAX_ARCHIVE",
    "MAX_COMPONENTS",
    "MAX_DOCUMENTS",
    "MAX_EDGES",
    "MAX_KEPT",
    "MAX_PATHS",
    "MAX_PATH_BYTES",
    "MAX_RAW",
    "MAX_READ",
    "MAX_WHITEOUTS",
]

MAX_READ = 24 << 20
"""Bytes of a document whose contents are judged and merged; one with 10,000 packages has 15 MiB."""
MAX_RAW = 64 << 20
"""Bytes of a document that is copied out, read or not."""
MAX_KEPT = 96 << 20
"""Bytes of all documents of an image together; they are kept compressed, which takes a tenth of it."""
MAX_DOCUMENTS = 5_000
"""Documents of an image: distributions with one for each package have some hundred."""
MAX_COMPONENTS = 60_000
"""Components of one document, and of a merged one; an image with all of TeX and npm has 20,000."""
MAX_EDGES = 400_000
"""Relations of one document."""
MAX_ARCHIVE = 64 << 20
"""Bytes of a Java archive that is looked into."""
MAX_PATHS = 400_000
"""Files of an image of which it is counted what explains them."""
MAX_PATH_BYTES = 40 << 20
"""Characters of their paths; 400,000 of a usual length have 24 million."""
MAX_WHITEOUTS = 100_000
"""Whiteouts of a layer; a folder that is removed needs one."""
