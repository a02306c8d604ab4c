"""Questions to the services of `--online`, through the one HTTP client: known hosts, JSON, each its own token."""

from __future__ import annotations

import hashlib
import json
import time
from typing import TYPE_CHECKING

from slsacheck.errors import Absent, InputError, Unavailable
from slsacheck.evidence.attestations.jsondoc import parse_json
from slsacheck.evidence.attestations.steps import RefusedError, shown
from slsacheck.evidence.contents import now
from slsacheck.evidence.online import limits
from slsacheck.evidence.online.services import Service, Services, origin_of
from slsacheck.evidence.web import Asked, Lost, PerTry, Reach, Reply, Web
from slsacheck.evidence.web.limits import REQUEST_SECONDS
from slsacheck.record import record, replace

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Client", "Fetched"]


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


class Client:
    """Asks services. `pause` sleeps and `seconds` bounds one try; tests put their own there."""

    def __init__(
        self,
        services: Services,
        *,
        pause: Callable[[float], None] = time.sleep,
        seconds: float = REQUEST_SECONDS,
        max_bytes: int = limits.MAX_ANSWER_BYTES,
    ) -> None:
        self._services = services.all()
        self._max_bytes = max_bytes
        self._web = Web(PerTry(seconds), pause=pause)
        self.fetched: list[Fetched] = []

    def get(self, service: Service, path: str, name: str, headers: Mapping[str, str] | None = None) -> Fetched:
        """The JSON document at `path` below the service's address; `name` says in reports what it is.

        Raises Absent when the service says that there is none, Unavailable when it could not be asked.
        """
        return self._ask(service, path, name, None, headers)

    def post(self, service: Service, path: str, name: str, document: object) -> Fetched:
        """The answer to a JSON document; see `get`."""
        return self._ask(service, path, name, json.dumps(document).encode(), {"Content-Type": "application/json"})

    def blob(self, service: Service, url: str, name: str) -> Fetched:
        """The bytes at an address that a service's answer named: without its token, at a public address, over TLS.

        Only where the user named the service its own host may be anywhere. What follows a `?` lets somebody in and is
        never shown. Raises Absent or Unavailable.
        """
        own = _same_origin(url, service)
        told = shown(url.partition("?")[0])
        if not own and not url.startswith("https://"):
            raise Unavailable(f"{service.name} names an address that is not one of HTTPS", where=told)
        reach = Reach.ANY if own and service.named else Reach.PUBLIC
        asked = Asked(url, self._max_bytes, {"Accept": "*/*"}, None, reach)
        try:
            reply = self._web.get(asked)
        except (Unavailable, InputError) as error:
            raise Unavailable(f"{name} cannot be had: {error.message}", where=told, advice="ask again later") from error
        if reply.status != 200:  # noqa: PLR2004 - there it is
            raise Unavailable(f"{name} cannot be had: the answer has status {reply.status}", where=told)
        return Fetched(name, told, reply.body, hashlib.sha256(reply.body).hexdigest(), now())

    def keep(self, found: Fetched) -> Fetched:
        """Note an answer among those that were fetched."""
        self.fetched.append(found)
        return found

    def close(self) -> None:
        """Closes the connections."""
        self._web.close()

    def _ask(
        self, service: Service, path: str, name: str, body: bytes | None, headers: Mapping[str, str] | None
    ) -> Fetched:
        if service not in self._services:
            raise Unavailable(f"{service.name} is not among the services that may be asked")
        sent = {"Accept": "application/json"} | dict(headers or {}) | _authorization(service)
        reach = Reach.ANY if service.named else Reach.PUBLIC
        asked = Asked(service.url + path, self._max_bytes, sent, body, reach)
        try:
            reply = self._web.get(asked, lambda asked, url: _followed(service, asked, url))
        except Lost as error:
            raise Unavailable(
                f"{service.name} cannot be reached: {error.message}",
                where=shown(asked.url),
                advice="check the network, proxy and certificates (HTTPS_PROXY, REQUESTS_CA_BUNDLE)",
            ) from error
        except InputError as error:
            raise Unavailable(
                f"{service.name} {error.message}", where=shown(asked.url), advice="is its address right?"
            ) from error
        return self._kept(service, name, reply)

    def _kept(self, service: Service, name: str, reply: Reply) -> Fetched:
        url = reply.url
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
        if reply.headers.get("content-encoding", "identity").lower() != "identity":
            raise Unavailable(f"{service.name} compressed its answer, which was not asked for", where=shown(url))
        return self.keep(Fetched(name, url, reply.body, hashlib.sha256(reply.body).hexdigest(), now()))


def _followed(service: Service, asked: Asked, url: str) -> Asked:
    """Where a redirect leads; only to the same host over the same protocol."""
    if not _same_origin(url, service):
        raise Unavailable(
            f"{service.name} redirects to {shown(url)}, which was not asked for",
            where=shown(asked.url),
            advice="name that host as the service's address if you trust it",
        )
    return replace(asked, url=url)


def _same_origin(url: str, service: Service) -> bool:
    try:
        return origin_of(url) == service.origin
    except ValueError:
        return False


def _authorization(service: Service) -> dict[str, str]:
    token = service.token()
    return {} if token is None else {"Authorization": f"Bearer {token}"}


def _refused(service: Service, url: str, reply: Reply) -> Unavailable:
    limited = reply.status == 429 or reply.headers.get("x-ratelimit-remaining") == "0"  # noqa: PLR2004 - too many
    if limited:
        advice = f"its limit is reached; wait, or set {service.tokens[0]}" if service.tokens else "its limit is reached"
    elif reply.status in (401, 403):
        advice = f"it may need a token: set {service.tokens[0]}" if service.tokens else "it does not let us"
    else:
        advice = "ask again later"
    return Unavailable(f"{service.name} answers with status {reply.status}", where=shown(url), advice=advice)
