"""sigstore-python and cosign asked about the same bundles: where they differ from us, and why.

Neither may ever find good what is not in the lists below and what we refuse. They are tools of minutes to install, so
this runs in `.ci/live`: sigstore-python in an environment of its own, named by SLSACHECK_SIGSTORE_PYTHON or made here;
cosign from PATH (`go install github.com/sigstore/cosign/v3/cmd/cosign@v3.1.3`).
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from slsacheck.evidence.attestations import verify
from slsacheck.model.attestation import Case
from tests.evidence.attestations import genuine
from tests.evidence.attestations.mutations import Genuine, mutants
from tests.evidence.attestations.private_sigstore import ARTIFACT, Instance

pytestmark = pytest.mark.live

DRIVER = Path(__file__).with_name("sigstore_python_driver.py")
Request = dict[str, str | None]
Ask = Callable[[list[Request]], list[dict[str, str]]]

READ_BY_SIGSTORE = {
    "generator, intoto/0.0.2": "sigstore-python believes the time of dsse and hashedrekord entries only",
    "generator, dsse/0.0.2": "sigstore-python knows no dsse entry of Rekor v2",
    "bundle v0.1, SET only": "sigstore-python demands an inclusion proof of every version",
}
"""Kinds that sigstore-python does not read at all."""
STRICTER_THAN_SIGSTORE = {
    "payload: base64 that is not canonical": "we take the one spelling of base64, so that no two readers differ",
    "payload: a line break in the base64": "as above",
    "signature: base64 that is not canonical": "as above",
    "logIndex: one higher": "in Rekor v2 the index is nowhere signed; we compare it with the proof's",
    "proof: size one more": "we compare the proof's size with the checkpoint's; sigstore-python takes the checkpoint's",
    "JSON: a key twice": "sigstore-python takes the last of two keys, others the first; we refuse",
}
"""Changes that sigstore-python lets pass and we refuse."""
LOOSER_THAN_SIGSTORE = {"proof: removed": "bundle v0.1 rests on the promise alone; sigstore-python demands the proof"}


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Genuine], Path]:
    """Bundles of a private instance whose checkpoints have no cosigner, and the folder with its trusted root."""
    folder, instance = tmp_path_factory.mktemp("private"), Instance(witness=False)
    (folder / "root.json").write_text(json.dumps(instance.trusted_root()))
    (folder / "artifact").write_bytes(ARTIFACT)
    bases = [one for one in genuine.private(instance, folder) if "verificationMaterial" in one.document]
    return bases, folder


@pytest.fixture(scope="module")
def sigstore(tmp_path_factory: pytest.TempPathFactory) -> Ask:
    """Asks sigstore-python."""
    python = os.environ.get("SLSACHECK_SIGSTORE_PYTHON")
    if python is None:
        if not os.environ.get("SLSACHECK_LIVE"):
            pytest.skip("sigstore-python is not here: set SLSACHECK_SIGSTORE_PYTHON to an interpreter that has it")
        home = tmp_path_factory.mktemp("sigstore")
        subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
        python = str(home / "bin" / "python")
        subprocess.run([python, "-m", "pip", "install", "-q", "sigstore"], check=True)

    def ask(requests: list[Request]) -> list[dict[str, str]]:
        lines = "".join(json.dumps(one) + "\n" for one in requests)
        done = subprocess.run([python, str(DRIVER)], input=lines, capture_output=True, text=True, check=True)
        answers = [json.loads(line) for line in done.stdout.splitlines()]
        assert len(answers) == len(requests)
        return answers

    return ask


@pytest.fixture(scope="module")
def cosign() -> Ask:
    """Asks cosign, a process a bundle."""
    program = shutil.which("cosign") or shutil.which("cosign", path=Path.home() / "go" / "bin")
    if program is None:
        pytest.skip("cosign is not on PATH")

    def one(request: Request) -> dict[str, str]:
        document = json.loads(Path(str(request["bundle"])).read_bytes())
        who = ["--certificate-identity-regexp", ".*", "--certificate-oidc-issuer-regexp", ".*"]
        given = ["--bundle", str(request["bundle"]), "--trusted-root", str(request["root"]), *who]
        if "dsseEnvelope" in document:
            kind = predicate_type(document)
            command = ["verify-blob-attestation", *given, "--check-claims=false", "--type", kind]
        else:
            command = ["verify-blob", *given, str(request["artifact"])]
        done = subprocess.run([program, *command], capture_output=True, text=True, check=False)
        return {"verdict": "pass" if done.returncode == 0 else "fail", "message": done.stderr.strip()[-200:]}

    return lambda requests: [one(request) for request in requests]


def predicate_type(document: Any) -> str:
    """The predicate's type, without which cosign does not begin; anything where it cannot be read."""
    try:
        return str(json.loads(base64.b64decode(document["dsseEnvelope"]["payload"]))["predicateType"])
    except (ValueError, KeyError, TypeError):
        return "custom"


def opinions(
    bases: list[Genuine], folder: Path, ask: Ask, wanted: Callable[[str], bool] = lambda _: True
) -> list[tuple[str, str, str, str, str]]:
    """(kind, row, our verdict, theirs, what both said) for every change."""
    asked: list[Request] = []
    ours = []
    for base in bases:
        for row, data, _ in mutants(base):
            if not wanted(row):
                continue
            path = folder / f"{len(asked)}.json"
            path.write_bytes(data)
            answer = verify(replace(base.case, provenance=(str(path),)), base.trust)
            ours.append((base.name, row, answer))
            asked.append({"bundle": str(path), "root": str(folder / "root.json"), "artifact": str(folder / "artifact")})
    return [
        (kind, row, mine.verdict, theirs["verdict"], f"{mine.message} / {theirs['message']}")
        for (kind, row, mine), theirs in zip(ours, ask(asked), strict=True)
    ]


def test_sigstore_python_on_every_change(plain: tuple[list[Genuine], Path], sigstore: Ask) -> None:
    found = opinions(*plain, sigstore)
    looser = [one for one in found if one[2] != "pass" and one[3] == "pass" and one[1] not in STRICTER_THAN_SIGSTORE]
    refused = [one for one in found if one[2] == "pass" and one[3] != "pass" and one[0] not in READ_BY_SIGSTORE]
    assert looser == []
    assert [one for one in refused if one[1] not in LOOSER_THAN_SIGSTORE] == []
    read = {one[0] for one in found if one[1:4] == ("unchanged", "pass", "pass")}
    assert len(read) >= 6
    assert {one[0] for one in found} - read == set(READ_BY_SIGSTORE)


COSIGN_UNREAD: dict[str, str] = {
    "bundle v0.1, SET only": "cosign demands an inclusion proof or a signed timestamp where the trusted root has both",
    "generator, dsse/0.0.2": "cosign knows no dsse entry of Rekor v2",
}


def test_cosign_on_genuine_bundles(plain: tuple[list[Genuine], Path], cosign: Ask) -> None:
    bases, folder = plain
    found = opinions(bases, folder, cosign, lambda row: row == "unchanged")
    different = {one[0]: one[4] for one in found if one[3] != "pass"}
    assert set(different) <= set(COSIGN_UNREAD), different
    assert len(found) - len(different) >= 5


ROWS_FOR_COSIGN = {
    "signature: one bit", "signature: malleated (r, n-s)", "certificate: look-alike authority", "entries: none",
    "entry: kind lies", "SET: one bit", "integratedTime: one second later", "proof: a hash flipped", "proof: removed",
    "checkpoint: signature flipped", "checkpoint: of another tree size", "proof: size one more", "keyid: a hint",
    "certificate of another attestation", "entry of another attestation", "format: unknown version",
}  # fmt: skip
COSIGN_LOOSER = {
    "entry: kind lies": "cosign takes the kind from the body and does not look at what the bundle calls it",
    "proof: size one more": "cosign takes the size from the checkpoint",
    "entry of another attestation": "of a Rekor v2 entry about the same bytes cosign compares the digest alone, "
    "not the signature and the certificate",
}
SAME_BYTES = ("generator, hashedrekord/0.0.2", "message signature, Rekor v2")


def test_cosign_lets_nothing_pass_that_we_refuse(plain: tuple[list[Genuine], Path], cosign: Ask) -> None:
    bases, folder = plain
    found = opinions(bases, folder, cosign, ROWS_FOR_COSIGN.__contains__)
    looser = [one for one in found if one[2] != "pass" and one[3] == "pass"]
    assert [one for one in looser if one[1] not in COSIGN_LOOSER] == []
    assert {one[0] for one in looser if one[1] == "entry of another attestation"} <= set(SAME_BYTES)


def real_bundles(shared: Path, folder: Path) -> list[tuple[Case, Request]]:
    """Every real bundle of the corpus with the trusted root that its case names."""
    found: dict[str, tuple[Case, Request]] = {}
    production = str(shared / "corpus" / "attestations" / "trust" / "trusted_root.json")
    for case in genuine.real_cases(shared):
        if len(case.provenance) != 1 or case.public_key is not None or case.command == "verify-rekor-entry":
            continue
        try:
            document: Any = json.loads(Path(case.provenance[0]).read_bytes())
        except ValueError:
            continue
        if isinstance(document, dict) and "dsseEnvelope" in document:
            root = case.trusted_root or production
            request: Request = {"bundle": case.provenance[0], "root": root, "artifact": None}
            found.setdefault(
                case.provenance[0], (replace(case, command="verify-bundle", digests=(), artifact=()), request)
            )
    return list(found.values())


def _told(cases: list[tuple[Case, Request]], ask: Ask) -> list[tuple[str, str, str, str]]:
    answers = ask([request for _, request in cases])
    mine = [verify(replace(case, expectations=type(case.expectations)())) for case, _ in cases]
    return [
        (Path(str(request["bundle"])).name, own.verdict, theirs["verdict"], f"{own.message} / {theirs['message']}")
        for (_, request), own, theirs in zip(cases, mine, answers, strict=True)
    ]


def test_nothing_real_passes_elsewhere_that_we_refuse(shared: Path, tmp_path: Path, sigstore: Ask) -> None:
    found = _told(real_bundles(shared, tmp_path), sigstore)
    assert len(found) >= 40
    assert [one for one in found if one[1] != "pass" and one[2] == "pass"] == []
    both = [one for one in found if one[1:3] == ("pass", "pass")]
    assert len(both) >= 10


def test_cosign_on_real_bundles(shared: Path, tmp_path: Path, cosign: Ask) -> None:
    found = _told(real_bundles(shared, tmp_path), cosign)
    assert [one for one in found if one[1] != "pass" and one[2] == "pass"] == []
    assert sum(one[1:3] == ("pass", "pass") for one in found) >= 25
