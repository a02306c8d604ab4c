"""What endangers a published image in the Dockerfile that it is built from. Imported only where there is one.

The crosswalk names the rules of Scorecard, hadolint, Docker's own build checks and the CIS Docker Benchmark.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slsacheck.evidence.dockerfiles import assignments, expanded, images_of, reached, scripts_of, triggered, walk
from slsacheck.evidence.hazards.inputs import CHECKED, runs_download, saves_program
from slsacheck.evidence.secrets import kind_of_secret
from slsacheck.model import Finding, Place
from slsacheck.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from slsacheck.evidence.dockerfiles import ImageUse, Instruction, Published, Shellscript, Stage
    from slsacheck.evidence.shell import Command

__all__ = ["PINNED", "RULES", "commands_of", "dockerfile_hazards", "place_of"]

MAX_FOUND = 300
"""Findings of one Dockerfile that are told; the worst real one seen has 40."""
MAX_SCRIPTS = 1_000
"""Scripts of one Dockerfile that are parsed; an image can have 127 layers."""
PINNED = regex(r"@sha256:[0-9a-f]{64}$")
REMOTE = regex(r"^https?://", re.IGNORECASE)
GIT = regex(r"^(?:git@|git://|ssh://)|^https?://[^?#]*\.git(?:[?#]|$)", re.IGNORECASE)
GIT_PINNED = regex(r"#[0-9a-f]{40}(?:[:?]|$)|[?&](?:checksum|commit)=[0-9a-f]{40}")
SECRET_NAME = regex(
    r"(?:^|_)(?:password|passwd|pword|secret|token|api_?key|access_?key|private_?key|secret_?key|auth_?key|"
    r"credentials?)(?:$|_(?!file|path|dir|url|uri|name|id$|length|ttl|type|header|expir))",
    re.IGNORECASE,
)
NOT_SECRET_NAME = regex(r"public|^gpg_|tokeniz|_keys?_?(?:id|ring|server)", re.IGNORECASE)
NOT_SECRET = regex(r"^(?:|true|false|yes|no|none|null|\d{1,3}|/.*|https?://[^@]*|<.*>|\*+|x+)$", re.IGNORECASE)
GETTERS = ("curl", "wget", "fetch", "http")
UNPACKERS = frozenset({"tar", "bsdtar", "gunzip", "unzip", "zcat", "xz", "cpio", "dpkg", "rpm"})


def dockerfile_hazards(dockerfiles: Iterable[Published]) -> list[Finding]:
    """Every hazard in the stages that are built for what is published."""
    found: list[Finding] = []
    for published in dockerfiles:
        told = [one for rule in RULES for one in rule(published)]
        found += told[:MAX_FOUND]
    return found


def place_of(published: Published, line: int, excerpt: str | None = None) -> Place:
    """A line of the Dockerfile."""
    return Place(path=published.dockerfile.path, line=line, excerpt=excerpt)


def movable_images(published: Published) -> Iterator[Finding]:
    """Images that the build of a published image uses and others can change under the same name."""
    for use in images_of(published.dockerfile, published.stage, published.contexts):
        if use.resolved and not PINNED.search(use.reference):
            yield _movable(published, use)


def _movable(published: Published, use: ImageUse) -> Finding:
    told = {
        "frontend": "reads this Dockerfile and runs in its build",
        "base": "is what the image is built on",
        "copy": "gives files to the image",
        "mount": "is mounted while the image is built",
    }
    reason = f"{use.reference} {told[use.kind]}, and can change under the same name"
    name = use.reference.partition("@")[0]
    remedy = f"pin it by digest (crane digest {name}), and let an update bot raise it: {name}@sha256:<64 hex>"
    names = (
        "Scorecard: Pinned-Dependencies",
        "hadolint: DL3006, DL3007",
        "CIS Docker Benchmark: 4.2",
        "SLSA threats: dependency threats",
    )
    return Finding("unpinned-reference-in-dockerfile", "low", reason, (place_of(published, use.line),), remedy, names)


def remote_files(published: Published) -> Iterator[Finding]:
    """Files that ADD takes from the network, which nothing compares with a known digest."""
    for stage in _stages(published):
        checks = [script.text for _, script in list(scripts_of(stage))[:MAX_SCRIPTS] if CHECKED.search(script.text)]
        for outer, known in walk(published.dockerfile, stage):
            one = triggered(outer) or outer
            if one.name != "ADD" or one.flag("checksum") or _compared(one, checks):
                continue
            for word in one.words[:-1]:
                source, _ = expanded(word.strip("\"'"), known)
                if REMOTE.match(source) or GIT.match(source):
                    yield from _remote(published, one, source)


def _compared(one: Instruction, checks: list[str]) -> bool:
    """Whether a script of the stage that compares digests speaks of the file that ADD writes."""
    name = one.words[-1].strip("\"'").rstrip("/").rpartition("/")[2] if one.words else ""
    return bool(name) and any(name in text for text in checks[:20])


def _remote(published: Published, one: Instruction, source: str) -> Iterator[Finding]:
    if GIT.match(source):
        if GIT_PINNED.search(source):
            return
        reason = "ADD takes a git repository by a name that can move"
        remedy = "name the commit: ADD https://HOST/OWNER/REPOSITORY.git#<40 hex> /DIRECTORY"
    else:
        reason = "ADD takes a file from the network and nothing in this file compares it with a known digest"
        remedy = "name its digest: ADD --checksum=sha256:<64 hex> URL /FILE"
    plain = source.lower().startswith("http://")
    names = ("Scorecard: Pinned-Dependencies", "CIS Docker Benchmark: 4.9, 4.11", "SLSA threats: dependency threats")
    severity = "medium" if plain else "low"
    yield Finding(
        "unverified-download-in-dockerfile", severity, reason, (place_of(published, one.line),), remedy, names
    )


def downloads(published: Published) -> Iterator[Finding]:
    """Programs from the network that RUN starts as they come, or unpacks without comparing them with a digest."""
    for stage in _stages(published):
        scripts = list(scripts_of(stage))[:MAX_SCRIPTS]
        checked = any(CHECKED.search(script.text) for _, script in scripts)
        for _, script in scripts:
            if any(getter in script.text for getter in GETTERS):
                yield from _downloaded(published, script, checked=checked)


def _downloaded(published: Published, script: Shellscript, *, checked: bool) -> Iterator[Finding]:
    found = commands_of(script)
    for command in found:
        at = (place_of(published, command.line),)
        runner = runs_download(command, found)
        if runner is not None:
            reason = f"what is downloaded here is run by {runner} while the image is built, without a look at it"
            remedy = "download a fixed version, compare its SHA-256 with a value in this file, then run it"
            names = ("Scorecard: Pinned-Dependencies", "hadolint: DL4006", "CIS Docker Benchmark: 4.11")
            yield Finding("curl-pipe-shell-in-dockerfile", "medium", reason, at, remedy, names)
        elif not checked and (saves_program(command) or _unpacks(command, found)):
            reason = "a downloaded program goes into the build and nothing in this file compares it with a known digest"
            remedy = (
                "compare it: echo '<sha256>  FILE' | sha256sum --check, or ADD --checksum=sha256:<64 hex> URL /FILE"
            )
            names = ("Scorecard: Pinned-Dependencies", "CIS Docker Benchmark: 4.11", "SLSA threats: dependency threats")
            yield Finding("unverified-download-in-dockerfile", "low", reason, at, remedy, names)


def _unpacks(command: Command, found: tuple[Command, ...]) -> bool:
    """Whether what a command downloads goes straight into an archiver."""
    if command.program not in ("curl", "wget"):
        return False
    return any(
        other.pipe == command.pipe and other.stage > command.stage and other.program.rpartition("/")[2] in UNPACKERS
        for other in found
    )


def commands_of(script: Shellscript) -> tuple[Command, ...]:
    """The commands of a script; none where it is over the bounds of one."""
    from slsacheck.errors import InputError
    from slsacheck.evidence.shell import commands

    try:
        return commands(script.text, script.line, shell=script.shell)
    except InputError:
        return ()


def baked_secrets(published: Published) -> Iterator[Finding]:
    """Credentials in ENV, ARG or elsewhere in the file: they stay in the image's history, and in its provenance."""
    known = {name for name, _ in published.dockerfile.arguments}
    for stage in _stages(published):
        for one in stage.instructions:
            if kind := kind_of_secret(one.text):
                yield _shaped(published, one, kind)
            elif one.name in ("ENV", "ARG"):
                for name, value in assignments(one):
                    if SECRET_NAME.search(name) and not NOT_SECRET_NAME.search(name):
                        yield from _named(published, one, name, value, given=name in known)


def _shaped(published: Published, one: Instruction, kind: str) -> Finding:
    at = place_of(published, one.line, f"{one.name} … (not shown)")
    reason = f"{one.name} holds what has the shape of {kind}; everybody who has this file or the image can read it"
    remedy = "revoke it, then hand such things over with RUN --mount=type=secret,id=NAME"
    names = ("Docker build check: SecretsUsedInArgOrEnv", "CIS Docker Benchmark: 4.10")
    return Finding("secret-exposure-in-dockerfile", "high", reason, (at,), remedy, names)


def _named(published: Published, one: Instruction, name: str, value: str | None, *, given: bool) -> Iterator[Finding]:
    written = value is not None and not NOT_SECRET.match(value)
    if not written and (one.name == "ENV" or given):
        return
    at = place_of(published, one.line, f"{one.name} {name[:80]}" + ("=… (not shown)" if value else ""))
    kept = "stays in the image" if one.name == "ENV" else "stays in the image's history and provenance"
    reason = f"{one.name} {name[:80]} is named like a credential, and what it holds {kept}"
    remedy = f"RUN --mount=type=secret,id={name[:80]} and read /run/secrets/{name[:80]} there"
    names = (
        "Docker build check: SecretsUsedInArgOrEnv",
        "CIS Docker Benchmark: 4.10",
        "hadolint: secrets in ENV or ARG",
    )
    severity = "medium" if written else "low"
    yield Finding("secret-exposure-in-dockerfile", severity, reason, (at,), remedy, names)


def weak_isolation(published: Published) -> Iterator[Finding]:
    """Steps of the build that leave its sandbox: without confinement, or on the network of the machine."""
    for stage in _stages(published):
        for one in stage.instructions:
            if one.name == "RUN" and one.flag("security") == "insecure":
                reason = "this step runs with all rights on the machine that builds, so it can change other builds"
                remedy = (
                    "do without --security=insecure: build in user space (rootless), or move the step out of the image"
                )
                yield Finding(
                    "weakened-isolation-in-dockerfile", "medium", reason, (place_of(published, one.line),), remedy
                )
            elif one.name == "RUN" and one.flag("network") == "host":
                reason = "this step shares the network of the machine that builds, with whatever listens there"
                remedy = "leave --network=host out, or use --network=none where nothing is fetched"
                yield Finding(
                    "weakened-isolation-in-dockerfile", "low", reason, (place_of(published, one.line),), remedy
                )


def _stages(published: Published) -> tuple[Stage, ...]:
    return reached(published.dockerfile, published.stage)


RULES = (movable_images, remote_files, downloads, baked_secrets, weak_isolation)
"""Every rule: a function of a Dockerfile as it is built for a release."""
