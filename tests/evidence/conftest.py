"""What a private instance vouches for, as the tests of attestations and of what is online trust it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from slsacheck.evidence.attestations.trustdata import TrustData
    from tests.evidence.attestations.private_sigstore import Instance


@pytest.fixture
def root(instance: Instance, tmp_path: Path) -> str:
    """The file with the instance's trusted root."""
    path = tmp_path / "trusted_root.json"
    path.write_text(json.dumps(instance.trusted_root()))
    return str(path)


@pytest.fixture
def trust(root: str) -> TrustData:
    """Trust in the instance alone."""
    from slsacheck.evidence.attestations.trustdata import TrustData, load_domains

    return TrustData(domains=load_domains(root))
