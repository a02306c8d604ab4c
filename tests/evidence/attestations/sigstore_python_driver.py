"""Verifies bundles with sigstore-python; run by its own interpreter, which has no slsacheck.

    python sigstore_python_driver.py < requests.jsonl > answers.jsonl

A request a line: {"bundle": PATH, "root": PATH, "artifact": PATH or null}; null as root is the one that it ships.
Identities are not looked at: the question is signature, certificate, log and time.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any


def main() -> None:
    from sigstore.models import Bundle, TrustedRoot  # type: ignore[import-not-found]
    from sigstore.verify import Verifier  # type: ignore[import-not-found]
    from sigstore.verify.policy import UnsafeNoOp  # type: ignore[import-not-found]

    verifiers: dict[str | None, Any] = {}
    for line in sys.stdin:
        request = json.loads(line)
        root = request["root"]
        try:
            if root not in verifiers:
                found = TrustedRoot.production(offline=True) if root is None else TrustedRoot.from_file(root)
                verifiers[root] = Verifier(trusted_root=found)
            verifier = verifiers[root]
            bundle = Bundle.from_json(Path(request["bundle"]).read_bytes())
            if "dsseEnvelope" in json.loads(Path(request["bundle"]).read_bytes()):
                verifier.verify_dsse(bundle, UnsafeNoOp())
            else:
                data = Path(request["artifact"]).read_bytes()
                verifier.verify_artifact(data, bundle, UnsafeNoOp())
            answer = {"verdict": "pass", "message": ""}
        except Exception as error:  # noqa: BLE001 - a refusal, whatever its class
            answer = {"verdict": "fail", "message": f"{type(error).__name__}: {error}"[:200]}
        sys.stdout.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main()
