"""Syft's own JSON, which buildpacks leave in images beside the standard formats."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.evidence.attestations.jsondoc import Document, as_list, as_map, as_text, dig
from slsacheck.evidence.sbom.contents import Component, Sbom, digests_in, said
from slsacheck.evidence.sbom.limits import MAX_COMPONENTS, MAX_EDGES, MAX_PATHS

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["read_syft"]


def read_syft(document: Document) -> Sbom:
    """What a document of Syft says; what is of a wrong type counts as not said."""
    source = as_map(document.get("source"))
    kind = {"image": "container", "directory": "application", "file": "file"}.get(
        as_text(source.get("type")), "library"
    )
    name = as_text(source.get("name")) or as_text(dig(source, "metadata", "userInput"))
    version = as_text(source.get("version"))
    about = (Component(as_text(source.get("id")), name, version, kind),) if source else ()
    told = [as_text(dig(source, "metadata", key)) for key in ("manifestDigest", "imageID")]
    tool = f"{as_text(dig(document, 'descriptor', 'name'))} {said(as_text(dig(document, 'descriptor', 'version')))}"
    return Sbom(
        form="syft",
        version=as_text(dig(document, "schema", "version")),
        name=name,
        created=as_text(dig(document, "descriptor", "timestamp")),
        tools=(tool.strip(),) if tool.strip() else (),
        about=about,
        digests=digests_in(*told) if kind == "container" else (),
        components=tuple(_component(as_map(one)) for one in as_list(document.get("artifacts"))[:MAX_COMPONENTS]),
        edges=tuple(_edges(document)),
        files=tuple(_files(document)),
    )


def _component(found: Document) -> Component:
    cpes = (as_text(one) or as_text(dig(one, "cpe")) for one in as_list(found.get("cpes"))[:20])
    licenses = (as_text(one) or as_text(dig(one, "value")) for one in as_list(found.get("licenses"))[:20])
    places = as_list(found.get("locations"))[:100]
    return Component(
        ref=as_text(found.get("id")),
        name=as_text(found.get("name")),
        version=as_text(found.get("version")),
        purl=as_text(found.get("purl")),
        cpes=tuple(one for one in cpes if one),
        licenses=tuple(one for one in licenses if said(one)),
        paths=tuple(as_text(dig(one, "path")).lstrip("/") for one in places),
        layers=tuple(dict.fromkeys(layer for one in places if (layer := as_text(dig(one, "layerID"))))),
    )


def _edges(document: Document) -> Iterator[tuple[str, str]]:
    for one in as_list(document.get("artifactRelationships"))[:MAX_EDGES]:
        left, right, kind = (as_text(dig(one, key)) for key in ("parent", "child", "type"))
        if kind == "dependency-of":
            yield right, left
        elif kind == "contains":
            yield left, right


def _files(document: Document) -> Iterator[tuple[str, str]]:
    for one in as_list(document.get("files"))[:MAX_PATHS]:
        path = as_text(dig(one, "location", "path")).lstrip("/")
        sums = {as_text(dig(each, "algorithm")): as_text(dig(each, "value")) for each in as_list(dig(one, "digests"))}
        if path:
            yield path, sums.get("sha256", "")
