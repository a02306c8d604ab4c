"""Attestations that are signed and logged as they should be, and lie all the same.

Each is made by the private instance, so that nothing but the lie itself can be what a verifier refuses.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from tests.evidence.attestations.der import der, key_usage
from tests.evidence.attestations.private_sigstore import (
    GENERATOR,
    GITHUB,
    NOW,
    SHA256,
    SOURCE,
    Instance,
    b64,
    changed,
    claims,
    entry_body,
    generator_statement,
    pae,
    sign,
    workflow_statement,
)

MINE = f"{SOURCE}/.github/workflows/release.yml@refs/tags/v1.2.3"
KIND = "application/vnd.in-toto+json"


@dataclass(frozen=True)
class Lie:
    """A lie: how it is made, what is expected beside the source, and the reasons that tell it rightly."""

    make: Callable[[Instance], dict[str, Any]]
    reasons: tuple[str, ...]
    given: dict[str, Any] = field(default_factory=dict)
    verdict: str = "fail"


def generator(**changes: Any) -> Callable[[Instance], dict[str, Any]]:
    """A generator's provenance with values of the statement changed (`__` in names stands for dots)."""

    def make(instance: Instance) -> dict[str, Any]:
        content = generator_statement()
        for path, value in changes.items():
            content = changed(content, path.replace("__", "."), value)
        return instance.bundle(content)

    return make


def _tenant(**changes: Any) -> Callable[[Instance], dict[str, Any]]:
    def make(instance: Instance) -> dict[str, Any]:
        content = workflow_statement(MINE)
        for path, value in changes.items():
            content = changed(content, path.replace("__", "."), value)
        return instance.bundle(content, identity=MINE)

    return make


def _certified(**changes: str) -> Callable[[Instance], dict[str, Any]]:
    """A generator's provenance whose certificate makes other claims."""
    return lambda instance: instance.bundle(generator_statement(), extensions=claims(**changes))


def _identity(identity: str) -> Callable[[Instance], dict[str, Any]]:
    return lambda instance: instance.bundle(generator_statement(identity), identity=identity)


def _signed(instance: Instance, certificate: bytes, key: Any, payload: bytes, kind: str = KIND) -> dict[str, Any]:
    """A bundle around any payload and any certificate."""
    envelope = {
        "payload": b64(payload),
        "payloadType": kind,
        "signatures": [{"sig": b64(sign(key, pae(kind, payload)))}],
    }
    return {
        "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
        "verificationMaterial": {
            "certificate": {"rawBytes": b64(certificate)},
            "tlogEntries": [instance.entry(entry_body("dsse/0.0.1", envelope, certificate))],
        },
        "dsseEnvelope": envelope,
    }


def payload_of(payload: bytes, kind: str = KIND) -> Callable[[Instance], dict[str, Any]]:
    def make(instance: Instance) -> dict[str, Any]:
        key = ec.generate_private_key(ec.SECP256R1())
        return _signed(instance, instance.certificate(key, GENERATOR, claims()), key, payload, kind)

    return make


class _Odd(Instance):
    """The same instance, whose authority issues certificates with something else in them."""

    def __init__(self, instance: Instance, alter: Callable[[x509.CertificateBuilder], x509.CertificateBuilder]) -> None:
        self.__dict__.update(instance.__dict__)
        self.alter = alter

    def _builder(self, name: str, key: Any, issuer: str, years: int = 0) -> x509.CertificateBuilder:
        builder = super()._builder(name, key, issuer, years)
        return builder if years else self.alter(builder)


def _certificate(
    alter: Callable[[x509.CertificateBuilder], x509.CertificateBuilder],
) -> Callable[[Instance], dict[str, Any]]:
    return lambda instance: _Odd(instance, alter).bundle(generator_statement())


def _without_code_signing(instance: Instance) -> dict[str, Any]:
    """A certificate of the right authority that is for servers."""

    class Server(_Odd):
        def certificate(self, key: Any, identity: str, extensions: dict[int, str], *, sct: bool = True) -> bytes:
            genuine = x509.load_der_x509_certificate(super().certificate(key, identity, extensions, sct=False))
            builder = self._builder("", key.public_key(), "authority")
            for one in genuine.extensions:
                value: Any = one.value
                if isinstance(value, x509.ExtendedKeyUsage):
                    value = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
                builder = builder.add_extension(value, critical=one.critical)
            from cryptography.hazmat.primitives import hashes, serialization

            return builder.sign(self.ca_key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)

    return Server(instance, lambda builder: builder).bundle(generator_statement())


def _critical(builder: x509.CertificateBuilder) -> x509.CertificateBuilder:
    unknown = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4.5.6"), der(0x0C, b"only for tests"))
    return builder.add_extension(unknown, critical=True)


def _two_names(instance: Instance) -> dict[str, Any]:
    """A certificate with a second signer beside the expected one."""

    class Double(_Odd):
        def certificate(self, key: Any, identity: str, extensions: dict[int, str], *, sct: bool = True) -> bytes:
            names = der(0x30, der(0x86, identity.encode()), der(0x86, b"https://evil.example/workflow"))
            return _with_names(self, key, extensions, names)

    return Double(instance, lambda builder: builder).bundle(generator_statement())


def _with_names(instance: Instance, key: Any, extensions: dict[int, str], names: bytes) -> bytes:
    """A certificate, logged in the CT log, whose subject alternative names are these DER bytes."""
    from cryptography.hazmat.primitives import hashes, serialization

    from tests.evidence.attestations.private_sigstore import FULCIO, SCT_LIST

    builder = instance._builder("", key.public_key(), "authority")
    builder = builder.add_extension(key_usage(digital_signature=True), critical=True)
    builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), critical=False)
    known = [(x509.ObjectIdentifier("2.5.29.17"), names)]
    known += [
        (x509.ObjectIdentifier(f"{FULCIO}{number}"), text.encode() if number < 7 else der(0x0C, text.encode()))
        for number, text in extensions.items()
    ]
    for oid, value in known:
        builder = builder.add_extension(x509.UnrecognizedExtension(oid, value), critical=False)
    plain = builder.sign(instance.ca_key, hashes.SHA256())
    scts = x509.UnrecognizedExtension(SCT_LIST, instance._sct_list(plain.tbs_certificate_bytes))
    made = builder.add_extension(scts, critical=False).sign(instance.ca_key, hashes.SHA256())
    return made.public_bytes(serialization.Encoding.DER)


def _lookalike_identity(instance: Instance) -> dict[str, Any]:
    """The signer's address with a Cyrillic letter, as UTF-8 in the certificate."""

    class Cyrillic(_Odd):
        def certificate(self, key: Any, identity: str, extensions: dict[int, str], *, sct: bool = True) -> bytes:
            return _with_names(self, key, extensions, der(0x30, der(0x86, LOOKALIKE.encode())))

    return Cyrillic(instance, lambda builder: builder).bundle(generator_statement())


LOOKALIKE = GENERATOR.replace("slsa-framework", "slsа-framework")  # noqa: RUF001 - the letter is the point


def stamped_at(moment: datetime) -> Callable[[Instance], dict[str, Any]]:
    """A Rekor v2 bundle whose timestamp is of another moment."""

    def make(instance: Instance) -> dict[str, Any]:
        bundle = instance.bundle(generator_statement(), kind="hashedrekord/0.0.2")
        signature = base64.b64decode(bundle["dsseEnvelope"]["signatures"][0]["sig"])
        stamps = {"rfc3161Timestamps": [{"signedTimestamp": b64(instance.timestamp(signature, moment))}]}
        return changed(bundle, "verificationMaterial.timestampVerificationData", stamps)

    return make


def _other_log(instance: Instance) -> dict[str, Any]:
    """All by the right authority, but logged in a log of somebody else's."""
    theirs = Instance(root_key=instance.root_key, ca_key=instance.ca_key, ct_key=instance.ct_key)
    theirs.root, theirs.ca = instance.root, instance.ca
    return theirs.bundle(generator_statement())


def _other_ct_log(instance: Instance) -> dict[str, Any]:
    theirs = Instance(root_key=instance.root_key, ca_key=instance.ca_key, log_key=instance.log_key)
    theirs.root, theirs.ca = instance.root, instance.ca
    return theirs.bundle(generator_statement())


def _doubled(text: str) -> bytes:
    """The generator's statement with a subject before its own."""
    payload = json.dumps(generator_statement())
    return payload.replace('"subject":', f'"subject": {text}, "subject":', 1).encode()


_CONFIG = "predicate__invocation__configSource__uri"
_MATERIAL = "predicate__materials__0__uri"
_WORKFLOW = "predicate__buildDefinition__externalParameters__workflow"


def _ref(ref: str) -> Callable[[Instance], dict[str, Any]]:
    """A tenant's provenance and certificate that both name another ref."""
    mine = MINE.replace("refs/tags/v1.2.3", ref)

    def make(instance: Instance) -> dict[str, Any]:
        content = changed(workflow_statement(mine, ref=ref), "predicate.runDetails.builder.id", mine)
        return instance.bundle(content, identity=mine, extensions=claims(c6=ref, c14=ref, c18=mine))

    return make


def named_subject(name: str) -> Callable[[Instance], dict[str, Any]]:
    return generator(subject=[{"name": name, "digest": {"sha256": SHA256}}])


BUILDERS = ("untrusted-builder", "builder-mismatch", "builder-invalid", "invalid-ref", "certificate-invalid")
LIES: dict[str, Lie] = {
    "identity: Cyrillic look-alike": Lie(_lookalike_identity, BUILDERS),
    "identity: two names in the certificate": Lie(_two_names, ("certificate-invalid",)),
    "identity: another host": Lie(_identity(GENERATOR.replace("github.com", "github.com.evil.example")), BUILDERS),
    "identity: a longer owner": Lie(_identity(GENERATOR.replace("slsa-framework/", "slsa-framework2/")), BUILDERS),
    "identity: the builder at a branch": Lie(
        _identity(GENERATOR.replace("refs/tags/v2.1.0", "refs/heads/main")), ("invalid-ref",)
    ),
    "identity: a tag that is no version": Lie(_identity(GENERATOR.replace("v2.1.0", "v2.1.0evil")), ("invalid-ref",)),
    "identity: a path that goes up": Lie(
        _identity(GENERATOR.replace("slsa-github-generator/", "slsa-github-generator/../evil/")), BUILDERS
    ),
    "issuer: look-alike": Lie(
        _certified(c1=f"{GITHUB}.evil.example", c8=f"{GITHUB}.evil.example"), ("identity-mismatch",)
    ),
    "issuer: the two extensions differ": Lie(_certified(c8="https://evil.example"), ("certificate-invalid",)),
    "builder.id: a query string": Lie(
        generator(predicate__builder__id=f"{GENERATOR}?x=1"), BUILDERS, {"builder_id": GENERATOR}
    ),
    "builder.id: a fragment": Lie(generator(predicate__builder__id=f"{GENERATOR}#x"), BUILDERS),
    "builder.id: a slash at the end": Lie(generator(predicate__builder__id=f"{GENERATOR}/"), BUILDERS),
    "builder.id: in capitals": Lie(generator(predicate__builder__id=GENERATOR.upper()), BUILDERS),
    "builder.id: another's": Lie(
        generator(predicate__builder__id="https://github.com/actions/runner/github-hosted"), BUILDERS
    ),
    "builder.id: a list": Lie(generator(predicate__builder__id=[GENERATOR]), (*BUILDERS, "malformed")),
    "source: a longer name in the certificate": Lie(
        _certified(c12=f"{SOURCE}2", c5="example/hello2"), ("source-mismatch", "statement-mismatch")
    ),
    "source: look-alike in the certificate": Lie(
        _certified(c12=SOURCE.replace("example", "exаmple"), c5="exаmple/hello"),  # noqa: RUF001 - the letter is the point
        ("source-mismatch", "statement-mismatch"),
    ),
    "source: another one in the statement": Lie(
        generator(**{_CONFIG: "git+https://github.com/evil/hello@refs/tags/v1.2.3"}),
        ("source-mismatch", "statement-mismatch"),
    ),
    "source: another one in the materials": Lie(
        generator(**{_MATERIAL: "git+https://github.com/evil/hello@refs/tags/v1.2.3"}),
        ("source-mismatch", "statement-mismatch"),
    ),
    "source: a user part before the host": Lie(
        generator(**{_CONFIG: "git+https://github.com@evil.example/example/hello@refs/tags/v1.2.3"}),
        ("source-mismatch", "statement-mismatch"),
    ),
    "ref: refs/heads/main2 for main": Lie(_ref("refs/heads/main2"), ("branch-mismatch",), {"source_branch": "main"}),
    "ref: refs/heads/x/main for main": Lie(_ref("refs/heads/x/main"), ("branch-mismatch",), {"source_branch": "main"}),
    "ref: a branch named as the tag": Lie(
        _ref("refs/heads/v1.2.3"), ("tag-mismatch", "invalid-ref"), {"source_tag": "v1.2.3"}
    ),
    "ref: a tag named refs/heads/main": Lie(
        _ref("refs/tags/refs/heads/main"), ("branch-mismatch", "invalid-ref"), {"source_branch": "main"}
    ),
    "ref: v1.2.30 for v1.2.3": Lie(
        _ref("refs/tags/v1.2.30"), ("versioned-tag-mismatch",), {"source_versioned_tag": "v1.2.3"}
    ),
    "ref: v11.2.3 for v1": Lie(_ref("refs/tags/v11.2.3"), ("versioned-tag-mismatch",), {"source_versioned_tag": "v1"}),
    "workflow: another one in the statement": Lie(
        _tenant(**{f"{_WORKFLOW}__path": ".github/workflows/evil.yml"}), ("statement-mismatch",)
    ),
    "repository: another one in the statement": Lie(
        _tenant(**{f"{_WORKFLOW}__repository": "https://github.com/evil/hello"}),
        ("statement-mismatch", "source-mismatch"),
    ),
    "runner: hosted in the statement, own in the certificate": Lie(
        lambda instance: instance.bundle(workflow_statement(MINE), identity=MINE, extensions=claims(c11="self-hosted")),
        ("statement-mismatch",),
    ),
    "subject: a name that goes up": Lie(named_subject("../../etc/passwd"), ("malformed",)),
    "subject: a name that goes up with backslashes": Lie(named_subject("..\\..\\evil"), ("malformed",)),
    "subject: a name with NUL": Lie(named_subject("hello\0.txt"), ("malformed",)),
    "subject: sha1 alone": Lie(
        generator(subject=[{"name": "hello", "digest": {"sha1": "0" * 40}}]), ("hash-mismatch", "subject-missing")
    ),
    "subject: none": Lie(generator(subject=[]), ("subject-missing",)),
    "subject: a list of digests": Lie(
        generator(subject=[{"name": "hello", "digest": {"sha256": [SHA256]}}]),
        ("subject-missing", "hash-mismatch", "malformed"),
    ),
    "subject: 100,000": Lie(
        generator(subject=[{"name": "x", "digest": {"sha256": SHA256}}] * 100_000),
        ("limit-exceeded",),
        verdict="unknown",
    ),
    "statement: of another type": Lie(generator(_type="https://in-toto.io/Statement/v9"), ("malformed",)),
    "statement: predicate type look-alike": Lie(
        generator(predicateType="https://slsa.dev.evil.example/provenance/v0.2"), ("unsupported",)
    ),
    "statement: no JSON": Lie(payload_of(b"{"), ("malformed",)),
    "statement: a key twice": Lie(
        payload_of(_doubled('[{"name": "x", "digest": {"sha256": "' + "0" * 64 + '"}}]')), ("malformed",)
    ),
    "statement: as text/plain": Lie(
        payload_of(json.dumps(generator_statement()).encode(), "text/plain"), ("malformed",)
    ),
    "statement: 10,000 levels deep": Lie(
        payload_of(b'{"predicate":' + b"[" * 10_000 + b"]" * 10_000 + b"}"), ("limit-exceeded",), verdict="unknown"
    ),
    "certificate: unknown critical extension": Lie(_certificate(_critical), ("certificate-invalid",)),
    "certificate: for servers": Lie(_without_code_signing, ("certificate-invalid",)),
    "certificate: of an authority": Lie(
        _certificate(lambda b: b.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)),
        ("certificate-invalid",),
    ),
    "certificate: expired before the entry": Lie(
        _certificate(lambda b: _window(b, NOW - timedelta(hours=2), NOW - timedelta(hours=1))), ("certificate-invalid",)
    ),
    "certificate: not yet valid at the entry": Lie(
        _certificate(lambda b: _window(b, NOW + timedelta(hours=1), NOW + timedelta(hours=2))), ("certificate-invalid",)
    ),
    "certificate: from before the authority": Lie(
        _certificate(lambda b: _window(b, datetime(2020, 1, 1, tzinfo=UTC), NOW + timedelta(hours=2))),
        ("certificate-invalid",),
    ),
    "time: stamped after the certificate": Lie(stamped_at(NOW + timedelta(hours=1)), ("certificate-invalid",)),
    "time: stamped before the certificate": Lie(stamped_at(NOW - timedelta(hours=1)), ("certificate-invalid",)),
    "time: stamped before the authority": Lie(
        stamped_at(datetime(2020, 1, 1, tzinfo=UTC)), ("time-untrusted", "certificate-invalid")
    ),
    "time: stamped after the authority's end": Lie(
        stamped_at(datetime(2040, 1, 1, tzinfo=UTC)), ("time-untrusted", "certificate-invalid")
    ),
    "log: somebody else's": Lie(_other_log, ("log-invalid",)),
    "CT log: somebody else's": Lie(_other_ct_log, ("certificate-invalid",)),
}


def _window(builder: x509.CertificateBuilder, start: datetime, end: datetime) -> x509.CertificateBuilder:
    builder._not_valid_before = builder._not_valid_after = None
    return builder.not_valid_before(start.replace(tzinfo=None)).not_valid_after(end.replace(tzinfo=None))
