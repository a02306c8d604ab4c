"""Bounds on what is read of package databases: far above what genuine ones have, far below what hurts."""

from __future__ import annotations

__all__ = [
    "MAX_DATABASE",
    "MAX_DATABASES",
    "MAX_FILES",
    "MAX_IN_ONE",
    "MAX_OWNED",
    "MAX_OWNED_CHARACTERS",
    "MAX_PACKAGES",
    "MAX_PLACE",
]

MAX_PLACE = 512
"""Characters of a path at which anybody keeps one; half a million longer ones shall not cost minutes."""
MAX_DATABASE = 48 << 20
"""Bytes of a package database; that of a full desktop has 10 MB."""
MAX_DATABASES = 64 << 20
"""Bytes of the package databases that are kept at once, the lists of their files included."""
MAX_FILES = 100_000
"""Files of package databases that are kept at once: dpkg has two for each package, a full desktop 3,000 of these."""
MAX_IN_ONE = 50_000
"""Packages of one database; a distribution has 60,000 in all, an image a few thousand."""
MAX_PACKAGES = 100_000
"""Packages of all databases of an image."""
MAX_OWNED = 400_000
"""Files that are known to belong to packages."""
MAX_OWNED_CHARACTERS = 40 << 20
"""Characters of their paths; 400,000 of a usual length have 24 million."""
