"""What a word of the command line points at."""

from __future__ import annotations

import os.path
import re
from typing import TYPE_CHECKING

from slsacheck.errors import UsageError
from slsacheck.model import ArtifactInput, Target
from slsacheck.patterns import regex
from slsacheck.record import replace

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["target_of", "told_apart"]

_URL = regex(r"(https?|git|ssh|file)://|git@[A-Za-z0-9.-]+:")


def target_of(text: str) -> Target:
    """One target: a folder, git URL, file, image or package. Raises UsageError."""
    if re.match(r"pkg:[A-Za-z][A-Za-z0-9.+-]*/.", text):
        return Target("package", text, artifacts=(ArtifactInput(text, kind="package"),))
    if os.path.isdir(text) and not _is_layout(text):
        return Target("repository", _name(text), path=text)
    if os.path.isdir(text):
        return Target("image", _name(text), path=text, artifacts=(ArtifactInput(text, kind="image"),))
    if os.path.exists(text):
        kind = "image" if text.endswith((".tar", ".oci")) else "file"
        return Target(kind, os.path.basename(text), path=text, artifacts=(ArtifactInput(text, kind=kind),))
    if _URL.match(text):
        from slsacheck.evidence.git import strip_credentials

        return Target("repository", strip_credentials(text), url=text)
    if _is_reference(text) or _is_inside(text):
        return Target("image", text, artifacts=(ArtifactInput(text, kind="image"),))
    advice = "a folder, git URL, file, image reference or purl"
    raise UsageError(f"there is no {text!r} to assess", advice=advice)


def _is_reference(text: str) -> bool:
    """Whether it is an image with its registry; a name without one is more likely a folder that is not there."""
    if text.startswith("."):
        return False
    from slsacheck.errors import InputError
    from slsacheck.evidence.oci.names import reference_of

    try:
        reference_of(text)
    except InputError:
        return False
    return True


def _is_inside(text: str) -> bool:
    """Whether it is one of the images in a layout or archive, named by tag or digest."""
    from slsacheck.evidence.oci import places_of

    return any(_is_layout(path) or os.path.isfile(path) for path, tag, digest in places_of(text) if tag or digest)


def _is_layout(folder: str) -> bool:
    """Whether a folder is an OCI layout (image-layout specification): it says so in a file."""
    return os.path.isfile(os.path.join(folder, "oci-layout"))


def _name(folder: str) -> str:
    """What a folder is called in reports: its own name, never the way to it on this machine."""
    return os.path.basename(os.path.realpath(folder)) or "/"


def told_apart(targets: Iterable[Target]) -> tuple[Target, ...]:
    """The targets with a number behind names that are taken: subjects of several targets are told apart by them."""
    taken: dict[str, int] = {}
    found = []
    for target in targets:
        count = taken[target.name] = taken.get(target.name, 0) + 1
        found.append(target if count == 1 else replace(target, name=f"{target.name} ({count})"))
    return tuple(found)
