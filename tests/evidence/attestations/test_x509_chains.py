"""Signers whose certificates stand under authorities that the user gave: DSSE, bundles, files."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from slsacheck.__main__ import main
from slsacheck.evidence.attestations import verify
from slsacheck.model.attestation import Case, Expectations, Verification
from tests.evidence.attestations.der import key_usage
from tests.evidence.attestations.private_sigstore import (
    ARTIFACT,
    GENERATOR,
    SHA256,
    SOURCE,
    Instance,
    b64,
    generator_statement,
    pae,
    sign,
)

TODAY = datetime.now(UTC).replace(microsecond=0)
BUILDER = "https://builds.example/ci"
SIGNER = "ci@builds.example"
CODE = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING])
Ask = Callable[..., Verification]


def named(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


class Works:
    """A root, an authority below it and a signer, each with what a test wants to be different."""

    def __init__(self, *, days: int = 30, since: int = 60, path_length: int | None = 0, name: str = SIGNER) -> None:
        self.days, self.since, self.name = days, since, name
        self.root_key, self.ca_key, self.key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(3))
        self.leaf_extensions: list[tuple[x509.ExtensionType, bool]] = [
            (key_usage(digital_signature=True), True),
            (CODE, False),
            (x509.SubjectAlternativeName([x509.RFC822Name(name)]), False),
        ]
        self.ca_extensions: list[tuple[x509.ExtensionType, bool]] = [
            (x509.BasicConstraints(ca=True, path_length=path_length), True),
            (key_usage(key_cert_sign=True), True),
        ]
        self.hash: Any = hashes.SHA256()

    def _signed(self, subject: str, key: Any, issuer: str, by: Any, extensions: Any) -> x509.Certificate:
        builder = x509.CertificateBuilder().subject_name(named(subject)).issuer_name(named(issuer))
        builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(TODAY - timedelta(days=self.since))
        builder = builder.not_valid_after(TODAY + timedelta(days=self.days))
        for value, critical in extensions:
            builder = builder.add_extension(value, critical=critical)
        return builder.sign(by, self.hash)

    @property
    def root(self) -> x509.Certificate:
        above = [(x509.BasicConstraints(ca=True, path_length=None), True), (key_usage(key_cert_sign=True), True)]
        return self._signed("root", self.root_key, "root", self.root_key, above)

    @property
    def authority(self) -> x509.Certificate:
        return self._signed("authority", self.ca_key, "root", self.root_key, self.ca_extensions)

    @property
    def leaf(self) -> x509.Certificate:
        return self._signed("ci", self.key, "authority", self.ca_key, self.leaf_extensions)

    def bundle(
        self, *certificates: x509.Certificate, content: Any = None, stamp: bytes | None = None
    ) -> dict[str, Any]:
        payload, kind = json.dumps(content or generator_statement(BUILDER)).encode(), "application/vnd.in-toto+json"
        signature = sign(self.key, pae(kind, payload))
        chain = [
            {"rawBytes": b64(one.public_bytes(Encoding.DER))} for one in certificates or (self.leaf, self.authority)
        ]
        material: dict[str, Any] = {"x509CertificateChain": {"certificates": chain}}
        if stamp is not None:
            material["timestampVerificationData"] = {"rfc3161Timestamps": [{"signedTimestamp": b64(stamp)}]}
        return {
            "mediaType": "application/vnd.dev.sigstore.bundle+json;version=0.1",
            "verificationMaterial": material,
            "dsseEnvelope": {"payload": b64(payload), "payloadType": kind, "signatures": [{"sig": b64(signature)}]},
        }


def pems(*certificates: x509.Certificate) -> bytes:
    return b"".join(one.public_bytes(Encoding.PEM) for one in certificates)


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    def run(document: Any, command: str = "verify-artifact", **files: Any) -> Verification:
        expected = {"source_uri": SOURCE, "builder_id": BUILDER, "identity": SIGNER} | files.pop("expected", {})
        path = tmp_path / "attestation.json"
        path.write_bytes(document if isinstance(document, bytes) else json.dumps(document).encode())
        given: dict[str, Any] = {}
        for name, data in files.items():
            (tmp_path / name).write_bytes(data)
            given[name] = str(tmp_path / name)
        digests = ((("sha256", SHA256),),)
        given.setdefault("provenance", (str(path),))
        return verify(Case(command, digests=digests, expectations=Expectations(**expected), **given))

    return run


def test_a_chain_under_a_given_root_proves_level_one(ask: Ask) -> None:
    works = Works()
    answer = ask(works.bundle(), ca_roots=pems(works.root))
    assert (answer.verdict, answer.level, answer.trust_root) == ("pass", 1, None)
    assert answer.signer is not None
    assert (answer.signer.identity, answer.signer.issuer) == (SIGNER, "CN=authority")


def test_the_ways_to_give_the_chain(ask: Ask) -> None:
    works = Works()
    root, between = pems(works.root), pems(works.authority)
    alone = works.bundle(works.leaf)
    for files in (
        {"ca_roots": root, "ca_intermediates": between},
        {"certificate_chain": between + root},
        {"trusted_root": root, "ca_intermediates": between},
        {"ca_roots": between},
    ):
        assert ask(alone, **files).verdict == "pass", files.keys()
    assert ask(alone, ca_roots=root).reason_class == "certificate-invalid"
    assert ask(alone, ca_intermediates=between).reason_class == "malformed"
    assert ask(alone, ca_roots=b"no certificate").reason_class == "malformed"


def test_a_signer_must_be_expected_and_be_the_expected_one(ask: Ask) -> None:
    works = Works()
    open_end = ask(works.bundle(), ca_roots=pems(works.root), expected={"identity": None})
    assert (open_end.verdict, open_end.level) == ("unknown", None)
    assert "--certificate-identity" in open_end.missing_expectations
    other = ask(works.bundle(), ca_roots=pems(works.root), expected={"identity": "Ci@builds.example"})
    assert other.reason_class == "identity-mismatch"
    unsaid = ask(works.bundle(), ca_roots=pems(works.root), expected={"builder_id": None})
    assert (unsaid.verdict, unsaid.reason_class) == ("unknown", "builder-mismatch")


def test_a_name_of_a_trusted_builder_gives_no_level_under_another_authority(ask: Ask) -> None:
    """An authority of one's own may write any name, Sigstore's extensions included; that is no trust root's signer."""
    works = Works(name="someone@example.org")
    works.leaf_extensions[2] = (x509.SubjectAlternativeName([x509.UniformResourceIdentifier(GENERATOR)]), False)
    issuer = x509.UnrecognizedExtension(
        x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.1"), b"https://token.actions.githubusercontent.com"
    )
    works.leaf_extensions.append((issuer, False))
    expected = {"identity": GENERATOR, "builder_id": None}
    content = generator_statement()
    answer = ask(works.bundle(content=content), ca_roots=pems(works.root), expected=expected)
    assert (answer.level, answer.trust_root) == (None, None)
    expected["builder_id"] = GENERATOR
    answer = ask(works.bundle(content=content), ca_roots=pems(works.root), expected=expected)
    assert (answer.verdict, answer.level, answer.trust_root) == ("pass", 1, None)


def _spoilt(change: Callable[[Works], None], **made: Any) -> Works:
    works = Works(**made)
    change(works)
    return works


def _leaf(number: int, value: x509.ExtensionType, critical: bool = False) -> Callable[[Works], None]:
    def change(works: Works) -> None:
        works.leaf_extensions[number : number + 1] = [(value, critical)]

    return change


def _more(place: str, value: x509.ExtensionType, *, critical: bool) -> Callable[[Works], None]:
    return lambda works: getattr(works, place).append((value, critical))


UNKNOWN = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4.5.6"), b"\x05\x00")
NARROW = x509.NameConstraints([x509.DNSName("other.example")], None)
SPOILT: dict[str, Callable[[Works], None]] = {
    "a certificate for servers": _leaf(1, x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])),
    "for anything": _leaf(1, x509.ExtendedKeyUsage([ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE])),
    "no purpose": lambda works: works.leaf_extensions.pop(1),  # type: ignore[dict-item]
    "no usage": lambda works: works.leaf_extensions.pop(0),  # type: ignore[dict-item]
    "for encryption": _leaf(0, key_usage(key_encipherment=True), critical=True),
    "an authority as signer": _more("leaf_extensions", x509.BasicConstraints(ca=True, path_length=None), critical=True),
    "unknown and critical": _more("leaf_extensions", UNKNOWN, critical=True),
    "unknown and critical above": _more("ca_extensions", UNKNOWN, critical=True),
    "names are constrained": _more("ca_extensions", NARROW, critical=False),
    "issued by no authority": lambda works: works.ca_extensions.__setitem__(
        0, (x509.BasicConstraints(ca=False, path_length=None), True)
    ),
    "issued by an authority for servers": _more(
        "ca_extensions", x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False
    ),
    "may not issue": lambda works: works.ca_extensions.__setitem__(1, (key_usage(digital_signature=True), True)),
    "not said that it may issue": lambda works: works.ca_extensions.pop(0),  # type: ignore[dict-item]
}


@pytest.mark.parametrize("what", SPOILT)
def test_certificates_that_may_not_do_this(ask: Ask, what: str) -> None:
    works = _spoilt(SPOILT[what])
    answer = ask(works.bundle(), ca_roots=pems(works.root))
    assert (answer.verdict, answer.reason_class, answer.level) == ("fail", "certificate-invalid", None), what


def test_what_an_extension_says_uncritically_does_not_matter(ask: Ask) -> None:
    works = _spoilt(_more("leaf_extensions", UNKNOWN, critical=False))
    assert ask(works.bundle(), ca_roots=pems(works.root)).verdict == "pass"


def test_a_root_of_the_same_name_is_another_root(ask: Ask) -> None:
    works, other = Works(), Works()
    for one in (other.root, other.authority):
        assert ask(works.bundle(), ca_roots=pems(one)).reason_class == "certificate-invalid"
    assert ask(works.bundle(works.leaf, other.authority), ca_roots=pems(works.root)).verdict == "fail"
    assert ask(works.bundle(), ca_roots=pems(other.root, works.root)).verdict == "pass"


def test_a_chain_may_not_be_longer_than_it_says(ask: Ask) -> None:
    works = Works()
    lower_key = ec.generate_private_key(ec.SECP256R1())
    lower = works._signed("lower", lower_key, "authority", works.ca_key, works.ca_extensions)
    leaf = works._signed("ci", works.key, "lower", lower_key, works.leaf_extensions)
    answer = ask(works.bundle(leaf, lower, works.authority), ca_roots=pems(works.root))
    assert answer.reason_class == "certificate-invalid"
    assert "longer" in answer.message


def test_a_certificate_has_one_spelling(ask: Ask) -> None:
    """The signature around a certificate is not signed itself: its unused bits could be set by anybody."""
    works = Works()
    while True:
        leaf = works.leaf
        der = leaf.public_bytes(Encoding.DER)
        if der[-1] & 1 == 0:
            break
    before = len(der) - len(leaf.signature) - 1
    document = works.bundle(leaf, works.authority)
    assert ask(document, ca_roots=pems(works.root)).verdict == "pass"
    raw = b64(der[:before] + b"\x01" + der[before + 1 :])
    document["verificationMaterial"]["x509CertificateChain"]["certificates"][0] = {"rawBytes": raw}
    assert ask(document, ca_roots=pems(works.root)).reason_class == "certificate-invalid"


@pytest.mark.filterwarnings("ignore:Parsed a serial number")  # as it is where no test runs
@settings(max_examples=60)
@given(st.integers(0, 1), st.integers(0, 9999), st.integers(1, 255))
def test_no_changed_byte_of_a_chain_goes_unnoticed(ask: Ask, which: int, place: int, change: int) -> None:
    works = Works()
    chain = [one.public_bytes(Encoding.DER) for one in (works.leaf, works.authority)]
    document = works.bundle()
    raw = [{"rawBytes": b64(one)} for one in chain]
    altered = bytearray(chain[which])
    altered[place % len(altered)] ^= change
    raw[which] = {"rawBytes": b64(bytes(altered))}
    document["verificationMaterial"]["x509CertificateChain"]["certificates"] = raw
    answer = ask(document, ca_roots=pems(works.root))
    assert (answer.verdict, answer.level) == ("fail", None)


def test_somebody_elses_signature(ask: Ask) -> None:
    works = Works()
    leaf = works.leaf
    works.key = ec.generate_private_key(ec.SECP256R1())
    assert ask(works.bundle(leaf, works.authority), ca_roots=pems(works.root)).reason_class == "no-valid-signature"


def test_time(ask: Ask) -> None:
    ended, coming = Works(days=-10), Works(since=-10)
    answer = ask(ended.bundle(), ca_roots=pems(ended.root))
    assert (answer.verdict, answer.reason_class, answer.level) == ("unknown", "time-untrusted", None)
    assert ask(coming.bundle(), ca_roots=pems(coming.root)).reason_class == "certificate-invalid"


@pytest.mark.parametrize(
    ("days", "verdict", "reason"),
    [(-20, "pass", None), (-100, "fail", "certificate-invalid"), (-1, "fail", "certificate-invalid")],
)
def test_a_timestamp_says_when(ask: Ask, days: int, verdict: str, reason: str | None) -> None:
    works, instance = Works(days=-10), Instance()
    plain = works.bundle()
    signature = base64.b64decode(plain["dsseEnvelope"]["signatures"][0]["sig"])
    stamp = instance.timestamp(signature, TODAY + timedelta(days=days))
    plain["verificationMaterial"]["timestampVerificationData"] = {
        "rfc3161Timestamps": [{"signedTimestamp": b64(stamp)}]
    }
    stamping = pems(instance.tsa, instance.root)
    answer = ask(plain, ca_roots=pems(works.root), timestamp_root=stamping)
    assert (answer.verdict, answer.reason_class) == (verdict, reason)
    other = ask(plain, ca_roots=pems(works.root), timestamp_root=pems(Instance().root))
    assert other.reason_class == "time-untrusted"


def test_an_envelope_of_witness_carries_its_chain_and_timestamps(ask: Ask) -> None:
    works, instance = Works(days=-10), Instance()
    envelope = works.bundle()["dsseEnvelope"]
    (signature,) = envelope["signatures"]
    response = instance.timestamp(base64.b64decode(signature["sig"]), TODAY - timedelta(days=20))
    token = response[response.index(b"\x30\x03\x02\x01\x00") + 5 :]
    signature |= {
        "keyid": "",
        "certificate": b64(pems(works.leaf)),
        "intermediates": [b64(pems(works.authority))],
        "timestamps": [{"type": "tsp", "data": b64(token)}],
    }
    given = {"ca_roots": pems(works.root), "timestamp_root": pems(instance.tsa, instance.root)}
    assert ask(envelope, **given).verdict == "pass"
    assert ask(envelope, ca_roots=pems(works.root)).reason_class == "time-untrusted"
    signature["intermediates"] = []
    assert ask(envelope, **given).reason_class == "certificate-invalid"
    signature["certificate"] = b64(b"none")
    assert ask(envelope, **given).verdict == "fail"


def test_revocation_is_not_looked_up_and_not_forgotten(ask: Ask) -> None:
    responder = x509.AccessDescription(
        AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier("http://ocsp.example")
    )
    issuer = x509.AccessDescription(
        AuthorityInformationAccessOID.CA_ISSUERS, x509.UniformResourceIdentifier("http://ca.example/ca.der")
    )
    asked = _spoilt(_more("leaf_extensions", x509.AuthorityInformationAccess([responder]), critical=False))
    answer = ask(asked.bundle(), ca_roots=pems(asked.root))
    assert (answer.verdict, answer.level) == ("unknown", None)
    assert any(step.name == "revocation" and step.outcome == "not-possible" for step in answer.steps)
    silent = _spoilt(_more("leaf_extensions", x509.AuthorityInformationAccess([issuer]), critical=False))
    assert ask(silent.bundle(), ca_roots=pems(silent.root)).verdict == "pass"


def test_without_the_roots_it_is_nobodys_signature(ask: Ask) -> None:
    works = Works()
    assert ask(works.bundle()).reason_class == "certificate-invalid"


def test_a_file_signed_under_ones_own_authority(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    works = Works()
    monkeypatch.chdir(tmp_path)
    Path("hello").write_bytes(ARTIFACT)
    Path("hello.sig").write_text(b64(sign(works.key, ARTIFACT)))
    Path("hello.pem").write_bytes(pems(works.leaf))
    Path("chain.pem").write_bytes(pems(works.authority, works.root))
    arguments = ["verify-bundle", "hello.sig", "--certificate", "hello.pem", "--artifact", "hello"]
    assert main([*arguments, "--certificate-chain", "chain.pem", "--certificate-identity", SIGNER]) == 0
    out = capsys.readouterr().out
    assert "chain.pem, as it was given" in out
    assert main([*arguments, "--certificate-chain", "chain.pem", "--certificate-identity", "other"]) == 1
    assert main([*arguments, "--ca-roots", "missing.pem"]) == 1
    assert "missing.pem" in capsys.readouterr().out
