"""Authentication with a registry (distribution specification; Docker's token authentication).

Anonymous first; where the registry asks who we are, the credentials of its host are used: as they are (basic), or at
the token service that it names. A password goes to another host over HTTPS alone.
"""

from __future__ import annotations

import base64
import math
import re
import threading
import time
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode, urlsplit

from slsacheck.errors import Unavailable
from slsacheck.evidence.attestations.jsondoc import as_int, as_map, as_text, parse_json
from slsacheck.evidence.attestations.steps import RefusedError, shown
from slsacheck.evidence.oci.credentials import Credentials, find
from slsacheck.evidence.web import AstrayError, Reply
from slsacheck.evidence.web.addresses import host_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slsacheck.evidence.oci.http import Transport

__all__ = ["Login"]

MAX_TOKEN = 256 << 10
"""Bytes of a token service's answer; tokens with many scopes have 20 KB."""
SHORTEST = 60.0
"""Seconds for which a token is good at least (token authentication specification, `expires_in`)."""
_CHALLENGE = re.compile(r'([A-Za-z]+)="((?:[^"\\]|\\.)*)"')
_UNAUTHORIZED = 401
_OK = 200


class Login:
    """The Authorization header for one repository, got when the registry first asks for one; several may share it."""

    def __init__(self, host: str, repository: str, environment: Mapping[str, str] | None) -> None:
        self._host = host
        self._repository = repository
        self._environment = environment
        self._header = ""
        self._ends = 0.0
        self._lock = threading.Lock()

    @property
    def header(self) -> str:
        """What is sent now; empty while the registry did not ask."""
        return self._header

    def asked(self, transport: Transport, answer: Reply, sent: str) -> None:
        """Gets what the registry asks for in its answer to a request with the header `sent`, unless it is there by now.

        Raises Unavailable where there is none, AstrayError where it asks astray.
        """
        with self._lock:
            if self._header == sent:
                self._get(transport, answer.headers.get("www-authenticate", ""))

    def _get(self, transport: Transport, challenge: str) -> None:
        scheme = challenge.partition(" ")[0].lower()
        if self._header and time.monotonic() < self._ends:
            raise self._refused("it does not take the credentials that are there")
        credentials = find(self._host, self._repository, self._environment)
        if scheme == "basic" and credentials is not None:
            self._header, self._ends = _basic(credentials), math.inf
        elif scheme == "bearer":
            token, seconds = self._token(transport, dict(_CHALLENGE.findall(challenge)), credentials)
            self._header, self._ends = f"Bearer {token}", time.monotonic() + seconds
        else:
            raise self._refused("it wants to know who asks")

    def _refused(self, reason: str) -> Unavailable:
        advice = f"log in with `docker login {self._host}` or `podman login {self._host}`"
        return Unavailable(reason, where=f"{self._host}/{self._repository}", advice=advice)

    def _token(
        self, transport: Transport, challenge: dict[str, str], credentials: Credentials | None
    ) -> tuple[str, float]:
        """The token, and the seconds for which it is good."""
        realm = challenge.get("realm", "")
        transport.reachable(realm)
        scope = f"repository:{self._repository}:pull"
        query = {"service": challenge["service"], "scope": scope} if challenge.get("service") else {"scope": scope}
        if credentials is not None and not _may_have_password(transport, realm):
            raise AstrayError(
                f"sends the password to {shown(host_of(realm))} over plain HTTP, which is not done",
                where=self._host,
                advice="a token service on another host needs HTTPS",
            )
        answer = _ask(transport, realm, query, credentials)
        if answer.status != _OK:
            raise self._refused(f"its token service {shown(host_of(realm))} answers with status {answer.status}")
        try:
            document = as_map(parse_json(answer.body, "the token"))
        except RefusedError as problem:
            raise self._refused("its token service answers with no JSON") from problem
        token = as_text(document.get("token")) or as_text(document.get("access_token"))
        if not token or not token.isascii() or not token.isprintable():
            raise self._refused("its token service gives no token")
        return token, max(as_int(document.get("expires_in")) or 0, SHORTEST)


def _may_have_password(transport: Transport, realm: str) -> bool:
    return urlsplit(realm).scheme == "https" or host_of(realm) == transport.host


def _ask(transport: Transport, realm: str, query: dict[str, str], credentials: Credentials | None) -> Reply:
    if credentials is not None and credentials.identity:
        form = query | {
            "grant_type": "refresh_token",
            "client_id": "slsacheck",
            "refresh_token": credentials.identity,
        }
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return transport.get(realm, kind, MAX_TOKEN, data=urlencode(form).encode())
    url = realm + ("&" if urlsplit(realm).query else "?") + urlencode(query, quote_via=quote)
    header = _basic(credentials) if credentials is not None else ""
    return transport.get(url, {}, MAX_TOKEN, authorization=header)


def _basic(credentials: Credentials) -> str:
    pair = f"{credentials.user}:{credentials.password}".encode()
    return f"Basic {base64.b64encode(pair).decode('ascii')}"
