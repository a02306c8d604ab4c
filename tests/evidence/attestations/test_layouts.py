"""in-toto layouts and links, made with the library itself: what obeys passes, and nothing of them is ever run."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

from slsacheck.cli import run
from slsacheck.evidence.attestations import verify
from slsacheck.evidence.attestations.layouts import verify_layout
from slsacheck.model.attestation import Case, Verification
from slsacheck.record import replace
from tests.conftest import need_module

need_module("in_toto")

from in_toto.models.layout import Inspection, Layout, Step  # type: ignore[import-untyped]  # noqa: E402
from in_toto.models.link import Link  # type: ignore[import-untyped]  # noqa: E402
from in_toto.models.metadata import Envelope, Metablock  # type: ignore[import-untyped]  # noqa: E402
from securesystemslib.signer import CryptoSigner  # type: ignore[attr-defined]  # noqa: E402


def signer() -> Any:
    return CryptoSigner(ed25519.Ed25519PrivateKey.generate())


def digests(content: bytes) -> dict[str, str]:
    import hashlib

    return {"sha256": hashlib.sha256(content).hexdigest()}


class Project:
    """A layout of two steps with their links, and the final product."""

    def __init__(self, folder: Path, *, dsse: bool = False) -> None:
        self.folder, self.dsse = folder, dsse
        self.owner, self.worker = signer(), signer()
        self.product = folder / "app"
        self.product.write_bytes(b"app")
        self.layout: dict[str, Any] = {
            "expires": (datetime.now(UTC) + timedelta(days=9)).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "keys": {self.worker.public_key.keyid: self.key(self.worker)},
            "steps": [self.step("fetch", [["CREATE", "main.c"], ["DISALLOW", "*"]], []), self.build_step()],
            "inspect": [],
        }
        self.public = folder / "owner.pub"
        pem = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        self.public.write_bytes(self.owner._private_key.public_key().public_bytes(*pem))
        self.link("fetch", {}, {"main.c": digests(b"c")})
        self.link("build", {"main.c": digests(b"c")}, {"app": digests(b"app")})

    def key(self, who: Any) -> dict[str, Any]:
        return {"keyid": who.public_key.keyid, **who.public_key.to_dict()}

    def step(self, name: str, products: list[Any], materials: list[Any]) -> Any:
        keys = [self.worker.public_key.keyid]
        return Step(name=name, pubkeys=keys, expected_products=products, expected_materials=materials)

    def build_step(self) -> Any:
        taken = [["MATCH", "main.c", "WITH", "PRODUCTS", "FROM", "fetch"], ["DISALLOW", "*"]]
        return self.step("build", [["CREATE", "app"], ["DISALLOW", "*"]], taken)

    def write(self, name: str, content: Any, who: Any) -> str:
        made = Envelope.from_signable(content) if self.dsse else Metablock(signed=content)
        made.create_signature(who)
        made.dump(str(self.folder / name))
        return str(self.folder / name)

    def link(self, name: str, materials: Any, products: Any, who: Any = None, keyid: str = "") -> None:
        content = Link(name=name, materials=materials, products=products, command=["touch", "ran"])
        keyid = keyid or self.worker.public_key.keyid
        self.write(f"{name}.{keyid[:8]}.link", content, who or self.worker)

    def verify(self, *artifacts: str, key: str | None = None) -> Verification:
        path = self.write("root.layout", Layout(**self.layout), self.owner)
        return verify_layout(path, str(self.folder), [key or str(self.public)], artifacts or [str(self.product)])


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


@pytest.mark.parametrize("dsse", [False, True])
def test_links_that_obey_the_layout_pass_without_a_level(tmp_path: Path, dsse: bool) -> None:
    answer = Project(tmp_path, dsse=dsse).verify()
    assert (answer.verdict, answer.level, answer.authentic) == ("pass", None, True)


def _other_artifact(project: Project) -> None:
    project.product.write_bytes(b"other")


def _forged_link(project: Project) -> None:
    project.link("build", {"main.c": digests(b"c")}, {"app": digests(b"app")}, who=signer())


def _rule_broken(project: Project) -> None:
    project.link("build", {"main.c": digests(b"other")}, {"app": digests(b"app")})


def _link_missing(project: Project) -> None:
    next(project.folder.glob("fetch.*.link")).unlink()


def _expired(project: Project) -> None:
    project.layout["expires"] = "2020-01-01T00:00:00Z"


def _twice_one_key(project: Project) -> None:
    project.layout["keys"]["00" * 32] = project.key(project.worker) | {"keyid": "00" * 32}


def _path_as_name(project: Project) -> None:
    project.layout["steps"].append(project.step("../../etc/passwd", [], []))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (_other_artifact, "hash-mismatch"),
        (_forged_link, "no-valid-signature"),
        (_rule_broken, "statement-mismatch"),
        (_link_missing, "subject-missing"),
        (_expired, "certificate-invalid"),
        (_twice_one_key, "malformed"),
        (_path_as_name, "malformed"),
    ],
)
def test_what_disobeys_fails(project: Project, change: Callable[[Project], None], reason: str) -> None:
    change(project)
    answer = project.verify()
    assert (answer.verdict, answer.reason_class, answer.level) == ("fail", reason, None)


def test_another_owners_key_refuses_the_layout(project: Project, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    stranger = Project(tmp_path / "other")
    assert project.verify(key=str(stranger.public)).reason_class == "no-valid-signature"


def test_inspections_and_sublayouts_are_never_followed(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project.folder)
    inspection = Inspection(name="untar", run=["touch", "ran"])
    project.layout["inspect"] = [inspection]
    answer = project.verify()
    assert (answer.verdict, answer.reason_class) == ("unknown", "unsupported")
    assert "untar" in answer.message
    project.layout["inspect"] = []
    inner = Layout(expires=project.layout["expires"], inspect=[inspection])
    project.write(f"build.{project.worker.public_key.keyid[:8]}.link", inner, project.worker)
    assert project.verify().verdict == "unknown"
    assert not (project.folder / "ran").exists()


def test_the_command_line(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.verify()
    layout, folder = str(project.folder / "root.layout"), str(project.folder)
    command = ["verify-layout", layout, "--link-dir", folder, "--key", str(project.public)]
    assert run([*command, str(project.product), "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["form"] == "in-toto-layout"
    assert run(command) == 1
    assert "no artifact was given" in capsys.readouterr().out
    assert run(["verify-layout", str(project.product), "--key", str(project.public)]) == 1
    assert run(["verify-layout", layout]) == 4


def test_without_the_library_the_answer_is_unknown(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "in_toto.verifylib", None)
    answer = verify_layout("nowhere", ".", [str(project.public)], [])
    assert (answer.verdict, answer.reason_class) == ("unknown", "unsupported")
    assert "slsacheck[in-toto]" in answer.message


def torched(text: str, *, dsse: bool) -> str:
    """The link with another command than the one that was signed."""
    if not dsse:
        return text.replace("touch", "torch")
    document = json.loads(text)
    payload = base64.b64decode(document["payload"]).replace(b"touch", b"torch")
    return json.dumps(document | {"payload": base64.b64encode(payload).decode()})


@pytest.mark.parametrize("dsse", [False, True])
def test_a_link_by_itself_is_a_signature_of_its_products(tmp_path: Path, *, dsse: bool) -> None:
    project = Project(tmp_path, dsse=dsse)
    public = project.folder / "worker.pub"
    pem = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    public.write_bytes(project.worker._private_key.public_key().public_bytes(*pem))
    link = next(project.folder.glob("build.*.link"))
    case = Case("verify-bundle", artifact=(str(project.product),), provenance=(str(link),), public_key=str(public))
    answer = verify(case)
    assert (answer.verdict, answer.form, answer.level) == ("pass", "in-toto-link", None)
    project.product.write_bytes(b"other")
    assert verify(case).reason_class == "hash-mismatch"
    project.product.write_bytes(b"app")
    link.write_text(torched(link.read_text(), dsse=dsse))
    assert verify(case).reason_class == "no-valid-signature"
    assert verify(replace(case, command="verify-artifact")).verdict == "fail"
    project.verify()
    assert verify(replace(case, provenance=(str(project.folder / "root.layout"),))).verdict == "unknown"
