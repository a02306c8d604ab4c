"""Whatever a file holds, there is an answer: in time, in memory, without a traceback, and never a pass by accident."""

from __future__ import annotations

import copy
import gzip
import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slsacheck.evidence.attestations import verify, verify_each
from slsacheck.evidence.attestations.checkpoint import parse_checkpoint
from slsacheck.evidence.attestations.jsondoc import parse_json
from slsacheck.evidence.attestations.steps import RefusedError, shown
from slsacheck.evidence.attestations.verifier import COMMANDS
from slsacheck.model.attestation import Case, Expectations
from tests.clock import soon
from tests.evidence.attestations.private_sigstore import SHA256, SOURCE, Instance, generator_statement

RELAXED = settings(max_examples=150)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
KEYS = st.sampled_from(
    [
        "mediaType", "verificationMaterial", "dsseEnvelope", "payload", "payloadType", "signatures", "attestations",
        "bundle", "provenance_summary", "provenance", "attestation_bundles", "envelope", "verification_material",
        "messageSignature", "tlogEntries", "certificate", "_type", "predicate", "subject", "version",
    ]
)  # fmt: skip
SHAPED = st.recursive(
    JSON, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=6), max_leaves=16
)


def case(command: str, path: Path, **more: Any) -> Case:
    return Case(
        command,
        provenance=(str(path),),
        digests=((("sha256", SHA256),),),
        expectations=Expectations(source_uri=SOURCE, builder_id="x"),
        **more,
    )


@pytest.mark.parametrize("command", COMMANDS)
@RELAXED
@given(document=SHAPED)
def test_any_json_gets_an_answer(command: str, document: Any, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(document))
    answers = verify_each(case(command, path))
    assert answers
    assert all(answer.verdict in ("fail", "unknown") and answer.message and answer.reason_class for answer in answers)


@RELAXED
@given(data=st.binary(max_size=300))
def test_any_bytes_get_an_answer(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(data)
    assert verify(case("verify-bundle", path)).verdict in ("fail", "unknown")


@settings(RELAXED, max_examples=300)
@given(data=st.data())
def test_a_mutated_bundle_never_passes(data: st.DataObject, instance: Instance, tmp_path: Path) -> None:
    root = tmp_path / "root.json"
    root.write_text(json.dumps(instance.trusted_root()))
    bundle = genuine(instance)
    mutated = copy.deepcopy(bundle)
    place: Any = mutated
    while True:
        key = data.draw(st.sampled_from(sorted(place) if isinstance(place, dict) else list(range(len(place)))))
        inner = place[key]
        if not isinstance(inner, (dict, list)) or not inner or data.draw(st.booleans()):
            break
        place = inner
    place[key] = data.draw(JSON)
    path = tmp_path / "a.json"
    path.write_text(json.dumps(mutated))
    answer = verify(case("verify-artifact", path, trusted_root=str(root)))
    assert answer.verdict in ("fail", "unknown")  # the builder "x" is never met
    signature = verify(Case("verify-bundle", provenance=(str(path),), trusted_root=str(root)))
    if signature.verdict == "pass":
        assert mutated["dsseEnvelope"]["payload"] == bundle["dsseEnvelope"]["payload"]
        assert mutated["verificationMaterial"]["certificate"] == bundle["verificationMaterial"]["certificate"]


_GENUINE: dict[int, dict[str, Any]] = {}


def genuine(instance: Instance) -> dict[str, Any]:
    return _GENUINE.setdefault(id(instance), instance.bundle(generator_statement()))


@settings(max_examples=300)
@given(text=st.text(alphabet=st.sampled_from("a1\n— =+/\ud800"), max_size=80))
def test_any_checkpoint_is_parsed_or_refused(text: str) -> None:
    try:
        parse_checkpoint(text)
    except RefusedError as error:
        assert error.reason_class == "log-invalid"  # noqa: PT017 - the only error allowed


def test_a_fifo_does_not_block(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    assert verify(case("verify-artifact", path)).reason_class == "malformed"
    assert verify(Case("verify-artifact", artifact=(str(path),), provenance=(str(path),))).verdict == "unknown"


def test_a_file_that_is_too_large_is_refused_fast(tmp_path: Path) -> None:
    path = tmp_path / "large.json"
    with path.open("wb") as file:
        file.truncate(100 * 1024 * 1024)
    with soon():
        answer = verify(case("verify-artifact", path))
    assert (answer.verdict, answer.reason_class) == ("unknown", "limit-exceeded")


def test_brackets_in_texts_are_no_objects() -> None:
    text = "[{" * 600_000
    assert parse_json(json.dumps({"a": text, 'b\\"': "\\" + text}).encode(), "it") == {"a": text, 'b\\"': "\\" + text}


@pytest.mark.parametrize("unit", ["{},", "[],", '{"a":1},', '"[",{},'])
def test_a_file_of_millions_of_objects_is_refused_fast(tmp_path: Path, unit: str) -> None:
    path = tmp_path / "many.json"
    path.write_text("[" + (unit * (20_000_000 // len(unit))).rstrip(",") + "]")
    with soon():
        answer = verify(Case("verify-bundle", provenance=(str(path),)))
    assert (answer.verdict, answer.reason_class) == ("unknown", "limit-exceeded")


@pytest.mark.parametrize("name", ["missing.json", "missing/deep.json", "."])
def test_paths_that_hold_no_file(tmp_path: Path, name: str) -> None:
    """Nobody looked into it, so nothing is refuted."""
    answer = verify(case("verify-artifact", tmp_path / name))
    assert (answer.verdict, answer.reason_class) == ("unknown", "malformed")
    assert str(tmp_path) in answer.message


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "empty"),
        (gzip.compress(b"{}", mtime=0), "gunzip"),
        (b"PK\x03\x04abc", "ZIP"),
        ("{}".encode("utf-16"), "UTF-16"),
        (b"<!DOCTYPE html><title>404</title>", "HTML"),
        (b"-----BEGIN PUBLIC KEY-----\n", "PEM"),
        (b"\x7fELF\x02\x01\n\0\0\0\n", "swapped"),
        (b"hello", "no valid JSON"),
    ],
)
def test_what_is_no_json_is_named(tmp_path: Path, content: bytes, word: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    answer = verify(case("verify-artifact", path))
    assert (answer.verdict, answer.reason_class) == ("fail", "malformed")
    assert word in answer.message


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 5_000 + "1" + "}" * 5_000, "[" * 200 + "]" * 200])
def test_deep_nesting_is_refused(text: str) -> None:
    with pytest.raises(RefusedError) as caught:
        parse_json(text.encode(), "it")
    assert caught.value.reason_class in ("limit-exceeded", "malformed")


@pytest.mark.parametrize("text", ['{"a": NaN}', '{"a": 1, "a": 2}', "{", "", '{"a": Infinity}'])
def test_what_is_no_json_is_malformed(text: str) -> None:
    with pytest.raises(RefusedError) as caught:
        parse_json(text.encode(), "it")
    assert caught.value.reason_class == "malformed"


def test_messages_hold_no_control_characters() -> None:
    assert shown("a\x1b[31m\u202eb\n") == "a\\x1b[31m\\u202eb\\n"
    assert len(shown("x" * 10_000)) < 400
