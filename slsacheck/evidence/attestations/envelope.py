"""The one shape into which every form of attestation is read, and the bytes that DSSE signs."""

from __future__ import annotations

from slsacheck.record import record

__all__ = ["Attestation", "LogEntry", "Proof", "Signature", "pae"]

INTOTO_PAYLOAD = "application/vnd.in-toto+json"


@record
class Signature:
    """One signature: raw bytes, the unauthenticated key hint, and the DER certificate that came with it.

    `chain` are the certificates that came along, between that one and a root, `tokens` bare RFC 3161 timestamps.
    """

    raw: bytes
    keyid: str | None = None
    certificate: bytes | None = None
    chain: tuple[bytes, ...] = ()
    tokens: tuple[bytes, ...] = ()


@record
class Proof:
    """An inclusion proof (RFC 6962) with its checkpoint, the log's signed statement of root and size."""

    index: int
    root: bytes
    size: int
    hashes: tuple[bytes, ...]
    checkpoint: str


@record
class LogEntry:
    """An entry of a transparency log. `kind` and `version` are claimed beside the body and compared with it."""

    body: bytes
    log_id: bytes
    index: int
    integrated_time: int = 0
    kind: str | None = None
    version: str | None = None
    promise: bytes | None = None
    proof: Proof | None = None
    uuid: str | None = None


@record
class Attestation:
    """One signed (or unsigned) statement, whatever it came in.

    `form` is dsse, sigstore-bundle, pep740, cosign-legacy, cosign-simplesigning, gcloud, message-signature, notation,
    in-toto-link or in-toto-statement (unsigned); the names are those of an image attachment's format in the JSON
    report where both exist. `signed_bytes` are what the signatures cover; `digest` is the sha256 of what was read.
    `proof_required`: the format (bundle v0.2 and later) demands an inclusion proof. `raw` is the envelope as it was
    written, where a log entry may have hashed it. `message_digest` is (algorithm, hex) of a bare message signature.
    `headers` are the protected headers of a JWS or COSE envelope.
    """

    form: str
    payload: bytes
    payload_type: str
    signed_bytes: bytes
    signatures: tuple[Signature, ...]
    digest: str
    path: str
    certificates: tuple[bytes, ...] = ()
    key_hint: str | None = None
    entries: tuple[LogEntry, ...] = ()
    timestamps: tuple[bytes, ...] = ()
    proof_required: bool = False
    raw: bytes | None = None
    message_digest: tuple[str, str] | None = None
    publisher: tuple[tuple[str, str], ...] = ()
    unsigned_copy: object = None
    declared_type: str | None = None
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def signed(self) -> bool:
        """Whether it carries any signature."""
        return bool(self.signatures)


def pae(payload_type: str, payload: bytes) -> bytes:
    """The pre-authentication encoding of DSSE v1: what a signature of an envelope covers."""
    kind = payload_type.encode("utf-8", "surrogatepass")
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)
