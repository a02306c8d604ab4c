"""What a verification imports: no HTTP, no schemas, no templates, and nothing of the look-ups."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.evidence.attestations.private_sigstore import SHA256, SOURCE, Instance, generator_statement

NEVER = ["requests", "urllib3", "jsonschema", "jinja2", "packaging", "packageurl", "in_toto", "tuf", "pytest", "yaml", "http.client", "sigstore", "pydantic", "slsacheck.evidence.online", "tree_sitter", "tomllib", "importlib.resources", "tempfile"]  # fmt: skip
"""Never imported on the way of a verification without `--online`; each costs 5 to 400 ms."""


@pytest.mark.parametrize("command", ["verify-artifact", "verify-batch"])
def test_a_verification_imports_nothing_that_it_does_not_need(instance: Instance, tmp_path: Path, command: str) -> None:
    root, bundle, cases = (tmp_path / name for name in ("root.json", "bundle.json", "cases.jsonl"))
    root.write_text(json.dumps(instance.trusted_root()))
    bundle.write_text(json.dumps(instance.bundle(generator_statement())))
    digest = f"sha256:{SHA256}"
    arguments = ["verify-artifact", "--provenance-path", str(bundle), "--digest", digest, "--source-uri", SOURCE]
    arguments += ["--trusted-root", str(root)]
    if command == "verify-batch":
        case = {
            "id": "1", "command": "verify-artifact", "provenance": [str(bundle)], "digests": [{"sha256": SHA256}],
            "args": {"source_uri": SOURCE}, "trusted_root": str(root),
        }  # fmt: skip
        cases.write_text(json.dumps(case) + "\n")
        arguments = ["verify-batch", str(cases)]
    code = (
        "import sys\nfrom slsacheck.__main__ import main\n"
        f"sys.stderr.write(str(main({arguments!r})) + ' ' + ' '.join(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True)
    status, *names = done.stderr.split()
    assert status == "0", done.stdout
    assert sorted(name for name in NEVER if name in names) == []
