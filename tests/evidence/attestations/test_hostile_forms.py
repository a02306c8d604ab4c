"""The newer forms under attack: whatever the bytes are, there is an answer, it is no pass, and it comes soon."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slsacheck.evidence.attestations.blobs import read_signature
from slsacheck.evidence.attestations.givenkey import load_given_key
from slsacheck.evidence.attestations.links import read_link
from slsacheck.evidence.attestations.notation import read_cose, read_jws
from slsacheck.evidence.attestations.readers import parse_attestations
from slsacheck.evidence.attestations.steps import RefusedError
from tests.clock import soon
from tests.evidence.attestations.test_notation import Authority, cose, jws, payload

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = (
    "payload", "protected", "signature", "header", "x5c", "signed", "signatures", "_type", "keyid", "sig",
    "base64Signature", "cert", "rekorBundle", "Payload", "predicate_type", "predicate", "kty", "crv", "x", "y", "n", "e",
)  # fmt: skip


def read(data: bytes) -> list[Any]:
    """What is read of it; a refusal counts as a reading."""
    try:
        return list(parse_attestations(data, "file"))
    except RefusedError as problem:
        return [problem]


@settings(max_examples=200)
@given(st.dictionaries(st.sampled_from(FIELDS), VALUES | st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=4)))
def test_objects_with_the_right_fields_and_wrong_values(document: dict[str, Any]) -> None:
    assert read(json.dumps(document).encode())
    for reader in (read_jws, read_link):
        with suppress(RefusedError):
            assert reader(document, b"", "file").path == "file"
    with suppress(RefusedError):
        assert load_given_key(json.dumps(document).encode(), "key").key


@settings(max_examples=200)
@given(
    st.binary(max_size=300), st.sampled_from([b"", b"\xd2", b"\xd2\x84", b"\x30", b"\xc2", b"\x89\x01", b"-----BEGIN "])
)
def test_any_bytes(data: bytes, head: bytes) -> None:
    assert read(head + data)
    found = read_signature(head + data, "file")
    assert found is None or found.form == "message-signature"


@settings(max_examples=100)
@given(st.integers(0, 2_000), st.integers(1, 255))
def test_one_changed_byte_of_a_cose_signature(place: int, change: int) -> None:
    data = bytearray(SAMPLE)
    data[place % len(data)] ^= change
    with suppress(RefusedError):
        assert read_cose(bytes(data), "file").form == "notation"


SAMPLE = cose(Authority(), payload())


@pytest.mark.parametrize(
    "bomb",
    [
        b"\xd2\x84" + b"\x81" * 200_000,
        b"\xd2\x84\x5b" + b"\xff" * 8,
        b"\xd2\x9b" + b"\x7f" * 8,
        b"\xd2\x84\x5a\x7f\xff\xff\xff",
        b"\xd2" * 100_000,
        b"\xd2\x84\xc2\x58\x20" + b"\xff" * 32,
    ],
)
def test_bombs_in_cbor_end_soon(bomb: bytes) -> None:
    with soon():
        (found,) = read(bomb)
    assert isinstance(found, RefusedError)


def test_a_thousand_certificates_are_too_many() -> None:
    who = Authority()
    who.chain = who.chain * 500
    for data in (jws(who, payload()), cose(who, payload())):
        (found,) = read(data)
        assert isinstance(found, RefusedError)
