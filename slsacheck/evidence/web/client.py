"""Requests: bounded in time and bytes, repeated where somebody is busy, redirected only as the caller allows.

Proxies and CA bundles of the environment count (as for curl, requests and OpenSSL); passwords of a .netrc and cookies
do not. Nothing is uncompressed.
"""

from __future__ import annotations

import enum
import os
import time
from typing import TYPE_CHECKING, Any

from slsacheck import __version__
from slsacheck.errors import InputError, Unavailable
from slsacheck.evidence.abreast import Started
from slsacheck.evidence.attestations.steps import shown
from slsacheck.evidence.web import limits
from slsacheck.evidence.web.addresses import host_of, is_loopback, joined
from slsacheck.record import field, record

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import BinaryIO

    import requests

    from slsacheck.evidence.web.budgets import Budget

__all__ = ["Asked", "AstrayError", "Lost", "Reach", "Reply", "Web"]

_BUSY = (429, 500, 502, 503, 504)
_REDIRECTS = (301, 302, 303, 307, 308)
_CHUNK = 64 << 10
_NO_PROXY: dict[str, Any] = {"http": None, "https": None, "all": None}
"""This machine is never behind a proxy; the programs of containers see it that way too."""
_GLANCE = 0.2
"""Seconds between two looks at a line that is still busy."""
_LOST = {
    "ConnectTimeout": "nobody answers there",
    "ReadTimeout": "it does not answer in time",
    "ReadTimeoutError": "it stopped in the middle of an answer",
    "IncompleteRead": "it cut its answer short",
    "ProtocolError": "it cut its answer short",
    "ConnectionError": "there is no connection",
}
"""Faults of a connection by the names of their classes, in words of ours: the library's may repeat a secret."""


class Reach(enum.Enum):
    """At which addresses somebody may be: the public Internet, also ordinary private networks, or anywhere."""

    PUBLIC = "public"
    NEAR = "near"
    ANY = "any"


@record
class Asked:
    """One request; POST where there is `data`. At most `limit` bytes are read of the answer.

    With a `sink` the bytes of a 200 go into it, as they come, instead of the reply's body.
    """

    url: str
    limit: int
    headers: Mapping[str, str] = field(default_factory=dict)
    data: bytes | None = None
    reach: Reach = Reach.PUBLIC
    sink: BinaryIO | None = None


@record
class Reply:
    """The answer to one request: status, headers (names in lower case), body, and the URL that gave it."""

    status: int
    headers: dict[str, str]
    body: bytes
    url: str


class Lost(Unavailable):
    """No reply came; another try may help."""


class AstrayError(InputError):
    """Somebody sends us where nobody should be sent; what was asked for could not be looked at."""


class Web:
    """Asks whoever is named, within a budget. `pause` sleeps; tests put their own there.

    Several that are given the same `sessions` share connections; they may ask at the same time.
    """

    def __init__(
        self,
        budget: Budget,
        *,
        pause: Callable[[float], None] = time.sleep,
        sessions: dict[Reach, requests.Session] | None = None,
    ) -> None:
        self.requests = 0
        self.received = 0
        self._budget = budget
        self._pause = pause
        self._sessions = sessions if sessions is not None else {}

    def get(self, asked: Asked, onward: Callable[[Asked, str], Asked] | None = None) -> Reply:
        """The answer, after redirects: `onward` makes the next request to a URL, or raises; None: they are answers.

        Raises Unavailable where no answer comes in time (Lost where trying again later may help), InputError where one
        is larger than asked for, redirects without end, or its name leads to an address that it may not.
        """
        for _ in range(limits.MAX_REDIRECTS + 1):
            reply = self._patiently(asked)
            target = reply.headers.get("location")
            if onward is None or not target or reply.status not in _REDIRECTS:
                return reply
            asked = onward(asked, joined(asked.url, target))
        raise AstrayError(
            f"redirects more than {limits.MAX_REDIRECTS} times, in circles perhaps", where=host_of(asked.url)
        )

    def close(self) -> None:
        """Closes the connections."""
        for session in self._sessions.values():
            session.close()

    def _patiently(self, asked: Asked) -> Reply:
        """One request, repeated where somebody is busy or lost."""
        for attempt in range(1, limits.TRIES + 1):
            wait = limits.FIRST_PAUSE_SECONDS * 2 ** (attempt - 1)
            last = attempt == limits.TRIES
            try:
                reply = self._bounded(asked)
            except Lost:
                if last or self._left() < wait:
                    raise
            else:
                said = _retry_after(reply)
                wait = wait if said is None else said
                enough = wait > limits.MAX_PAUSE_SECONDS or self._left() < wait
                if reply.status not in _BUSY or last or enough:
                    return reply
            self._budget.spend(wait)
            self._pause(wait)
        raise AssertionError

    def _left(self) -> float:
        return self._budget.left(self.received)

    def _bounded(self, asked: Asked) -> Reply:
        """One try in a thread of its own, left behind where it takes too long: no byte can hold us up."""
        where = host_of(asked.url)
        if self._left() <= 0:
            raise Unavailable("is too slow", where=where, advice="try again later")
        begin = time.monotonic()
        started = Started(lambda: self._exchange(asked))
        while started.thread.is_alive() and (left := self._left() - (time.monotonic() - begin)) > 0:
            started.thread.join(min(_GLANCE, left))
        self._budget.spend(time.monotonic() - begin)
        if started.thread.is_alive():
            raise Lost("does not answer in time", where=where, advice="try again later")
        return started.answer()

    def _exchange(self, asked: Asked) -> Reply:
        import requests
        import urllib3

        sent = {"Accept-Encoding": "identity", "User-Agent": f"slsacheck/{__version__}", **asked.headers}
        self.requests += 1
        try:
            with self._session(asked.reach).request(
                "GET" if asked.data is None else "POST",
                asked.url,
                headers=sent,
                data=asked.data,
                stream=True,
                allow_redirects=False,
                timeout=(limits.CONNECT_SECONDS, limits.READ_SECONDS),
                proxies=dict(_NO_PROXY) if is_loopback(host_of(asked.url)) else None,
            ) as response:
                body = self._body(response, asked)
                names = {name.lower(): value for name, value in response.headers.items()}
                return Reply(response.status_code, names, body, asked.url)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            raise _fault(error, host_of(asked.url)) from None

    def _body(self, response: Any, asked: Asked) -> bytes:
        where = host_of(asked.url)
        granted = response.status_code == 200  # noqa: PLR2004 - what was asked for
        limit = asked.limit if granted else max(asked.limit, limits.MAX_REFUSAL)
        stated = response.headers.get("Content-Length", "")
        if stated.isdigit() and int(stated) > limit:
            raise InputError(f"answers with {stated} bytes where at most {limit} belong", where=where)
        sink = asked.sink if granted else None
        if sink is not None:
            sink.seek(0)
            sink.truncate()
        parts, size = [], 0
        while chunk := response.raw.read1(_CHUNK, decode_content=False):
            size += len(chunk)
            self.received += len(chunk)
            if size > limit:
                raise InputError(f"answers with more than the {limit} bytes that belong there", where=where)
            if sink is not None:
                sink.write(chunk)
            else:
                parts.append(chunk)
        return b"".join(parts)

    def _session(self, reach: Reach) -> requests.Session:
        found = self._sessions.get(reach)
        return found if found is not None else self._sessions.setdefault(reach, _session_for(reach))


def _session_for(reach: Reach) -> requests.Session:
    """A session that is complete: one that others can take before its guard is there would connect to anybody."""
    from http.cookiejar import DefaultCookiePolicy

    import requests

    made = requests.Session()
    made.auth = _unchanged
    bundle = os.environ.get("SSL_CERT_FILE", "")
    made.verify = bundle if os.path.isfile(bundle) else True  # noqa: PTH113 - as everywhere in the evidence
    made.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    if reach is not Reach.ANY:
        from slsacheck.evidence.web.guarded import GuardedAdapter, is_near, is_public

        adapter = GuardedAdapter(is_public if reach is Reach.PUBLIC else is_near)
        made.mount("https://", adapter)
        made.mount("http://", adapter)
    return made


def _unchanged(request: Any) -> Any:
    """The request as it is: `requests` would otherwise add passwords from .netrc."""
    return request


def _fault(error: Exception, host: str) -> Unavailable | InputError:
    """What went wrong, without what may stand in a URL or a header."""
    from slsacheck.evidence.web.guarded import PrivateAddressError

    inner: BaseException | None = error
    while inner is not None:
        if isinstance(inner, PrivateAddressError) or isinstance(getattr(inner, "reason", None), PrivateAddressError):
            return AstrayError(
                "its name leads to a private address", where=host, advice="name it yourself if that is meant"
            )
        inner = inner.__cause__ or inner.__context__
    kinds = {cls.__name__ for cls in type(error).__mro__}
    if "SSLError" in kinds and "WRONG_VERSION_NUMBER" in str(error):
        return Unavailable("it does not speak TLS", where=host)
    if "SSLError" in kinds:
        advice = "REQUESTS_CA_BUNDLE names another authority"
        return Unavailable("its TLS certificate or protocol is not accepted", where=host, advice=advice)
    if "ProxyError" in kinds:
        return Lost("the proxy does not let us through", where=host, advice="is HTTPS_PROXY right?")
    if "TLS CA certificate" in str(error):
        advice = "is REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE or SSL_CERT_FILE right?"
        return Unavailable("the file with the authorities is not there", where=host, advice=advice)
    name = next((cls.__name__ for cls in type(error).__mro__ if cls.__name__ in _LOST), "")
    return Lost(_LOST.get(name, f"it could not be asked ({shown(type(error).__name__)})"), where=host)


def _retry_after(reply: Reply) -> float | None:
    """Seconds that somebody busy asks for, as a number or a date; None where nothing is said."""
    text = reply.headers.get("retry-after", "").strip()
    if not text:
        return None
    if text.isascii() and text.isdecimal():
        return float(text[:9])
    from email.utils import parsedate_to_datetime

    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except (ValueError, TypeError, OverflowError):
        return None
