"""HTTP with a registry: bounded in time and bytes, patient with a busy one, and careful with credentials.

A redirect is followed without Authorization. Nothing is uncompressed. Of an answer only what was asked for is read.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from slsacheck.errors import InputError, Unavailable
from slsacheck.evidence.attestations.steps import shown
from slsacheck.record import record

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Answer", "Transport", "host_of", "is_private"]

CONNECT_SECONDS = 4
READ_SECONDS = 5
"""Seconds without any byte; a registry that builds its answer takes one or two."""
PATIENCE = 11.0
"""Seconds of waiting for one image, beyond PROMPT for each request and the time that its bytes take at SLOWEST."""
PROMPT = 0.2
"""Seconds that an answer may take without being waited for: an index of ten platforms needs sixty answers."""
MAX_PROMPT = 30.0
"""Seconds for one image, however promptly it answers."""
SLOWEST = 500_000
"""Bytes a second of the slowest line that is waited for."""
MAX_EARNED = 30.0
"""Seconds that bytes can earn at the most."""
MAX_TRIES = 3
MAX_PAUSE = 3.0
"""Seconds of one pause; a registry that asks for longer is not waited for."""
MAX_REDIRECTS = 4
_BUSY = (429, 500, 502, 503, 504)
_CHUNK = 64 << 10
_GLANCE = 0.2
"""Seconds between two looks at a line that is still busy."""


@record
class Answer:
    """The answer to one request: status, headers (names in lower case), body, and the URL that gave it."""

    status: int
    headers: dict[str, str]
    body: bytes
    url: str


def host_of(url: str) -> str:
    """Host and port of a URL, the port always written; empty where it is no HTTP URL."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme, 0)
    except ValueError:
        return ""
    return f"{(parts.hostname or '').lower()}:{port}" if parts.hostname and port else ""


def is_private(host: str) -> bool:
    """Whether a host (with port) is at an address that only this machine or its network reaches."""
    name = host.rpartition(":")[0].strip("[]")
    try:
        found = {entry[4][0] for entry in socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError):
        return False  # nobody can connect to it either
    return any(not ipaddress.ip_address(str(address).partition("%")[0]).is_global for address in found)


class Transport:
    """Requests to one registry and to where it sends us."""

    def __init__(self, base: str, *, plain_http: bool = False) -> None:
        self.base = base
        self.host = host_of(base)
        self.requests = 0
        self.received = 0
        self._plain = plain_http
        self._waited = 0.0
        self._elapsed = 0.0
        self._session: Any = None
        self._inside: bool | None = None

    def get(
        self, url: str, headers: Mapping[str, str], limit: int, *, authorization: str = "", data: bytes | None = None
    ) -> Answer:
        """GET, or POST with `data`; retried where the registry is busy, redirected within bounds.

        Raises Unavailable where no answer comes in time, InputError where one is too large or leads astray.
        """
        for hop in range(MAX_REDIRECTS + 1):
            answer = self._patiently(url, headers, limit, authorization if hop == 0 else "", data)
            target = answer.headers.get("location")
            if answer.status not in (301, 302, 303, 307, 308) or not target or data is not None:
                return answer
            url = self._followed(url, target)
        raise InputError(f"redirects more than {MAX_REDIRECTS} times", where=self.host)

    def reachable(self, url: str) -> None:
        """Raises InputError for a URL that the registry names and that nobody should be sent to."""
        parts = urlsplit(url)
        where = host_of(url)
        if parts.scheme not in ("https", "http") or not where or parts.username is not None:
            raise InputError(f"sends us to {shown(url)!r}, which is no plain web address", where=self.host)
        if parts.scheme == "http" and not self._plain:
            raise InputError(
                f"sends us to {shown(where)} over plain HTTP", where=self.host, advice="--plain-http allows that"
            )
        if where != self.host and is_private(where) and not self._at_home():
            raise InputError(f"sends us to {shown(where)}, which is at a private address", where=self.host)

    def _at_home(self) -> bool:
        """Whether the registry itself is at a private address, so that it may name others there."""
        if self._inside is None:
            self._inside = is_private(self.host)
        return self._inside

    def _followed(self, url: str, target: str) -> str:
        found = urljoin(url, target)
        self.reachable(found)
        return found

    def _patiently(
        self, url: str, headers: Mapping[str, str], limit: int, authorization: str, data: bytes | None
    ) -> Answer:
        """One request, repeated where the registry says that it is busy or fails."""
        for attempt in range(1, MAX_TRIES + 1):
            answer = self._bounded(url, headers, limit, authorization, data)
            retry = answer.status in _BUSY
            pause = _pause(answer, attempt)
            if not retry or attempt == MAX_TRIES or pause > MAX_PAUSE or self._left() < pause:
                break
            self._count(pause)
            time.sleep(pause)
        return answer

    def _left(self) -> float:
        """Seconds that may still be waited."""
        earned = min(self.received / SLOWEST, MAX_EARNED)
        return min(PATIENCE - self._waited, MAX_PROMPT - self._elapsed) + earned

    def _count(self, seconds: float) -> None:
        self._elapsed += seconds
        self._waited += max(0.0, seconds - PROMPT)

    def _bounded(
        self, url: str, headers: Mapping[str, str], limit: int, authorization: str, data: bytes | None
    ) -> Answer:
        """One request in a thread of its own, left behind where it takes too long: no byte can hold us up."""
        if self._left() <= 0:
            raise Unavailable("is too slow", where=self.host, advice="try again later, or copy the image to a layout")
        result: list[Answer | Exception] = []

        def run() -> None:
            try:
                result.append(self._exchange(url, headers, limit, authorization, data))
            except Exception as fault:  # noqa: BLE001 - it is raised again by the thread that waits
                result.append(fault)

        begin = time.monotonic()
        worker = threading.Thread(target=run, daemon=True)
        worker.start()
        while worker.is_alive() and time.monotonic() - begin < self._left():
            worker.join(_GLANCE)
        self._count(time.monotonic() - begin)
        if not result:
            raise Unavailable("does not answer in time", where=self.host, advice="try again later")
        if isinstance(result[0], Exception):
            raise result[0]
        return result[0]

    def _exchange(
        self, url: str, headers: Mapping[str, str], limit: int, authorization: str, data: bytes | None
    ) -> Answer:
        import requests
        import urllib3

        session = self._opened()
        sent = {"Accept-Encoding": "identity", **headers}
        if authorization:
            sent["Authorization"] = authorization
        self.requests += 1
        try:
            with session.request(
                "GET" if data is None else "POST",
                url,
                headers=sent,
                data=data,
                stream=True,
                allow_redirects=False,
                timeout=(CONNECT_SECONDS, READ_SECONDS),
            ) as response:
                body = self._body(response, limit)
                names = {name.lower(): value for name, value in response.headers.items()}
                return Answer(response.status_code, names, body, url)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            raise _unavailable(error, host_of(url), plain=self._plain) from None

    def _opened(self) -> Any:
        if self._session is None:
            import requests

            self._session = requests.Session()
            self._session.auth = _as_it_is
            self._session.headers = {"User-Agent": "slsacheck"}
        return self._session

    def _body(self, response: Any, limit: int) -> bytes:
        stated = response.headers.get("Content-Length", "")
        if stated.isdigit() and int(stated) > limit:
            raise InputError(f"answers with {stated} bytes where at most {limit} belong", where=self.host)
        parts, size = [], 0
        while chunk := response.raw.read1(_CHUNK, decode_content=False):
            parts.append(chunk)
            size += len(chunk)
            self.received += len(chunk)
            if size > limit:
                raise InputError(f"answers with more than the {limit} bytes that belong there", where=self.host)
        return b"".join(parts)


def _as_it_is(request: Any) -> Any:
    """Stands for authentication, so that requests does not look for credentials of its own in a .netrc."""
    return request


def _pause(answer: Answer, attempt: int) -> float:
    """Seconds to wait: what the answer asks for, else longer each time."""
    asked = answer.headers.get("retry-after", "")
    return float(asked) if asked.isdigit() and len(asked) < 8 else 0.3 * attempt  # noqa: PLR2004 - far beyond any pause


def _unavailable(error: Exception, host: str, *, plain: bool) -> Unavailable:
    """What went wrong, without what may stand in a URL or a header."""
    kinds = {
        "SSLError": "its TLS certificate or protocol is not accepted",
        "ProxyError": "the proxy does not let us through",
        "ConnectTimeout": "nobody answers there",
        "ReadTimeout": "it does not answer in time",
        "ReadTimeoutError": "it stopped in the middle of an answer",
        "IncompleteRead": "it cut its answer short",
        "ProtocolError": "it cut its answer short",
        "ConnectionError": "there is no connection",
    }
    name = next((cls.__name__ for cls in type(error).__mro__ if cls.__name__ in kinds), "")
    advice = "" if plain else "a registry that speaks HTTP alone needs --plain-http"
    return Unavailable(kinds.get(name, "it could not be asked"), where=host, advice=advice)
