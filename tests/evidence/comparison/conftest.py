"""Stores and registries for the tests of comparisons."""

from __future__ import annotations

from tests.evidence.oci.conftest import registry, store

__all__ = ["registry", "store"]
