"""The id of a case is whoever asked's own: it comes back as it was given."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from slsacheck.cli.verify_batch import run


@pytest.mark.parametrize("given", ["one", "", "a\0\u2028b", 7, 1.5, None, True, {"run": [1, 2]}])
@pytest.mark.parametrize("more", [{"command": "verify-bundle"}, {}])
def test_an_id_comes_back_unchanged(tmp_path: Path, given: object, more: dict[str, str]) -> None:
    cases, out = tmp_path / "cases.jsonl", io.StringIO()
    cases.write_text(json.dumps({"id": given} | more) + "\n")
    assert run(str(cases), out) == (1 if more else 3)
    answer = json.loads(out.getvalue())
    assert answer["id"] == given
    assert answer["verdict"] == ("unknown" if more else "error")
