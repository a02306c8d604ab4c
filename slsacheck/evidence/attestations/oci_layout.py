"""Attestations of an image in an OCI layout: referrers, fallback and cosign tags, children of the index.

Every blob is checked against the digest by which it was asked for; nothing is extracted.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import TYPE_CHECKING

from slsacheck.evidence.attestations.dsse import lenient_base64, pem_certificates
from slsacheck.evidence.attestations.envelope import Attestation, LogEntry, Signature
from slsacheck.evidence.attestations.files import read_bounded
from slsacheck.evidence.attestations.jsondoc import Document, as_list, as_map, as_text, dig, parse_json
from slsacheck.evidence.attestations.limits import MAX_ATTESTATION_BYTES, MAX_LAYOUT_BLOBS
from slsacheck.evidence.attestations.logentry import cosign_entry
from slsacheck.evidence.attestations.notation import COSE_TYPE, JWS_TYPE, read_cose
from slsacheck.evidence.attestations.readers import read_document, unsigned_statement
from slsacheck.evidence.attestations.steps import RefusedError, shown
from slsacheck.patterns import regex
from slsacheck.record import replace

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from slsacheck.evidence.attestations.readers import Reading

__all__ = ["layout_attestations", "layout_image", "read_layer"]

_DIGEST = regex(r"(sha256):([0-9a-f]{64})|(sha512):([0-9a-f]{128})", re.ASCII)
_MAX_MANIFEST = 4 * 1024 * 1024
"""Registries limit manifests to 4 MiB."""

_MAX_NAMES = 10
"""Images of a layout that a message names."""

_SIMPLE_SIGNING = "application/vnd.dev.cosign.simplesigning.v1+json"
_ENVELOPE_TYPES = (
    "application/vnd.dsse.envelope.v1+json",
    "application/vnd.dev.sigstore.bundle",
    "application/vnd.in-toto+json",
    JWS_TYPE,
    COSE_TYPE,
)


def _blob(layout: Path, digest: str, limit: int) -> bytes:
    """A blob of the layout, checked against its digest; raises RefusedError."""
    match = _DIGEST.fullmatch(digest)
    if match is None:
        raise RefusedError("malformed", f"{shown(digest)} is not a digest", step="layout")
    algorithm, value = match[1] or match[3], match[2] or match[4]
    data = read_bounded(str(layout / "blobs" / algorithm / value), limit)
    if hashlib.new(algorithm, data).hexdigest() != value:
        raise RefusedError(
            "hash-mismatch", f"the blob {shown(digest)} has other contents than its name says", step="layout"
        )
    return data


def _index(layout: Path) -> list[Document]:
    document = as_map(parse_json(read_bounded(str(layout / "index.json"), _MAX_MANIFEST), "index.json of the layout"))
    return [as_map(one) for one in as_list(document.get("manifests"))[:MAX_LAYOUT_BLOBS]]


def layout_image(path: str, reference: str | None = None) -> str:
    """The digest of the image in the layout: the first descriptor, or the one tagged `reference` (tag or name:tag).

    Raises RefusedError when there is none.
    """
    names = []
    for descriptor in _index(Path(path)):
        name = as_text(dig(descriptor, "annotations", "org.opencontainers.image.ref.name"))
        if reference is None or name in (reference, reference.rpartition(":")[2]):
            return as_text(descriptor.get("digest"))
        names.append(name)
    has = ", ".join(shown(name) for name in names[:_MAX_NAMES] if name) or "none with a name"
    wanted = f"image named {shown(reference)}; it has {has}" if reference else "image; is it the folder of a layout?"
    raise RefusedError("malformed", f"{shown(path)} holds no {wanted}", step="layout")


def _manifest(layout: Path, descriptor: Document) -> Document:
    digest = as_text(descriptor.get("digest"))
    return as_map(parse_json(_blob(layout, digest, _MAX_MANIFEST), f"the manifest {shown(digest)}"))


def _candidates(layout: Path, digest: str) -> Iterator[Document]:
    """Manifests that may hold attestations: all of the layout's but the image itself, and those below an index."""
    seen: set[str] = set()
    queue = _index(layout)
    while queue and len(seen) < MAX_LAYOUT_BLOBS:
        descriptor = queue.pop(0)
        name = as_text(descriptor.get("digest"))
        if name in seen:
            continue
        seen.add(name)
        try:
            manifest = _manifest(layout, descriptor)
        except RefusedError:
            continue
        queue.extend(as_map(one) for one in as_list(manifest.get("manifests"))[:MAX_LAYOUT_BLOBS])
        if name != digest:
            yield manifest


def layout_attestations(path: str, digest: str) -> list[Reading]:
    """Every signature and attestation in the layout; which of them are about the image, their statements say."""
    layout = Path(path)
    found: list[Reading] = []
    for manifest in _candidates(layout, digest):
        for layer in as_list(manifest.get("layers"))[:MAX_LAYOUT_BLOBS]:
            found.extend(_layer(layout, as_map(layer), path))
        if len(found) > MAX_LAYOUT_BLOBS:
            break
    if not found:
        raise RefusedError(
            "no-valid-signature",
            f"{shown(path)} holds no signature and no attestation of the image",
            verdict="unknown",
            step="layout",
        )
    return found


def _layer(layout: Path, layer: Document, path: str) -> list[Reading]:
    kind, digest = as_text(layer.get("mediaType")), as_text(layer.get("digest"))
    if kind != _SIMPLE_SIGNING and not kind.startswith(_ENVELOPE_TYPES):
        return []
    try:
        raw = _blob(layout, digest, MAX_ATTESTATION_BYTES)
        return read_layer(kind, raw, as_map(layer.get("annotations")), path)
    except RefusedError as error:
        return [error]


def read_layer(media_type: str, raw: bytes, annotations: Mapping[str, object], path: str) -> list[Reading]:
    """The attestation or signature in a layer, with what cosign writes in its annotations; `path` names it.

    Raises RefusedError where it cannot be read.
    """
    if media_type == _SIMPLE_SIGNING:
        return [_simple_signing(raw, dict(annotations), path)]
    if media_type == COSE_TYPE:
        return [read_cose(raw, path)]
    document = as_map(parse_json(raw, f"the layer {shown(path)}"))
    if media_type.startswith("application/vnd.in-toto") and "payloadType" not in document:
        return [unsigned_statement(raw, path)]
    return [_annotated(one, dict(annotations)) for one in read_document(document, raw, path) or []]


def _annotated(reading: Reading, annotations: Document) -> Reading:
    """A DSSE layer with what cosign writes beside it: certificate and log entry."""
    if isinstance(reading, RefusedError) or reading.form != "dsse":
        return reading
    try:
        return _with_annotations(replace(reading, form="cosign-legacy"), annotations)
    except RefusedError as error:
        return error


def _with_annotations(attestation: Attestation, annotations: Document) -> Attestation:
    own = pem_certificates(annotations.get("dev.sigstore.cosign/certificate"))
    above = pem_certificates(annotations.get("dev.sigstore.cosign/chain")) if own else ()
    bundle = annotations.get("dev.sigstore.cosign/bundle")
    entries: tuple[LogEntry, ...] = ()
    if isinstance(bundle, str) and bundle:
        entries = (cosign_entry(as_map(parse_json(bundle.encode(), "cosign's bundle annotation"))),)
    return replace(attestation, certificates=(*own[:1], *above), entries=entries)


def _simple_signing(raw: bytes, annotations: Document, path: str) -> Attestation:
    signature = lenient_base64(annotations.get("dev.cosignproject.cosign/signature"), "cosign's signature annotation")
    attestation = Attestation(
        form="cosign-simplesigning",
        payload=raw,
        payload_type=_SIMPLE_SIGNING,
        signed_bytes=raw,
        signatures=(Signature(signature),) if signature else (),
        digest=hashlib.sha256(raw).hexdigest(),
        path=path,
    )
    return _with_annotations(attestation, annotations)
