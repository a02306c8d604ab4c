"""The example of docs/containers.md: an image of a distroless kind, signed by Tekton Chains with a key."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from slsacheck.__main__ import main
from slsacheck.catalog import load
from tests.evidence.oci.shop import EMPTY, MANIFEST, Store

GUIDE = Path(__file__).resolve().parents[3] / "docs" / "containers.md"
CHAINS = "https://tekton.acme.example/chains/v2"
TASKRUN = "tekton.dev/v1beta1/TaskRun"
EXPECTED = ("--source-uri", "github.com/acme/distroless", "--builder-id", CHAINS, "--build-type", TASKRUN)
NAME = "org.opencontainers.image.ref.name"


def example() -> str:
    text = GUIDE.read_text(encoding="utf-8")
    return text[text.index("## An example: what took") : text.index("## Beside other tools")]


def predicate() -> dict[str, Any]:
    source = {"uri": "git+https://github.com/acme/distroless.git", "digest": {"sha1": "c" * 40}}
    return {
        "builder": {"id": CHAINS},
        "buildType": TASKRUN,
        "invocation": {"configSource": source | {"entryPoint": "tekton/build.yaml"}, "parameters": {}},
        "buildConfig": {"steps": [{"entryPoint": "bazel run //:publish"}]},
        "metadata": {"buildInvocationId": "run-1", "reproducible": False},
        "materials": [source],
    }


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """A layout with the image and its `.att`; beside it the key and the configuration of the example."""
    key = ec.generate_private_key(ec.SECP256R1())
    public = key.public_key()
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    (tmp_path / "cosign.pub").write_bytes(public.public_bytes(serialization.Encoding.PEM, form))
    fingerprint = hashlib.sha256(public.public_bytes(serialization.Encoding.DER, form)).hexdigest()
    block = re.search(r"```toml\n(.*?)```", example(), re.DOTALL)
    assert block is not None
    (tmp_path / "trust.toml").write_text(block[1].replace("sha256:…", f"sha256:{fingerprint}"))
    store = Store()
    made = store.image("latest", {"author": "Bazel"})
    statement = {
        "_type": "https://in-toto.io/Statement/v0.1",
        "subject": [{"name": "gcr.io/acme/static", "digest": {"sha256": made["digest"][7:]}}],
        "predicateType": "https://slsa.dev/provenance/v0.2",
        "predicate": predicate(),
    }
    payload, kind = json.dumps(statement).encode(), b"application/vnd.in-toto+json"
    signature = key.sign(b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload), ec.ECDSA(hashes.SHA256()))
    envelope = {
        "payloadType": kind.decode(),
        "payload": base64.b64encode(payload).decode(),
        "signatures": [{"sig": base64.b64encode(signature).decode()}],
    }
    layer = store.descriptor(store.blob(json.dumps(envelope).encode()), "application/vnd.dsse.envelope.v1+json")
    config = store.descriptor(store.blob(b"{}"), EMPTY)
    attached = store.put({"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": [layer]})
    tag = made["digest"].replace(":", "-") + ".att"
    return store.write(tmp_path / "static", made, attached | {"annotations": {NAME: tag}})


def levels(capsys: pytest.CaptureFixture[str], image: Path, *flags: str, spec: str) -> tuple[int, int, int]:
    capsys.readouterr()
    main(["scan", str(image), "--offline", "--spec", spec, *flags, "--report", "json=-"])
    (subject,) = json.loads(capsys.readouterr().out)["subjects"]
    found = subject["levels"]["slsa" if spec == "v0.1" else "build"]
    return found["proved"], found["configured"], found["possible"]


@pytest.mark.parametrize("spec", ["v0.1", "v1.2"])
def test_level_two_and_what_it_rests_on(image: Path, capsys: pytest.CaptureFixture[str], spec: str) -> None:
    key = ("--key", str(image.parent / "cosign.pub"))
    root = ("--config", str(image.parent / "trust.toml"))
    assert levels(capsys, image, *key, *root, *EXPECTED, spec=spec) == (2, 2, 3)
    assert levels(capsys, image, *key, *EXPECTED, spec=spec)[0] == 1
    assert levels(capsys, image, *key, *root, spec=spec)[0] == 0
    assert levels(capsys, image, *root, *EXPECTED, spec=spec)[0] <= 1
    wrong = ("--source-uri", "github.com/acme/other", *EXPECTED[2:])
    assert levels(capsys, image, *key, *root, *wrong, spec=spec)[0] == 0


def test_the_table_names_what_level_two_asks() -> None:
    """Every MUST of v0.1 up to level 2, no more; the configuration in the text can be read."""
    named = re.findall(r"^\| `(v01\.[\w.-]+)` \|", example(), re.MULTILINE)
    asked = {row.id for row in load().of("v0.1", "slsa") if row.asked_at(2)}
    assert set(named) == asked - {"verify.expectations"}  # which every version asks of who verifies
    assert len(named) == 10
    block = re.search(r"```toml\n(.*?)```", example(), re.DOTALL)
    assert block is not None
    assert tomllib.loads(block[1])["trust_root"][0]["slsa_level"] == 2
