"""Every single change to a genuine attestation, and every lie that is properly signed, as a strict verifier has it."""

from __future__ import annotations

import base64
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slsacheck.evidence.attestations import verify
from slsacheck.evidence.attestations.jsondoc import decode_base64
from slsacheck.evidence.attestations.steps import RefusedError
from tests.evidence.attestations import genuine
from tests.evidence.attestations.conftest import Ask
from tests.evidence.attestations.crafted import LIES
from tests.evidence.attestations.crafted_doubles import DOUBLES
from tests.evidence.attestations.mutations import CHANGES, Genuine, mutants
from tests.evidence.attestations.private_sigstore import Instance


def disagreements(base: Genuine, folder: Path) -> tuple[int, list[str]]:
    """How many changes apply to an attestation, and on which the verifier is not of a strict verifier's opinion."""
    path, count, wrong = folder / "mutant.json", 0, []
    case = replace(base.case, provenance=(str(path),))
    for name, data, right in mutants(base):
        path.write_bytes(data)
        answer, count = verify(case, base.trust), count + 1
        explained = answer.verdict == "pass" or (answer.reason_class and answer.message and answer.level is None)
        if answer.verdict not in right.split(" or ") or not explained:
            wrong.append(f"{name}: right is {right}, got {answer.verdict} ({answer.reason_class}): {answer.message}")
    return count, wrong


def test_every_change_to_an_attestation_of_the_private_instance(instance: Instance, tmp_path: Path) -> None:
    bases = genuine.private(instance, tmp_path)
    found = {base.name: disagreements(base, tmp_path) for base in bases}
    assert {name: wrong for name, (_, wrong) in found.items() if wrong} == {}
    assert len(found) == 14
    assert sum(count for count, _ in found.values()) > 900
    assert sum(count >= 29 for count, _ in found.values()) >= 13


def test_every_change_to_a_real_attestation(shared: Path, tmp_path: Path) -> None:
    found = {base.name: disagreements(base, tmp_path) for base in genuine.corpus(shared)}
    assert {name: wrong for name, (_, wrong) in found.items() if wrong} == {}
    assert len(found) >= 13
    assert sum(count >= 29 for count, _ in found.values()) >= 10


@given(st.text("AQgwBcZ9+/=-_ \né", max_size=12))
def test_base64_has_one_spelling(text: str) -> None:
    try:
        data = base64.b64decode(text, validate=True)
        right = data if base64.b64encode(data).decode() == text else None
    except ValueError:
        right = None
    try:
        found = decode_base64(text, "it")
    except RefusedError:
        found = None
    assert found == right


def test_every_row_applies_somewhere(instance: Instance, tmp_path: Path) -> None:
    seen = {name for base in genuine.private(instance, tmp_path) for name, _, _ in mutants(base)}
    assert {name for name, *_ in CHANGES} - seen == set()


@pytest.mark.parametrize("name", [*LIES, *DOUBLES])
def test_a_lie_that_is_properly_signed(instance: Instance, ask: Ask, name: str) -> None:
    lie = (LIES | DOUBLES)[name]
    answer = ask(lie.make(instance), **lie.given)
    assert answer.verdict == lie.verdict, answer.message
    assert answer.reason_class in lie.reasons, answer.message
    assert answer.level is None
