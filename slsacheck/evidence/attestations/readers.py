"""From a file's bytes to attestations, whatever the form: recognised by content, never by name."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from slsacheck.evidence.attestations.blobs import is_cosign_bundle, read_cosign_bundle, read_signature
from slsacheck.evidence.attestations.bundle import is_bundle, read_bundle
from slsacheck.evidence.attestations.dsse import is_envelope, read_envelope
from slsacheck.evidence.attestations.envelope import Attestation, LogEntry
from slsacheck.evidence.attestations.files import read_bounded
from slsacheck.evidence.attestations.gcloud import is_gcloud, read_gcloud
from slsacheck.evidence.attestations.jsondoc import Document, as_list, as_map, as_text, dig, parse_json
from slsacheck.evidence.attestations.limits import MAX_ATTESTATIONS
from slsacheck.evidence.attestations.links import is_link, read_link, unwrapped
from slsacheck.evidence.attestations.logentry import api_entries, is_api_answer
from slsacheck.evidence.attestations.notation import is_cose, is_notation_jws, read_cose, read_jws
from slsacheck.evidence.attestations.pep740 import is_pep740, is_pypi_provenance, read_pep740, read_pypi_provenance
from slsacheck.evidence.attestations.recognised import explained, instead_of_json, pgp_signature
from slsacheck.evidence.attestations.steps import RefusedError, shown
from slsacheck.record import replace

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Reading", "read_attestations", "read_document", "read_entries", "with_entries"]

Reading = Attestation | RefusedError
"""An attestation, or why one that is there cannot be read."""


def read_entries(path: str) -> tuple[LogEntry, ...]:
    """The log entries of a file that holds an answer of the Rekor API; raises RefusedError."""
    document = as_map(parse_json(read_bounded(path), shown(path)))
    if not is_api_answer(document):
        raise RefusedError("malformed", f"{shown(path)} is no answer of a Rekor log (log/entries)", step="read")
    return api_entries(document)


def with_entries(attestation: Attestation, entries: tuple[LogEntry, ...]) -> Attestation:
    """The attestation with log entries that were given beside it, unless it has its own."""
    return attestation if attestation.entries or not entries else replace(attestation, entries=entries)


def is_statement(document: Document) -> bool:
    """Whether the object is a bare in-toto statement, which nobody signed."""
    return as_text(document.get("_type")).startswith("https://in-toto.io/Statement/")


def is_gh_result(document: Document) -> bool:
    """Whether the object is one of those that `gh attestation verify --format json` prints."""
    return isinstance(dig(document, "attestation", "bundle"), dict)


def unsigned_statement(raw: bytes, path: str) -> Attestation:
    """A bare statement as an attestation without signatures."""
    return Attestation(
        form="in-toto-statement",
        payload=raw,
        payload_type="",
        signed_bytes=b"",
        signatures=(),
        digest=hashlib.sha256(raw).hexdigest(),
        path=path,
    )


def _npm_or_github(document: Document, raw: bytes, path: str) -> list[Reading] | None:
    """Lists of bundles: the npm registry's answer and the GitHub attestations API's."""
    values = document.get("attestations")
    if not isinstance(values, list):
        return None
    found: list[Reading] = []
    for value in values[:MAX_ATTESTATIONS]:
        try:
            bundle = as_map(dig(value, "bundle"))
            if not bundle and dig(value, "bundle_url") is not None:
                raise _elsewhere(path)
            declared = dig(value, "predicateType")
            attestation = read_bundle(bundle, raw, path)
            found.append(replace(attestation, declared_type=declared if isinstance(declared, str) else None))
        except RefusedError as error:
            found.append(error)
    return found


def _elsewhere(path: str) -> RefusedError:
    return RefusedError(
        "unsupported",
        f"{shown(path)} names a bundle by its address (bundle_url) without holding it; get it with "
        "`gh attestation download`, or with --online from GitHub",
        verdict="unknown",
        step="read",
    )


_ONE: tuple[tuple[Callable[[Document], bool], Callable[[Document, bytes, str], Attestation]], ...] = (
    (is_pep740, read_pep740),
    (is_cosign_bundle, read_cosign_bundle),
    (is_notation_jws, read_jws),
    (is_link, read_link),
    (is_bundle, read_bundle),
    (is_gh_result, lambda document, raw, path: read_bundle(as_map(dig(document, "attestation", "bundle")), raw, path)),
    (is_envelope, lambda document, raw, path: unwrapped(read_envelope(document, raw, path))),
    (is_statement, lambda _, raw, path: unsigned_statement(raw, path)),
)
"""Forms that hold one attestation: how each is recognised, and its reader. The first that fits counts."""


def read_document(document: Document, raw: bytes, path: str) -> list[Reading] | None:
    """The attestations in one JSON object; None when it is of no known form."""
    if is_gcloud(document):
        return list(read_gcloud(document, path))
    if is_pypi_provenance(document):
        return list(read_pypi_provenance(document, path))
    for recognised, read in _ONE:
        if recognised(document):
            return [read(document, raw, path)]
    why = explained(document, path)
    return [why] if why is not None else _npm_or_github(document, raw, path)


def _readings(value: object, raw: bytes, path: str) -> list[Reading] | None:
    """The attestations in one JSON value; faults of one become a reading of their own."""
    if isinstance(value, list):
        found: list[Reading] = []
        for one in as_list(value)[:MAX_ATTESTATIONS]:
            found.extend(_readings(as_map(one), raw, path) or [])
        return found or None
    try:
        return read_document(as_map(value), raw, path)
    except RefusedError as error:
        return [error]


def read_attestations(path: str) -> list[Reading]:
    """Every attestation in a file: one JSON document, or one a line (JSON lines, unrecognised lines are ignored).

    Raises RefusedError when the file cannot be read or holds no attestation of a known form.
    """
    return parse_attestations(read_bounded(path), path)


def parse_attestations(data: bytes, path: str) -> list[Reading]:
    """As `read_attestations`, of bytes that are at hand; `path` names them in messages."""
    if is_cose(data):
        return [read_cose(data, path)]
    pgp = pgp_signature(data, path)
    if pgp is not None:
        raise pgp
    signature = read_signature(data, path)
    if signature is not None:
        return [signature]
    try:
        found = _readings(parse_json(data, shown(path)), data, path)
    except RefusedError as whole:
        known = instead_of_json(data, path)
        if known is not None:
            raise known from whole
        found = _lines(data, path, whole)
    if not found:
        raise RefusedError(
            "malformed",
            f"{shown(path)} holds no attestation in a form that is known (DSSE, Sigstore bundle, PEP 740, npm, gcloud)",
            step="read",
        )
    return found[:MAX_ATTESTATIONS]


def _lines(data: bytes, path: str, whole: RefusedError) -> list[Reading]:
    """JSON lines; when no line can be read, the fault of the file as a whole is raised."""
    lines = [line for line in data.splitlines() if line.strip()]
    if len(lines) < 2 or len(lines) > MAX_ATTESTATIONS:  # noqa: PLR2004 - one line is one document
        raise whole
    found: list[Reading] = []
    for line in lines:
        try:
            found.extend(_readings(parse_json(line, shown(path)), line, path) or [])
        except RefusedError as error:
            found.append(error)
    if all(isinstance(one, RefusedError) for one in found):
        raise found[0] if found and isinstance(found[0], RefusedError) else whole
    return found
