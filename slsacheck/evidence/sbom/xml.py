"""CycloneDX as XML, as the JSON document that says the same (CycloneDX specification: XML and JSON reference).

Read as it comes, without a tree of elements, a document type or entities. Elements of other namespaces, which extend
CycloneDX, are left out.
"""

from __future__ import annotations

from slsacheck.evidence.attestations.jsondoc import Document, as_map, as_text
from slsacheck.evidence.attestations.limits import MAX_JSON_DEPTH
from slsacheck.evidence.attestations.steps import RefusedError

__all__ = ["from_xml"]

_SPACE = "{http://cyclonedx.org/schema/bom/"
_LISTS = frozenset({"components", "services", "hashes", "licenses", "properties", "authors", "lifecycles"})
_LISTS |= {"occurrences", "dependencies"}
_TEXTS = {"hash": "content", "property": "value"}
"""What the text of an element with attributes is called in JSON."""
_CHUNK = 64 << 10
MAX_ELEMENTS = 1_000_000
"""Elements of a document: texts are elements too, and a component of Syft has some fifteen."""

Child = tuple[str, object]


def from_xml(data: bytes) -> Document:
    """The document in these bytes. Raises RefusedError where it is no such XML, too deep or too large."""
    from xml.etree.ElementTree import ParseError

    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import XMLParser

    target = _Target()
    parser = XMLParser(target=target, forbid_dtd=True)
    try:
        for start in range(0, len(data), _CHUNK):
            parser.feed(data[start : start + _CHUNK])
        parser.close()
    except DefusedXmlException as problem:
        raise RefusedError("malformed", "it holds a document type or entities, which are not read", step="read") from (
            problem
        )
    except (ParseError, ValueError, LookupError) as problem:
        raise RefusedError("malformed", "it is no valid XML", step="read") from problem
    if target.document is None:
        raise RefusedError("malformed", "it is XML, and no CycloneDX: its outermost element is no bom", step="read")
    return as_map(target.document) | {"bomFormat": "CycloneDX", "specVersion": target.version}


class _Target:
    """What the parser tells of each element, as values of JSON."""

    def __init__(self) -> None:
        self.document: object = None
        self.version = ""
        self._open: list[tuple[str, dict[str, str], list[Child], list[str]]] = []
        self._count = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        self._count += 1
        if self._count > MAX_ELEMENTS:
            raise _too_large(f"it holds more than {MAX_ELEMENTS:,} elements")
        if len(self._open) >= MAX_JSON_DEPTH:
            raise _too_large(f"it nests deeper than {MAX_JSON_DEPTH} levels")
        version, _, name = tag.removeprefix(_SPACE).partition("}")
        known = tag.startswith(_SPACE)
        self.version = self.version or (version if known else "")
        self._open.append((name if known else "", dict(attributes), [], []))

    def data(self, text: str) -> None:
        """Text inside the innermost element."""
        if self._open:
            self._open[-1][3].append(text)

    def end(self, _tag: str) -> None:
        """The innermost element ends."""
        name, attributes, children, texts = self._open.pop()
        if not name:
            return
        value = _value(name, attributes, children, "".join(texts).strip())
        if self._open:
            self._open[-1][2].append((name, value))
        elif name == "bom":
            self.document = value

    def close(self) -> None:
        """Nothing is left to be done."""


def _too_large(message: str) -> RefusedError:
    return RefusedError("limit-exceeded", message, verdict="unknown", step="read")


def _value(name: str, attributes: dict[str, str], children: list[Child], text: str) -> object:
    """An element as JSON has it."""
    if name in _LISTS or (name == "tools" and children and children[0][0] == "tool"):
        return [{inner: value} if name == "licenses" else value for inner, value in children]
    if name == "dependency":
        needed = [as_text(as_map(value).get("ref")) for inner, value in children if inner == "dependency"]
        return {"ref": attributes.get("ref", ""), "dependsOn": needed}
    if not children and text:
        return attributes | {_TEXTS[name]: text} if name in _TEXTS else text
    made: Document = {}
    for inner, value in (*children, *attributes.items()):
        made.setdefault(inner, value)
    return made or ""
