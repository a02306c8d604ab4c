"""Names of git repositories and refs, and version tags, as provenance and its users write them."""

from __future__ import annotations

import re

from slsacheck.patterns import regex
from slsacheck.record import record

__all__ = ["Semver", "branch_of", "normal_repository", "parse_semver", "split_ref", "tag_of", "version_matches"]

_SEMVER = regex(
    r"v(0|[1-9]\d*)(?:\.(0|[1-9]\d*)(?:\.(0|[1-9]\d*)(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+([0-9A-Za-z.-]+))?)?)?",
    re.ASCII,
)


@record
class Semver:
    """A version tag; parts that are not written are None (`v1` has no minor)."""

    major: str
    minor: str | None
    patch: str | None
    pre: str | None = None
    build: str | None = None


def parse_semver(tag: str) -> Semver | None:
    """The parts of `vMAJOR[.MINOR[.PATCH[-PRE][+BUILD]]]`; None for anything else."""
    match = _SEMVER.fullmatch(tag)
    return Semver(match[1], match[2], match[3], match[4], match[5]) if match else None


def version_matches(tag: str, expected: str) -> bool:
    """Whether a tag is of the expected version as far as that goes: `v1` takes v1.*.*, `v1.2` takes v1.2.*.

    Parts that the tag does not write count as 0; build metadata does not count.
    """
    want, have = parse_semver(expected), parse_semver(tag)
    if want is None or have is None or want.major != have.major:
        return False
    if want.minor is not None and want.minor != (have.minor or "0"):
        return False
    return want.patch is None or (want.patch, want.pre) == (have.patch or "0", have.pre)


def normal_repository(uri: str) -> str:
    """A repository address in one form: `https://host/path`, without `git+`, a trailing slash or `.git`.

    `git@host:path` and `ssh://git@host/path` are the same repository fetched in another way. The case of letters is
    kept: `o/R` and `o/r` are two names.
    """
    text = uri.strip().removeprefix("git+")
    if text.startswith("git@") and "://" not in text:
        text = "ssh://" + text.replace(":", "/", 1)
    if text.startswith("ssh://git@"):
        text = "https://" + text.removeprefix("ssh://git@")
    if "://" not in text:
        text = f"https://{text}"
    return text.rstrip("/").removesuffix(".git")


def split_ref(uri: str) -> tuple[str, str]:
    """Repository and ref of `git+https://host/path@refs/…` or `https://host/path.git#…` (ref empty when none)."""
    path = uri.find("/", uri.find("://") + 3) if "://" in uri else 0
    marks = [position for position in (uri.find("@", path), uri.find("#", path)) if position >= 0]
    if path < 0 or not marks:
        return uri, ""
    return uri[: min(marks)], uri[min(marks) + 1 :]


def tag_of(ref: str | None) -> str | None:
    """The tag's name when the ref is `refs/tags/…`."""
    name = (ref or "").removeprefix("refs/tags/")
    return name if ref and name != ref and name else None


def branch_of(ref: str | None) -> str | None:
    """The branch's name when the ref is `refs/heads/…`."""
    name = (ref or "").removeprefix("refs/heads/")
    return name if ref and name != ref and name else None
