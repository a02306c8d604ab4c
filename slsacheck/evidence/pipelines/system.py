"""What has to be known of a CI system before any of its files is opened."""

from __future__ import annotations

from slsacheck.record import record

__all__ = ["NOT_UNDERSTOOD", "PROGRAM", "System"]

NOT_UNDERSTOOD = "not understood: it is a program that makes the configuration when it runs"
PROGRAM = "program"
"""The option of a pipeline whose file is a program."""


@record
class System:
    """One CI system: its name, where its files lie, and the module that reads them.

    `files` are exact paths, `folders` those of which every YAML or JSON file counts (`deep`: below them too), `words`
    what the lower-case path of a file may hold, and `manifests` tells that any file that looks like a pipeline may be
    one of its own; where the path alone does not decide, `certain` is False. The module has a function `read(paths,
    sources)` that gives pipelines; without a module the system is recognised and not understood. `unread` says for
    people what a reader does not follow. `yields`: beside another living system its files are leftovers. `used_by`:
    it lives where a script says this word.
    """

    name: str
    module: str = ""
    files: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    deep: bool = False
    manifests: bool = False
    certain: bool = True
    yields: bool = False
    used_by: str = ""
    unread: str = ""
