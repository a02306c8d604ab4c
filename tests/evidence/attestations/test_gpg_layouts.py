"""Layouts whose functionaries sign with GPG: verified by the library alone, no program is run."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import need, need_module

need_module("in_toto")

from in_toto.models.link import Link  # type: ignore[import-untyped]  # noqa: E402
from in_toto.models.metadata import Metablock  # type: ignore[import-untyped]  # noqa: E402
from securesystemslib._gpg.functions import export_pubkey  # noqa: E402

from tests.evidence.attestations.test_layouts import Project, digests  # noqa: E402


class Functionary:
    """Somebody with a key of GPG, who takes the place of a project's worker."""

    def __init__(self, home: str, kind: str) -> None:
        self.home = home
        self._gpg("--quick-generate-key", "worker@example.com", kind, "sign", "never")
        listed = self._gpg("--list-keys", "--with-colons")
        self.keyid = next(line.split(":")[9] for line in listed.splitlines() if line.startswith("fpr"))
        self.key: dict[str, Any] = export_pubkey(self.keyid, self.home)  # type: ignore[no-untyped-call]

    def _gpg(self, *words: str) -> str:
        fixed = ["gpg", "--homedir", self.home, "--batch", "--passphrase", "", "--pinentry-mode", "loopback"]
        return subprocess.run([*fixed, *words], check=True, capture_output=True, text=True).stdout

    def take_over(self, project: Project) -> None:
        """Sign all links of the project, and stand in its layout instead of the worker."""
        for step in project.layout["steps"]:
            step.pubkeys = [self.key["keyid"]]
        project.layout["keys"] = {self.key["keyid"]: self.key}
        self.sign(project, "fetch", {}, {"main.c": digests(b"c")})
        self.sign(project, "build", {"main.c": digests(b"c")}, {"app": digests(b"app")})

    def sign(self, project: Project, name: str, materials: Any, products: Any) -> None:
        metadata = Metablock(signed=Link(name=name, materials=materials, products=products))
        signature = metadata.sign_gpg(self.keyid, self.home)
        metadata.dump(str(project.folder / f"{name}.{signature['keyid'][:8]}.link"))


Make = Callable[..., Functionary]


@pytest.fixture
def functionary() -> Iterator[Make]:
    """Makes one; where gpg is missing the test is skipped, and fails in CI. The paths of gpg's sockets must be short."""
    need("gpg")
    with tempfile.TemporaryDirectory(prefix="gpg-", dir="/tmp", ignore_cleanup_errors=True) as home:
        yield lambda kind="ed25519": Functionary(home, kind)
        subprocess.run(["gpgconf", "--homedir", home, "--kill", "all"], check=False, capture_output=True)


@pytest.mark.parametrize("kind", ["ed25519", "rsa2048"])
def test_links_signed_with_gpg_pass_and_run_nothing(
    tmp_path: Path, functionary: Make, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = Project(tmp_path)
    functionary(kind).take_over(project)

    def run(*_: object, **__: object) -> None:
        raise AssertionError

    with monkeypatch.context() as patch:
        patch.setattr(subprocess, "run", run)
        patch.setattr(subprocess, "Popen", run)
        answer = project.verify()
    assert (answer.verdict, answer.authentic) == ("pass", True), answer.message


def test_a_link_changed_after_gpg_signed_it_is_refused(tmp_path: Path, functionary: Make) -> None:
    project, who = Project(tmp_path), functionary()
    who.take_over(project)
    path = project.folder / f"build.{who.key['keyid'][:8]}.link"
    document = json.loads(path.read_text())
    document["signed"]["command"] = ["something", "else"]
    path.write_text(json.dumps(document))
    answer = project.verify()
    assert (answer.verdict, answer.reason_class) == ("fail", "no-valid-signature"), answer.message


@pytest.mark.parametrize(
    "change",
    [
        {"type": "dsa"},
        {"type": "rsa", "keyval": {"private": "", "public": {"e": "010001", "n": "c1" * 128}}},
        {"creation_time": 1, "validity_period": 1},
    ],
)
def test_keys_of_gpg_that_do_not_count_are_refused(tmp_path: Path, functionary: Make, change: dict[str, Any]) -> None:
    project, who = Project(tmp_path), functionary()
    who.take_over(project)
    who.key.update(change)
    answer = project.verify()
    assert (answer.verdict, answer.reason_class) == ("fail", "no-valid-signature"), answer.message
