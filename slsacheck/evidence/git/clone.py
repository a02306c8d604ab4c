"""Fetching a repository that the user named by its URL, bounded, into a bare temporary repository."""

import os
import re
import time

from slsacheck.errors import SlsacheckError, Unavailable, UsageError
from slsacheck.evidence.git.remotes import strip_credentials
from slsacheck.evidence.git.shadow import find_git, private_directory
from slsacheck.evidence.git.spawn import Child
from slsacheck.patterns import regex

__all__ = ["clone", "remove"]

SECONDS = 600.0
"""Time for a clone without history of one of the largest public repositories over a slow line."""
MAX_BYTES = 4 << 30
"""Bytes on disk; the largest public repositories have 2 GB without their history."""
DEPTH = 50
"""Commits fetched: enough to see whether they carry signatures, little enough to be quick."""

_SCHEME = regex(r"(https?|ssh|git|file)://", re.IGNORECASE)
_SCP = regex(r"[\w.-]+@[\w.-]+:(?!-)")
_OVERRIDES = (
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.askPass=",
    "credential.interactive=false",
    "fetch.recurseSubmodules=false",
    "transfer.fsckObjects=true",
    "transfer.bundleURI=false",
    "init.templateDir=",
)


def clone(url: str, revision: str | None = None) -> str:
    """The path of a new bare repository with the last `DEPTH` commits of a URL, all history where a revision is asked.

    The user's own git configuration counts (credential helpers, ssh), as the user named the host; nothing of what
    was fetched is checked out or run. Raises UsageError for a URL of another form, Unavailable where it fails, takes
    longer than `SECONDS` or grows over `MAX_BYTES`.
    """
    scheme = _scheme(url)
    directory = private_directory()
    target = os.path.join(directory, "clone.git")
    options = [word for item in _OVERRIDES for word in ("-c", item)]
    depth = [] if revision else [f"--depth={DEPTH}"]
    command = [find_git(), *options, "clone", "--quiet", "--bare", "--no-local", *depth, "--", url, target]
    child = Child(command, _environment(scheme))
    try:
        message = _watch(child, directory)
    except SlsacheckError:
        child.kill()
        remove(directory)
        raise
    code = child.wait()
    child.kill()
    if code:
        remove(directory)
        said = message.decode("utf-8", "replace").replace(url, strip_credentials(url)).strip().splitlines()
        reason = said[-1].removeprefix("fatal: ")[:300] if said else f"git clone ended with {code}"
        raise Unavailable(
            f"{strip_credentials(url)} cannot be cloned: {reason}", advice="check the URL and your access"
        )
    return target


def remove(directory: str) -> None:
    """Takes a directory made by `clone` away, links not followed."""
    for folder, folders, files in os.walk(directory, topdown=False):
        for name in files:
            os.unlink(os.path.join(folder, name))
        for name in folders:
            path = os.path.join(folder, name)
            (os.unlink if os.path.islink(path) else os.rmdir)(path)
    if os.path.isdir(directory):
        os.rmdir(directory)


def _scheme(url: str) -> str:
    match = _SCHEME.match(url)
    if match is not None:
        return match[1].lower()
    if _SCP.match(url):
        return "ssh"
    raise UsageError(f"{strip_credentials(url)} is not a git URL", advice="https://, ssh://, git:// or git@HOST:PATH")


def _environment(scheme: str) -> dict[str, str]:
    kept = ("PATH", "HOME", "XDG_CONFIG_HOME", "SSH_AUTH_SOCK", "SSL_CERT_FILE", "SSL_CERT_DIR")
    proxies = ("http_proxy", "https_proxy", "no_proxy", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY", "all_proxy")
    found = {name: os.environ[name] for name in (*kept, *proxies) if name in os.environ}
    return found | {
        "LC_ALL": "C",
        "GIT_ALLOW_PROTOCOL": scheme,
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "false",
        "SSH_ASKPASS_REQUIRE": "never",
        "GIT_SSH_COMMAND": "ssh -o BatchMode=yes -o ConnectTimeout=30",
        "GIT_LFS_SKIP_SMUDGE": "1",
    }


def _watch(child: Child, directory: str) -> bytes:
    """Waits for the end of a clone and looks at its size now and then; what it says on standard error."""
    deadline = time.monotonic() + SECONDS
    message = b""
    while True:
        said = child.said(min(time.monotonic() + 0.5, deadline))
        if said == b"":
            return message
        message = (message + (said or b""))[-4096:]
        if time.monotonic() >= deadline:
            raise Unavailable(
                "the clone takes too long and was stopped", advice="clone it yourself and give the folder"
            )
        if _size(directory) > MAX_BYTES:
            raise Unavailable(f"the clone grows over {MAX_BYTES >> 30} GiB and was stopped")


def _size(directory: str) -> int:
    total = 0
    for folder, _, files in os.walk(directory):
        for name in files:
            try:
                total += os.lstat(os.path.join(folder, name)).st_size
            except OSError:
                continue  # git renames its temporary files while we look
    return total
