"""A merged SBOM as a document: CycloneDX 1.5 or SPDX 2.3, both as JSON; and the statement that speaks of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from slsacheck import __version__
from slsacheck.evidence.sbom.contents import ALGORITHMS, algorithm_of
from slsacheck.evidence.sbom.merging import ROOT
from slsacheck.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from slsacheck.evidence.sbom.contents import Component
    from slsacheck.evidence.sbom.merging import Merged

__all__ = ["PREDICATES", "compose", "statement_of"]

PREDICATES = {"spdx": "https://spdx.dev/Document", "cyclonedx": "https://cyclonedx.org/bom"}
"""Predicate types of SBOMs, as cosign and BuildKit write them."""
_KINDS = frozenset({"application", "framework", "library", "container", "platform", "operating-system", "device"})
_KINDS |= {"device-driver", "firmware", "file", "machine-learning-model", "data"}
_CPE = regex(r"cpe:(?:/[aho]:|2\.3:[aho*-]:)[^\s\"<>]{1,500}")
_HEX = regex(r"[0-9a-f]+")
_PURPOSES = {"container": "CONTAINER", "operating-system": "OPERATING-SYSTEM", "application": "APPLICATION"}
_PURPOSES |= {"framework": "FRAMEWORK", "library": "LIBRARY", "file": "FILE", "firmware": "FIRMWARE"}
_PURPOSES |= {"device": "DEVICE"}
_EXPRESSION = regex(r".* (?:AND|OR|WITH) .*")


def compose(merged: Merged, form: str, created: str) -> dict[str, Any]:
    """The document in a format, `cyclonedx` or `spdx`; `created` is its time (RFC 3339). Equal input, equal output."""
    return _cyclonedx(merged, created) if form == "cyclonedx" else _spdx(merged, created)


def statement_of(form: str, document: Any, name: str, digest: str) -> dict[str, Any]:
    """An in-toto statement (Statement v1) that this is the SBOM of the digest; nobody has signed it yet."""
    algorithm, _, value = digest.partition(":")
    return {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": name, "digest": {algorithm: value}}],
        "predicateType": PREDICATES[form],
        "predicate": document,
    }


def _identity(merged: Merged, created: str) -> str:
    import uuid

    names = "\n".join((merged.root.name, merged.root.version, created, *(one.ref for one in merged.components)))
    return str(uuid.uuid5(uuid.NAMESPACE_URL, names))


def _cyclonedx(merged: Merged, created: str) -> dict[str, Any]:
    related: dict[str, list[str]] = {ROOT: [], **{one.ref: [] for one in merged.components}}
    for left, right in merged.edges:
        related[left].append(right)
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.5.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": f"urn:uuid:{_identity(merged, created)}",
        "version": 1,
        "metadata": {
            "timestamp": created,
            "tools": {"components": [{"type": "application", "name": "slsacheck", "version": __version__}]},
            "component": _as_cyclonedx(merged.root),
        },
        "components": [_as_cyclonedx(one) for one in merged.components],
        "dependencies": [
            {"ref": ref, "dependsOn": sorted(set(found))} if found else {"ref": ref} for ref, found in related.items()
        ],
    }


def _as_cyclonedx(one: Component) -> dict[str, Any]:
    made: dict[str, Any] = {"bom-ref": one.ref, "type": one.kind if one.kind in _KINDS else "library"}
    if one.supplier:
        made["supplier"] = {"name": one.supplier}
    made |= {"name": one.name or one.purl or "unnamed"}
    parts = {
        "version": one.version,
        "hashes": [{"alg": algorithm, "content": digits} for algorithm, digits in _hashes(one)],
        "licenses": _licenses(one),
        "cpe": next((cpe for cpe in one.cpes if _CPE.fullmatch(cpe)), ""),
        "purl": one.purl,
        "properties": [{"name": name, "value": value} for name, value in _properties(one)],
    }
    return made | {key: value for key, value in parts.items() if value}


def _properties(one: Component) -> Iterator[tuple[str, str]]:
    yield from one.properties
    known = {value.lstrip("/") for _, value in one.properties}
    yield from (("slsacheck:path", path) for path in one.paths if path not in known)
    yield from (("slsacheck:layer", layer) for layer in one.layers if layer not in known)


def _hashes(one: Component) -> Iterator[tuple[str, str]]:
    seen = set()
    for name, digits in one.hashes:
        algorithm = algorithm_of(name)
        if ALGORITHMS.get(algorithm) == len(digits) and _HEX.fullmatch(digits) and algorithm not in seen:
            seen.add(algorithm)
            yield algorithm, digits


def _licenses(one: Component) -> list[dict[str, Any]]:
    if len(one.licenses) == 1 and _EXPRESSION.fullmatch(one.licenses[0]):
        return [{"expression": one.licenses[0]}]
    return [{"license": {"name": text}} for text in one.licenses]


def _spdx(merged: Merged, created: str) -> dict[str, Any]:
    packages = [one for one in merged.components if one.kind != "file"]  # a file would need a SHA-1, and is no package
    everything = (merged.root, *packages)
    ids = {
        one.ref: f"SPDXRef-{'Image' if one.ref == ROOT else f'Package-{index}'}" for index, one in enumerate(everything)
    }
    relations = [("SPDXRef-DOCUMENT", "DESCRIBES", ids[ROOT])]
    relations += [(ids[ROOT], "CONTAINS", ids[one.ref]) for one in packages]
    relations += [
        (ids[left], "DEPENDS_ON", ids[right])
        for left, right in merged.edges
        if left != ROOT and ids.keys() >= {left, right}
    ]
    identity = _identity(merged, created)
    return {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": merged.root.name or merged.root.version,
        "documentNamespace": f"https://spdx.org/spdxdocs/slsacheck-{identity}",
        "creationInfo": {"created": created, "creators": [f"Tool: slsacheck-{__version__}"]},
        "packages": [_as_spdx(one, ids[one.ref]) for one in everything],
        "relationships": [
            {"spdxElementId": left, "relationshipType": kind, "relatedSpdxElement": right}
            for left, kind, right in relations
        ],
    }


def _as_spdx(one: Component, identifier: str) -> dict[str, Any]:
    references = [("PACKAGE-MANAGER", "purl", one.purl)] if one.purl else []
    references += [("SECURITY", f"cpe{_cpe_form(cpe)}Type", cpe) for cpe in one.cpes if _CPE.fullmatch(cpe)]
    made: dict[str, Any] = {
        "SPDXID": identifier,
        "name": one.name or one.purl or "unnamed",
        "supplier": f"Organization: {one.supplier}" if one.supplier else "NOASSERTION",
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": _expression(one),
        "copyrightText": "NOASSERTION",
        "primaryPackagePurpose": _PURPOSES.get(one.kind, "OTHER"),
    }
    parts = {
        "versionInfo": one.version,
        "checksums": [{"algorithm": _spdx_name(name), "checksumValue": digits} for name, digits in _hashes(one)],
        "externalRefs": [
            {"referenceCategory": category, "referenceType": kind, "referenceLocator": locator}
            for category, kind, locator in references
        ],
        "comment": "\n".join(f"{name}={value}" for name, value in _properties(one)),
    }
    return made | {key: value for key, value in parts.items() if value}


def _cpe_form(cpe: str) -> str:
    return "23" if cpe.startswith("cpe:2.3") else "22"


def _spdx_name(algorithm: str) -> str:
    return algorithm.replace("SHA-", "SHA") if algorithm.startswith("SHA-") else algorithm


def _expression(one: Component) -> str:
    """The licences where they are a valid expression: readers refuse a document for one that is not."""
    try:
        from packaging.licenses import canonicalize_license_expression
    except ImportError:
        return "NOASSERTION"
    if not one.licenses or any("LicenseRef" in text for text in one.licenses):
        return "NOASSERTION"
    text = " AND ".join(f"({part})" if " " in part else part for part in one.licenses)
    try:
        return str(canonicalize_license_expression(text))
    except ValueError:
        return "NOASSERTION"
