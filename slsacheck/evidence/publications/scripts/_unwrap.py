"""Programs that only start another one (`sudo`, `env`, `npx`, `poetry run`, `docker run IMAGE`), taken off."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slsacheck.evidence.publications.scripts._call import joined_path
from slsacheck.evidence.publications.scripts._registry import PROGRAMS
from slsacheck.evidence.publications.scripts._wrappers import (
    CONTAINER_VALUES,
    COUNTED,
    IMAGE_TOOLS,
    PYTHON_MODULES,
    RUNNER_VALUES,
    RUNNERS,
    SIMPLE,
)
from slsacheck.patterns import regex
from slsacheck.record import replace

if TYPE_CHECKING:
    from slsacheck.evidence.publications.scripts._call import Call

__all__ = ["program_name", "unwrapped"]

_MAX_WRAPPERS = 6
"""Wrappers around one command (`sudo env X=1 timeout 5 retry npx …`); the most seen are 3."""
_ENDINGS = regex(r"\.(exe|cmd|bat|ps1)$", re.IGNORECASE)
_VARIABLE = regex(r"^\$[({]?([A-Za-z_]\w*)[)}]?$")
_PREFIX = regex(r"^(?:\$\{?[A-Za-z_]\w*\}?|\$\([^()]*\)|\$\{\{.*?\}\})+(?=[A-Za-z/.])")
_ASSIGNMENT = regex(r"^([A-Za-z_]\w*)=(.*)$", re.DOTALL)
_SUFFIXES = regex(r"(_?(cmd|bin|binary|exe|cli|path|command|tool|exec))$")
_ENGINES = regex(r"^(container|oci|docker|image)_?(engine|runtime|tool|builder|manager|command|cmd|cli|exe)?$")

_WRAPPER_SCRIPTS = frozenset({"gradlew", "mvnw"})
"""Scripts of the repository that stand for the tool of their name."""
_PYTHON = regex(r"^(python|pypy|py)[0-9.]*$")
_LOOKS_UP = regex(r"^-\w*[vV]")
"""`command -v NAME` says where a program lies and starts none."""


def program_name(word: str) -> str:
    """What a program is called: its folder, ending and unknown prefix off, a variable by its own name."""
    variable = _VARIABLE.match(word)
    if variable:
        name = _SUFFIXES.sub("", variable[1].lower())
        return "docker" if _ENGINES.match(variable[1].lower()) else name.replace("_", "-")
    bare = _PREFIX.sub("", word).replace("\\", "/").rstrip("/")
    return _ENDINGS.sub("", bare.rsplit("/", 1)[-1])


def unwrapped(call: Call) -> Call:
    """The call without the programs that only start another one."""
    for _ in range(_MAX_WRAPPERS):
        inner = _once(call)
        if inner is None or not inner.argv:
            break
        call = inner
    name = program_name(call.program)
    if _PYTHON.match(name):
        name = "python"
    own = "/" in call.program and call.context.tree.exists(joined_path(call.context.directory, call.program))
    if name == call.program or name not in PROGRAMS or (own and name not in _WRAPPER_SCRIPTS):
        return call
    return call.renamed(name)


def _once(call: Call) -> Call | None:
    name = program_name(call.program)
    if name == "command" and _LOOKS_UP.match(call.word(1)):
        return None
    if name in SIMPLE:
        return _unversioned(_behind(call, 1, SIMPLE[name]))
    if name in COUNTED:
        return _behind_count(call, COUNTED[name])
    if _PYTHON.match(name):
        return _python(call)
    if name in ("docker", "podman", "nerdctl") and call.word(1) in ("run", "container"):
        return _container(call)
    if call.word(1) in RUNNERS.get(name, ()):
        return _runner(call, name)
    unknown = _VARIABLE.match(call.program) and name not in PROGRAMS
    if unknown and program_name(call.word(1)) in PROGRAMS:
        return call.from_word(1)
    return None


def _unversioned(call: Call | None) -> Call | None:
    """The call of `npx tool@1.2.3` as that of the tool."""
    if call is None or "@" not in call.program[1:]:
        return call
    return call.renamed(re.sub(r"(?<=.)@[\w.^~-]+$", "", call.program))


def _behind(call: Call, start: int, valued: frozenset[str]) -> Call | None:
    """Skips a wrapper's own options and `NAME=value` words, which become the environment."""
    index = start
    given: list[tuple[str, str]] = []
    while index < len(call.argv):
        word = call.argv[index]
        assigned = _ASSIGNMENT.match(word)
        if assigned:
            given.append((assigned[1], assigned[2]))
        elif word == "--":
            index += 1
            break
        elif not word.startswith("-"):
            break
        index += 2 if word in valued else 1
    if index >= len(call.argv):
        return None
    inner = call.from_word(index)
    return replace(inner, command=replace(inner.command, assignments=(*inner.command.assignments, *given)))


def _behind_count(call: Call, valued: frozenset[str]) -> Call | None:
    inner = _behind(call, 1, valued)
    if inner is not None and re.match(r"^[\d.]+[smhd]?$", inner.program):
        return _behind(inner, 1, valued)
    return inner


def _python(call: Call) -> Call | None:
    index = 1
    while call.word(index).startswith("-") and call.word(index) not in ("-m", "-c"):
        index += 1
    if call.word(index) == "-m" and call.word(index + 1).split(".")[0] in PYTHON_MODULES:
        inner = call.from_word(index + 1)
        return inner.renamed("pyproject-build") if inner.program == "build" else inner
    return None


def _runner(call: Call, name: str) -> Call | None:
    start = 2
    if name in ("uv", "dotnet") and call.word(1) == "tool":
        if call.word(2) != "run":
            return None
        start = 3
    if name in ("nix", "flox"):
        return _nix(call)
    inner = _behind(call, start, RUNNER_VALUES)
    if inner is None:
        return None
    if name == "go":
        module = re.sub(r"@.*$", "", inner.program)
        last = re.sub(r"/v\d+$", "", module)
        return inner.renamed(last.rsplit("/", 1)[-1]) if program_name(last) in PROGRAMS else None
    return _unversioned(inner)


def _nix(call: Call) -> Call | None:
    """`nix run nixpkgs#tool -- …` and `nix develop -c tool …`."""
    words = call.argv
    for marker in ("-c", "--command"):
        if marker in words:
            return call.from_word(words.index(marker) + 1)
    target = next((word for word in words[2:] if "#" in word and not word.startswith("-")), "")
    if "--" in words and target:
        tool = target.rsplit("#", 1)[-1].rsplit(".", 1)[-1]
        return call.from_word(words.index("--")).renamed(tool)
    return None


def _container(call: Call) -> Call | None:
    """`docker run … IMAGE command`: the command, or the tool that the image is known for."""
    index = 2 if call.word(1) == "run" else 3
    if call.word(index - 1) != "run":
        return None
    options = call.options(index, CONTAINER_VALUES)
    if not options.words:
        return None
    from slsacheck.evidence.publications.scripts._mounts import entered

    entry, at = options.value("--entrypoint"), options.positions[0]
    image = options.words[0].rsplit("@", 1)[0].rsplit("/", 1)[-1].split(":")[0]
    inside = entered(call, options)
    if entry is not None:
        return inside.from_word(at).renamed(entry)
    tool = IMAGE_TOOLS.get(image)
    following = inside.from_word(at + 1)
    if tool is not None and program_name(following.program) != tool:
        return inside.from_word(at).renamed(tool)
    return following if following.argv else inside.from_word(at)
