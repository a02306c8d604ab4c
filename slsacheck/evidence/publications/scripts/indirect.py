"""Commands that start something else in the repository (scripts, targets, tasks, recipes): they are followed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slsacheck.errors import SlsacheckError
from slsacheck.evidence.publications.scripts._call import HERE, joined_path, option_names, unresolved
from slsacheck.model import Place
from slsacheck.patterns import regex
from slsacheck.record import replace

if TYPE_CHECKING:
    from collections.abc import Iterable

    from slsacheck.evidence.publications.acts import Act
    from slsacheck.evidence.publications.scripts._call import Call

__all__ = ["READERS", "called_from", "follow_file", "not_followed", "run_text", "shell_of", "spoken"]

_BESIDE = regex(r"^(\$\(.*\)|\$\{?\w+[^/}]*\}?|\$\{[^}]*\})/(?!.*\$)")
_SHELLS = option_names("sh bash zsh dash ash ksh busybox bash.exe")
_OTHER_ENDINGS = (
    ".py",
    ".js",
    ".mjs",
    ".cjs",
    ".ts",
    ".mts",
    ".rb",
    ".pl",
    ".php",
    ".go",
    ".groovy",
    ".kts",
    ".jl",
    ".exe",
    ".jar",
)
_SPEAKING = regex(r"publish|release|deploy|upload|push|ship", re.IGNORECASE)
_GENERAL = regex(r"/(?:index|main|__main__|run|cli|mod)\.\w+$")
"""Names of files that stand for the folder they lie in."""
_ONLY_TRIES = regex(r"dry[-_]?run|--(?:check|help|pack|smoke)")
"""What a program is told that shall publish nothing."""
_SHELL_VALUES = frozenset({"-o", "-O", "--rcfile", "--init-file"})


def spoken(path: str, arguments: str) -> str:
    """What the call of a program says of itself: the file's name, its folder's where that is general, and the rest."""
    return f"{_GENERAL.sub('', path).rpartition('/')[2]} {arguments}"


def called_from(call: Call, acts: Iterable[Act]) -> list[Act]:
    """The acts of a followed file, each with the line that led there (the outermost one) as the fact `via`."""
    place = str(call.at)
    return [
        replace(act, detail=(*((key, value) for key, value in act.detail if key != "via"), ("via", place)))
        for act in acts
    ]


def _candidates(call: Call, program: str) -> list[str]:
    """Where in the target a program named in a script may lie."""
    directory = call.context.directory
    if HERE.match(program):
        return [joined_path("", HERE.sub("", program))]
    if _BESIDE.match(program):
        rest = _BESIDE.sub("", program)
        beside = (call.path or "").rpartition("/")[0]
        return [joined_path(beside, rest), joined_path(directory, rest), joined_path("", rest)]
    if unresolved(program) or program.startswith(("/", "~")):
        return []
    return list(dict.fromkeys((joined_path(directory, program), joined_path("", program))))


def follow_file(call: Call, program: str, arguments: tuple[str, ...]) -> list[Act]:
    """The acts of a script of the repository; in another language it is named where its name says that it publishes."""
    path = next((path for path in _candidates(call, program) if call.context.tree.exists(path)), None)
    if path is None:
        return []
    inner = call.context.deeper(path)
    if inner is None:
        return []
    try:
        text = inner.tree.text(path)
    except SlsacheckError as problem:
        inner.problems.add(path, problem.message, problem.advice)
        return []
    shell = shell_of(path, text)
    if shell is None:
        said = " ".join(arguments)
        if _SPEAKING.search(spoken(path, said)) and not _ONLY_TRIES.search(said):
            inner.problems.add(
                path, "called to publish, but written in a language that is not read", "read this part by hand"
            )
        return []
    given = {str(number): value for number, value in enumerate(arguments[:9], 1)}
    count = "" if call.uncertain else str(len(arguments))
    inner = inner.with_env({**given, "#": count, "@": "\x1f".join(arguments)})
    from slsacheck.evidence.publications.scripts._run import executed

    return called_from(call, executed(text, Place(path=path, line=1), inner, shell))


def shell_of(path: str, text: str) -> str | None:
    """The shell that a file is written for; None for another language."""
    if path.endswith((".ps1", ".psm1")):
        return "pwsh"
    if path.endswith((".bat", ".cmd")):
        return "cmd"
    if text.startswith("#!"):
        words = [word for word in text[2:200].partition("\n")[0].split() if word not in ("-S", "-i")]
        names = [word.rpartition("/")[2] for word in words]
        named = names[1] if names[:1] == ["env"] and len(names) > 1 else next(iter(names), "")
        return "bash" if named in _SHELLS else None
    return None if path.endswith(_OTHER_ENDINGS) else "bash"


def run_text(call: Call, text: str, index: int) -> list[Act]:
    """The acts of a script that stands in a word of the command (`bash -c '…'`)."""
    from slsacheck.evidence.publications.scripts._run import acts_of_script

    opaque = unresolved(text) and " " not in text.strip()
    inner = call.context.deeper(f"{call.path}#{text[:200]}") if not opaque else None
    if inner is None:
        return []
    return list(acts_of_script(text, call.place(index), inner))


def _shell(call: Call) -> list[Act]:
    index = 1
    while call.word(index).startswith("-"):
        word = call.word(index)
        if not word.startswith("--") and "c" in word:
            return run_text(call, call.word(index + 1), index + 1)
        index += 2 if word in _SHELL_VALUES else 1
    if call.word(index) and call.word(index) != "/dev/stdin":
        return follow_file(call, call.word(index), call.argv[index + 1 :])
    return _stdin(call)


def _stdin(call: Call) -> list[Act]:
    from slsacheck.evidence.publications.scripts._run import acts_of_script

    if not call.command.stdin:
        return []
    inner = call.context.deeper(f"{call.path}#{call.command.stdin_line}")
    place = Place(path=call.path, line=call.command.stdin_line)
    return list(acts_of_script(call.command.stdin, place, inner)) if inner is not None else []


def _source(call: Call) -> list[Act]:
    from slsacheck.evidence.publications.scripts._run import sourced

    for path in _candidates(call, call.word(1)):
        if call.word(1) and call.context.tree.exists(path):
            inner = call.context.deeper(path)
            if inner is None:
                return []
            try:
                text = inner.tree.text(path)
            except SlsacheckError as problem:
                inner.problems.add(path, problem.message, problem.advice)
                return []
            inner = inner.with_env({"#": ""}) if "#" in inner.env else inner
            return called_from(call, sourced(text, Place(path=path, line=1), inner, call.programs))
    return []


def _eval(call: Call) -> list[Act]:
    return run_text(call, " ".join(call.argv[1:]), 1)


def _pwsh(call: Call) -> list[Act]:
    for index, word in enumerate(call.argv[1:], 1):
        if word.lower() in ("-command", "-c"):
            return run_text(call, " ".join(call.argv[index + 1 :]), index + 1)
        if word.endswith(".ps1"):
            return follow_file(call, word, call.argv[index + 1 :])
    return []


def _other_language(call: Call) -> list[Act]:
    index = next((index for index, word in enumerate(call.argv[1:], 1) if not word.startswith("-")), 0)
    return follow_file(call, call.argv[index], call.argv[index + 1 :]) if index else []


def _make(call: Call) -> list[Act]:
    from slsacheck.evidence.publications.scripts._make import acts_of_make

    return called_from(call, acts_of_make(call))


def _task(call: Call) -> list[Act]:
    from slsacheck.evidence.publications.scripts._task import acts_of_task

    return called_from(call, acts_of_task(call))


def _tox(call: Call) -> list[Act]:
    from slsacheck.evidence.publications.scripts._tox import acts_of_tox

    return called_from(call, acts_of_tox(call))


def _just(call: Call) -> list[Act]:
    from slsacheck.evidence.publications.scripts._just import acts_of_just

    return called_from(call, acts_of_just(call))


def _nix_shell(call: Call) -> list[Act]:
    for index, word in enumerate(call.argv[:-1]):
        if word in ("--run", "--command"):
            return run_text(call, call.argv[index + 1], index + 1)
    return []


def _find(call: Call) -> list[Act]:
    """`find … -exec command {} ;`."""
    from slsacheck.evidence.publications.scripts._registry import reader_of
    from slsacheck.evidence.publications.scripts._unwrap import unwrapped

    index = next((index for index, word in enumerate(call.argv) if word in ("-exec", "-execdir", "-ok")), None)
    if index is None or index + 1 >= len(call.argv):
        return []
    inner = unwrapped(call.from_word(index + 1))
    reader = reader_of(inner.program)
    return list(reader(inner)) if reader is not None and inner.program != "find" else []


def not_followed(call: Call) -> list[Act]:
    """Task runners whose tasks are programs: named where the task's name says that it publishes."""
    if any(_SPEAKING.search(word) for word in call.argv[1:]):
        what = " ".join(call.argv[:4])
        call.context.problems.add(
            str(call.at), f"`{what}` is not followed: its tasks are programs", "read this part by hand"
        )
    from slsacheck.evidence.publications.hints import behind_task

    return list(behind_task(" ".join(call.argv), call.at, call.context))


READERS = {
    **dict.fromkeys(("bash", "sh", "zsh", "dash", "ash", "ksh"), _shell),
    **dict.fromkeys(("source", "."), _source),
    **dict.fromkeys(("make", "gmake"), _make),
    **dict.fromkeys(("task", "go-task"), _task),
    **dict.fromkeys(("pwsh", "powershell"), _pwsh),
    **dict.fromkeys(("node", "tsx", "ts-node", "ruby", "perl", "php"), _other_language),
    **dict.fromkeys(("mage", "nox", "invoke", "ant"), not_followed),
    "tox": _tox,
    "just": _just,
    "eval": _eval,
    "nix-shell": _nix_shell,
    "find": _find,
}
