"""The shell scripts inside RUN, for the reader of scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.evidence.dockerfiles._reader import triggered
from slsacheck.patterns import regex
from slsacheck.record import record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from slsacheck.evidence.dockerfiles._model import Instruction, Stage

__all__ = ["Shellscript", "script_of", "scripts_of"]

_SHELL = regex(r"(?:.*[/\\])?(?:sh|bash|ash|dash|zsh|ksh|busybox)(?:\.exe)?")
_INTERPRETER = regex(r"#!\s*(\S+)(?:[ \t]+(\S+))?")
_ONLY_HEREDOC = regex(r"\d*<<-?[^<\s]+")


@record
class Shellscript:
    """A script and the line of the Dockerfile on which it begins; `shell` is what runs it."""

    text: str
    line: int
    shell: str = "sh"


def scripts_of(stage: Stage) -> Iterator[tuple[Instruction, Shellscript]]:
    """The scripts of a stage, those of ONBUILD too, each with its instruction; SHELL holds for those behind it."""
    shell = "sh"
    for one in stage.instructions:
        if one.name == "SHELL" and one.words:
            shell = one.words[0].replace("\\", "/").rpartition("/")[2].lower()
        script = script_of(triggered(one) or one, shell)
        if script is not None:
            yield one, script


def script_of(one: Instruction, shell: str = "sh") -> Shellscript | None:
    """What RUN runs, as a script; None for other instructions and for here-documents in another language.

    `shell` is the one that SHELL set for the stage.
    """
    if one.name != "RUN":
        return None
    if one.exec_form:
        return _exec(one)
    if one.heredocs and _ONLY_HEREDOC.fullmatch(one.text.strip()):
        return _document(one, shell)
    text = one.source
    for heredoc in one.heredocs:
        text += f"\n{heredoc.text}\n{heredoc.name}" if heredoc.text else f"\n{heredoc.name}"
    return Shellscript(text, one.source_line, shell)


def _exec(one: Instruction) -> Shellscript:
    """`["sh", "-c", "script"]` is that script; any other list a command of its own."""
    import shlex

    words = one.words
    if len(words) == 3 and _SHELL.fullmatch(words[0]) and words[1].startswith("-") and "c" in words[1]:  # noqa: PLR2004 - shell, -c, script
        return Shellscript(words[2], one.source_line)
    return Shellscript(shlex.join(words), one.source_line)


def _document(one: Instruction, shell: str) -> Shellscript | None:
    document = one.heredocs[0]
    match = _INTERPRETER.match(document.text)
    if match is None:
        return Shellscript(document.text, document.line, shell)
    named = match[2] if match[1].endswith("/env") and match[2] else match[1]
    return Shellscript(document.text, document.line) if _SHELL.fullmatch(named) else None
