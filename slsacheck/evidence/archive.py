"""The evidence file: a ZIP archive that holds a manifest, and contents named by their SHA-256."""

import os
import weakref
from collections.abc import Mapping
from typing import Any

from slsacheck.errors import InputError, UsageError
from slsacheck.patterns import regex

__all__ = ["MAX_MANIFEST", "Archive", "write"]

MAX_ARCHIVE = 2 << 30
"""Bytes of an evidence file; a target with 2,000 workflows gives some 5 MB."""
MAX_MEMBERS = 100_000
"""Members of an evidence file: one for each file that was read, and a few hundred for git."""
MAX_MANIFEST = 64 << 20
"""Bytes of the manifest; the names of 500,000 files have some 40 MB."""
MAX_BLOB = 128 << 20
"""Bytes of one answer, as for git's own."""
MAX_TOTAL = 4 << 30
"""Bytes of all answers as they claim to be once unpacked."""

_MEMBER = regex(r"manifest\.json|blobs/sha256/[0-9a-f]{64}")
_BROKEN = "collect the evidence again"


class Archive:
    """An evidence file, its members checked before any is read."""

    def __init__(self, path: str) -> None:
        import zipfile

        self.path = path
        try:
            if os.path.getsize(path) > MAX_ARCHIVE:
                raise InputError(f"is larger than {MAX_ARCHIVE >> 30} GiB", where=path)
            if not os.path.isfile(path):
                raise InputError("is not a regular file", where=path)
            self._zip = zipfile.ZipFile(path)
        except FileNotFoundError as error:
            raise UsageError(
                f"there is no evidence file {path}", advice="`slsacheck collect -o FILE` makes one"
            ) from error
        except OSError as error:
            raise InputError(f"cannot be read: {error.strerror}", where=path) from error
        except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
            raise self._broken(f"is not an evidence file: {error}") from error
        weakref.finalize(self, self._zip.close)
        self._check(self._zip.infolist())

    def member(self, name: str, limit: int) -> bytes:
        """The bytes of a member, at most `limit`. Raises InputError."""
        import zipfile
        import zlib

        try:
            with self._zip.open(name) as stream:
                data = stream.read(limit + 1)
        except KeyError as error:
            raise self._broken(f"lacks {name}") from error
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError) as error:
            raise self._broken(f"{name} is damaged: {error}") from error
        if len(data) > limit:
            raise self._broken(f"{name} is larger than {limit} bytes")
        return data

    def blob(self, digest: str, limit: int = MAX_BLOB) -> bytes:
        """The answer with that SHA-256. Raises InputError where it is missing, too large or another."""
        import hashlib

        data = self.member(f"blobs/sha256/{digest}", limit)
        if hashlib.sha256(data).hexdigest() != digest:
            raise self._broken(f"an answer does not have the digest {digest} that it is named by")
        return data

    def _check(self, members: Any) -> None:
        names = {info.filename for info in members}
        if len(members) > MAX_MEMBERS:
            raise self._broken(f"has more than {MAX_MEMBERS} members")
        if len(names) != len(members):
            raise self._broken("has two members of the same name")
        for info in members:
            if not _MEMBER.fullmatch(info.filename) or info.flag_bits & 1 or info.compress_type not in (0, 8):
                raise self._broken(f"has a member that does not belong there: {info.filename[:80]!r}")
        if sum(info.file_size for info in members) > MAX_TOTAL:
            raise self._broken(f"unpacks to more than {MAX_TOTAL >> 30} GiB")

    def _broken(self, reason: str) -> InputError:
        return InputError(reason, where=self.path, advice=_BROKEN)


def write(path: str, manifest: Mapping[str, Any], blobs: Mapping[str, bytes]) -> None:
    """Writes an evidence file; the same evidence gives the same bytes. Raises InputError where it cannot be written."""
    import json
    import zipfile

    text = json.dumps(manifest, sort_keys=True, indent=1).encode("ascii")
    try:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            _add(archive, "manifest.json", text)
            for digest, data in sorted(blobs.items()):
                _add(archive, f"blobs/sha256/{digest}", data)
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror}", where=path) from error


def _add(archive: Any, name: str, data: bytes) -> None:
    """Adds a member with a fixed time and mode, so that nothing of this machine or moment is in it."""
    import zipfile

    info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o644 << 16
    archive.writestr(info, data)
