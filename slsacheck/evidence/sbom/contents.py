"""What an SBOM says, in one shape for all formats: what it is about, who made it, components, relations."""

from __future__ import annotations

from slsacheck.patterns import regex
from slsacheck.record import record

__all__ = ["ALGORITHMS", "Component", "Sbom", "algorithm_of", "digests_in", "said"]

ALGORITHMS = {"MD5": 32, "SHA-1": 40, "SHA-256": 64, "SHA-384": 96, "SHA-512": 128, "SHA3-256": 64, "SHA3-512": 128}
"""Hashes by the names of CycloneDX, with the number of their digits."""

_DIGEST = regex(r"sha256(?::|%3[aA]|-)([0-9a-f]{64})(?![0-9a-f])")
_NOTHING = frozenset({"", "NOASSERTION", "NONE", "UNKNOWN", "(devel)", "[not provided]"})
"""What documents write where they know nothing."""


@record
class Component:
    """A component. `ref` is its identifier in its document, `kind` as CycloneDX names types.

    `hashes` are (algorithm as CycloneDX writes it, hexadecimal digits), `paths` where it lies in the image, `layers`
    the diff_ids of the layers in which it was seen, `properties` what tools add to CycloneDX for each other.
    """

    ref: str
    name: str
    version: str = ""
    kind: str = "library"
    purl: str = ""
    supplier: str = ""
    hashes: tuple[tuple[str, str], ...] = ()
    cpes: tuple[str, ...] = ()
    licenses: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    layers: tuple[str, ...] = ()
    properties: tuple[tuple[str, str], ...] = ()


@record
class Sbom:
    """One document. `form` is spdx, cyclonedx or syft; `edges` are (from, to) for "depends on" and "contains".

    `about` are the components that it describes as a whole, `digests` (sha256:…) those by which it names them.
    `phases` are the lifecycle phases that it says (CycloneDX), `files` the files that it lists, with sha256 where said.
    """

    form: str
    version: str
    name: str = ""
    identity: str = ""
    created: str = ""
    tools: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    phases: tuple[str, ...] = ()
    about: tuple[Component, ...] = ()
    digests: tuple[str, ...] = ()
    components: tuple[Component, ...] = ()
    edges: tuple[tuple[str, str], ...] = ()
    files: tuple[tuple[str, str], ...] = ()

    @property
    def title(self) -> str:
        """Format and version, as people write them."""
        names = {"spdx": "SPDX", "cyclonedx": "CycloneDX", "syft": "Syft"}
        return f"{names[self.form]} {self.version}".strip()


def algorithm_of(text: str) -> str:
    """The name of a hash as CycloneDX writes it, of one as SPDX or Syft write it."""
    upper = text.upper()
    return f"SHA-{upper[3:]}" if upper[:3] == "SHA" and upper[3:].isdecimal() else upper


def digests_in(*texts: str) -> tuple[str, ...]:
    """The sha256 digests that texts name, as in a package URL."""
    found = (f"sha256:{match[1]}" for text in texts for match in _DIGEST.finditer(text[:4096]))
    return tuple(dict.fromkeys(found))


def said(text: str) -> str:
    """The text, or nothing where it only says that nothing is known."""
    return "" if text.strip() in _NOTHING else text
