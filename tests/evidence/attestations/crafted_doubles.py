"""Attestations that are signed and logged as they should be, and say something twice, too late, or out of sight."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from tests.evidence.attestations.crafted import BUILDERS, Lie, generator, payload_of
from tests.evidence.attestations.private_sigstore import (
    GENERATOR,
    NOW,
    SHA256,
    Instance,
    b64,
    changed,
    generator_statement,
)


def _twice(key: str, before: str) -> Callable[[Instance], dict[str, Any]]:
    """The statement with another value under a key before the key's own."""
    text = json.dumps(generator_statement()).replace(f'"{key}":', f'{before}, "{key}":', 1)
    return payload_of(text.encode())


def _stamped_twice(instance: Instance) -> dict[str, Any]:
    """A timestamp inside the certificate's validity, and one long after it: which would a reader take?"""
    bundle = instance.bundle(generator_statement(), kind="hashedrekord/0.0.2")
    signature = base64.b64decode(bundle["dsseEnvelope"]["signatures"][0]["sig"])
    moments = (NOW, NOW + timedelta(days=30))
    stamps = [{"signedTimestamp": b64(instance.timestamp(signature, moment))} for moment in moments]
    return changed(bundle, "verificationMaterial.timestampVerificationData", {"rfc3161Timestamps": stamps})


def _stamped_late_beside_the_log(instance: Instance) -> dict[str, Any]:
    """Logged in time, and stamped when the certificate had ended."""
    bundle = instance.bundle(generator_statement())
    signature = base64.b64decode(bundle["dsseEnvelope"]["signatures"][0]["sig"])
    stamp = {"signedTimestamp": b64(instance.timestamp(signature, NOW + timedelta(hours=2)))}
    material = bundle["verificationMaterial"] | {"timestampVerificationData": {"rfc3161Timestamps": [stamp]}}
    return bundle | {"verificationMaterial": material}


def _with_material(**more: Any) -> Callable[[Instance], dict[str, Any]]:
    """A bundle that says a second time, in another way, who signed."""

    def make(instance: Instance) -> dict[str, Any]:
        bundle = instance.bundle(generator_statement())
        return bundle | {"verificationMaterial": bundle["verificationMaterial"] | more}

    return make


def _with_message(instance: Instance) -> dict[str, Any]:
    message = {"messageDigest": {"algorithm": "SHA2_256", "digest": b64(bytes(32))}, "signature": b64(bytes(64))}
    return instance.bundle(generator_statement()) | {"messageSignature": message}


DOUBLES: dict[str, Lie] = {
    "time: stamped in time and again too late": Lie(_stamped_twice, ("certificate-invalid",)),
    "time: logged in time and stamped too late": Lie(_stamped_late_beside_the_log, ("certificate-invalid",)),
    "bundle: a certificate and a hint at a key": Lie(
        _with_material(publicKey={"hint": "SHA256:jl3bwswu80PjjokCgh0o2w5c2U4LhQAE57gj9cz1kzA"}), ("malformed",)
    ),
    "bundle: a certificate and a chain": Lie(_with_material(x509CertificateChain={"certificates": []}), ("malformed",)),
    "bundle: an envelope and a message": Lie(_with_message, ("malformed",)),
    "digest: SHA256 in capitals": Lie(
        generator(subject=[{"name": "hello", "digest": {"SHA256": SHA256}}]), ("malformed",)
    ),
    "builder.id: a character that is not seen": Lie(
        generator(predicate__builder__id=GENERATOR.replace("slsa-", "slsa\u200b-")), BUILDERS
    ),
    "builder.id: written as in addresses": Lie(
        generator(predicate__builder__id=GENERATOR.replace("@", "%40")), BUILDERS
    ),
    "builder.id: a tab at the end": Lie(generator(predicate__builder__id=f"{GENERATOR}\t"), BUILDERS),
    "builder.id: another port": Lie(
        generator(predicate__builder__id=GENERATOR.replace("github.com", "github.com:443")), BUILDERS
    ),
    "statement: a key of the predicate twice": Lie(
        _twice("builder", '"builder": {"id": "x"}'),
        ("malformed",),
    ),
    "statement: a key inside an environment twice": Lie(
        _twice("github_ref", '"github_ref": "x"'),
        ("malformed",),
    ),
    "statement: a key escaped and plain": Lie(
        _twice("subject", '"\\u0073ubject": []'),
        ("malformed",),
    ),
    "statement: NaN": Lie(
        payload_of(json.dumps(generator_statement()).replace('"parameters": {}', '"parameters": NaN', 1).encode()),
        ("malformed",),
    ),
    "statement: in UTF-16": Lie(payload_of(json.dumps(generator_statement()).encode("utf-16")), ("malformed",)),
}
