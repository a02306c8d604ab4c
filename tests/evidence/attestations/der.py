"""DER, written by hand, and what is long to say of certificates."""

from __future__ import annotations

from cryptography import x509


def der(tag: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    if len(body) < 128:
        return bytes([tag, len(body)]) + body
    size = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(size)]) + size + body


def der_oid(dotted: str) -> bytes:
    numbers = [int(one) for one in dotted.split(".")]
    out = [numbers[0] * 40 + numbers[1]]
    for number in numbers[2:]:
        group = [number & 0x7F]
        while number := number >> 7:
            group.insert(0, 0x80 | (number & 0x7F))
        out += group
    return der(0x06, bytes(out))


def der_int(number: int) -> bytes:
    return der(0x02, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def key_usage(**held: bool) -> x509.KeyUsage:
    """For what a certificate's key may be used: only what is named."""
    bits = ["digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"]
    bits += ["key_cert_sign", "crl_sign", "encipher_only", "decipher_only"]
    return x509.KeyUsage(**(dict.fromkeys(bits, False) | held))
