"""Package databases as such: whatever is in them, what is read is bounded and nothing breaks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slsacheck.evidence.oci.tarstream import Entry
from slsacheck.evidence.packagedb import limits
from slsacheck.evidence.packagedb.databases import Databases
from slsacheck.evidence.packagedb.gathering import Gathering
from slsacheck.evidence.packagedb.places import database_of, plain_path

STATUS = "var/lib/dpkg/status"
KINDS = ["dpkg", "dpkg-part", "dpkg-files", "apk", "rpm", "rpm-log", "os-release", "too-large"]
LINES = st.sampled_from(["Package: a", "Version: 1", "P:a", "V:1", "F:usr/bin", "R:x", "ID=debian", "", "\0", "é", "/"])


def file(path: str, size: int) -> Entry:
    return Entry(path, "file", 0o644, 0, 0, 0, size)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        (STATUS, "dpkg"),
        ("var/lib/dpkg/status.d/base", "dpkg-part"),
        ("var/lib/dpkg/status.d/base.md5sums", "dpkg-files"),
        ("var/lib/dpkg/info/libc6:amd64.list", "dpkg-files"),
        ("lib/apk/db/installed", "apk"),
        ("usr/lib/apk/db/installed", "apk"),
        ("var/lib/rpm/Packages", "rpm"),
        ("usr/lib/sysimage/rpm/rpmdb.sqlite", "rpm"),
        ("usr/share/rpm/rpmdb.sqlite-wal", "rpm-log"),
        ("etc/os-release", "os-release"),
        ("var/lib/dpkg/status-old", None),
        ("app/var/lib/dpkg/status", None),
        (f"var/lib/dpkg/status.d/{'x' * limits.MAX_PLACE}", None),
    ],
)
def test_places(path: str, kind: str | None) -> None:
    assert database_of(path) == kind


def test_files_are_the_same_in_both_folders() -> None:
    assert [plain_path(path) for path in ("usr/lib/x", "lib/x", "usr/share/x")] == ["lib/x", "lib/x", "usr/share/x"]


def test_a_package_in_several_versions_has_all_of_them() -> None:
    found = Databases()
    found.add("apk", "lib/apk/db/installed", b"P:a\nV:2\n\nP:a\nV:1\n\nP:b\nV:1\n", 0)
    assert found.versions() == {"lib/apk/db/installed": {"a": "1, 2", "b": "1"}}


def test_a_database_with_too_many_packages_is_left_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_IN_ONE", 2)
    found = Databases()
    found.add("apk", "lib/apk/db/installed", b"\n\n".join(b"P:%d\nV:1" % number for number in range(3)), 0)
    assert (found.packages, found.unread) == ((), ["lib/apk/db/installed"])


def test_files_that_are_owned_have_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    lists = "\n".join(f"/usr/bin/{number:04}" for number in range(50)).encode()
    for name, bound in (("MAX_OWNED", 10), ("MAX_OWNED_CHARACTERS", 120)):
        with monkeypatch.context() as patch:
            patch.setattr(limits, name, bound)
            found = Databases()
            found.add("dpkg-files", "var/lib/dpkg/info/a.list", lists, 0)
            assert set(found.owned.values()) == {"a"}
            assert len(found.owned) <= 10


def test_what_is_replaced_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_DATABASES", 100)
    packages = Gathering()
    taken = [packages.take("dpkg", file(STATUS, size), bytes) for size in (60, 70, 101, 100)]
    assert [None if data is None else len(data) for data in taken] == [60, 70, None, 100]
    assert packages.take("apk", file("lib/apk/db/installed", 1), bytes) is None


def test_files_beyond_what_is_kept_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_FILES", 2)
    packages, found = Gathering(), Databases()
    for name in "abca":
        text = f"Package: {name}\nVersion: 1\n".encode()
        packages.take("dpkg-part", file(f"{STATUS}.d/{name}", len(text)), lambda size, text=text: text[:size])  # type: ignore[misc]
    packages.put_into(found)
    assert ([one.name for one in found.packages], found.unread) == (["a", "b"], [f"{STATUS}.d/c"])


def test_from_above_the_first_counts() -> None:
    packages = Gathering(first=True)
    for text in (b"Package: a\nVersion: 2\n", b"Package: a\nVersion: 1\n"):
        packages.take("dpkg", file(STATUS, len(text)), lambda size, text=text: text[:size])  # type: ignore[misc]
    found = Databases()
    packages.put_into(found)
    assert found.versions() == {STATUS: {"a": "2"}}


@given(st.lists(st.tuples(st.sampled_from(KINDS), st.lists(LINES).map("\n".join) | st.text() | st.binary())))
def test_any_bytes(files: list[tuple[str, str | bytes]]) -> None:
    found = Databases()
    for layer, (kind, text) in enumerate(files):
        found.add(kind, STATUS, text.encode("utf-8", "replace") if isinstance(text, str) else text, layer)
    assert len(found.packages) <= limits.MAX_PACKAGES
    assert all(one.name and one.version for one in found.packages)
    assert all(found.versions().get(STATUS, {}).get(one.name) for one in found.packages if not found.unread)
