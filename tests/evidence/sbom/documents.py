"""Small SBOMs in each format, as tools write them."""

from __future__ import annotations

import json
from typing import Any

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
