"""What an image claims of its source and its bases, against what a verified provenance says."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from slsacheck.evidence.oci.inputs import image_of
from slsacheck.model import Artifact, Outcome
from tests.evidence.oci.conftest import Look
from tests.evidence.oci.shop import BUILDER, Handler, Registry, Store

DSSE = "application/vnd.dsse.envelope.v1+json"
COMMIT = "a" * 40
OCI = "org.opencontainers.image."


class Signer:
    """A key, and envelopes that it signed."""

    def __init__(self, folder: Path) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.public = folder / "signer.pub"
        self.public.write_bytes(
            self._key.public_key().public_bytes(
                serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
            )
        )

    def provenance(
        self, digest: str, *inputs: dict[str, Any], ref: str = "refs/tags/v1.2.3", commit: str = COMMIT
    ) -> bytes:
        """Signed provenance of github.com/o/r at COMMIT."""
        source = {"uri": f"git+https://github.com/o/r@{ref}", "digest": {"gitCommit": commit}}
        payload = json.dumps({
            "_type": "https://in-toto.io/Statement/v1",
            "subject": [{"name": "x", "digest": {"sha256": digest.partition(":")[2]}}],
            "predicateType": "https://slsa.dev/provenance/v1",
            "predicate": {
                "buildDefinition": {"buildType": "https://example.org/b", "externalParameters": {}, "resolvedDependencies": [source, *inputs]},
                "runDetails": {"builder": {"id": BUILDER}},
            },
        }).encode()  # fmt: skip
        kind = b"application/vnd.in-toto+json"
        signed = b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)
        signature = self._key.sign(signed, ec.ECDSA(hashes.SHA256()))
        text = {name: base64.b64encode(data).decode() for name, data in (("payload", payload), ("sig", signature))}
        envelope = {"payload": text["payload"], "payloadType": kind.decode(), "signatures": [{"sig": text["sig"]}]}
        return json.dumps(envelope).encode()


@pytest.fixture
def signer(tmp_path: Path) -> Signer:
    return Signer(tmp_path)


def labelled(**labels: str) -> dict[str, Any]:
    return {"config": {"Labels": {f"{OCI}{name.replace('_', '.')}": value for name, value in labels.items()}}}


def rules(artifact: Artifact) -> list[str]:
    return [finding.rule for finding in artifact.findings]


def outcomes(artifact: Artifact) -> dict[str, Outcome]:
    assert artifact.image is not None
    return {claim.name: claim.outcome for claim in artifact.image.claims}


TRUE = {"source": "https://github.com/o/r", "revision": COMMIT[:12], "version": "1.2.3"}


def test_claims_are_declared_until_provenance_is_verified(
    store: Store, look: Look, signer: Signer, tmp_path: Path
) -> None:
    image = store.image("1", labelled(**TRUE))
    layout = store.write(tmp_path / "alone", image)
    (artifact,), _ = look(layout)
    assert set(outcomes(artifact).values()) == {Outcome.DECLARED}
    attached = store.attach(image, signer.provenance(image["digest"]), DSSE)
    (artifact,), _ = look(store.write(tmp_path / "attested", image, attached))
    assert set(outcomes(artifact).values()) == {Outcome.DECLARED}
    (artifact,), _ = look(tmp_path / "attested", key=str(signer.public))
    assert outcomes(artifact) == dict.fromkeys(TRUE, Outcome.PASS)
    assert rules(artifact) == []


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("source", "https://github.com/other/r", Outcome.FAIL),
        ("source", "git@github.com:o/r.git", Outcome.PASS),
        ("source", "https://GitHub.com/O/R", Outcome.PASS),
        ("source", "https://github.com/o/r/tree/main/x", Outcome.PASS),
        ("source", "https://github.com/o/r2", Outcome.FAIL),
        ("source", "ours", Outcome.DECLARED),
        ("revision", "b" * 40, Outcome.FAIL),
        ("revision", "main", Outcome.DECLARED),
        ("version", "1.2", Outcome.PASS),
        ("version", "1.3.0", Outcome.FAIL),
        ("version", "nightly", Outcome.DECLARED),
    ],
)
def test_contradictions_with_verified_provenance(
    store: Store, look: Look, signer: Signer, tmp_path: Path, name: str, value: str, expected: Outcome
) -> None:
    image = store.image("1", labelled(**{name: value}))
    attached = store.attach(image, signer.provenance(image["digest"]), DSSE)
    (artifact,), _ = look(store.write(tmp_path / "layout", image, attached), key=str(signer.public))
    assert outcomes(artifact) == {name: expected}
    assert rules(artifact) == (["image-claim-refuted"] if expected is Outcome.FAIL else [])
    for finding in artifact.findings:
        assert value in finding.reason
        assert finding.remedy
        assert finding.at[0].digest == image["digest"]


def test_provenance_of_another_image_refutes_nothing(store: Store, look: Look, signer: Signer, tmp_path: Path) -> None:
    image, other = store.image("1", labelled(source="https://github.com/mine/r")), store.image(text="other")
    attached = store.attach(image, signer.provenance(other["digest"]), DSSE)
    (artifact,), _ = look(store.write(tmp_path / "layout", image, attached), key=str(signer.public))
    assert outcomes(artifact) == {"source": Outcome.DECLARED}
    assert rules(artifact) == []


def test_index_and_platform_say_different_things(store: Store, look: Look, tmp_path: Path) -> None:
    image = store.image("1", labelled(**TRUE))
    wrong = {f"{OCI}source": "https://github.com/o/fork", f"{OCI}revision": COMMIT}
    index = store.put({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": [image], "annotations": wrong})  # fmt: skip
    (artifact,), _ = look(store.write(tmp_path / "layout", index))
    assert rules(artifact) == ["image-claims-differ"]
    assert "annotation of the index" in artifact.findings[0].reason


@pytest.mark.parametrize(
    ("uri", "sha256", "reference", "digest"),
    [
        ("pkg:docker/127.0.0.1%3A5003/busybox@1?platform=linux%2Famd64", "1" * 64, "127.0.0.1:5003/busybox:1", "1"),
        ("pkg:docker/busybox@latest?digest=sha256:" + "2" * 64, "", "docker.io/library/busybox:latest", "2"),
        ("pkg:docker/owner/app@sha256:" + "3" * 64, "", "docker.io/owner/app", "3"),
        ("pkg:oci/app@sha256%3A" + "4" * 64 + "?repository_url=ghcr.io/o/app&tag=v1", "", "ghcr.io/o/app:v1", "4"),
        ("docker-image://quay.io/o/b:9@sha256:" + "5" * 64, "", "quay.io/o/b:9", "5"),
        ("oci://gcr.io/o/c", "6" * 64, "gcr.io/o/c", "6"),
        ("oci://gcr.io/o/c@sha256:short", "", "gcr.io/o/c", None),
    ],
)
def test_how_provenance_names_images(uri: str, sha256: str, reference: str, digest: str | None) -> None:
    found = image_of(uri, sha256)
    assert found is not None
    assert (found.reference, found.digest) == (reference, f"sha256:{digest * 64}" if digest else None)


@pytest.mark.parametrize("uri", ["git+https://github.com/o/r", "pkg:golang/x@v1", "", "pkg:docker/", "docker-image://"])
def test_what_is_no_image(uri: str) -> None:
    assert image_of(uri) is None


def based(store: Store, base: dict[str, Any], name: str, **more: Any) -> dict[str, Any]:
    """An image that says by annotations that it stands on that base."""
    image = store.image(None, more, text=f"on {name}")
    document = json.loads(store.blobs[image["digest"]])
    document["annotations"] = {f"{OCI}base.name": name, f"{OCI}base.digest": base["digest"]}
    return store.put(document, "app")


def test_a_base_is_looked_up_at_the_registry_of_the_image(
    store: Store, registry: Registry, look: Look, signer: Signer
) -> None:
    base = store.image("base", {"rootfs": {"diff_ids": ["sha256:1"]}, "created": "2026-01-01T00:00:00Z"}, text="base")
    store.attach(base, signer.provenance(base["digest"]), DSSE)
    based(store, base, f"{registry.host}/o/base:1", rootfs={"diff_ids": ["sha256:1", "sha256:2"]})
    (artifact,), problems = look(f"{registry.host}/o/app:app", key=str(signer.public))
    assert problems == ""
    assert artifact.image is not None
    (found,) = artifact.image.bases
    assert (found.role, found.provenance, found.layers) == ("base", "verified", "yes")
    assert (found.builder_id, found.created, found.outcome) == (BUILDER, "2026-01-01T00:00:00Z", Outcome.DECLARED)
    assert rules(artifact) == []


def test_a_base_elsewhere_is_said_not_to_be_looked_at(store: Store, registry: Registry, look: Look) -> None:
    base = store.image("base", text="base")
    based(store, base, "registry.example.test/o/base:1")
    (artifact,), problems = look(f"{registry.host}/o/app:app")
    assert problems == ""
    assert artifact.image is not None
    (found,) = artifact.image.bases
    assert found.provenance == "not-looked-at"
    assert "--online" in found.reason


def test_layers_of_another_base_refute_the_claim(store: Store, registry: Registry, look: Look) -> None:
    base = store.image("base", {"rootfs": {"diff_ids": ["sha256:1"]}}, text="base")
    based(store, base, f"{registry.host}/o/base:1", rootfs={"diff_ids": ["sha256:9", "sha256:2"]})
    (artifact,), _ = look(f"{registry.host}/o/app:app")
    assert artifact.image is not None
    assert [one.layers for one in artifact.image.bases] == ["no"]
    assert rules(artifact) == ["base-image-refuted"]


def lifecycle(reference: str, digest: str, top: str = "sha256:1") -> dict[str, Any]:
    run = {"runImage": {"topLayer": top, "reference": f"{reference}@{digest}", "image": f"{reference}:1"}}
    return {
        "config": {"Labels": {"io.buildpacks.lifecycle.metadata": json.dumps(run)}},
        "rootfs": {"diff_ids": ["sha256:1", "sha256:2"]},
    }


@pytest.mark.parametrize(
    ("built", "stands", "rule"),
    [
        ("2026-03-01T00:00:00Z", "2026-01-01T00:00:00Z", "rebased-to-older-image"),
        ("2026-01-01T00:00:00Z", "2026-03-01T00:00:00Z", "rebased-image"),
        ("1980-01-01T00:00:01Z", "1980-01-01T00:00:01Z", "rebased-image"),
    ],
)
def test_rebased_images(
    store: Store, registry: Registry, look: Look, signer: Signer, built: str, stands: str, rule: str
) -> None:
    name = f"{registry.host}/o/run"
    before = store.image(None, {"created": built}, text="before")
    after = store.image(None, {"created": stands}, text="after")
    app = store.image("app", lifecycle(name, after["digest"]))
    used = {"uri": f"docker-image://{name}:1", "digest": {"sha256": before["digest"][7:]}}
    store.attach(app, signer.provenance(app["digest"], used), DSSE)
    (artifact,), _ = look(f"{registry.host}/o/app:app", key=str(signer.public))
    assert rules(artifact) == [rule]
    assert before["digest"] in artifact.findings[0].reason
    assert after["digest"] in artifact.findings[0].reason
    assert artifact.image is not None
    assert [(one.role, one.outcome) for one in artifact.image.bases] == [
        ("run image", Outcome.FAIL),
        ("build input", Outcome.PASS),
    ]


def test_a_run_image_whose_layers_are_not_there(store: Store, look: Look, tmp_path: Path) -> None:
    image = store.image("1", lifecycle("r.test/run", "sha256:" + "1" * 64, top="sha256:7"))
    (artifact,), _ = look(store.write(tmp_path / "layout", image))
    assert rules(artifact) == ["base-image-refuted"]


def test_a_tag_that_moves_meanwhile(store: Store, registry: Registry, look: Look) -> None:
    image = store.image("1")
    other = store.image(text="other")

    def moves(path: str, _handler: Handler) -> bool:
        if "/referrers/" in path:
            store.tags["1"] = other["digest"]
        return False

    registry.fault = moves
    (artifact,), _ = look(f"{registry.host}/o/r:1")
    assert artifact.digests == (("sha256", image["digest"][7:]),)
    assert rules(artifact) == ["tag-moved"]
    assert image["digest"] in artifact.findings[0].reason
    assert other["digest"] in artifact.findings[0].reason


@pytest.mark.parametrize("broken", ["{", "[]", '{"runImage": 7}', '{"runImage": {"topLayer": []}}', "[" * 5000])
def test_broken_words_say_nothing(store: Store, look: Look, tmp_path: Path, broken: str) -> None:
    labels = {
        "io.buildpacks.lifecycle.metadata": broken,
        "io.buildpacks.project.metadata": broken,
        f"{OCI}source": "\x1b[31m",
    }
    image = store.image("1", {"config": {"Labels": labels}, "rootfs": broken})
    (artifact,), _ = look(store.write(tmp_path / "layout", image))
    assert rules(artifact) == []


def test_what_only_the_build_used_leaves_no_layers(
    store: Store, registry: Registry, look: Look, signer: Signer
) -> None:
    compiler = store.image("go", {"rootfs": {"diff_ids": ["sha256:7"]}}, text="compiler")
    image = store.image("app", {"rootfs": {"diff_ids": ["sha256:1"]}})
    used = {"uri": f"docker-image://{registry.host}/o/go:1", "digest": {"sha256": compiler["digest"][7:]}}
    store.attach(image, signer.provenance(image["digest"], used), DSSE)
    (artifact,), _ = look(f"{registry.host}/o/r:app", key=str(signer.public))
    assert artifact.image is not None
    assert [(one.role, one.layers, one.outcome) for one in artifact.image.bases] == [
        ("build input", "unknown", Outcome.PASS)
    ]
    assert rules(artifact) == []


def test_each_platform_stands_on_its_own_platform_of_the_base(store: Store, registry: Registry, look: Look) -> None:
    found, images = [], []
    for number, architecture in enumerate(("amd64", "arm64")):
        platform = {"platform": {"os": "linux", "architecture": architecture}}
        config = {"architecture": architecture, "rootfs": {"diff_ids": [f"sha256:{number}"]}}
        found.append(store.image(None, config, text=f"base {architecture}") | platform)
    base = store.index(found, "base")
    for number, architecture in enumerate(("amd64", "arm64")):
        layers = {"rootfs": {"diff_ids": [f"sha256:{number}", "sha256:9"]}, "architecture": architecture}
        image = based(store, base, f"{registry.host}/o/base:1", **layers)
        images.append(image | {"platform": {"os": "linux", "architecture": architecture}})
    store.index(images, "all")
    artifacts, problems = look(f"{registry.host}/o/r:all")
    assert problems == ""
    assert [one.image.bases[0].layers for one in artifacts if one.image is not None] == ["yes", "yes"]
    assert [rules(one) for one in artifacts] == [[], []]


def test_many_bases_are_not_all_looked_up(store: Store, registry: Registry, look: Look, signer: Signer) -> None:
    image = store.image("app")
    used = [
        {"uri": f"docker-image://{registry.host}/o/n{number}:1", "digest": {"sha256": f"{number}" * 64}}
        for number in range(8)
    ]
    store.attach(image, signer.provenance(image["digest"], *used), DSSE)
    (artifact,), _ = look(f"{registry.host}/o/r:app", key=str(signer.public))
    assert artifact.image is not None
    assert sum("others were looked up" in one.reason for one in artifact.image.bases) == 4
    assert len({path for path in registry.paths() if "/o/n" in path and "manifests" in path}) == 4


def test_provenance_of_another_image_proves_nothing_about_the_base(
    store: Store, registry: Registry, look: Look, signer: Signer
) -> None:
    base, other = store.image("base", text="base"), store.image(text="other")
    store.attach(base, signer.provenance(other["digest"]), DSSE)
    based(store, base, f"{registry.host}/o/base:1")
    (artifact,), _ = look(f"{registry.host}/o/app:app", key=str(signer.public))
    assert artifact.image is not None
    (found,) = artifact.image.bases
    assert (found.provenance, found.signer, found.trusted_level) == ("not-verified", None, None)
    assert "speaks of" in found.reason
