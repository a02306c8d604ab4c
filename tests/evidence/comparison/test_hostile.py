"""Files that were made to do harm, and any other: one clear error or an answer, within bounds, and nothing unpacked."""

from __future__ import annotations

import gzip
import io
import lzma
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slsacheck.errors import SlsacheckError
from slsacheck.evidence.comparison import zips as zips_module
from slsacheck.evidence.comparison.files import compare_files
from slsacheck.evidence.comparison.findings import METADATA, Comparison
from slsacheck.evidence.oci import streams as streams_module
from tests.evidence.comparison.sides import files, info, kinds, one_layer, tar
from tests.evidence.comparison.test_files import TAR, ZIP, ar, deb, packed

COMMON = settings(max_examples=60)


def refused(tmp_path: Path, hostile: bytes, good: bytes) -> str:
    """The error that names the file, whichever side it is on."""
    messages = set()
    for first, second in ((hostile, good), (good, hostile)):
        with pytest.raises(SlsacheckError) as problem:
            files(tmp_path, first, second)
        assert str(tmp_path) in problem.value.where
        assert "image" not in str(problem.value)
        messages.add(problem.value.message)
    (message,) = messages
    return message


def link_out(name: str) -> bytes:
    return tar((name, b"x", {}))


@pytest.mark.parametrize("name", ["../x", "a/../../x", "/../x"])
def test_names_that_lead_out(tmp_path: Path, name: str) -> None:
    assert "leads out" in refused(tmp_path, link_out(name), TAR)
    assert "leads out" in refused(tmp_path, packed((name, b"x")), ZIP)
    assert list(tmp_path.parent.glob("x")) == []


def test_cut_archives(tmp_path: Path) -> None:
    assert "ends inside" in refused(tmp_path, TAR[:1000], TAR)
    for squash in (gzip.compress, lzma.compress):
        assert "ends too early" in refused(tmp_path, squash(TAR)[:-20], TAR)
    assert "damaged" in refused(tmp_path, ZIP[:-30], ZIP)
    assert "is damaged: a member" in refused(tmp_path, deb(TAR)[:-30], deb(TAR))


def test_damaged_contents(tmp_path: Path) -> None:
    data = bytearray(ZIP)
    data[40] ^= 0xFF
    assert "damaged" in refused(tmp_path, bytes(data), ZIP)
    lying = bytearray(ZIP)
    lying[14] ^= 0xFF
    assert "says another thing" in refused(tmp_path, bytes(lying), ZIP)
    squashed = bytearray(lzma.compress(TAR))
    squashed[40] ^= 0xFF
    assert "cannot be uncompressed" in refused(tmp_path, bytes(squashed), TAR)


@pytest.mark.parametrize("field", [b"-5        ", b"9999999999", b"x         "], ids=["negative", "huge", "no number"])
def test_members_of_impossible_size(tmp_path: Path, field: bytes) -> None:
    data = ar(("a", b"12"), ("b", b"34"))
    assert "is damaged" in refused(tmp_path, data[:56] + field + data[66:], data)


def test_encrypted_and_unknown_entries(tmp_path: Path) -> None:
    place = ZIP.index(b"PK\x01\x02")
    locked = bytearray(ZIP)
    locked[6] |= 1
    locked[place + 8] |= 1
    assert "cannot be read" in refused(tmp_path, bytes(locked), ZIP)
    strange = bytearray(ZIP)
    strange[8] = strange[place + 10] = 97
    assert "cannot be read" in refused(tmp_path, bytes(strange), ZIP)


def test_entries_that_lie_on_each_other(tmp_path: Path) -> None:
    """A bomb without recursion: many entries of the list share the same bytes."""
    place, end = ZIP.index(b"PK\x01\x02"), ZIP.rindex(b"PK\x05\x06")
    entry = ZIP[place : ZIP.index(b"PK\x01\x02", place + 4)]
    twice = entry * 2
    made = ZIP[:place] + twice + ZIP[end : end + 8] + b"\2\0\2\0" + len(twice).to_bytes(4, "little") + ZIP[end + 16 :]
    assert "lie on each other" in refused(tmp_path, made, ZIP)


def test_bombs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Zeros that take a thousandth of their size: read up to the bound, and no further."""
    for module in (streams_module, zips_module):
        monkeypatch.setattr(module, "RATIO_FROM", 4 << 20)
    stream, zeros = io.BytesIO(), bytes(16 << 20)
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("zeros", zeros)
    assert "made to exhaust" in refused(tmp_path, stream.getvalue(), packed(("zeros", b"0")))
    bomb = info("zeros", len(zeros)).tobuf(tarfile.GNU_FORMAT) + zeros
    for squash in (gzip.compress, lzma.compress):
        assert "made to exhaust" in refused(tmp_path, squash(bomb), TAR)


def test_a_list_of_too_many_entries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zips_module, "MAX_DIRECTORY", 64)
    (tmp_path / "a").write_bytes(ZIP)
    (tmp_path / "b").write_bytes(packed(("x", b"y")))
    with pytest.raises(SlsacheckError, match="list of more entries"):
        compare_files(str(tmp_path / "a"), str(tmp_path / "b"))


MEMORY = """
import resource, sys
from slsacheck.evidence.comparison.files import compare_files
from slsacheck.evidence.oci import tarstream
tarstream.MAX_ENTRIES = 60_000
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    compare_files(*sys.argv[1:])
except Exception as problem:
    print(type(problem).__name__, problem)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_more_entries_than_are_read(tmp_path: Path) -> None:
    """Refused at the bound, and where both sides have the same order held in little memory."""
    header = info("f" * 50).tobuf(tarfile.GNU_FORMAT)
    (tmp_path / "a").write_bytes(gzip.compress(header * 100_000, 1, mtime=0))
    (tmp_path / "b").write_bytes(gzip.compress(header * 100_000, 6, mtime=0))
    done = subprocess.run(
        [sys.executable, "-c", MEMORY, tmp_path / "a", tmp_path / "b"], capture_output=True, text=True, check=True
    )
    told, used = done.stdout.splitlines()
    assert told.startswith("InputError")
    assert "more than 60,000 entries" in told
    assert int(used) < 30_000


def answer(tmp_path: Path, first: bytes, second: bytes) -> Comparison | None:
    """The comparison; None where it ended in an error that was foreseen."""
    try:
        return files(tmp_path, first, second)
    except SlsacheckError:
        return None


@COMMON
@given(st.sampled_from([TAR, ZIP, deb(TAR), gzip.compress(TAR, mtime=0), lzma.compress(TAR)]), st.data())
def test_any_damage_is_an_answer_or_an_error(tmp_path: Path, good: bytes, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(good) - 1))
    bits = data.draw(st.integers(1, 255))
    bad = good[:place] + bytes([good[place] ^ bits]) + good[place + 1 :]
    found = answer(tmp_path, good, bad)
    assert found is None or found.verdict != "identical"


NAMES = st.sampled_from(["a", "b", "c/d", "e"])
MEMBERS = st.dictionaries(NAMES, st.tuples(st.binary(max_size=20), st.sampled_from([0o644, 0o755]), st.integers(0, 5)))


def made(tree: dict[str, tuple[bytes, int, int]], *, backwards: bool = False) -> bytes:
    members = [(name, data, {"mode": mode, "mtime": moment}) for name, (data, mode, moment) in tree.items()]
    return tar(*(reversed(members) if backwards else members))


@COMMON
@given(MEMBERS, MEMBERS)
def test_the_verdict_is_that_of_the_trees(tmp_path_factory: pytest.TempPathFactory, one: dict, two: dict) -> None:  # type: ignore[type-arg]
    """Reproducible where names, contents and modes agree, whatever times and order; and the same from both sides."""
    folder = tmp_path_factory.mktemp("x")
    first, second = made(one), made(two, backwards=True)
    found = answer(folder, first, second)
    back = answer(folder, second, first)
    if found is None or back is None:
        assert not one or not two  # an archive without entries is no archive
        return
    assert found.verdict == back.verdict
    assert sum(kinds(found).values()) == sum(kinds(back).values())
    same = {name: value[:2] for name, value in one.items()} == {name: value[:2] for name, value in two.items()}
    assert (found.verdict != "different") is same
    assert (kinds(found).keys() <= METADATA.keys()) is same


@COMMON
@given(MEMBERS, MEMBERS)
def test_layers_and_archives_agree(tmp_path_factory: pytest.TempPathFactory, one: dict, two: dict) -> None:  # type: ignore[type-arg]
    folder = tmp_path_factory.mktemp("x")
    if not one or not two:
        return
    assert files(folder, made(one), made(two)).verdict == one_layer(folder / "i", made(one), made(two)).verdict
