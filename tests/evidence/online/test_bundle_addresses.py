"""GitHub's newer answers, which name bundles by address; and the format in which it keeps them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slsacheck.evidence.attestations import verify
from slsacheck.evidence.attestations.trustdata import TrustData
from slsacheck.evidence.online import verify_online
from slsacheck.evidence.online.cases import Answered
from slsacheck.evidence.online.services import Services
from slsacheck.evidence.online.snappy import uncompressed
from slsacheck.model.attestation import Case, Expectations
from tests.evidence.attestations.private_sigstore import SHA256, SOURCE, Instance, generator_statement
from tests.evidence.online.service import Service, said

GITHUB = f"/repos/example/hello/attestations/sha256:{SHA256}?per_page=100"
BLOB = {"Content-Type": "application/octet-stream"}


def compressed(data: bytes, width: int = 8) -> bytes:
    """A block with literals and repetitions of every kind, written on its own."""
    length, size = bytearray(), len(data)
    while size >= 0x80:
        length.append(size & 0x7F | 0x80)
        size >>= 7
    length.append(size)
    out, at = bytes(length), 0
    while at < len(data):
        piece = data[at : at + width]
        back = data.rfind(piece, 0, at)
        if back >= 0 and len(piece) >= 4:
            offset = at - back
            if offset < 2048 and len(piece) <= 11:
                out += bytes([offset >> 8 << 5 | len(piece) - 4 << 2 | 1, offset & 255])
            elif offset < 65536:
                out += bytes([len(piece) - 1 << 2 | 2]) + offset.to_bytes(2, "little")
            else:
                out += bytes([len(piece) - 1 << 2 | 3]) + offset.to_bytes(4, "little")
        elif len(piece) <= 60:
            out += bytes([len(piece) - 1 << 2]) + piece
        else:
            out += bytes([61 << 2]) + (len(piece) - 1).to_bytes(2, "little") + piece
        at += len(piece)
    return out


@pytest.fixture
def ask(services: Services, trust: TrustData) -> Callable[[], Answered]:
    case = Case("verify-artifact", digests=((("sha256", SHA256),),), expectations=Expectations(source_uri=SOURCE))
    return lambda: verify_online(case, services, trust)


def named(*addresses: str) -> Any:
    return said({"attestations": [{"bundle": None, "bundle_url": one, "repository_id": 1} for one in addresses]})


def test_a_bundle_is_fetched_from_where_it_is_named(
    instance: Instance, service: Service, ask: Callable[[], Answered], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GH_ENTERPRISE_TOKEN", "secret")
    raw = json.dumps(instance.bundle(generator_statement())).encode()
    service.answers[GITHUB] = named(f"{service.url}/blob/1.json.sn?sig=letmein", f"{service.url}/blob/2.json")
    service.answers["/blob/1.json.sn?sig=letmein"] = (200, BLOB, compressed(raw))
    service.answers["/blob/2.json"] = (200, BLOB, b"{}")
    answer = ask()
    assert (answer.verification.verdict, answer.verification.level) == ("pass", 3), answer.verification.message
    asked = {path: headers for _, path, headers in service.seen}
    assert "Authorization" in asked[GITHUB]
    assert "Authorization" not in asked["/blob/1.json.sn?sig=letmein"]
    assert not any("letmein" in one.url for one in answer.fetched)


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"", 404), (b"not snappy", 200), (b"\xff\xff\xff\xff\x0f", 200), (compressed(b'{"a": 1}')[:-2], 200)],
)
def test_a_bundle_that_cannot_be_had_leaves_it_unknown(
    service: Service, ask: Callable[[], Answered], body: bytes, status: int
) -> None:
    service.answers[GITHUB] = named(f"{service.url}/blob/1.json.sn")
    service.answers["/blob/1.json.sn"] = (status, BLOB, body)
    answer = ask()
    assert (answer.verification.verdict, answer.verification.level) == ("unknown", None)
    assert len(answer.problems) == 2


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:1/x", "https://127.0.0.1:1/x", "https://localhost:1/x", "file:///etc/passwd", "", "x"]
)
def test_an_address_leads_nowhere_private(service: Service, ask: Callable[[], Answered], address: str) -> None:
    service.answers[GITHUB] = named(address)
    answer = ask()
    assert answer.verification.verdict == "unknown"
    assert len(service.seen) == 1


def test_a_redirect_of_a_bundle_is_not_followed(service: Service, ask: Callable[[], Answered]) -> None:
    service.answers[GITHUB] = named(f"{service.url}/blob/1.json")
    service.answers["/blob/1.json"] = (302, {"Location": f"{service.url}/elsewhere"}, b"")
    assert ask().verification.verdict == "unknown"
    assert [path for _, path, _ in service.seen] == [GITHUB, "/blob/1.json"]


def test_the_answer_as_a_file_says_where_to_get_it(tmp_path: Path) -> None:
    path = tmp_path / "answer.json"
    path.write_bytes(named("https://example.org/1.json.sn")[2])
    answer = verify(Case("verify-github-attestation", digests=((("sha256", SHA256),),), provenance=(str(path),)))
    assert (answer.verdict, answer.reason_class) == ("unknown", "unsupported")
    assert "gh attestation download" in answer.message


@given(st.binary(max_size=400) | st.text("ab", max_size=3000).map(str.encode), st.integers(4, 64))
def test_what_was_compressed_comes_back(data: bytes, width: int) -> None:
    assert uncompressed(compressed(data, width), len(data)) == data


@given(st.binary(max_size=60))
def test_any_bytes_are_bytes_or_refused(data: bytes) -> None:
    try:
        assert len(uncompressed(data, 10_000)) <= 10_000
    except ValueError as error:
        assert str(error)  # noqa: PT017 - either is right


def test_repetitions_reach_into_what_they_write_and_far_back() -> None:
    assert uncompressed(bytes([7, 0 << 2, 97, 5 << 2 | 2, 1, 0]), 10) == b"aaaaaaa"
    far = bytes(range(256)) * 300
    assert uncompressed(compressed(far + b"tail" + far[:64], 64), len(far) + 68) == far + b"tail" + far[:64]
    assert uncompressed(compressed(bytes(range(100)), 100), 100) == bytes(range(100))
    with pytest.raises(ValueError, match="too large"):
        uncompressed(bytes([7, 0, 97]), 6)
