"""To which package a file that differs belongs, and which packages are installed in another version."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from slsacheck.evidence.comparison.packages import owner_of
from tests.evidence.comparison.sides import archive, images, layout, one_layer

Member = tuple[str, bytes | None]


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
