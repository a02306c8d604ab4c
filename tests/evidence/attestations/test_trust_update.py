"""Updating the trust data over TUF, from a repository that is made here and served on loopback."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519

from slsacheck.catalog import data
from slsacheck.cli import run
from slsacheck.evidence.attestations import default_trust
from slsacheck.evidence.attestations.trustdata import shipped
from tests.conftest import need_module
from tests.evidence.attestations.private_sigstore import Instance

need_module("tuf")

KEYS_TARGET = "registry.npmjs.org/keys.json"


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name that the base class has
        """Nothing on standard error."""


class TufRepository:
    """A TUF repository with one key for all roles, its targets those of Sigstore's."""

    def __init__(self, folder: Path, targets: dict[str, bytes], days: int = 7) -> None:
        from securesystemslib.signer import CryptoSigner  # type: ignore[attr-defined]  # not in its __all__
        from tuf.api._payload import MetaFile, Root, Snapshot, TargetFile, Targets, Timestamp
        from tuf.api.metadata import Metadata

        signer = CryptoSigner(ed25519.Ed25519PrivateKey.generate())
        expires = datetime.now(UTC).replace(microsecond=0) + timedelta(days=days)
        root = Root(expires=expires, consistent_snapshot=True)
        for role in ("root", "timestamp", "snapshot", "targets"):
            root.add_key(signer.public_key, role)
        listed = Targets(expires=expires)
        for name, content in targets.items():
            info = TargetFile.from_data(name, content)
            listed.targets[name] = info
            place = folder / "targets" / name
            place.parent.mkdir(parents=True, exist_ok=True)
            (place.parent / f"{info.hashes['sha256']}.{place.name}").write_bytes(content)
        roles: dict[str, Any] = {
            "1.root": root,
            "1.targets": listed,
            "1.snapshot": Snapshot(expires=expires, meta={"targets.json": MetaFile(1)}),
            "timestamp": Timestamp(expires=expires, snapshot_meta=MetaFile(1)),
        }
        for name, signed in roles.items():
            metadata = Metadata(signed)
            metadata.sign(signer)
            metadata.to_file(str(folder / f"{name}.json"))
        self.folder = folder
        self.root = str(folder / "1.root.json")


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """An empty folder and the address under which it is served."""
    folder = tmp_path / "repository"
    folder.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield folder, f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("SLSACHECK_TRUST_DIR", str(tmp_path / "store"))
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    shipped.cache_clear()
    yield tmp_path / "store"
    shipped.cache_clear()


def targets() -> dict[str, bytes]:
    root = json.dumps(Instance().trusted_root()).encode()
    return {"trusted_root.json": root, KEYS_TARGET: data("trust/npm-keys.json")}


def update(address: str, root: str) -> int:
    return run(["trust", "update", "--repository", address, "--root", root])


def test_an_update_is_kept_used_and_shown(
    served: tuple[Path, str], store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, address = served
    content = targets()
    repository = TufRepository(folder, content)
    assert update(address, repository.root) == 0
    assert (store / "sigstore-public-good.json").read_bytes() == content["trusted_root.json"]
    assert "timestamp 1 until" in capsys.readouterr().out
    assert default_trust().domains[0].logs[0].url == "https://log.example"
    assert run(["trust", "show", "--format", "json"]) == 0
    origins = {one["name"]: one for one in json.loads(capsys.readouterr().out)["origins"]}
    assert (origins["public-good"]["age_days"], origins["public-good"]["from"]) == (0, f"TUF repository {address}")
    assert origins["github"]["path"] is None
    assert origins["github"]["age_days"] > 0


def test_what_an_update_stored_counts_only_unchanged(
    served: tuple[Path, str], store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, address = served
    assert update(address, TufRepository(folder, targets()).root) == 0
    (store / "sigstore-public-good.json").write_text(json.dumps(Instance().trusted_root()))
    assert run(["trust", "show"]) == 3
    assert "run it again" in capsys.readouterr().err


@pytest.mark.parametrize("fault", ["expired", "stranger", "altered", "useless", "absent"])
def test_what_tuf_refuses_changes_nothing(
    served: tuple[Path, str], store: Path, tmp_path: Path, fault: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, address = served
    content = targets()
    if fault == "useless":
        content["trusted_root.json"] = b'{"mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1"}'
    if fault == "absent":
        del content["trusted_root.json"]
    repository = TufRepository(folder, content, days=-1 if fault == "expired" else 7)
    root = repository.root
    if fault == "stranger":
        other = tmp_path / "other"
        other.mkdir()
        root = TufRepository(other, {}).root
    if fault == "altered":
        for target in (folder / "targets").glob("*.trusted_root.json"):
            target.write_bytes(target.read_bytes().replace(b"log.example", b"bog.example"))
    assert update(address, root) == 3
    assert "nothing was changed" in capsys.readouterr().err
    assert not store.exists()


def test_without_a_network_the_message_says_so(store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "repository"
    folder.mkdir()
    root = TufRepository(folder, {}).root
    assert update("http://127.0.0.1:9", root) == 3
    assert "cannot be reached" in capsys.readouterr().err
    assert run(["trust", "update", "--offline"]) == 3
    assert run(["trust", "update", "--root", root]) == 4
    assert not store.exists()


def test_without_the_library_the_message_says_what_to_install(
    store: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "tuf.ngclient.config", None)
    assert run(["trust", "update"]) == 4
    assert "slsacheck[trust]" in capsys.readouterr().err
