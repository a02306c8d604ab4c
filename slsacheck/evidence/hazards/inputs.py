"""What a release takes in: references that can move, tools of any version, caches, downloads."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slsacheck.model import Finding, Pin
from slsacheck.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from slsacheck.evidence.hazards.scene import Scene, Script
    from slsacheck.evidence.shell import Command
    from slsacheck.model import Job, Pipeline, Place, Reference, Step

__all__ = [
    "CHECKED",
    "caches",
    "downloads",
    "mutable_references",
    "mutable_workflows",
    "runs_download",
    "saves_program",
    "tools_of_any_version",
]

_TAGGED = ("slsa-framework/slsa-github-generator",)
"""What must be used by its tag, because verifiers look for the tag."""
_CACHING = regex(r"(?:^|/)(?:[\w-]*cache[\w-]*)$|/magic-nix-cache-action$|/rust-cache$|/gradle-build-action$")
_READS_CACHE = frozenset({"cache", "cache-from", "enable-cache", "cache-dependency-path", "use-gha-cache", "gha-cache"})
_OFF = frozenset({"", "false", "no", "none", "disabled"})
_REMOTE_CACHE = regex(r"--remote_cache[= ]|--cache-from[= ]|--import-cache[= ]|--cache-repo[= ]|\bsccache\b|\bccache\b")
_SHELLS = frozenset({"sh", "bash", "zsh", "dash", "python", "python3", "perl", "ruby", "node", "pwsh"})
_GETTERS = frozenset({"curl", "wget", "fetch"})
_FETCHED = regex(r"[$<]\((?:curl|wget)\s")
_WRAPPERS = frozenset({"sudo", "env", "exec", "command", "time", "nohup"})
CHECKED = regex(
    r"sha(?:256|512)sum|shasum|gpg\s+--verify|cosign\s+verify|minisign|openssl\s+dgst|slsa-verifier|gh\s+attestation"
)


def _weight(scene: Scene, job: Job, *, on_release: str, elsewhere: str) -> str:
    return on_release if scene.near_release(job) else elsewhere


def mutable_references(scene: Scene) -> Iterator[Finding]:
    """Actions, images and templates on the release path that others can change under the same name."""
    for pipeline, job in scene.jobs():
        if scene.matters(job):
            called = pipeline.system == "github-actions"  # reusable workflows have a rule of their own there
            used = (reference for reference, _ in scene.used(job) if not (called and reference is job.uses))
            for reference in used:
                yield from _reference(scene, job, reference)
    for pipeline in scene.pipelines:
        if pipeline.system != "github-actions":
            for reference in pipeline.includes:
                if reference.pin not in (Pin.LOCAL, Pin.SAME_REPOSITORY, Pin.SHA):
                    yield _movable(reference, "medium")


def _reference(scene: Scene, job: Job, reference: Reference) -> Iterator[Finding]:
    if reference.name in _TAGGED or "@sha256:" in reference.raw:
        return
    if reference.pin is Pin.BRANCH_OR_OTHER:
        yield _movable(reference, _weight(scene, job, on_release="medium", elsewhere="low"))
    elif reference.pin in (Pin.TAG, Pin.DOCKER_TAG):
        yield _movable(reference, "low")


def _movable(reference: Reference, severity: str) -> Finding:
    reason = f"{reference.raw} can change under the same name"
    if reference.pin is Pin.DOCKER_TAG:
        remedy = f"pin it by digest: {reference.raw.removeprefix('docker://')}@sha256:<64 hex>"
    else:
        remedy = f"pin it by commit: {reference.raw.partition('@')[0]}@<40 hex>  # {reference.ref or 'version'}"
    names = (
        "zizmor: unpinned-uses",
        "Scorecard: Pinned-Dependencies",
        "poutine: github_action_from_unverified_creator_used",
    )
    return Finding("unpinned-reference", severity, reason, (reference.at,), remedy, names)


def mutable_workflows(scene: Scene) -> Iterator[Finding]:
    """Reusable workflows of others by branch or tag: they run with this repository's tokens and secrets."""
    for pipeline, job in scene.jobs():
        reference = job.uses
        if reference is None or pipeline.system != "github-actions" or reference.name in _TAGGED:
            continue
        if reference.pin in (Pin.TAG, Pin.BRANCH_OR_OTHER, Pin.DYNAMIC):
            heavy = scene.matters(job) or _writes(pipeline, job)
            severity = "medium" if heavy and reference.pin is not Pin.TAG else "low"
            reason = f"{reference.raw} runs with this repository's rights and can change under the same name"
            remedy = f"pin it by commit: {reference.raw.partition('@')[0]}@<40 hex>  # {reference.ref}"
            yield Finding(
                "mutable-reusable-workflow", severity, reason, (reference.at,), remedy, ("zizmor: unpinned-uses",)
            )


def _writes(pipeline: Pipeline, job: Job) -> bool:
    return any(access == "write" for _, access in pipeline.permissions_of(job).scopes)


def caches(scene: Scene) -> Iterator[Finding]:
    """Caches that other runs can fill, read while a release is built."""
    for pipeline, job in scene.jobs():
        if not scene.near_release(job):
            continue
        events = scene.events(pipeline, job)
        found = [place for step in job.steps for place in _cached(step, events)]
        found += [
            item.at
            for item in job.options
            if item.name.split(".")[0] == "cache" and pipeline.system != "github-actions"
        ][:1]
        found += [place for script in scene.scripts(job) for place in _remote_cache(script)]
        for place in dict.fromkeys(found):
            reason = "the release is built with a cache that other runs can fill"
            remedy = "build releases without a cache, or with one that only release runs can write"
            yield Finding("cache-poisoning", "medium", reason, (place,), remedy, ("zizmor: cache-poisoning",))


def _cached(step: Step, events: list[dict[str, tuple[str, ...]]]) -> Iterator[Place]:
    if step.uses is None or _never(step.condition, events):
        return
    if _CACHING.search(step.uses.name) and "save" not in step.uses.path:
        yield step.uses.at
        return
    for item in step.inputs:
        off = item.value.strip().lower() in _OFF or ("${{" in item.value and _never(item.value, events))
        if item.name.lower() in _READS_CACHE and not off:
            yield item.at


def _never(condition: str, events: list[dict[str, tuple[str, ...]]]) -> bool:
    """Whether a condition holds for none of the events with which something is published."""
    from slsacheck.evidence.publications.expressions import truth

    return bool(condition and events) and all(truth(condition, event) is False for event in events)


def _remote_cache(script: Script) -> Iterator[Place]:
    for number, line in enumerate(script.text.splitlines()):
        if _REMOTE_CACHE.search(line) and not line.lstrip().startswith("#"):
            yield script.at(script.line + number)


def downloads(scene: Scene) -> Iterator[Finding]:
    """Programs from the network that run as they come."""
    for _, job in scene.jobs():
        if not scene.matters(job):
            continue
        for script in scene.scripts(job):
            if any(getter in script.text for getter in _GETTERS):
                yield from _downloaded(scene, job, script)


def _downloaded(scene: Scene, job: Job, script: Script) -> Iterator[Finding]:
    found = scene.commands(script)
    for command in found:
        if (runner := runs_download(command, found)) is not None:
            reason = f"what is downloaded here is run by {runner} without a look at it"
            remedy = "download a fixed version, compare its SHA-256 with a value in this repository, then run it"
            names = ("Scorecard: Pinned-Dependencies", "poutine: unverified_script_exec")
            severity = _weight(scene, job, on_release="medium", elsewhere="low")
            yield Finding("curl-pipe-shell", severity, reason, (script.at(command.line),), remedy, names)
        elif saves_program(command) and not CHECKED.search(script.text):
            reason = "a downloaded program is used and nothing compares it with a known digest"
            remedy = "compare it: echo '<sha256>  FILE' | sha256sum --check"
            yield Finding("unverified-download", "low", reason, (script.at(command.line),), remedy)


def runs_download(command: Command, found: tuple[Command, ...]) -> str | None:
    """The interpreter that runs what a command downloads: behind a pipe, or around `$(curl …)`."""
    name = command.program.rpartition("/")[2]
    if name in _SHELLS and any(_FETCHED.search(word) for word in command.argv[1:]):
        return name
    if command.program not in _GETTERS:
        return None
    for other in found:
        words = [word for word in other.argv if word not in _WRAPPERS and "=" not in word]
        if (
            other.pipe == command.pipe
            and other.stage > command.stage
            and words
            and words[0].rpartition("/")[2] in _SHELLS
        ):
            return words[0]
    return None


def saves_program(command: Command) -> bool:
    """Whether a command downloads a program into a file."""
    if command.program not in _GETTERS:
        return False
    from slsacheck.evidence.publications.scripts._outputs import saves

    written = any(operator in (">", ">|") for operator, _ in command.redirects)
    saved = written or command.program == "wget" or any(map(saves, command.argv))
    program = any(
        re.search(r"releases/download|\.(?:tar\.\w+|tgz|zip|deb|rpm|exe|bin)\b", word) for word in command.argv
    )
    return saved and program


def tools_of_any_version(scene: Scene) -> Iterator[Finding]:
    """Tools that a release installs in whatever version there is that day."""
    pattern = re.compile(
        r"\bgo\s+install\s+\S+@(?:latest|master|main)\b|\bnpm\s+(?:install|i)\s+(?:-g|--global)\s+(?!\S+@\d)[\w@/-]+|"
        r"\bnpx\s+(?:--yes\s+|-y\s+)?(?!\S+@\d)[\w@/-]+@latest|\bcargo\s+install\s+(?!.*(?:--version|--locked))[\w-]+"
    )
    for _, job in scene.jobs():
        if not scene.released(job):
            continue
        for script in scene.scripts(job):
            for match in pattern.finditer(script.text):
                line = script.line + script.text.count("\n", 0, match.start())
                yield _any_version(match.group(0), script.at(line))
        for step in job.steps:
            found = step.input("version")
            if step.uses is not None and found is not None and found.value.strip().lower() == "latest":
                yield _any_version(f"{step.uses.name} with version latest", found.at)


def _any_version(what: str, at: Place) -> Finding:
    remedy = "name the version, and let an update bot raise it"
    names = ("Scorecard: Pinned-Dependencies",)
    return Finding("unpinned-tool", "low", f"{what} takes whatever version there is that day", (at,), remedy, names)
