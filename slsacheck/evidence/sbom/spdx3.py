"""SPDX 3.0 as JSON-LD (SPDX specification 3.0.1): a flat list of elements that name each other by their identifiers.

An element may stand in place of its identifier. Only the compact form is read, which the specification asks for: the
context is not fetched, so names of types and properties are those that it gives.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.evidence.attestations.jsondoc import Document, as_list, as_map, as_text, dig
from slsacheck.evidence.sbom.contents import Component, Sbom, algorithm_of, digests_in, said
from slsacheck.evidence.sbom.limits import MAX_COMPONENTS, MAX_EDGES, MAX_PATHS

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["read_spdx3"]

_PACKAGES = frozenset({"software_Package", "ai_AIPackage", "dataset_DatasetPackage"})
_COLLECTIONS = frozenset({"SpdxDocument", "software_Sbom", "Bom", "Bundle"})
_RELATIONS = frozenset({"Relationship", "LifecycleScopedRelationship", "software_DependencyRelationship"})
_EDGES = frozenset({"dependsOn", "contains", "hasPrerequisite", "hasDynamicLink", "hasStaticLink"})
_EDGES |= {"hasOptionalDependency", "hasProvidedDependency"}
_LICENSES = ("hasConcludedLicense", "hasDeclaredLicense")
_KINDS = {"container": "container", "operatingSystem": "operating-system", "application": "application"}
_KINDS |= {"framework": "framework", "firmware": "firmware", "file": "file", "model": "machine-learning-model"}
_PHASES = {"source": "pre-build", "build": "build", "analyzed": "post-build"}
_PHASES |= {"deployed": "operations", "runtime": "operations"}
"""`software_sbomType` in the words of CycloneDX's lifecycles."""
MAX_NESTED = 4
"""Collections inside collections: a document names an SBOM, which names what it describes."""


def read_spdx3(document: Document) -> Sbom:
    """What an SPDX 3 document says; what is of a wrong type counts as not said."""
    graph = _Graph(document)
    whole = next(graph.of("SpdxDocument"), {})
    creation = graph.element(whole.get("creationInfo")) or next(graph.of("CreationInfo"), {})
    roots = graph.roots(whole)
    about = tuple(graph.component(one) for one in roots)
    known = {one.ref for one in about}
    packages = (one for kind in sorted(_PACKAGES) for one in graph.of(kind))
    components = [graph.component(one) for _, one in zip(range(MAX_COMPONENTS), packages, strict=False)]
    return Sbom(
        form="spdx",
        version=as_text(creation.get("specVersion")) or "3",
        name=as_text(whole.get("name")) or next((one.name for one in about), ""),
        identity=_identifier(whole),
        created=as_text(creation.get("created")),
        tools=tuple(graph.names(creation.get("createdUsing"))),
        authors=tuple(graph.names(creation.get("createdBy"))),
        phases=tuple(graph.phases()),
        about=about,
        digests=_digests(about, roots),
        components=tuple(one for one in components if one.ref not in known),
        edges=tuple(graph.edges()),
        files=tuple(_files(graph)),
    )


def _identifier(element: Document) -> str:
    return as_text(element.get("spdxId")) or as_text(element.get("@id"))


def _type(element: Document) -> str:
    return as_text(element.get("type") or element.get("@type"))


class _Graph:
    """The elements of a document, by identifier and by type."""

    def __init__(self, document: Document) -> None:
        self._by_id: dict[str, Document] = {}
        self._by_type: dict[str, list[Document]] = {}
        for one in as_list(document.get("@graph")):
            element = as_map(one)
            self._by_id.setdefault(_identifier(element), element)
            self._by_type.setdefault(_type(element), []).append(element)
        self._by_id.pop("", None)
        self._licenses: dict[str, list[str]] | None = None

    def of(self, kind: str) -> Iterator[Document]:
        """The elements of a type."""
        yield from self._by_type.get(kind, ())

    def element(self, value: object) -> Document:
        """The element that stands here, or whose identifier does."""
        return self._by_id.get(value, {}) if isinstance(value, str) else as_map(value)

    def names(self, value: object) -> Iterator[str]:
        """The names of those who are listed, such as the tools of a document."""
        for one in as_list(value)[:20]:
            name = as_text(self.element(one).get("name"))
            if said(name):
                yield name

    def roots(self, whole: Document) -> list[Document]:
        """What the document describes: its root elements, and those of the collections among them."""
        found: dict[str, Document] = {}
        waiting = [whole or next(self.of("software_Sbom"), {})]
        for _ in range(MAX_NESTED):
            named = [self.element(one) for each in waiting for one in as_list(each.get("rootElement"))]
            waiting = [one for one in named if _type(one) in _COLLECTIONS]
            found |= {_identifier(one): one for one in named if _type(one) not in _COLLECTIONS}
        return [one for identifier, one in found.items() if identifier][:MAX_COMPONENTS]

    def phases(self) -> Iterator[str]:
        """In which part of its life the thing was described."""
        for sbom in self.of("software_Sbom"):
            for one in as_list(sbom.get("software_sbomType"))[:20]:
                yield _PHASES.get(as_text(one), as_text(one))

    def component(self, element: Document) -> Component:
        """A package, or a file that is described."""
        identifiers = list(_identifiers(element))
        purl = as_text(element.get("software_packageUrl"))
        is_file = _type(element) == "software_File"
        purpose = as_text(element.get("software_primaryPurpose"))
        return Component(
            ref=_identifier(element),
            name=as_text(element.get("name")),
            version=as_text(element.get("software_packageVersion")),
            kind="file" if is_file else _KINDS.get(purpose, "library"),
            purl=purl or next((text for kind, text in identifiers if kind == "packageUrl"), ""),
            supplier=self._supplier(element),
            hashes=tuple(_hashes(element)),
            cpes=tuple(text for kind, text in identifiers if kind in ("cpe22", "cpe23"))[:20],
            licenses=tuple(dict.fromkeys(self._licenses_of(_identifier(element)))),
        )

    def _supplier(self, element: Document) -> str:
        value = element.get("suppliedBy")
        parties = [value, *as_list(element.get("originatedBy"))[:20]]
        return next((name for one in parties if (name := said(as_text(self.element(one).get("name"))))), "")

    def _licenses_of(self, identifier: str) -> list[str]:
        if self._licenses is None:
            self._licenses = {}
            for left, kind, right in self._relations():
                text = as_text(self.element(right).get("simplelicensing_licenseExpression"))
                if kind in _LICENSES and said(text):
                    self._licenses.setdefault(left, []).append(text)
        return self._licenses.get(identifier, [])

    def edges(self) -> Iterator[tuple[str, str]]:
        """What depends on what, and contains it."""
        return ((left, right) for left, kind, right in self._relations() if kind in _EDGES and left and right)

    def _relations(self) -> Iterator[tuple[str, str, str]]:
        count = 0
        for element in (one for kind in sorted(_RELATIONS) for one in self.of(kind)):
            left, kind = self._reference(element.get("from")), as_text(element.get("relationshipType"))
            for one in as_list(element.get("to")):
                count += 1
                if count > MAX_EDGES:
                    return
                yield left, kind, self._reference(one)

    def _reference(self, value: object) -> str:
        return value if isinstance(value, str) else _identifier(as_map(value))


def _identifiers(element: Document) -> Iterator[tuple[str, str]]:
    for one in as_list(element.get("externalIdentifier"))[:100]:
        kind, text = as_text(dig(one, "externalIdentifierType")), as_text(dig(one, "identifier"))
        if text:
            yield kind, text


def _hashes(element: Document) -> Iterator[tuple[str, str]]:
    """The digests of the thing itself; a package's verification code is one of names and files."""
    for one in as_list(element.get("verifiedUsing"))[:8]:
        algorithm, digits = as_text(dig(one, "algorithm")), as_text(dig(one, "hashValue"))
        if algorithm and digits and _type(as_map(one)) == "Hash":
            yield algorithm_of(algorithm), digits.lower()


def _digests(about: tuple[Component, ...], roots: list[Document]) -> tuple[str, ...]:
    """The digests by which it names what it describes: hashes, package URLs, identifiers, versions, names."""
    found = [f"sha256:{digits}" for one in about for algorithm, digits in one.hashes if algorithm == "SHA-256"]
    for one, element in zip(about, roots, strict=True):
        found += digests_in(one.purl, one.version, one.name, *(text for _, text in _identifiers(element)))
    return tuple(dict.fromkeys(found))


def _files(graph: _Graph) -> Iterator[tuple[str, str]]:
    for _, element in zip(range(MAX_PATHS), graph.of("software_File"), strict=False):
        name = as_text(element.get("name")).removeprefix(".").lstrip("/")
        if name:
            yield name, dict(_hashes(element)).get("SHA-256", "")
