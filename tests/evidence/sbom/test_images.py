"""SBOMs of images: every place where builders and people put them, and what the layers hold beside them."""

from __future__ import annotations

import gzip
import io
import json
import sqlite3
import zipfile
from pathlib import Path
from typing import Any

import pytest

from slsacheck.errors import InputError
from slsacheck.evidence.attestations import default_trust
from slsacheck.evidence.oci import open_image
from slsacheck.evidence.oci.judged import Judge
from slsacheck.evidence.packagedb import limits as database_limits
from slsacheck.evidence.sbom import limits as limits_module
from slsacheck.evidence.sbom.assessing import Summary, summarise
from slsacheck.evidence.sbom.collecting import of_file, of_image
from slsacheck.model import Expectations
from tests.evidence.oci.shop import Store, digest_of
from tests.evidence.oci.tars import archive, layered
from tests.evidence.sbom.documents import TAG_VALUE, cyclonedx, library, package, spdx

STATUS = """Package: libc6
Status: install ok installed
Architecture: amd64
Version: 2:2.36-9+deb12u1

Package: gone
Status: deinstall ok config-files
Version: 1

"""
APK = "P:musl\nV:1.2.4-r1\nA:x86_64\nF:lib\nR:ld-musl.so.1\n\n"
RELEASE = b'NAME="x"\nID=debian\nVERSION_ID="12"\n'


def looked(folder: Path, layers: str = "all", key: str | None = None, platform: str | None = None) -> Summary:
    judge = Judge(Expectations(), default_trust(), public_key=key)
    return summarise(of_image(open_image(str(folder)), judge, layers, platform))


def of_layers(store: Store, folder: Path, *members: tuple[str, bytes | None], **config: Any) -> Summary:
    return looked(store.write(folder, layered(store, archive(*members), **config)))


def jar(**members: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as made:
        for name, data in members.items():
            made.writestr(name.replace("__", "/"), data)
    return stream.getvalue()


def places(found: Summary) -> list[tuple[str, str, str]]:
    return [(one.bill.place, one.bill.producer, one.made) for part in found.parts for one in part.judged]


def test_every_place_in_a_layer(store: Store, tmp_path: Path) -> None:
    document = cyclonedx(library())
    found = of_layers(
        store,
        tmp_path / "l",
        ("/layers/sbom/launch/bp/dep/sbom.cdx.json", document),
        ("/layers/sbom/launch/sbom.legacy.json", b"null"),
        ("./var/lib/db/sbom/left-1.spdx.json", spdx(package())),
        ("opt/bitnami/left/.spdx-left.spdx", TAG_VALUE.encode()),
        ("usr/lib/python3/site-packages/left-1.dist-info/sboms/left.json", document),
        ("usr/local/share/sbom/whole.json", document),
        ("app/bom.json", document),
        ("app/x.jar", jar(**{"META-INF__sbom__application.cdx.json": document, "other.json": document})),
        ("app/node_modules/t/fixtures/bom.json", b'{"not": "one"}'),
        ("app/damaged.jar", b"PK\x05\x06 no"),
        ("app/sbom.json", b"<html>"),
    )
    assert places(found) == [
        ("layers/sbom/launch/bp/dep/sbom.cdx.json", "buildpacks", "build"),
        ("var/lib/db/sbom/left-1.spdx.json", "apk", "build"),
        ("opt/bitnami/left/.spdx-left.spdx", "bitnami", "build"),
        ("usr/lib/python3/site-packages/left-1.dist-info/sboms/left.json", "python", "build"),
        ("usr/local/share/sbom/whole.json", "image", "build"),
        ("app/bom.json", "", "build"),
        ("app/x.jar!/META-INF/sbom/application.cdx.json", "java", "build"),
    ]
    assert {one.describes for one in found.parts[0].judged} == {"part"}
    assert [one.bill.form for one in found.parts[0].judged].count("cyclonedx") == 5


def test_what_a_later_layer_removes_is_said(store: Store, tmp_path: Path) -> None:
    first = archive(("a/bom.json", cyclonedx()), ("b/bom.json", cyclonedx()), ("c/d/bom.json", cyclonedx()))
    second = archive(("a/.wh.bom.json", b""), ("b/bom.json", cyclonedx(library())), ("c/.wh..wh..opq", b""))
    found = looked(store.write(tmp_path / "l", layered(store, first, second)))
    assert [(one.bill.place, one.bill.removed_in) for one in found.parts[0].judged] == [
        ("a/bom.json", 1),
        ("b/bom.json", 1),
        ("c/d/bom.json", 1),
        ("b/bom.json", None),
    ]
    assert [one.rule for one in found.findings].count("sbom-removed") == 3


def test_packages_against_documents_and_layers(store: Store, tmp_path: Path) -> None:
    """What is installed, what documents say of it, and what nothing explains."""
    deb = {"type": "library", "name": "libc6", "version": "2.36-9+deb12u1", "bom-ref": "a"}
    purl = "pkg:deb/debian/libc6@2.36-9%2Bdeb12u1?arch=amd64&epoch=2"
    base = archive(
        ("etc/os-release", RELEASE),
        ("var/lib/dpkg/status", STATUS.encode()),
        ("var/lib/dpkg/info/libc6.list", b"/.\n/lib\n/lib/libc.so.6\n"),
        ("usr/lib/libc.so.6", b"x"),
        ("srv/data", b"y"),
    )
    more = STATUS + "Package: curl\nStatus: install ok installed\nVersion: 8.0\nArchitecture: amd64\n\n"
    ghost = {"type": "library", "name": "ghost", "version": "1", "purl": "pkg:deb/debian/ghost@1"}
    placed = library(properties=[{"name": "syft:location:0:path", "value": "/app/left.py"}])
    top = archive(
        ("var/lib/dpkg/status", more.encode()),
        ("app/bom.json", cyclonedx(deb | {"purl": purl}, ghost, placed)),
        ("app/left.py", b"1"),
        ("app/right.py", b"1"),
    )
    found = looked(store.write(tmp_path / "l", layered(store, base, top))).parts[0]
    assert found.agreement is not None
    assert (found.agreement.installed, found.agreement.named) == (2, 1)
    assert (found.agreement.missing, found.agreement.extra) == (("curl 8.0",), ("ghost 1",))
    assert [(one.packages, one.unexplained, one.folders) for one in found.layers] == [
        (("libc6 2:2.36-9+deb12u1",), 2, ("etc (1)", "srv (1)")),
        (("curl 8.0",), 1, ("app (1)",)),
    ]
    assert [one.rule for one in found.findings] == ["sbom-lacks-packages", "sbom-has-others"]


def test_another_version_than_is_installed(store: Store, tmp_path: Path) -> None:
    wrong = {"type": "library", "name": "musl", "version": "1.2.3-r0", "purl": "pkg:apk/alpine/musl@1.2.3-r0"}
    found = of_layers(
        store,
        tmp_path / "l",
        ("lib/apk/db/installed", APK.encode()),
        ("bom.json", cyclonedx(wrong)),
        ("lib/ld-musl.so.1", b""),
    ).parts[0]
    assert found.agreement is not None
    assert found.agreement.other_version == ("musl 1.2.4-r1, in the SBOM 1.2.3-r0",)
    assert found.layers[0].unexplained == 0


def test_distroless_has_a_file_for_each_package(store: Store, tmp_path: Path) -> None:
    part = b"Package: base-files\nVersion: 12.4\nArchitecture: amd64\n"
    sums = b"d41d8cd98f00b204e9800998ecf8427e  usr/share/doc/base-files/README\n"
    members = [
        ("var/lib/dpkg/status.d/base", part),
        ("var/lib/dpkg/status.d/base.md5sums", sums),
        ("usr/share/doc/base-files/README", b""),
    ]
    found = of_layers(store, tmp_path / "l", *members).parts[0]
    assert found.agreement is not None
    assert (found.agreement.installed, found.agreement.databases) == (1, ("var/lib/dpkg/status.d/base",))
    assert found.layers[0].unexplained == 0
    assert [one.rule for one in found.findings] == ["sbom-absent"]


RPM = gzip.decompress((Path(__file__).parent / "samples" / "rpmdb.sqlite.gz").read_bytes())
"""Written by rpm 4.18.0: one package, with one file."""


def test_the_database_of_rpm(store: Store, tmp_path: Path) -> None:
    named = {"type": "library", "name": "hello-sample", "purl": "pkg:rpm/fedora/hello-sample@1.2-3?arch=noarch&epoch=1"}
    found = of_layers(
        store,
        tmp_path / "l",
        ("usr/lib/sysimage/rpm/rpmdb.sqlite", RPM),
        ("opt/hello/file", b"hi"),
        ("bom.json", cyclonedx(named)),
    ).parts[0]
    assert found.agreement is not None
    assert (found.agreement.installed, found.agreement.named, found.agreement.not_read) == (1, 1, ())
    assert found.inventory.survey is not None
    assert found.inventory.survey.databases.packages[0].version == "1:1.2-3"
    assert found.layers[0].unexplained == 1, "the database itself; rpm owns the other"


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("var/lib/rpm/Packages", b"\0" * 9000),
        ("var/lib/rpm/Packages.db", b"RpmP"),
        ("var/lib/rpm/rpmdb.sqlite-wal", b"not yet written back"),
        ("var/lib/rpm/rpmdb.sqlite", RPM[:9000]),
        ("var/lib/rpm/rpmdb.sqlite", RPM[:100] + b"\xff" * 8000 + RPM[8100:]),
    ],
)
def test_other_databases_of_rpm_are_said_not_to_be_read(path: str, data: bytes, store: Store, tmp_path: Path) -> None:
    found = of_layers(store, tmp_path / "l", (path, data)).parts[0]
    assert found.agreement is not None
    assert (found.agreement.not_read, found.agreement.installed) == ((path,), 0)


@pytest.mark.parametrize(
    "script",
    [
        "DROP TABLE Packages; CREATE VIEW Packages AS SELECT zeroblob(100) AS blob",
        "UPDATE Packages SET blob = 'text'; DELETE FROM Packages WHERE hnum > 1",
        "UPDATE Packages SET blob = x'0000000100000001'",
        "DROP TABLE Packages; CREATE TABLE Packages (a, blob AS (zeroblob(900000000))); INSERT INTO Packages VALUES (1)",
    ],
)
def test_a_hostile_database_of_rpm(script: str, store: Store, tmp_path: Path) -> None:
    with sqlite3.connect(":memory:") as connection:
        data = bytearray(RPM)
        data[18:20] = b"\1\1"
        connection.deserialize(bytes(data))
        connection.executescript(script)
        changed = connection.serialize()
    connection.close()
    found = of_layers(store, tmp_path / "l", ("var/lib/rpm/rpmdb.sqlite", changed)).parts[0]
    assert found.agreement is not None
    assert found.agreement.installed == 0


def attested(digest: str, document: bytes, kind: str = "https://spdx.dev/Document") -> bytes:
    subject = [{"name": "x", "digest": {"sha256": digest.partition(":")[2]}}]
    statement = {"_type": "https://in-toto.io/Statement/v1", "subject": subject, "predicateType": kind}
    return json.dumps(statement | {"predicate": json.loads(document)}).encode()


def test_attested_and_attached(store: Store, tmp_path: Path) -> None:
    image = layered(store, archive(("x", b"")))
    good = spdx(root={"versionInfo": image["digest"]})
    other = spdx(root={"versionInfo": "sha256:" + "9" * 64})
    hanging = [
        store.attach(image, attested(image["digest"], good)),
        store.attach(image, attested(image["digest"], other)),
        store.attach(image, cyclonedx(library()), "application/vnd.cyclonedx+json"),
        store.attach(image, b"no SBOM", "text/spdx+json"),
    ]
    found = looked(store.write(tmp_path / "l", image, *hanging))
    assert [(one.bill.form, one.describes, one.bill.subject) for one in found.parts[0].judged] == [
        ("spdx", "this", image["digest"]),
        ("spdx", "other", image["digest"]),
        ("cyclonedx", "unnamed", image["digest"]),
        ("", "unnamed", image["digest"]),
    ]
    assert [one.rule for one in found.findings][:2] == ["sbom-of-another-image", "sbom-unread"]
    assert "the statement around it names this image" in found.findings[0].message


def test_an_index_and_its_platforms(store: Store, tmp_path: Path) -> None:
    one = layered(store, archive(("bom.json", cyclonedx(library("one")))))
    two = layered(store, archive(("bom.json", cyclonedx(library("two")))), architecture="arm64")
    arm = {"os": "linux", "architecture": "arm64"}
    index = store.index([one | {"platform": {"os": "linux", "architecture": "amd64"}}, two | {"platform": arm}])
    whole = store.attach(index, attested(index["digest"], spdx(root={"versionInfo": index["digest"]})))
    partly = store.attach(index, attested(index["digest"], spdx(root={"versionInfo": two["digest"]})))
    folder = store.write(tmp_path / "l", index, whole, partly)
    found = looked(folder)
    assert [one.describes for one in found.parts[0].judged] == ["this", "part"]
    assert [one.rule for one in found.findings][:1] == ["sbom-of-one-platform"]
    assert [(part.inventory.kind, part.inventory.platform, len(part.judged)) for part in found.parts] == [
        ("index", None, 2),
        ("image", "linux/amd64", 1),
        ("image", "linux/arm64", 1),
    ]
    assert len(looked(folder, platform="linux/arm64").parts) == 2
    with pytest.raises(InputError, match="has no image for linux/s390x"):
        looked(folder, platform="linux/s390x")


def test_only_the_layers_that_are_asked_for(store: Store, tmp_path: Path) -> None:
    sbom = archive(("layers/sbom/launch/bp/sbom.cdx.json", cyclonedx()))
    label = {"io.buildpacks.lifecycle.metadata": json.dumps({"sbom": {"sha": digest_of(sbom)}})}
    image = layered(store, archive(("bom.json", cyclonedx())), sbom, config={"Labels": label})
    folder = store.write(tmp_path / "l", image)
    counts = [
        [layer.layer.looked_at for layer in looked(folder, which).parts[0].layers] for which in ("all", "sbom", "none")
    ]
    assert counts == [[True, True], [False, True], [False, False]]
    assert looked(folder, "none").parts[0].agreement is None


def test_a_damaged_layer_counts_for_nothing(store: Store, tmp_path: Path) -> None:
    """Its documents come before the damage, and are not believed."""
    damaged = archive(("bom.json", cyclonedx(library())))[:-9000] + b"x" * 512
    found = looked(store.write(tmp_path / "l", layered(store, damaged, archive(("a/bom.json", cyclonedx())))))
    assert [one.bill.place for one in found.parts[0].judged] == ["a/bom.json"]
    assert "damaged" in found.parts[0].layers[0].layer.problem


def test_limits_leave_the_rest(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits_module, "MAX_RAW", 500)
    monkeypatch.setattr(limits_module, "MAX_PATHS", 2)
    large = cyclonedx(*(library(f"l{number}") for number in range(9)))
    found = of_layers(store, tmp_path / "l", ("a/bom.json", large), ("b/bom.json", cyclonedx()), ("c", b""), ("d", b""))
    assert [(one.bill.place, bool(one.bill.problem)) for one in found.parts[0].judged] == [
        ("a/bom.json", True),
        ("b/bom.json", False),
    ]
    assert found.parts[0].layers[0].unexplained is None
    monkeypatch.setattr(limits_module, "MAX_DOCUMENTS", 1)
    again = looked(tmp_path / "l")
    assert len(again.parts[0].judged) == 1
    assert "1 SBOMs more than" in again.whole.problems[0][1]


def test_databases_and_whiteouts_have_limits(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_limits, "MAX_DATABASES", len(STATUS) + 5)
    monkeypatch.setattr(limits_module, "MAX_WHITEOUTS", 2)
    monkeypatch.setattr(database_limits, "MAX_PACKAGES", 1)
    parts = [(f"var/lib/dpkg/status.d/{name}", f"Package: {name}\nVersion: 1\n".encode()) for name in "ab"]
    layers = [
        archive(("var/lib/dpkg/status", STATUS.encode()), ("lib/apk/db/installed", APK.encode())),
        archive(*parts),
        archive(*((f".wh.{name}", b"") for name in "abc")),
    ]
    found = looked(store.write(tmp_path / "l", layered(store, *layers))).parts[0]
    assert found.agreement is not None
    assert (found.agreement.installed, found.agreement.not_read) == (
        1,
        ("lib/apk/db/installed", "var/lib/dpkg/status.d/a", "var/lib/dpkg/status.d/b"),
    )
    assert "removes more than 2 files" in found.layers[2].layer.problem


def test_beside_and_inside_a_file(tmp_path: Path) -> None:
    file = tmp_path / "app.jar"
    file.write_bytes(jar(**{"META-INF__sbom__application.cdx.json": cyclonedx(library())}))
    (tmp_path / "app.jar.spdx.json").write_bytes(spdx(root={"versionInfo": "sha256:" + "9" * 64}))
    (tmp_path / "bom.json").write_bytes(b"{}")
    (tmp_path / "sbom.json").symlink_to(tmp_path / "app.jar.spdx.json")
    found = summarise(of_file(str(file), digest_of(file.read_bytes())))
    assert [(one.bill.found_by, one.describes) for one in found.parts[0].judged] == [
        ("beside", "other"),
        ("beside", "part"),
    ]
    assert found.findings[0].rule == "sbom-of-another-image"
    assert "not this file" in found.findings[0].message


def test_minimum_elements_and_who_made_it(store: Store, tmp_path: Path) -> None:
    complete = cyclonedx(
        library(supplier={"name": "L"}),
        metadata={"timestamp": "2026-01-02T03:04:05Z", "tools": [{"name": "syft"}]},
    )
    image = layered(store, archive(("x", b"")))
    kind = "application/vnd.cyclonedx+json"
    hanging = [store.attach(image, complete, kind), store.attach(image, cyclonedx(library(), library("b", "")), kind)]
    good, poor = looked(store.write(tmp_path / "l", image, *hanging)).parts[0].judged
    assert (good.missing, good.made) == ((), "after")
    assert poor.made == "unknown"
    assert poor.missing == (
        "supplier name of 2 of 2 components",
        "version of 1 of 2 components",
        "dependency relationships",
        "author of the SBOM",
        "time",
    )


def test_real_images(shared: Path) -> None:
    """What their README says of them; the signed statement of one holds the document of another image."""
    real = shared / "corpus" / "real"
    table = {}
    for name in ("buildkit-sbom", "buildkit-signed-keyless-oci", "cnb-oci", "cosign-key-referrers-oci", "umoci-oci"):
        found = looked(real / name, key=str(real / "cosign.pub") if "key-" in name else None)
        table[name] = [(one.bill.form, one.bill.found_by, one.describes) for part in found.parts for one in part.judged]
        if name.startswith("cosign"):
            worst = found.findings[0]
            assert (worst.severity, worst.rule) == ("high", "sbom-of-another-image")
            assert "the signed statement around it names this image" in worst.message
    in_layer = ("cyclonedx", "image-layer", "part")
    assert table == {
        "buildkit-sbom": [("spdx", "index-manifest", "unnamed")],
        "buildkit-signed-keyless-oci": [("cyclonedx", "referrers", "unnamed"), ("spdx", "index-manifest", "unnamed")],
        "cnb-oci": [in_layer, in_layer, in_layer],
        "cosign-key-referrers-oci": [("spdx", "referrers", "other"), ("spdx", "cosign-tag", "this")],
        "umoci-oci": [],
    }
