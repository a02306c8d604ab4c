"""Snappy's block format, in which GitHub keeps bundles (github.com/google/snappy, format_description.txt)."""

from __future__ import annotations

from slsacheck.errors import Unavailable

__all__ = ["uncompressed"]


def uncompressed(data: bytes, limit: int) -> bytes:
    """The bytes that were compressed, at most `limit`.

    Raises ValueError where it is no such block, or says that it holds more; Unavailable without the package cramjam.
    """
    try:
        import cramjam
    except ImportError as error:
        raise Unavailable(
            "is compressed with snappy, which is not read without the package cramjam",
            advice="install slsacheck[snappy], or fetch the bundle with `gh attestation download`",
        ) from error
    try:
        if cramjam.snappy.decompress_raw_len(data) > limit:
            raise ValueError("too large")
        return bytes(cramjam.snappy.decompress_raw(data))
    except cramjam.DecompressionError as error:
        raise ValueError("no block of snappy's") from error
