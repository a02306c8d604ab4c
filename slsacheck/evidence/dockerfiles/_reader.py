"""From a Dockerfile's text to its stages."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from slsacheck.errors import InputError
from slsacheck.evidence.dockerfiles._lines import Logical, directives_of, logical_lines
from slsacheck.evidence.dockerfiles._model import MAX_DOCKERFILE, MAX_STAGES, Base, Dockerfile, Instruction, Stage
from slsacheck.evidence.dockerfiles._words import expanded, split_words, unquoted
from slsacheck.patterns import regex
from slsacheck.record import replace

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["assignments", "parse", "triggered"]

_NAMES = frozenset(
    (
        *("ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "MAINTAINER"),
        *("ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"),
    )
)
_HEAD = regex(r"([A-Za-z]+)(?![^\s\\])")
_BLANK = regex(r"(?:\s|\\\n)+")
_FLAG = regex(
    r"--([A-Za-z][\w-]*)(?:=((?:[^\s\\\"']|\\.|\"(?:[^\"\\]|\\.)*\"|'[^']*'|[\\\"'])*))?(?=\s|\\\n|$)", re.DOTALL
)
_DYNAMIC = regex(r"\$(?:\{[^}]*\}|\w+)")
_LIST = regex(r"\s*\[")


def parse(text: str, path: str, given: Iterable[tuple[str, str]] = ()) -> Dockerfile:
    """A Dockerfile's stages; `given` are build arguments whose value is known from outside.

    Raises InputError, which names the file and the line, for what no Dockerfile frontend reads: a text over the
    bounds, an unknown instruction, a here-document that is never closed, no FROM.
    """
    if len(text) > MAX_DOCKERFILE:
        raise InputError(
            f"is a Dockerfile of {len(text)} characters and was not read; the limit is {MAX_DOCKERFILE}",
            where=path,
            advice="keep data out of the Dockerfile: COPY it",
        )
    lines = text.replace("\r\n", "\n").split("\n")
    directives, start = directives_of(lines)
    escape = next((value for name, value, _ in directives if name == "escape"), "\\")
    found = [_instruction(one, path) for one in logical_lines(lines, start, "`" if escape == "`" else "\\", path)]
    return _staged(found, path, directives, tuple(given))


def _instruction(logical: Logical, path: str) -> Instruction:
    head = _HEAD.match(logical.source, _after_blank(logical.source, 0))
    name = head[1].upper() if head is not None else ""
    if head is None or name not in _NAMES:
        word = re.split(r"\s", logical.source.strip(), maxsplit=1)[0][:40]
        raise InputError(
            f"line {logical.line}: {word!r} is no instruction of a Dockerfile",
            where=path,
            advice="correct it; a template is read only after it was filled in",
        )
    flags: list[tuple[str, str]] = []
    end = _after_blank(logical.source, head.end())
    while (flag := _FLAG.match(logical.source, end)) is not None:
        flags.append((flag[1].lower(), unquoted((flag[2] or "").replace("\\\n", ""))))
        end = _after_blank(logical.source, flag.end())
    source = logical.source[end:].rstrip()
    text = source.replace("\\\n", "")
    listed = _json_list(text) if not logical.heredocs else None
    return Instruction(
        name=name,
        line=logical.line,
        end=logical.end,
        text=text,
        source=source,
        source_line=logical.line + logical.source.count("\n", 0, end),
        flags=tuple(flags),
        words=tuple(split_words(text)) if listed is None else listed,
        exec_form=listed is not None,
        heredocs=logical.heredocs,
    )


def triggered(one: Instruction) -> Instruction | None:
    """What ONBUILD holds back for the images that are built on this one; None for other instructions."""
    if one.name != "ONBUILD":
        return None
    try:
        return _instruction(Logical(one.source, one.source_line, one.end, one.heredocs), "")
    except InputError:
        return None


def _after_blank(text: str, position: int) -> int:
    match = _BLANK.match(text, position)
    return match.end() if match is not None else position


def _json_list(text: str) -> tuple[str, ...] | None:
    """The strings of a JSON list; None for what is none, which a frontend takes for a command line."""
    if not _LIST.match(text):
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    strings = isinstance(found, list) and all(isinstance(item, str) for item in found)
    return tuple(found) if strings else None


def assignments(instruction: Instruction) -> tuple[tuple[str, str | None], ...]:
    """The names and values of ARG, ENV and LABEL, as written without their quotes; None where ARG gives no value."""
    words = instruction.words
    if instruction.name in ("ENV", "LABEL") and words and "=" not in words[0]:
        return ((unquoted(words[0]), instruction.text[len(words[0]) :].strip()),)
    pairs = (word.partition("=") for word in words)
    return tuple((unquoted(name), unquoted(value) if equals else None) for name, equals, value in pairs if name)


def _staged(
    found: list[Instruction],
    path: str,
    directives: tuple[tuple[str, str, int], ...],
    given: tuple[tuple[str, str], ...],
) -> Dockerfile:
    known: dict[str, str] = {}
    outside = dict(given)
    stages: list[Stage] = []
    bodies: list[list[Instruction]] = []
    for one in found:
        if one.name == "FROM":
            stages.append(_stage(one, stages, known, path))
            bodies.append([])
            if len(stages) > MAX_STAGES:
                raise InputError(f"has more than {MAX_STAGES} stages and was not read", where=path, advice="split it")
        elif bodies:
            bodies[-1].append(one)
        elif one.name == "ARG":
            known.update(_defaults(one, known, outside))
        else:
            raise InputError(
                f"line {one.line}: {one.name} stands before the first FROM",
                where=path,
                advice="a Dockerfile begins with FROM; only ARG may stand before it",
            )
    if not stages:
        raise InputError("is a Dockerfile without FROM", where=path, advice="say which image it builds on")
    whole = tuple(replace(stage, instructions=tuple(body)) for stage, body in zip(stages, bodies, strict=True))
    return Dockerfile(path, whole, directives, tuple(known.items()), given)


def _defaults(one: Instruction, known: dict[str, str], outside: dict[str, str]) -> dict[str, str]:
    """The values of arguments before the first FROM: from outside, else as written there."""
    found: dict[str, str] = {}
    for name, value in assignments(one):
        if name in outside:
            found[name] = outside[name]
        elif value is not None:
            found[name] = expanded(value, {**known, **found})[0]
    return found


def _stage(one: Instruction, before: list[Stage], known: dict[str, str], path: str) -> Stage:
    words = [unquoted(word) for word in one.words]
    named = len(words) == 3 and words[1].upper() == "AS"  # noqa: PLR2004 - FROM image AS name
    if len(words) != 1 and not named:
        raise InputError(
            f"line {one.line}: FROM takes an image, or an image, AS and a name",
            where=path,
            advice="write FROM IMAGE AS NAME",
        )
    text, resolved = expanded(words[0], known)
    base = Base(words[0], text, one.line, resolved, _earlier(text, before, resolved=resolved))
    platform = one.flag("platform") or ""
    return Stage(len(before), words[2].lower() if named else "", one.line, base, platform)


def _earlier(text: str, before: list[Stage], *, resolved: bool) -> int | None:
    """The earlier stage that a base names; one whose name depends on an argument where only names of stages fit."""
    if resolved:
        return next((stage.number for stage in reversed(before) if stage.name and stage.name == text.lower()), None)
    parts = [re.escape(part) for part in _DYNAMIC.split(text.lower())]
    if not any(parts):
        return None
    pattern = re.compile("[a-z0-9_.-]*".join(parts[:10]))
    return next((stage.number for stage in reversed(before) if stage.name and pattern.fullmatch(stage.name)), None)
