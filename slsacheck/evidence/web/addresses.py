"""Web addresses: whose they are, and whether they lead into a private network."""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urljoin, urlsplit

__all__ = ["PORTS", "host_of", "is_literal", "is_loopback", "is_private", "joined"]

PORTS = {"https": 443, "http": 80}


def host_of(url: str) -> str:
    """Host and port of a URL, the port always written; empty where it is no HTTP URL."""
    try:
        parts = urlsplit(url)
        port = parts.port or PORTS.get(parts.scheme, 0)
    except ValueError:
        return ""
    return f"{(parts.hostname or '').lower()}:{port}" if parts.hostname and port else ""


def joined(url: str, target: str) -> str:
    """Where a link or redirect leads that stands in the answer of `url`; the target itself where that is no address."""
    try:
        return urljoin(url, target)
    except ValueError:
        return target


def is_literal(host: str) -> bool:
    """Whether a host (with port) is written as an address, which nobody has to look up."""
    try:
        ipaddress.ip_address(host.rpartition(":")[0].strip("[]").partition("%")[0])
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    """Whether a host (with port) is written as this machine."""
    name = host.rpartition(":")[0].strip("[]")
    return name == "localhost" or (is_literal(host) and ipaddress.ip_address(name.partition("%")[0]).is_loopback)


def is_private(host: str) -> bool:
    """Whether a host (with port) is at an address that only this machine or its network reaches."""
    name = host.rpartition(":")[0].strip("[]")
    try:
        found = {entry[4][0] for entry in socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError):
        return False  # nobody can connect to it either
    return any(not ipaddress.ip_address(str(address).partition("%")[0]).is_global for address in found)
