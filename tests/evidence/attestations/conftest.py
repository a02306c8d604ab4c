from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from slsacheck.evidence.attestations import verify
from slsacheck.model.attestation import Case, Expectations, Verification
from tests.evidence.attestations.private_sigstore import SHA256, SOURCE

Ask = Callable[..., Verification]


@pytest.fixture
def ask(root: str, tmp_path: Path) -> Ask:
    """Verifies a document against the private instance: `ask(bundle, source_tag="v1.2.3")`."""

    def run(
        document: Any, *, command: str = "verify-artifact", digest: str | None = SHA256, **given: Any
    ) -> Verification:
        path = tmp_path / "attestation.json"
        path.write_bytes(document if isinstance(document, bytes) else json.dumps(document).encode())
        fields: dict[str, Any] = {
            name: given.pop(name) for name in ("public_key", "rekor_entry", "trusted_root") if name in given
        }
        fields.setdefault("trusted_root", root)
        expected = Expectations(**({"source_uri": SOURCE} | given))
        case = Case(
            command=command,
            provenance=(str(path),),
            digests=((("sha256", digest),),) if digest else (),
            expectations=expected,
            **fields,
        )
        return verify(case)

    return run
