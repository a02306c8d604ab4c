"""Programs that no reader knows: what they may change of the files and folders that they are given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.errors import SlsacheckError
from slsacheck.evidence.publications.code import LOOKS, named_in, path_like
from slsacheck.evidence.publications.scripts._call import HERE, joined_path, option_names
from slsacheck.evidence.publications.scripts._mounts import ROOT
from slsacheck.evidence.publications.scripts._registry import PROGRAMS
from slsacheck.evidence.publications.scripts._unwrap import program_name
from slsacheck.evidence.publications.scripts.indirect import shell_of

if TYPE_CHECKING:
    from slsacheck.evidence.publications.scripts._call import Call

__all__ = ["given"]

_HARMLESS = option_names(
    ": [ [[ alias apk apt apt-get basename bat break brew case cat cd chgrp chmod chown clamscan clear cloc cmp "
    "code column comm continue curl cut date declare df diff dir dirname dnf dpkg du echo egrep exit expect "
    "export expr false fgrep file fold foreach-object gci get-childitem get-content get-item git grep head "
    "hexdump if in jobs join jq kill killall ldd less lintian ls lsof map mapfile md5 md5sum mkdir mktemp more "
    "mount nl nm objdump od open osascript otool paste pgrep pip pip3 pipx pkgutil pkill port pr print printenv "
    "printf ps pwd read readarray readelf readlink readonly realpath remove-item return rg rm rmdir rpm rpmlint "
    "select-string seq set shift shopt sleep sort source spctl split ssh start-sleep stat strings sum switch sync "
    "tac tail test then time tokei touch tput tr trap tree true type ulimit umask uname uniq unlink unset uuidgen "
    "wait wc wget where which while whoami winget write-error write-host write-output xargs xattr xxd yes yum "
    "zipinfo zypper"
)
"""Programs that change no file which they are given, or whose options another reader looks at."""
_INTERPRETERS = option_names("python node ruby perl php deno tsx ts-node")
_STARTS = option_names("go cargo dotnet bun swift")
"""Tools whose `run` starts a program of the repository."""
_MODULES = option_names("pip pytest unittest venv http.server json.tool twine ensurepip site doctest")


def given(call: Call, words: list[str]) -> tuple[str, ...]:
    """The paths that a program which is not read may change: those among its words, or those that its code names.

    In a container without such words it is whatever lies in the folders that it may write to.
    """
    name = program_name(call.program)
    code = next((call.word(at + 1) for at, word in enumerate(call.argv) if word in ("-e", "-c", "--eval", "-p")), "")
    if name in _INTERPRETERS and (code or call.command.stdin):
        return named_in(code or call.command.stdin)
    program, files = _program(call, name, words)
    if not program or LOOKS.search(program) or _readable(call, program):
        return ()
    found = tuple(path for word in files if (path := path_like(word)))
    own = program.startswith((".", "/", "$"))
    return (*found, *(f"{ROOT}/{folder}".rstrip("/") + "/*/*" for folder in call.shares or () if not own))


def _program(call: Call, name: str, words: list[str]) -> tuple[str, list[str]]:
    """The program that starts, no name where it changes nothing, and the words that it is given."""
    if name in _INTERPRETERS and call.word(1) == "-m":
        return ("" if call.word(2) in _MODULES else call.word(2)), words[1:]
    if name in _INTERPRETERS or (name in _STARTS and call.word(1) == "run"):
        start = 1 if name in _INTERPRETERS else 2
        return (words[start - 1], words[start:]) if len(words) >= start else ("", [])
    known = name.lower() in _HARMLESS or name in PROGRAMS or call.program.startswith("$")
    return ("" if known else call.program), words


def _readable(call: Call, program: str) -> bool:
    """Whether the program is a script of the repository that is followed."""
    path, tree = joined_path(call.context.directory, HERE.sub("", program)), call.context.tree
    try:
        return tree.exists(path) and shell_of(path, tree.text(path)) is not None
    except SlsacheckError:
        return False
