"""Scripts of the repository that are called to publish and cannot be read: what their words say goes where.

Such a publication is *partly read*: it is there so that nothing unprotected is passed over, never to raise a level.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slsacheck.errors import SlsacheckError
from slsacheck.evidence.publications.acts import Act, ActKind
from slsacheck.evidence.publications.images import channel_of_image, image_name
from slsacheck.patterns import regex
from slsacheck.record import replace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from slsacheck.evidence.publications.context import Context
    from slsacheck.model import Place

__all__ = ["acts_of_hints", "behind_task", "built_by_ko", "guessed", "may_be_trusted", "pushed", "released"]

MAX_HINTS = 8
"""Calls of one step that are looked at."""
MAX_TEXT = 400_000
"""Characters of a called script in which words are looked for."""
WORD = regex(r"[\w./\\-]+")
SCRIPT = regex(r".*\.(?:ps1|py|ts|mts|js|mjs|cjs|rb|pl|php|groovy|kts|cmd|bat|go)\b")
"""A file in a language that is not read; asked of one word at a time, so that long lines take no long time."""
PUBLISHES = regex(r"publish|release|upload|deploy|\bpush", re.IGNORECASE)
DRY = regex(r"dry[-_]?run|--check\b|--help\b", re.IGNORECASE)
NOT = regex(
    r"prepare|\btest|lint|changelog|notes|detect|verify|validate|version|bump|tag\b|docs|website|pages|"
    r"announce|comment|snapshot-only|nightly-notes|schedule",
    re.IGNORECASE,
)
WORDS = (  # what a script mentions: type, channel
    (
        regex(r"docker[^\n]{0,80}\bpush\b|\bpush\b[^\n]{0,40}docker|DockerCmd[^\n]{0,20}push", re.IGNORECASE),
        "container-image",
        "docker.io",
    ),
    (
        regex(
            r"\b(npm|pnpm|yarn)\b[^\n]{0,60}\bpublish\b|\[\s*['\"]publish['\"]|\bpublish\b[^\n]{0,40}/release-scripts",
            re.IGNORECASE,
        ),
        "npm-package",
        "npm",
    ),
    (regex(r"\btwine\b|upload\.pypi|uv['\", ]+publish", re.IGNORECASE), "python-package", "pypi"),
    (regex(r"\bcargo\b[^\n]{0,30}\bpublish\b", re.IGNORECASE), "crate", "crates.io"),
    (regex(r"\bgem\b[^\n]{0,10}\bpush\b", re.IGNORECASE), "ruby-gem", "rubygems"),
    (regex(r"\bnuget\b[^\n]{0,30}\bpush\b", re.IGNORECASE), "nuget-package", "nuget"),
    (
        regex(
            r"uploadReleaseAsset|upload_release_asset|upload_asset|gh[\"', ]+release|create_git_release|"
            r"releases/\{?\w*\}?/assets"
        ),
        None,
        "github-release",
    ),
    (
        regex(r"\bboto3?\b|s3\.(put|upload)|aws[\"',\s]+s3\b|upload_blob|upload_from_filename"),
        None,
        "object-storage",
    ),
)
PUSHER = regex(
    r"(?:^|[;&(\s])(?P<path>[\w.-]*/(?:[\w.-]+/)*[\w-]*(?:push|publish)[\w-]*)[ \t]+(?P<rest>[^\n;&|)]*)", re.MULTILINE
)
"""A program of the repository's own, named for what it does, with what it is given."""
REGISTRY = regex(
    r"^(?:\$\{?CI_REGISTRY_IMAGE\b|(?:[\w-]+\.)*(?:docker\.(?:io|com)|ghcr\.io|quay\.io|gcr\.io|pkg\.dev|azurecr\.io|"
    r"amazonaws\.com|registry\.[\w.-]+)/)"
)
RELEASES = regex(
    r"(?:^|[;&|]\s*)(?P<tool>make|task|just|mage|go run \S+)[ \t]+(?:-\S+[ \t]+)*"
    r"(?P<task>[\w:.-]*release[\w:.-]*)[^\n;&|]*",
    re.MULTILINE,
)
TASKS = regex(
    r"(?:^|[;&|]\s*)(?P<tool>mage|nox|invoke|inv|rake|go[ \t]+run[ \t]+\S+)[ \t]+[\w-][^\n;&|]*", re.MULTILINE
)
"""Tasks that are programs."""
NOT_RELEASE = regex(
    r"snapshot|dry|test|check|lint|verify|notes|changelog|prepare|version|draft-only|docs", re.IGNORECASE
)
INSTALLER = "goreleaser/goreleaser-action"
NPM_COMMAND = regex(r"\b(?:npm|pnpm)[ \t]+publish\b([^`\"'\n]{0,500})")
NPM_CALL = regex(r"(?:npm|yarn|exec\w*|spawn\w*|run\w*)\W{1,20}[\"']publish[\"']")
"""A call of npm in parts, whose flags stand elsewhere."""
FLAG = regex(r"--provenance(?![\w-]|[= ]false)")
NPM_TOKEN = regex(r"NODE_AUTH_TOKEN|NPM_TOKEN|NPM_AUTH", re.IGNORECASE)


def acts_of_hints(text: str, at: Place, context: Context) -> Iterator[Act]:
    """Guessed publications for the scripts that a step calls to publish; the step's own acts hold none."""
    from slsacheck.evidence.publications.scripts.indirect import spoken

    found, number = 0, at.line or 1
    for offset, line in enumerate(text.split("\n")):
        if found >= MAX_HINTS:
            break
        called = _called(line)
        if called is None:
            continue
        if not PUBLISHES.search(spoken(*called)) or NOT.search(called[0]) or DRY.search(" ".join(called)):
            continue
        path = _local(called[0], context)
        if path is None or path in context.seen:
            continue
        found += 1
        yield from guessed(path, replace(at, line=number + offset, column=None), context)


def _called(line: str) -> tuple[str, str] | None:
    """The first such file that a line names outside comments, and what is behind it."""
    for word in WORD.finditer(line.partition("#")[0]):
        match = SCRIPT.match(word[0])
        if match is not None:
            return match[0], line[word.start() + match.end() :]
    return None


def pushed(text: str, at: Place) -> Iterator[Act]:
    """Images that a compiled program of the repository pushes: it is given references in a registry."""
    for match in PUSHER.finditer(text):
        for word in match["rest"].split():
            name = word.strip("\"'")
            if not REGISTRY.match(name) or DRY.search(match["rest"]):
                continue
            yield Act(
                kind=ActKind.PUBLISH,
                tool=match["path"],
                at=replace(at, line=(at.line or 1) + text[: match.start("path")].count("\n"), column=None),
                type="container-image",
                channel=channel_of_image(name),
                name=image_name(name),
                provenance="no",
                detail=(("guessed", "yes"),),
            )


def _local(word: str, context: Context) -> str | None:
    path = word.replace("\\", "/").removeprefix("./")
    for candidate in (f"{context.directory}/{path}".strip("/"), path.lstrip("/")):
        if context.tree.exists(candidate):
            return candidate
    return None


def guessed(path: str, at: Place, context: Context) -> Iterator[Act]:
    """What a script that cannot be read publishes, to judge by the words in it."""
    try:
        text = context.tree.text(path)[:MAX_TEXT]
    except SlsacheckError:
        return
    for pattern, kind, channel in WORDS:
        if (match := pattern.search(text)) is None:
            continue
        flagged = channel == "npm" and _flagged(text)
        trusted = channel == "npm" and not flagged and may_be_trusted(context)
        yield Act(
            kind=ActKind.PUBLISH,
            tool=path,
            at=at,
            type=kind,
            channel=channel,
            provenance="unknown" if trusted else "yes" if flagged else "no",
            root="npm-provenance" if trusted or flagged else None,
            external=("npm's settings for the package: trusted publishing makes provenance by itself",)
            if trusted
            else (),
            detail=(("guessed", "yes"), ("script-line", f"{path}:{text.count(chr(10), 0, match.start()) + 1}")),
        )


def _flagged(text: str) -> bool:
    """Whether each command of a program that publishes to npm is spelled out there with `--provenance`."""
    code = "\n".join(line for line in text.split("\n") if not line.lstrip().startswith(("//", "#", "*", "/*")))
    commands = NPM_COMMAND.findall(code)
    return bool(commands) and all(FLAG.search(rest) for rest in commands) and not NPM_CALL.search(code)


def released(text: str, at: Place, context: Context) -> Iterator[Act]:
    """What GoReleaser's configuration publishes, where a release starts a program that cannot be followed.

    `make release` that hands every target to a program of the repository's own, or `go run ./ci release`: the release
    tool is behind it, and what it publishes stands in its configuration.
    """
    match = next((one for one in RELEASES.finditer(text) if not NOT_RELEASE.search(one[0])), None)
    if match is None or not _may_release(context) or _followed(match["tool"], match["task"], context):
        return
    line = (at.line or 1) + text.count("\n", 0, match.start("tool"))
    yield from _by_goreleaser(match[0].strip(), replace(at, line=line, column=None), context)


def behind_task(program: str, at: Place, context: Context) -> Iterator[Act]:
    """What GoReleaser's configuration publishes, where a job that installs it runs a task that is a program."""
    installs = any(
        step.uses is not None and step.uses.name.lower() == INSTALLER and step.input("install-only") is not None
        for step in context.job.steps
    )
    if installs and not NOT_RELEASE.search(program) and _may_release(context):
        yield from _by_goreleaser(program, at, context)


def built_by_ko(text: str, at: Place, context: Context) -> Iterator[Act]:
    """An image that a program pushes which is not followed, where the step says to ko which registry takes it."""
    name = context.env.get("KO_DOCKER_REPO", "")
    lines = text.replace("\\\n", "  ")
    match = next((one for one in TASKS.finditer(lines) if not NOT_RELEASE.search(one[0])), None)
    if match is None or not REGISTRY.match(name):
        return
    yield Act(
        kind=ActKind.PUBLISH,
        tool="ko",
        at=replace(at, line=(at.line or 1) + text.count("\n", 0, match.start("tool")), column=None),
        type="container-image",
        channel=channel_of_image(name),
        name=image_name(name),
        provenance="no",
        detail=(("guessed", "yes"), ("builds", "yes")),
    )


def _by_goreleaser(program: str, at: Place, context: Context) -> Iterator[Act]:
    from slsacheck.evidence.publications.scripts._run import acts_of_command

    for act in acts_of_command(("goreleaser", "release"), at, context):
        told = (f"{program}: what this program does; GoReleaser's configuration is taken for its own",)
        yield replace(act, external=(*act.external, *told), detail=(*act.detail, ("guessed", "yes")))


def _may_release(context: Context) -> bool:
    """Whether the repository has a configuration of GoReleaser and the job a token that can write."""
    from slsacheck.evidence.publications.scripts.goreleaser import PLACES

    writes = context.permissions.access("contents") == "write" or any("TOKEN" in name for name in context.env)
    return writes and any(context.tree.exists(path) for path in PLACES)


def _followed(tool: str, task: str, context: Context) -> bool:
    """Whether a file of the repository says what that task does."""
    from slsacheck.evidence.publications.scripts import _just, _make, _task
    from slsacheck.evidence.publications.scripts._call import joined_path

    if tool == "make":
        return any(task in rule.targets for rule in _make.makefile_of(context).rules)
    files = {"task": _task.NAMES, "just": _just.NAMES}
    named = rf"^[ \t]*{re.escape(task)}\b[^\n=]*:"
    for name in files.get(tool, ()):
        path = joined_path(context.directory, name)
        try:
            if context.tree.exists(path) and re.search(named, context.tree.text(path), re.MULTILINE):
                return True
        except SlsacheckError:
            continue
    return False


def may_be_trusted(context: Context) -> bool:
    """Whether npm's trusted publishing is possible: an identity token, and no npm token in sight."""
    return context.permissions.access("id-token") == "write" and not any(
        NPM_TOKEN.search(name) for name, value in context.env.items() if value
    )
