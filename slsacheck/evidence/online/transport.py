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

__all__ = ["GuardedAdapter", "PrivateAddressError", "is_public"]


class PrivateAddressError(OSError):
    """A name that should be public leads to an address that is not."""


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public Internet (an IPv4 address inside an IPv6 one counts as itself)."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    inner = getattr(found, "ipv4_mapped", None) or getattr(found, "sixtofour", None)
    return (inner or found).is_global and not (inner or found).is_multicast


def _looked_at(connection: socket.socket) -> socket.socket:
    """The connection; closed and refused when it leads to a private address."""
    try:
        address = str(connection.getpeername()[0])
    except OSError:
        connection.close()
        raise
    if not is_public(address):
        connection.close()
        raise PrivateAddressError(address)
    return connection


class _Connection(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _looked_at(super()._new_conn())


class _TlsConnection(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _looked_at(super()._new_conn())


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


class GuardedAdapter(HTTPAdapter):
    """The transport of `requests`, which refuses private addresses; for services that the user did not name."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Makes the pools of guarded connections; see `HTTPAdapter`."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}
