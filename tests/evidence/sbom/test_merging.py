"""Many documents as one: every package kept, each once, in documents that readers of both formats take."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slsacheck.evidence.packagedb.texts import Package
from slsacheck.evidence.sbom import limits as limits_module
from slsacheck.evidence.sbom import merging as merging_module
from slsacheck.evidence.sbom import read_sbom
from slsacheck.evidence.sbom.bills import Bill, bill_of
from slsacheck.evidence.sbom.composing import compose, statement_of
from slsacheck.evidence.sbom.exporting import outputs_of, statement_outputs
from slsacheck.evidence.sbom.inventory import Inventory, Whole
from slsacheck.evidence.sbom.merging import Merged, merge
from slsacheck.evidence.sbom.purls import purl_of, same_as
from tests.evidence.sbom.documents import LIBRARY, SYFT, TAG_VALUE, cyclonedx, library, package, spdx

DIGEST = "sha256:" + "a" * 64
TIME = "2026-01-02T03:04:05Z"


def bill(data: bytes, place: str = "a/bom.json", layer: int | None = 0, found_by: str = "image-layer") -> Bill:
    return bill_of(data, place, found_by, place, layer=layer)


def whole(*bills: Bill, name: str = "r.example/o/app:v1", in_registry: bool = True) -> Whole:
    inventory = Inventory(DIGEST, (DIGEST,), bills, "linux/amd64")
    return Whole(name, DIGEST, (inventory,), (), in_registry=in_registry)


def merged(*documents: bytes) -> Merged:
    return merge(whole(*(bill(data, f"place-{number}") for number, data in enumerate(documents))))


def test_the_same_package_is_one_with_all_that_is_said() -> None:
    found = merged(
        cyclonedx(library(hashes=[{"alg": "SHA-256", "content": "1" * 64}], purl=f"{LIBRARY}?arch=x")),
        spdx(package(supplier="Organization: Left", licenseDeclared="MIT")),
        json.dumps(SYFT).encode(),
        TAG_VALUE.encode(),
    )
    left = [one for one in found.components if one.name == "left-pad"]
    assert len(left) == 1
    assert (left[0].ref, left[0].purl, left[0].supplier, left[0].licenses) == (
        f"{LIBRARY}?arch=x",
        f"{LIBRARY}?arch=x",
        "Left",
        ("MIT",),
    )
    assert [value for name, value in left[0].properties if name == "slsacheck:found-in"] == [
        "place-0",
        "place-1",
        "place-2",
        "place-3",
    ]


def test_different_bytes_under_one_name_stay_apart() -> None:
    first, second = (cyclonedx(library(hashes=[{"alg": "SHA-256", "content": one * 64}])) for one in "12")
    found = merged(first, second)
    assert [one.ref for one in found.components] == [LIBRARY, "component-2"]


def test_relations_are_kept() -> None:
    found = merged(
        cyclonedx(
            library("a"),
            library("b"),
            metadata={"component": {"bom-ref": "me", "type": "application", "name": "me"}},
            dependencies=[{"ref": "me", "dependsOn": ["ref-a"]}, {"ref": "ref-a", "dependsOn": ["ref-b", "unknown"]}],
        )
    )
    a, b = "pkg:pypi/a@1.2.3", "pkg:pypi/b@1.2.3"
    assert set(found.edges) == {("root", a), ("root", b), (a, b)}
    document = compose(found, "cyclonedx", TIME)
    assert {"ref": a, "dependsOn": [b]} in document["dependencies"]
    assert (a, "DEPENDS_ON", b) in named_relations(compose(found, "spdx", TIME))


def named_relations(document: dict[str, Any]) -> set[tuple[str, str, str]]:
    names = {one["SPDXID"]: one["externalRefs"][0]["referenceLocator"] for one in document["packages"]}
    names["SPDXRef-DOCUMENT"] = "document"
    return {
        (names[one["spdxElementId"]], one["relationshipType"], names[one["relatedSpdxElement"]])
        for one in document["relationships"]
    }


def test_a_document_about_another_image_is_marked() -> None:
    other = "sha256:" + "9" * 64
    found = merged(spdx(package(), root={"versionInfo": other}))
    marks = {one.name: dict(one.properties).get("slsacheck:document-describes") for one in found.components}
    assert marks == {"whole": other, "left-pad": other}


def test_what_is_no_longer_in_the_image_is_left_out() -> None:
    from slsacheck.record import replace

    gone = replace(bill(cyclonedx(library())), removed_in=3)
    assert merge(whole(gone)).components == ()


@pytest.mark.parametrize(
    ("name", "in_registry", "purl"),
    [
        (
            "r.example/o/app:v1",
            True,
            "pkg:oci/app@sha256%3A" + "a" * 64 + "?arch=amd64&repository_url=r.example%2Fo%2Fapp",
        ),
        (
            "r.example:5000/app",
            True,
            "pkg:oci/app@sha256%3A" + "a" * 64 + "?arch=amd64&repository_url=r.example%3A5000%2Fapp",
        ),
        ("My Layout", False, "pkg:oci/my%20layout@sha256%3A" + "a" * 64 + "?arch=amd64"),
    ],
)
def test_what_it_describes_is_named_by_digest(name: str, in_registry: bool, purl: str) -> None:
    made = compose(merge(whole(name=name, in_registry=in_registry)), "cyclonedx", TIME)["metadata"]["component"]
    assert (made["type"], made["version"], made["purl"]) == ("container", DIGEST, purl)
    assert made["hashes"] == [{"alg": "SHA-256", "content": "a" * 64}]


def test_values_that_the_formats_do_not_know_are_left_out() -> None:
    odd = library(
        "odd",
        type="unheard-of",
        hashes=[{"alg": "CRC", "content": "12"}, {"alg": "SHA-1", "content": "zz"}],
        cpe="not one",
        licenses=[{"license": {"name": "My own licence"}}],
    )
    found = merged(cyclonedx(odd))
    (one,) = compose(found, "cyclonedx", TIME)["components"]
    assert one["type"] == "library"
    assert not {"hashes", "cpe"} & one.keys()
    assert one["licenses"] == [{"license": {"name": "My own licence"}}]
    package = compose(found, "spdx", TIME)["packages"][1]
    assert (package["licenseDeclared"], "checksums" in package) == ("NOASSERTION", False)


def test_files_are_parts_in_cyclonedx_alone() -> None:
    """Each once, whichever document names it; SPDX asks for a SHA-1, which nobody has."""
    file = {"type": "file", "name": "/app/x", "hashes": [{"alg": "SHA-256", "content": "5" * 64}]}
    sums = [{"algorithm": "SHA256", "checksumValue": "5" * 64}]
    found = merged(cyclonedx(file, library()), spdx(files=[{"fileName": "./app/x", "checksums": sums}]))
    parts = compose(found, "cyclonedx", TIME)["components"]
    assert [(one["type"], one["name"]) for one in parts] == [("library", "left-pad"), ("file", "app/x")]
    assert [one["name"] for one in compose(found, "spdx", TIME)["packages"]] == ["r.example/o/app", "left-pad"]


@pytest.mark.parametrize(
    ("package", "purl"),
    [
        (
            Package("deb", "libc6", "2:2.36-9+deb12u1", "amd64"),
            "pkg:deb/x/libc6@2%3A2.36-9%2Bdeb12u1?arch=amd64&distro=x-1",
        ),
        (Package("apk", "musl", "1.2.4-r1"), "pkg:apk/x/musl@1.2.4-r1?distro=x-1"),
        (Package("rpm", "hello", "1:1.2-3", "noarch"), "pkg:rpm/x/hello@1.2-3?arch=noarch&distro=x-1&epoch=1"),
    ],
)
def test_package_urls_of_distributions(package: Package, purl: str) -> None:
    assert purl_of(package, ("x", "1")) == purl
    assert same_as(purl) == (package.kind, package.name, package.version.rpartition(":")[2])


def test_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merging_module, "MAX_COMPONENTS", 2)
    found = merged(cyclonedx(*(library(f"l{number}") for number in range(5))))
    assert (len(found.components), found.left_out) == (2, 3)
    assert limits_module.MAX_COMPONENTS > 2


def test_statements() -> None:
    made = statement_of("cyclonedx", {"bomFormat": "CycloneDX"}, "app", DIGEST)
    assert made == {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "app", "digest": {"sha256": "a" * 64}}],
        "predicateType": "https://cyclonedx.org/bom",
        "predicate": {"bomFormat": "CycloneDX"},
    }
    found = whole(bill(cyclonedx()), bill(spdx(), "b.spdx.json"), bill(TAG_VALUE.encode(), "c.spdx"))
    stated = statement_outputs(found, outputs_of(found), None)
    assert [one.name for one in stated] == ["a_bom.cdx.intoto.json", "b.spdx.intoto.json"]
    kinds = [json.loads(one.data)["predicateType"] for one in stated]
    assert kinds == ["https://cyclonedx.org/bom", "https://spdx.dev/Document"]


NAMES = st.text(max_size=150) | st.sampled_from(
    ["../../etc/passwd", "/etc/passwd", "a/b/bom.json", "..", "", "-o.json"]
)


@settings(max_examples=200)
@given(st.lists(st.tuples(NAMES, st.sampled_from(["image-layer", "referrers", "beside"])), max_size=6))
def test_names_of_files_lead_nowhere_else(places: list[tuple[str, str]]) -> None:
    bills = [
        bill(cyclonedx(library(str(number))), place, 0 if found_by == "image-layer" else None, found_by)
        for number, (place, found_by) in enumerate(places)
    ]
    names = [one.name for one in outputs_of(whole(*bills))]
    assert len(names) == len(places) == len({name.lower() for name in names})
    for name in names:
        assert name.isascii()
        assert "/" not in name
        assert name[0] not in ".-"
        assert len(name) < 200


def test_the_same_document_found_twice_beside_the_image_is_one_file() -> None:
    twice = [bill(cyclonedx(), "x", None, "referrers"), bill(cyclonedx(), "y", None, "cosign-tag")]
    assert len(outputs_of(whole(*twice))) == 1
    inside = [bill(cyclonedx(), "a/bom.json"), bill(cyclonedx(), "b/bom.json")]
    assert [one.name for one in outputs_of(whole(*inside))] == ["a_bom.cdx.json", "b_bom.cdx.json"]


WORDS = st.text(max_size=12) | st.sampled_from([LIBRARY, "pkg:npm/%40a/b@1", "MIT", "a", "1"])
COMPONENTS = st.fixed_dictionaries(
    {},
    optional={
        "name": WORDS,
        "version": WORDS,
        "purl": WORDS,
        "bom-ref": WORDS,
        "type": WORDS,
        "supplier": st.fixed_dictionaries({"name": WORDS}),
        "licenses": st.lists(st.fixed_dictionaries({"expression": WORDS}), max_size=2),
        "hashes": st.lists(st.fixed_dictionaries({"alg": st.just("SHA-256"), "content": WORDS}), max_size=2),
    },
)


@settings(max_examples=200)
@given(st.lists(st.lists(COMPONENTS, max_size=5), max_size=4), st.sampled_from(["cyclonedx", "spdx"]))
def test_whatever_is_merged_can_be_read_again(documents: list[list[dict[str, Any]]], form: str) -> None:
    """Every package URL is kept, references are unique, relations lead to what is there; merging is deterministic."""
    found = merged(*(cyclonedx(*components) for components in documents))
    document = compose(found, form, TIME)
    assert document == compose(found, form, TIME)
    again = read_sbom(json.dumps(document).encode(), "x")
    refs = [one.ref for one in (*again.about, *again.components)]
    assert len(refs) == len(set(refs))
    assert all(left in refs and right in refs for left, right in again.edges)
    given_purls = {one.get("purl") for components in documents for one in components} - {None, ""}
    stems = {str(purl).partition("?")[0].partition("#")[0] for purl in given_purls}
    assert {one.purl.partition("?")[0].partition("#")[0] for one in again.components} - {""} == stems - {""}


def test_real_documents_merge(shared: Path) -> None:
    real = shared / "corpus" / "real"
    paths = [real / "syft-ko.cdx.json", *sorted((real / "ko-sbom").glob("*.json"))]
    purls = {one.purl for path in paths for one in read_sbom(path.read_bytes(), "x").components if one.purl}
    found = merged(*(path.read_bytes() for path in paths))
    kept = {one.purl.partition("?")[0] for one in found.components}
    assert {purl.partition("?")[0] for purl in purls} <= kept
