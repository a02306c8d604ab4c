"""Manifests and indexes: checked against what led to them, then read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.errors import InputError
from slsacheck.evidence.attestations.jsondoc import Document, as_list, as_map, as_text, dig, parse_json
from slsacheck.evidence.attestations.steps import RefusedError, shown
from slsacheck.evidence.oci.limits import MAX_CONFIG, MAX_MANIFESTS
from slsacheck.evidence.oci.names import INDEXES, MANIFESTS, SCHEMA_1, Descriptor, descriptor_of, same_bytes, texts
from slsacheck.record import record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slsacheck.evidence.oci.source import Source

__all__ = ["Manifest", "check_bytes", "config_of", "json_document", "read_manifest"]


@record
class Manifest:
    """A manifest or index whose bytes have the digest by which it was asked for.

    `children` are an index's manifests; `config` and `layers` a manifest's parts. `artifact_type` falls back to the
    media type of the configuration (image specification, guidelines for artifact usage). `data` are the bytes.
    """

    descriptor: Descriptor
    media_type: str
    is_index: bool
    children: tuple[Descriptor, ...] = ()
    config: Descriptor | None = None
    layers: tuple[Descriptor, ...] = ()
    subject: Descriptor | None = None
    artifact_type: str = ""
    annotations: tuple[tuple[str, str], ...] = ()
    data: bytes = b""

    @property
    def digest(self) -> str:
        """Its digest."""
        return self.descriptor.digest


def check_bytes(descriptor: Descriptor, data: bytes, where: str) -> bytes:
    """The bytes themselves. Raises InputError where they are not those that the descriptor names."""
    if descriptor.size is not None and len(data) != descriptor.size:
        raise InputError(
            f"{descriptor.digest} has {len(data)} bytes, its descriptor says {descriptor.size}",
            where=where,
            advice="the image is damaged or was tampered with; get it again",
        )
    if not same_bytes(descriptor.digest, data):
        raise InputError(
            f"what is stored as {descriptor.digest} has another digest",
            where=where,
            advice="the image is damaged or was tampered with; get it again",
        )
    return data


def json_document(data: bytes, where: str) -> Document:
    """The JSON object in these bytes. Raises InputError."""
    try:
        value = parse_json(data, "it")
    except RefusedError as problem:
        raise InputError(problem.message, where=where, advice="push the image again") from problem
    if not isinstance(value, dict):
        raise InputError("is JSON, but no object", where=where)
    return as_map(value)


def config_of(source: Source, manifest: Manifest) -> Document:
    """The configuration of an image. Raises InputError where there is none, Absent or Unavailable."""
    if manifest.config is None:
        raise InputError("has no configuration", where=f"{source.name}@{manifest.digest}")
    return json_document(source.blob(manifest.config, MAX_CONFIG), f"{source.name}@{manifest.config.digest}")


def read_manifest(descriptor: Descriptor, data: bytes, where: str, said: str = "") -> Manifest:
    """The manifest in bytes that `check_bytes` has seen; `said` is the media type that a registry answered with.

    Raises InputError where it is none, is of schema 1, or is of another media type than its descriptor says.
    """
    place = f"{where}@{descriptor.digest}"
    document = json_document(data, place)
    kind = _media_type(document, descriptor, said, place)
    _refuse_schema_1(document, kind, place)
    is_index = _is_index(document, kind, place)
    subject = document.get("subject")
    config = document.get("config") if not is_index else None
    return Manifest(
        descriptor=descriptor,
        media_type=kind,
        is_index=is_index,
        children=_descriptors(document.get("manifests"), place) if is_index else (),
        config=descriptor_of(config, place) if isinstance(config, dict) else None,
        layers=() if is_index else _descriptors(document.get("layers") or document.get("blobs"), place),
        subject=descriptor_of(subject, place) if isinstance(subject, dict) else None,
        artifact_type=as_text(document.get("artifactType")) or as_text(dig(config, "mediaType")),
        annotations=texts(document.get("annotations")),
        data=data,
    )


def _media_type(document: Document, descriptor: Descriptor, said: str, place: str) -> str:
    """The one media type that everybody names; a document without one takes its descriptor's."""
    own = as_text(document.get("mediaType"))
    claims = {"its descriptor": descriptor.media_type, "the registry": said}
    known = INDEXES | MANIFESTS | set(SCHEMA_1)
    for who, claim in claims.items():
        if own and claim and claim != own and (claim in known or who == "its descriptor"):
            raise InputError(
                f"is {shown(own)}, and {who} says {shown(claim)}",
                where=place,
                advice="readers would take it for different things; push the image again",
            )
    return own or descriptor.media_type or said


def _refuse_schema_1(document: Document, kind: str, place: str) -> None:
    if document.get("schemaVersion") == 1 or kind in SCHEMA_1:
        raise InputError(
            "is a Docker manifest of schema 1, whose layers are named by digests that nothing signs as a whole",
            where=place,
            advice="push the image again with any tool of the last years, which writes schema 2",
        )


def _is_index(document: Document, kind: str, place: str) -> bool:
    has_children, has_layers = "manifests" in document, "layers" in document or "config" in document
    if has_children and has_layers:
        raise InputError("is an index and a manifest at once", where=place, advice="push the image again")
    wrong = (kind in INDEXES and has_layers) or (kind in MANIFESTS and has_children)
    if wrong or not (has_children or has_layers or "blobs" in document):
        raise InputError(f"is not what its media type {shown(kind)!r} says", where=place)
    return has_children


def _descriptors(value: object, place: str) -> tuple[Descriptor, ...]:
    found: Sequence[object] = as_list(value)
    if len(found) > MAX_MANIFESTS:
        raise InputError(f"names more than {MAX_MANIFESTS:,} parts", where=place)
    return tuple(descriptor_of(one, place) for one in found)
