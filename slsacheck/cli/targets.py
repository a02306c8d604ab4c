"""From the words of the command line to targets."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from slsacheck.cli.commands import COMMANDS
from slsacheck.config import overlaid
from slsacheck.config.near import near
from slsacheck.config.targets import target_of, told_apart
from slsacheck.errors import UsageError
from slsacheck.model import ArtifactInput, Expectations
from slsacheck.model.attestation import EXPECTED_TEXTS
from slsacheck.record import replace

if TYPE_CHECKING:
    from collections.abc import Iterable

    from slsacheck.model import Target

__all__ = [
    "artifact_inputs",
    "expectations_of",
    "files_of",
    "rebuilt_of",
    "repository_of",
    "targets_of",
    "with_attestations",
    "with_released",
]

MAX_FILES = 10_000
"""Files that one glob may name: a release of that size exists (a distribution's), one of 100,000 is a mistake."""


def expectations_of(options: Any) -> Expectations:
    """What the flags expect of provenance."""
    texts: dict[str, Any] = {name: getattr(options, name, None) for name in EXPECTED_TEXTS}
    return Expectations(build_workflow_input=tuple(options.build_workflow_input), **texts)


def targets_of(options: Any) -> tuple[Target, ...]:
    """The targets of a scan; without any it is the current folder. Raises UsageError for one that is not there."""
    expected = expectations_of(options)
    if options.evidence:
        return tuple(
            replace(target, expectations=overlaid(target.expectations, expected)) for target in _recorded(options)
        )
    found = told_apart(_target(text) for text in options.targets or ["."])
    return tuple(replace(target, expectations=expected, revision=options.revision) for target in found)


def _recorded(options: Any) -> tuple[Target, ...]:
    """The targets whose evidence was saved. Raises UsageError where others are given too."""
    from slsacheck.evidence import replay

    if options.targets:
        raise UsageError(f"--evidence {options.evidence} holds its targets", advice="leave TARGET out")
    return replay.load(options.evidence).targets


def _target(text: str) -> Target:
    """One target; what is none may be a command misspelt."""
    try:
        return target_of(text)
    except UsageError as error:
        if found := near(text, COMMANDS):
            error.advice = f"did you mean `slsacheck {found[0]}`?"
        raise


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
    if os.path.isfile(pattern):
        return [pattern]
    import glob

    files = sorted(name for name in glob.iglob(pattern, recursive=True) if os.path.isfile(name))
    if len(files) > MAX_FILES:
        raise UsageError(f"{pattern} names more than {MAX_FILES:,} files")
    return files


def rebuilt_of(texts: Iterable[str]) -> tuple[str, ...]:
    """The files, layouts and references that were built again. Raises UsageError for what is none of these."""
    if not texts:
        return ()
    from slsacheck.evidence.comparison.operands import is_image

    found: dict[str, None] = {}
    for text in texts:
        files = _matching(text)
        if not files and not is_image(text):
            raise UsageError(f"--rebuilt {text}: there is no such file")
        found.update(dict.fromkeys(files or [text]))
    return tuple(found)


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


def with_released(options: Any, targets: tuple[Target, ...]) -> tuple[Target, ...]:
    """The targets, the first of them with what is released and its attestations. Raises UsageError."""
    first, *others = targets
    given = (*first.artifacts, *artifact_inputs(options))
    first = replace(first, artifacts=given, complete=first.complete or options.complete)
    return with_attestations(options, (first, *others))


def with_attestations(options: Any, targets: tuple[Target, ...]) -> tuple[Target, ...]:
    """The targets, each with the attestations that were given. Raises UsageError for a file that is not there."""
    for flag, name in (("--trusted-root", options.trusted_root), ("--key", options.key)):
        if name is not None:
            files_of([name], flag)
    attestations = files_of(options.attestation, "--attestation")
    return tuple(
        replace(
            target,
            attestations=(*target.attestations, *attestations),
            trusted_root=options.trusted_root or target.trusted_root,
            public_key=options.key or target.public_key,
            platform=options.platform or target.platform,
            provenance_repository=repository_of(options) or target.provenance_repository,
        )
        for target in targets
    )


def repository_of(options: Any) -> str | None:
    """Where attestations of images are kept if not beside them: the flag, else cosign's variable."""
    return options.provenance_repository or os.environ.get("COSIGN_REPOSITORY") or None


def _split(text: str) -> tuple[str, str | None]:
    """`FILE[=PUBLICATION]`; a name with an equals sign that exists is the whole name."""
    if _matching(text):
        return text, None
    for place in [index for index, char in enumerate(text) if char == "="]:
        if _matching(text[:place]):
            return text[:place], text[place + 1 :] or None
    return text, None
