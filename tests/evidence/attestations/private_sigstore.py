"""A Sigstore instance made for tests: authority, certificate transparency, logs of both versions, timestamps, npm key.

Nothing of it comes from the code under test: DER, RFC 6962, RFC 3161 and signed notes are written here on their own.
"""

from __future__ import annotations

import base64
import copy
import hashlib
import json
import struct
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tests.evidence.attestations.der import der, der_int, der_oid, key_usage

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
GITHUB = "https://token.actions.githubusercontent.com"
GENERATOR = (
    "https://github.com/slsa-framework/slsa-github-generator/.github/workflows/"
    "generator_generic_slsa3.yml@refs/tags/v2.1.0"
)
SOURCE = "https://github.com/example/hello"
COMMIT = "0461bc5dfa5090614e9590aa493f640314e4a944"
ARTIFACT = b"hello\n"
SHA256, SHA512 = (hashlib.new(name, ARTIFACT).hexdigest() for name in ("sha256", "sha512"))
FULCIO = "1.3.6.1.4.1.57264.1."
SCT_LIST = x509.ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2")


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def spki(key: Any) -> bytes:
    return bytes(
        key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    )


def pae(kind: str, payload: bytes) -> bytes:
    return f"DSSEv1 {len(kind)} {kind} {len(payload)} ".encode() + payload


def sign(key: Any, data: bytes) -> bytes:
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key.sign(data)
    return bytes(key.sign(data, ec.ECDSA(hashes.SHA256())))


def leaf(body: bytes) -> bytes:
    return hashlib.sha256(b"\0" + body).digest()


def node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()


def tree_root(leaves: list[bytes]) -> bytes:
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << ((len(leaves) - 1).bit_length() - 1)
    return node(tree_root(leaves[:split]), tree_root(leaves[split:]))


def tree_path(index: int, leaves: list[bytes]) -> list[bytes]:
    if len(leaves) == 1:
        return []
    split = 1 << ((len(leaves) - 1).bit_length() - 1)
    if index < split:
        return [*tree_path(index, leaves[:split]), tree_root(leaves[split:])]
    return [*tree_path(index - split, leaves[split:]), tree_root(leaves[:split])]


def claims(**changes: str) -> dict[int, str]:
    """Fulcio's extensions of a GitHub run, by number."""
    usual = {
        "1": GITHUB, "2": "push", "3": COMMIT, "5": "example/hello", "6": "refs/tags/v1.2.3", "8": GITHUB,
        "9": GENERATOR, "10": "f" * 40, "11": "github-hosted", "12": SOURCE, "13": COMMIT, "14": "refs/tags/v1.2.3",
        "15": "222", "17": "111", "18": f"{SOURCE}/.github/workflows/release.yml@refs/tags/v1.2.3", "19": COMMIT,
        "20": "push", "21": f"{SOURCE}/actions/runs/123/attempts/1",
    }  # fmt: skip
    return {
        int(number): text
        for number, text in (usual | {k.removeprefix("c"): v for k, v in changes.items()}).items()
        if text
    }


def statement(predicate: dict[str, Any], predicate_type: str, digest: dict[str, str] | None = None) -> dict[str, Any]:
    return {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "hello", "digest": digest or {"sha256": SHA256}}],
        "predicateType": predicate_type,
        "predicate": predicate,
    }


def generator_statement(builder: str = GENERATOR) -> dict[str, Any]:
    uri = f"git+{SOURCE}@refs/tags/v1.2.3"
    predicate = {
        "builder": {"id": builder},
        "buildType": "https://github.com/slsa-framework/slsa-github-generator/generic@v1",
        "invocation": {
            "configSource": {"uri": uri, "digest": {"sha1": COMMIT}, "entryPoint": ".github/workflows/release.yml"},
            "parameters": {},
            "environment": {"github_event_name": "push", "github_ref": "refs/tags/v1.2.3", "github_ref_type": "tag",
                            "github_base_ref": "", "github_event_payload": {"base_ref": "refs/heads/main"}},
        },
        "materials": [{"uri": uri, "digest": {"sha1": COMMIT}}],
    }  # fmt: skip
    return statement(predicate, "https://slsa.dev/provenance/v0.2")


def workflow_statement(builder: str, **workflow: str) -> dict[str, Any]:
    """What actions/attest writes."""
    usual = {"repository": SOURCE, "ref": "refs/tags/v1.2.3", "path": ".github/workflows/release.yml"} | workflow
    predicate = {
        "buildDefinition": {
            "buildType": "https://actions.github.io/buildtypes/workflow/v1",
            "externalParameters": {"workflow": usual},
            "internalParameters": {"github": {"event_name": "push", "repository_id": "222", "repository_owner_id": "111",
                                              "runner_environment": "github-hosted"}},
            "resolvedDependencies": [{"uri": f"git+{usual['repository']}@{usual['ref']}", "digest": {"gitCommit": COMMIT}}],
        },
        "runDetails": {"builder": {"id": builder}, "metadata": {"invocationId": f"{SOURCE}/actions/runs/123/attempts/1"}},
    }  # fmt: skip
    return statement(predicate, "https://slsa.dev/provenance/v1")


@dataclass
class Instance:
    """The instance; `bundle()` signs a statement as its workflows would."""

    root_key: Any = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    ca_key: Any = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    ct_key: Any = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    log_key: Any = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    log2_key: Any = field(default_factory=ed25519.Ed25519PrivateKey.generate)
    tsa_key: Any = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    witness: bool = True
    """Whether checkpoints have the line of a cosigner, too, on which cosign's reading of Rekor v1 fails."""

    def __post_init__(self) -> None:
        self.root = self._authority("root", self.root_key, "root", self.root_key)
        self.ca = self._authority("authority", self.ca_key, "root", self.root_key)
        self.tsa = self._tsa_certificate()

    def _authority(self, name: str, key: Any, issuer: str, issuer_key: Any) -> x509.Certificate:
        builder = self._builder(name, key.public_key(), issuer, years=10)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        builder = builder.add_extension(key_usage(key_cert_sign=True, crl_sign=True), critical=True)
        return self._linked(builder, key, issuer_key).sign(issuer_key, hashes.SHA256())

    @staticmethod
    def _linked(builder: x509.CertificateBuilder, key: Any, issuer_key: Any) -> x509.CertificateBuilder:
        """With the identifiers of both keys, which other verifiers ask for."""
        public = key.public_key() if hasattr(key, "public_key") else key
        own = x509.SubjectKeyIdentifier.from_public_key(public)
        above = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
        return builder.add_extension(own, critical=False).add_extension(above, critical=False)

    def _builder(self, name: str, key: Any, issuer: str, years: int = 0) -> x509.CertificateBuilder:
        def named(text: str) -> x509.Name:
            return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)] if text else [])

        start = NOW - timedelta(minutes=5) if not years else NOW - timedelta(days=30)
        end = NOW + (timedelta(minutes=5) if not years else timedelta(days=365 * years))
        builder = x509.CertificateBuilder().subject_name(named(name)).issuer_name(named(issuer)).public_key(key)
        return builder.serial_number(x509.random_serial_number()).not_valid_before(start).not_valid_after(end)

    def _tsa_certificate(self) -> x509.Certificate:
        builder = self._builder("tsa", self.tsa_key.public_key(), "root", years=5)
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
        builder = builder.add_extension(key_usage(digital_signature=True), critical=True)
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        return self._linked(builder, self.tsa_key, self.root_key).sign(self.root_key, hashes.SHA256())

    def certificate(self, key: Any, identity: str, extensions: dict[int, str], *, sct: bool = True) -> bytes:
        """A signing certificate as Fulcio issues them, logged in the CT log unless told otherwise."""
        usage = key_usage(digital_signature=True)
        builder = self._builder("", key.public_key(), "authority")
        builder = builder.add_extension(usage, critical=True)
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), critical=False)
        name = x509.UniformResourceIdentifier(identity) if "://" in identity else x509.RFC822Name(identity)
        builder = builder.add_extension(x509.SubjectAlternativeName([name]), critical=True)
        builder = self._linked(builder, key, self.ca_key)
        for number, text in extensions.items():
            value = text.encode() if number < 7 else der(0x0C, text.encode())
            builder = builder.add_extension(
                x509.UnrecognizedExtension(x509.ObjectIdentifier(f"{FULCIO}{number}"), value), critical=False
            )
        if sct:
            plain = builder.sign(self.ca_key, hashes.SHA256())
            builder = builder.add_extension(
                x509.UnrecognizedExtension(SCT_LIST, self._sct_list(plain.tbs_certificate_bytes)), critical=False
            )
        return builder.sign(self.ca_key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)

    def _sct_list(self, tbs: bytes) -> bytes:
        stamp = int(NOW.timestamp() * 1000)
        issuer = hashlib.sha256(spki(self.ca_key)).digest()
        signed = struct.pack(">BBQH", 0, 0, stamp, 1) + issuer + len(tbs).to_bytes(3, "big") + tbs + b"\0\0"
        signature = sign(self.ct_key, signed)
        log_id = hashlib.sha256(spki(self.ct_key)).digest()
        sct = b"\0" + log_id + struct.pack(">QH", stamp, 0) + b"\4\3" + struct.pack(">H", len(signature)) + signature
        sct = struct.pack(">H", len(sct)) + sct
        return der(0x04, struct.pack(">H", len(sct)) + sct)

    def entry(self, body: dict[str, Any], *, version: int = 1, others: int = 5) -> dict[str, Any]:
        """A log entry among others, with everything that a log of that version gives."""
        raw = json.dumps(body, sort_keys=True).encode()
        leaves = [leaf(b"other %d" % number) for number in range(others)]
        index = min(2, others)
        leaves.insert(index, leaf(raw))
        key = self.log_key if version == 1 else self.log2_key
        log_id = self.log_id(version)
        root = tree_root(leaves)
        text = f"log.example - 1\n{len(leaves)}\n{b64(root)}\n"
        note = f"{text}\n— log.example {b64(log_id[:4] + sign(key, text.encode()))}\n"
        note += f"— witness {b64(b'wwww' + b'x' * 64)}\n" if self.witness else ""
        entry: dict[str, Any] = {
            "logIndex": str(index),
            "logId": {"keyId": b64(log_id)},
            "kindVersion": {"kind": body["kind"], "version": body["apiVersion"]},
            "canonicalizedBody": b64(raw),
            "inclusionProof": {
                "logIndex": str(index), "rootHash": b64(root), "treeSize": str(len(leaves)),
                "hashes": [b64(one) for one in tree_path(index, leaves)], "checkpoint": {"envelope": note},
            },
        }  # fmt: skip
        if version == 1:
            entry["integratedTime"] = str(int(NOW.timestamp()))
            entry["inclusionPromise"] = {"signedEntryTimestamp": b64(self.promise(raw, index))}
        return entry

    def log_id(self, version: int) -> bytes:
        return hashlib.sha256(spki(self.log_key if version == 1 else self.log2_key)).digest()

    def promise(self, raw: bytes, index: int) -> bytes:
        content = {
            "body": b64(raw),
            "integratedTime": int(NOW.timestamp()),
            "logID": self.log_id(1).hex(),
            "logIndex": index,
        }
        return sign(self.log_key, json.dumps(content, separators=(",", ":"), sort_keys=True).encode())

    def timestamp(self, data: bytes, moment: datetime = NOW) -> bytes:
        """An RFC 3161 response over the data."""
        sha256 = der(0x30, der_oid("2.16.840.1.101.3.4.2.1"))
        imprint = der(0x30, sha256, der(0x04, hashlib.sha256(data).digest()))
        made = der(0x18, moment.strftime("%Y%m%d%H%M%SZ").encode())
        info = der(0x30, der_int(1), der_oid("1.2.3.4"), imprint, der_int(7), made)
        content_type = "1.2.840.113549.1.9.16.1.4"
        attributes = [
            der(0x30, der_oid("1.2.840.113549.1.9.3"), der(0x31, der_oid(content_type))),
            der(0x30, der_oid("1.2.840.113549.1.9.4"), der(0x31, der(0x04, hashlib.sha256(info).digest()))),
        ]
        attributes.sort()
        signature = sign(self.tsa_key, der(0x31, *attributes))
        issuer = self.root.subject.public_bytes()
        signer = der(
            0x30, der_int(1), der(0x30, issuer, der_int(self.tsa.serial_number)), sha256, der(0xA0, *attributes),
            der(0x30, der_oid("1.2.840.10045.4.3.2")), der(0x04, signature),
        )  # fmt: skip
        certificate = self.tsa.public_bytes(serialization.Encoding.DER)
        signed = der(
            0x30, der_int(3), der(0x31, sha256), der(0x30, der_oid(content_type), der(0xA0, der(0x04, info))),
            der(0xA0, certificate), der(0x31, signer),
        )  # fmt: skip
        token = der(0x30, der_oid("1.2.840.113549.1.7.2"), der(0xA0, signed))
        return der(0x30, der(0x30, der_int(0)), token)

    def trusted_root(self) -> dict[str, Any]:
        """The instance's trusted_root.json."""

        def log(key: Any, log_id: bytes) -> dict[str, Any]:
            details = "PKIX_ED25519" if isinstance(key, ed25519.Ed25519PrivateKey) else "PKIX_ECDSA_P256_SHA_256"
            window = {"start": "2026-01-01T00:00:00Z"}
            return {"baseUrl": "https://log.example", "hashAlgorithm": "SHA2_256",
                    "publicKey": {"rawBytes": b64(spki(key)), "keyDetails": details, "validFor": window},
                    "logId": {"keyId": b64(log_id)}}  # fmt: skip

        def chain(*certificates: x509.Certificate) -> dict[str, Any]:
            raw = [{"rawBytes": b64(one.public_bytes(serialization.Encoding.DER))} for one in certificates]
            subject = {"organization": "example", "commonName": "example"}
            return {"subject": subject, "uri": "https://ca.example", "certChain": {"certificates": raw},
                    "validFor": {"start": "2026-01-01T00:00:00Z"}}  # fmt: skip

        return {
            "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
            "tlogs": [log(self.log_key, self.log_id(1)), log(self.log2_key, self.log_id(2))],
            "certificateAuthorities": [chain(self.ca, self.root)],
            "ctlogs": [log(self.ct_key, hashlib.sha256(spki(self.ct_key)).digest())],
            "timestampAuthorities": [chain(self.tsa, self.root)],
        }

    def envelope(self, key: Any, content: dict[str, Any]) -> dict[str, Any]:
        payload = json.dumps(content).encode()
        kind = "application/vnd.in-toto+json"
        return {
            "payload": b64(payload),
            "payloadType": kind,
            "signatures": [{"sig": b64(sign(key, pae(kind, payload)))}],
        }

    def bundle(
        self,
        content: dict[str, Any],
        *,
        identity: str = GENERATOR,
        extensions: dict[int, str] | None = None,
        kind: str = "dsse/0.0.1",
        media_type: str = "application/vnd.dev.sigstore.bundle.v0.3+json",
        sct: bool = True,
    ) -> dict[str, Any]:
        """A signed bundle whose log entry is of that kind (`/0.0.2` of hashedrekord and dsse are of Rekor v2)."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self.certificate(key, identity, claims() if extensions is None else extensions, sct=sct)
        envelope = self.envelope(key, content)
        version = 2 if kind in ("hashedrekord/0.0.2", "dsse/0.0.2") else 1
        material: dict[str, Any] = {
            **holder(certificate, media_type),
            "tlogEntries": [self.entry(entry_body(kind, envelope, certificate), version=version)],
        }
        if version == 2:
            stamp = self.timestamp(base64.b64decode(envelope["signatures"][0]["sig"]))
            material["timestampVerificationData"] = {"rfc3161Timestamps": [{"signedTimestamp": b64(stamp)}]}
        return {"mediaType": media_type, "verificationMaterial": material, "dsseEnvelope": envelope}


def holder(certificate: bytes, media_type: str) -> dict[str, Any]:
    """The signer's certificate as that version of the bundle has it: a chain before v0.3."""
    single = {"rawBytes": b64(certificate)}
    return {"certificate": single} if "0.3" in media_type else {"x509CertificateChain": {"certificates": [single]}}


def pem(certificate: bytes) -> bytes:
    return x509.load_der_x509_certificate(certificate).public_bytes(serialization.Encoding.PEM)


def entry_body(kind: str, envelope: dict[str, Any], certificate: bytes) -> dict[str, Any]:
    """The body of a log entry of that kind about the envelope."""
    payload = base64.b64decode(envelope["payload"])
    signature = envelope["signatures"][0]["sig"]
    digest = {"algorithm": "sha256", "value": hashlib.sha256(payload).hexdigest()}
    whole = {"algorithm": "sha256", "value": hashlib.sha256(json.dumps(envelope).encode()).hexdigest()}
    name, _, version = kind.partition("/")
    raw = {"keyDetails": "PKIX_ECDSA_P256_SHA_256", "x509Certificate": {"rawBytes": b64(certificate)}}
    signed = pae(envelope["payloadType"], payload)
    specs: dict[str, dict[str, Any]] = {
        "dsse/0.0.1": {"payloadHash": digest, "envelopeHash": whole, "signatures": [{"signature": signature, "verifier": b64(pem(certificate))}]},
        "intoto/0.0.2": {"content": {
            "envelope": {"payloadType": envelope["payloadType"], "signatures": [
                {"publicKey": b64(pem(certificate)), "sig": b64(signature.encode())}]},
            "hash": digest, "payloadHash": digest}},
        "hashedrekord/0.0.2": {"hashedRekordV002": {
            "data": {"algorithm": "SHA2_256", "digest": b64(hashlib.sha256(signed).digest())},
            "signature": {"content": signature, "verifier": raw}}},
        "dsse/0.0.2": {"dsseV002": {
            "payloadHash": {"algorithm": "SHA2_256", "digest": b64(hashlib.sha256(payload).digest())},
            "signatures": [{"content": signature, "verifier": raw}]}},
    }  # fmt: skip
    return {"apiVersion": version, "kind": name, "spec": specs[kind]}


def changed(document: dict[str, Any], path: str, change: Any) -> dict[str, Any]:
    """A copy in which the value at a dotted path is changed: by a function, or to a value; `...` removes it."""
    result = copy.deepcopy(document)
    place: Any = result
    *parents, last = [int(part) if part.isdecimal() else part for part in path.split(".")]
    for part in parents:
        place = place[part]
    if change is ...:
        del place[last]
    else:
        place[last] = change(place[last]) if callable(change) else change
    return result


def flipped(text: str) -> str:
    """Base64 text with one bit of its last whole byte changed."""
    data = bytearray(base64.b64decode(text))
    data[-1] ^= 1
    return b64(bytes(data))
