"""Artifacts whose gate somebody tries to talk round: expectations left out, accepted, declared, or a runner of his own."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from slsacheck.__main__ import main
from tests.evidence.attestations.private_sigstore import ARTIFACT, Instance, claims, generator_statement

Ask = Callable[..., int]
EXPECTED = ("--source-uri", "github.com/example/hello", "--source-tag", "v1.2.3")
EVERYTHING = ("--accept", "configured", "--accept", "declared", "--accept", "unsigned")
DECLARED = """\
[[declaration]]
requirement = "{}"
subject = "*"
reason = "we know it"
by = "somebody@acme.example"
date = 2026-11-01
"""


@pytest.fixture
def ask(instance: Instance, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Ask:
    """The exit status of a scan of an artifact with an attestation, for a gate."""

    def run(document: dict[str, Any], *arguments: str, require: str = "build=1") -> int:
        (tmp_path / "hello").write_bytes(ARTIFACT)
        (tmp_path / "root.json").write_text(json.dumps(instance.trusted_root()))
        (tmp_path / "attestation.json").write_text(json.dumps(document))
        given = ["--attestation", str(tmp_path / "attestation.json"), "--trusted-root", str(tmp_path / "root.json")]
        status = main(["scan", str(tmp_path / "hello"), *given, "--require", require, "-q", *arguments])
        assert "Traceback" not in capfd.readouterr().err
        return status

    return run


def test_the_gate_opens_for_what_is_proved(ask: Ask, instance: Instance) -> None:
    assert ask(instance.bundle(generator_statement()), *EXPECTED, require="build=3") == 0


def test_nothing_that_is_accepted_replaces_the_expectations(ask: Ask, instance: Instance) -> None:
    assert ask(instance.bundle(generator_statement()), *EVERYTHING) == 1
    assert ask(generator_statement(), *EVERYTHING) == 1


def test_nobody_declares_the_expectations(ask: Ask, instance: Instance, tmp_path: Path) -> None:
    names = ("verify.expectations", "build.consistent-process")
    (tmp_path / "said.toml").write_text("".join(map(DECLARED.format, names)))
    assert ask(instance.bundle(generator_statement()), *EVERYTHING, "--config", str(tmp_path / "said.toml")) == 1


@pytest.mark.parametrize("expression", ["not expectations", "exists", "l1", "not build"])
def test_a_check_that_was_left_out_does_not_open_the_gate(ask: Ask, instance: Instance, expression: str) -> None:
    for option in ("-k", "-m"):
        assert ask(instance.bundle(generator_statement()), option, expression) == 1


def test_a_generator_on_a_runner_of_ones_own_proves_little(ask: Ask, instance: Instance) -> None:
    owned = instance.bundle(generator_statement(), extensions=claims(c11="self-hosted"))
    assert ask(owned, *EXPECTED, require="build=2") == 1
    silent = instance.bundle(generator_statement(), extensions=claims(c11=""))
    assert ask(silent, *EXPECTED, require="build=3") == 0
