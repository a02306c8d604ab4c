"""One command of a script as the readers of tools see it: wrappers off, with its place and what is known there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.evidence.publications.acts import Act, ActKind
from slsacheck.model import Place
from slsacheck.patterns import regex
from slsacheck.record import record, replace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slsacheck.evidence.publications.context import Context
    from slsacheck.evidence.shell import Command

__all__ = [
    "HERE",
    "TEMPORARY",
    "Call",
    "Option",
    "Options",
    "false_word",
    "joined_path",
    "option_names",
    "unresolved",
]

HERE = regex(
    r"^(\$\{?(GITHUB_WORKSPACE|CI_PROJECT_DIR|WORKSPACE|BITBUCKET_CLONE_DIR|BUILD_SOURCESDIRECTORY|PWD)\}?|\$\(pwd\)|"
    r"`pwd`|\$\(CURDIR\)|\$\{\{ *github\.workspace *\}\}|\$\(git rev-parse --show-toplevel\)|"
    r"\$\(Build\.SourcesDirectory\))(/|$)"
)
"""How scripts spell the folder that the repository was checked out to."""
TEMPORARY = regex(
    r"^(\$\{?(RUNNER_TEMP|TMPDIR|TEMP|TMP|HOME)\}?|\$\{\{ *runner\.temp *\}\}|\$\(mktemp[^)]*\)|~)(?=/|$)"
)
"""How they spell folders that are thrown away."""
_FALSE = frozenset({"false", "0", "no", "off", "f", "n"})
_DYNAMIC = regex(r"\$|\{\{|\x01")
_MAX_WHAT = 100  # names of files that one act keeps; a release lists at most 40


def option_names(text: str) -> frozenset[str]:
    """Words of a text as a set: the options of a tool that take the next word as their value."""
    return frozenset(text.split())


def false_word(value: str) -> bool:
    """Whether a value switches something off."""
    return value.strip().strip("\"'").lower() in _FALSE


def unresolved(text: str) -> bool:
    """Whether a text holds something that only a run can tell."""
    return _DYNAMIC.search(text) is not None


def joined_path(directory: str, path: str) -> str:
    """A path relative to the target from a working directory and a path relative to that; `""` for the root."""
    parts: list[str] = []
    for part in (path if path.startswith("/") else f"{directory}/{path}").split("/"):
        if part == ".." and parts:
            parts.pop()
        elif part not in ("", ".", ".."):
            parts.append(part)
    return "/".join(parts)


@record
class Option:
    """An option as it stands: its name, its value (None where it has none) and the position of its word."""

    name: str
    value: str | None
    index: int


class Options:
    """The words behind a program (or its subcommand): options, and the others in `words`."""

    __slots__ = ("_call", "found", "positions", "words")

    def __init__(self, call: Call, start: int, valued: frozenset[str]) -> None:
        self._call = call
        self.found: list[Option] = []
        self.words: list[str] = []
        self.positions: list[int] = []
        argv = call.argv
        index, ended = start, False
        while index < len(argv):
            word = argv[index]
            if ended or not word.startswith("-") or word == "-":
                self.words.append(word)
                self.positions.append(index)
            elif word == "--":
                ended = True
            else:
                index = self._option(word, index, valued)
            index += 1

    def _option(self, word: str, index: int, valued: frozenset[str]) -> int:
        argv = self._call.argv
        name, equals, value = word.partition("=")
        if equals:
            self.found.append(Option(name, value, index))
        elif name in valued and index + 1 < len(argv):
            self.found.append(Option(name, argv[index + 1], index))
            return index + 1
        elif not name.startswith("--") and name[:2] in valued and len(name) > 2:  # noqa: PLR2004 - `-tname`
            self.found.append(Option(name[:2], name[2:], index))
        else:
            self.found.append(Option(name, None, index))
        return index

    def all(self, *names: str) -> tuple[Option, ...]:
        """The options of these names, in order."""
        return tuple(option for option in self.found if option.name in names)

    def values(self, *names: str) -> tuple[str, ...]:
        """The values given to these options, in order."""
        return tuple(option.value for option in self.all(*names) if option.value is not None)

    def value(self, *names: str) -> str | None:
        """The last value given to these options."""
        return next(iter(reversed(self.values(*names))), None)

    def flag(self, *names: str) -> str | None:
        """`yes` or `no` as these switches are given, `maybe` where only a run can tell, None where they are not."""
        for option in reversed(self.all(*names)):
            if option.index in self._call.uncertain:
                return "maybe"
            if option.value is None:
                return "yes"
            if unresolved(option.value):
                return "maybe"
            return "no" if false_word(option.value) else "yes"
        return None

    def on(self, *names: str) -> bool:
        """Whether one of these switches is given, or may be."""
        return self.flag(*names) in ("yes", "maybe")

    def place(self, *names: str) -> Place:
        """Where the last of these options stands, else the command."""
        options = self.all(*names)
        return self._call.place(options[-1].index) if options else self._call.at


@record
class Call:
    """A command: `argv` begins with the program; `path` is the file that it stands in; `context` what is known there.

    `programs` are the first words of all commands of its script, `piped` the arguments of the commands before it in a
    pipeline, `shares` the folders that a command in a container may write to, from the root; None outside of one.
    """

    argv: tuple[str, ...]
    lines: tuple[int, ...]
    uncertain: frozenset[int]
    command: Command
    path: str | None
    context: Context
    programs: frozenset[str] = frozenset()
    piped: tuple[str, ...] = ()
    shares: tuple[str, ...] | None = None

    @classmethod
    def of(cls, command: Command, path: str | None, context: Context) -> Call:
        """The call of a whole command."""
        return cls(command.argv, command.lines, command.uncertain, command, path, context)

    def knowing(self, more: dict[str, str]) -> Call:
        """The call with more of the environment known."""
        return replace(self, context=self.context.with_env(more))

    def from_word(self, start: int) -> Call:
        """The call that begins at a later word (a wrapper taken off)."""
        uncertain = frozenset(index - start for index in self.uncertain if index >= start)
        return replace(self, argv=self.argv[start:], lines=self.lines[start:], uncertain=uncertain)

    def renamed(self, *words: str) -> Call:
        """The call with its program replaced by other words at the same place."""
        shift = len(words) - 1
        return replace(
            self,
            argv=(*words, *self.argv[1:]),
            lines=(*(self.lines[:1] * len(words)), *self.lines[1:]),
            uncertain=frozenset(index + shift for index in self.uncertain if index),
        )

    @property
    def program(self) -> str:
        """The name of the program, without folder and ending."""
        return self.argv[0] if self.argv else ""

    @property
    def at(self) -> Place:
        """Where the program's name stands."""
        return self.place(0)

    def place(self, index: int) -> Place:
        """Where a word stands."""
        line = self.lines[index] if index < len(self.lines) else self.command.line
        return Place(path=self.path, line=line)

    def word(self, index: int) -> str:
        """A word, `""` where there are fewer."""
        return self.argv[index] if index < len(self.argv) else ""

    def options(self, start: int = 1, valued: frozenset[str] = frozenset()) -> Options:
        """The words from `start` on, told apart; `valued` are the options that take the next word."""
        return Options(self, start, valued)

    def env(self, name: str) -> str | None:
        """The value of an environment variable as far as it is known at this command."""
        return self.context.env.get(name)

    def choices(self, text: str) -> tuple[str, ...]:
        """The values that a text can have: one for each value of a loop's variable in it."""
        for name, values in self.command.choices:
            spelled = next((form for form in (f"${{{name}}}", f"${name}") if form in text), None)
            if spelled is not None and values:
                return tuple(dict.fromkeys(text.replace(spelled, value) for value in values))
        return (text,)

    def act(
        self,
        kind: ActKind,
        *,
        type: str | None = None,  # noqa: A002 - the contract's word
        channel: str | None = None,
        name: str | None = None,
        what: tuple[str, ...] = (),
        at: Place | None = None,
        provenance: str | None = None,
        root: str | None = None,
        signing: str | None = None,
        external: tuple[str, ...] = (),
        tool: str | None = None,
        facts: Mapping[str, str] | None = None,
        **more: str,
    ) -> Act:
        """An act of this command; `facts` and `more` become its `detail`, empty ones left out."""
        detail = {**(facts or {}), **more}
        return Act(
            kind=kind,
            tool=tool or self.program,
            at=at or self.at,
            type=type,
            channel=channel,
            name=name,
            what=what[:_MAX_WHAT],
            provenance=provenance,
            root=root,
            signing=signing,
            external=external,
            condition=" and ".join(self.command.guards),
            detail=tuple((key.replace("_", "-"), value) for key, value in detail.items() if value),
        )

    def publish(
        self,
        type: str | None,  # noqa: A002 - the contract's word
        channel: str | None,
        name: str | None = None,
        what: tuple[str, ...] = (),
        *,
        at: Place | None = None,
        facts: Mapping[str, str] | None = None,
        **more: str,
    ) -> Act:
        """Something leaves for a channel, by a tool that makes no provenance of its own."""
        known = {**(facts or {}), **more}
        return self.act(
            ActKind.PUBLISH, type=type, channel=channel, name=name, what=what, at=at, provenance="no", facts=known
        )
