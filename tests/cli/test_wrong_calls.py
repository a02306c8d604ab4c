"""Calls that go wrong before anything could be verified: each says what is wrong and what to do."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from slsacheck.cli import run
from slsacheck.evidence.attestations import verify
from slsacheck.model.attestation import Case
from slsacheck.record import replace

HELLO = "sha256:" + "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (["verify-artefact", "x"], "did you mean `slsacheck verify-artifact`?"),
        (["verify-artifact", "x", "--provenance", "y"], "did you mean --provenance-path?"),
        (["verify-artifact", "--digest", HELLO.partition(":")[2]], "as in sha256:"),
        (["verify-artifact", "--digest", HELLO[:-1]], "64 hexadecimal digits"),
        (["verify-artifact", "--digest", "sha512:" + "g" * 128], "128 hexadecimal digits"),
    ],
)
def test_wrong_words_are_usage(argv: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(argv) == 4
    assert told in capsys.readouterr().err


@pytest.mark.parametrize(
    ("image", "told"),
    [("./missing", "there is no such file or folder; check the path"), ("nginx", "name the registry")],
)
def test_an_image_that_was_not_named_is_not_refuted(
    image: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["verify-image", image, "--offline", "--format", "json"]) == 1
    answer = json.loads(capsys.readouterr().out)
    assert (answer["verdict"], answer["reason_class"]) == ("unknown", "malformed")
    assert told in answer["message"]


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("image_ref", "example/hello:nope", "no image named example/hello:nope; it has one, two"),
        ("image_digest", "0" * 64, "is no digest; write sha256:HEX"),
    ],
)
def test_images_of_a_layout_are_told(field: str, value: str, told: str, tmp_path: Path) -> None:
    named = [{"annotations": {"org.opencontainers.image.ref.name": name}} for name in ("one", "two")]
    (tmp_path / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": named}))
    answer = verify(replace(Case("verify-image", oci_layout=str(tmp_path)), **{field: value}))
    assert (answer.verdict, answer.reason_class) == ("unknown", "malformed")
    assert told in answer.message
