"""Finding and opening configuration files: the one that `--config` names, and one that lies in the target."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from slsacheck.config.settings import MAX_CONFIG, Config
from slsacheck.errors import Absent, ConfigError, InputError, Unavailable
from slsacheck.model import Problem

if TYPE_CHECKING:
    from slsacheck.config.document import Document, Table

__all__ = ["LOWERING", "NAMES", "config_from", "content", "discover", "load"]

NAMES = ("slsacheck.toml", "pyproject.toml")
"""Where a configuration may lie in a target; the first that has one counts."""
LOWERING = ("require", "strict", "distrust")
"""The settings that count from a file that `--config` did not name: they can only ask for more."""


def load(name: str, repository: str = ".") -> Config:
    """The configuration that `--config FILE|REV:PATH` names; REV:PATH is read from `repository` by git.

    A name with a colon is always REV:PATH: else a pull request could put a file `origin/main:slsacheck.toml` in
    the way. Write `./name:with-colon.toml` for such a file. Raises ConfigError.
    """
    return config_from(content(name, repository), name)


def config_from(raw: bytes, name: str) -> Config:
    """The configuration in the bytes of the file that `--config` named. Raises ConfigError."""
    from slsacheck.config.document import parse
    from slsacheck.config.reading import config_of

    document = parse(raw, name)
    table = _own(document, pyproject=os.path.basename(name.partition(":")[2] or name) == "pyproject.toml")
    if table is None:
        raise ConfigError("has no [tool.slsacheck]", where=name, advice="name the file that holds the configuration")
    return config_of(table, name)


def content(name: str, repository: str = ".") -> bytes:
    """The bytes of the file that `--config FILE|REV:PATH` names, as `load` reads it. Raises ConfigError."""
    revision, colon, path = name.partition(":")
    if colon and not name.startswith(("/", "./", "../")):
        return _from_git(revision, path, repository, name)
    return _from_file(name, follow=True)


def discover(directory: str) -> Config:
    """What a configuration that lies in the target may say: more demands, strictness, distrust.

    Never raises for the file's faults: they are `problems` of the result (exit status 4 in the end), and the
    assessment goes on without it.
    """
    for name in NAMES:
        try:
            found = _found(name, _from_file(os.path.join(directory, name), follow=False))
        except Absent:
            continue
        except ConfigError as error:
            return Config(problems=(_problem(error, name),))
        if found is not None:
            return found
    return Config()


def _found(name: str, raw: bytes) -> Config | None:
    """What counts of a file that was found; None where it is a pyproject.toml that does not speak of slsacheck."""
    pyproject = name == "pyproject.toml"
    if pyproject and b"slsacheck" not in raw:
        return None
    from slsacheck.config.document import parse
    from slsacheck.config.reading import lowering_of

    table = _own(parse(raw, name), pyproject=pyproject)
    return None if table is None else _with_ignored(lowering_of(table, name), table)


def _with_ignored(config: Config, table: Table) -> Config:
    from slsacheck.record import replace

    return replace(config, ignored=tuple(key for key in table.values if key not in LOWERING))


def _problem(error: ConfigError, name: str) -> Problem:
    return Problem(error.where or name, error.message, error.advice or "repair the configuration, or remove it")


def _own(document: Document, *, pyproject: bool) -> Table | None:
    """The table with our settings; None where a pyproject.toml has none."""
    from slsacheck.config.document import Table

    if not pyproject:
        return Table(document, (), document.values)
    tool = Table(document, (), document.values).table("tool")
    return tool.table("slsacheck") if "slsacheck" in tool.values else None


def _from_file(path: str, *, follow: bool) -> bytes:
    """The bytes of a regular file, at most MAX_CONFIG and one more. Raises Absent or ConfigError.

    `follow` is False in a target: a link there may lead anywhere.
    """
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY | (0 if follow else os.O_NOFOLLOW)
    try:
        descriptor = os.open(path, flags)
    except (FileNotFoundError, NotADirectoryError) as error:
        if follow:
            raise ConfigError("there is no such file", where=path, advice="`slsacheck init` writes one") from error
        raise Absent(f"there is no {path}") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        if not follow and os.path.islink(path):
            reason = "it is a link, which is not followed in a target"
        raise ConfigError(f"cannot be read: {reason}", where=path if follow else os.path.basename(path)) from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise ConfigError("is not a regular file", where=path if follow else os.path.basename(path))
    with os.fdopen(descriptor, "rb") as file:
        return file.read(MAX_CONFIG + 1)


def _from_git(revision: str, path: str, repository: str, name: str) -> bytes:
    """The bytes of a file in a revision, by git's plumbing under slsacheck's own settings."""
    from slsacheck.evidence.git.repository import Git

    if not revision or revision.startswith("-") or not path or "\n" in name:
        raise ConfigError(f"{name!r} is not REV:PATH", advice="as in --config origin/main:slsacheck.toml")
    try:
        git = Git(repository)
        try:
            found = git.object(name, MAX_CONFIG)
        finally:
            git.close()
    except Absent as error:
        advice = f"`git show {name}` in {repository} would show it; for a file with a colon write ./{name}"
        raise ConfigError("there is no such file in that revision", where=name, advice=advice) from error
    except (InputError, Unavailable) as error:
        raise ConfigError(str(error), where=name) from error
    if found.type != "blob":
        raise ConfigError(f"is a {found.type}, not a file", where=name)
    return found.data
