"""`verify-image` on real images and forged ones: from layouts, archives and registries."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from slsacheck.__main__ import main
from slsacheck.evidence.oci.byplatform import MOVED_AFTER
from tests.clock import CLOCK
from tests.evidence.oci.shop import MANIFEST, Handler, Registry, Store, provenance
from tests.evidence.oci.tars import archive
from tests.evidence.oci.test_origins import Signer

Ask = Callable[..., dict[str, Any]]
IMAGE = "sha256:f19a0124e4073f15f8a7cb8f520aed59a80f44d806afcbd94a07d3f137aec1c1"
IDENTITY = ("--certificate-identity-regexp", ".*generator_generic.*", "--certificate-oidc-issuer-regexp", ".*")


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Ask:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("DOCKER_CONFIG", raising=False)

    def run(image: object, *flags: object) -> dict[str, Any]:
        status = main(["verify-image", str(image), "--format", "json", *map(str, flags)])
        answer: dict[str, Any] = json.loads(capsys.readouterr().out)
        assert status == {"pass": 0, "fail": 1, "unknown": 1}[answer["verdict"]]
        return answer

    return run


def load(layout: Path, *tags: str) -> Store:
    """A registry's store with everything of a layout, whatever its tags name."""
    store = Store()
    for file in (layout / "blobs" / "sha256").iterdir():
        digest = store.blob(file.read_bytes())
        if file.stat().st_size < 100_000 and file.read_bytes()[:1] == b"{":
            document = json.loads(file.read_bytes())
            if "layers" in document or "manifests" in document:
                kind = "application/vnd.oci.image.manifest.v1+json" if "layers" in document else None
                store.manifests[digest] = document.get("mediaType") or kind or "application/vnd.oci.image.index.v1+json"
    entries = json.loads((layout / "index.json").read_bytes())["manifests"]
    for entry in entries:
        name = entry.get("annotations", {}).get("org.opencontainers.image.ref.name")
        if name:
            store.tags[name] = entry["digest"]
    store.tags["latest"] = entries[0]["digest"]
    for tag in tags:
        store.tags.pop(tag, None)
    return store


@pytest.mark.parametrize("name", ["cosign-key-referrers-oci", "cosign-key-fallbacktag-oci"])
def test_signed_with_a_key(shared: Path, ask: Ask, tmp_path: Path, name: str) -> None:
    real = shared / "corpus" / "real"
    answer = ask(real / name, "--key", real / "cosign.pub")
    assert answer["verdict"] == "pass"
    assert answer["steps"][0]["detail"].endswith(IMAGE)
    assert ask(f"{real / name}@{IMAGE}", "--key", real / "cosign.pub")["verdict"] == "pass"
    assert ask(real / name)["verdict"] == "unknown"


@pytest.mark.parametrize("name", ["cosign-key-referrers-oci", "cosign-key-fallbacktag-oci"])
@pytest.mark.parametrize("referrers", [True, False])
def test_the_same_from_a_registry(shared: Path, ask: Ask, name: str, *, referrers: bool) -> None:
    real = shared / "corpus" / "real"
    registry = Registry(load(real / name), referrers=referrers)
    try:
        reference = f"{registry.host}/o/r@{IMAGE}"
        answer = ask(reference, "--key", real / "cosign.pub", "--plain-http")
        asked = len(registry.asked)
        assert answer["verdict"] == "pass"
        assert asked <= (8 if referrers else 12)
        assert ask(reference, "--key", real / "cosign.pub", "--offline")["verdict"] == "unknown"
        assert len(registry.asked) == asked
    finally:
        registry.close()


def test_keyless_needs_root_and_identity(shared: Path, ask: Ask) -> None:
    real = shared / "corpus" / "real"
    image, root = real / "buildkit-signed-keyless-oci", ("--trusted-root", real / "sigstore" / "tr.json")
    assert ask(image, *root, *IDENTITY)["verdict"] == "pass"
    assert ask(image, *root)["verdict"] == "unknown"
    assert ask(image, *IDENTITY)["verdict"] == "fail"
    wrong = ("--certificate-identity", "https://github.com/o/r", "--certificate-oidc-issuer-regexp", ".*")
    assert ask(image, *root, *wrong)["reason_class"] == "identity-mismatch"


def test_one_bundle_takes_four_requests(shared: Path, ask: Ask) -> None:
    real = shared / "corpus" / "real"
    registry = Registry(load(real / "buildkit-signed-keyless-oci"))
    provenance_alone = {
        digest: kind
        for digest, kind in registry.store.manifests.items()
        if b"cosign/sign" not in registry.store.blobs[digest] and b"cyclonedx" not in registry.store.blobs[digest]
    }
    registry.store.manifests = provenance_alone
    try:
        root = ("--trusted-root", real / "sigstore" / "tr.json", "--plain-http")
        answer = ask(f"{registry.host}/o/r:latest", *root, *IDENTITY)
        assert answer["verdict"] == "pass"
        assert answer["predicate_type"] == "https://slsa.dev/provenance/v1"
        assert len(registry.asked) == 4
    finally:
        registry.close()


@pytest.mark.parametrize("forgery", ["tag", "fallback", "subject", "config", "index"])
def test_forgeries_never_pass(shared: Path, ask: Ask, tmp_path: Path, forgery: str) -> None:
    """Genuine signatures of one image, made to hang on another."""
    real = shared / "corpus" / "real"
    folder = tmp_path / "layout"
    shutil.copytree(real / "cosign-key-referrers-oci", folder)
    store = Store()
    other = store.image(text="other")
    index = json.loads((folder / "index.json").read_bytes())
    entries = index["manifests"][1:]
    for digest, data in store.blobs.items():
        (folder / "blobs" / "sha256" / digest[7:]).write_bytes(data)
    hexadecimal = other["digest"][7:]
    if forgery in ("tag", "config"):
        for entry in entries:
            name = entry.get("annotations", {}).get("org.opencontainers.image.ref.name", "")
            if name:
                entry["annotations"]["org.opencontainers.image.ref.name"] = (
                    f"sha256-{hexadecimal}.{name.split('.')[-1]}"
                )
    if forgery == "fallback":
        whole = store.index(entries)
        entries = [whole | {"annotations": {"org.opencontainers.image.ref.name": f"sha256-{hexadecimal}"}}]
    if forgery == "subject":
        manifest = json.loads((folder / "blobs" / "sha256" / entries[0]["digest"][7:]).read_bytes())
        entries = [store.put(manifest | {"subject": {key: other[key] for key in ("mediaType", "digest", "size")}})]
    if forgery == "index":
        other = store.index([other])
    for digest, data in store.blobs.items():
        (folder / "blobs" / "sha256" / digest[7:]).write_bytes(data)
    first = index["manifests"][0] if forgery == "config" else other
    if forgery == "config":
        manifest = json.loads((folder / "blobs" / "sha256" / first["digest"][7:]).read_bytes())
        (folder / "blobs" / "sha256" / manifest["config"]["digest"][7:]).write_bytes(b"{}")
        entries = index["manifests"][1:]
    (folder / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [first, *entries]}))
    answer = ask(folder, "--key", real / "cosign.pub")
    assert answer["verdict"] in ("fail", "unknown")
    assert answer["message"]


def test_what_cannot_be_looked_at_is_unknown(store: Store, ask: Ask, tmp_path: Path) -> None:
    assert ask("127.0.0.1:1/o/r:1", "--plain-http")["verdict"] == "unknown"
    assert ask("not-a-reference")["verdict"] == "unknown"
    (tmp_path / "noise.tar").write_bytes(b"x" * 2000)
    assert ask(tmp_path / "noise.tar")["verdict"] == "unknown"
    image = store.image()
    folder = store.write(tmp_path / "layout", image, store.attach(image, b"{"))
    assert "cannot be read" in ask(folder)["message"] or ask(folder)["verdict"] == "fail"


def test_unsigned_provenance_is_no_signature(store: Store, ask: Ask, tmp_path: Path) -> None:
    image = store.image()
    folder = store.write(tmp_path / "layout", image, store.attach(image, provenance(image["digest"])))
    assert ask(folder)["verdict"] != "pass"
    builder = ("--source-uri", "github.com/o/r", "--builder-id", "https://example.org/builder")
    assert ask(folder, *builder)["verdict"] != "pass"


@pytest.mark.parametrize("platform", [None, "linux/amd64"])
def test_an_unsigned_statement_in_the_index_is_seen(
    store: Store, ask: Ask, tmp_path: Path, platform: str | None
) -> None:
    """As BuildKit leaves it: a manifest of the index that speaks of the image beside it."""
    image = store.image() | {"platform": {"os": "linux", "architecture": "amd64"}}
    about = {"vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": image["digest"]}
    statement = store.attach(None, provenance(image["digest"])) | {"annotations": about}
    folder = store.write(tmp_path / "layout", store.index([image, statement]))
    answer = ask(folder, *(("--platform", platform) if platform else ()))
    assert answer["verdict"] == ("fail" if platform else "unknown")
    assert "it is not signed" in answer["message"]


def test_what_docker_saved_has_nothing_that_is_signed(ask: Ask, tmp_path: Path) -> None:
    config = b'{"os": "linux", "architecture": "amd64"}'
    name = f"{hashlib.sha256(config).hexdigest()}.json"
    manifest = json.dumps([{"Config": name, "RepoTags": ["x:1"], "Layers": []}]).encode()
    (tmp_path / "saved.tar").write_bytes(archive((name, config), ("manifest.json", manifest)))
    answer = ask(tmp_path / "saved.tar")
    assert answer["verdict"] == "unknown"
    assert "has no manifest (`docker save`)" in answer["message"]


@pytest.mark.parametrize("slow", [False, True])
def test_a_tag_that_moves_while_one_looks(ask: Ask, tmp_path: Path, *, slow: bool) -> None:
    """It is told where looking took a while; whoever answers promptly is not asked once more."""
    store, key = Store(), Signer(tmp_path)
    image = store.image("1")
    store.attach(image, key.provenance(image["digest"]), "application/vnd.dsse.envelope.v1+json")
    registry = Registry(store)

    def moves(path: str, _handler: Handler) -> bool:
        if "/referrers/" in path:
            store.image("1", text="another")
            CLOCK.now += 2 * MOVED_AFTER * slow
        return False

    registry.fault = moves
    try:
        answer = ask(f"{registry.host}/o/r:1", "--key", key.public, "--plain-http")
    finally:
        registry.close()
    assert answer["verdict"] == "pass"
    assert any(f"it names {store.tags['1']} now" in note for note in answer["notes"]) is slow
    assert len([path for path in registry.paths() if path.endswith("/manifests/1")]) == 1 + slow


def of_platforms(store: Store, key: Signer, signed: str) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """An index tagged 1 of two platforms, of which one is signed, both, or the index."""
    images = {}
    for architecture in ("amd64", "arm64"):
        image = store.image(text=architecture)
        images[architecture] = image | {"platform": {"os": "linux", "architecture": architecture}}
    index = store.index(list(images.values()), "1")
    for image in {"amd64": [images["amd64"]], "both": list(images.values()), "index": [index]}[signed]:
        store.attach(image, key.provenance(image["digest"]), "application/vnd.dsse.envelope.v1+json")
    return index, images


@pytest.mark.parametrize(
    ("signed", "platform", "expected"),
    [
        ("amd64", "linux/amd64", "pass"),
        ("amd64", "linux/arm64", "unknown"),
        ("amd64", None, "unknown"),
        ("both", None, "unknown"),
        ("index", None, "pass"),
        ("index", "linux/arm64", "pass"),
        ("index", "linux/s390x", "unknown"),
    ],
)
def test_platforms_of_an_index(ask: Ask, tmp_path: Path, signed: str, platform: str | None, expected: str) -> None:
    """An attestation of the index speaks of its images; one of an image neither of the index nor of another."""
    store, key = Store(), Signer(tmp_path)
    _, images = of_platforms(store, key, signed)
    registry = Registry(store)
    try:
        flags = ("--platform", platform) if platform else ()
        answer = ask(f"{registry.host}/o/r:1", "--key", key.public, "--plain-http", *flags)
    finally:
        registry.close()
    if platform == "linux/s390x":
        assert "linux/amd64, linux/arm64" in answer["message"]
        return
    assert answer["verdict"] == expected
    if platform is not None:
        assert images[platform.rpartition("/")[2]]["digest"] in answer["steps"][1]["detail"]
    elif expected == "unknown":
        good = {"amd64": 1, "both": 2}[signed]
        assert f"of its 2 platform images {good} verify" in answer["message"]
        assert [one["platform"] for one in answer["platforms"]] == ["linux/amd64", "linux/arm64"]


@pytest.mark.parametrize("how", ["flag", "variable"])
def test_attestations_in_another_repository(
    ask: Ask, tmp_path: Path, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As cosign keeps them with COSIGN_REPOSITORY: by the tag that is made of the image's digest."""
    store, other, key = Store(), Store(), Signer(tmp_path)
    image = store.image("1")
    empty = other.descriptor(other.blob(b"{}"), "application/vnd.oci.empty.v1+json")
    envelope = "application/vnd.dsse.envelope.v1+json"
    layer = other.descriptor(other.blob(key.provenance(image["digest"])), envelope)
    manifest = {"schemaVersion": 2, "mediaType": MANIFEST, "config": empty, "layers": [layer]}
    other.put(manifest, image["digest"].replace(":", "-") + ".att")
    registry, elsewhere = Registry(store), Registry(other)
    repository = f"{elsewhere.host}/team/signatures"
    flags = ["--key", key.public, "--plain-http"]
    try:
        before = ask(f"{registry.host}/o/r:1", *flags)
        if how == "variable":
            monkeypatch.setenv("COSIGN_REPOSITORY", repository)
        else:
            flags += ["--provenance-repository", repository]
        answer = ask(f"{registry.host}/o/r:1", *flags)
    finally:
        registry.close()
        elsewhere.close()
    assert "no signature and no attestation" in before["message"]
    assert answer["predicate_type"] == "https://slsa.dev/provenance/v1"
    assert answer["signer"] is not None
    assert any("/team/signatures/" in path for path in elsewhere.paths())
    assert not any("signatures" in path for path in registry.paths())


def test_an_image_for_another_platform(ask: Ask, tmp_path: Path) -> None:
    store, key = Store(), Signer(tmp_path)
    image = store.image("1")
    layout = store.write(
        tmp_path / "layout",
        image,
        store.attach(image, key.provenance(image["digest"]), "application/vnd.dsse.envelope.v1+json"),
    )
    assert ask(layout, "--key", key.public, "--platform", "linux/amd64")["verdict"] == "pass"
    other = ask(layout, "--key", key.public, "--platform", "linux/arm64")
    assert other["verdict"] != "pass"
    assert "is an image for linux/amd64" in other["message"]


def test_another_repository_that_may_not_be_asked_keeps_nothing_from_being_read(
    ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store()
    layout = store.write(tmp_path / "layout", store.image("1"))
    monkeypatch.setenv("COSIGN_REPOSITORY", "registry.example.test/team/signatures")
    answer = ask(layout, "--offline")
    assert answer["steps"][0]["name"] == "image"
    assert "registry.example.test/team/signatures" in answer["message"]
