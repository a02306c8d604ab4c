"""What a layer takes away from those below it (OCI image specification, layer.md, "Whiteouts")."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from slsacheck.evidence.oci.tarstream import Entry

__all__ = ["Hidden"]


class Hidden:
    """Paths that are taken away with all below them, and folders of which all below them is."""

    def __init__(self) -> None:
        self._paths: set[str] = set()
        self._folders: set[str] = set()

    def __len__(self) -> int:
        return len(self._paths) + len(self._folders)

    def add_whiteout(self, entry: Entry) -> None:
        """Takes away what a whiteout names; another entry takes nothing away."""
        if entry.hides is not None:
            self._folders.add(entry.hides)
        elif entry.removes:  # a whiteout without a name takes nothing away, least of all everything
            self._paths.add(entry.removes)

    def add(self, entry: Entry) -> None:
        """Takes away what a whiteout names, or what was below the path at which there is no folder any more."""
        if entry.is_whiteout:
            self.add_whiteout(entry)
        elif entry.kind != "directory":
            self._folders.add(entry.path)

    def holds(self, path: str) -> bool:
        """Whether a path of a layer below is not seen any more."""
        if path in self._paths:
            return True
        while path:
            path = path.rpartition("/")[0]
            if path in self._paths or path in self._folders:
                return True
        return False
