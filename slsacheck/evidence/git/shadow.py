"""A git directory of our own in front of the target's, so that nothing in the target's configuration reaches git.

git reads its orders (fsmonitor, filters, text conversion, pagers, ssh commands, promisor remotes, includes, aliases,
credential helpers, hooks) from the configuration and the hooks of the git directory. The shadow has a configuration
that we write and no hooks; HEAD is copied, references, index and objects are those of the target. That takes away the
whole class, whatever keys future versions of git add, instead of overriding the dangerous keys known today.
"""

import os

from slsacheck.errors import Unavailable
from slsacheck.evidence.git.gitdir import MAX_POINTER, Located, read_small

__all__ = ["Shadow", "find_git", "private_directory"]

_LINKED = ("refs", "packed-refs", "shallow", "info", "reftable")
_SAFE_VALUES = {
    "core.filemode": ("true", "false"),
    "core.symlinks": ("true", "false"),
    "core.ignorecase": ("true", "false"),
    "core.autocrlf": ("true", "false", "input"),
    "core.eol": ("lf", "crlf", "native"),
    "extensions.objectformat": ("sha1", "sha256"),
    "extensions.refstorage": ("files", "reftable"),
}
"""What is taken over from the target's configuration: how its bytes are stored, and never a name or a command."""

_OURS = """\
[core]
	repositoryformatversion = 1
	bare = {bare}
	fsmonitor = false
	untrackedCache = false
	hooksPath = /dev/null
	attributesFile = /dev/null
	excludesFile = /dev/null
	pager = cat
	sshCommand = false
	askPass = false
	commitGraph = false
	multiPackIndex = false
[protocol]
	allow = never
[credential]
	helper =
[gc]
	auto = 0
[maintenance]
	auto = false
[submodule]
	recurse = false
"""


def find_git() -> str:
    """The absolute path of git, from the absolute entries of PATH only. Raises Unavailable where there is none."""
    for directory in os.environ.get("PATH", os.defpath).split(os.pathsep):
        candidate = os.path.join(directory, "git")
        if os.path.isabs(directory) and os.access(candidate, os.X_OK) and os.path.isfile(candidate):
            return candidate
    raise Unavailable("git is not installed", advice="install git 2.31 or newer")


class Shadow:
    """The git directory that git is shown; `env` is the whole environment that git gets. Close it after use."""

    def __init__(self, located: Located) -> None:
        self.directory = private_directory()
        self._pid = os.getpid()
        try:
            self._fill(located)
        except BaseException:
            self.close()
            raise
        self.env = _environment(self.directory, located)

    def _fill(self, located: Located) -> None:
        head = read_small(os.path.join(located.directory, "HEAD"), MAX_POINTER)
        _write(os.path.join(self.directory, "HEAD"), head or b"")
        _write(os.path.join(self.directory, "config"), _configuration(located).encode())
        for name in _LINKED:
            source = os.path.join(located.common, name)
            if os.path.isfile(source) or os.path.isdir(source):
                os.symlink(source, os.path.join(self.directory, name))
        if not located.bare:
            for name in _shared_indexes(located.directory):
                os.symlink(os.path.join(located.directory, name), os.path.join(self.directory, name))

    def close(self) -> None:
        """Takes the directory away, in the process that made it. What it links to stays."""
        if self._pid != os.getpid():
            return
        try:
            for entry in os.listdir(self.directory):
                os.unlink(os.path.join(self.directory, entry))
            os.rmdir(self.directory)
        except OSError:
            return  # closed before, or somebody else cleared the temporary directory; a left-over harms nobody


def _configuration(located: Located) -> str:
    text = _OURS.format(bare="true" if located.bare else "false")
    for key, values in _SAFE_VALUES.items():
        value = (located.setting(key) or "").lower()
        if value in values:
            section, _, name = key.partition(".")
            text += f"[{section}]\n\t{name} = {value}\n"
    return text


def _environment(directory: str, located: Located) -> dict[str, str]:
    """All that git sees of the environment; nothing of the caller's GIT_* variables comes through."""
    path = os.environ.get("PATH", os.defpath).split(os.pathsep)
    return {
        "PATH": os.pathsep.join(part for part in path if os.path.isabs(part)),
        "HOME": directory,
        "XDG_CONFIG_HOME": directory,
        "LC_ALL": "C",
        "TZ": "UTC",
        "GIT_DIR": directory,
        "GIT_WORK_TREE": located.top,
        "GIT_INDEX_FILE": os.path.join(located.directory, "index"),
        "GIT_OBJECT_DIRECTORY": os.path.join(located.common, "objects"),
        "GIT_GRAFT_FILE": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_ALLOW_PROTOCOL": "",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "false",
        "GIT_SSH_COMMAND": "false",
        "GIT_PAGER": "cat",
        "GIT_EDITOR": "false",
        "GIT_LITERAL_PATHSPECS": "1",
        "GIT_DISCOVERY_ACROSS_FILESYSTEM": "0",
    }


def _shared_indexes(directory: str) -> list[str]:
    """Names of split index files (git-update-index, SPLIT INDEX); more than a few are left-overs or an attack."""
    names: list[str] = []
    with os.scandir(directory) as entries:
        for entry in entries:
            if entry.name.startswith("sharedindex.") and entry.is_file(follow_symlinks=False):
                names.append(entry.name)
            if len(names) >= 16:  # noqa: PLR2004 - git itself keeps those of the last two weeks, in practice one or two
                break
    return names


def private_directory() -> str:
    """The path of a new temporary directory that only this user can read. Raises Unavailable where none can be made."""
    base = os.environ.get("TMPDIR") or "/tmp"  # noqa: S108 - mkdir refuses a name that exists, and the name is random
    path = os.path.join(base, f"slsacheck-{os.urandom(12).hex()}")
    try:
        os.mkdir(path, 0o700)
    except OSError as error:
        message = f"no temporary directory can be made in {base}: {error.strerror}"
        raise Unavailable(message, advice="set TMPDIR to one that can be written") from error
    return path


def _write(path: str, data: bytes) -> None:
    with open(path, "xb") as stream:
        stream.write(data)
