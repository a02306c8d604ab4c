"""Several SBOMs as one: each component once, whatever document names it; references and relations kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from slsacheck.evidence.sbom.contents import Component
from slsacheck.evidence.sbom.limits import MAX_COMPONENTS, MAX_EDGES
from slsacheck.evidence.sbom.purls import purl_of, same_as
from slsacheck.record import record, replace

if TYPE_CHECKING:
    from slsacheck.evidence.packagedb.databases import Databases
    from slsacheck.evidence.packagedb.texts import Package
    from slsacheck.evidence.sbom.bills import Bill
    from slsacheck.evidence.sbom.inventory import Whole

__all__ = ["Merged", "merge", "root_of"]

ROOT = "root"
"""The reference of what a merged document describes."""
FOUND_IN = "slsacheck:found-in"
"""Property: the document or database that names a component."""
ABOUT = "slsacheck:document-describes"
"""Property: the digest that this document says it describes, where that is another than the image's."""


@record
class Merged:
    """The whole: what it describes, the components (each `ref` unique), and edges between references."""

    root: Component
    components: tuple[Component, ...]
    edges: tuple[tuple[str, str], ...]
    left_out: int = 0


class _Merger:
    def __init__(self, root: Component) -> None:
        self.root = root
        self.known: dict[tuple[str, ...], list[int]] = {}
        self.components: list[Component] = []
        self.edges: dict[tuple[str, str], None] = {}
        self.left_out = 0

    def add(self, component: Component) -> str:
        """The reference in the merged document; equal components are one, with what each of them says."""
        key = _key(component)
        for index in self.known.get(key, ()):
            if not _contradict(self.components[index], component):
                self.components[index] = _both(self.components[index], component)
                return str(index)
        if len(self.components) >= MAX_COMPONENTS:
            self.left_out += 1
            return ""
        self.known.setdefault(key, []).append(len(self.components))
        self.components.append(component)
        return str(len(self.components) - 1)

    def relate(self, left: str, right: str) -> None:
        if left and right and left != right and len(self.edges) < MAX_EDGES:
            self.edges[left, right] = None

    def finished(self) -> Merged:
        """The document, with references that readers can use: package URLs where they are unique."""
        names, taken = {ROOT: ROOT}, {ROOT}
        for index, component in enumerate(self.components):
            name = component.purl if component.purl and component.purl not in taken else f"component-{index + 1}"
            taken.add(name)
            names[str(index)] = name
        found = tuple(replace(one, ref=names[str(index)]) for index, one in enumerate(self.components))
        edges = tuple((names[left], names[right]) for left, right in self.edges)
        return Merged(self.root, found, edges, self.left_out)


def merge(whole: Whole) -> Merged:
    """All documents of what a user named and, marked as such, what its package databases say beyond them."""
    merger = _Merger(root_of(whole))
    names = {name for inventory in whole.inventories for name in inventory.names}
    for inventory in whole.inventories:
        for bill in inventory.bills:
            if bill.removed_in is None:
                _document(merger, bill, names)
    for inventory in whole.inventories:
        if inventory.survey is not None:
            _installed(merger, inventory.survey.databases)
    return merger.finished()


def _document(merger: _Merger, bill: Bill, names: set[str]) -> None:
    sbom = bill.sbom
    if sbom is None:
        return
    other = [digest for digest in sbom.digests if digest not in names] if names.isdisjoint(sbom.digests) else []
    marks = ((FOUND_IN, bill.place), *((ABOUT, digest) for digest in other[:1]))
    refs = dict.fromkeys((one.ref for one in sbom.about), ROOT)
    if other:
        refs = {one.ref: merger.add(_marked(one, marks)) for one in sbom.about}
    for one in sbom.components:
        place = merger.add(_marked(one, marks))
        refs.setdefault(one.ref, place)
        if place and one.ref:
            merger.relate(ROOT, place)
    for name, digits in sbom.files:
        if digits:
            merger.add(Component("", name, kind="file", hashes=(("SHA-256", digits),), properties=marks))
    refs[""] = ""
    for left, right in sbom.edges:
        merger.relate(refs.get(left, ""), refs.get(right, ""))


def _marked(component: Component, marks: tuple[tuple[str, str], ...]) -> Component:
    return replace(component, properties=(*component.properties, *marks))


def _installed(merger: _Merger, databases: Databases) -> None:
    """What is installed; a package that a document names gets no second entry."""
    distribution, release = databases.distribution
    named = {identity for one in merger.components if (identity := _identity(one)) is not None}
    found = [one for one in databases.packages if _identity(_package(one, databases)) not in named]
    if distribution and databases.packages and not any(one.kind == "operating-system" for one in merger.components):
        merger.add(Component("", distribution, release, "operating-system"))
    for one in found:
        merger.relate(ROOT, merger.add(_package(one, databases)))


def _package(one: Package, databases: Databases) -> Component:
    purl = purl_of(one, databases.distribution)
    return Component("", one.name, one.version, purl=purl, properties=((FOUND_IN, one.where),))


def _identity(component: Component) -> tuple[str, str, str] | None:
    return same_as(component.purl) if component.purl else None


def _key(component: Component) -> tuple[str, ...]:
    if component.purl:
        return ("purl", component.purl.partition("?")[0].partition("#")[0])
    return (component.kind, component.name, component.version)


def _contradict(one: Component, other: Component) -> bool:
    """Whether two are different things by their digests, in spite of their names."""
    known = dict(one.hashes)
    return any(known.get(algorithm, digits) != digits for algorithm, digits in other.hashes)


def _both(one: Component, other: Component) -> Component:
    return replace(
        one,
        version=one.version or other.version,
        purl=max(one.purl, other.purl, key=len),
        supplier=one.supplier or other.supplier,
        hashes=_united(one.hashes, other.hashes),
        cpes=_united(one.cpes, other.cpes),
        licenses=_united(one.licenses, other.licenses),
        paths=_united(one.paths, other.paths),
        layers=_united(one.layers, other.layers),
        properties=_united(one.properties, other.properties),
    )


def _united(one: tuple[Any, ...], other: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(dict.fromkeys((*one, *other)))


def root_of(whole: Whole) -> Component:
    """What a merged document describes: the image or file that was named, by its digest."""
    name = whole.name.partition("@")[0]
    hashes = (("SHA-256", whole.digest.partition(":")[2]),)
    if whole.inventories and whole.inventories[0].kind == "file":
        return Component(ROOT, name.rpartition("/")[2], whole.digest, "file", hashes=hashes)
    purl = "" if whole.by_configuration else _oci_purl(name, whole)
    return Component(ROOT, _without_tag(name), whole.digest, "container", purl, hashes=hashes)


def _without_tag(name: str) -> str:
    head, colon, tail = name.rpartition(":")
    return head if colon and "/" not in tail else name


def _oci_purl(name: str, whole: Whole) -> str:
    """The package URL of an image (purl specification, type oci): the last part of its name, and where it lies."""
    place = _without_tag(name)
    last = place.rpartition("/")[2].lower()
    more = [f"repository_url={quote(place, safe='')}"] if whole.in_registry else []
    platforms = [one.platform for one in whole.inventories if one.platform]
    if len(platforms) == 1:
        more.append(f"arch={quote(platforms[0].partition('/')[2], safe='')}")
    query = "?" + "&".join(sorted(more)) if more else ""
    return f"pkg:oci/{quote(last, safe='.-_~')}@{quote(whole.digest, safe='')}{query}"
