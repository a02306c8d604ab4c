"""Images for the tests of `slsacheck.evidence.sbom`."""

from __future__ import annotations

import pytest

from tests.evidence.oci.shop import Store


@pytest.fixture
def store() -> Store:
    return Store()
