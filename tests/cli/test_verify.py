"""The verify commands as people and scripts use them: flags, exit status, text, JSON, batches."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from slsacheck.cli import run
from slsacheck.cli.verify_batch import run as run_batch
from tests.evidence.attestations.private_sigstore import (
    GENERATOR,
    SHA256,
    SOURCE,
    Instance,
    generator_statement,
)

Write = Callable[[Any], str]


def artifact(files: dict[str, str], *more: str) -> list[str]:
    command = ["verify-artifact", files["hello"], "--provenance-path", files["bundle"]]
    return [*command, "--trusted-root", files["root"], *more]


def test_a_verified_artifact_says_what_was_done(files: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(artifact(files, "--source-uri", SOURCE, "--source-tag", "v1.2.3", "--builder-id", GENERATOR)) == 0
    text = capsys.readouterr().out
    assert text.startswith("PASS: ")
    assert "Build level: 3 proved" in text
    assert "log-inclusion" in text


def test_a_refused_artifact_ends_in_one(files: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(artifact(files, "--source-uri", "github.com/o/r", "--format", "json")) == 1
    answer = json.loads(capsys.readouterr().out)
    assert (answer["verdict"], answer["reason_class"], answer["level"]) == ("fail", "source-mismatch", None)
    assert answer["step1_level"] == {"build": 3}


def test_an_unknown_says_what_would_decide_it(files: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(artifact(files)) == 1
    told = capsys.readouterr()
    assert told.out.startswith("UNKNOWN: ")
    assert "--source-uri" in told.out


def test_the_statement_is_printed_once_verified(files: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(artifact(files, "--source-uri", SOURCE, "--print-provenance")) == 0
    assert json.loads(capsys.readouterr().out) == generator_statement()
    assert run(artifact(files, "--source-uri", "github.com/o/r", "--print-provenance")) == 1
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("flags", "status"),
    [
        (["--certificate-identity", GENERATOR], 0),
        (["--identity", GENERATOR, "--issuer", "https://token.actions.githubusercontent.com"], 0),
        (["--certificate-identity-regexp", ".*generator_generic.*"], 0),
        (["--certificate-identity-regexp", "generator_generic"], 1),
        (["--certificate-identity-regexp", "^https://github.com/slsa-framework/"], 0),
        (["--certificate-identity-regexp", "^https://github.com/slsa-framework/$"], 1),
        (["--certificate-identity-regexp", "^github.com/slsa-framework/"], 1),
        (["--certificate-identity-regexp", "("], 1),
        (["--certificate-oidc-issuer-regexp", "https://.*"], 0),
        (["--artifact", "{hello}"], 0),
        (["--digest", "sha256:" + "0" * 64], 1),
    ],
)
def test_a_bundle_with_the_words_of_cosign(
    files: dict[str, str], capsys: pytest.CaptureFixture[str], flags: list[str], status: int
) -> None:
    more = [flag.format(**files) for flag in flags]
    assert run(["verify-bundle", files["bundle"], "--trusted-root", files["root"], *more]) == status
    assert capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        ["verify-artifact", "--no-such-flag"],
        ["verify-artifact", "f", "--digest", "sha256"],
        ["verify-artifact", "f", "--build-workflow-input", "x"],
        ["verify-image"],
    ],
)
def test_wrong_usage_ends_in_four(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments) == 4
    assert capsys.readouterr().err


def test_text_never_holds_what_a_terminal_obeys(
    instance: Instance, files: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content = generator_statement("https://x.example/\x1b[2J\u202e\u0007")
    (tmp_path / "bundle").write_text(json.dumps(instance.bundle(content)))
    assert run(artifact(files, "--source-uri", SOURCE)) == 1
    text = capsys.readouterr().out
    assert all(char.isprintable() or char == "\n" for char in text)
    assert "\\x1b" in text


def case(files: dict[str, str], **changes: Any) -> dict[str, Any]:
    usual = {
        "id": "one",
        "command": "verify-artifact",
        "artifact": [files["hello"]],
        "digests": [{"sha256": SHA256}],
        "provenance": [files["bundle"]],
        "trusted_root": files["root"],
        "args": {"source_uri": SOURCE, "build_workflow_input": {}, "subject_digest": [], "verified_level": []},
    }
    return usual | changes


def batch(tmp_path: Path, *lines: Any) -> tuple[int, list[dict[str, Any]]]:
    path = tmp_path / "cases.jsonl"
    path.write_bytes(
        b"".join((line if isinstance(line, bytes) else json.dumps(line).encode()) + b"\n" for line in lines)
    )
    out = io.StringIO()
    status = run_batch(str(path), out)
    return status, [json.loads(line) for line in out.getvalue().splitlines()]


def test_a_batch_answers_in_order_and_goes_on_after_bad_lines(files: dict[str, str], tmp_path: Path) -> None:
    lines = [
        case(files),
        b"no json",
        [],
        case(files, id="two", command="verify-nothing"),
        case(files, id="three", artifact="x"),
        case(files, id="four", args={"source_uri": 1}),
        case(files, id="five", digests=[{"sha256": 1}]),
        case(files, id="six", provenance=["a\0b"]),
        b"[" * 100_000,
        b"x" * (5 * 1024 * 1024),
        case(files, id="last", args={"source_uri": "github.com/o/r"}),
    ]
    status, answers = batch(tmp_path, *lines)
    assert status == 3
    assert [one["id"] for one in answers] == [
        "one",
        None,
        None,
        "two",
        "three",
        "four",
        "five",
        "six",
        None,
        None,
        "last",
    ]
    assert [one["verdict"] for one in answers] == ["pass", *["error"] * 9, "fail"]
    assert all(one["message"] for one in answers)


def test_the_status_of_a_batch(files: dict[str, str], tmp_path: Path) -> None:
    assert batch(tmp_path, case(files))[0] == 0
    assert batch(tmp_path, case(files), case(files, args={}))[0] == 1
    assert run_batch(str(tmp_path / "missing"), io.StringIO()) == 4
    assert run(["verify-batch", str(tmp_path / "missing")]) == 4


def test_every_answer_has_the_names_of_the_contract(files: dict[str, str], tmp_path: Path) -> None:
    _, (answer,) = batch(tmp_path, case(files))
    names = {
        "id", "verdict", "reason_class", "message", "steps", "builder_id", "source_uri", "source_ref", "predicate_type",
        "signer", "level", "step1_level",
    }  # fmt: skip
    assert names <= set(answer)
    assert answer["level"]["build"] == 3
    assert {step["outcome"] for step in answer["steps"]} <= {"pass", "fail", "not-possible", "not-applicable"}
