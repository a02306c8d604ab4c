"""Genuine signatures and attestations of one image, made to look like another's: refused, and for the right reason."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from slsacheck.__main__ import main
from tests.evidence.attestations.private_sigstore import Instance, changed, generator_statement, pem, sign
from tests.evidence.attestations.test_notation import Authority, jws, payload
from tests.evidence.attestations.writing import public_key
from tests.evidence.oci.shop import INDEX, INTOTO, MANIFEST, Registry, Store, provenance

BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json"
DSSE = "application/vnd.dsse.envelope.v1+json"
SIMPLE = "application/vnd.dev.cosign.simplesigning.v1+json"
JWS = "application/jose+json"
BESIDE = "dev.sigstore.cosign/bundle"
EXPECTED = ("--source-uri", "github.com/example/hello", "--source-tag", "v1.2.3")
Image = dict[str, Any]
Answers = tuple[dict[str, Any], dict[str, Any]]


class Forge:
    """Two images and everything that signs them: `image` is asked about, `other` is what was really signed."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store = store
        self.instance, self.key, self.authority = Instance(), ec.generate_private_key(ec.SECP256R1()), Authority()
        self.image, self.other = store.image("1"), store.image("other", text="other")
        self.roots = {"sigstore": folder / "root.json", "notation": folder / "root.pem"}
        self.roots["sigstore"].write_text(json.dumps(self.instance.trusted_root()))
        self.roots["notation"].write_bytes(self.authority.root.public_bytes(Encoding.PEM))
        self.public = public_key(folder / "key.pub", self.key)

    def statement(self, about: Image) -> dict[str, Any]:
        return generator_statement() | {"subject": [{"name": "x", "digest": {"sha256": about["digest"][7:]}}]}

    def bundle(self, about: Image) -> bytes:
        return json.dumps(self.instance.bundle(self.statement(about))).encode()

    def envelope(self, about: Image) -> bytes:
        return json.dumps(self.instance.envelope(self.key, self.statement(about))).encode()

    def notation(self, about: Image) -> bytes:
        return jws(self.authority, payload(about["digest"][7:]))

    def tagged(self, at: Image, ending: str, data: bytes, kind: str, **annotations: str) -> None:
        """Something under one of cosign's tags of an image."""
        config = self.store.descriptor(self.store.blob(b"{}"), "application/vnd.oci.image.config.v1+json")
        layer = self.store.descriptor(self.store.blob(data), kind, annotations=annotations)
        document = {"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": [layer]}
        self.store.put(document, at["digest"].replace(":", "-") + ending)

    def signature(self, at: Image, about: Image) -> None:
        """A signature in cosign's older form."""
        said = {"critical": {"identity": {"docker-reference": "x"}, "image": {"docker-manifest-digest": about["digest"]},
                             "type": "cosign container image signature"}, "optional": None}  # fmt: skip
        data = json.dumps(said).encode()
        signature = base64.b64encode(sign(self.key, data)).decode()
        self.tagged(at, ".sig", data, SIMPLE, **{"dev.cosignproject.cosign/signature": signature})


@pytest.fixture
def forge(store: Store, tmp_path: Path) -> Forge:
    return Forge(store, tmp_path)


@pytest.fixture(params=["referrers", "no referrers"])
def shop(request: pytest.FixtureRequest, store: Store) -> Iterator[Registry]:
    found = Registry(store, referrers=request.param == "referrers")
    yield found
    found.close()


@pytest.fixture
def ask(
    forge: Forge, shop: Registry, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[..., Answers]:
    """What verify-image and scan say of the image of a tag, with the flags of a signer."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("DOCKER_CONFIG", raising=False)

    def run(signer: str, tag: str = "1") -> Answers:
        if not shop.referrers:
            fallback(forge.store)
        flags = {
            "sigstore": ["--trusted-root", str(forge.roots["sigstore"]), *EXPECTED],
            "key": ["--key", forge.public],
            "notation": ["--trusted-root", str(forge.roots["notation"])],
        }[signer]
        common = [f"{shop.host}/o/r:{tag}", *flags, "--plain-http"]
        main(["verify-image", *common, "--format", "json"])
        answer = json.loads(capsys.readouterr().out)
        main(["scan", *common, "--report", "json=-"])
        return answer, json.loads(capsys.readouterr().out)

    return run


def fallback(store: Store) -> None:
    """The fallback tags that clients leave at a registry without the list of referrers."""
    found: dict[str, list[dict[str, Any]]] = {}
    for digest, kind in list(store.manifests.items()):
        subject = json.loads(store.blobs[digest]).get("subject")
        if subject and subject["digest"].replace(":", "-") not in store.tags:
            found.setdefault(subject["digest"], []).append(store.descriptor(digest, kind))
    for digest, entries in found.items():
        store.index(entries, digest.replace(":", "-"))


def refused(answers: Answers, reason: str) -> None:
    """Never a pass, never a level, and nothing that hangs on the image is verified."""
    answer, report = answers
    assert (answer["verdict"], answer["reason_class"]) == ("fail", reason), answer["message"]
    for subject in report["subjects"]:
        assert {one["verified"] for one in subject["attachments"]} <= {"fail", "not-signed"}
        assert subject["levels"]["build"]["proved"] == 0


def genuine(forge: Forge, form: str, at: Image, about: Image) -> str:
    """Hangs something on an image that speaks of an image; who must be asked about it."""
    if form == "bundle":
        forge.store.attach(at, forge.bundle(about), BUNDLE)
        return "sigstore"
    if form == "notation":
        forge.store.attach(at, forge.notation(about), JWS, artifactType="application/vnd.cncf.notary.signature")
        return "notation"
    if form == "signature":
        forge.signature(at, about)
    else:
        forge.tagged(at, ".att", forge.envelope(about), DSSE)
    return "key"


FORMS = ["bundle", "notation", "signature", "attestation"]


@pytest.mark.parametrize("form", FORMS)
def test_what_is_genuine_passes(forge: Forge, ask: Callable[..., Answers], form: str) -> None:
    answer, report = ask(genuine(forge, form, forge.image, forge.image))
    assert answer["verdict"] == "pass", answer["message"]
    (subject,) = report["subjects"]
    assert [one["verified"] for one in subject["attachments"]] == ["pass"]
    assert report["errors"] == []
    assert subject["levels"]["build"]["proved"] == (3 if form == "bundle" else 0)


@pytest.mark.parametrize("form", FORMS)
def test_of_another_image_and_hung_on_this_one(forge: Forge, ask: Callable[..., Answers], form: str) -> None:
    refused(ask(genuine(forge, form, forge.image, forge.other)), "hash-mismatch")


@pytest.mark.parametrize("form", ["bundle", "notation"])
def test_moved_to_the_fallback_tag(forge: Forge, shop: Registry, ask: Callable[..., Answers], form: str) -> None:
    """The manifest keeps its own subject; the list that names it is not believed."""
    signer = genuine(forge, form, forge.other, forge.other)
    (entry,) = [one for one, kind in forge.store.manifests.items() if b'"subject"' in forge.store.blobs[one]]
    forge.store.index([forge.store.descriptor(entry, MANIFEST)], forge.image["digest"].replace(":", "-"))
    shop.referrers = False
    refused(ask(signer), "hash-mismatch")


def keyless(forge: Forge, about: Image) -> tuple[bytes, dict[str, str]]:
    """An attestation in cosign's older form: an envelope, and beside it the certificate and the log's promise."""
    bundle = forge.instance.bundle(forge.statement(about), kind="intoto/0.0.2")
    (entry,) = bundle["verificationMaterial"]["tlogEntries"]
    certificate = base64.b64decode(bundle["verificationMaterial"]["certificate"]["rawBytes"])
    said = {
        "SignedEntryTimestamp": entry["inclusionPromise"]["signedEntryTimestamp"],
        "Payload": {
            "body": entry["canonicalizedBody"],
            "integratedTime": int(entry["integratedTime"]),
            "logIndex": int(entry["logIndex"]),
            "logID": base64.b64decode(entry["logId"]["keyId"]).hex(),
        },
    }
    annotations = {"dev.sigstore.cosign/certificate": pem(certificate).decode(), BESIDE: json.dumps(said)}
    return json.dumps(bundle["dsseEnvelope"]).encode(), annotations


@pytest.mark.parametrize("swapped", [False, True], ids=["its own", "another's"])
def test_a_log_entry_in_an_annotation(forge: Forge, ask: Callable[..., Answers], *, swapped: bool) -> None:
    envelope, annotations = keyless(forge, forge.image)
    other = keyless(forge, forge.other)[1]
    forge.tagged(
        forge.image, ".att", envelope, DSSE, **(annotations | {BESIDE: other[BESIDE]} if swapped else annotations)
    )
    answers = ask("sigstore")
    if swapped:
        refused(answers, "log-invalid")
    else:
        assert answers[0]["verdict"] == "pass", answers[0]["message"]


def test_a_log_entry_of_another_artifact(forge: Forge, ask: Callable[..., Answers]) -> None:
    ours, theirs = json.loads(forge.bundle(forge.image)), json.loads(forge.bundle(forge.other))
    entries = theirs["verificationMaterial"]["tlogEntries"]
    forge.store.attach(
        forge.image, json.dumps(changed(ours, "verificationMaterial.tlogEntries", entries)).encode(), BUNDLE
    )
    refused(ask("sigstore"), "log-invalid")


@pytest.mark.parametrize("again", [False, True], ids=["signature left behind", "signature moved along"])
def test_a_platform_image_swapped_in_a_signed_index(forge: Forge, ask: Callable[..., Answers], *, again: bool) -> None:
    platform = {"platform": {"os": "linux", "architecture": "amd64"}}
    signed = forge.store.index([forge.image | platform])
    forge.store.attach(signed, forge.bundle(signed), BUNDLE)
    swapped = forge.store.index([forge.other | platform], "1")
    if again:
        forge.store.attach(swapped, forge.bundle(signed), BUNDLE)
        refused(ask("sigstore"), "hash-mismatch")
        return
    answer, report = ask("sigstore")
    assert (answer["verdict"], answer["reason_class"]) == ("unknown", "no-valid-signature")
    assert [(one["attachments"], one["levels"]["build"]["possible"]) for one in report["subjects"]] == [([], 0)]


@pytest.mark.parametrize("pointed", ["image", "other"])
def test_an_attestation_manifest_about_another_image(forge: Forge, ask: Callable[..., Answers], pointed: str) -> None:
    """BuildKit's: the annotation names the image and the statement another, or the annotation names another."""
    about = {"vnd.docker.reference.type": "attestation-manifest"}
    about["vnd.docker.reference.digest"] = getattr(forge, pointed)["digest"]
    statement = forge.store.attach(None, provenance(forge.other["digest"]), INTOTO) | {"annotations": about}
    forge.store.index([forge.image, statement], "1")
    answer, report = ask("sigstore")
    assert answer["verdict"] != "pass"
    (subject,) = report["subjects"]
    assert subject["levels"]["build"]["proved"] == 0
    if pointed == "image":
        assert [one["reason_class"] for one in subject["attestations"]] == ["hash-mismatch"]
    else:
        assert subject["attachments"] == []
        assert "is not in the index" in report["errors"][0]["reason"]


def test_an_index_that_calls_itself_a_manifest(forge: Forge, ask: Callable[..., Answers]) -> None:
    forge.store.attach(forge.image, forge.bundle(forge.image), BUNDLE)
    forge.store.manifests[forge.image["digest"]] = INDEX
    answer, report = ask("sigstore")
    assert (answer["verdict"], answer["reason_class"]) == ("fail", "malformed")
    assert report["subjects"][0]["image"] is None
