"""Bounds on what a look-up costs, beside those of the HTTP client."""

from __future__ import annotations

__all__ = ["MAX_ANSWER_BYTES", "MAX_ENTRIES"]

MAX_ANSWER_BYTES = 24 * 1024 * 1024
"""An answer: the size to which attestations are read from files too."""

MAX_ENTRIES = 16
"""Entries of a log that are fetched for one attestation: a genuine one has one or two, a flooded index any number."""
