"""SPDX 2.2 and 2.3, as JSON and as tag-value text (SPDX specification 2.3, chapters 6 to 11)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.evidence.attestations.jsondoc import Document, as_list, as_map, as_text, dig
from slsacheck.evidence.sbom.contents import Component, Sbom, algorithm_of, digests_in, said
from slsacheck.evidence.sbom.limits import MAX_COMPONENTS, MAX_EDGES, MAX_PATHS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["from_tag_value", "read_spdx"]

_DEPENDS = frozenset({"DEPENDS_ON", "CONTAINS", "HAS_PREREQUISITE"})
_TURNED = frozenset(
    {"DEPENDENCY_OF", "CONTAINED_BY", "BUILD_DEPENDENCY_OF", "RUNTIME_DEPENDENCY_OF", "DEV_DEPENDENCY_OF"}
)
_KINDS = {"CONTAINER": "container", "OPERATING-SYSTEM": "operating-system", "OPERATING_SYSTEM": "operating-system"}
_KINDS |= {"APPLICATION": "application", "FRAMEWORK": "framework", "FILE": "file", "FIRMWARE": "firmware"}


def read_spdx(document: Document) -> Sbom:
    """What an SPDX 2 document says; what is of a wrong type counts as not said."""
    packages = [as_map(one) for one in as_list(document.get("packages"))[:MAX_COMPONENTS]]
    relations = list(_relations(document))
    roots = set(_described(document, relations))
    components = [_component(one) for one in packages]
    about = tuple(one for one in components if one.ref in roots)
    told = [one for one in packages if as_text(one.get("SPDXID")) in roots]
    creators = [as_text(one) for one in as_list(dig(document, "creationInfo", "creators"))]
    return Sbom(
        form="spdx",
        version=as_text(document.get("spdxVersion")).removeprefix("SPDX-"),
        name=as_text(document.get("name")),
        identity=as_text(document.get("documentNamespace")),
        created=as_text(dig(document, "creationInfo", "created")),
        tools=tuple(_after(creators, "Tool:")),
        authors=tuple(_after(creators, "Organization:", "Person:")),
        about=about,
        digests=_digests(about, told),
        components=tuple(one for one in components if one.ref not in roots),
        edges=tuple(_edges(relations)),
        files=tuple(_files(document)),
    )


def _component(package: Document) -> Component:
    purls, cpes = [], []
    for reference in as_list(package.get("externalRefs")):
        kind, locator = as_text(dig(reference, "referenceType")), as_text(dig(reference, "referenceLocator"))
        if kind == "purl":
            purls.append(locator)
        elif kind in ("cpe22Type", "cpe23Type"):
            cpes.append(locator)
    licenses = [said(as_text(package.get(key))) for key in ("licenseConcluded", "licenseDeclared")]
    return Component(
        ref=as_text(package.get("SPDXID")),
        name=as_text(package.get("name")),
        version=as_text(package.get("versionInfo")),
        kind=_KINDS.get(as_text(package.get("primaryPackagePurpose")), "library"),
        purl=next(iter(purls), ""),
        supplier=_party(package),
        hashes=tuple(_checksums(package)),
        cpes=tuple(cpes[:20]),
        licenses=tuple(dict.fromkeys(one for one in licenses if one)),
    )


def _party(package: Document) -> str:
    supplier = said(as_text(package.get("supplier"))) or said(as_text(package.get("originator")))
    return supplier.partition(": ")[2] or supplier


def _checksums(value: Document) -> Iterator[tuple[str, str]]:
    for one in as_list(value.get("checksums"))[:8]:
        algorithm, digits = as_text(dig(one, "algorithm")), as_text(dig(one, "checksumValue"))
        if algorithm and digits:
            yield algorithm_of(algorithm), digits.lower()


def _relations(document: Document) -> Iterator[tuple[str, str, str]]:
    for one in as_list(document.get("relationships"))[:MAX_EDGES]:
        found = as_map(one)
        yield (
            as_text(found.get("spdxElementId")),
            as_text(found.get("relationshipType")),
            as_text(found.get("relatedSpdxElement")),
        )


def _described(document: Document, relations: Iterable[tuple[str, str, str]]) -> Iterator[str]:
    own = as_text(document.get("SPDXID")) or "SPDXRef-DOCUMENT"
    yield from (as_text(one) for one in as_list(document.get("documentDescribes")))
    for left, kind, right in relations:
        if kind == "DESCRIBES" and left == own:
            yield right
        elif kind == "DESCRIBED_BY" and right == own:
            yield left


def _edges(relations: Iterable[tuple[str, str, str]]) -> Iterator[tuple[str, str]]:
    for left, kind, right in relations:
        if kind in _DEPENDS:
            yield left, right
        elif kind in _TURNED:
            yield right, left


def _digests(about: Iterable[Component], told: Iterable[Document]) -> tuple[str, ...]:
    """The digests by which it names what it describes: checksums, package URLs, versions, names."""
    found = [f"sha256:{digits}" for one in about for algorithm, digits in one.hashes if algorithm == "SHA-256"]
    for package in told:
        purls = [as_text(dig(one, "referenceLocator")) for one in as_list(package.get("externalRefs"))]
        found += digests_in(*purls, as_text(package.get("versionInfo")), as_text(package.get("name")))
    return tuple(dict.fromkeys(found))


def _files(document: Document) -> Iterator[tuple[str, str]]:
    for one in as_list(document.get("files"))[:MAX_PATHS]:
        found = as_map(one)
        sums = dict(_checksums(found))
        name = as_text(found.get("fileName")).removeprefix(".").lstrip("/")
        if name:
            yield name, sums.get("SHA-256", "")


def _after(creators: list[str], *words: str) -> Iterator[str]:
    for creator in creators:
        for word in words:
            if creator.startswith(word) and said(creator[len(word) :].strip()):
                yield creator[len(word) :].strip()


_TAGS = {
    "PackageVersion": "versionInfo",
    "PackageSupplier": "supplier",
    "PackageOriginator": "originator",
    "PackageLicenseConcluded": "licenseConcluded",
    "PackageLicenseDeclared": "licenseDeclared",
    "PrimaryPackagePurpose": "primaryPackagePurpose",
}
_SUM_TAGS = ("PackageChecksum", "FileChecksum")


def from_tag_value(text: str) -> Document:
    """A tag-value document as the JSON one that says the same."""
    creators: list[object] = []
    packages: list[object] = []
    files: list[object] = []
    relations: list[object] = []
    creation: Document = {"creators": creators}
    document: Document = {"creationInfo": creation, "packages": packages, "files": files, "relationships": relations}
    current: Document = document
    for tag, value in _tags(text):
        if tag in ("PackageName", "FileName"):
            current = {"name" if tag == "PackageName" else "fileName": value, "externalRefs": [], "checksums": []}
            (packages if tag == "PackageName" else files).append(current)
        elif tag == "Creator":
            creators.append(value)
        elif tag == "Created":
            creation["created"] = value
        elif tag == "Relationship":
            parts = value.split()
            keys = ("spdxElementId", "relationshipType", "relatedSpdxElement")
            relations.append(dict(zip(keys, parts, strict=False)))
        else:
            _set(document, current, tag, value)
    return document


def _set(document: Document, current: Document, tag: str, value: str) -> None:
    if tag in ("SPDXVersion", "DocumentNamespace", "DocumentName"):
        key = {"SPDXVersion": "spdxVersion", "DocumentNamespace": "documentNamespace", "DocumentName": "name"}[tag]
        document[key] = value
    elif tag == "SPDXID":
        current["SPDXID"] = value
    elif tag in _TAGS:
        current[_TAGS[tag]] = value
    elif tag in _SUM_TAGS and "checksums" in current:
        algorithm, _, digits = value.partition(":")
        as_list(current["checksums"]).append({"algorithm": algorithm, "checksumValue": digits.strip()})
    elif tag == "ExternalRef" and "externalRefs" in current:
        parts = value.split(None, 2)
        keys = ("referenceCategory", "referenceType", "referenceLocator")
        as_list(current["externalRefs"]).append(dict(zip(keys, parts, strict=False)))


def _tags(text: str) -> Iterator[tuple[str, str]]:
    """The pairs of a document; a `<text>` may go over many lines."""
    inside = False
    for line in text.splitlines():
        if inside:
            inside = "</text>" not in line
            continue
        tag, colon, value = line.partition(":")
        if not colon or not tag.isalnum():
            continue
        value = value.strip()
        inside = "<text>" in value and "</text>" not in value
        yield tag, value.removeprefix("<text>").removesuffix("</text>")
