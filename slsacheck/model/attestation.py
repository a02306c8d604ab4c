"""One verification: what was asked, step by step what was done, and what follows."""

from __future__ import annotations

from slsacheck.record import field, record

__all__ = ["EXPECTED_TEXTS", "Case", "Expectations", "Signer", "StatementFacts", "Step", "Verification"]


EXPECTED_TEXTS = (
    "source_uri",
    "source_tag",
    "source_versioned_tag",
    "source_branch",
    "source_revision",
    "builder_id",
    "build_type",
    "package_name",
    "package_version",
    "verifier_id",
    "resource_uri",
    "public_key_id",
    "public_key_signing_hash_algo",
    "identity",
    "issuer",
)
"""The expectations that are one text each, as configuration and batch cases spell them."""


@record
class Expectations:
    """What the user expects of a provenance; the flags of slsa-verifier (output contract, section 2, `args`)."""

    source_uri: str | None = None
    source_tag: str | None = None
    source_versioned_tag: str | None = None
    source_branch: str | None = None
    source_revision: str | None = None
    builder_id: str | None = None
    build_type: str | None = None
    build_workflow_input: tuple[tuple[str, str], ...] = ()
    package_name: str | None = None
    package_version: str | None = None
    subject_digest: tuple[str, ...] = ()
    verifier_id: str | None = None
    resource_uri: str | None = None
    verified_level: tuple[str, ...] = ()
    public_key_id: str | None = None
    public_key_signing_hash_algo: str | None = None
    identity: str | None = None
    issuer: str | None = None


@record
class Case:
    """One thing to verify. Files are paths on this machine; digests stand for files that are not here."""

    command: str
    id: str | None = None
    artifact: tuple[str, ...] = ()
    digests: tuple[tuple[tuple[str, str], ...], ...] = ()
    provenance: tuple[str, ...] = ()
    oci_layout: str | None = None
    image_digest: str | None = None
    image_ref: str | None = None
    public_key: str | None = None
    trusted_root: str | None = None
    rekor_entry: str | None = None
    certificate: str | None = None
    trust_policy: str | None = None
    timestamp_root: str | None = None
    ca_roots: str | None = None
    ca_intermediates: str | None = None
    certificate_chain: str | None = None
    expectations: Expectations = field(default_factory=Expectations)


@record
class Step:
    """One step of a verification; `outcome` is pass, fail, not-possible or not-applicable."""

    name: str
    outcome: str
    detail: str


@record
class Signer:
    """Who signed: a certificate's identity and issuer, or a key's fingerprint as identity and None as issuer."""

    identity: str
    issuer: str | None = None


@record
class StatementFacts:
    """What the statement says, whoever signed it. Values are the statement's own, unverified unless a step says so.

    `predicate` is the name of a predicate type that is known, `faults` what it lacks of its specification.
    """

    predicate_type: str | None = None
    predicate: str | None = None
    faults: tuple[str, ...] = ()
    build_type: str | None = None
    builder_id: str | None = None
    source_uri: str | None = None
    source_ref: str | None = None
    source_digest: str | None = None
    entry_point: str | None = None
    invocation_id: str | None = None
    subjects: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()
    external_parameters: tuple[tuple[str, str], ...] = ()
    facts: tuple[tuple[str, str], ...] = ()


@record
class Verification:
    """The answer to a case. `verdict` is pass, fail, unknown or error; `reason_class` is from the output contract.

    `level` is the Build level proved (None unless pass, and where expectations are missing); `step1_level` what
    signer and builder are trusted for, expectations apart (None where nothing verified). `trust_root` is the id
    of the entry in force. `signed`: whether any signature was present; `authentic`: whether signature, certificate
    or key, log and time all verified; `expectations`: pass, fail or unknown, apart from the signature.
    `complete`: it is provenance with every REQUIRED field set. `form` is the format it came in, `logged` whether a log
    entry verified, `slsa_level` the level of v0.1's ladder that the trust root gives where `level` is proved.
    `digest` is the sha256 of the attestation as it was read, `path` the file, `payload` the statement's bytes.
    `trust_domain` names the trust data that decided: public-good, github, npm, google-cloud-build, or a file's path.
    `platforms` are the answers about each platform's image of an index that was not verified as a whole, `notes` what a
    reader must know beside the verdict.
    """

    verdict: str
    message: str = ""
    reason_class: str | None = None
    id: str | None = None
    steps: tuple[Step, ...] = ()
    statement: StatementFacts = field(default_factory=StatementFacts)
    signer: Signer | None = None
    level: int | None = None
    level_why: str = ""
    step1_level: int | None = None
    trust_root: str | None = None
    signed: bool = False
    authentic: bool = False
    expectations: str = "unknown"
    missing_expectations: tuple[str, ...] = ()
    complete: bool = False
    form: str | None = None
    logged: bool = False
    slsa_level: int | None = None
    digest: str | None = None
    path: str | None = None
    payload: bytes | None = None
    trust_domain: str | None = None
    platforms: tuple[tuple[str, Verification], ...] = ()
    notes: tuple[str, ...] = ()
