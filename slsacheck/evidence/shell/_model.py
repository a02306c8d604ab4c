"""What a script's reader gives back, and the bounds within which scripts are read."""

from __future__ import annotations

from slsacheck.record import record

__all__ = ["MAX_COMMANDS", "MAX_EXPANSION", "MAX_NESTING", "MAX_SCRIPT", "Command"]

MAX_SCRIPT = 256 * 1024
"""Bytes of one script that are read; the longest release script seen has 60 KB."""
MAX_COMMANDS = 5_000
"""Commands of one script that are given back; the longest release script seen has 700."""
MAX_NESTING = 60
"""Levels of `if`, loops, groups and substitutions that are entered; people write at most 8."""
MAX_EXPANSION = 4_096
"""Characters that a word may grow to when variables are filled in (`a=$a$a` doubles on every line)."""


@record
class Command:
    """One simple command of a script, in the order in which the text names it.

    `argv` holds its words without their quotes, known variables filled in, everything else (`$TAG`, `${{ … }}`,
    `$(git describe)`) as written; a command that only assigns has an empty `argv`. `lines` gives the line of each
    word. `uncertain` are the positions of words that are there only sometimes (`opts+=(--push)` inside an `if`).
    `choices` lists the values of the variables that have several. `pipe` is the same for the commands of one
    pipeline, `stage` their position in it. `guards` are the conditions that it stands under, outermost first;
    `scope` the subshells that it is in. `stdin` is the text of its heredoc, which begins on `stdin_line`.
    """

    argv: tuple[str, ...]
    line: int
    lines: tuple[int, ...] = ()
    assignments: tuple[tuple[str, str], ...] = ()
    redirects: tuple[tuple[str, str], ...] = ()
    uncertain: frozenset[int] = frozenset()
    choices: tuple[tuple[str, tuple[str, ...]], ...] = ()
    pipe: int = 0
    stage: int = 0
    guards: tuple[str, ...] = ()
    function: str = ""
    scope: tuple[int, ...] = ()
    stdin: str = ""
    stdin_line: int = 0

    @property
    def program(self) -> str:
        """The first word, `""` where the command only assigns."""
        return self.argv[0] if self.argv else ""
