"""Where the trust data comes from and how old it is: shipped, or newer from `slsacheck trust update`.

Nothing is fetched here. What an update has stored is used only where it is newer than what is shipped and still is
what the update wrote.
"""

from __future__ import annotations

import hashlib
import os
from functools import cache
from typing import TYPE_CHECKING

from slsacheck.catalog import data
from slsacheck.evidence.attestations.files import read_bounded
from slsacheck.evidence.attestations.jsondoc import Document, as_list, as_map, as_text, dig, parse_json
from slsacheck.evidence.attestations.steps import RefusedError, shown
from slsacheck.record import record

if TYPE_CHECKING:
    from datetime import date

__all__ = ["STORE_ENVIRONMENT", "Origin", "content", "origin_of", "origins", "store", "tuf_repositories"]

STORE_ENVIRONMENT = "SLSACHECK_TRUST_DIR"
"""The variable that names another folder for what `slsacheck trust update` stores."""
_MAX_TRUST_BYTES = 4 * 1024 * 1024
"""A trusted root has some kilobytes per authority."""


@record
class Origin:
    """One file of trust data: the instance it is for, what it holds, from where, and the day it was taken (ISO 8601).

    `path` is the stored file that an update brought; None for what is shipped. `versions` names the TUF metadata.
    """

    name: str
    file: str
    what: str
    origin: str
    taken: str
    path: str | None = None
    sha256: str | None = None
    versions: str | None = None

    def age(self, today: date) -> int:
        """Its age in days."""
        from datetime import date as day

        return (today - day.fromisoformat(self.taken)).days


def store() -> str:
    """The folder in which `slsacheck trust update` keeps what it brought."""
    given = os.environ.get(STORE_ENVIRONMENT)
    if given:
        return given
    base = os.environ.get("XDG_DATA_HOME") or os.path.join(os.path.expanduser("~"), ".local", "share")  # noqa: PTH111, PTH118 - pathlib costs start-up time
    return os.path.join(base, "slsacheck", "trust")  # noqa: PTH118 - see above


def _origin(value: object, folder: str | None) -> Origin:
    entry = as_map(value)
    file = as_text(entry.get("file"))
    return Origin(
        name=as_text(entry.get("name")),
        file=file,
        what=as_text(entry.get("what")),
        origin=as_text(entry.get("from")),
        taken=as_text(entry.get("taken")),
        path=None if folder is None else os.path.join(folder, os.path.basename(file)),  # noqa: PTH118, PTH119 - see above
        sha256=as_text(entry.get("sha256")) or None,
        versions=as_text(entry.get("versions")) or None,
    )


@cache
def _shipped() -> Document:
    return as_map(parse_json(data("trust/origin.json"), "trust/origin.json"))


def tuf_repositories() -> tuple[Document, ...]:
    """The TUF repositories that serve the trust data: name, url, root (file of the rules), targets and their files."""
    return tuple(as_map(one) for one in as_list(_shipped().get("tuf")))


def _stored(folder: str) -> tuple[Origin, ...]:
    path = os.path.join(folder, "origin.json")  # noqa: PTH118 - see above
    if not os.path.exists(path):  # noqa: PTH110 - see above
        return ()
    document = parse_json(read_bounded(path, _MAX_TRUST_BYTES), shown(path))
    return tuple(_origin(one, folder) for one in as_list(dig(document, "origin")))


def origins() -> tuple[Origin, ...]:
    """The trust data in force, one entry per file: of shipped and stored the newer one."""
    newer = {one.file: one for one in _stored(store())}
    found = [_origin(one, None) for one in as_list(_shipped().get("origin"))]
    return tuple(max(one, newer.get(one.file, one), key=lambda each: each.taken) for one in found)


def origin_of(name: str) -> Origin | None:
    """The trust data of an instance (`public-good`, `github`, `npm`, `google-cloud-build`); None for others."""
    return next((one for one in origins() if one.name == name), None)


def content(file: str) -> bytes:
    """The bytes of a file of trust data; raises RefusedError when a stored one is not what the update wrote."""
    origin = next((one for one in origins() if one.file == file), None)
    if origin is None or origin.path is None:
        return data(f"trust/{file}")
    raw = read_bounded(origin.path, _MAX_TRUST_BYTES)
    if hashlib.sha256(raw).hexdigest() != origin.sha256:
        raise RefusedError(
            "malformed",
            f"{shown(origin.path)} is not what `slsacheck trust update` wrote; run it again, or remove its folder",
            verdict="unknown",
            step="trust",
        )
    return raw
