"""Single changes to a genuine attestation, and what a strict verifier says to each.

A change is written once, in logical places (`payload`, `entry.proof.hashes`), and applied to every form that has them:
Sigstore bundles, npm's answers, PEP 740, bare envelopes, Cloud Build's JSON, answers of the Rekor API.
"""

from __future__ import annotations

import base64
import copy
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from slsacheck.model.attestation import Case
from tests.evidence.attestations.places import read, steps_of

REFUSED, OPEN, ACCEPTED = "fail", "fail or unknown", "pass"
"""What is right: refuted; refuted or undecided, because evidence is gone; unharmed."""

ORDERS = {
    256: 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
    384: 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973,
}


@dataclass(frozen=True)
class Genuine:
    """A genuine attestation: what is asked of it, and another of the same kind to take parts from.

    `own` says what is right of changes that mean something else to this form than to a bundle.
    """

    name: str
    document: dict[str, Any]
    case: Case
    places: dict[str, str]
    other: Genuine | None = None
    trust: Any = None
    own: dict[str, str] = field(default_factory=dict)


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _raw(text: str) -> bytes:
    return base64.b64decode(text.replace("-", "+").replace("_", "/"))


def _flip(position: int) -> Callable[[str], str]:
    def flip(text: str) -> str:
        data = bytearray(_raw(text))
        data[position] ^= 1
        return b64(bytes(data))

    return flip


def _flip_hex(text: str) -> str:
    return ("1" if text[0] != "1" else "2") + text[1:]


def _plus(step: int) -> Callable[[Any], Any]:
    return lambda value: type(value)(int(value) + step)


def _other_digit(text: str) -> str:
    """The payload with one character inside it changed."""
    data = bytearray(_raw(text))
    data[len(data) // 2] ^= 1
    return b64(bytes(data))


def _malleated(text: str) -> str | None:
    """(r, n - s): as valid as (r, s) for a verifier that does not look into the log entry."""
    try:
        r, s = decode_dss_signature(_raw(text))
    except ValueError:
        return None
    order = ORDERS[256 if max(r, s).bit_length() <= 256 else 384]
    return b64(encode_dss_signature(r, order - s))


def _loose_base64(text: str) -> str | None:
    """Base64 of the same bytes with bits set that the padding leaves unused."""
    if not text.endswith("="):
        return None
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    body = text.rstrip("=")
    last = letters[letters.index(body[-1].replace("-", "+").replace("_", "/")) ^ 1]
    return body[:-1] + last + "=" * (len(text) - len(body))


def _note_signature(change: Callable[[bytes], bytes]) -> Callable[[str], str]:
    def run(note: str) -> str:
        text, _, lines = note.partition("\n\n")
        out = []
        for line in lines.splitlines():
            dash, name, value = line.split(" ")
            out.append(f"{dash} {name} {b64(change(base64.b64decode(value)))}")
        return f"{text}\n\n" + "\n".join(out) + "\n"

    return run


def _other_size(note: str) -> str:
    lines = note.split("\n")
    lines[1] = str(int(lines[1]) + 1)
    return "\n".join(lines)


def _other_root(note: str) -> str:
    lines = note.split("\n")
    lines[2] = _flip(0)(lines[2])
    return "\n".join(lines)


def _lookalike(text: str, *, own: bool = False) -> str:
    """The certificate made again with another key, by an authority that has only the name of the right one.

    With `own` the certificate signs itself.
    """
    original = x509.load_der_x509_certificate(base64.b64decode(text))
    key, authority = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    builder = (
        x509.CertificateBuilder()
        .subject_name(original.subject)
        .issuer_name(original.issuer)
        .public_key(key.public_key())
        .serial_number(original.serial_number)
        .not_valid_before(original.not_valid_before_utc)
        .not_valid_after(original.not_valid_after_utc)
    )
    for extension in original.extensions:
        value = x509.UnrecognizedExtension(extension.oid, extension.value.public_bytes())
        builder = builder.add_extension(value, critical=extension.critical)
    made = builder.sign(key if own else authority, hashes.SHA256())
    return b64(made.public_bytes(serialization.Encoding.DER))


Change = tuple[str, str, Any, str]
"""Name of the row, logical place, the change (a value, a function, `...` to remove), and what is right."""

GARBAGE_ENTRY = {"canonicalizedBody": b64(b"{}"), "logIndex": "1", "logId": {"keyId": b64(b"x" * 32)}}
CHANGES: list[Change] = [
    ("payload: one bit", "payload", _other_digit, REFUSED),
    ("payload: a blank at the end", "payload", lambda old: b64(_raw(old) + b" "), REFUSED),
    ("payload: base64 that is not canonical", "payload", _loose_base64, REFUSED),
    ("payload: a line break in the base64", "payload", lambda old: old[:8] + "\n" + old[8:], REFUSED),
    ("payload: empty", "payload", "", REFUSED),
    ("payloadType: another", "type", "application/vnd.in-toto.x+json", REFUSED),
    ("payloadType: empty", "type", "", REFUSED),
    ("signature: one bit", "signature", _flip(-1), REFUSED),
    ("signature: malleated (r, n-s)", "signature", _malleated, REFUSED),
    ("signature: truncated", "signature", lambda old: b64(_raw(old)[:-1]), REFUSED),
    ("signature: bytes after its end", "signature", lambda old: b64(_raw(old) + b"\0"), REFUSED),
    ("signature: empty", "signature", "", REFUSED),
    ("signature: base64 that is not canonical", "signature", _loose_base64, REFUSED),
    ("signatures: none", "signatures", [], REFUSED),
    ("signatures: the key is missing", "signatures", ..., REFUSED),
    ("signatures: twice the same", "signatures", lambda old: old * 2, REFUSED),
    ("signatures: garbage before it", "signatures", lambda old: [{"sig": b64(b"x" * 70)}, *old], REFUSED),
    ("signatures: 100,000", "signatures", lambda old: old * 100_000, OPEN),
    ("keyid: a hint", "keyid", "SHA256:anything", ACCEPTED),
    ("message digest: another", "message", _flip(0), REFUSED),
    ("message signature: one bit", "message.signature", _flip(-1), REFUSED),
    ("message signature: malleated (r, n-s)", "message.signature", _malleated, REFUSED),
    ("message signature: empty", "message.signature", "", REFUSED),
    ("certificate: one bit", "certificate", _flip(-1), REFUSED),
    ("certificate: truncated", "certificate", lambda old: b64(_raw(old)[:-9]), REFUSED),
    ("certificate: empty", "certificate", "", REFUSED),
    ("certificate: missing", "certificate", ..., OPEN),
    ("certificate: look-alike authority", "certificate", _lookalike, REFUSED),
    ("certificate: signs itself", "certificate", lambda old: _lookalike(old, own=True), REFUSED),
    ("entries: none", "entries", [], OPEN),
    ("entries: the key is missing", "entries", ..., OPEN),
    ("entries: a second one that is garbage", "entries", lambda old: [*old, GARBAGE_ENTRY], REFUSED),
    ("entries: an empty one first", "entries", lambda old: [{}, *old], REFUSED),
    ("entries: 1,000 times the same", "entries", lambda old: old * 1000, OPEN),
    ("entry: kind lies", "entry.kind", "hashedrekord9", REFUSED),
    ("entry: version lies", "entry.version", "9.9.9", REFUSED),
    ("entry: body reformatted", "entry.body", lambda old: b64(_raw(old).replace(b"{", b"{ ", 1)), REFUSED),
    ("entry: body is another object", "entry.body", b64(b"{}"), REFUSED),
    ("entry: body missing", "entry.body", ..., REFUSED),
    ("entry: unknown log", "entry.log", b64(b"x" * 32), REFUSED),
    ("entry: log missing", "entry.log", ..., REFUSED),
    ("entry: unknown log (API)", "api.log", "00" * 32, REFUSED),
    ("SET: one bit", "entry.promise", _flip(-1), REFUSED),
    ("SET: malleated (r, n-s)", "entry.promise", _malleated, ACCEPTED),
    ("SET: empty", "entry.promise", "", REFUSED),
    ("SET: removed", "entry.promise", ..., OPEN),
    ("integratedTime: one second later", "entry.time", _plus(1), REFUSED),
    ("integratedTime: a year later", "entry.time", _plus(31_536_000), REFUSED),
    ("integratedTime: removed", "entry.time", ..., REFUSED),
    ("integratedTime: negative", "entry.time", "-1", REFUSED),
    ("logIndex: one higher", "entry.index", _plus(1), REFUSED),
    ("proof: a hash flipped", "proof.hash", _flip(0), REFUSED),
    ("proof: a hash flipped (API)", "api.hash", _flip_hex, REFUSED),
    ("proof: index one higher", "proof.index", _plus(1), REFUSED),
    ("proof: index beyond the tree", "proof.index", lambda old: type(old)(2**62), REFUSED),
    ("proof: truncated", "proof.hashes", lambda old: old[:-1], REFUSED),
    ("proof: a hash more", "proof.hashes", lambda old: [*old, old[0]], REFUSED),
    ("proof: 100,000 hashes", "proof.hashes", lambda old: old[:1] * 100_000, REFUSED),
    ("proof: size one more", "proof.size", _plus(1), REFUSED),
    ("proof: root flipped", "proof.root", _flip(0), REFUSED),
    ("proof: root flipped (API)", "api.root", _flip_hex, REFUSED),
    ("proof: removed", "entry.proof", ..., REFUSED),
    ("checkpoint: signature flipped", "checkpoint", _note_signature(lambda raw: raw[:-1] + bytes([raw[-1] ^ 1])), REFUSED),
    ("checkpoint: key hint changed", "checkpoint", _note_signature(lambda raw: b"\0\0\0\0" + raw[4:]), REFUSED),
    ("checkpoint: signature removed", "checkpoint", lambda old: old.partition("\n\n")[0] + "\n\n", REFUSED),
    ("checkpoint: of another tree size", "checkpoint", _other_size, REFUSED),
    ("checkpoint: of another root", "checkpoint", _other_root, REFUSED),
    ("checkpoint: of another log", "checkpoint", lambda old: old.replace("\n", ".evil\n", 1), REFUSED),
    ("checkpoint: empty", "checkpoint", "", REFUSED),
    ("checkpoint: removed", "checkpoint.all", ..., REFUSED),
    ("timestamp: one bit", "stamp", _flip(-1), REFUSED),
    ("timestamp: garbage", "stamp", b64(b"garbage"), REFUSED),
    ("timestamps: removed", "stamps", ..., OPEN),
    ("format: unknown version", "format", "application/vnd.dev.sigstore.bundle.v9.9+json", REFUSED),
    ("format: missing", "format", ..., REFUSED),
    ("envelope: missing", "envelope", ..., REFUSED),
    ("envelope: a list", "envelope", [], REFUSED),
    ("material: missing", "material", ..., OPEN),
]  # fmt: skip
PARTS = ["entry", "certificate", "envelope", "payload", "signature", "entry.promise", "checkpoint", "stamp", "material"]
"""What is taken from another attestation of the same kind, each alone."""


def altered(document: dict[str, Any], path: str, change: Any) -> dict[str, Any] | None:
    """A copy changed at a path; None where the document has no such place or the change does not apply."""
    result = copy.deepcopy(document)
    *parents, last = steps_of(path)
    try:
        place = read(result, ".".join(map(str, parents))) if parents else result
        old = place[last] if not (isinstance(place, dict) and last == "keyid") else place.get(last)
    except (KeyError, IndexError, TypeError):
        return None
    new = change(old) if callable(change) else change
    if new is None or new == old:
        return None
    if new is ...:
        del place[last]
    else:
        place[last] = new
    return result


def _has(document: dict[str, Any], places: dict[str, str], name: str) -> bool:
    try:
        return name in places and isinstance(read(document, places[name]), str)
    except (KeyError, IndexError, TypeError):
        return False


def _doubled_key(document: dict[str, Any], places: dict[str, str]) -> bytes | None:
    """The same JSON with a second payload before the genuine one: readers differ in which they take."""
    path = next(
        (places[name] for name in ("payload", "message.signature", "entry.body") if _has(document, places, name)), None
    )
    if path is None:
        return None
    key = steps_of(path)[-1]
    marker = f'"{key}": {json.dumps(read(document, path))}'
    text = json.dumps(document)
    return text.replace(marker, f'"{key}": "e30=", {marker}', 1).encode() if marker in text else None


def _whole(base: Genuine) -> Iterator[tuple[str, bytes, str]]:
    """Changes to the text as a whole."""
    text = json.dumps(base.document).encode()
    doubled = _doubled_key(base.document, base.places)
    if doubled is not None:
        yield "JSON: a key twice", doubled, REFUSED
    yield "JSON: cut in half", text[: len(text) // 2], REFUSED
    yield "JSON: another object after it", text + b"{}", REFUSED
    yield "JSON: in UTF-16", text.decode().encode("utf-16"), REFUSED
    yield "JSON: 100,000 lists around it", b"[" * 100_000 + text + b"]" * 100_000, OPEN


def mutants(base: Genuine) -> Iterator[tuple[str, bytes, str]]:
    """(row, bytes, what is right) of every change that applies to the attestation."""
    yield "unchanged", json.dumps(base.document).encode(), ACCEPTED
    for name, place, change, right in CHANGES:
        path = base.places.get(place)
        document = altered(base.document, path, change) if path is not None else None
        if document is not None:
            yield name, json.dumps(document).encode(), base.own.get(name, right)
    for part in PARTS if base.other is not None else []:
        document = _with_part(base, part)
        if document is not None:
            name = f"{part} of another attestation"
            yield name, json.dumps(document).encode(), base.own.get(name, REFUSED)
    yield from _whole(base)


def _with_part(base: Genuine, part: str) -> dict[str, Any] | None:
    assert base.other is not None
    if part not in base.places or part not in base.other.places:
        return None
    try:
        value = read(base.other.document, base.other.places[part])
    except (KeyError, IndexError, TypeError):
        return None
    return altered(base.document, base.places[part], value)
