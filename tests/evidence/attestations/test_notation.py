"""Signatures of notation, JWS and COSE: whose they are, and everything that makes them nobody's."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import cbor2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

from slsacheck.evidence.attestations import verify
from slsacheck.model.attestation import Case, Verification
from tests.evidence.attestations.der import key_usage
from tests.evidence.attestations.private_sigstore import ARTIFACT, SHA256, Instance

TYPE = "application/vnd.cncf.notary.payload.v1+json"
SCHEME, EXPIRY = "io.cncf.notary.signingScheme", "io.cncf.notary.expiry"
NOW = datetime.now(UTC).replace(microsecond=0)


def name(common: str) -> x509.Name:
    return x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Example"), x509.NameAttribute(NameOID.COMMON_NAME, common)]
    )


class Authority:
    """A root and a signer under it, with what a test wants to be different."""

    def __init__(self, curve: Any = None, days: int = 10, purpose: Any = None, **leaf: Any) -> None:
        self.root_key = ec.generate_private_key(ec.SECP256R1())
        self.key = ec.generate_private_key(curve or ec.SECP256R1())
        usage = key_usage(key_cert_sign=True)
        self.root = (
            self._builder("root", "root", self.root_key, 3650)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
            .sign(self.root_key, hashes.SHA256())
        )
        builder = self._builder("signer", "root", self.key, days).add_extension(
            key_usage(**({"digital_signature": True} | leaf)), critical=True
        )
        builder = builder.add_extension(
            x509.ExtendedKeyUsage([purpose or ExtendedKeyUsageOID.CODE_SIGNING]), critical=False
        )
        self.leaf = builder.sign(self.root_key, hashes.SHA256())
        self.chain = [one.public_bytes(Encoding.DER) for one in (self.leaf, self.root)]

    def _builder(self, subject: str, issuer: str, key: Any, days: int) -> x509.CertificateBuilder:
        builder = x509.CertificateBuilder().subject_name(name(subject)).issuer_name(name(issuer))
        builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
        end = NOW + timedelta(days=days)
        return builder.not_valid_before(end - timedelta(days=4000)).not_valid_after(end)

    def raw_signature(self, data: bytes) -> bytes:
        """r and s one after the other, as JWS and COSE have them."""
        r, s = utils.decode_dss_signature(self.key.sign(data, ec.ECDSA(hashes.SHA256())))
        half = (self.key.curve.key_size + 7) // 8
        return r.to_bytes(half, "big") + s.to_bytes(half, "big")


def url64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def payload(digest: str = SHA256) -> bytes:
    target = {"mediaType": "application/octet-stream", "digest": f"sha256:{digest}", "size": len(ARTIFACT)}
    return json.dumps({"targetArtifact": target}).encode()


def jws(who: Authority, content: bytes, stamp: Callable[[bytes], bytes] | None = None, **changes: Any) -> bytes:
    headers = {"alg": "ES256", "cty": TYPE, "crit": [SCHEME], SCHEME: "notary.x509"} | changes
    protected = url64(json.dumps(headers).encode())
    signature = who.raw_signature(f"{protected}.{url64(content)}".encode())
    loose: dict[str, Any] = {"x5c": [base64.b64encode(one).decode() for one in who.chain]}
    if stamp is not None:
        loose["io.cncf.notary.timestampSignature"] = base64.b64encode(stamp(signature)).decode()
    document = {"payload": url64(content), "protected": protected, "header": loose, "signature": url64(signature)}
    return json.dumps(document).encode()


def cose(who: Authority, content: bytes, **changes: Any) -> bytes:
    headers: dict[Any, Any] = {1: -7, 2: [SCHEME], 3: TYPE, SCHEME: "notary.x509"} | changes
    headers = {int(key) if str(key).isdigit() else key: value for key, value in headers.items()}
    protected = cbor2.dumps(headers)
    signature = who.raw_signature(cbor2.dumps(["Signature1", protected, b"", content]))
    return cbor2.dumps(cbor2.CBORTag(18, [protected, {33: who.chain}, content, signature]))


@pytest.fixture
def check(tmp_path: Path) -> Callable[..., Verification]:
    def run(envelope: bytes, *roots: x509.Certificate, digest: str = SHA256, **files: bytes) -> Verification:
        (tmp_path / "signature").write_bytes(envelope)
        (tmp_path / "roots.pem").write_bytes(b"".join(one.public_bytes(Encoding.PEM) for one in roots))
        paths: dict[str, Any] = {}
        for key, data in files.items():
            (tmp_path / key).write_bytes(data)
            paths[key] = str(tmp_path / key)
        root = str(tmp_path / "roots.pem") if roots else None
        digests = ((("sha256", digest),),)
        given = Case("verify-bundle", digests=digests, provenance=(str(tmp_path / "signature"),), trusted_root=root)
        return verify(type(given)(**{key: getattr(given, key) for key in type(given).__match_args__} | paths))

    return run


def policy(*identities: str, level: str = "strict") -> bytes:
    statement = {"name": "t", "registryScopes": ["*"], "signatureVerification": {"level": level}}
    statement |= {"trustStores": ["ca:t"], "trustedIdentities": list(identities)}
    return json.dumps({"version": "1.0", "trustPolicies": [statement]}).encode()


@pytest.mark.parametrize("write", [jws, cose])
def test_a_signature_under_a_given_root(write: Any, check: Any) -> None:
    who = Authority()
    answer = check(write(who, payload()), who.root)
    assert (answer.verdict, answer.level, answer.form) == ("pass", None, "notation")
    assert answer.signer.identity == "CN=signer,O=Example"
    assert check(write(who, payload("00" * 32)), who.root).reason_class == "hash-mismatch"
    assert check(write(who, payload()), Authority().root).reason_class == "certificate-invalid"
    assert check(write(who, payload())).verdict == "unknown"


@pytest.mark.parametrize("write", [jws, cose])
@pytest.mark.parametrize(
    ("who", "changes", "verdict", "reason"),
    [
        ({}, {SCHEME: "notary.other"}, "fail", "unsupported"),
        ({}, {SCHEME: "notary.x509.signingAuthority"}, "fail", "malformed"),
        ({"days": -5}, {}, "fail", "certificate-invalid"),
        ({"purpose": ExtendedKeyUsageOID.SERVER_AUTH}, {}, "fail", "certificate-invalid"),
        ({"purpose": "revocable"}, {}, "unknown", "certificate-invalid"),
        ({"key_cert_sign": True}, {}, "fail", "certificate-invalid"),
        ({"curve": ec.SECP384R1()}, {}, "fail", "no-valid-signature"),
    ],
)
def test_what_the_specification_refuses(
    write: Any, check: Any, who: dict[str, Any], changes: dict[str, Any], verdict: str, reason: str
) -> None:
    made = _made(who)
    answer = check(write(made, payload(), **changes), made.root)
    assert (answer.verdict, answer.reason_class, answer.authentic) == (verdict, reason, False)


def _made(who: dict[str, Any]) -> Authority:
    if who.get("purpose") != "revocable":
        return Authority(**who)
    made = Authority()
    service = x509.AccessDescription(
        AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier("http://ocsp.example")
    )
    builder = made._builder("signer", "root", made.key, 10)
    builder = builder.add_extension(key_usage(digital_signature=True), critical=True)
    builder = builder.add_extension(x509.AuthorityInformationAccess([service]), critical=False)
    made.chain[0] = builder.sign(made.root_key, hashes.SHA256()).public_bytes(Encoding.DER)
    return made


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"crit": [SCHEME, "io.example.unknown"], "io.example.unknown": "x"}, "unsupported"),
        ({"crit": []}, "malformed"),
        ({"cty": "text/plain"}, "malformed"),
        ({"alg": "none"}, "no-valid-signature"),
        ({"alg": "HS256"}, "no-valid-signature"),
        ({"crit": [SCHEME, EXPIRY], EXPIRY: "2020-01-01T00:00:00Z"}, "certificate-invalid"),
        ({EXPIRY: "2099-01-01T00:00:00Z"}, "malformed"),
    ],
)
def test_protected_headers_are_obeyed(check: Any, changes: dict[str, Any], reason: str) -> None:
    who = Authority()
    answer = check(jws(who, payload(), **changes), who.root)
    assert (answer.verdict, answer.reason_class) == ("fail", reason)


def test_changed_envelopes_are_refused(check: Any) -> None:
    who = Authority()
    document = json.loads(jws(who, payload()))
    for field, value in {"payload": url64(payload("11" * 32)), "signature": url64(b"\1" * 64)}.items():
        assert check(json.dumps(document | {field: value}).encode(), who.root).reason_class == "no-valid-signature"
    for field in ("payload", "protected", "signature"):
        assert check(json.dumps(document | {field: "=="}).encode(), who.root).reason_class == "malformed"
    assert check(cose(who, payload())[:-9], who.root).reason_class == "malformed"
    assert check(cbor2.dumps(cbor2.CBORTag(18, [b"", {}, b""])), who.root).reason_class == "malformed"
    assert check(b"\xd2\x84" + b"\x81" * 5000, who.root).verdict == "fail"


def test_the_trust_policy_says_which_signers_count(check: Any) -> None:
    who = Authority()
    for identity in ("*", "x509.subject: O=Example, CN=signer", "x509.subject:O=Example"):
        assert check(jws(who, payload()), who.root, trust_policy=policy(identity)).verdict == "pass"
    other = check(jws(who, payload()), who.root, trust_policy=policy("x509.subject: CN=other, O=Example"))
    assert (other.verdict, other.reason_class) == ("fail", "identity-mismatch")
    for broken in (policy("*", level="skip"), policy(), policy("x509.subject:"), b"{}", b"[", policy("did:x")):
        assert check(jws(who, payload()), who.root, trust_policy=broken).verdict in ("fail", "unknown")


AUTHORITY = {SCHEME: "notary.x509.signingAuthority", "crit": [SCHEME, "io.cncf.notary.authenticSigningTime"]}


def stated(moment: datetime) -> dict[str, Any]:
    return AUTHORITY | {"io.cncf.notary.authenticSigningTime": moment.strftime("%Y-%m-%dT%H:%M:%SZ")}


def stores(*named: str) -> bytes:
    document = json.loads(policy("*"))
    document["trustPolicies"][0]["trustStores"] = list(named)
    return json.dumps(document).encode()


def test_a_signing_authority_states_the_time_where_the_policy_says_that_it_is_one(check: Any) -> None:
    who = Authority(days=-5)
    signed = jws(who, payload(), **stated(NOW - timedelta(days=50)))
    assert check(signed, who.root, trust_policy=stores("signingAuthority:acme")).verdict == "pass"
    assert check(signed, who.root, trust_policy=stores("ca:acme")).reason_class == "certificate-invalid"
    late = jws(who, payload(), **stated(NOW - timedelta(days=1)))
    assert check(late, who.root, trust_policy=stores("signingAuthority:acme")).reason_class == "certificate-invalid"
    alive = Authority()
    unsaid = check(jws(alive, payload(), **stated(NOW)), alive.root)
    assert (unsaid.verdict, unsaid.reason_class) == ("unknown", "time-untrusted")
    for broken in ({"crit": [SCHEME]}, {"io.cncf.notary.authenticSigningTime": "noon"}):
        answer = check(
            jws(alive, payload(), **(stated(NOW) | broken)), alive.root, trust_policy=stores("signingAuthority:a")
        )
        assert answer.reason_class == "malformed"
    plain = check(jws(alive, payload()), alive.root, trust_policy=stores("signingAuthority:acme"))
    assert plain.reason_class == "certificate-invalid"


@pytest.mark.parametrize(
    ("size", "reason"), [(len(ARTIFACT), None), (7, "statement-mismatch"), (None, "malformed"), ("x", "malformed")]
)
def test_the_size_is_that_of_the_file(tmp_path: Path, size: Any, reason: str | None) -> None:
    who = Authority()
    content = json.loads(payload())
    content["targetArtifact"]["size"] = size
    for name, data in {"signature": jws(who, json.dumps(content).encode()), "app": ARTIFACT}.items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "root.pem").write_bytes(who.root.public_bytes(Encoding.PEM))
    case = Case("verify-bundle", artifact=(str(tmp_path / "app"),), provenance=(str(tmp_path / "signature"),),
                trusted_root=str(tmp_path / "root.pem"))  # fmt: skip
    assert verify(case).reason_class == reason


def test_a_timestamp_shows_that_an_expired_certificate_counted(check: Any, instance: Instance) -> None:
    who = Authority(days=-5)
    moment = NOW - timedelta(days=50)

    def stamp(signature: bytes) -> bytes:
        """The token inside the response: what follows the status."""
        response = instance.timestamp(signature, moment)
        return response[response.index(b"\x30\x03\x02\x01\x00") + 5 :]

    chain = instance.trusted_root()["timestampAuthorities"][0]["certChain"]["certificates"]
    ders = [base64.b64decode(one["rawBytes"]) for one in chain]
    root = x509.load_der_x509_certificate(ders[-1]).public_bytes(Encoding.PEM)
    stamped = jws(who, payload(), stamp)
    answer = check(stamped, who.root, timestamp_root=root)
    assert answer.verdict == "pass"
    assert check(stamped, who.root, timestamp_root=who.root.public_bytes(Encoding.PEM)).reason_class == "time-untrusted"
    assert check(stamped, who.root).reason_class == "certificate-invalid"


@pytest.mark.parametrize("extra", [(), ("notation-trustpolicy.json",)])
def test_what_notation_itself_wrote(shared: Path, extra: tuple[str, ...]) -> None:
    """JWS and COSE, RSA-PSS, in an OCI layout."""
    from slsacheck.evidence.attestations import verify_each

    real = shared / "corpus" / "real"
    case = Case(
        "verify-image",
        oci_layout=str(real / "notation-referrers-oci"),
        trusted_root=str(real / "notation-ca.crt"),
        trust_policy=str(real / extra[0]) if extra else None,
    )
    answers = verify_each(case)
    assert [(one.verdict, one.form, one.level) for one in answers] == [("pass", "notation", None)] * 2
