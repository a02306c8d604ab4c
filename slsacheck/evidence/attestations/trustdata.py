"""The trust data: whose certificates, logs, timestamps and keys are believed, and from when to when.

Shipped with slsacheck (`rules/trust/`, with origin and date), newer from `slsacheck trust update`, or given by the user
as a Sigstore `trusted_root.json`. Nothing is fetched. The keys have no expiry inside, so an aged snapshot verifies what
was signed while it was current.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from functools import cache, cached_property
from typing import TYPE_CHECKING

from cryptography import x509

from slsacheck.evidence.attestations.files import read_bounded
from slsacheck.evidence.attestations.issuing import Issuer
from slsacheck.evidence.attestations.jsondoc import Document, as_list, as_map, as_text, decode_base64, dig, parse_json
from slsacheck.evidence.attestations.keys import PublicKey, load_key
from slsacheck.evidence.attestations.moments import parse_moment
from slsacheck.evidence.attestations.steps import RefusedError, shown
from slsacheck.evidence.attestations.trustorigin import content
from slsacheck.record import field, record

if TYPE_CHECKING:
    from slsacheck.model.catalogue import TrustRoot

__all__ = [
    "Authority",
    "Log",
    "NamedKey",
    "TrustData",
    "TrustDomain",
    "Window",
    "domain_of",
    "load_domains",
    "npm_keys_of",
    "shipped",
]

Attributes = frozenset[tuple[str, str]]
"""Attributes of an X.509 name, each with its value."""

_MAX_DOMAINS = 16
_NEVER = datetime.max.replace(tzinfo=UTC)
_MAX_ITEMS = 64


@record
class Window:
    """A span of time, open where nothing bounds it."""

    start: datetime | None = None
    end: datetime | None = None

    def holds(self, moment: datetime) -> bool:
        """Whether the moment lies in the span, ends included."""
        return (self.start is None or self.start <= moment) and (self.end is None or moment <= self.end)


@record(slots=False)
class Log:
    """A transparency log or certificate transparency log."""

    id: bytes
    url: str
    key_der: bytes
    window: Window

    @cached_property
    def key(self) -> PublicKey:
        """The log's public key."""
        return load_key(self.key_der)

    @cached_property
    def key_hash(self) -> bytes:
        """SHA-256 of the key, by which most logs are named."""
        return hashlib.sha256(self.key_der).digest()


@record(slots=False)
class Authority:
    """A certificate authority or timestamp authority: its chain, the one nearest to the leaves first."""

    url: str
    chain_der: tuple[bytes, ...]
    window: Window

    @cached_property
    def chain(self) -> tuple[x509.Certificate, ...]:
        """The chain's certificates."""
        try:
            return tuple(x509.load_der_x509_certificate(der) for der in self.chain_der)
        except (ValueError, x509.InvalidVersion) as error:
            raise RefusedError("malformed", "a certificate of the trusted root cannot be read", step="trust") from error

    @cached_property
    def issuers(self) -> tuple[Issuer, ...]:
        """Each certificate of the chain as one that issued others."""
        return tuple(Issuer(self.chain[number:]) for number in range(len(self.chain)))


@record
class NamedKey:
    """A key that is known by an id: npm's and Google Cloud Build's. `usage` says what it may sign and how."""

    id: str
    key_der: bytes
    usage: str
    window: Window = field(default_factory=Window)
    predicate_type: str | None = None


@record
class TrustDomain:
    """What one instance of Sigstore consists of; certificates, logs and times are never mixed between instances."""

    name: str
    logs: tuple[Log, ...] = ()
    authorities: tuple[Authority, ...] = ()
    ct_logs: tuple[Log, ...] = ()
    timestamp_authorities: tuple[Authority, ...] = ()

    def log(self, log_id: bytes) -> Log | None:
        """The transparency log of that id."""
        return next((log for log in self.logs if log.id == log_id), None)


@record
class TrustData:
    """All that is trusted in a run: instances, named keys, and the trust roots of build platforms.

    `roots` None stands for the shipped ones; a user's own (from configuration) come in `extra_roots`. `x509_roots`,
    `x509_intermediates` and `x509_timestamp_roots` are certificates in DER that the user gave, `x509_identities` whom
    of theirs a trust policy allows (None: there is no policy). With `x509_roots` no other authority counts.
    `x509_stores` are the kinds of trust stores that such a policy names (`ca`, `signingAuthority`, `tsa`).
    """

    domains: tuple[TrustDomain, ...] = ()
    npm_keys: tuple[NamedKey, ...] = ()
    gcb_keys: tuple[NamedKey, ...] = ()
    roots: tuple[TrustRoot, ...] | None = None
    extra_roots: tuple[TrustRoot, ...] = ()
    x509_roots: tuple[bytes, ...] = ()
    x509_intermediates: tuple[bytes, ...] = ()
    x509_timestamp_roots: tuple[bytes, ...] = ()
    x509_identities: tuple[Attributes, ...] | None = None
    x509_stores: frozenset[str] = frozenset()


def _window(value: object) -> Window:
    return Window(parse_moment(dig(value, "start")), parse_moment(dig(value, "end")))


def _begun(value: object) -> Window:
    """The span of something that must say since when it counts (protobuf-specs): without that it counts at no time.

    It is kept all the same: an instance whose log counts at no time is not one without a log.
    """
    window = _window(value)
    return window if window.start is not None else Window(_NEVER, _NEVER)


def _log(value: object) -> Log:
    der = decode_base64(dig(value, "publicKey", "rawBytes"), "a log's key in the trusted root")
    log_id = decode_base64(dig(value, "logId", "keyId"), "a log's id in the trusted root")
    return Log(log_id, as_text(dig(value, "baseUrl")), der, _begun(dig(value, "publicKey", "validFor")))


def _authority(value: object) -> Authority:
    chain = as_list(dig(value, "certChain", "certificates"))[:_MAX_ITEMS]
    ders = tuple(decode_base64(dig(one, "rawBytes"), "a certificate of the trusted root") for one in chain)
    return Authority(as_text(dig(value, "uri")), ders, _begun(dig(value, "validFor")))


def domain_of(document: Document, name: str) -> TrustDomain:
    """The instance that a Sigstore trusted root describes; raises RefusedError `malformed`."""
    if not as_text(document.get("mediaType")).startswith("application/vnd.dev.sigstore.trustedroot"):
        raise RefusedError("malformed", f"{name} is no Sigstore trusted root (see its mediaType)", step="trust")
    return TrustDomain(
        name=name,
        logs=tuple(_log(one) for one in as_list(document.get("tlogs"))[:_MAX_ITEMS]),
        authorities=tuple(_authority(one) for one in as_list(document.get("certificateAuthorities"))[:_MAX_ITEMS]),
        ct_logs=tuple(_log(one) for one in as_list(document.get("ctlogs"))[:_MAX_ITEMS]),
        timestamp_authorities=tuple(
            _authority(one) for one in as_list(document.get("timestampAuthorities"))[:_MAX_ITEMS]
        ),
    )


def load_domains(path: str) -> tuple[TrustDomain, ...]:
    """The instances in a file that the user gave: a trusted_root.json, a client trust configuration, or lines of them.

    Raises RefusedError when the file cannot be read.
    """
    content, name = read_bounded(path), f"the trusted root {shown(path)}"
    try:
        documents = [parse_json(content, name)]
    except RefusedError:
        lines = [line for line in content.splitlines() if line.strip()]
        if not 1 < len(lines) <= _MAX_DOMAINS:
            raise
        documents = [parse_json(line, name) for line in lines]
    roots = [as_map(one) for one in documents]
    roots = [as_map(one["trustedRoot"]) if "trustedRoot" in one else one for one in roots]
    return tuple(domain_of(one, shown(path)) for one in roots)


def _resource(name: str) -> Document:
    return as_map(parse_json(content(name), name))


def npm_keys_of(document: Document) -> tuple[NamedKey, ...]:
    """The keys in the registry's `keys.json`; raises RefusedError `malformed`."""
    return tuple(_npm_key(one) for one in as_list(document.get("keys"))[:_MAX_ITEMS])


def _npm_key(value: object) -> NamedKey:
    return NamedKey(
        as_text(dig(value, "keyId")),
        decode_base64(dig(value, "publicKey", "rawBytes"), "a key of npm"),
        as_text(dig(value, "keyUsage")),
        _window(dig(value, "publicKey", "validFor")),
    )


def _gcb_key(value: object) -> NamedKey:
    return NamedKey(
        as_text(dig(value, "keyId")),
        decode_base64(dig(value, "rawBytes"), "a key of Google Cloud Build"),
        as_text(dig(value, "signs")),
        predicate_type=as_text(dig(value, "predicateType")),
    )


@cache
def shipped() -> TrustData:
    """The trust data that comes with slsacheck, or newer one where `slsacheck trust update` has stored it."""
    return TrustData(
        domains=(
            domain_of(_resource("sigstore-public-good.json"), "public-good"),
            domain_of(_resource("github.json"), "github"),
        ),
        npm_keys=npm_keys_of(_resource("npm-keys.json")),
        gcb_keys=tuple(_gcb_key(one) for one in as_list(_resource("google-cloud-build-keys.json").get("keys"))),
    )
