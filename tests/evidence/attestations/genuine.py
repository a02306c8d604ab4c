"""Genuine attestations of many kinds: signed by the private instance, and real ones of the reference corpus."""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from slsacheck.cli.verify_case import case_of
from slsacheck.evidence.attestations.trustdata import NamedKey, TrustData, load_domains
from slsacheck.model.attestation import Case, Expectations
from tests.evidence.attestations.mutations import ACCEPTED, REFUSED, Genuine
from tests.evidence.attestations.places import api_places, bundle_places, envelope_places, pep740_places
from tests.evidence.attestations.private_sigstore import (
    ARTIFACT,
    GENERATOR,
    SHA256,
    SHA512,
    SOURCE,
    Instance,
    b64,
    changed,
    claims,
    entry_body,
    generator_statement,
    pem,
    sign,
    spki,
    statement,
    workflow_statement,
)

MINE = f"{SOURCE}/.github/workflows/release.yml@refs/tags/v1.2.3"
V01 = "application/vnd.dev.sigstore.bundle+json;version=0.1"
V02 = "application/vnd.dev.sigstore.bundle+json;version=0.2"
PUBLISH = "https://github.com/npm/attestation/tree/main/specs/publish/v0.1"
SET_ONLY = {"proof: removed": ACCEPTED}
"""Bundles v0.1 rest on the log's promise alone."""
SEVERAL = {"signatures: twice the same": ACCEPTED, "signatures: garbage before it": ACCEPTED}
"""A bare envelope may have several signatures, of which one must be by the key; the same bytes beside no log entry."""
KEYED = SEVERAL | {"signature: malleated (r, n-s)": ACCEPTED}
"""Without a log entry nothing says which of the two forms was made."""
API = {"SET: removed": ACCEPTED}
"""The proof shows inclusion, and the time is not asked for."""


def private_trust(instance: Instance, folder: Path) -> TrustData:
    path = folder / "private-root.json"
    path.write_text(json.dumps(instance.trusted_root()))
    return TrustData(domains=load_domains(str(path)))


def message_bundle(instance: Instance, artifact: bytes = ARTIFACT) -> dict[str, Any]:
    """A signature of the bytes themselves, logged in Rekor v2."""
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = instance.certificate(key, "somebody@example.com", {1: "https://accounts.example"})
    signature, digest = sign(key, artifact), hashlib.sha256(artifact).digest()
    verifier = {"x509Certificate": {"rawBytes": b64(certificate)}, "keyDetails": "PKIX_ECDSA_P256_SHA_256"}
    body = {"apiVersion": "0.0.2", "kind": "hashedrekord", "spec": {"hashedRekordV002": {
        "data": {"algorithm": "SHA2_256", "digest": b64(digest)},
        "signature": {"content": b64(signature), "verifier": verifier}}}}  # fmt: skip
    stamp = {"rfc3161Timestamps": [{"signedTimestamp": b64(instance.timestamp(signature))}]}
    return {
        "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
        "verificationMaterial": {
            "certificate": {"rawBytes": b64(certificate)},
            "tlogEntries": [instance.entry(body, version=2)],
            "timestampVerificationData": stamp,
        },
        "messageSignature": {
            "messageDigest": {"algorithm": "SHA2_256", "digest": b64(digest)},
            "signature": b64(signature),
        },
    }


def message_bundle_v1(instance: Instance) -> dict[str, Any]:
    """The same in Rekor v1."""
    bundle = message_bundle(instance)
    certificate = base64.b64decode(bundle["verificationMaterial"]["certificate"]["rawBytes"])
    body = {"apiVersion": "0.0.1", "kind": "hashedrekord", "spec": {
        "data": {"hash": {"algorithm": "sha256", "value": SHA256}},
        "signature": {"content": bundle["messageSignature"]["signature"], "publicKey": {"content": b64(pem(certificate))}}}}  # fmt: skip
    bundle["verificationMaterial"] |= {"tlogEntries": [instance.entry(body)], "timestampVerificationData": {}}
    return bundle


def publish_attestation(instance: Instance) -> dict[str, Any]:
    """What a publisher of PyPI attests about a distribution."""
    content = statement({}, "https://docs.pypi.org/attestations/publish/v1")
    content["subject"][0]["name"] = "hello-1.2.3.tar.gz"
    return pep740(instance.bundle(content))


def pep740(bundle: dict[str, Any]) -> dict[str, Any]:
    """A bundle in the form of PyPI."""
    material, envelope = bundle["verificationMaterial"], bundle["dsseEnvelope"]
    return {
        "version": 1,
        "verification_material": {
            "certificate": material["certificate"]["rawBytes"],
            "transparency_entries": material["tlogEntries"],
        },
        "envelope": {"statement": envelope["payload"], "signature": envelope["signatures"][0]["sig"]},
    }


def bare(instance: Instance, content: dict[str, Any] | None = None, **more: Any) -> tuple[dict[str, Any], bytes]:
    """An envelope with its certificate beside the signature, as slsa-github-generator writes them; and that."""
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = instance.certificate(key, GENERATOR, claims(), **more)
    envelope = instance.envelope(key, content or generator_statement())
    envelope["signatures"][0] |= {"cert": pem(certificate).decode(), "keyid": ""}
    return envelope, certificate


def api_answer(entry: dict[str, Any]) -> dict[str, Any]:
    """A bundle's log entry as `/api/v1/log/entries` answers it."""
    proof = entry["inclusionProof"]

    def unhex(text: str) -> str:
        return base64.b64decode(text).hex()

    uuid = "1234567890abcdef" + hashlib.sha256(b"\0" + base64.b64decode(entry["canonicalizedBody"])).hexdigest()
    verification = {
        "signedEntryTimestamp": entry["inclusionPromise"]["signedEntryTimestamp"],
        "inclusionProof": {
            "logIndex": int(proof["logIndex"]), "treeSize": int(proof["treeSize"]), "rootHash": unhex(proof["rootHash"]),
            "hashes": [unhex(one) for one in proof["hashes"]], "checkpoint": proof["checkpoint"]["envelope"],
        },
    }  # fmt: skip
    return {uuid: {
        "body": entry["canonicalizedBody"], "integratedTime": int(entry["integratedTime"]),
        "logID": unhex(entry["logId"]["keyId"]), "logIndex": int(entry["logIndex"]), "verification": verification,
    }}  # fmt: skip


def npm_answer(
    instance: Instance,
    registry: Any,
    *,
    name: str = "@example/hello",
    version: str = "1.2.3",
    extensions: dict[int, str] | None = None,
) -> dict[str, Any]:
    """The registry's answer: provenance of the npm CLI and the registry's own attestation of the publication.

    `name` and `version` are those of the provenance's subject, `extensions` those of its certificate.
    """
    content = workflow_statement("https://github.com/actions/runner/github-hosted")
    content["predicate"]["buildDefinition"]["buildType"] = (
        "https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1"
    )
    digest = {"sha512": SHA512}
    content["subject"] = [{"name": f"pkg:npm/{name.replace('@', '%40')}@{version}", "digest": digest}]
    publish = statement(
        {"name": "@example/hello", "version": "1.2.3", "registry": "https://registry.npmjs.org"}, PUBLISH
    )
    publish["subject"] = [{"name": "pkg:npm/%40example/hello@1.2.3", "digest": digest}]
    envelope = instance.envelope(registry, publish)
    body = entry_body("dsse/0.0.1", envelope, instance.ca.public_bytes(serialization.Encoding.DER))
    kind = serialization.PublicFormat.SubjectPublicKeyInfo
    encoded = registry.public_key().public_bytes(serialization.Encoding.PEM, kind)
    body["spec"]["signatures"][0]["verifier"] = b64(encoded)
    signed = {
        "mediaType": V02,
        "verificationMaterial": {"publicKey": {"hint": "SHA256:test"}, "tlogEntries": [instance.entry(body)]},
        "dsseEnvelope": envelope,
    }
    provenance = instance.bundle(content, identity=MINE, extensions=extensions)
    return {"attestations": [
        {"predicateType": PUBLISH, "bundle": signed},
        {"predicateType": "https://slsa.dev/provenance/v1", "bundle": provenance},
    ]}  # fmt: skip


def _case(command: str = "verify-artifact", **given: Any) -> Case:
    expected = {"source_uri": SOURCE} | given
    return Case(command, digests=((("sha256", SHA256),),), expectations=Expectations(**expected))


def _pair(
    make: Callable[[], dict[str, Any]], places: Callable[[dict[str, Any]], dict[str, str]], **more: Any
) -> Genuine:
    """A genuine attestation beside another that is made alike."""
    one, other = make(), make()
    return Genuine(document=one, places=places(one), other=Genuine("other", other, more["case"], places(other)), **more)


def private(instance: Instance, folder: Path) -> list[Genuine]:
    """Thirteen kinds, all signed by the private instance; verified with its trust data alone."""
    trust = private_trust(instance, folder)
    found = [
        _pair(
            lambda kind=kind: instance.bundle(generator_statement(), kind=kind),  # type: ignore[misc]
            bundle_places, name=f"generator, {kind}", case=_case(source_tag="v1.2.3"), trust=trust,
        )
        for kind in ("dsse/0.0.1", "intoto/0.0.2", "hashedrekord/0.0.2", "dsse/0.0.2")
    ]  # fmt: skip
    found += [
        _pair(
            lambda: instance.bundle(workflow_statement(MINE), identity=MINE),
            bundle_places, name="workflow's own attestation", case=_case("verify-github-attestation"), trust=trust,
        ),
        _pair(
            lambda: changed(
                instance.bundle(generator_statement(), kind="intoto/0.0.2", media_type=V01),
                "verificationMaterial.tlogEntries.0.inclusionProof", ...,
            ),
            bundle_places, name="bundle v0.1, SET only", case=_case(), trust=trust, own=SET_ONLY,
        ),
        _pair(
            lambda: instance.bundle(generator_statement(), media_type=V01),
            bundle_places, name="bundle v0.1, SET and proof", case=_case(), trust=trust, own=SET_ONLY,
        ),
        *_messages(instance, trust),
        _pair(
            lambda: publish_attestation(instance), lambda _: pep740_places(),
            name="PEP 740", case=_case("verify-pypi-package"), trust=trust,
        ),
    ]  # fmt: skip
    return [*found, *_keyed(instance, trust, folder), *_npm(instance, trust), _entry(instance, trust)]


def _messages(instance: Instance, trust: TrustData) -> Iterator[Genuine]:
    case = _case("verify-bundle", source_uri=None, identity="somebody@example.com")
    for name, make in (("Rekor v2", message_bundle), ("Rekor v1", message_bundle_v1)):
        yield _pair(
            lambda make=make: make(instance),  # type: ignore[misc]
            bundle_places, name=f"message signature, {name}", case=case, trust=trust,
        )  # fmt: skip


def _keyed(instance: Instance, trust: TrustData, folder: Path) -> Iterator[Genuine]:
    key = ec.generate_private_key(ec.SECP256R1())
    path = folder / "signer.pem"
    kind = serialization.PublicFormat.SubjectPublicKeyInfo
    path.write_bytes(key.public_key().public_bytes(serialization.Encoding.PEM, kind))
    case = replace(_case("verify-bundle", source_uri=None), public_key=str(path))
    yield Genuine(
        "envelope signed by a key",
        instance.envelope(key, generator_statement()),
        case,
        envelope_places(),
        Genuine("other", instance.envelope(key, workflow_statement(MINE)), case, envelope_places()),
        trust,
        KEYED,
    )


NPM_CASE = Case(
    "verify-npm-package",
    digests=((("sha512", SHA512),),),
    expectations=Expectations(
        source_uri=SOURCE, builder_id="https://github.com/actions/runner/github-hosted",
        package_name="@example/hello", package_version="1.2.3",
    ),
)  # fmt: skip
"""The npm package of which `npm_answer` speaks."""


def _npm(instance: Instance, trust: TrustData) -> Iterator[Genuine]:
    registry = ec.generate_private_key(ec.SECP256R1())
    trust = replace(trust, npm_keys=(NamedKey("SHA256:test", spki(registry), "npm:attestations"),))
    for number, part in enumerate(("npm publish", "npm provenance")):
        yield _pair(
            lambda: npm_answer(instance, registry),
            lambda document, number=number: bundle_places(document, f"attestations.{number}.bundle."),  # type: ignore[misc]
            name=part, case=NPM_CASE, trust=trust,
        )  # fmt: skip


def _entry(instance: Instance, trust: TrustData) -> Genuine:
    def make() -> dict[str, Any]:
        return api_answer(instance.bundle(generator_statement())["verificationMaterial"]["tlogEntries"][0])

    return _pair(
        make, lambda document: api_places(next(iter(document))),
        name="Rekor entry (API)", case=Case("verify-rekor-entry"), trust=trust,
        own=API,
    )  # fmt: skip


def real_cases(shared: Path, *, passing: bool = False) -> Iterator[Case]:
    """The cases of the corpus, one a line of its index; with `passing` those alone that a strict verifier lets pass."""
    root = shared / "corpus" / "attestations"
    spec = importlib.util.spec_from_file_location("score_attestations", shared / "corpus" / "score_attestations.py")
    assert spec is not None
    assert spec.loader is not None
    scorer = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(scorer)
    for line in scorer.read_index(root / "index.jsonl"):
        if not passing or scorer.right_verdicts(line) == ["pass"]:
            yield case_of(next(iter(scorer.cases_of(line, root))))


def corpus(shared: Path) -> list[Genuine]:
    """One real attestation of each kind in the corpus that passes and can be read as JSON; a kind is its structure."""
    kinds: dict[str, list[Genuine]] = {}
    for case in real_cases(shared, passing=True):
        for base in _real(case):
            kinds.setdefault(base.name, []).append(base)
    return [_with_other(bases) for bases in kinds.values()]


def _with_other(bases: list[Genuine]) -> Genuine:
    """The first of its kind, with another that differs from it to take parts from."""
    first = bases[0]
    return replace(first, other=next((one for one in bases if one.document != first.document), None))


def _real(case: Case) -> Iterator[Genuine]:
    if len(case.provenance) != 1:
        return
    try:
        document = json.loads(Path(case.provenance[0]).read_bytes())
    except ValueError:
        return
    if not isinstance(document, dict):
        return
    if "verificationMaterial" in document:
        yield _real_bundle(case, document)
    elif isinstance(document.get("attestations"), list) and case.command == "verify-npm-package":
        for number, one in enumerate(document["attestations"]):
            what = one["predicateType"].rpartition("/")[2]
            places = bundle_places(document, f"attestations.{number}.bundle.")
            own = SET_ONLY if "0.1" in one["bundle"]["mediaType"] else {}
            yield Genuine(f"real: npm, part {what}", document, case, places, own=own)
    elif "verification_material" in document:
        yield Genuine("real: PEP 740", document, case, pep740_places())
    elif "payload" in document and case.public_key is not None:
        named = {"keyid: a hint": REFUSED} if case.expectations.public_key_id else {}
        yield Genuine("real: envelope signed by a key", document, case, envelope_places(), own=KEYED | named)
    elif case.command == "verify-rekor-entry":
        yield Genuine("real: Rekor entry (API)", document, case, api_places(next(iter(document))), own=API)


def _real_bundle(case: Case, document: dict[str, Any]) -> Genuine:
    material = document["verificationMaterial"]
    entries = material.get("tlogEntries") or []
    has = entries[0] if entries else {}
    kind = "/".join((has.get("kindVersion") or {"kind": "no log"}).values())
    version = (
        document["mediaType"]
        .removeprefix("application/vnd.dev.sigstore.bundle")
        .strip("+json;.v")
        .removeprefix("ersion=")
    )
    parts = [
        "SET" if "inclusionPromise" in has else "",
        "proof" if "inclusionProof" in has else "",
        "timestamp" if (material.get("timestampVerificationData") or {}).get("rfc3161Timestamps") else "",
        "message" if "messageSignature" in document else "",
        "key" if "publicKey" in material else "",
    ]
    name = f"real: bundle v{version}, {kind}, {' '.join(part for part in parts if part)}"
    return Genuine(name, document, case, bundle_places(document), own=SET_ONLY if version == "0.1" else {})
