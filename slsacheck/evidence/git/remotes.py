"""Reading the URL of a remote: without credentials, and as the name of a repository on a forge."""

import re

from slsacheck.patterns import regex

__all__ = ["origin_host", "origin_name", "source_uri", "strip_credentials"]

_URL = regex(
    r"(?P<scheme>[a-z][a-z0-9+.-]*)://(?:(?P<user>[^/?#]*)@)?(?P<host>[^/?#@]*)(?P<path>/[^?#]*)?", re.IGNORECASE
)
_SCP = regex(r"(?:(?P<user>[\w.-]+)@)?(?P<host>[\w.-]+):(?![:/])(?P<path>[^?#]+)")
_HELPER = regex(r"(?P<helper>[A-Za-z0-9_-]+)::")
_NETWORK = ("https", "http", "ssh", "git", "git+ssh", "ssh+git", "git+https", "git+http")
_TWO_PARTS = ("github.com", "bitbucket.org", "codeberg.org")
"""Forges where a repository's path is always owner and name; elsewhere (GitLab) groups may nest."""
_NAME = regex(r"[\w.~-]+(?:/[\w.~-]+)+")


def strip_credentials(url: str) -> str:
    """A remote's URL without user names, passwords, tokens, query and fragment; the user of ssh stays (`git@`).

    Of a remote helper (`ext::…`, gitremote-helpers) only its name stays: what follows may be a command.
    """
    text = "".join(character for character in url if character.isprintable()).strip()
    helper = _HELPER.match(text)
    if helper is not None:
        return f"{helper['helper']}::"
    match = _URL.match(text)
    if match is None:
        return text.split("?")[0].split("#")[0].strip()
    scheme = match["scheme"].lower()
    user = (match["user"] or "").split(":")[0]
    keep = f"{user}@" if user and "ssh" in scheme else ""
    return f"{scheme}://{keep}{match['host']}{match['path'] or ''}".strip()


def origin_host(url: str) -> str | None:
    """The host of a remote's URL in lower case, without port; None for a local path or a remote helper."""
    parts = _parts(url)
    return parts[0] if parts else None


def origin_name(url: str) -> str | None:
    """`owner/name` of a remote's URL (`group/subgroup/name` where groups nest); None where it has no such form.

    The URL is what the user's own `.git/config` says, so the name is a claim, not a proof.
    """
    parts = _parts(url)
    if parts is None:
        return None
    host, path = parts
    name = path.strip("/").removesuffix(".git")
    if _NAME.fullmatch(name) is None or any(word in (".", "..") for word in name.split("/")):
        return None
    return None if host in _TWO_PARTS and name.count("/") != 1 else name


def source_uri(url: str) -> str | None:
    """`host/owner/name`, the form that slsa-verifier's `--source-uri` takes; None where the URL has no such form."""
    host, name = origin_host(url), origin_name(url)
    return f"{host}/{name}" if host and name else None


def _parts(url: str) -> tuple[str, str] | None:
    text = strip_credentials(url)
    match = _URL.match(text)
    if match is not None:
        if match["scheme"] not in _NETWORK or not match["host"]:
            return None
        return re.sub(r":\d*$", "", match["host"]).lower(), match["path"] or ""
    scp = _SCP.fullmatch(text)
    return (scp["host"].lower(), scp["path"]) if scp else None
