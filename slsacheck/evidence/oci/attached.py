"""What hangs on an image, fetched and read: signatures, attestations, SBOMs; nothing of it is believed here."""

from __future__ import annotations

import threading
import zlib
from typing import TYPE_CHECKING

from slsacheck.errors import InputError, SlsacheckError, Unavailable
from slsacheck.evidence.attestations.notation import COSE_TYPE, JWS_TYPE
from slsacheck.evidence.attestations.oci_layout import read_layer
from slsacheck.evidence.attestations.statement import forget
from slsacheck.evidence.attestations.steps import RefusedError, shown
from slsacheck.evidence.oci.limits import MAX_DOCUMENT
from slsacheck.evidence.oci.source import Found
from slsacheck.record import record, replace

if TYPE_CHECKING:
    from slsacheck.evidence.attestations.readers import Reading
    from slsacheck.evidence.oci.manifest import Manifest
    from slsacheck.evidence.oci.names import Descriptor
    from slsacheck.evidence.oci.source import Source

__all__ = ["Gathered", "Piece", "gather", "gather_behind", "strays"]

MAX_TOTAL = 192 << 20
"""Bytes of all attachments of one image: some tens of SBOMs for each of its platforms."""
MAX_PIECES = 1_000
"""Layers of attached manifests; nearly all have one."""
MAX_BEHIND = 16
"""Things that hang on an image, and on which something may hang in turn: SBOMs, reports of scanners."""
LARGE = 1 << 20
"""Bytes of an attestation that may be put away, compressed: SBOMs; provenance seldom has so many."""
JUDGING = threading.Lock()
"""Held while attestations are read or judged: one of 24 MiB takes ten times that, so one is read at a time."""
_SIGNED = (
    "application/vnd.dev.cosign.simplesigning.v1+json",
    "application/vnd.dsse.envelope.v1+json",
    "application/vnd.dev.sigstore.bundle",
    "application/vnd.in-toto+json",
    JWS_TYPE,
    COSE_TYPE,
)
_ATTESTATION_MANIFEST = "attestation-manifest"
_REFERENCE = "vnd.docker.reference.digest"


@record
class Piece:
    """One layer of an attached manifest, whose digest is `manifest`. `about` is the digest under which it was found.

    `reading` is the attestation in it, None where it is of a kind that is not one (an SBOM, a chart); `problem` says
    why it cannot count, `unavailable` that it may be sound and could not be looked at. A large one that was put away
    has its bytes in `packed`, with the annotations of its layer, and its reading by `unpacked`.
    """

    found_by: str
    about: str
    digest: str
    media_type: str = ""
    artifact_type: str = ""
    reading: Reading | None = None
    problem: str = ""
    unavailable: bool = False
    manifest: str = ""
    packed: bytes = b""
    annotations: tuple[tuple[str, str], ...] = ()
    path: str = ""

    def unpacked(self) -> Piece:
        """The piece with its reading."""
        if not self.packed:
            return self
        forget()
        raw = zlib.decompress(self.packed)
        return _with(self, reading=read_layer(self.media_type, raw, dict(self.annotations), self.path)[0])


@record
class Gathered:
    """Everything that was found; `problems` are (where, reason), each of which keeps the look-up from being whole."""

    pieces: tuple[Piece, ...]
    looked_at: tuple[str, ...]
    problems: tuple[tuple[str, str], ...]


def gather(
    source: Source, digest: str, index: Manifest | None = None, *, quick: bool = False, spare: bool = False
) -> Gathered:
    """What hangs on a digest; `index` is the index whose attestation manifests speak of it (BuildKit).

    `quick` looks at the list of referrers alone, which is enough for whoever looks for one good signature. `spare` puts
    large pieces away, for whoever looks at one after the other.
    """
    listing = source.attached(digest, quick=quick)
    found, looked, problems = list(listing.found), list(listing.looked_at), list(listing.problems)
    if index is not None:
        looked.append(f"{source.name} (index {index.digest})")
        found += [Found(child, "index-manifest") for child in index.children if _speaks_of(child, digest)]
        problems += strays(index, source.name)
    pieces: list[Piece] = []
    left, seen = MAX_TOTAL, set[str]()
    for one in found:
        if one.descriptor.digest in seen:
            continue
        seen.add(one.descriptor.digest)
        try:
            manifest = _checked(source, one, digest)
        except SlsacheckError as problem:
            problems.append((problem.where or source.name, problem.message))
            pieces.append(_refused(one, digest, problem))
            continue
        room = MAX_PIECES - len(pieces)
        if len(manifest.layers) > room:
            problems.append((source.name, f"more than {MAX_PIECES} things hang on {digest}"))
        for layer in manifest.layers[:room]:
            left -= layer.size or 0
            pieces.append(_piece(source, one, digest, manifest, layer, left, spare=spare))
    problems += [(f"{source.name}@{piece.digest}", piece.problem) for piece in pieces if piece.problem]
    return Gathered(tuple(pieces), tuple(looked), tuple(dict.fromkeys(problems)))


def _speaks_of(child: Descriptor, digest: str) -> bool:
    kind = child.annotation("vnd.docker.reference.type")
    return kind == _ATTESTATION_MANIFEST and child.annotation(_REFERENCE) == digest


def strays(index: Manifest, name: str) -> list[tuple[str, str]]:
    """Attestation manifests of an index that speak of nothing in it: they count for no image, and somebody put them."""
    known = {child.digest for child in index.children}
    named = [(one.digest, one.annotation(_REFERENCE)) for one in index.children if one.annotation(_REFERENCE)]
    return [
        (f"{name}@{digest}", f"speaks of {shown(about)}, which is not in the index")
        for digest, about in named
        if about not in known
    ]


def _refused(found: Found, digest: str, problem: SlsacheckError) -> Piece:
    piece = Piece(found.found_by, digest, found.descriptor.digest, found.descriptor.media_type)
    return replace(piece, problem=problem.message, unavailable=isinstance(problem, Unavailable))


def _checked(source: Source, found: Found, digest: str) -> Manifest:
    """The manifest, whose own word on its subject counts: the list that named it may say anything."""
    manifest = source.manifest(found.descriptor)
    if found.found_by in ("referrers", "fallback-tag") and (
        manifest.subject is None or manifest.subject.digest != digest
    ):
        subject = manifest.subject.digest if manifest.subject else "nothing"
        raise InputError(
            f"is listed as a referrer of {digest}, but its subject is {subject}",
            where=f"{source.name}@{manifest.digest}",
            advice="it is not counted",
        )
    return manifest


def _piece(
    source: Source, found: Found, digest: str, manifest: Manifest, layer: Descriptor, left: int, *, spare: bool
) -> Piece:
    kinds = (layer.media_type, manifest.artifact_type)
    piece = Piece(found.found_by, digest, layer.digest, *kinds, manifest=manifest.digest)
    if not layer.media_type.startswith(_SIGNED):
        return piece
    path = f"{source.name}@{layer.digest}"
    if left < 0:
        return _with(piece, problem=f"not read: the attachments have more than {MAX_TOTAL >> 20} MiB together")
    try:
        raw = source.blob(layer, MAX_DOCUMENT)
        with JUDGING:
            readings = read_layer(layer.media_type, raw, dict(layer.annotations), path)
    except SlsacheckError as problem:
        return replace(piece, problem=problem.message, unavailable=isinstance(problem, Unavailable))
    except RefusedError as problem:
        return _with(piece, reading=problem, problem=problem.message)
    reading = readings[0] if readings else RefusedError("malformed", f"{path} is no attestation in a known form")
    if spare and len(raw) > LARGE and not isinstance(reading, RefusedError):
        return replace(piece, packed=zlib.compress(raw, 1), annotations=layer.annotations, path=path)
    return _with(piece, reading=reading, problem=reading.message if isinstance(reading, RefusedError) else "")


def _with(piece: Piece, *, reading: Reading | None = None, problem: str = "") -> Piece:
    return replace(piece, reading=reading, problem=problem)


def gather_behind(source: Source, pieces: tuple[Piece, ...]) -> Gathered:
    """What hangs on the things that hang on an image: the signature of an SBOM, which says nothing about the image."""
    found: list[Gathered] = []
    plain = dict.fromkeys(
        piece.manifest for piece in pieces if piece.reading is None and not (piece.problem or piece.packed)
    )
    for digest in [one for one in plain if one][:MAX_BEHIND]:
        found.append(gather(source, digest, quick=True))  # noqa: PERF401 - each asks a registry
    return Gathered(
        tuple(piece for one in found for piece in one.pieces),
        tuple(place for one in found for place in one.looked_at),
        tuple(problem for one in found for problem in one.problems),
    )
