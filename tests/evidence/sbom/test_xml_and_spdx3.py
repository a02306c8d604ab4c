"""CycloneDX as XML and SPDX 3: read as the other forms are, and bounded."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slsacheck.errors import InputError, SlsacheckError
from slsacheck.evidence.sbom import read_sbom, xml
from slsacheck.evidence.sbom.bills import bill_of
from slsacheck.evidence.sbom.contents import Sbom
from slsacheck.evidence.sbom.documents import form_of, parse_sbom
from slsacheck.evidence.sbom.exporting import merged_output, outputs_of, statement_outputs
from slsacheck.evidence.sbom.inventory import Inventory, Whole
from slsacheck.evidence.sbom.judging import minimum_elements
from slsacheck.evidence.sbom.merging import merge
from tests.evidence.sbom.documents import INFO, LIBRARY, SPDX_3, as_xml, cyclonedx, library, relation
from tests.evidence.sbom.test_reading import DIGEST, LEFT, METADATA, SEVENS

SPACE = 'xmlns="http://cyclonedx.org/schema/bom/1.5"'
TEXT = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "Zs"]), min_size=1, max_size=12).map(str.strip)


def in_both(document: bytes) -> tuple[Sbom, Sbom]:
    form, found = parse_sbom(as_xml(json.loads(document)), "x")
    assert form == "cyclonedx-xml"
    return found, read_sbom(document, "x")


def test_xml_says_what_json_says() -> None:
    relations = [{"ref": "root", "dependsOn": ["ref-left-pad", "ref-inner"]}, {"ref": "ref-inner"}]
    evidence = {"occurrences": [{"location": "/app/y"}]}
    components = (LEFT, library("right", evidence=evidence), {"type": "file", "name": "/a/b", "hashes": LEFT["hashes"]})
    found, other = in_both(cyclonedx(*components, serialNumber="urn:uuid:1", metadata=METADATA, dependencies=relations))
    assert found == other
    assert (found.title, found.edges[0], found.files) == (
        "CycloneDX 1.5",
        ("root", "ref-left-pad"),
        (("a/b", "a" * 64),),
    )
    assert (found.digests, found.components[2].paths) == ((DIGEST,), ("app/y",))


def test_xml_with_tools_as_they_were_listed_once() -> None:
    found, other = in_both(cyclonedx(metadata={"tools": [{"vendor": "v", "name": "old", "version": "1"}]}))
    assert found == other
    assert found.tools == ("old 1",)


@settings(max_examples=200)
@given(
    st.lists(
        st.fixed_dictionaries(
            {"name": TEXT, "version": TEXT, "bom-ref": TEXT},
            optional={
                "group": TEXT,
                "publisher": TEXT,
                "purl": TEXT,
                "properties": st.lists(st.fixed_dictionaries({"name": TEXT, "value": TEXT}), max_size=3),
                "supplier": st.fixed_dictionaries({"name": TEXT}),
            },
        ),
        max_size=4,
    )
)
def test_any_components_are_the_same_in_both(components: list[dict[str, Any]]) -> None:
    found, other = in_both(cyclonedx(*components))
    assert found == other


def test_elements_of_others_are_left_out() -> None:
    inner = '<v:name xmlns:v="http://example.org/v">evil</v:name><name>good</name><name>second</name>'
    component = f'<component name="evil">{inner}</component>'
    found = read_sbom(f"<bom {SPACE}><components>{component}</components></bom>".encode(), "x")
    assert [one.name for one in found.components] == ["good"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f'<!DOCTYPE bom SYSTEM "file:///etc/passwd"><bom {SPACE}/>', "document type"),
        (f'<!DOCTYPE bom [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><bom {SPACE}>&b;</bom>', "document type"),
        (f"<bom {SPACE}><components></bom>", "no valid XML"),
        (f'<?xml version="1.0" encoding="nonsense"?><bom {SPACE}/>', "no valid XML"),
        ("<html><!-- cyclonedx.org/schema/bom --></html>", "is no bom"),
        (f"<component {SPACE}><name>evil</name></component>", "is no bom"),
        (f"<bom {SPACE}>" + "<a>" * 5_000, "deeper than"),
        (f"<bom {SPACE}>" + "<a/>" * 60, "more than 50 elements"),
    ],
)
def test_xml_that_is_refused(monkeypatch: pytest.MonkeyPatch, text: str, said: str) -> None:
    monkeypatch.setattr(xml, "MAX_ELEMENTS", 50 if "<a/>" in text else xml.MAX_ELEMENTS)
    with pytest.raises(InputError, match=said) as problem:
        read_sbom(text.encode(), "some/place")
    assert problem.value.where == "some/place"


@settings(max_examples=200)
@given(
    st.lists(
        st.sampled_from(
            [
                "<components>",
                "</components>",
                "<component type='file'>",
                "</component>",
                "<name>",
                "</name>",
                "text",
                "&amp;",
                "<hashes>",
                "</hashes>",
                "<licenses/>",
                "<tools/>",
            ]
        ),
        max_size=20,
    )
)
def test_any_xml(parts: list[str]) -> None:
    try:
        assert read_sbom(f"<bom {SPACE}>{''.join(parts)}</bom>".encode(), "x").form == "cyclonedx"
    except SlsacheckError as problem:
        assert problem.where == "x"  # noqa: PT017 - either answer is right


def test_spdx_3() -> None:
    assert form_of(SPDX_3) == "spdx-3"
    found = read_sbom(json.dumps(SPDX_3).encode(), "x")
    assert (found.title, found.name, found.identity, found.created[:4]) == ("SPDX 3.0.1", "doc", "urn:doc", "2026")
    assert (found.tools, found.authors, found.phases) == (("maker-1", "beside"), ("Acme",), ("build",))
    assert ([one.name for one in found.about], found.about[0].kind, found.digests) == (
        ["whole"],
        "container",
        (DIGEST,),
    )
    (left,) = found.components
    assert (left.name, left.version, left.purl, left.supplier) == ("left-pad", "1.2.3", LIBRARY, "Acme")
    assert (left.hashes, left.cpes, left.licenses) == ((("SHA-256", "ab"),), ("cpe:2.3:a:left:pad",), ("MIT",))
    assert set(found.edges) == {("urn:root", "urn:left"), ("urn:left", "urn:file")}
    assert found.files == (("a/b", SEVENS),)
    assert minimum_elements(found) == ()


def test_spdx_3_whose_collections_name_each_other() -> None:
    circle = [
        {"type": "SpdxDocument", "spdxId": "urn:doc", "rootElement": ["urn:bom"]},
        {"type": "software_Sbom", "spdxId": "urn:bom", "rootElement": ["urn:doc", "urn:bom", "urn:gone", 7]},
    ]
    found = read_sbom(json.dumps(SPDX_3 | {"@graph": circle}).encode(), "x")
    assert (found.about, found.components, found.edges) == ((), (), ())


def test_spdx_3_that_names_types_as_json_ld_does() -> None:
    text = json.dumps(SPDX_3)
    assert read_sbom(text.replace('"type"', '"@type"').encode(), "x") == read_sbom(text.encode(), "x")


def test_spdx_3_with_several_types_of_one_element() -> None:
    elements = [
        {"type": "SpdxDocument", "spdxId": "urn:doc", "rootElement": ["urn:bom"]},
        {"type": ["software_Sbom"], "spdxId": "urn:bom", "name": "x"},
    ]
    assert [one.name for one in read_sbom(json.dumps(SPDX_3 | {"@graph": elements}).encode(), "x").about] == ["x"]


ELEMENTS = st.fixed_dictionaries(
    {"type": st.sampled_from(["SpdxDocument", "software_Sbom", "software_Package", "software_File", "Relationship"])},
    optional={
        "spdxId": st.sampled_from(["urn:1", "urn:2", ""]) | st.integers(),
        "rootElement": st.lists(st.sampled_from(["urn:1", "urn:2", None, 3]), max_size=3),
        "from": st.sampled_from(["urn:1", {"spdxId": "urn:2"}, 5]),
        "to": st.lists(st.sampled_from(["urn:1", {"spdxId": "urn:2"}, 5]), max_size=3) | st.text(max_size=3),
        "relationshipType": st.sampled_from(["dependsOn", "hasDeclaredLicense", "contains", 1]),
        "verifiedUsing": st.lists(st.sampled_from(["x", {"type": "Hash", "algorithm": 1}]), max_size=2),
        "suppliedBy": st.sampled_from(["urn:1", {"name": "X"}, {"name": 4}]),
        "name": st.text(max_size=5) | st.none(),
        "creationInfo": st.sampled_from(["_:info", INFO, 3]),
    },
)


@settings(max_examples=300)
@given(st.lists(ELEMENTS | st.none(), min_size=1, max_size=8))
def test_any_graph(elements: list[Any]) -> None:
    found = read_sbom(json.dumps(SPDX_3 | {"@graph": elements}).encode(), "x")
    assert found.form == "spdx"
    assert all(isinstance(text, str) for one in (*found.components, *found.about) for text in (one.name, one.supplier))
    assert all(left and right for left, right in found.edges)


@pytest.mark.parametrize(
    ("data", "ending", "statements"),
    [(as_xml(json.loads(cyclonedx(LEFT))), ".cdx.xml", 0), (json.dumps(SPDX_3).encode(), ".spdx3.json", 1)],
)
def test_they_are_written_merged_and_stated(data: bytes, ending: str, statements: int) -> None:
    """A statement holds JSON: XML is in it only once it is merged."""
    bills = (bill_of(data, "place", "referrers", "x"), bill_of(cyclonedx(library("other")), "p", "referrers", "x"))
    whole = Whole("r.example/x:1", DIGEST, (Inventory(DIGEST, (DIGEST,), bills),), ())
    outputs = outputs_of(whole)
    assert [one.name.endswith(ending) for one in outputs] == [True, False]
    assert outputs[0].data == data
    assert {"left-pad", "other"} <= {one.name for one in merge(whole).components}
    assert len(statement_outputs(whole, outputs, None)) == 1 + statements
    assert len(statement_outputs(whole, outputs, merged_output(whole, "cyclonedx", outputs))) == 1


def test_relations_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("slsacheck.evidence.sbom.spdx3.MAX_EDGES", 10)
    many = [relation("contains", "urn:1", *["urn:2"] * 7) for _ in range(5)]
    assert len(read_sbom(json.dumps(SPDX_3 | {"@graph": many}).encode(), "x").edges) == 10
