"""JSON of strangers: duplicate keys and deep nesting refused, typed access, strict base64."""

from __future__ import annotations

import binascii
import codecs
import json

from slsacheck.evidence.attestations.limits import MAX_JSON_CONTAINERS, MAX_JSON_DEPTH
from slsacheck.evidence.attestations.steps import RefusedError, shown

__all__ = ["Document", "as_int", "as_list", "as_map", "as_text", "decode_base64", "dig", "parse_json"]

Document = dict[str, object]
"""A JSON object."""


def _unique(pairs: list[tuple[str, object]]) -> Document:
    """The object of these pairs; a key that occurs twice is refused, because two readers may see different values."""
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            break
        seen.add(key)
    raise RefusedError("malformed", f"the JSON key {shown(key)!r} occurs twice", step="read")


def _no_constant(name: str) -> object:
    raise RefusedError("malformed", f"{name} is not JSON", step="read")


_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_no_constant)


def parse_json(data: bytes, what: str) -> object:
    """The JSON value in `data`; `what` names it in messages.

    Raises RefusedError with class `malformed` (no JSON, no UTF-8, duplicate keys) or `limit-exceeded` (too deep).
    """
    containers = _occurrences(data)
    if containers > MAX_JSON_CONTAINERS and _outside_texts(data) > MAX_JSON_CONTAINERS:
        raise RefusedError(
            "limit-exceeded",
            f"{what} holds more than {MAX_JSON_CONTAINERS:,} objects and lists",
            verdict="unknown",
            step="read",
        )
    try:
        value = _DECODER.decode(data.removeprefix(codecs.BOM_UTF8).decode())
    except RecursionError as error:
        raise _too_deep(what) from error
    except (ValueError, RefusedError) as error:
        reason = error.message if isinstance(error, RefusedError) else "it is no valid JSON"
        raise RefusedError("malformed", f"{what} cannot be read: {reason}", step="read") from error
    if containers > MAX_JSON_DEPTH and not _shallow(value, MAX_JSON_DEPTH):
        raise _too_deep(what)
    return value


def _occurrences(data: bytes) -> int:
    """How often a bracket or brace opens; `bytes.count` looks at every byte, `bytes.replace` searches."""
    return 2 * len(data) - len(data.replace(b"[", b"")) - len(data.replace(b"{", b""))


def _outside_texts(data: bytes) -> int:
    """How many objects and lists begin outside of the texts of a document; of too many texts all that there are."""
    plain = data.replace(b"\\\\", b"").replace(b'\\"', b"")
    if plain.count(b'"') <= 4 * MAX_JSON_CONTAINERS:  # two around a key, two around its value
        plain = b"".join(plain.split(b'"')[::2])
    return _occurrences(plain)


def _shallow(value: object, levels: int) -> bool:
    """Whether containers nest at most `levels` deep, walked without recursion."""
    layer: list[object] = [value]
    for _ in range(levels + 1):
        inner: list[object] = []
        for one in layer:
            if isinstance(one, dict):
                inner.extend(item for item in one.values() if isinstance(item, (dict, list)))
            elif isinstance(one, list):
                inner.extend(item for item in one if isinstance(item, (dict, list)))
        if not inner:
            return True
        layer = inner
    return False


def _too_deep(what: str) -> RefusedError:
    return RefusedError(
        "limit-exceeded", f"{what} nests deeper than {MAX_JSON_DEPTH} levels", verdict="unknown", step="read"
    )


def as_map(value: object) -> Document:
    """The value if it is an object, else an empty one (an absent message of proto JSON is an empty one)."""
    return value if isinstance(value, dict) else {}


def as_list(value: object) -> list[object]:
    """The value if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def as_text(value: object) -> str:
    """The value if it is a string, else an empty one."""
    return value if isinstance(value, str) else ""


def as_int(value: object) -> int | None:
    """A non-negative integer, written as JSON number or, as proto JSON writes 64 bits, as string; 0 when absent."""
    if value is None:
        return 0
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if 0 <= value < 2**64 else None
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) <= 20:  # noqa: PLR2004 - 2**64
        return int(value) if value == "0" or value[0] != "0" else None
    return None


def dig(value: object, *path: str) -> object:
    """The value at a path of object keys, None where a step of it is missing."""
    for key in path:
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value


_LAST = ("", "AQgw", "AEIMQUYcgkosw048")
"""The last digits of base64 without bits beyond the last byte, where one or two bytes are left over of three."""


def decode_base64(value: object, what: str) -> bytes:
    """Standard base64 with padding, the one text that these bytes have; raises RefusedError `malformed` otherwise."""
    if not isinstance(value, str):
        raise RefusedError("malformed", f"{what} is missing", step="read")
    try:
        data = binascii.a2b_base64(value, strict_mode=True)
    except (binascii.Error, ValueError) as error:
        raise RefusedError("malformed", f"{what} is not base64", step="read") from error
    if len(value) % 4:
        raise RefusedError("malformed", f"{what} is not base64", step="read")
    odd = len(data) % 3
    if odd and value[odd - 4] not in _LAST[odd]:
        raise RefusedError("malformed", f"{what} is not base64 in its one form", step="read")
    return data
