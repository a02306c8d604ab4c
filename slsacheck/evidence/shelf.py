"""Where artifacts and their attestations lie: files on this machine, seen through a port that can be recorded."""

import os
from typing import Protocol

from slsacheck.errors import Absent, SlsacheckError
from slsacheck.evidence.artifact_kinds import kind_of
from slsacheck.evidence.contents import ByteCache
from slsacheck.evidence.files import read_regular
from slsacheck.evidence.hashing import digests_of
from slsacheck.record import record

__all__ = ["BESIDE", "LOG_ENTRIES", "MAX_ATTESTATION", "Described", "LocalShelf", "Nearby", "Shelf"]

LOG_ENTRIES = "#log-entries"
"""What an attestation's name has after it where the log's answer about its bare envelopes is meant."""
BESIDE = (
    ".intoto.jsonl",
    ".intoto.json",
    ".sigstore.json",
    ".sigstore",
    ".bundle",
    ".att",
    ".provenance",
    ".provenance.json",
    ".publish.attestation",
    ".attestation.json",
)
"""What an attestation's name has after its artifact's: slsa-github-generator, cosign, gh, PyPI (PEP 740)."""
FOLDER_WIDE = ("multiple.intoto.jsonl", "provenance.json", "attestations.json")
MAX_FOLDER = 64
"""Attestations of a folder that are tried on an artifact; a release of a hundred files has one for all, or one each."""
MAX_ENTRIES = 20_000
"""Names that are looked through in the folder of an artifact; a download folder may have thousands."""
MAX_ATTESTATION = 64 << 20
"""Bytes of an attestation file; npm's answers and provenance with thousands of materials have some 10 MB."""


@record
class Described:
    """What an artifact's bytes are: digests (algorithm, hexadecimal) and kind."""

    digests: tuple[tuple[str, str], ...]
    kind: str


@record
class Nearby:
    """Attestation files near an artifact: `own` carry its name, `wide` are for the folder; `looked` is where."""

    own: tuple[str, ...]
    wide: tuple[str, ...]
    looked: tuple[str, ...]


class Shelf(Protocol):
    """What is asked about artifact files; names are paths as the user gave them."""

    def describe(self, path: str) -> Described:
        """The digests and kind of an artifact. Raises Absent or InputError."""

    def nearby(self, path: str) -> Nearby:
        """The attestation files near an artifact."""

    def local(self, path: str) -> str:
        """A path on this machine with the bytes of that attestation file. Raises Absent or Unavailable."""

    def read(self) -> ByteCache:
        """The attestation files that were asked for, by name."""


class LocalShelf:
    """The files themselves."""

    def __init__(self) -> None:
        self._kept = ByteCache()

    def describe(self, path: str) -> Described:
        """Hashes an artifact; see `Shelf.describe`."""
        return Described(digests_of(path), kind_of(os.path.basename(path), path))

    def nearby(self, path: str) -> Nearby:
        """Looks beside an artifact; see `Shelf.nearby`."""
        own = [path + suffix for suffix in BESIDE]
        folder = os.path.dirname(path)
        wide = [os.path.join(folder, name) for name in _folder_wide(folder or ".")]
        looked = [*own, *(os.path.join(folder, name) for name in ("*.intoto.jsonl", *FOLDER_WIDE))]
        found = tuple(name for name in own if os.path.isfile(name))
        others = tuple(name for name in wide if name not in own and os.path.isfile(name))
        return Nearby(found, others[:MAX_FOLDER], tuple(looked))

    def local(self, path: str) -> str:
        """The path itself; its bytes are kept so that a report can name their digest."""
        if path.endswith(LOG_ENTRIES):
            raise Absent("no log was asked", where=path.removesuffix(LOG_ENTRIES), advice="--online asks it")
        if self._kept.get(path) is None:
            try:
                self._kept.put(path, read_regular(os.path.realpath(path), path, MAX_ATTESTATION))
            except SlsacheckError:
                return path  # the verifier says what is wrong with it
        return path

    def read(self) -> ByteCache:
        """What `local` was asked for; see `Shelf.read`."""
        return self._kept


def _folder_wide(folder: str) -> list[str]:
    names: list[str] = []
    try:
        with os.scandir(folder) as entries:
            for number, entry in enumerate(entries):
                if number >= MAX_ENTRIES:
                    break
                if entry.name in FOLDER_WIDE or entry.name.endswith(".intoto.jsonl"):
                    names.append(entry.name)
    except OSError:
        return []
    return sorted(names)
