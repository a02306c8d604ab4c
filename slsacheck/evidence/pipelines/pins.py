"""References: how actions, workflows, orbs, templates and images are named, and how firmly."""

from __future__ import annotations

import re

from slsacheck.model.pipeline import Pin, Reference
from slsacheck.model.places import Place
from slsacheck.patterns import regex

__all__ = ["action", "image", "local_path", "pin"]

SHA = regex(r"(?:[0-9a-f]{40}|[0-9a-f]{64})", re.IGNORECASE)
TAG = regex(r"v?[0-9]|.*[0-9]\.[0-9]")
DIGEST = regex(r"@(sha(?:256|512):[0-9a-f]{64,128})$")
DOCKER = "docker://"


def pin(ref: str) -> Pin:
    """What a git ref is by its shape: 40 (or 64) hex digits, something that looks like a version, or anything else."""
    if SHA.fullmatch(ref):
        return Pin.SHA
    return Pin.TAG if TAG.match(ref) else Pin.BRANCH_OR_OTHER


def action(raw: str, at: Place, *, kind: str = "action", origin: str | None = None, comment: str = "") -> Reference:
    """What stands behind GitHub's `uses:`.

    `./path` is local, `$/path` the same repository at the same commit. The repository's own full name (`origin`,
    `owner/name`) is `own`, and pinned as its ref says: it may be another commit. `docker://` is an image, an expression
    inside makes it dynamic.
    """
    text = raw.strip()
    if text.startswith(DOCKER):
        found = image(text[len(DOCKER) :], at)
        return Reference(text, "image", found.name, found.ref, Pin.DOCKER_TAG, at, comment=comment)
    if "${{" in text:
        return Reference(text, kind, text, "", Pin.DYNAMIC, at, comment=comment)
    if text.startswith((".", "$/")):
        place = Pin.SAME_REPOSITORY if text.startswith("$") else Pin.LOCAL
        return Reference(text, kind, text, "", place, at, path=_clean(text), comment=comment)
    target, _, ref = text.partition("@")
    parts = target.split("/", 2)
    name, path = "/".join(parts[:2]), parts[2] if len(parts) > 2 else ""  # noqa: PLR2004 - owner, repository, path
    own = origin is not None and name.lower() == origin.lower()
    return Reference(text, kind, name, ref, pin(ref), at, path=path, comment=comment, own=own)


def local_path(reference: Reference) -> str | None:
    """The path inside this repository of a local or same-repository reference; None for all others.

    For a reference by the repository's own full name the file at its ref may be another than the one here.
    """
    if reference.own or reference.pin in {Pin.LOCAL, Pin.SAME_REPOSITORY}:
        return reference.path
    return None


def image(raw: str, at: Place) -> Reference:
    """A container image: its name, and its digest or tag as `ref`, which is empty where none is written."""
    text = raw.strip()
    text = text.removeprefix(DOCKER)
    digest = DIGEST.search(text)
    if digest:
        name, _ = _split_tag(text[: digest.start()])
        return Reference(raw, "image", name, digest.group(1), Pin.SHA, at)
    name, tag = _split_tag(text)
    dynamic = "$" in text or "{{" in text or "<<" in text
    return Reference(raw, "image", name, tag, Pin.DYNAMIC if dynamic else Pin.DOCKER_TAG, at)


def _split_tag(text: str) -> tuple[str, str]:
    head, slash, last = text.rpartition("/")
    if "${" in last or "{{" in last:
        return text, ""
    name, _, tag = last.partition(":")
    return head + slash + name, tag


def _clean(text: str) -> str:
    """A path from the root of the repository, without `./`, `$/`, `..` and empty parts."""
    kept: list[str] = []
    for part in text.removeprefix("$").split("/"):
        if part == "..":
            kept[-1:] = []
        elif part not in {"", "."}:
            kept.append(part)
    return "/".join(kept)
