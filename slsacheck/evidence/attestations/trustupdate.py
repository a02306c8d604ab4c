"""`slsacheck trust update`: newer trust data over TUF (The Update Framework), by python-tuf.

TUF decides what is authentic and current: it starts from the root metadata that is shipped, follows every signed
rotation, and refuses expired, replayed and altered metadata. What it brought is read before it replaces anything.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from typing import TYPE_CHECKING, Any

from slsacheck.catalog import data
from slsacheck.errors import SlsacheckError, Unavailable, UsageError
from slsacheck.evidence.attestations.jsondoc import Document, as_map, as_text, parse_json
from slsacheck.evidence.attestations.steps import RefusedError, shown
from slsacheck.evidence.attestations.trustdata import domain_of, npm_keys_of
from slsacheck.evidence.attestations.trustorigin import Origin, origins, store
from slsacheck.record import record, replace

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tuf.ngclient.updater import Updater

__all__ = ["Repository", "repositories", "update"]

_MAX_TARGET_BYTES = 4 * 1024 * 1024
"""A trusted root has some kilobytes per authority; TUF states the length before anything is read."""


@record
class Repository:
    """A TUF repository: its address, the root metadata to begin with, and which targets are which trust data."""

    name: str
    url: str
    root: bytes
    targets: tuple[tuple[str, str], ...]


def repositories(documents: Iterable[Document]) -> tuple[Repository, ...]:
    """The built-in repositories."""
    return tuple(
        Repository(
            name=as_text(one.get("name")),
            url=as_text(one.get("url")),
            root=data(f"trust/{as_text(one.get('root'))}"),
            targets=tuple((name, as_text(file)) for name, file in as_map(one.get("targets")).items()),
        )
        for one in documents
    )


def _updater(repository: Repository, folder: str) -> Updater:
    try:
        from tuf.ngclient.config import UpdaterConfig
        from tuf.ngclient.updater import Updater
    except ModuleNotFoundError as error:
        raise UsageError(
            "`slsacheck trust update` needs the library tuf",
            advice="pip install 'slsacheck[trust]'; verifying needs no update",
        ) from error
    base = repository.url.rstrip("/")
    return Updater(
        metadata_dir=folder,
        metadata_base_url=base,
        target_dir=folder,
        target_base_url=f"{base}/targets",
        config=UpdaterConfig(app_user_agent="slsacheck"),
        bootstrap=repository.root,
    )


def _downloaded(repository: Repository, folder: str) -> tuple[dict[str, bytes], str]:
    """The targets by the file they are for, and the versions of the metadata that vouches for them."""
    updater = _updater(repository, folder)
    from tuf.api.exceptions import DownloadError, RepositoryError

    try:
        updater.refresh()
        found = {file: _target(updater, name, repository) for name, file in repository.targets}
    except DownloadError as error:
        raise Unavailable(
            f"{repository.url} cannot be reached: {error}",
            advice="the trust data that is there stays in force; check network and proxy",
        ) from error
    except RepositoryError as error:
        raise SlsacheckError(
            f"{repository.url} serves metadata that TUF refuses: {error}",
            advice="nothing was changed; if its keys were rotated long ago, update slsacheck first",
        ) from error
    return found, _versions(folder)


def _target(updater: Updater, name: str, repository: Repository) -> bytes:
    info = updater.get_targetinfo(name)
    if info is None or info.length > _MAX_TARGET_BYTES:
        raise SlsacheckError(
            f"{repository.url} has no target {name} of a size that trust data has", advice="nothing was changed"
        )
    with open(updater.download_target(info), "rb") as file:  # noqa: PTH123 - a file that the library just wrote
        return file.read(_MAX_TARGET_BYTES)


def _versions(folder: str) -> str:
    """`root 15, timestamp 762 until 2026-08-28`: what to tell somebody who asks which trust data it was."""
    parts = []
    for role in ("root", "timestamp"):
        with open(os.path.join(folder, f"{role}.json"), "rb") as file:  # noqa: PTH118, PTH123 - see above
            signed: Any = json.load(file)["signed"]
        parts.append(f"{role} {signed['version']} until {signed['expires'][:10]}")
    return ", ".join(parts)


def _check(file: str, raw: bytes) -> None:
    """Raises SlsacheckError unless the verifier can read the file as trust data with something in it."""
    try:
        document = as_map(parse_json(raw, file))
        usable = npm_keys_of(document) if file == "npm-keys.json" else domain_of(document, file).authorities
    except RefusedError as error:
        raise SlsacheckError(f"the new {file} cannot be read: {error.message}", advice="nothing was changed") from error
    if not usable:
        raise SlsacheckError(f"the new {file} names no key and no authority", advice="nothing was changed")


def update(wanted: Iterable[Repository], today: str, folder: str | None = None) -> tuple[Origin, ...]:
    """Fetch, check and store the trust data of these repositories; returns the entries that are new.

    `today` (ISO 8601) is the day it is taken. Raises Unavailable without a network, UsageError without the library,
    SlsacheckError where TUF or our own reading refuses what came; then nothing is changed.
    """
    target = folder or store()
    found: list[tuple[Origin, bytes]] = []
    known = {one.file: one for one in origins()}
    for repository in wanted:
        with tempfile.TemporaryDirectory(prefix="slsacheck-tuf-") as scratch:
            files, versions = _downloaded(repository, scratch)
        for file, raw in files.items():
            _check(file, raw)
            digest = hashlib.sha256(raw).hexdigest()
            entry = replace(known[file], origin=f"TUF repository {shown(repository.url)}", taken=today)
            found.append((replace(entry, path=None, sha256=digest, versions=versions), raw))
    _write(target, found, known)
    return tuple(origin for origin, _ in found)


def _write_whole(path: str, content: bytes) -> None:
    """Writes a file whole or not at all."""
    beside = f"{path}.{os.getpid()}.tmp"
    with open(beside, "xb") as file:  # noqa: PTH123 - see above
        file.write(content)
    os.replace(beside, path)  # noqa: PTH105 - see above


def _write(folder: str, found: list[tuple[Origin, bytes]], known: dict[str, Origin]) -> None:
    os.makedirs(folder, mode=0o755, exist_ok=True)  # noqa: PTH103 - see above
    kept = {file: one for file, one in known.items() if one.path is not None} | {one.file: one for one, _ in found}
    for origin, raw in found:
        _write_whole(os.path.join(folder, origin.file), raw)  # noqa: PTH118 - see above
    entries = [
        {
            "name": one.name,
            "file": one.file,
            "what": one.what,
            "from": one.origin,
            "taken": one.taken,
            "sha256": one.sha256,
            "versions": one.versions,
        }
        for one in kept.values()
    ]
    document = json.dumps({"origin": entries}, indent=1).encode() + b"\n"
    _write_whole(os.path.join(folder, "origin.json"), document)  # noqa: PTH118 - see above
