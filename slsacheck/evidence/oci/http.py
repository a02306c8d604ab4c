"""Requests to one registry and to where it sends us, through the one HTTP client.

A registry may send us to other hosts (its storage, its token service); without Authorization, and to no address inside
the user's network unless the registry is there itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from slsacheck.errors import Unavailable
from slsacheck.evidence.attestations.steps import shown
from slsacheck.evidence.oci.registries import Registries
from slsacheck.evidence.web import Asked, AstrayError, Budget, Patience, Reach, Reply, Steady, Web
from slsacheck.evidence.web.addresses import host_of, is_literal, is_private
from slsacheck.record import replace

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import BinaryIO

__all__ = ["Transport"]


class Transport:
    """Requests to one registry and to where it sends us.

    `named`: the user named it, so it may be at any address; one that an image names may not. Several may share a
    budget, and all those of a run what is `shared`.
    """

    def __init__(
        self,
        base: str,
        *,
        plain_http: bool = False,
        budget: Budget | None = None,
        named: bool = True,
        shared: Registries | None = None,
    ) -> None:
        self.base = base
        self.host = host_of(base)
        self.budget = budget if budget is not None else Patience()
        self.shared = shared if shared is not None else Registries()
        self.web = Web(self.budget, sessions=self.shared.sessions)
        self._named = named
        self._plain = plain_http
        self._inside: bool | None = None

    def get(
        self,
        url: str,
        headers: Mapping[str, str],
        limit: int,
        *,
        authorization: str = "",
        data: bytes | None = None,
        sink: BinaryIO | None = None,
    ) -> Reply:
        """GET, or POST with `data`, which is not redirected; see `Web.get`.

        With a `sink` the body goes there and may take the time that its bytes take.

        Raises Unavailable where no answer comes in time, InputError where one is too large or leads astray.
        """
        sent = dict(headers) | ({"Authorization": authorization} if authorization else {})
        asked = Asked(url, limit, sent, data, self._reach(host_of(url)), sink)
        try:
            web = self.web if sink is None else Web(Steady(), sessions=self.shared.sessions)
            with self.shared.turns:
                return web.get(asked, self._followed if data is None else None)
        except Unavailable as error:
            if not error.advice and not self._plain:
                error.advice = "a registry that speaks HTTP alone needs --plain-http"
            raise

    def reachable(self, url: str) -> None:
        """Raises AstrayError for a URL that the registry names and that nobody should be sent to."""
        where = host_of(url)
        scheme = url.partition(":")[0].lower() if where and urlsplit(url).username is None else ""
        if scheme not in ("https", "http"):
            raise AstrayError(f"sends us to {shown(url)!r}, which is no plain web address", where=self.host)
        if scheme == "http" and not self._plain:
            raise AstrayError(
                f"sends us to {shown(where)} over plain HTTP", where=self.host, advice="--plain-http allows that"
            )
        if where != self.host and is_literal(where) and is_private(where) and not self._at_home():
            raise AstrayError(f"sends us to {shown(where)}, which is a private address", where=self.host)

    def _reach(self, where: str) -> Reach:
        """Where a host may be: the registry was named by the user; others are where its kind of addresses are."""
        if where == self.host and self._named:
            return Reach.ANY
        return Reach.NEAR if self._at_home() else Reach.PUBLIC

    def _at_home(self) -> bool:
        """Whether the registry itself is at a private address, so that it may name others there."""
        if self._inside is None:
            self._inside = self._named and is_private(self.host)
        return self._inside

    def _followed(self, asked: Asked, url: str) -> Asked:
        self.reachable(url)
        headers = {name: value for name, value in asked.headers.items() if name.lower() != "authorization"}
        return replace(asked, url=url, headers=headers, reach=self._reach(host_of(url)))
