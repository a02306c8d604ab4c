"""Which kind of SBOM some bytes are, and what it says."""

from __future__ import annotations

from slsacheck.errors import InputError
from slsacheck.evidence.attestations.jsondoc import Document, as_list, as_map, as_text, parse_json
from slsacheck.evidence.attestations.steps import RefusedError
from slsacheck.evidence.sbom.contents import Sbom
from slsacheck.evidence.sbom.limits import MAX_READ

__all__ = ["KNOWN", "ending_of", "form_of", "form_of_bytes", "parse_sbom", "read_sbom", "sbom_of"]

KNOWN = "known are SPDX 2.2, 2.3 and 3.0, CycloneDX, and Syft's JSON"
"""Which formats are read, in words."""
_ENDINGS = {"spdx": ".spdx.json", "cyclonedx": ".cdx.json", "syft": ".syft.json", "spdx-tag-value": ".spdx"}
_ENDINGS |= {"cyclonedx-xml": ".cdx.xml", "spdx-3": ".spdx3.json"}


def form_of(document: object) -> str:
    """The format of a JSON document: spdx, spdx-3, cyclonedx, syft; empty where it is no SBOM."""
    found = as_map(document)
    if as_text(found.get("spdxVersion")).startswith("SPDX-2") or "SPDXID" in found:
        return "spdx"
    if found.get("bomFormat") == "CycloneDX":
        return "cyclonedx"
    if "artifacts" in found and "schema" in found and "anchore/syft" in as_text(as_map(found["schema"]).get("url")):
        return "syft"
    if "spdx.org" in str(found.get("@context", ""))[:200] and as_list(found.get("@graph")):
        return "spdx-3"
    return ""


def form_of_bytes(data: bytes) -> str:
    """The format of bytes that could not be read, as far as their beginning shows it; empty where it does not."""
    head = data[:4096]
    signs = {"spdx": (b'"spdxVersion"', b'"SPDXID"'), "cyclonedx": (b'"bomFormat"',), "syft": (b"anchore/syft",)}
    signs["spdx-3"] = (b"spdx.org/rdf/3",)
    return _sniffed(data) or next((form for form, words in signs.items() if any(word in head for word in words)), "")


def _sniffed(data: bytes) -> str:
    """The format of bytes by their beginning, where they are no JSON."""
    head = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(b"SPDXVersion:") or b"\nSPDXVersion:" in head:
        return "spdx-tag-value"
    if head.startswith(b"<") and b"cyclonedx.org/schema/bom" in head:
        return "cyclonedx-xml"
    return ""


def ending_of(form: str) -> str:
    """How the name of a file with a document of that format ends."""
    return _ENDINGS.get(form, ".json")


def read_sbom(data: bytes, where: str) -> Sbom:
    """The SBOM in these bytes. Raises InputError where they are none, too large, damaged, or of a kind not read."""
    return parse_sbom(data, where)[1]


def parse_sbom(data: bytes, where: str, value: object = None) -> tuple[str, Sbom]:
    """The format as `form_of` names it, `spdx-tag-value` or `cyclonedx-xml`, and what it says. Raises InputError.

    `value` is the JSON value of the bytes, where they were read already.
    """
    if len(data) > MAX_READ:
        raise InputError(
            f"is an SBOM of {len(data) >> 20} MiB; those of more than {MAX_READ >> 20} MiB are not read",
            where=where,
            advice="describe packages without their files, or each part of the image in a document of its own",
        )
    if value is not None:
        return sbom_of(value, where)
    form = _sniffed(data)
    if form == "spdx-tag-value":
        from slsacheck.evidence.sbom.spdx import from_tag_value, read_spdx

        return form, read_spdx(from_tag_value(data.decode("utf-8", "replace")))
    try:
        if form == "cyclonedx-xml":
            from slsacheck.evidence.sbom.xml import from_xml

            return form, _cyclonedx(from_xml(data))
        value = parse_json(data, "it")
    except RefusedError as problem:
        raise InputError(problem.message, where=where, advice="make the SBOM again") from problem
    return sbom_of(value, where)


def sbom_of(value: object, where: str) -> tuple[str, Sbom]:
    """The same of a JSON value. Raises InputError where it is none, or of a version that is not read."""
    form, document = form_of(value), as_map(value)
    reader = _READERS.get(form)
    if reader is None:
        raise InputError("is no SBOM in a known format", where=where, advice=KNOWN)
    return form, reader(document)


def _spdx(document: Document) -> Sbom:
    from slsacheck.evidence.sbom.spdx import read_spdx

    return read_spdx(document)


def _cyclonedx(document: Document) -> Sbom:
    from slsacheck.evidence.sbom.cyclonedx import read_cyclonedx

    return read_cyclonedx(document)


def _syft(document: Document) -> Sbom:
    from slsacheck.evidence.sbom.syft import read_syft

    return read_syft(document)


def _spdx3(document: Document) -> Sbom:
    from slsacheck.evidence.sbom.spdx3 import read_spdx3

    return read_spdx3(document)


_READERS = {"spdx": _spdx, "spdx-3": _spdx3, "cyclonedx": _cyclonedx, "syft": _syft}
