"""Small SBOMs in each format, as tools write them."""

from __future__ import annotations

import json
from typing import Any
from xml.sax.saxutils import escape, quoteattr

LIBRARY = "pkg:pypi/left-pad@1.2.3"


def cyclonedx(*components: dict[str, Any], **more: Any) -> bytes:
    document = {"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1, "components": list(components)}
    return json.dumps(document | more).encode()


def library(name: str = "left-pad", version: str = "1.2.3", **more: Any) -> dict[str, Any]:
    purl = f"pkg:pypi/{name}@{version}"
    return {"type": "library", "bom-ref": f"ref-{name}", "name": name, "version": version, "purl": purl} | more


def spdx(*packages: dict[str, Any], root: dict[str, Any] | None = None, **more: Any) -> bytes:
    whole = {"SPDXID": "SPDXRef-root", "name": "whole", "downloadLocation": "NOASSERTION"} | (root or {})
    document = {
        "spdxVersion": "SPDX-2.3",
        "SPDXID": "SPDXRef-DOCUMENT",
        "dataLicense": "CC0-1.0",
        "name": "doc",
        "documentNamespace": "https://example.org/doc",
        "creationInfo": {"created": "2026-01-02T03:04:05Z", "creators": ["Tool: maker-1", "Organization: Acme"]},
        "packages": [whole, *packages],
        "relationships": [
            {"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": "SPDXRef-root"}
        ],
    }
    return json.dumps(document | more).encode()


def package(name: str = "left-pad", version: str = "1.2.3", **more: Any) -> dict[str, Any]:
    locator = {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl"}
    references = [locator | {"referenceLocator": f"pkg:pypi/{name}@{version}"}]
    known = {"SPDXID": f"SPDXRef-{name}", "name": name, "versionInfo": version, "downloadLocation": "NOASSERTION"}
    return known | {"externalRefs": references} | more


ITEMS = {"components": "component", "hashes": "hash", "properties": "property", "authors": "author"}
ITEMS |= {"lifecycles": "lifecycle", "occurrences": "occurrence", "services": "service"}
ATTRIBUTES = ("bom-ref", "type", "alg", "serialNumber", "ref")
TEXTS = {"hash": "content", "property": "value"}


def as_xml(document: dict[str, Any]) -> bytes:
    """A CycloneDX document as XML: what is `name` of a property, `alg` of a hash and `bom-ref` are attributes."""
    inner = "".join(_element(name, value) for name, value in document.items() if isinstance(value, dict | list))
    space = f"http://cyclonedx.org/schema/bom/{document['specVersion']}"
    number = quoteattr(document.get("serialNumber", ""))
    return f'<?xml version="1.0"?>\n<bom xmlns="{space}" serialNumber={number}>{inner}</bom>'.encode()


def _element(name: str, value: Any) -> str:
    if name == "dependencies":
        return f"<dependencies>{''.join(_dependency(one) for one in value)}</dependencies>"
    if name == "licenses":
        return f"<licenses>{''.join(_element(*pair) for one in value for pair in one.items())}</licenses>"
    if isinstance(value, list):
        item = ITEMS.get(name, "tool")
        return f"<{name}>{''.join(_element(item, one) for one in value)}</{name}>"
    if not isinstance(value, dict):
        return f"<{name}>{escape(str(value))}</{name}>"
    attributes = {key: one for key, one in value.items() if key in ATTRIBUTES or (name, key) == ("property", "name")}
    text = escape(value.get(TEXTS.get(name, ""), ""))
    left = ((key, one) for key, one in value.items() if key not in attributes and key != TEXTS.get(name))
    begin = "".join(f" {key}={quoteattr(one)}" for key, one in attributes.items())
    return f"<{name}{begin}>{text}{''.join(_element(*pair) for pair in left)}</{name}>"


def _dependency(one: dict[str, Any]) -> str:
    needed = "".join(f"<dependency ref={quoteattr(ref)}/>" for ref in one.get("dependsOn", ()))
    return f"<dependency ref={quoteattr(one['ref'])}>{needed}</dependency>"


def relation(kind: str, left: str, *right: object, **more: Any) -> dict[str, Any]:
    """A relation of SPDX 3."""
    return {"type": "Relationship", "relationshipType": kind, "from": left, "to": list(right)} | more


INFO: dict[str, Any] = {
    "type": "CreationInfo",
    "@id": "_:info",
    "specVersion": "3.0.1",
    "created": "2026-01-02T03:04:05Z",
    "createdBy": ["urn:acme"],
    "createdUsing": ["urn:maker", {"type": "Tool", "name": "beside"}],
}
SPDX_3: dict[str, Any] = {
    "@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld",
    "@graph": [
        INFO,
        {"type": "Organization", "spdxId": "urn:acme", "name": "Acme"},
        {"type": "Tool", "spdxId": "urn:maker", "name": "maker-1"},
        {
            "type": "SpdxDocument",
            "spdxId": "urn:doc",
            "creationInfo": "_:info",
            "rootElement": ["urn:bom"],
            "name": "doc",
        },
        {"type": "software_Sbom", "spdxId": "urn:bom", "rootElement": ["urn:root"], "software_sbomType": ["build"]},
        {
            "type": "software_Package",
            "spdxId": "urn:root",
            "name": "whole",
            "software_primaryPurpose": "container",
            "externalIdentifier": [
                {"externalIdentifierType": "packageUrl", "identifier": "pkg:oci/x@sha256%3A" + "7" * 64}
            ],
        },
        {
            "type": "software_Package",
            "spdxId": "urn:left",
            "name": "left-pad",
            "software_packageVersion": "1.2.3",
            "software_packageUrl": LIBRARY,
            "suppliedBy": "urn:acme",
            "verifiedUsing": [
                {"type": "Hash", "algorithm": "sha256", "hashValue": "AB"},
                {"type": "PackageVerificationCode", "algorithm": "sha1", "hashValue": "CD"},
            ],
            "externalIdentifier": [{"externalIdentifierType": "cpe23", "identifier": "cpe:2.3:a:left:pad"}],
        },
        {
            "type": "software_File",
            "spdxId": "urn:file",
            "name": "./a/b",
            "verifiedUsing": [{"type": "Hash", "algorithm": "sha256", "hashValue": "7" * 64}],
        },
        {
            "type": "simplelicensing_LicenseExpression",
            "spdxId": "urn:mit",
            "simplelicensing_licenseExpression": "MIT",
        },
        relation("dependsOn", "urn:root", "urn:left"),
        relation("contains", "urn:left", "urn:file", type="LifecycleScopedRelationship"),
        relation("hasDeclaredLicense", "urn:left", "urn:mit"),
        relation("hasConcludedLicense", "urn:left", {"simplelicensing_licenseExpression": "NOASSERTION"}),
        relation("amendedBy", "urn:left", "urn:root"),
    ],
}
"""A small document of SPDX 3.0.1."""

SYFT = {
    "artifacts": [
        {
            "id": "a1",
            "name": "left-pad",
            "version": "1.2.3",
            "purl": LIBRARY,
            "cpes": [{"cpe": "cpe:2.3:a:left:pad:1.2.3:*:*:*:*:*:*:*"}],
            "licenses": [{"value": "MIT"}],
            "locations": [{"path": "/app/left.py", "layerID": "sha256:" + "4" * 64}],
        },
        {"id": "a2", "name": "right-pad", "version": "2"},
    ],
    "artifactRelationships": [
        {"parent": "a2", "child": "a1", "type": "dependency-of"},
        {"parent": "src", "child": "a1", "type": "contains"},
    ],
    "files": [{"location": {"path": "/app/left.py"}, "digests": [{"algorithm": "sha256", "value": "5" * 64}]}],
    "source": {"id": "src", "type": "image", "name": "x", "metadata": {"manifestDigest": "sha256:" + "6" * 64}},
    "descriptor": {"name": "syft", "version": "1.52.0"},
    "schema": {
        "version": "16",
        "url": "https://raw.githubusercontent.com/anchore/syft/main/schema/json/schema-16.json",
    },
}

TAG_VALUE = """SPDXVersion: SPDX-2.3
DataLicense: CC0-1.0
DocumentNamespace: https://example.org/doc
DocumentName: doc
SPDXID: SPDXRef-DOCUMENT
Creator: Tool: maker-1
Created: 2026-01-02T03:04:05Z
LicenseComment: <text>goes
over: lines
</text>
PackageName: whole
SPDXID: SPDXRef-root
PackageChecksum: SHA256: 7777777777777777777777777777777777777777777777777777777777777777

PackageName: left-pad
SPDXID: SPDXRef-left
PackageVersion: 1.2.3
PackageSupplier: Organization: Left
ExternalRef: PACKAGE-MANAGER purl pkg:pypi/left-pad@1.2.3
FileName: ./app/left.py
SPDXID: SPDXRef-file
FileChecksum: SHA256: 8888888888888888888888888888888888888888888888888888888888888888
Relationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-root
Relationship: SPDXRef-left DEPENDENCY_OF SPDXRef-root
"""
