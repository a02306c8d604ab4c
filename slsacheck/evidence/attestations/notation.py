"""Signatures of Notary Project's notation: JWS and COSE envelopes read into an attestation.

The source of the rules is Notary Project's signature specification (signature-envelope-jws.md and -cose.md). Such a
signature says that somebody stands for an artifact; it is never provenance.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING

from slsacheck.evidence.attestations.envelope import Attestation, Signature
from slsacheck.evidence.attestations.jsondoc import (
    Document,
    as_int,
    as_list,
    as_map,
    as_text,
    decode_base64,
    dig,
    parse_json,
)
from slsacheck.evidence.attestations.limits import MAX_CERTIFICATES
from slsacheck.evidence.attestations.steps import RefusedError, shown

if TYPE_CHECKING:
    from datetime import datetime

    from slsacheck.evidence.attestations.statement import Subject

__all__ = [
    "COSE_TYPE",
    "JWS_TYPE",
    "PREFIX",
    "is_cose",
    "is_notation_jws",
    "read_cose",
    "read_jws",
    "stated_size",
    "target_of",
]

JWS_TYPE, COSE_TYPE = "application/jose+json", "application/cose"
PREFIX = "io.cncf.notary."
_PAYLOAD_TYPE = "application/vnd.cncf.notary.payload.v1+json"
_KNOWN = frozenset(PREFIX + name for name in ("signingScheme", "expiry", "authenticSigningTime", "verificationPlugin"))
"""The headers that may be critical; any other critical one is refused (RFC 7515, section 4.1.11)."""
_COSE_TAG = b"\xd2"
_COSE_ALGORITHMS = {-37: "PS256", -38: "PS384", -39: "PS512", -7: "ES256", -35: "ES384", -36: "ES512"}
_ALG, _CRIT, _CTY, _X5CHAIN = 1, 2, 3, 33
"""Labels of COSE headers (RFC 9052, section 3.1, and RFC 9360)."""


def _refuse(message: str) -> RefusedError:
    return RefusedError("malformed", message, step="envelope")


def is_notation_jws(document: Document) -> bool:
    """Whether it is a JSON Web Signature with one signature and the signer's certificates."""
    return {"payload", "protected", "signature", "header"} <= document.keys() and "payloadType" not in document


def _url64(value: object, what: str) -> bytes:
    """Base64 in the URL alphabet without padding (RFC 7515, section 2), the one text that these bytes have."""
    text = as_text(value)
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise _refuse(f"{what} is not base64url") from error
    if not text or base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii") != text:
        raise _refuse(f"{what} is not base64url in its one form")
    return data


def _headers(critical: list[object], values: dict[str, str], algorithm: str) -> tuple[tuple[str, str], ...]:
    """The protected headers after their common rules: everything critical is known and there."""
    for one in critical:
        if not isinstance(one, str) or one not in _KNOWN or one not in values:
            raise RefusedError(
                "unsupported", f"the signature demands {shown(one)}, which is not known here", step="envelope"
            )
    if values.get("cty") != _PAYLOAD_TYPE:
        raise _refuse(f"the content type is {shown(values.get('cty', '(none)'))}, not {_PAYLOAD_TYPE}")
    needed = [f"{PREFIX}signingScheme"]
    needed += [name for name in (f"{PREFIX}expiry", f"{PREFIX}authenticSigningTime") if name in values]
    if any(name not in critical for name in needed):
        raise _refuse("a header that must be critical is not (signingScheme, expiry, authenticSigningTime)")
    return (("alg", algorithm), *sorted(values.items()))


def _attestation(
    payload: bytes,
    signed: bytes,
    signature: bytes,
    chain: tuple[bytes, ...],
    headers: tuple[tuple[str, str], ...],
    raw: bytes,
    path: str,
    timestamp: bytes | None,
) -> Attestation:
    return Attestation(
        form="notation",
        payload=payload,
        payload_type=_PAYLOAD_TYPE,
        signed_bytes=signed,
        signatures=(Signature(signature),) if signature else (),
        digest=hashlib.sha256(raw).hexdigest(),
        path=path,
        certificates=chain,
        headers=headers,
        timestamps=() if timestamp is None else (timestamp,),
    )


def read_jws(document: Document, raw: bytes, path: str) -> Attestation:
    """A JWS envelope; raises RefusedError when it is malformed or demands something unknown."""
    protected = as_map(parse_json(_url64(document.get("protected"), "the protected header"), "the protected header"))
    header = as_map(document.get("header"))
    chain = as_list(header.get("x5c"))
    if len(chain) > MAX_CERTIFICATES:
        raise RefusedError("limit-exceeded", f"more than {MAX_CERTIFICATES} certificates", verdict="unknown")
    values = {name: value for name, value in protected.items() if isinstance(value, str) and name != "alg"}
    stamp = header.get(f"{PREFIX}timestampSignature")
    return _attestation(
        payload=_url64(document.get("payload"), "the payload"),
        signed=f"{as_text(document.get('protected'))}.{as_text(document.get('payload'))}".encode(),
        signature=_url64(document.get("signature"), "the signature"),
        chain=tuple(decode_base64(one, "a certificate of the signature") for one in chain),
        headers=_headers(as_list(protected.get("crit")), values, as_text(protected.get("alg"))),
        raw=raw,
        path=path,
        timestamp=None if stamp is None else decode_base64(stamp, "the timestamp of the signature"),
    )


def is_cose(data: bytes) -> bool:
    """Whether it begins as a COSE_Sign1 object with its tag."""
    return data[:1] == _COSE_TAG


def _decoded(data: bytes, what: str) -> object:
    try:
        import cbor2
    except ModuleNotFoundError as error:
        raise RefusedError(
            "unsupported",
            "reading a COSE signature needs the library cbor2: pip install 'slsacheck[notation]'",
            verdict="unknown",
            step="read",
        ) from error
    try:
        value: object = cbor2.loads(data)
    except (cbor2.CBORError, ValueError, TypeError, RecursionError, MemoryError, OverflowError) as error:
        raise _refuse(f"{what} is no CBOR") from error
    return value


def _text_of(value: object) -> str | None:
    """A header's value as text: times become RFC 3339, everything but texts and times is left out."""
    if isinstance(value, str):
        return value
    from datetime import datetime as moment

    return _rfc3339(value) if isinstance(value, moment) else None


def _rfc3339(value: datetime) -> str:
    return value.strftime("%Y-%m-%dT%H:%M:%SZ")


def _cose_parts(data: bytes) -> tuple[bytes, dict[object, object], bytes, bytes]:
    import cbor2

    value = _decoded(data, "the signature")
    parts = value.value if isinstance(value, cbor2.CBORTag) and value.tag == 18 else None  # noqa: PLR2004 - COSE_Sign1
    if not isinstance(parts, (list, tuple)) or len(parts) != 4:  # noqa: PLR2004 - RFC 9052, section 4.2
        raise _refuse("it is no COSE_Sign1 object")
    protected, loose, payload, signature = parts
    if not (isinstance(protected, bytes) and isinstance(payload, bytes) and isinstance(signature, bytes)):
        raise _refuse("the parts of the COSE_Sign1 object have other types than the specification says")
    return protected, dict(loose) if isinstance(loose, Mapping) else {}, payload, signature


def read_cose(raw: bytes, path: str) -> Attestation:
    """A COSE_Sign1 envelope; raises RefusedError when it is malformed or demands something unknown."""
    _decoded(b"\x00", "nothing")
    import cbor2

    protected_bytes, loose, payload, signature = _cose_parts(raw)
    protected = _decoded(protected_bytes, "the protected header")
    if not isinstance(protected, Mapping):
        raise _refuse("the protected header is no map")
    chain = loose.get(_X5CHAIN)
    listed = [one for one in (chain if isinstance(chain, (list, tuple)) else (chain,)) if isinstance(one, bytes)]
    if not 0 < len(listed) <= MAX_CERTIFICATES:
        raise _refuse("the signature names no certificates, or too many")
    values = {str(name): _text_of(value) for name, value in protected.items() if isinstance(name, str)}
    values["cty"] = _text_of(protected.get(_CTY))
    critical = protected.get(_CRIT)
    stamp = loose.get(f"{PREFIX}timestampSignature")
    return _attestation(
        payload=payload,
        signed=cbor2.dumps(["Signature1", protected_bytes, b"", payload]),
        signature=signature,
        chain=tuple(listed),
        headers=_headers(
            list(critical) if isinstance(critical, (list, tuple)) else [],
            {name: value for name, value in values.items() if value is not None},
            _COSE_ALGORITHMS.get(protected.get(_ALG), ""),  # type: ignore[arg-type]  # any value may stand there
        ),
        raw=raw,
        path=path,
        timestamp=stamp if isinstance(stamp, bytes) else None,
    )


def _target(attestation: Attestation) -> Document:
    """The descriptor of the artifact in the payload; raises RefusedError where that is no JSON."""
    return as_map(dig(parse_json(attestation.payload, "the signed payload"), "targetArtifact"))


def stated_size(attestation: Attestation) -> int | None:
    """The size of the artifact in bytes, as it was signed; None where none is stated as a whole number."""
    target = _target(attestation)
    return None if target.get("size") is None else as_int(target["size"])


def target_of(attestation: Attestation) -> tuple[Subject, ...]:
    """What the signature is about, in the shape of subjects; raises RefusedError where the payload is malformed."""
    target = _target(attestation)
    algorithm, _, value = as_text(target.get("digest")).partition(":")
    return ((as_text(target.get("mediaType")), ((algorithm, value),) if value else ()),)
