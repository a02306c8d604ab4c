"""CycloneDX 1.2 to 1.7 as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.evidence.attestations.jsondoc import Document, as_list, as_map, as_text, dig
from slsacheck.evidence.sbom.contents import Component, Sbom, digests_in, said
from slsacheck.evidence.sbom.limits import MAX_COMPONENTS, MAX_EDGES
from slsacheck.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["read_cyclonedx"]

_PLACE = regex(r"syft:location:\d+:(path|layerID)|aquasecurity:trivy:(FilePath|LayerDiffID)")
_LONGEST = 1_000
"""Characters of a property's value that is kept."""
_IMAGE_ID = "aquasecurity:trivy:ImageID"
_REPO_DIGEST = "aquasecurity:trivy:RepoDigest"


def read_cyclonedx(document: Document) -> Sbom:
    """What a CycloneDX document says; what is of a wrong type counts as not said."""
    metadata = as_map(document.get("metadata"))
    subject = as_map(metadata.get("component"))
    about = (_component(subject),) if subject else ()
    listed = list(_all(as_list(document.get("components"))))
    return Sbom(
        form="cyclonedx",
        version=as_text(document.get("specVersion")),
        name=about[0].name if about else "",
        identity=as_text(document.get("serialNumber")),
        created=as_text(metadata.get("timestamp")),
        tools=tuple(_tools(metadata.get("tools"))),
        authors=tuple(_authors(metadata)),
        phases=tuple(as_text(dig(one, "phase")) or as_text(dig(one, "name")) for one in _list(metadata, "lifecycles")),
        about=about,
        digests=_digests(subject),
        components=tuple(_component(one) for one in listed if one.get("type") != "file"),
        edges=tuple(_edges(document)),
        files=tuple(_file(one) for one in listed if one.get("type") == "file"),
    )


def _list(document: Document, key: str) -> list[object]:
    return as_list(document.get(key))[:100]


def _all(values: list[object]) -> Iterator[Document]:
    """Components and those inside them, each once, in the order of the document."""
    waiting, count = list(reversed(values)), 0
    while waiting and count < MAX_COMPONENTS:
        one = as_map(waiting.pop())
        if one:
            count += 1
            yield one
            waiting.extend(reversed(as_list(one.get("components"))))


def _component(found: Document) -> Component:
    group, name = as_text(found.get("group")), as_text(found.get("name"))
    places = _places(found)
    return Component(
        ref=as_text(found.get("bom-ref")),
        name=f"{group}/{name}" if group else name,
        version=as_text(found.get("version")),
        kind=as_text(found.get("type")) or "library",
        purl=as_text(found.get("purl")),
        supplier=_supplier(found),
        hashes=tuple(_hashes(found)),
        cpes=(as_text(found.get("cpe")),) if found.get("cpe") else (),
        licenses=tuple(_licenses(found)),
        paths=tuple(path for path, _ in places if path),
        layers=tuple(dict.fromkeys(layer for _, layer in places if layer)),
        properties=tuple(_properties(found)),
    )


def _supplier(found: Document) -> str:
    for key in ("supplier", "manufacturer"):
        if name := said(as_text(dig(found, key, "name"))):
            return name
    return said(as_text(found.get("publisher"))) or said(as_text(found.get("author")))


def _hashes(found: Document) -> Iterator[tuple[str, str]]:
    for one in as_list(found.get("hashes"))[:8]:
        algorithm, digits = as_text(dig(one, "alg")), as_text(dig(one, "content"))
        if algorithm and digits:
            yield algorithm, digits.lower()


def _licenses(found: Document) -> Iterator[str]:
    for one in as_list(found.get("licenses"))[:20]:
        text = as_text(dig(one, "expression")) or as_text(dig(one, "license", "id"))
        text = text or as_text(dig(one, "license", "name"))
        if said(text):
            yield text


def _properties(found: Document) -> Iterator[tuple[str, str]]:
    for one in as_list(found.get("properties"))[:30]:
        name, value = as_text(dig(one, "name")), as_text(dig(one, "value"))
        if name and len(value) <= _LONGEST:
            yield name, value


def _places(found: Document) -> list[tuple[str, str]]:
    """(path, layer) where a scanner wrote down that it saw the component, one of them empty."""
    places = []
    for one in as_list(found.get("properties"))[:100]:
        name, value = as_text(dig(one, "name")), as_text(dig(one, "value"))
        if _PLACE.fullmatch(name):
            places.append((value.lstrip("/"), "") if name.endswith(("path", "FilePath")) else ("", value))
    occurrences = as_list(dig(found, "evidence", "occurrences"))[:100]
    return places + [(as_text(dig(one, "location")).lstrip("/"), "") for one in occurrences]


def _file(found: Document) -> tuple[str, str]:
    return as_text(found.get("name")).removeprefix(".").lstrip("/"), dict(_hashes(found)).get("SHA-256", "")


def _tools(value: object) -> Iterator[str]:
    """Tools as a list (up to 1.4) or as components and services (from 1.5)."""
    entries = as_list(value) or [*as_list(dig(value, "components")), *as_list(dig(value, "services"))]
    for one in entries[:20]:
        name, version = as_text(dig(one, "name")), said(as_text(dig(one, "version")))
        if name:
            yield f"{name} {version}".strip()


def _authors(metadata: Document) -> Iterator[str]:
    for one in _list(metadata, "authors"):
        if name := as_text(dig(one, "name")) or as_text(dig(one, "email")):
            yield name
    for key in ("manufacture", "manufacturer", "supplier"):
        if name := as_text(dig(metadata, key, "name")):
            yield name


def _digests(subject: Document) -> tuple[str, ...]:
    texts = [as_text(subject.get(key)) for key in ("purl", "version", "name", "bom-ref")]
    told = (one for one in _list(subject, "properties") if dig(one, "name") in (_IMAGE_ID, _REPO_DIGEST))
    texts += [as_text(dig(one, "value")) for one in told]
    sums = [f"sha256:{digits}" for algorithm, digits in _hashes(subject) if algorithm == "SHA-256"]
    return tuple(dict.fromkeys((*sums, *digests_in(*texts))))


def _edges(document: Document) -> Iterator[tuple[str, str]]:
    count = 0
    for one in as_list(document.get("dependencies")):
        left = as_text(dig(one, "ref"))
        for right in as_list(dig(one, "dependsOn")):
            count += 1
            if count > MAX_EDGES:
                return
            if left and isinstance(right, str):
                yield left, right
