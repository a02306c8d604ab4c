"""SBOMs of each format in one shape, and whatever else the bytes may be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slsacheck.errors import InputError, SlsacheckError
from slsacheck.evidence.sbom import documents as documents_module
from slsacheck.evidence.sbom import read_sbom
from slsacheck.evidence.sbom.documents import form_of_bytes, parse_sbom
from tests.evidence.sbom.documents import LIBRARY, SPDX_3, SYFT, TAG_VALUE, cyclonedx, library, package, spdx

SEVENS, DIGEST = "7" * 64, "sha256:" + "7" * 64


LEFT = library(
    supplier={"name": "Left"},
    hashes=[{"alg": "SHA-256", "content": "A" * 64}],
    licenses=[{"license": {"id": "MIT"}}, {"expression": "MIT OR Apache-2.0"}],
    cpe="cpe:2.3:a:left:pad:1.2.3:*:*:*:*:*:*:*",
    properties=[
        {"name": "syft:location:0:path", "value": "/app/x"},
        {"name": "syft:location:0:layerID", "value": DIGEST},
    ],
    components=[library("inner", "9", group="org")],
)
METADATA = {
    "timestamp": "2026-01-02T03:04:05Z",
    "lifecycles": [{"phase": "build"}],
    "tools": {"components": [{"name": "maker", "version": "1"}]},
    "authors": [{"name": "A U Thor"}],
    "component": {"bom-ref": "root", "type": "container", "name": "x", "purl": f"pkg:oci/x@sha256%3A{SEVENS}"},
}


def test_cyclonedx() -> None:
    relations = [{"ref": "root", "dependsOn": ["ref-left-pad", 3]}]
    found = read_sbom(cyclonedx(LEFT, serialNumber="urn:uuid:1", metadata=METADATA, dependencies=relations), "x")
    assert (found.title, found.tools, found.authors) == ("CycloneDX 1.5", ("maker 1",), ("A U Thor",))
    assert (found.phases, found.digests, found.edges) == (("build",), (DIGEST,), (("root", "ref-left-pad"),))
    left, inner = found.components
    assert (left.purl, left.supplier, left.hashes) == (LIBRARY, "Left", (("SHA-256", "a" * 64),))
    assert (left.paths, left.layers) == (("app/x",), (DIGEST,))
    assert left.licenses == ("MIT", "MIT OR Apache-2.0")
    assert (inner.name, inner.version) == ("org/inner", "9")


def test_tools_as_they_were_listed_once() -> None:
    found = read_sbom(cyclonedx(metadata={"tools": [{"vendor": "v", "name": "old", "version": "1"}, {}]}), "x")
    assert found.tools == ("old 1",)


def test_spdx() -> None:
    found = read_sbom(
        spdx(
            package(
                supplier="Organization: Left",
                checksums=[{"algorithm": "SHA256", "checksumValue": "AB"}],
                licenseDeclared="MIT",
                licenseConcluded="NOASSERTION",
            ),
            root={"versionInfo": DIGEST},
            files=[{"fileName": "./a/b", "checksums": [{"algorithm": "SHA256", "checksumValue": SEVENS}]}],
        ),
        "x",
    )
    assert (found.title, found.tools, found.authors, found.created[:4]) == ("SPDX 2.3", ("maker-1",), ("Acme",), "2026")
    assert (found.digests, [one.name for one in found.about]) == ((DIGEST,), ["whole"])
    (left,) = found.components
    assert (left.purl, left.supplier, left.hashes, left.licenses) == (LIBRARY, "Left", (("SHA-256", "ab"),), ("MIT",))
    assert found.files == (("a/b", SEVENS),)


def test_spdx_as_tag_value() -> None:
    form, found = parse_sbom(TAG_VALUE.encode(), "x")
    assert (form, found.title, found.tools, found.digests) == ("spdx-tag-value", "SPDX 2.3", ("maker-1",), (DIGEST,))
    assert [(one.name, one.version, one.purl, one.supplier) for one in found.components] == [
        ("left-pad", "1.2.3", LIBRARY, "Left")
    ]
    assert (found.edges, found.files) == ((("SPDXRef-root", "SPDXRef-left"),), (("app/left.py", "8" * 64),))


def test_syft() -> None:
    found = read_sbom(json.dumps(SYFT).encode(), "x")
    assert (found.title, found.tools, found.digests) == ("Syft 16", ("syft 1.52.0",), ("sha256:" + "6" * 64,))
    left = found.components[0]
    assert (left.purl, left.licenses, left.paths, left.layers) == (
        LIBRARY,
        ("MIT",),
        ("app/left.py",),
        ("sha256:" + "4" * 64,),
    )
    assert found.edges == (("a1", "a2"), ("src", "a1"))
    assert found.files == (("app/left.py", "5" * 64),)


@pytest.mark.parametrize(
    ("data", "form", "said"),
    [
        (b'<?xml version="1.0"?><bom xmlns="http://cyclonedx.org/schema/bom/1.4">', "cyclonedx-xml", "no valid XML"),
        (b'{"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": [{}', "spdx-3", "no valid JSON"),
        (b'{"bomFormat": "CycloneDX", "bomFormat": "x"}', "cyclonedx", "twice"),
        (b'{"bomFormat": "CycloneDX", ', "cyclonedx", "no valid JSON"),
        (b'{"name": "no SBOM"}', "", "no SBOM in a known format"),
        (b"[" * 9_000, "", "deep"),
        (b"\xff\xfe", "", "JSON"),
        (b"null", "", "no SBOM"),
    ],
)
def test_what_is_not_read_says_why(data: bytes, form: str, said: str) -> None:
    assert form_of_bytes(data) == form
    with pytest.raises(InputError) as problem:
        read_sbom(data, "some/place")
    assert said in str(problem.value)
    assert problem.value.where == "some/place"


def test_a_large_document_is_named_and_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents_module, "MAX_READ", 3 << 20)
    with pytest.raises(InputError, match="SBOM of 4 MiB; those of more than 3 MiB are not read"):
        read_sbom(b" " * (4 << 20), "x")


KEYS = [
    "bomFormat",
    "components",
    "metadata",
    "component",
    "purl",
    "name",
    "hashes",
    "dependencies",
    "dependsOn",
    "ref",
]
KEYS += [
    "SPDXID",
    "packages",
    "relationships",
    "externalRefs",
    "creationInfo",
    "creators",
    "files",
    "checksums",
    "tools",
]
KEYS += ["artifacts", "source", "descriptor", "locations", "licenses", "properties", "supplier", "version", "schema"]
VALUES: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9) | st.sampled_from([DIGEST, LIBRARY, "CycloneDX"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=6),
    max_leaves=25,
)
KEYS += ["spdxId", "type", "from", "to", "rootElement", "verifiedUsing", "externalIdentifier", "relationshipType"]
KEYS += ["suppliedBy", "software_packageUrl", "software_sbomType", "createdUsing", "@graph"]
KINDS: tuple[dict[str, Any], ...] = (
    {"bomFormat": "CycloneDX"},
    SPDX_3,
    {"spdxVersion": "SPDX-2.3"},
    {"artifacts": [], "schema": {"url": "anchore/syft"}},
)


@settings(max_examples=300)
@given(st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=8), st.sampled_from(KINDS))
def test_any_document(value: dict[str, Any], kind: dict[str, Any]) -> None:
    found = read_sbom(json.dumps(value | kind).encode(), "x")
    assert found.form in ("cyclonedx", "spdx", "syft")
    assert all(isinstance(one.name, str) and isinstance(one.purl, str) for one in (*found.components, *found.about))


@settings(max_examples=200)
@given(st.binary(max_size=400) | st.text(max_size=300).map(lambda text: f"SPDXVersion: SPDX-2.3\n{text}".encode()))
def test_any_bytes(data: bytes) -> None:
    try:
        assert read_sbom(data, "x").form
    except SlsacheckError as problem:
        assert problem.where == "x"  # noqa: PT017 - either answer is right


def test_real_documents(shared: Path) -> None:
    real = shared / "corpus" / "real"
    found = read_sbom((real / "syft-ko.cdx.json").read_bytes(), "x")
    assert (found.title, found.tools, len(found.components)) == ("CycloneDX 1.7", ("syft",), 3)
    for path in sorted((real / "ko-sbom").glob("*.json")):
        one = read_sbom(path.read_bytes(), path.name)
        assert (one.title, one.tools, len(one.digests)) == ("SPDX 2.3", ("ko v0.19.1",), 1)


def test_every_reader_is_known() -> None:
    assert set(documents_module._READERS) == {"spdx", "spdx-3", "cyclonedx", "syft"}
