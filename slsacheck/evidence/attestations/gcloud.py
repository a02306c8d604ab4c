"""Google Cloud Build: what `gcloud artifacts docker images describe --show-provenance --format json` prints."""

from __future__ import annotations

import json

from slsacheck.evidence.attestations.dsse import read_envelope
from slsacheck.evidence.attestations.envelope import INTOTO_PAYLOAD, Attestation
from slsacheck.evidence.attestations.jsondoc import Document, as_list, as_map, as_text, dig
from slsacheck.evidence.attestations.limits import MAX_ATTESTATIONS
from slsacheck.evidence.attestations.moments import same_moment
from slsacheck.evidence.attestations.steps import RefusedError, Trail, shown
from slsacheck.record import replace

__all__ = ["compare_unsigned_copies", "is_gcloud", "read_gcloud"]


def is_gcloud(document: Document) -> bool:
    """Whether the object looks like gcloud's answer."""
    return "provenance_summary" in document


def read_gcloud(document: Document, path: str) -> tuple[Attestation, ...]:
    """The envelopes of the answer, in order, each with the unsigned copies that were printed beside it."""
    records = as_list(dig(document, "provenance_summary", "provenance"))
    if not records:
        raise RefusedError(
            "malformed", f"{shown(path)} holds no provenance; was the image built by Cloud Build?", step="read"
        )
    found = []
    for record in records[:MAX_ATTESTATIONS]:
        envelope = as_map(dig(record, "envelope"))
        raw = json.dumps(envelope, sort_keys=True).encode()
        copy: Document = {"record": record, "summary": document.get("image_summary")}
        found.append(replace(_envelope(envelope, raw, path), unsigned_copy=copy))
    return tuple(found)


def _envelope(envelope: Document, raw: bytes, path: str) -> Attestation:
    attestation = read_envelope(envelope, raw, path, "gcloud")
    if attestation.payload_type != INTOTO_PAYLOAD:
        raise RefusedError(
            "malformed", f"the payload type is {shown(attestation.payload_type)!r}, not in-toto's", step="envelope"
        )
    return attestation


def compare_unsigned_copies(attestation: Attestation, digests: list[dict[str, str]], trail: Trail) -> None:
    """Compare kind, resource, summary and text, which nobody signed, with the signed statement and the image asked for.

    A reader looks at these copies, so one that says something else than what was signed is refused.
    """
    copy = as_map(attestation.unsigned_copy)
    record, summary = as_map(copy.get("record")), as_map(copy.get("summary"))
    before = len(trail.problems)
    if record.get("kind") != "BUILD":
        trail.refute("unsigned-copy", "malformed", f"the record's kind is {shown(record.get('kind'))}, not BUILD")
    for digest in digests:
        _compare_digest(digest.get("sha256", ""), record, summary, trail)
    _compare_text(record, attestation.payload, trail)
    if len(trail.problems) == before:
        trail.passed("unsigned-copy", "kind, resource, summary and text agree with what was signed")


def _compare_digest(expected: str, record: Document, summary: Document, trail: Trail) -> None:
    places = {
        "resourceUri": (as_text(record.get("resourceUri")), f"@sha256:{expected}"),
        "image_summary.digest": (as_text(summary.get("digest")), f"sha256:{expected}"),
        "image_summary.fully_qualified_digest": (as_text(summary.get("fully_qualified_digest")), f"sha256:{expected}"),
    }
    for name, (value, end) in places.items():
        exact = name == "image_summary.digest"
        if value != end if exact else not value.endswith(end):
            trail.refute(
                "unsigned-copy", "hash-mismatch", f"{name} is {shown(value)!r}, not of the image sha256:{expected}"
            )


def _compare_text(record: Document, payload: bytes, trail: Trail) -> None:
    signed = as_map(json.loads(payload))
    name = "inTotoSlsaProvenanceV1" if as_text(signed.get("predicateType")).endswith("/v1") else "intotoStatement"
    text = as_map(dig(record, "build", name))
    if not text:
        trail.refute(
            "unsigned-copy",
            "statement-mismatch",
            f"the record lacks the text copy ({name}) that gcloud prints; take the output as gcloud wrote it",
        )
        return
    predicate = text.get("predicate") if "predicate" in text else text.get("slsaProvenance")
    parts = {
        "_type": (text.get("_type"), signed.get("_type")),
        "predicateType": (text.get("predicateType"), signed.get("predicateType")),
        "subject": (text.get("subject"), signed.get("subject")),
        "predicate": (predicate, signed.get("predicate")),
    }
    for part, (printed, meant) in parts.items():
        if not _same(printed, meant):
            trail.refute("unsigned-copy", "statement-mismatch", f"the text copy's {part} is not the signed one")


def _same(left: object, right: object) -> bool:
    """Whether two JSON values mean the same: unset, null and empty are equal, times compare as instants."""
    if not left and not right and left is not False and right is not False and left != 0 and right != 0:
        return True
    if isinstance(left, dict) and isinstance(right, dict):
        return all(_same(left.get(key), right.get(key)) for key in {**left, **right})
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(_same(one, two) for one, two in zip(left, right, strict=True))
    if isinstance(left, str) and isinstance(right, str) and left != right:
        return same_moment(left, right)
    return type(left) is type(right) and left == right
