"""To which package a file that differs belongs, and which packages are installed in another version."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest

from slsacheck.evidence.comparison.packages import databases_in, owner_of
from slsacheck.evidence.oci.tarstream import Entry
from slsacheck.evidence.packagedb import limits
from slsacheck.evidence.packagedb.gathering import Gathering
from tests.evidence.comparison.sides import archive, images, layout, one_layer, tar

Member = tuple[str, bytes | None]
SAMPLE = Path(__file__).parent.parent / "sbom" / "samples" / "rpmdb.sqlite.gz"
RPM = gzip.decompress(SAMPLE.read_bytes())


def debian(version: str, program: bytes) -> list[Member]:
    status = f"Package: tool\nStatus: install ok installed\nVersion: {version}\n\nPackage: same\nStatus: install ok installed\nVersion: 1\n"
    return [
        ("var/lib/dpkg/status", status.encode()),
        ("var/lib/dpkg/info/tool:amd64.list", b"/.\n/usr\n/usr/bin\n/usr/bin/tool\n"),
        ("usr/bin/tool", program),
    ]


def distroless(version: str, program: bytes) -> list[Member]:
    return [
        ("var/lib/dpkg/status.d/tool", f"Package: tool\nVersion: {version}\n".encode()),
        ("var/lib/dpkg/status.d/tool.md5sums", b"d41d8cd98f00b204e9800998ecf8427e  usr/bin/tool\n"),
        ("usr/bin/tool", program),
    ]


def alpine(version: str, program: bytes) -> list[Member]:
    database = f"P:other\nV:1\nF:etc\nR:x\n\nP:tool\nV:{version}\nA:x86_64\nF:usr/bin\nR:tool\n"
    return [("lib/apk/db/installed", database.encode()), ("usr/bin/tool", program)]


@pytest.mark.parametrize("system", [debian, distroless, alpine])
def test_files_and_versions_of_distributions(tmp_path: Path, system: Any) -> None:
    found = one_layer(tmp_path, archive(*system("1.0-1", b"one")), archive(*system("1.0-2", b"two")))
    owned = {one.path: one.package for one in found.differences}
    assert owned["usr/bin/tool"] == "tool"
    assert found.packages == (("tool", "1.0-1", "1.0-2"),)


def test_layers_that_are_cut_otherwise_know_the_highest_database(tmp_path: Path) -> None:
    old, new = archive(*debian("1", b"one")), archive(*debian("2", b"two"))
    one = layout(tmp_path / "a", old, new)
    found = images(one, layout(tmp_path / "b", archive(*debian("3", b"three"))))
    assert found.packages == (("tool", "2", "3"),)
    assert images(one, layout(tmp_path / "c", new)).packages == ()
    assert {each.package for each in found.differences if each.path == "usr/bin/tool"} == {"tool"}


def test_a_database_on_one_side_alone_says_nothing(tmp_path: Path) -> None:
    base = archive(*debian("1", b"one"))
    found = images(layout(tmp_path / "a", base, base), layout(tmp_path / "b", base, archive(("x", b"x"))))
    assert found.verdict == "different"
    assert found.packages == ()


@pytest.mark.parametrize(
    ("path", "package"),
    [
        ("usr/lib/python3/dist-packages/yaml/loader.py", "yaml"),
        ("venv/lib/python3.11/site-packages/PyYAML-6.0.1.dist-info/RECORD", "PyYAML"),
        ("app/node_modules/a/node_modules/@scope/b/index.js", "@scope/b"),
        ("app/node_modules/a/index.js", "a"),
        ("usr/lib/ruby/gems/3.1.0/gems/rack-2.2.4/lib/rack.rb", "rack-2.2.4"),
        ("usr/bin/tool", None),
    ],
)
def test_by_place(path: str, package: str | None) -> None:
    assert owner_of(path, {}) == package


def test_a_folder_of_several_packages_belongs_to_none(tmp_path: Path) -> None:
    more: Member = ("var/lib/dpkg/info/other.list", b"/.\n/usr\n/usr/bin\n/usr/bin/other\n")
    sides = [tar(*((name, data or b"", {}) for name, data in (*debian("1", b"x"), more, ("usr", b"")))), b""]
    sides[1] = tar(*((name, data or b"", {}) for name, data in (*debian("1", b"y"), more, ("usr", b"file"))))
    owned = {one.path: one.package for one in one_layer(tmp_path, sides[0], sides[1]).differences}
    assert owned == {"usr/bin/tool": "tool", "usr": None}


RPM_PLACE = "usr/lib/sysimage/rpm/rpmdb.sqlite"


def fedora(database: bytes, program: bytes, log: bytes = b"") -> bytes:
    return archive((RPM_PLACE, database), (f"{RPM_PLACE}-wal", log), ("opt/hello/file", program))


def test_the_database_of_rpm(tmp_path: Path) -> None:
    """The version of its one package is that of the sample; the other side's is another of the same length."""
    newer = RPM.replace(b"hello-sample\x001.2\x00", b"hello-sample\x001.9\x00")
    assert newer != RPM
    found = one_layer(tmp_path, fedora(RPM, b"one"), fedora(newer, b"two"))
    assert {one.path: one.package for one in found.differences}["opt/hello/file"] == "hello-sample"
    assert found.packages == (("hello-sample", "1:1.2-3", "1:1.9-3"),)
    assert found.notes == ()


@pytest.mark.parametrize(
    ("second", "place"), [(fedora(RPM[:9000], b"2"), RPM_PLACE), (fedora(RPM, b"2", b"log"), f"{RPM_PLACE}-wal")]
)
def test_a_database_that_is_not_read_is_said_and_nothing_follows(second: bytes, place: str, tmp_path: Path) -> None:
    found = one_layer(tmp_path, fedora(RPM, b"1"), second)
    assert found.packages == ()
    assert [note.partition("b: ")[2] for note in found.notes] == [
        f"package databases that were not read, or not wholly: {place}"
    ]


@pytest.mark.parametrize(
    ("name", "bound"), [("MAX_DATABASE", 20), ("MAX_DATABASES", 20), ("MAX_IN_ONE", 1), ("MAX_PACKAGES", 1)]
)
def test_bounds(name: str, bound: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, name, bound)
    found = one_layer(tmp_path, archive(*debian("1.0-1", b"one")), archive(*debian("1.0-2", b"two")))
    assert (found.packages, len(found.notes)) == ((), 2)
    assert "var/lib/dpkg/status" in found.notes[0]


def test_a_larger_database_above_does_not_leave_the_one_below_standing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_DATABASE", 60)
    packages = Gathering()
    for size in (40, 80):
        packages.take("dpkg", Entry("var/lib/dpkg/status", "file", 0o644, 0, 0, 0, size), lambda count: b"x" * count)
    found = databases_in(packages)
    assert (found.versions(), found.unread) == ({}, ["var/lib/dpkg/status"])
