"""What a Dockerfile says, and the bounds within which it is read.

Rules: the Dockerfile reference (https://docs.docker.com/reference/dockerfile/) as BuildKit's frontend reads it.
"""

from __future__ import annotations

from slsacheck.record import record

__all__ = [
    "MAX_DEPTH",
    "MAX_DOCKERFILE",
    "MAX_INSTRUCTIONS",
    "MAX_STAGES",
    "MAX_VALUE",
    "Base",
    "Dockerfile",
    "Heredoc",
    "Instruction",
    "Stage",
]

MAX_DOCKERFILE = 1024 * 1024
"""Characters of one Dockerfile that are read; the longest real one seen has 40,000."""
MAX_INSTRUCTIONS = 20_000
"""Instructions of one Dockerfile that are read; an image can have 127 layers, the longest real file seen has 400."""
MAX_STAGES = 1_000
"""Stages of one Dockerfile; the most seen are 60."""
MAX_VALUE = 4_096
"""Characters that a value may grow to when variables are filled in (`ARG A=$A$A` doubles on every line)."""
MAX_DEPTH = 10
"""Levels of `${A:-${B:-…}}` that are filled in; people write 2."""


@record
class Heredoc:
    """A here-document: its name, the text between `<<NAME` and the name, and the line on which that text begins.

    `expand` is False where the name is quoted, so that variables in the text stay as they are.
    """

    name: str
    text: str
    line: int
    expand: bool = True
    chomp: bool = False


@record
class Instruction:
    """One instruction, its name in capitals, from `line` to `end`.

    `flags` are its `--name=value` words (`""` for a flag without value). `text` is what follows them with line
    continuations taken out, `source` the same with each as a backslash at the end of a line, so that the lines of
    `source` are those of the file, the first being `source_line`. `words` are the words of `text`, or the strings of
    its JSON list where `exec_form` holds.
    """

    name: str
    line: int
    end: int
    text: str
    source: str
    source_line: int
    flags: tuple[tuple[str, str], ...] = ()
    words: tuple[str, ...] = ()
    exec_form: bool = False
    heredocs: tuple[Heredoc, ...] = ()

    def flag(self, name: str) -> str | None:
        """The value of the last flag of that name, None where there is none."""
        return next((value for key, value in reversed(self.flags) if key == name), None)

    def all_flags(self, name: str) -> tuple[str, ...]:
        """The values of all flags of that name."""
        return tuple(value for key, value in self.flags if key == name)


@record
class Base:
    """What a stage begins with: `written` in the file, `text` with arguments filled in.

    `resolved` is False where an argument without a value is left in it. `stage` is the number of an earlier stage of
    the same file, None for an image.
    """

    written: str
    text: str
    line: int
    resolved: bool = True
    stage: int | None = None


@record
class Stage:
    """One stage: its number, its name in lower case (`""` without one), its base and its instructions behind FROM."""

    number: int
    name: str
    line: int
    base: Base
    platform: str = ""
    instructions: tuple[Instruction, ...] = ()


@record
class Dockerfile:
    """A Dockerfile: its parser directives (name, value, line), the arguments before the first FROM, and its stages.

    `arguments` are the values that those arguments have: given from outside, else their defaults.
    """

    path: str
    stages: tuple[Stage, ...]
    directives: tuple[tuple[str, str, int], ...] = ()
    arguments: tuple[tuple[str, str], ...] = ()
    given: tuple[tuple[str, str], ...] = ()

    def directive(self, name: str) -> tuple[str, int] | None:
        """The value of a parser directive and its line."""
        return next(((value, line) for key, value, line in self.directives if key == name), None)

    def stage(self, name: str) -> Stage | None:
        """The stage of that name or number."""
        found = next((stage for stage in reversed(self.stages) if stage.name and stage.name == name.lower()), None)
        if found is None and name.isascii() and name.isdigit() and len(name) < 6 and int(name) < len(self.stages):  # noqa: PLR2004 - no file has that many
            return self.stages[int(name)]
        return found
