"""Files that the tests hand to the verifier."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization


def write(path: Path, *documents: Any) -> str:
    path.write_text("".join(json.dumps(one) + "\n" for one in documents))
    return str(path)


def public_key(path: Path, key: Any) -> str:
    kind = serialization.PublicFormat.SubjectPublicKeyInfo
    path.write_bytes(key.public_key().public_bytes(serialization.Encoding.PEM, kind))
    return str(path)
