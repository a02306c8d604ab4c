"""Runs through a script in mind: keeps the working directory and the environment, and asks each tool's reader."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slsacheck.errors import SlsacheckError
from slsacheck.evidence.publications.acts import ActKind
from slsacheck.evidence.publications.scripts._call import Call, joined_path, unresolved
from slsacheck.evidence.publications.scripts._guards import never
from slsacheck.evidence.publications.scripts._lists import with_lists
from slsacheck.evidence.publications.scripts._registry import reader_of
from slsacheck.evidence.publications.scripts._unwrap import unwrapped
from slsacheck.evidence.shell import SEVERAL, commands, worth_parsing
from slsacheck.patterns import regex
from slsacheck.record import replace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slsacheck.evidence.publications.acts import Act
    from slsacheck.evidence.publications.context import Context
    from slsacheck.evidence.shell import Command
    from slsacheck.model import Place

__all__ = ["acts_of_command", "acts_of_script", "executed", "sourced"]

MAX_ACTS = 2_000
"""Acts of one script with all that it calls; the busiest release script seen has 60."""
_ROOT = regex(
    r"^(\$\{?(GITHUB_WORKSPACE|CI_PROJECT_DIR|WORKSPACE|BITBUCKET_CLONE_DIR)\}?|\$\{\{ *github\.workspace *\}\})/?"
)
_OTHER_LANGUAGES = frozenset({"python", "node", "ruby", "perl", "php", "deno", "julia", "Rscript", "groovy"})
_NPM_PROVENANCE = regex(r"\bprovenance[ =]+(true|false)\b")
_DIRECTORY = {"cd", "pushd"}
_HANDS_ON = frozenset({"source", ".", "eval", "make", "gmake", "just", "task", "mage", "npm", "pnpm", "yarn"})
"""Programs that may call a function of the script, or the script again."""
_NAME = regex(r"[\w:.-]*\w")


def acts_of_script(text: str, at: Place, context: Context, shell: str = "") -> tuple[Act, ...]:
    """The acts of a script whose text begins at a place, and of what it calls in the same repository, in order.

    `shell` is what the CI system calls the interpreter; a program in another language has no commands. A script that
    cannot be read is named in `context.problems`.
    """
    interpreter = shell.split(" ", 1)[0].rpartition("/")[2].removesuffix(".exe").rstrip("0123456789.")
    if interpreter in _OTHER_LANGUAGES or not (context.watches or worth_parsing(text)):
        return ()
    return _acts(_commands(text, at, context, shell), at, context)


def acts_of_command(words: tuple[str, ...], at: Place, context: Context) -> tuple[Act, ...]:
    """The acts of one command whose words are known already (`goreleaser release --clean`), at a place."""
    import shlex

    return acts_of_script(shlex.join(words), at, context)


def sourced(text: str, at: Place, context: Context, called: frozenset[str]) -> tuple[Act, ...]:
    """The acts of a script that another one reads in: of its functions, only those that are called there."""
    found = tuple(
        command for command in _commands(text, at, context, "") if not command.function or command.function in called
    )
    return _acts(found, at, context)


def executed(text: str, at: Place, context: Context, shell: str) -> tuple[Act, ...]:
    """The acts of a file that is run by itself: of its functions, only those that it calls, or may call."""
    if not (context.watches or worth_parsing(text)):
        return ()
    return _acts(_reached(_commands(text, at, context, shell)), at, context)


def _reached(found: tuple[Command, ...]) -> tuple[Command, ...]:
    """The commands without those of functions whose names are in none that is reached."""
    own = {command.function for command in found} - {""}
    reached = {""}
    fresh = reached if own else set()
    while fresh:
        now = [command for command in found if command.function in fresh]
        if any(unresolved(command.program) or command.program in _HANDS_ON for command in now):
            return found
        spoken = " ".join(text for command in now for text in _texts(command))
        fresh = (own & set(_NAME.findall(spoken))) - reached
        reached = reached | fresh
    return tuple(command for command in found if command.function in reached)


def _texts(command: Command) -> tuple[str, ...]:
    return (*command.argv, *(value for _, value in command.assignments), command.stdin)


def _known(text: str, context: Context) -> Mapping[str, str]:
    """The variables, and which values of them only some of the runs have, where a script chooses by its words."""
    if "case" not in text:
        return context.env
    found = {one for name, texts in context.values.items() if name[:4] == "env." and len(texts) > 1 for one in texts}
    return {**context.env, SEVERAL: "\x1f".join(sorted(found))} if found else context.env


def _commands(text: str, at: Place, context: Context, shell: str) -> tuple[Command, ...]:
    try:
        return commands(with_lists(text, context), at.line or 1, _known(text, context), shell)
    except SlsacheckError as problem:
        context.problems.add(str(at), problem.message, problem.advice)
        return ()


def _acts(found: tuple[Command, ...], at: Place, context: Context) -> tuple[Act, ...]:
    walk = _Walk(at.path, context, frozenset(command.program for command in found))
    for command in found:
        walk.step(command)
        if len(walk.acts) >= MAX_ACTS:
            context.problems.add(str(at), f"only the first {MAX_ACTS} acts of this script were read")
            break
    return tuple(walk.acts[:MAX_ACTS])


class _Walk:
    """One script, command by command."""

    def __init__(self, path: str | None, context: Context, programs: frozenset[str]) -> None:
        self.acts: list[Act] = []
        self._path = path
        self._context = context
        self._programs = programs
        self._pipe: tuple[int, tuple[str, ...]] = (0, ())
        self._exported = dict(context.env)
        self._local: dict[str, str] = {}
        self._directories: dict[tuple[int, ...], str] = {(): context.directory}

    def step(self, command: Command) -> None:
        """Notes what a command changes, and the acts that it stands for."""
        if not command.argv or command.program == "export":
            self._assign(command)
            return
        if never(command.guards, self._context.env):
            return
        if command.program in (*_DIRECTORY, "popd"):
            self._go(command)
            return
        self._npm_settings(command)
        context = self._here(command)
        call = replace(Call.of(command, self._path, context), programs=self._programs, piped=self._before(command))
        call = unwrapped(call)
        if call.command.assignments:
            call = call.knowing(dict(call.command.assignments))
        known = len(self.acts)
        reader = reader_of(call.program)
        if reader is not None:
            self.acts += reader(call)
        elif "/" in call.program or call.program.endswith(".sh"):
            self._follow(call)
        if context.watches:
            from slsacheck.evidence.publications.scripts.changes import changes_of

            told = [act for act in self.acts[known:] if act.kind is not ActKind.ALTER or call.shares != ()]
            self.acts[known:] = [*told, *changes_of(call, told, context)]

    def _npm_settings(self, command: Command) -> None:
        """`npm config set provenance true` and `echo provenance=true >> .npmrc` hold for what is published later."""
        written = any(target.endswith(".npmrc") for _, target in command.redirects)
        words = " ".join((*command.argv, command.stdin)) if written else ""
        if command.argv[:3] in (("npm", "config", "set"), ("pnpm", "config", "set")):
            words = " ".join(command.argv[3:])
        if (said := _NPM_PROVENANCE.search(words)) is not None:
            self._exported["NPM_CONFIG_PROVENANCE"] = said[1]

    def _before(self, command: Command) -> tuple[str, ...]:
        """The words of the commands that this one gets its input from."""
        words = self._pipe[1] if self._pipe[0] == command.pipe and command.stage else ()
        self._pipe = (command.pipe, (*words, *command.argv[1:])[:500])
        return words

    def _follow(self, call: Call) -> None:
        from slsacheck.evidence.publications.scripts.indirect import follow_file

        self.acts += follow_file(call, call.program, call.argv[1:])

    def _here(self, command: Command) -> Context:
        context = self._context.within(self._directory(command.scope))
        return context.with_env(self._exported) if self._exported != context.env else context

    def _assign(self, command: Command) -> None:
        for word in command.argv[1:]:
            if word in self._local:
                self._exported[word] = self._local[word]
        for name, value in command.assignments:
            self._local[name] = value
            if (
                command.argv
                or name in self._exported
                or re.match(r"(KO|NPM_CONFIG|npm_config|BUILDX|COSIGN|DOCKER)_", name)
            ):
                self._exported[name] = value

    def _directory(self, scope: tuple[int, ...]) -> str:
        """The working directory of a subshell: its own, or that of the shell which started it."""
        for length in range(len(scope), -1, -1):
            if scope[:length] in self._directories:
                return self._directories[scope[:length]]
        return self._context.directory

    def _go(self, command: Command) -> None:
        words = [word for word in command.argv[1:] if not word.startswith("-") or word == "-"]
        before = self._directory(command.scope)
        target = words[0] if words else "-"
        if command.program == "popd" or target == "-":
            target = ""
            before = self._context.directory
        root = _ROOT.match(target)
        if root:
            before, target = "", target[root.end() :]
        if not unresolved(target):
            self._directories[command.scope] = joined_path(before, target)
