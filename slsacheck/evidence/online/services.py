"""Who may be asked: the address of each service, and which token belongs to it."""

from __future__ import annotations

import ipaddress
import os
from urllib.parse import urlsplit

from slsacheck.errors import UsageError
from slsacheck.record import field, record

__all__ = ["GITHUB", "NPM", "PYPI", "REKOR", "Service", "Services", "is_loopback", "services_of"]

REKOR = "https://rekor.sigstore.dev"
GITHUB = "https://api.github.com"
NPM = "https://registry.npmjs.org"
PYPI = "https://pypi.org"
_PORTS = {"https": 443, "http": 80}
_GITHUB_TOKENS = ("GH_TOKEN", "GITHUB_TOKEN")
_ENTERPRISE_TOKENS = ("GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN")
"""The names that GitHub's own command line reads, each for its kind of host."""


@record
class Service:
    """A service: its name in messages, its base address without a slash at the end, and whether the user named it.

    A service that the user named may be at a private address; the built-in ones may not. `tokens` are the environment
    variables, the first of which that is set is sent to this service alone.
    """

    name: str
    url: str
    named: bool = False
    tokens: tuple[str, ...] = ()

    @property
    def origin(self) -> tuple[str, str, int]:
        """Scheme, host and port."""
        return origin_of(self.url)

    def token(self) -> str | None:
        """The token for this service, from the environment; None where there is none."""
        found = next((os.environ[name] for name in self.tokens if os.environ.get(name)), None)
        if found is not None and not (found.isascii() and found.isprintable() and " " not in found):
            raise UsageError(f"the token for {self.name} holds characters that no token has", advice="set it again")
        return found


@record
class Services:
    """The services of one run."""

    rekor: Service = field(default_factory=lambda: Service("Rekor", REKOR))
    github: Service = field(default_factory=lambda: Service("GitHub", GITHUB, tokens=_GITHUB_TOKENS))
    npm: Service = field(default_factory=lambda: Service("npm", NPM))
    pypi: Service = field(default_factory=lambda: Service("PyPI", PYPI))

    def all(self) -> tuple[Service, ...]:
        """Each of them."""
        return (self.rekor, self.github, self.npm, self.pypi)


def origin_of(url: str) -> tuple[str, str, int]:
    """Scheme, host and port of an address; raises ValueError where it has no host or a bad port."""
    parts = urlsplit(url)
    host = parts.hostname
    if not host or parts.scheme not in _PORTS:
        raise ValueError(url)
    return parts.scheme, host.lower().rstrip("."), parts.port or _PORTS[parts.scheme]


def is_loopback(host: str) -> bool:
    """Whether the name or address is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _checked(url: str, flag: str, *, plain_http: bool) -> str:
    """The address as it will be used. Raises UsageError for what is none, holds a password, or would be unprotected."""
    try:
        scheme, host, _ = origin_of(url)
    except ValueError:
        raise UsageError(f"{flag}: is no address of a service", advice="as in https://rekor.example.com") from None
    parts = urlsplit(url)
    if parts.username is not None or parts.query or parts.fragment:
        raise UsageError(f"{flag}: an address has no user, query or fragment here", advice="tokens: environment")
    if scheme == "http" and not (plain_http or is_loopback(host)):
        raise UsageError(f"{flag}: {host} would be asked without TLS", advice="https://, or --plain-http if you must")
    return url.rstrip("/")


def services_of(
    *,
    rekor: str | None = None,
    github: str | None = None,
    npm: str | None = None,
    pypi: str | None = None,
    plain_http: bool = False,
) -> Services:
    """The services, with the addresses that the user gave in place of the built-in ones. Raises UsageError."""

    def service(name: str, own: str | None, usual: str, flag: str, tokens: tuple[str, ...] = ()) -> Service:
        if own is None:
            return Service(name, usual, tokens=tokens)
        return Service(name, _checked(own, flag, plain_http=plain_http), named=True, tokens=tokens)

    return Services(
        rekor=service("Rekor", rekor, REKOR, "--rekor-url"),
        github=service("GitHub", github, GITHUB, "--github-api-url", _tokens(github)),
        npm=service("npm", npm, NPM, "--npm-url"),
        pypi=service("PyPI", pypi, PYPI, "--pypi-url"),
    )


def _tokens(url: str | None) -> tuple[str, ...]:
    """The variables whose token belongs to that host: github.com's and its tenants', else a server's own."""
    host = urlsplit(url or GITHUB).hostname or ""
    own = host == "api.github.com" or host.endswith(".ghe.com")
    return _GITHUB_TOKENS if own else _ENTERPRISE_TOKENS
