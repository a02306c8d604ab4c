"""Bounds on what a verification reads. Each is far above what genuine tools write and far below what hurts."""

from __future__ import annotations

__all__ = [
    "MAX_ARTIFACT_BYTES",
    "MAX_ATTESTATIONS",
    "MAX_ATTESTATION_BYTES",
    "MAX_CERTIFICATES",
    "MAX_JSON_CONTAINERS",
    "MAX_JSON_DEPTH",
    "MAX_LAYOUT_BLOBS",
    "MAX_LOG_ENTRIES",
    "MAX_MESSAGE_BYTES",
    "MAX_PROOF_HASHES",
    "MAX_ROOTS",
    "MAX_SIGNATURES",
    "MAX_SUBJECTS",
    "MAX_TEXT",
    "MAX_TIMESTAMPS",
]

MAX_ATTESTATION_BYTES = 24 * 1024 * 1024
"""A file of attestations: the largest genuine ones (an SBOM as predicate) stay below 16 MiB."""

MAX_ARTIFACT_BYTES = 64 * 1024**3
"""An artifact that is hashed: it is streamed, the bound only stops endless files."""

MAX_MESSAGE_BYTES = 512 * 1024 * 1024
"""A file that an Ed25519 signature is over: Ed25519 takes the message itself, so it is held in memory."""

MAX_JSON_DEPTH = 100
"""Nesting of a JSON document: provenance needs about 12."""

MAX_JSON_CONTAINERS = 500_000
"""Objects and lists of a JSON document: an SBOM of 24 MiB has about half as many, and each costs time and memory."""

MAX_ATTESTATIONS = 512
"""Attestations in one file or layout."""

MAX_SIGNATURES = 32
"""Signatures of one envelope."""

MAX_CERTIFICATES = 16
"""Certificates that come with one signature."""

MAX_ROOTS = 256
"""Certificates of authorities in one file that a user gives: a system's whole store has about 150."""

MAX_LOG_ENTRIES = 8
"""Log entries of one bundle; genuine ones have one."""

MAX_TIMESTAMPS = 8
"""RFC 3161 timestamps of one bundle; genuine ones have one or two."""

MAX_PROOF_HASHES = 64
"""Hashes of an inclusion proof: a tree of 2**64 leaves has 64 levels."""

MAX_SUBJECTS = 20_000
"""Subjects of one statement."""

MAX_LAYOUT_BLOBS = 2_000
"""Blobs of an OCI layout that are opened in search of attestations."""

MAX_TEXT = 300
"""Characters of a foreign value that a message repeats."""
