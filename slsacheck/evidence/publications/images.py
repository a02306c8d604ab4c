"""Names of container images: which registry they go to, and what to call them without tag and digest."""

from __future__ import annotations

import re
from functools import lru_cache

from slsacheck.patterns import regex

__all__ = ["channel_of_image", "image_name", "same_image"]

KNOWN = {"index.docker.io": "docker.io", "registry-1.docker.io": "docker.io", "registry.hub.docker.com": "docker.io"}
TEMPLATE = regex(r"\$\{\{.*?\}\}|\{\{.*?\}\}|\$\{[^}]*\}|\$\([^)]*\)|<<.*?>>|\$\w+", re.DOTALL)
HOST = regex(r"^(localhost|[\w-]+(\.[\w-]+)+)(:\d+)?$|^[\w.-]+:\d+$", re.IGNORECASE)
HINTS = (
    (regex(r"ghcr|github_container|gh_registry", re.IGNORECASE), "ghcr.io"),
    (regex(r"docker_?hub|dockerhub", re.IGNORECASE), "docker.io"),
    (regex(r"quay", re.IGNORECASE), "quay.io"),
    (regex(r"ci_registry", re.IGNORECASE), "registry.gitlab.com"),
    (regex(r"(?<![a-z])ecr(?![a-z])", re.IGNORECASE), "amazonaws.com"),
    (regex(r"gcr\b|gcr_", re.IGNORECASE), "gcr.io"),
    (regex(r"acr_|azurecr", re.IGNORECASE), "azurecr.io"),
)
STATED = regex(
    r"['\"]((?:[\w-]+\.)*(?:docker\.io|ghcr\.io|quay\.io|gcr\.io|pkg\.dev|azurecr\.io|amazonaws\.com))[/'\"]"
)


def image_name(reference: str) -> str:
    """A reference without scheme, tag and digest; what is not known in it stays as written."""
    text = reference.strip().strip("\"'")
    text = re.sub(r"^(docker|oci|registry|https?)://", "", text)
    held: list[str] = []

    def hold(match: re.Match[str]) -> str:
        held.append(match[0])
        return f"\x00{len(held) - 1}\x00"

    masked = TEMPLATE.sub(hold, text).split("@", 1)[0]
    head, slash, last = masked.rpartition("/")
    last = last.split(":", 1)[0]
    bare = f"{head}{slash}{last}"
    return re.sub(r"\x00(\d+)\x00", lambda match: held[int(match[1])], bare)


def channel_of_image(reference: str, logins: tuple[str, ...] = ()) -> str | None:
    """The registry that an image goes to; the one that was logged in to where the name's beginning is not known."""
    name = image_name(reference)
    template = TEMPLATE.match(name)
    if template is not None:
        return _hinted(template[0], name, logins)
    first, slash, _ = name.partition("/")
    if slash and HOST.match(first):
        return KNOWN.get(first.lower(), first.lower())
    partly = re.match(r"[^/]*?((?:[\w-]+\.)*(?:azurecr\.io|amazonaws\.com|pkg\.dev|gcr\.io))/", name)
    if partly is not None:
        return partly[1].lower()
    return "docker.io"


def _hinted(template: str, name: str, logins: tuple[str, ...]) -> str | None:
    if (stated := STATED.search(template)) is not None:
        return stated[1].lower()
    for pattern, channel in HINTS:
        if pattern.search(template):
            return channel
    rest = name[len(template) :]
    if (host := re.match(r"(\.[\w.-]+\.[a-z]{2,})/", rest)) is not None:
        return host[1].lstrip(".")
    if len(set(logins)) == 1:
        return logins[0]
    return None


def same_image(one: str, other: str) -> bool:
    """Whether two references name the same repository of a registry, docker.io being the default."""
    return _canonical(one) == _canonical(other)


@lru_cache(maxsize=1024)  # each image is compared with each that is attested
def _canonical(reference: str) -> str:
    name = re.sub(r"\s+", "", image_name(reference)).lower()
    first, slash, rest = name.partition("/")
    if first in KNOWN or first == "docker.io":
        return rest
    return name if slash else f"library/{name}"
