"""Files side by side: archives of every kind by what is in them, others by their bytes."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import subprocess
import sys
import zipfile
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from slsacheck.errors import Absent, InputError
from slsacheck.evidence.comparison import entries as entries_module
from slsacheck.evidence.comparison.files import compare_files
from tests.conftest import need_module
from tests.evidence.comparison.sides import files, kinds, tar

BASE: dict[str, Any] = {"mode": 0o644, "mtime": 100}
TAR = tar(("a", b"one" * 500, BASE), ("b", b"two" * 500, BASE))
MOVED = tar(("a", b"one" * 500, BASE | {"mtime": 7}), ("b", b"two" * 500, BASE))
OTHER = tar(("a", b"One" * 500, BASE), ("b", b"two" * 500, BASE))


def packed(*entries: tuple[str, bytes], date: tuple[int, ...] = (2026, 1, 1, 0, 0, 0), **more: Any) -> bytes:
    """A ZIP archive; `more` are attributes of each entry."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as made:
        for name, data in entries:
            entry = zipfile.ZipInfo(name, date)  # type: ignore[arg-type]
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            for key, value in more.items():
                setattr(entry, key, value)
            made.writestr(entry, data)
    return stream.getvalue()


ZIP = packed(("a.py", b"one" * 500), ("b.py", b"two" * 500))


def test_gzip_of_other_levels_names_and_times(tmp_path: Path) -> None:
    fast, best = gzip.compress(TAR, 1, mtime=0), gzip.compress(TAR, 9, mtime=0)
    found = files(tmp_path, fast, best)
    assert (found.verdict, found.form) == ("reproducible", "tar")
    assert kinds(found).keys() <= {"compression", "gzip-header"}
    assert kinds(found)["compression"] == 1
    found = files(tmp_path, gzip.compress(TAR, 6, mtime=0), gzip.compress(TAR, 6, mtime=99))
    assert (found.verdict, kinds(found)) == ("reproducible", {"gzip-header": 1})
    named = io.BytesIO()
    with gzip.GzipFile("name.tar", "wb", 6, named, mtime=0) as stream:
        stream.write(TAR)
    assert kinds(files(tmp_path, gzip.compress(TAR, 6, mtime=0), named.getvalue()))["gzip-header"] == 1


@pytest.mark.parametrize("squash", [partial(gzip.compress, mtime=0), bz2.compress, lzma.compress, lambda data: data])
def test_a_tar_is_compared_whatever_compressed_it(tmp_path: Path, squash: Any) -> None:
    for name, other, verdict, expected in (
        ("moved", MOVED, "reproducible", {"mtime": 1}),
        ("other", OTHER, "different", {"content": 1}),
        ("padded", TAR + b"\0" * 4096, "reproducible", {"archive-format": 1}),
        ("xz", TAR, "reproducible", {}),
    ):
        found = files(tmp_path, squash(TAR), lzma.compress(other, preset=1))
        counted = {kind: count for kind, count in kinds(found).items() if kind != "compression"}
        assert (found.verdict, counted) == (verdict, expected), name
    (tmp_path / "same").write_bytes(squash(TAR))
    assert compare_files(str(tmp_path / "same"), str(tmp_path / "same")).verdict == "identical"


def test_several_streams_of_xz_and_members_of_gzip(tmp_path: Path) -> None:
    half = len(TAR) // 2
    for squash in (lzma.compress, lambda data: gzip.compress(data, mtime=0)):
        found = files(tmp_path, squash(TAR), squash(TAR[:half]) + squash(TAR[half:]))
        assert (found.verdict, kinds(found)) == ("reproducible", {"compression": 1})


def test_a_compressed_file_that_is_no_archive(tmp_path: Path) -> None:
    found = files(tmp_path, gzip.compress(b"abcdef", mtime=0), gzip.compress(b"abcXef", mtime=0))
    assert (found.verdict, found.form, kinds(found)) == ("different", "compressed", {"content": 1})
    assert found.differences[0].path == "(from byte 3 on)"
    assert files(tmp_path, gzip.compress(b"abc", mtime=0), b"abc").verdict == "reproducible"


def test_bytes_say_where_they_first_differ(tmp_path: Path) -> None:
    data = os.urandom(700_000)
    found = files(tmp_path, data, data[:600_000] + b"?" + data[600_000:])
    assert (found.verdict, found.form) == ("different", "bytes")
    assert found.differences[0].path == "(from byte 600000 on)"
    assert files(tmp_path, data, data + b"x").differences[0].path == "(from byte 700000 on)"
    assert files(tmp_path, b"", b"").verdict == "identical"
    assert files(tmp_path, b"", b"x").verdict == "different"


@pytest.mark.parametrize(
    ("other", "verdict", "expected"),
    [
        (packed(("a.py", b"one" * 500), ("b.py", b"two" * 500), date=(2020, 1, 1, 0, 0, 0)), "reproducible", {"mtime": 2}),
        (packed(("b.py", b"two" * 500), ("a.py", b"one" * 500)), "reproducible", {"order": 1}),
        (packed(("a.py", b"One" * 500), ("b.py", b"two" * 500)), "different", {"content": 1}),
        (packed(("a.py", b"one" * 500), ("b.py", b"two" * 500), external_attr=0o755 << 16), "different", {"mode": 2}),
        (packed(("a.py", b"one" * 500), ("b.py", b"two" * 500), compress_type=0), "reproducible", {"compression": 2}),
        (packed(("a.py", b"one" * 500), ("b.py", b"two" * 500), create_version=30), "reproducible", {"archive-format": 2}),
        (packed(("a.py", b"one" * 500), ("b.py", b"two" * 500), extra=b"\x55\x54\x05\0\1abcd"), "reproducible", {"archive-format": 2}),
        (packed(("a.py", b"one" * 500), ("b.py", b"two" * 500), extra=b"\x75\x63\x05\0\1abcd"), "different", {"xattr": 2, "archive-format": 2}),
        (packed(("a.py", b"one" * 500)), "different", {"removed": 1}),
        (b"#!/usr/bin/env python\n" + ZIP, "different", {"content": 1}),
        (ZIP + b"and more", "different", {"content": 1}),
    ],
)  # fmt: skip
def test_zips(tmp_path: Path, other: bytes, verdict: str, expected: dict[str, int]) -> None:
    found = files(tmp_path, ZIP, other)
    assert (found.form, found.verdict, kinds(found)) == ("zip", verdict, expected)


def test_bytes_between_the_entries_of_a_zip_count(tmp_path: Path) -> None:
    """A block before the list of entries, as the signature of an Android package: not metadata."""
    start = ZIP.index(b"PK\x01\x02")
    end = ZIP.rindex(b"PK\x05\x06")
    offset = (start + 4).to_bytes(4, "little")
    other = ZIP[:start] + b"sign" + ZIP[start:end] + ZIP[end : end + 16] + offset + ZIP[end + 20 :]
    found = files(tmp_path, ZIP, other)
    assert (found.verdict, kinds(found)) == ("different", {"content": 1})
    assert found.differences[0].path == "(between the entries)"


def test_dates_that_no_calendar_has(tmp_path: Path) -> None:
    """Go writes module archives without dates: month and day are 0."""
    bare = bytearray(ZIP)
    for mark, place in ((b"PK\x03\x04", 10), (b"PK\x01\x02", 12)):
        start = 0
        while (start := ZIP.find(mark, start)) >= 0:
            bare[start + place : start + place + 4] = bytes(4)
            start += 4
    found = files(tmp_path, ZIP, bytes(bare))
    assert (found.verdict, kinds(found)) == ("reproducible", {"mtime": 2})


def test_descriptions_behind_the_contents(tmp_path: Path) -> None:
    """Of writers that stream: sizes stand behind the contents, macOS leaves one before them, some leave all out."""
    stream = io.BytesIO()

    class Unseekable(io.RawIOBase):
        def writable(self) -> bool:
            return True

        def write(self, data: Any, /) -> int:
            return stream.write(data)

    with zipfile.ZipFile(Unseekable(), "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr(zipfile.ZipInfo("a.py", (2026, 1, 1, 0, 0, 0)), b"one" * 500)
    streamed = stream.getvalue()
    assert streamed[6] & 8
    partly = streamed[:22] + (1500).to_bytes(4, "little") + streamed[26:]
    assert files(tmp_path, streamed, partly).verdict == "reproducible"
    place = ZIP.index(b"PK\x01\x02")
    announced = bytearray(ZIP)
    for flags in (6, ZIP.index(b"PK\x03\x04", 4) + 6, place + 8, ZIP.index(b"PK\x01\x02", place + 4) + 8):
        announced[flags] |= 8
    found = files(tmp_path, ZIP, bytes(announced))
    assert (found.verdict, kinds(found)) == ("reproducible", {"archive-format": 2})


def test_a_link_in_a_zip(tmp_path: Path) -> None:
    mode = 0o120777 << 16
    found = files(tmp_path, packed(("l", b"a"), external_attr=mode), packed(("l", b"b"), external_attr=mode))
    assert (found.verdict, kinds(found)) == ("different", {"link": 1})


def ar(*members: tuple[str, bytes], date: int = 0, owner: int = 0) -> bytes:
    made = b"!<arch>\n"
    for name, data in members:
        made += f"{name:<16}{date:<12}{owner:<6}{0:<6}{100644:<8}{len(data):<10}`\n".encode() + data
        made += b"\n" * (len(data) % 2)
    return made


def deb(data: bytes, ending: str = "xz", **more: Any) -> bytes:
    squashed = lzma.compress(data) if ending == "xz" else gzip.compress(data, mtime=0)
    control = gzip.compress(tar(("./control", b"Package: x\n", BASE)), mtime=0)
    members = ("debian-binary", b"2.0\n"), ("control.tar.gz", control), (f"data.tar.{ending}", squashed)
    return ar(*members, **more)


@pytest.mark.parametrize(
    ("other", "verdict", "expected"),
    [
        (deb(MOVED), "reproducible", {"mtime": 1}),
        (deb(TAR, date=100), "reproducible", {"mtime": 3}),
        (deb(TAR, owner=5), "different", {"owner": 3}),
        (deb(TAR, "gz"), "reproducible", {"compression": 1, "archive-format": 1}),
        (deb(OTHER), "different", {"content": 1}),
    ],
)
def test_debian_packages(tmp_path: Path, other: bytes, verdict: str, expected: dict[str, int]) -> None:
    found = files(tmp_path, deb(TAR), other)
    assert (found.form, found.verdict, kinds(found)) == ("ar", verdict, expected)
    if expected == {"content": 1}:
        assert found.differences[0].path == "data.tar/a"


@pytest.mark.parametrize("form", ["GNU", "BSD"])
def test_static_libraries_with_long_names(tmp_path: Path, form: str) -> None:
    """GNU keeps long names in a table, BSD before the contents of each member."""
    name = "a_name_that_is_longer_than_sixteen.o"

    def library(data: bytes) -> bytes:
        if form == "BSD":
            return ar((f"#1/{len(name)}", name.encode() + data), ("b.o", b"22"))
        return ar(("//", f"{name}/\n".encode()), ("/0", data), ("b.o/", b"22"))

    found = files(tmp_path, library(b"1"), library(b"9"))
    assert [(one.what, one.path) for one in found.differences] == [("content", name)]


def test_a_wheel_that_was_built_again(tmp_path: Path) -> None:
    """Two builds at other times: the same but for the times of the entries."""
    need_module("hatchling.build")
    project = tmp_path / "project"
    (project / "pkg").mkdir(parents=True)
    (project / "pkg" / "__init__.py").write_text("x = 1\n")
    (project / "pyproject.toml").write_text(
        '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
        '[project]\nname = "pkg"\nversion = "1"\n'
    )
    wheels = []
    for number, epoch in enumerate((1_700_000_000, 1_600_000_000)):
        environment = os.environ | {"SOURCE_DATE_EPOCH": str(epoch)}
        code = f"from hatchling.build import build_wheel; print(build_wheel({str(tmp_path / str(number))!r}))"
        (tmp_path / str(number)).mkdir()
        subprocess.run([sys.executable, "-c", code], cwd=project, env=environment, check=True, capture_output=True)
        wheels.append(next((tmp_path / str(number)).glob("*.whl")))
    found = compare_files(str(wheels[0]), str(wheels[1]))
    assert (found.verdict, set(kinds(found))) == ("reproducible", {"mtime"})


def test_archives_inside_are_explained_and_still_differ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    later = packed(("a.py", b"one" * 500), ("b.py", b"two" * 500), date=(2020, 1, 1, 0, 0, 0))
    fast, best = (gzip.compress(b"x" * 9000, level, mtime=0) for level in (1, 9))
    broken = [b"PK\x03\x04" + bytes([number]) * 60 for number in (1, 2)]
    pairs = [
        ("a.jar", ZIP, later),
        ("b.gz", fast, best),
        ("c.jar", broken[0], broken[1]),
        ("d.jar", b"1", b"2"),
        ("e.txt", ZIP, later),
    ]
    sides = [
        tar(*((name, one, BASE) for name, one, _ in pairs)),
        tar(*((name, two, BASE) for name, _, two in pairs)),
    ]
    expected = {"a.jar": {"mtime": 2}, "b.gz": {"compression": 1}, "c.jar": {}, "d.jar": {}, "e.txt": {}}
    for first, second in (sides, [gzip.compress(side, mtime=0) for side in sides]):
        found = files(tmp_path, first, second)
        assert found.verdict == "different"
        told = {one.path: dict(one.inside) for one in found.differences if one.what == "content"}
        told["b.gz"].pop("gzip-header", None)
        assert told == expected
    found = files(tmp_path, packed(("x/y.whl", ZIP)), packed(("x/y.whl", later)))
    assert dict(found.differences[0].inside) == {"mtime": 2}
    monkeypatch.setattr(entries_module, "MAX_LOOKED", 0)
    found = files(tmp_path, packed(("x/y.whl", ZIP)), packed(("x/y.whl", later)))
    assert found.differences[0].inside == ()


def test_files_of_another_form_are_different(tmp_path: Path) -> None:
    found = files(tmp_path, ZIP, TAR)
    assert (found.verdict, kinds(found)) == ("different", {"type": 1})


def test_what_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"x")
    with pytest.raises(Absent):
        compare_files(str(tmp_path / "x"), str(tmp_path / "none"))
    with pytest.raises(InputError, match="not a regular file"):
        compare_files(str(tmp_path / "x"), str(tmp_path))
    (tmp_path / "link").symlink_to(tmp_path / "x")
    assert compare_files(str(tmp_path / "x"), str(tmp_path / "link")).verdict == "identical"
