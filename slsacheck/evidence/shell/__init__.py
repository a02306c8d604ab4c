"""Reads shell scripts: which commands they hold, with which words, on which line. Nothing is executed.

`commands` reads POSIX shells with tree-sitter-bash, whose import costs time: a script of plain lines is read without
it, and a script that is over the bounds, or written for another shell, line by line.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from slsacheck.errors import InputError
from slsacheck.evidence.shell._model import MAX_SCRIPT, Command
from slsacheck.evidence.shell._options import holds
from slsacheck.evidence.shell._plain import read_plain
from slsacheck.evidence.shell._shield import Shield
from slsacheck.evidence.shell._variables import SEVERAL, Variables
from slsacheck.evidence.shell._words_of_interest import worth_parsing
from slsacheck.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["MAX_SCRIPT", "SEVERAL", "Command", "commands", "holds", "worth_parsing"]

_OTHER_SHELLS = ("pwsh", "powershell", "cmd")
_ENVIRONMENT = regex(r"\$(?:env:(\w+)|\{env:(\w+)\})|%(\w+)%", re.IGNORECASE)
"""Environment variables as PowerShell and cmd spell them."""
_GIVEN = ("@", "#", SEVERAL)
"""All the words that a script is given, and how many they are where that is certain."""
_LONGEST = 30_000
"""Characters of a script that is kept, so that hostile ones fill no memory; the longest shared one seen has 2,700."""
_REMEMBERED = 512
"""Scripts whose commands are kept: jobs share scripts (`source lib.sh` in each), the busiest repository has 130."""


def commands(text: str, first_line: int, env: Mapping[str, str] | None = None, shell: str = "") -> tuple[Command, ...]:
    """The commands of a script, in the order of its text.

    `first_line` is the line on which the text begins; `env` holds variables whose value is known; `shell` is what the
    CI system calls the interpreter (`pwsh` and `cmd` are read line by line, anything else as a POSIX shell).
    Raises InputError where the text is longer than MAX_SCRIPT.
    """
    if len(text) > MAX_SCRIPT:
        message = f"a script of {len(text)} characters is not read; the limit is {MAX_SCRIPT}"
        raise InputError(message, advice="move the commands that publish into a script of their own")
    options = "case" in text and ("$1" in text or "${1" in text)
    used = ((name, value) for name, value in (env or {}).items() if name in text or (options and name in _GIVEN))
    read = _read if len(text) <= _LONGEST else _read.__wrapped__
    return read(text, first_line, frozenset(used), shell)


@lru_cache(maxsize=_REMEMBERED)
def _read(text: str, first_line: int, env: frozenset[tuple[str, str]], shell: str) -> tuple[Command, ...]:
    """The commands of a script, read once for each set of values that its text may name."""
    known = dict(env)
    text = text.replace("\r\n", "\n").replace("\0", " ")
    if shell.split(" ", maxsplit=1)[0].lower().removesuffix(".exe") in _OTHER_SHELLS:
        text = _ENVIRONMENT.sub(lambda match: known.get(match[1] or match[2] or match[3], match[0]), text)
        return tuple(_line_by_line(Shield(text, known), first_line))
    shield = Shield(text, known)
    variables = Variables(known)
    found = read_plain(shield, first_line, variables)
    if found is None:
        found = _with_grammar(shield, first_line, known)
    return tuple(found)


def _with_grammar(shield: Shield, first_line: int, known: Mapping[str, str]) -> list[Command]:
    from slsacheck.evidence.shell._guard import safe_to_parse

    if not safe_to_parse(shield.text):
        return _line_by_line(shield, first_line)
    from slsacheck.evidence.shell._tree import read_tree

    return read_tree(shield, first_line, Variables(known))


def _line_by_line(shield: Shield, first_line: int) -> list[Command]:
    from slsacheck.evidence.shell._lines import read_lines

    return read_lines(shield.text, shield, first_line)
