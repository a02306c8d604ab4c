"""PGP signatures beside artifacts and their checksum files: whose key, when, over which hash; as facts, never verified.

Source of the format: RFC 9580 (OpenPGP), sections 4.2, 5.2 and 6.
"""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from slsacheck.errors import SlsacheckError
from slsacheck.record import record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from slsacheck.evidence.shelf import Shelf

__all__ = ["PgpSignature", "checksum_facts", "parse_signature", "signature_facts"]

SUFFIXES = (".asc", ".sig", ".gpg", ".sign")
"""What a detached signature's name has after that of the file."""
_MAX_BYTES = 1 << 20
"""Bytes of a signature that are looked at: one has a few hundred, a signed list of checksums some thousand."""
_MAX_ARMOUR = 64 << 10
_HASHES = {1: "MD5", 2: "SHA-1", 3: "RIPEMD-160", 8: "SHA-256", 9: "SHA-384", 10: "SHA-512", 11: "SHA-224"}
_WEAK = ("MD5", "SHA-1", "RIPEMD-160")
_KEYS = {1: "RSA", 3: "RSA", 17: "DSA", 19: "ECDSA", 22: "EdDSA", 27: "Ed25519", 28: "Ed448"}
_CREATED, _ISSUER, _FINGERPRINT = 2, 16, 33
_BEGIN, _END = b"-----BEGIN PGP SIGNATURE-----", b"-----END PGP SIGNATURE-----"


@record
class PgpSignature:
    """What a signature packet says of itself; nobody verified it. `key` is the fingerprint or id that it names."""

    key: str
    algorithm: str
    hash: str
    made: str | None = None

    def told(self) -> str:
        """A sentence about it."""
        key = f"the {self.algorithm} key {self.key}" if self.key else f"an unnamed {self.algorithm} key"
        weak = ", a hash that can be forged" if self.hash in _WEAK else ""
        when = f" at {self.made}" if self.made else ""
        return (
            f"by {key}{when} over {self.hash}{weak}; not verified here (`gpg --verify`), and it says nothing about "
            "how the file was built"
        )


def parse_signature(data: bytes) -> PgpSignature | None:
    """The first signature in a file, armoured or not; None where there is none that can be read."""
    raw = _unarmoured(data[:_MAX_BYTES]) if _BEGIN in data[:_MAX_BYTES] else data[:_MAX_ARMOUR]
    try:
        body = _packet(raw)
        return _version_4(body) if body[0] in (4, 6) else _version_3(body)
    except (IndexError, ValueError):
        return None


def _unarmoured(data: bytes) -> bytes:
    """The bytes behind the armour: after its headers, without its checksum."""
    text = data.partition(_BEGIN)[2].partition(_END)[0][:_MAX_ARMOUR]
    lines = [line.strip() for line in text.splitlines()]
    start = lines.index(b"", 1) if b"" in lines[1:] else 0
    kept = b"".join(line for line in lines[start:] if line and not line.startswith(b"=") and b":" not in line)
    try:
        return base64.b64decode(kept, validate=True)
    except binascii.Error:
        return b""


def _packet(data: bytes) -> bytes:
    """The body of a signature packet (tag 2); raises ValueError for other packets and bodies that are cut short."""
    tag, first = data[0], data[1]
    if tag & 0xC0 == 0xC0:  # noqa: PLR2004 - the newer form
        kind = tag & 0x3F
        start, length = (2, first) if first < 192 else (3, ((first - 192) << 8) + data[2] + 192)  # noqa: PLR2004
    else:
        kind, size = (tag >> 2) & 0x0F, 1 << (tag & 3)
        start, length = 1 + size, int.from_bytes(data[1 : 1 + size], "big")
    body = data[start : start + length]
    if not tag & 0x80 or kind != 2 or len(body) != length or not body:  # noqa: PLR2004 - signature
        raise ValueError("no signature")
    return body


def _version_3(body: bytes) -> PgpSignature:
    if body[0] != 3 or body[1] != 5:  # noqa: PLR2004 - version, and the length that it always has
        raise ValueError("unknown version")
    return PgpSignature(body[7:15].hex().upper(), _name(_KEYS, body[15]), _name(_HASHES, body[16]), _moment(body[3:7]))


def _version_4(body: bytes) -> PgpSignature:
    width = 4 if body[0] == 6 else 2  # noqa: PLR2004 - of the length of each area
    found: dict[int, bytes] = {}
    at = 4
    for _ in range(2):  # the hashed area counts before the other
        size = int.from_bytes(body[at : at + width], "big")
        area = body[at + width : at + width + size]
        if len(area) != size:
            raise ValueError("cut short")
        for kind, value in _subpackets(area):
            found.setdefault(kind, value)
        at += width + size
    named = found[_FINGERPRINT][1:] if _FINGERPRINT in found else found.get(_ISSUER, b"")
    made = _moment(found[_CREATED]) if _CREATED in found else None
    return PgpSignature(named[:32].hex().upper(), _name(_KEYS, body[2]), _name(_HASHES, body[3]), made)


def _subpackets(area: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(area):
        size, at = area[at], at + 1
        if size == 255:  # noqa: PLR2004 - RFC 9580, section 5.2.3.7
            size, at = int.from_bytes(area[at : at + 4], "big"), at + 4
        elif size >= 192:  # noqa: PLR2004 - see above
            size, at = ((size - 192) << 8) + area[at] + 192, at + 1
        if size < 1 or at + size > len(area):
            raise ValueError("cut short")
        yield area[at] & 0x7F, area[at + 1 : at + size]
        at += size


def _name(names: dict[int, str], number: int) -> str:
    return names.get(number, f"unknown ({number})")


def _moment(data: bytes) -> str | None:
    if len(data) != 4:  # noqa: PLR2004 - seconds since 1970
        return None
    return f"{datetime.fromtimestamp(int.from_bytes(data, 'big'), UTC):%Y-%m-%dT%H:%M:%SZ}"


def signature_facts(path: str, shelf: Shelf) -> tuple[tuple[str, str], ...]:
    """The PGP signatures that lie beside a file, a fact each."""
    found = []
    for name in (path + suffix for suffix in SUFFIXES):
        try:
            shelf.local(name)
        except SlsacheckError:
            continue
        data = shelf.read().get(name)
        signature = parse_signature(data) if data is not None else None
        if signature is not None:
            found.append((f"PGP signature {name.rpartition('/')[2]}", signature.told()))
    return tuple(found)


def checksum_facts(
    digests: Iterable[tuple[str, str]], lists: Iterable[tuple[str, bytes, tuple[tuple[str, str], ...]]]
) -> tuple[tuple[str, str], ...]:
    """The signed checksum files that list an artifact; of each its name, bytes and the facts about its signatures."""
    from slsacheck.evidence.checksums import listed

    own = {value for _, value in digests}
    found = []
    for name, data, facts in lists:
        clear = parse_signature(data)
        told = facts if clear is None else ((f"PGP signature in {name}", clear.told()), *facts)
        if told and own & set(listed(data).values()):
            found += [(f"{name} lists it, {fact}", text) for fact, text in told]
    return tuple(found)
