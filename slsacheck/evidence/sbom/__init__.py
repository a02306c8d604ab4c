"""Software bills of materials: found wherever an image or a file has them, read, judged, merged, written."""

from __future__ import annotations

from slsacheck.evidence.sbom.contents import Component, Sbom
from slsacheck.evidence.sbom.documents import read_sbom

__all__ = ["Component", "Sbom", "read_sbom"]
