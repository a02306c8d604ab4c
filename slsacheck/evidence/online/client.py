"""The one HTTP client: known hosts only, bounded in time, size and tries, no secrets but to whom they belong."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from slsacheck import __version__
from slsacheck.errors import Absent, Unavailable
from slsacheck.evidence.attestations.jsondoc import parse_json
from slsacheck.evidence.attestations.steps import RefusedError, shown
from slsacheck.evidence.contents import now
from slsacheck.evidence.online import limits
from slsacheck.evidence.online.services import Service, Services, origin_of
from slsacheck.record import record

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import requests

__all__ = ["Client", "Fetched"]

_REDIRECTS = (301, 302, 303, 307, 308)
_BUSY = (429, 500, 502, 503, 504)
_CHUNK = 64 * 1024


@record
class Fetched:
    """An answer: what it is, the address that was asked, its bytes, their SHA-256, and when it came (RFC 3339)."""

    name: str
    url: str
    body: bytes
    digest: str
    collected_at: str

    def json(self) -> object:
        """The JSON value; raises Unavailable for broken, doubled or too deep JSON."""
        try:
            return parse_json(self.body, f"the answer of {shown(self.url)}")
        except RefusedError as error:
            raise Unavailable(error.message, advice="ask again later; the service answers in another form") from error


@record
class _Reply:
    """One reply as it came over the wire."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Client:
    """Asks services. `pause` sleeps and `seconds` bounds one try; tests put their own there."""

    def __init__(
        self,
        services: Services,
        *,
        pause: Callable[[float], None] = time.sleep,
        seconds: float = limits.REQUEST_SECONDS,
        max_bytes: int = limits.MAX_ANSWER_BYTES,
    ) -> None:
        self._services = services.all()
        self._pause, self._seconds, self._max_bytes = pause, seconds, max_bytes
        self._sessions: dict[bool, requests.Session] = {}
        self.fetched: list[Fetched] = []

    def get(self, service: Service, path: str, name: str, headers: Mapping[str, str] | None = None) -> Fetched:
        """The JSON document at `path` below the service's address; `name` says in reports what it is.

        Raises Absent when the service says that there is none, Unavailable when it could not be asked.
        """
        return self._ask("GET", service, path, name, None, headers)

    def post(self, service: Service, path: str, name: str, document: object) -> Fetched:
        """The answer to a JSON document; see `get`."""
        return self._ask("POST", service, path, name, json.dumps(document).encode(), None)

    def _ask(
        self,
        method: str,
        service: Service,
        path: str,
        name: str,
        body: bytes | None,
        headers: Mapping[str, str] | None,
    ) -> Fetched:
        url = service.url + path
        sent = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": f"slsacheck/{__version__}"}
        sent |= headers or {}
        if body is not None:
            sent["Content-Type"] = "application/json"
        for _ in range(limits.MAX_REDIRECTS + 1):
            reply = self._tried(method, service, url, body, sent)
            if reply.status not in _REDIRECTS:
                return self._kept(service, name, url, reply)
            url = self._followed(service, url, reply)
        raise Unavailable(f"{service.name} redirects in circles", where=shown(url), advice="is its address right?")

    def _followed(self, service: Service, url: str, reply: _Reply) -> str:
        """Where a redirect leads; only to the same host over the same protocol."""
        target = urljoin(url, reply.headers.get("location", ""))
        try:
            same = origin_of(target) == service.origin
        except ValueError:
            same = False
        if not same:
            raise Unavailable(
                f"{service.name} redirects to {shown(target)}, which was not asked for",
                where=shown(url),
                advice="name that host as the service's address if you trust it",
            )
        return target

    def _kept(self, service: Service, name: str, url: str, reply: _Reply) -> Fetched:
        if reply.status == 404:  # noqa: PLR2004 - not found
            raise Absent(f"{service.name} has none", where=shown(url))
        if reply.status not in (200, 201):
            raise _refused(service, url, reply)
        kind = reply.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json" and not (kind.startswith("application/") and kind.endswith("+json")):
            raise Unavailable(
                f"{service.name} answers {shown(kind or 'no content type')} instead of JSON",
                where=shown(url),
                advice="is its address right? a login page or a proxy may have answered",
            )
        found = Fetched(name, url, reply.body, hashlib.sha256(reply.body).hexdigest(), now())
        self.fetched.append(found)
        return found

    def _tried(self, method: str, service: Service, url: str, body: bytes | None, headers: Mapping[str, str]) -> _Reply:
        """The reply, after as many tries as a busy service is worth."""
        for attempt in range(1, limits.ATTEMPTS + 1):
            last = attempt == limits.ATTEMPTS
            wait = limits.FIRST_PAUSE_SECONDS * 2 ** (attempt - 1)
            try:
                reply = self._once(method, service, url, body, headers)
            except _LostError as error:
                if last:
                    raise Unavailable(
                        f"{service.name} cannot be reached: {error}",
                        where=shown(url),
                        advice="check the network, proxy and certificates (HTTPS_PROXY, REQUESTS_CA_BUNDLE)",
                    ) from error
            else:
                asked = _retry_after(reply)
                if reply.status not in _BUSY or last or (asked or 0) > limits.MAX_RETRY_AFTER_SECONDS:
                    return reply
                wait = wait if asked is None else asked
            self._pause(wait)
        raise AssertionError

    def _once(self, method: str, service: Service, url: str, body: bytes | None, headers: Mapping[str, str]) -> _Reply:
        """One try within its time, whatever trickles in: beyond it the connection is left to its own time-outs."""
        if service not in self._services:
            raise Unavailable(f"{service.name} is not among the services that may be asked")
        outcome: list[_Reply | Exception] = []
        headers = dict(headers) | _authorization(service)

        def work() -> None:
            try:
                outcome.append(self._exchange(method, service, url, body, headers))
            except Exception as error:  # noqa: BLE001 - told to the caller below
                outcome.append(error)

        worker = threading.Thread(target=work, name="slsacheck-online", daemon=True)
        worker.start()
        worker.join(self._seconds)
        if not outcome:
            raise _LostError(f"no whole answer within {self._seconds:g} s")
        found = outcome[0]
        if isinstance(found, Exception):
            raise _named(found)
        return found

    def _exchange(
        self, method: str, service: Service, url: str, body: bytes | None, headers: Mapping[str, str]
    ) -> _Reply:
        session = self._session(service)
        timeouts = (min(limits.CONNECT_SECONDS, self._seconds), min(limits.READ_SECONDS, self._seconds))
        with session.request(
            method, url, data=body, headers=dict(headers), timeout=timeouts, allow_redirects=False, stream=True
        ) as reply:
            if reply.headers.get("content-encoding", "identity").lower() != "identity":
                raise _RejectedError("its answer is compressed, which was not asked for")
            content, chunk = bytearray(), b"x"
            while chunk:
                chunk = reply.raw.read(_CHUNK)
                content += chunk
                if len(content) > self._max_bytes:
                    raise _RejectedError(f"its answer is larger than the {self._max_bytes:,} bytes that are read")
            return _Reply(reply.status_code, reply.headers, bytes(content))

    def _session(self, service: Service) -> requests.Session:
        """The session for services of this kind: proxies and CA bundles of the environment count, .netrc does not."""
        found = self._sessions.get(service.named)
        if found is None:
            from http.cookiejar import DefaultCookiePolicy

            import requests

            from slsacheck.evidence.online.transport import GuardedAdapter

            found = self._sessions[service.named] = requests.Session()
            found.auth = _unchanged
            found.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
            if not service.named:
                found.mount("https://", GuardedAdapter())
                found.mount("http://", GuardedAdapter())
        return found

    def close(self) -> None:
        """Closes the connections."""
        for session in self._sessions.values():
            session.close()


class _LostError(Exception):
    """No reply came; another try may help."""


class _RejectedError(Exception):
    """A reply came that is not taken; another try does not help."""


def _unchanged(request: Any) -> Any:
    """The request as it is: `requests` would otherwise add passwords from .netrc."""
    return request


def _authorization(service: Service) -> dict[str, str]:
    token = service.token()
    return {} if token is None else {"Authorization": f"Bearer {token}"}


def _named(error: Exception) -> Exception:
    """The fault in words of ours: those of the library may repeat addresses with secrets of a proxy."""
    import requests

    from slsacheck.evidence.online.transport import PrivateAddressError

    if isinstance(error, _RejectedError):
        return Unavailable(str(error), advice="is the service's address right?")
    inner: BaseException | None = error
    while inner is not None:
        reason = getattr(inner, "reason", None)
        if isinstance(inner, PrivateAddressError) or isinstance(reason, PrivateAddressError):
            return Unavailable(
                "its name leads to a private address", advice="name the service yourself if that is meant"
            )
        inner = inner.__cause__ or inner.__context__
    if isinstance(error, requests.exceptions.SSLError):
        return Unavailable("its TLS certificate is not valid", advice="REQUESTS_CA_BUNDLE names another authority")
    if isinstance(error, requests.exceptions.ProxyError):
        return _LostError("the proxy does not answer")
    if isinstance(error, requests.exceptions.Timeout):
        return _LostError("it does not answer in time")
    return _LostError(f"the connection failed ({type(error).__name__})")


def _refused(service: Service, url: str, reply: _Reply) -> Unavailable:
    limited = reply.status == 429 or reply.headers.get("x-ratelimit-remaining") == "0"  # noqa: PLR2004 - too many
    if limited:
        advice = f"its limit is reached; wait, or set {service.tokens[0]}" if service.tokens else "its limit is reached"
    elif reply.status in (401, 403):
        advice = f"it may need a token: set {service.tokens[0]}" if service.tokens else "it does not let us"
    else:
        advice = "ask again later"
    return Unavailable(f"{service.name} answers with status {reply.status}", where=shown(url), advice=advice)


def _retry_after(reply: _Reply) -> float | None:
    """Seconds that a busy service asks for, as a number or a date; None where it does not say."""
    text = reply.headers.get("retry-after", "").strip()
    if not text:
        return None
    if text.isascii() and text.isdecimal():
        return float(text[:9])
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except (ValueError, TypeError, OverflowError):
        return None
