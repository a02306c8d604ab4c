"""From the words of the command line to targets."""

from __future__ import annotations

import difflib
import glob
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from slsacheck.cli.commands import COMMANDS
from slsacheck.errors import UsageError
from slsacheck.model import ArtifactInput, Expectations, Target
from slsacheck.record import replace

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["artifact_inputs", "expectations_of", "files_of", "target_of", "targets_of"]

MAX_FILES = 10_000
"""Files that one glob may name: a release of that size exists (a distribution's), one of 100,000 is a mistake."""

_URL = re.compile(r"(https?|git|ssh|file)://|git@[A-Za-z0-9.-]+:")
_IMAGE = re.compile(
    r"[a-z0-9][a-z0-9._-]*(:[0-9]+)?(/[a-z0-9][a-z0-9._-]*)+(:[\w][\w.-]{0,127})?(@sha256:[0-9a-f]{64})?"
)


def expectations_of(options: Any) -> Expectations:
    """What the flags expect of provenance."""
    names = (
        "source_uri",
        "source_branch",
        "source_tag",
        "source_versioned_tag",
        "builder_id",
        "build_type",
        "package_name",
        "package_version",
        "verifier_id",
        "resource_uri",
        "identity",
        "issuer",
    )
    return Expectations(
        **{name: getattr(options, name) for name in names},
        build_workflow_input=tuple(options.build_workflow_input),
    )


def targets_of(options: Any) -> tuple[Target, ...]:
    """The targets of a scan; without any it is the current folder. Raises UsageError for one that is not there."""
    expected = expectations_of(options)
    found = [target_of(text) for text in options.targets or ["."]]
    return tuple(replace(target, expectations=expected, revision=options.revision) for target in found)


def target_of(text: str) -> Target:
    """One target: a folder, git URL, file, image or package. Raises UsageError."""
    if text.startswith("pkg:"):
        return Target("package", text, artifacts=(ArtifactInput(text, kind="package"),))
    path = Path(text)
    if path.is_dir() and not (path / "oci-layout").is_file():
        return Target("repository", _name(path), path=text)
    if path.is_dir():
        return Target("image", path.name, path=text, artifacts=(ArtifactInput(text, kind="image"),))
    if path.exists():
        kind = "image" if path.name.endswith((".tar", ".oci")) else "file"
        return Target(kind, path.name, path=text, artifacts=(ArtifactInput(text, kind=kind),))
    if _URL.match(text):
        from slsacheck.evidence.git import strip_credentials

        return Target("repository", strip_credentials(text), url=text)
    layout = re.fullmatch(r"(.+?)(?::[\w][\w.-]*|@sha256:[0-9a-f]{64})", text)
    if _IMAGE.fullmatch(text) or (layout and (Path(layout[1]) / "oci-layout").is_file()):
        return Target("image", text, artifacts=(ArtifactInput(text, kind="image"),))
    raise _nothing(text)


def _name(path: Path) -> str:
    """What a folder is called in reports: its own name, never the way to it on this machine."""
    return path.resolve().name or "/"


def _nothing(text: str) -> UsageError:
    near = difflib.get_close_matches(text, COMMANDS, n=1)
    advice = f"did you mean `slsacheck {near[0]}`?" if near else "a folder, git URL, file, image reference or purl"
    return UsageError(f"there is no {text!r} to assess", advice=advice)


def files_of(patterns: Iterable[str], flag: str) -> tuple[str, ...]:
    """The files that names or globs stand for, sorted, each once. Raises UsageError where one names none."""
    found: dict[str, None] = {}
    for pattern in patterns:
        files = _matching(pattern)
        if not files:
            raise UsageError(f"{flag} {pattern}: there is no such file")
        found.update(dict.fromkeys(files))
    return tuple(found)


def _matching(pattern: str) -> list[str]:
    if Path(pattern).is_file():
        return [pattern]
    files = sorted(name for name in glob.iglob(pattern, recursive=True) if Path(name).is_file())  # noqa: PTH207 - as typed
    if len(files) > MAX_FILES:
        raise UsageError(f"{pattern} names more than {MAX_FILES:,} files")
    return files


def artifact_inputs(options: Any) -> tuple[ArtifactInput, ...]:
    """The artifacts of an audit: files (with the publication they belong to, where it was said), images, packages."""
    found: dict[str, ArtifactInput] = {}
    for text in options.artifact:
        name, publication = _split(text)
        for file in files_of([name], "--artifact"):
            if file not in found or publication is not None:
                found[file] = ArtifactInput(file, publication)
    images = [ArtifactInput(reference, kind="image") for reference in options.image]
    packages = [ArtifactInput(purl, kind="package") for purl in options.package]
    for package in packages:
        if not package.reference.startswith("pkg:"):
            raise UsageError(
                f"--package {package.reference}: is not a package URL", advice="as in pkg:npm/NAME@VERSION"
            )
    return (*found.values(), *images, *packages)


def _split(text: str) -> tuple[str, str | None]:
    """`FILE[=PUBLICATION]`; a name with an equals sign that exists is the whole name."""
    if _matching(text):
        return text, None
    for place in [index for index, char in enumerate(text) if char == "="]:
        if _matching(text[:place]):
            return text[:place], text[place + 1 :] or None
    return text, None
