"""Connections that look at whom they reached before they say anything.

A name may resolve to an address inside the user's network, and may do so only the second time it is asked. So the
check is on the connected socket. Through a proxy of the user's the proxy is who is reached, and it resolves names.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

__all__ = ["GuardedAdapter", "PrivateAddressError", "is_near", "is_public"]


class PrivateAddressError(OSError):
    """A name leads to an address that it may not lead to."""


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """An IP address; an IPv4 address inside an IPv6 one counts as itself."""
    try:
        found = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or getattr(found, "sixtofour", None) or found


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public Internet."""
    found = _address(address)
    return found is not None and found.is_global and not found.is_multicast


def is_near(address: str) -> bool:
    """Whether an IP address is public or of an ordinary private network: no link's own, where clouds keep secrets."""
    found = _address(address)
    return found is not None and not (found.is_link_local or found.is_multicast or found.is_unspecified)


class GuardedAdapter(HTTPAdapter):
    """The transport of `requests`, which refuses addresses that are not `allowed`."""

    def __init__(self, allowed: Callable[[str], bool]) -> None:
        self._allowed = allowed
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Makes the pools of guarded connections; see `HTTPAdapter`."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _pools(self._allowed)


def _pools(allowed: Callable[[str], bool]) -> dict[str, type[HTTPConnectionPool]]:
    """Pools whose connections ask `allowed` about the address that they reached."""

    def looked_at(connection: socket.socket) -> socket.socket:
        try:
            address = str(connection.getpeername()[0])
        except OSError:
            connection.close()
            raise
        if not allowed(address):
            connection.close()
            raise PrivateAddressError(address)
        return connection

    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return looked_at(super()._new_conn())

    class Tls(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return looked_at(super()._new_conn())

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class TlsPool(HTTPSConnectionPool):
        ConnectionCls = Tls

    return {"http": PlainPool, "https": TlsPool}
